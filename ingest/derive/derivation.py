"""From batches to a version of the derived tables: the order of the steps.

A full rebuild is the same as an ingest into an empty lake: all batches are new and nothing is
carried over.  So there is one way to every row, and both give the same tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from ingest.derive import (
    aggregation,
    attributes,
    chunks,
    inputs,
    mr,
    private,
    protocols,
    quality,
    thresholds,
)
from ingest.derive.aggregation import DIFFERENCE
from ingest.derive.database import AT_ONCE, connection, leave_a_thread, set_variables, text
from ingest.derive.gathering import Runs
from ingest.derive.judging import judge
from ingest.derive.publish import publish, staged
from ingest.derive.rules import RULES
from ingest.lake.snapshot import Snapshot
from ingest.lake.tables import Tables
from ingest.schema import TABLES, Table

FEW = 20_000
"""Series of the last version that are copied for the queries about them: 60 of 560 columns."""
MANY = 100_000
"""Series up to which a query leaves a thread to the one beside it: on two cores 50,000 take 2.05 s
with one thread and 2.2 s with two, 1,000,000 take 26 s and 21 s (measured). To have a thread less
takes 15 ms."""


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
        n_touched, n_live = _counts(database)
        n_series = n_touched + runs.n_last()
        is_small = n_series <= FEW and n_live <= FEW
        if is_small:
            database.execute("SET threads = 1")
        if n_live:
            private.make(database, root, snapshot, tables)
        chunks.make(database, root, snapshot, tables, runs)
        if FEW < n_series <= MANY:  # from here on two queries are asked at the same moment
            leave_a_thread(database)
        database.execute(text("carried", kind="TABLE" if is_small else "VIEW"))
        with database.cursor() as own, ThreadPoolExecutor(1) as beside:
            # Classes of MR follow from series alone, and nothing but findings needs them.
            classes = beside.submit(mr.write, own, root, version, old, tables, runs)
            private.keep(database)
            protocols.make(database)
            judge(database, "series")
            quality.make(database, chosen)
            judge(database, "lake", study_differences=_study_differences(tables["instances"]))
            database.execute(text("series_findings"))

            def conclude() -> None:
                classes.result()
                mr.tell(database, root, version)
                judge(database, "classes")
                _conclude(database, tables)

            publish(database, root, version, tables, runs, conclude)
    return version.name


def _counts(database: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """How many series are touched, and how many instances they have."""
    told = "SELECT (SELECT count(*) FROM touched), (SELECT count(*) FROM live)"
    n_touched, n_live = database.execute(told).fetchone() or (0, 0)
    return n_touched, n_live


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
    set_variables(
        database, chunk_cost=chunks.COST, at_once=AT_ONCE, series_cost=chunks.SERIES_COST,
        cost_of_one=chunks.COST_OF_ONE,
    )  # fmt: skip
    series = aggregation.definitions(aggregation.told_of_series(tables))
    findings = aggregation.definitions(c for c in tables["findings"].columns if c.name != "message")
    database.execute(
        f"CREATE TABLE no_series "
        f"({series}, differences {DIFFERENCE}[], run INTEGER, place BIGINT);"
        f"CREATE TABLE finding_rows ({findings}, subject VARCHAR);"
        "CREATE TABLE rules "
        "(rule VARCHAR, severity VARCHAR, level VARCHAR, message VARCHAR, reference VARCHAR, "
        "stage VARCHAR, counts VARCHAR);"
        "CREATE TABLE attributes "
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


def _study_differences(instances: Table) -> str:
    return aggregation.differences_in_study(attributes.compared_in_study(instances))
