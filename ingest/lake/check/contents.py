"""Tables of a lake against each other: keys, references, the two sides, and the sums.

Each question is one SQL text that counts what contradicts it; 0 is sound.  ``open_`` and ``phi_``
views hold the rows of all batches as they are stored, before anything is dropped, and the others
are those every reader has.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb

from ingest.lake import layout, manifest, views
from ingest.lake.check.questions import Question, questions
from ingest.lake.check.trouble import Trouble
from ingest.lake.errors import LakeError
from ingest.lake.scans import Scan, Scans
from ingest.lake.snapshot import Snapshot
from ingest.lake.sql import identifier, type_name
from ingest.lake.tables import Tables
from ingest.schema import Table

WIDE = 100
"""Columns of a table from which on open ones that no question names are in none of its views: a
question over 500 columns takes 10 ms to plan, whatever it asks (measured)."""


def check_contents(
    connection: duckdb.DuckDBPyConnection, root: Path, state: Snapshot, tables: Tables
) -> Iterator[Trouble]:
    """Troubles between tables; needs files that are known to be readable."""
    asked = list(questions(tables, derived=state.derived is not None))
    named = frozenset(word for question in asked for word in re.findall(r"\w+", question.sql))
    narrow = {name: _narrowed(table, named) for name, table in tables.items()}
    try:
        shown = {name: table for name, table in narrow.items() if name in named}
        views.register(connection, root, state, identifiers=True, tables=shown)
        _register_stored(connection, root, state, narrow)
        _register_parts(connection, root, state)
    except (LakeError, duckdb.Error) as error:
        kind = type(error).__name__
        yield Trouble("error", "tables", f"The tables cannot be opened together ({kind}).")
        return
    for question in asked:
        yield from _asked(connection, question)


def _narrowed(table: Table, named: Collection[str]) -> Table:
    if len(table.columns) < WIDE:
        return table
    return replace(table, columns=tuple(c for c in table.columns if c.phi or c.name in named))


def _asked(connection: duckdb.DuckDBPyConnection, question: Question) -> Iterator[Trouble]:
    try:
        count = connection.execute(question.sql).fetchall()[0][0] or 0
    except duckdb.Error as error:
        message = f"This could not be checked ({type(error).__name__}): {question.message}"
        yield Trouble("error", question.where, message.format(n="some"))
        return
    if count:
        yield Trouble(question.severity, question.where, question.message.format(n=f"{count:,}"))


def _register_stored(
    connection: duckdb.DuckDBPyConnection, root: Path, state: Snapshot, tables: Tables
) -> None:
    scans = Scans.of(root, state, identifiers=True)
    for table in tables.values():
        for side in layout.SIDES:
            names = layout.stored_columns(table, side)
            if table.stored == "view" or not names:
                continue
            select = _select(scans.scan(table, side), table, names)
            name = identifier(f"{side}_{table.name}")
            connection.execute(f"CREATE OR REPLACE VIEW {name} AS {select}")


def _select(scan: Scan | None, table: Table, names: tuple[str, ...]) -> str:
    if scan is not None:
        # Columns that were promoted since the files were written are in none of them.
        columns = (identifier(n) if n in scan.columns else _null(table, n) for n in names)
        return f"SELECT {', '.join(columns)} FROM {scan.sql}"
    return f"SELECT {', '.join(_null(table, n) for n in names)} WHERE false"


def _null(table: Table, name: str) -> str:
    return f"CAST(NULL AS {type_name(table.column(name).dtype)}) AS {identifier(name)}"


def _register_parts(connection: duckdb.DuckDBPyConnection, root: Path, state: Snapshot) -> None:
    """``parts``: every part of every batch; ``merged``: whether any batch was compacted."""
    found = [manifest.read(root, batch) for batch in state.batches]
    parts = [part for batch in found for part in batch.parts]
    merged = any(batch.kind == "compaction" for batch in found)
    connection.execute(
        "CREATE OR REPLACE TABLE parts AS SELECT unnest($1::BIGINT[]) AS part", [parts]
    )
    connection.execute("CREATE OR REPLACE TABLE merged AS SELECT $1::BOOLEAN AS merged", [merged])
