"""Large lakes for the benchmark of the app: the demo cohort over and over, under new UIDs.

Derived tables are written through the schema and the publisher of ``ingest.derive``, not by an
ingest.  Each copied series has the first of its instances, which shares the header of the original:
so every page works for every series, and the element tables stay small (stated in the README).
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb

from bench import corpora
from ingest.derive.publish import publish, staged
from ingest.lake import batch as batches
from ingest.lake import layout, snapshot
from ingest.lake.sql import identifier
from ingest.pipeline import ingest
from ingest.schema import TABLES

HOME = corpora.WORK / "app-home"
STEP = 100_000
"""Instances in a part."""
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "FirstSOPInstanceUID", "MiddleSOPInstanceUID",
        "SOPInstanceUID")  # fmt: skip
DAYS = 3650
"""Copies are spread over ten years."""


def lake(name: str, *, studies: int = 0, series: int = 0) -> Path:
    """The databank ``name`` with at least so many studies or series; made once."""
    root = HOME / "databanks" / name
    if (root / "grown").exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    ingest([str(corpora.demo())], root)
    state = snapshot.read(root)
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '6GB'; SET enable_progress_bar = false")
        connection.execute(f"SET temp_directory = '{HOME / 'spill'}'")
        n_studies, n_series = (_count(connection, root, state, t) for t in ("studies", "series"))
        copies = max(-(-studies // n_studies), -(-series // n_series))
        _grow_instances(connection, root, state, copies)
        state = snapshot.read(root)
        _grow_derived(connection, root, state, copies)
    (root / "grown").touch()
    return root


def _count(
    connection: duckdb.DuckDBPyConnection, root: Path, state: snapshot.Snapshot, table: str
) -> int:
    row = connection.execute(
        f"SELECT count(*) FROM '{_derived(root, state, layout.OPEN, table)}'"
    ).fetchone()
    return int(row[0]) if row else 0


def _derived(root: Path, state: snapshot.Snapshot, side: layout.Side, table: str) -> Path:
    return layout.derived(root, side) / str(state.derived) / f"{table}.parquet"


def _copied(columns: list[str], number: str = "copy") -> str:
    """A select list: the columns of copy 0 as they are, of others with UIDs and dates of theirs."""
    days = f"CAST({number} * 37 % {DAYS} AS INTEGER)"
    made = []
    for name in columns:
        column = identifier(name)
        if name in UIDS:
            made.append(f"if({number} = 0, {column}, {column} || '.' || {number}) AS {column}")
        elif name == "patient_key":
            made.append(
                f"if({number} = 0, {column}, substr(md5({column} || {number}), 1, "
                f"length({column}))) AS {column}"
            )
        elif name in {"StudyDate", "SeriesDate"}:
            made.append(f"if({number} = 0, {column}, {column} - {days}) AS {column}")
        elif name in {"PatientID", "PatientName"}:
            made.append(f"if({number} = 0, {column}, {column} || {number}) AS {column}")
        else:
            made.append(column)
    return ", ".join(made)


def _grow_derived(
    connection: duckdb.DuckDBPyConnection, root: Path, state: snapshot.Snapshot, copies: int
) -> None:
    """A version of the derived tables with every row so many times."""
    for table in ("dropped", "series", "studies", "patients", "findings"):
        relation = "counted_series" if table == "series" else table
        own = list(TABLES[table].key)
        sides = {
            side: layout.stored_columns(TABLES[table], side)
            for side in layout.SIDES
            if layout.stored_columns(TABLES[table], side)
        }
        source = f"'{_derived(root, state, layout.OPEN, table)}'"
        if layout.PHI in sides:
            more = [n for n in sides[layout.PHI] if n not in own]
            phi = f"'{_derived(root, state, layout.PHI, table)}'"
            on = " AND ".join(
                f"o.{identifier(k)} IS NOT DISTINCT FROM p.{identifier(k)}" for k in own
            )
            source = (
                f"(SELECT o.*, {', '.join(f'p.{identifier(n)}' for n in more)} "
                f"FROM {source} o JOIN {phi} p ON {on})"
            )
        columns = [column.name for column in TABLES[table].columns]
        repeat = 1 if table == "dropped" else copies
        connection.execute(
            f"CREATE VIEW {relation} AS SELECT {_copied(columns)} "
            f"FROM {source}, (SELECT range AS copy FROM range({repeat}))"
        )
    with staged(root, state) as version:
        publish(connection, root, version, TABLES)
    snapshot.write(root, replace(snapshot.advanced(
        state, state.batches, version.name, state.next_part
    )))  # fmt: skip


def _grow_instances(
    connection: duckdb.DuckDBPyConnection, root: Path, state: snapshot.Snapshot, copies: int
) -> None:
    """A batch with the first instance of every copied series, and its file."""
    staging = batches.begin(root, state)
    connection.execute(
        "CREATE TABLE firsts AS SELECT min(instance_id) AS id FROM "
        f"'{layout.batches(root, layout.OPEN)}/*/instances-*.parquet' GROUP BY SeriesInstanceUID"
    )
    row = connection.execute("SELECT count(*) FROM firsts").fetchone()
    step = max(1, STEP // (int(row[0]) if row else 1))
    rows = {"instances": 0, "files": 0}
    part = state.next_part
    for first in range(1, copies, step):
        last = min(copies, first + step)
        for table in ("instances", "files"):
            rows[table] += _copy_part(connection, root, staging, table, part, first, last)
        part += 1
    name = batches.seal(root, staging, rows)
    snapshot.write(root, snapshot.advanced(state, (*state.batches, name), state.derived, part))


def _copy_part(
    connection: duckdb.DuckDBPyConnection, root: Path, staging: batches.Staging, table: str,
    part: int, first: int, last: int,
) -> int:  # fmt: skip
    """Write copies ``first`` to ``last`` of the first instances as a part; how many rows it has."""
    key = TABLES[table].key[0]
    rows = 0
    for side, folder in zip(layout.SIDES, (staging.open_dir, staging.phi_dir), strict=True):
        names = [n for n in layout.stored_columns(TABLES[table], side) if n != key]
        files = f"'{layout.batches(root, side)}/*/{table}-*.parquet'"
        number = f"({part}::BIGINT << 32) + row_number() OVER (ORDER BY copy, s.{key}) - 1"
        target = folder / layout.part_file(table, part)
        listed = [c.name for c in TABLES[table].columns if c.name == key or c.name in names]
        copied = _copied(names).replace("file_id,", "")
        select = f"SELECT {number} AS {key}, {copied} FROM {files} s JOIN firsts ON id = s.{key}, "
        connection.execute(
            f"COPY (SELECT {', '.join(map(identifier, listed))} FROM ({select}"
            f"(SELECT range AS copy FROM range({first}, {last})))) "
            f"TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
        )
        row = connection.execute(f"SELECT count(*) FROM '{target}'").fetchone()
        rows = int(row[0]) if row else 0
    return rows
