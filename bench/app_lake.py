"""Large lakes for the benchmark of the app: the demo cohort over and over, under new UIDs.

Derived tables are written through the schema and the publisher of ``ingest.derive``, not by an
ingest; what depends on the whole lake (protocols, outliers, scores) is then made by a derivation
without new batches.  Each copied series has the first of its instances, which shares the header of
the original: so every page works for every series, and the element tables stay small (stated in the
README).
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import duckdb

from app.demo.cohort import VERSION
from bench import corpora
from ingest.derive import protocols
from ingest.derive.aggregation import definitions
from ingest.derive.derivation import derive
from ingest.derive.gathering import KEY, Runs
from ingest.derive.publish import RELATIONS, publish, staged
from ingest.lake import arrow, layout, snapshot
from ingest.lake import batch as batches
from ingest.lake.sql import identifier
from ingest.pipeline import ingest
from ingest.schema import TABLES
from ingest.schema.quality import SERIES_QUALITY

HOME = corpora.WORK / "app-home"
STEP = 100_000
"""Instances in a part."""
SERIES_STEP = 20_000
"""Series in a run of the publisher."""
UIDS = frozenset({
    "StudyInstanceUID", "SeriesInstanceUID", "FirstSOPInstanceUID", "MiddleSOPInstanceUID",
    "SOPInstanceUID", "representative_SeriesInstanceUID",
})  # fmt: skip
DATES = frozenset({"StudyDate", "SeriesDate"})
TIMES = frozenset({"acquisition_datetime", "acquisition_datetime_min", "acquisition_datetime_max",
                   "injection_datetime", "RadiopharmaceuticalStartDateTime"})  # fmt: skip
PEOPLE = frozenset({"PatientID", "PatientName"})
ONCE = frozenset({
    "dropped", "protocols", "findings_gone", "private_profiles", "private_blocks",
})  # fmt: skip
"""Derived tables that are not copied; the derivation afterwards makes protocols of all copies."""
FLEET = 8
"""Hospitals: each has the scanners of the cohort, and the n-th copy is of hospital n % 8."""
DAYS = 3650
"""Copies are spread over ten years."""


def lake(name: str, *, studies: int = 0, series: int = 0) -> Path:
    """The databank ``name`` with at least so many studies or series; made once for each schema."""
    root = HOME / "databanks" / name
    grown, made_as = root / "grown", _made_as()
    if grown.exists() and grown.read_text("utf-8") == made_as:
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
    derive_again(root)
    grown.write_text(made_as, "utf-8")
    return root


def _made_as() -> str:
    """What a lake follows from: the cohort, the columns, how copies are made, and fingerprints.

    Where the latter are made in another way, the next derivation makes everything anew from the
    batches, which do not hold the copies.
    """
    columns = sorted(f"{t.name}.{c.name}" for t in TABLES.values() for c in t.columns)
    said = f"{VERSION} {columns} {protocols.digest()} {Path(__file__).read_text('utf-8')}"
    return hashlib.sha256(said.encode()).hexdigest()


def derive_again(root: Path) -> str:
    """A derivation that no new batch asks for; the name of the version that it made."""
    state = snapshot.read(root)
    version = derive(root, state, (), memory_limit="6GB")
    snapshot.write(root, snapshot.advanced(state, state.batches, version, state.next_part))
    return version


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
    made = []
    for name in columns:
        column = identifier(name)
        new = _own(name, column, number)
        made.append(f"if({number} = 0, {column}, {new}) AS {column}" if new else column)
    return ", ".join(made)


def _own(name: str, column: str, number: str) -> str:
    """The value that a copy has of a column, as SQL; "" where it is that of the original."""
    days = f"CAST({number} * 37 % {DAYS} AS INTEGER)"
    if name in UIDS:
        return f"{column} || '.' || {number}"
    if name == "patient_key":
        return f"substr(md5({column} || {number}), 1, length({column}))"
    if name == "acquisition_signature":
        return f"sha256({column} || {number})"
    if name == "scanner_key":
        place = f"{number} % {FLEET}"
        other = f"substr(md5({column} || {place}), 1, length({column}))"
        return f"if({place} = 0, {column}, {other})"
    if name in DATES:
        return f"{column} - {days}"
    if name in TIMES:
        return f"{column} - to_days({days})"
    return f"{column} || {number}" if name in PEOPLE else ""


def _grow_derived(
    connection: duckdb.DuckDBPyConnection, root: Path, state: snapshot.Snapshot, copies: int
) -> None:
    """A version of the derived tables with every row so many times."""
    for table in RELATIONS:
        copied = _copied([column.name for column in TABLES[table].columns])
        repeat = 1 if table in ONCE else copies
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
    """The rows of series in runs of the publisher, and in tables what it asks of each of them."""
    names = [column.name for column in TABLES["series"].columns if column.name != "n_findings"]
    told = [*KEY, *(column.name for column in SERIES_QUALITY)]
    columns = definitions(TABLES["series"].column(name) for name in told)
    connection.execute(f"CREATE TABLE series ({columns}, run INTEGER, place BIGINT)")
    source = _both_sides(root, state, "series")
    step = max(1, SERIES_STEP // max(1, _count(connection, root, state, "series")))
    for first in range(0, copies, step):
        last = min(copies, first + step)
        rows = arrow.frame(connection.sql(
            f"SELECT {_copied(names)} FROM {source}, "
            f"(SELECT range AS copy FROM range({first}, {last}))"
        )).sort(KEY)  # fmt: skip
        places = rows.select(told).with_row_index("place").with_columns(run=runs.keep(rows))
        connection.register("places", places.to_arrow())
        connection.execute("INSERT INTO series BY NAME FROM places")
    order = ", ".join(f"{name} NULLS FIRST" for name in KEY)
    connection.execute(
        f"CREATE TABLE rows AS SELECT row_number() OVER (ORDER BY {order}) AS nth, * FROM series;"
        f"CREATE VIEW quality_source AS SELECT nth, {', '.join(KEY)}, run, place FROM rows;"
        f"CREATE VIEW series_quality AS SELECT * EXCLUDE ({', '.join(KEY)}, run, place) FROM rows;"
        "CREATE VIEW series_findings AS SELECT StudyInstanceUID, SeriesInstanceUID, count(*) AS n "
        "FROM findings GROUP BY ALL"
    )


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
