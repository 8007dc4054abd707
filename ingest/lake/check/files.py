"""Files of a lake against what is written about them: presence, size, digest, rows, columns."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb

from ingest.lake import digests, footers, layout, manifest
from ingest.lake.check.trouble import Trouble
from ingest.lake.errors import BatchDamaged
from ingest.lake.layout import Side
from ingest.lake.manifest import PartFile
from ingest.lake.snapshot import Snapshot
from ingest.lake.sql import parquet, type_name
from ingest.lake.tables import Tables
from ingest.schema import TABLES, Table

_SAME_TYPE = {"TIME_NS": "TIME"}  # Polars writes times in nanoseconds, DuckDB in microseconds
_BESIDES = {layout.MANIFEST, layout.RETIRED}


def check_batch_files(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    state: Snapshot,
    deep: bool,
    tables: Tables,
    sides: Collection[Side] = layout.SIDES,
) -> Iterator[Trouble]:
    """Troubles with the files of all listed batches; with ``deep`` every page is decoded."""
    owner: dict[int, str] = {}
    for batch in state.batches:
        where = f"open/batches/{batch}"
        try:
            found = manifest.read(root, batch)
        except BatchDamaged as error:
            yield Trouble("error", f"{where}/{layout.MANIFEST}", str(error))
            continue
        for part in found.parts:
            if owner.setdefault(part, batch) != batch:
                yield Trouble("error", where, f"Part {part} is in batch {owner[part]} too.")
            if part >= state.next_part:
                yield Trouble("error", where, f"Part {part} is free for use, says lake.json.")
        for file in (file for file in found.files if file.side in sides):
            yield from _part_file(connection, root, batch, file, deep, tables)
        yield from _strangers(root, batch, found.files)


def check_derived_files(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    state: Snapshot,
    tables: Tables,
    sides: Collection[Side] = layout.SIDES,
) -> Iterator[Trouble]:
    """Troubles with the files of the derived version; those without a digest are decoded."""
    if state.derived is None:
        if state.batches:
            yield Trouble("warning", "open/derived", "Nothing is derived from the batches yet.")
        return
    known = digests.read(layout.derived(root, layout.OPEN) / state.derived)
    for table in tables.values():
        for side in sides:
            columns = layout.stored_columns(table, side)
            if table.stored != "derived" or not columns:
                continue
            path = layout.derived(root, side) / state.derived / f"{table.name}.parquet"
            where = path.relative_to(root).as_posix()
            told = known.get(f"{side}/{path.name}")
            wrong = _wrong_bytes(path, told)
            if wrong:
                yield Trouble("error", where, wrong)
                continue
            try:
                footer = footers.read(connection, path)
                yield from _columns(where, footer, table, side)
                if told is None:
                    _decode(connection, path)
            except BatchDamaged as error:
                yield Trouble("error", where, str(error))


def _part_file(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    batch: str,
    file: PartFile,
    deep: bool,
    tables: Tables,
) -> Iterator[Trouble]:
    path = layout.batches(root, file.side) / batch / file.name
    where = path.relative_to(root).as_posix()
    wrong = _wrong_bytes(path, (file.size, file.digest))
    if wrong:
        yield Trouble("error", where, wrong)
        return
    if file.table not in tables:
        yield Trouble("error", where, "The schema has no such table.")
        return
    try:
        footer = footers.read(connection, path)
        if deep:
            _decode(connection, path)
    except BatchDamaged as error:
        yield Trouble("error", where, str(error))
        return
    if footer.rows != file.rows:
        yield Trouble("error", where, f"It has {footer.rows} rows; the manifest says {file.rows}.")
    yield from _columns(where, footer, tables[file.table], file.side)


def _wrong_bytes(path: Path, told: tuple[int, str] | None) -> str:
    """What is wrong with a file whose size and digest are known; '' if nothing is."""
    try:
        size = path.stat().st_size
        if told is None:
            return ""
        if size != told[0]:
            return f"It has {size} bytes, and had {told[0]} when it was written."
        if digests.digest(path) != told[1]:
            return "Its bytes were changed since it was written."
    except FileNotFoundError:
        return "The file is missing."
    except OSError:
        return "The file cannot be read."
    return ""


def _columns(where: str, footer: footers.Footer, table: Table, side: Side) -> Iterator[Trouble]:
    expected = {
        name: type_name(table.column(name).dtype) for name in layout.stored_columns(table, side)
    }
    # Promoted columns are only in batches written since, and may be demoted again.
    own = {column.name for column in TABLES[table.name].columns}
    types = {name: _SAME_TYPE.get(dtype, dtype) for name, dtype in footer.types.items()}
    for name in (expected.keys() - types.keys()) & own:
        yield Trouble("error", where, f"The column {name} is missing.")
    for name in types.keys() - expected.keys():
        hidden = name in {c.name for c in table.columns if c.phi} and side == layout.OPEN
        why = "identifies people and belongs under phi" if hidden else "is not in the schema"
        known = table.name not in ("instances", "series") or hidden
        yield Trouble("error" if known else "warning", where, f"The column {name} {why}.")
    for name in types.keys() & expected.keys() & own:
        if types[name] != expected[name]:
            said = f"The column {name} is {types[name]}, not {expected[name]}."
            yield Trouble("error", where, said)


def _decode(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Read every page of a file; raises BatchDamaged."""
    try:
        # bit_xor over hashes needs every value of every column, and no memory.
        connection.execute(
            "SELECT bit_xor(hash(COLUMNS(*))) FROM " + parquet([path], by_name=False)
        ).fetchall()
    except duckdb.Error:
        raise BatchDamaged("A page of the file cannot be decoded.") from None


def _strangers(root: Path, batch: str, files: tuple[PartFile, ...]) -> Iterator[Trouble]:
    """Files in a batch's folders that its manifest does not know."""
    for side in layout.SIDES:
        known = {file.name for file in files if file.side == side} | _BESIDES
        folder = layout.batches(root, side) / batch
        if os.path.isdir(folder) and not known.issuperset(os.listdir(folder)):
            where = folder.relative_to(root).as_posix()
            yield Trouble("warning", where, "It has files that its manifest does not know.")
