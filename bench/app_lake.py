"""Large lakes for the benchmark of the app: the demo cohort over and over, under new UIDs.

Derived tables are written through the schema and the publisher of ``ingest.derive``, not by an
ingest.  Each copied series has the first of its instances, which shares the header of the original:
so every page works for every series, and the element tables stay small (stated in the README).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from bench import corpora
from ingest.derive.gathering import KEY, Runs
from ingest.derive.publish import publish, staged
from ingest.lake import arrow, layout, snapshot
from ingest.lake import batch as batches
from ingest.lake.sql import identifier
from ingest.pipeline import ingest
from ingest.schema import TABLES

HOME = corpora.WORK / "app-home"
STEP = 100_000
"""Instances in a part."""
SERIES_STEP = 20_000
"""Series in a run of the publisher."""
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
    rows = connection.execute(
        f"SELECT count(*) FROM '{_derived(root, state, layout.OPEN, table)}'"
    ).fetchall()
    return int(rows[0][0])


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
    for table in ("dropped", "studies", "patients", "findings"):
        copied = _copied([column.name for column in TABLES[table].columns])
        repeat = 1 if table == "dropped" else copies
        connection.execute(
            f"CREATE VIEW {table} AS SELECT {copied} "
            f"FROM {_both_sides(root, state, table)}, (SELECT range AS copy FROM range({repeat}))"
        )
    with staged(root, state) as version:
        runs = Runs.of(version.spill, root, None)
        _grow_series(connection, root, state, copies, runs)
        publish(connection, root, version, TABLES, runs)
    snapshot.write(root, snapshot.advanced(state, state.batches, version.name, state.next_part))


def _both_sides(root: Path, state: snapshot.Snapshot, table: str) -> str:
    """A FROM item with all columns of a derived table, which are in two files, row for row."""
    source = f"'{_derived(root, state, layout.OPEN, table)}'"
    own = set(layout.stored_columns(TABLES[table], layout.OPEN))
    more = [n for n in layout.stored_columns(TABLES[table], layout.PHI) if n not in own]
    if not more:
        return source
    phi = f"'{_derived(root, state, layout.PHI, table)}'"
    wanted = ", ".join(f"p.{identifier(n)}" for n in more)
    return f"(SELECT o.*, {wanted} FROM {source} o POSITIONAL JOIN {phi} p)"


def _grow_series(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    state: snapshot.Snapshot,
    copies: int,
    runs: Runs,
) -> None:
    """The rows of series in runs of the publisher, and where each of them is."""
    connection.execute(
        "CREATE TABLE series "
        "(StudyInstanceUID VARCHAR, SeriesInstanceUID VARCHAR, run INTEGER, place BIGINT);"
        "CREATE VIEW series_findings AS SELECT StudyInstanceUID, SeriesInstanceUID, count(*) AS n "
        "FROM findings GROUP BY ALL"
    )
    names = [column.name for column in TABLES["series"].columns if column.name != "n_findings"]
    source = _both_sides(root, state, "series")
    step = max(1, SERIES_STEP // max(1, _count(connection, root, state, "series")))
    for first in range(0, copies, step):
        last = min(copies, first + step)
        rows = arrow.frame(connection.sql(
            f"SELECT {_copied(names)} FROM {source}, "
            f"(SELECT range AS copy FROM range({first}, {last}))"
        )).sort(KEY)  # fmt: skip
        places = rows.select(*KEY).with_row_index("place").with_columns(run=runs.count)
        runs.keep(rows)
        connection.register("places", places.to_arrow())
        connection.execute(f"INSERT INTO series SELECT {', '.join(KEY)}, run, place FROM places")


def _grow_instances(
    connection: duckdb.DuckDBPyConnection, root: Path, state: snapshot.Snapshot, copies: int
) -> None:
    """A batch with the first instance of every copied series, and its file."""
    staging = batches.begin(root, state)
    connection.execute(
        "CREATE TABLE firsts AS SELECT min(instance_id) AS id FROM "
        f"'{layout.batches(root, layout.OPEN)}/*/instances-*.parquet' GROUP BY SeriesInstanceUID"
    )
    n_firsts = int(connection.execute("SELECT count(*) FROM firsts").fetchall()[0][0])
    step = max(1, STEP // max(1, n_firsts))
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
        rows = int(connection.execute(f"SELECT count(*) FROM '{target}'").fetchall()[0][0])
    return rows
