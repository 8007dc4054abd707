"""From batches to a version of the derived tables: the order of the steps.

A full rebuild is the same as an ingest into an empty lake: all batches are new and nothing is
carried over.  So there is one way to every row, and both give the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from ingest.derive import (
    aggregation,
    attributes,
    gathering,
    inputs,
    mr,
    private,
    protocols,
    quality,
    thresholds,
)
from ingest.derive.aggregation import DIFFERENCE, LARGEST
from ingest.derive.attributes import compared_in_series
from ingest.derive.database import connection, set_variables, text
from ingest.derive.gathering import Runs
from ingest.derive.publish import publish, staged
from ingest.derive.rules import FILES, RULES, Stage
from ingest.lake.snapshot import Snapshot
from ingest.lake.sql import identifier
from ingest.schema import TABLES, Column, Table

Tables = Mapping[str, Table]

# How much is made at once: instances, and for each series what the states of its aggregates take,
# counted in instances. One instance needs no states, but its series is a row of as many columns.
# With 150 columns in use 10,000 such rows take 40 MB, and while they are handed over three times
# that; twice as many at once save a tenth of the time.
CHUNK_COST = 100_000
SERIES_COST = 10
COST_OF_ONE = 10


def derive(
    root: Path,
    snapshot: Snapshot,
    new_batches: Sequence[str] | None,
    *,
    memory_limit: str | None = None,
    tables: Tables = TABLES,
) -> str:
    """Make the derived tables of ``snapshot`` and return the name of their new version.

    ``snapshot`` lists the new batches already and names the version before them. With
    ``new_batches`` only what they touch is derived again; None rebuilds everything, and so does a
    version that is missing or has other columns. ``memory_limit`` is DuckDB's, such as '2GB'; what
    does not fit goes to disk. Needs the writer's lock; changes no snapshot. Raises
    DerivationFailed, DatabankNotWritable, BatchDamaged or ThresholdsInvalid, and then leaves
    nothing behind.
    """
    chosen = thresholds.read(root)
    old = None if new_batches is None else inputs.previous(root, snapshot, tables)
    new = snapshot.batches if old is None or new_batches is None else tuple(new_batches)
    with (
        staged(root, snapshot) as version,
        connection(version.spill, memory_limit) as database,
    ):
        runs = Runs.of(version.spill, root, old)
        inputs.create(database, root, snapshot, old, new, tables)
        protocols.prepare(database, root)
        private.prepare(database)
        _prepare(database, tables)
        database.execute(text("dropped"))
        database.execute(text("touched"))
        _make_series(database, root, snapshot, tables, runs)
        database.execute(text("carried"))
        private.keep(database)
        protocols.make(database)
        _judge(database, "series")
        quality.make(database, chosen)
        _judge(database, "lake", study_differences=_study_differences(tables["instances"]))
        database.execute(text("series_findings"))

        def conclude() -> None:
            mr.write(database, root, version, old, tables)
            mr.tell(database, root, version)
            _judge(database, "classes")
            _conclude(database, tables)

        publish(database, root, version, tables, runs, conclude)
    return version.name


def _conclude(database: duckdb.DuckDBPyConnection, tables: Tables) -> None:
    """All findings with their history, and what counts them: studies and patients."""
    for name in ("findings", "history", "study_findings"):
        database.execute(text(name))
    for name in ("studies", "patients"):
        database.execute(
            text(name, constants=aggregation.constants(tables[name], tables[name].key))
        )


def _prepare(database: duckdb.DuckDBPyConnection, tables: Tables) -> None:
    """Empty tables that the steps fill, and the data of the rules."""
    set_variables(database, chunk_cost=CHUNK_COST, series_cost=SERIES_COST, cost_of_one=COST_OF_ONE)
    series = aggregation.definitions(aggregation.told_of_series(tables))
    findings = aggregation.definitions(c for c in tables["findings"].columns if c.name != "message")
    database.execute(
        f"CREATE TEMP TABLE new_series "
        f"({series}, differences {DIFFERENCE}[], run INTEGER, place BIGINT);"
        f"CREATE TEMP TABLE finding_rows ({findings}, subject VARCHAR);"
        "CREATE TEMP TABLE rules "
        "(rule VARCHAR, severity VARCHAR, level VARCHAR, message VARCHAR, reference VARCHAR, "
        "stage VARCHAR, counts VARCHAR);"
        "CREATE TEMP TABLE attributes "
        "(attribute VARCHAR, path VARCHAR, severity VARCHAR, severity_in_study VARCHAR)"
    )
    records = [
        (r.id, r.severity, r.level, r.message, r.reference, r.stage, r.counts)
        for r in RULES.values()
    ]
    _fill(database, "rules", records)
    _fill(database, "attributes", attributes.attributes(tables["instances"]))


def _fill(
    database: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]
) -> None:
    """Add rows of text to a table, by columns: many times faster than row by row."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    values = ", ".join(f"unnest(CAST(${n} AS VARCHAR[]))" for n in range(1, len(columns) + 1))
    database.execute(f"INSERT INTO {table} SELECT {values}", columns)


def _make_series(
    database: duckdb.DuckDBPyConnection, root: Path, state: Snapshot, tables: Tables, runs: Runs
) -> None:
    """The series that are touched, in chunks, and the findings that need instances."""
    chunks = database.execute("SELECT DISTINCT chunk FROM chunks ORDER BY chunk").fetchall()
    if not chunks:
        return
    private.make(database, root, state, tables)
    stages: tuple[Stage, ...] = ("instances",)
    if database.execute("SELECT 1 FROM dropped WHERE why = 'duplicate' LIMIT 1").fetchone():
        stages += ("duplicates",)
    for (chunk,) in chunks:
        set_variables(database, chunk=chunk)
        database.execute(text("members"))
        database.execute(text("spacing"))
        parts = database.execute("SELECT DISTINCT instance_id >> 32 FROM members").fetchall()
        filled = inputs.values(database, root, state, {n for (n,) in parts}, tables["instances"])
        several, one = _series_queries(filled)
        sizes = database.execute("SELECT DISTINCT n_instances > 1 FROM members").fetchall()
        for (is_several,) in sizes:
            database.execute(several if is_several else one)
            _keep(database, tables, filled, runs)
        for stage in stages:
            _judge(database, stage)


def _series_queries(filled: Sequence[Column]) -> tuple[str, str]:
    """``series`` and ``series_of_one`` with what they say of each column that has values."""
    lists = {}
    for side, phi in (("open", False), ("phi", True)):
        columns = [column for column in filled if column.phi == phi]
        values = aggregation.series_values(columns)
        lists[f"{side}_values"] = values + aggregation.largest(compared_in_series(columns))
    of_one = aggregation.series_values(filled, of_one=True)
    return text("series", **lists), text("series_of_one", values=of_one)


def _keep(
    database: duckdb.DuckDBPyConnection, tables: Tables, filled: Sequence[Column], runs: Runs
) -> None:
    """Keep the series that were just made: whole rows in a run, what SQL needs in a table."""
    rows = gathering.frame(database, "FROM aggregated")
    protocols.measure(database, rows)
    names = (c.name for c in aggregation.told_of_series(tables) if c.name in rows.columns)
    differ = [c for c in compared_in_series(filled) if _differs(rows, c.name)]
    lists = {
        "told": ", ".join(map(identifier, names)),
        "differences": aggregation.differences_in_series(differ),
        "run": str(runs.count),
    }
    database.execute(text("kept", **lists))
    database.execute("DROP TABLE aggregated")
    runs.keep(rows.select(name for name in rows.columns if not name.endswith(LARGEST)))


def _differs(rows: pl.DataFrame, name: str) -> bool:
    """Whether a column has several values in some series, nearly equal numbers included."""
    other = name + LARGEST
    return other in rows.columns and bool((rows[name] != rows[other]).any())


def _judge(database: duckdb.DuckDBPyConnection, stage: Stage, **lists: str) -> None:
    for file, when in FILES.items():
        if when == stage:
            database.execute(text(f"findings/{file}", **lists))


def _study_differences(instances: Table) -> str:
    return aggregation.differences_in_study(attributes.compared_in_study(instances))
