"""From batches to a version of the derived tables: the order of the steps.

A full rebuild is the same as an ingest into an empty lake: all batches are new and nothing is
carried over.  So there is one way to every row, and both give the same tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from ingest.derive import aggregation, attributes, inputs
from ingest.derive.database import connection, set_variables, text
from ingest.derive.publish import publish, staged
from ingest.derive.rules import FILES, RULES, Stage
from ingest.lake.snapshot import Snapshot
from ingest.schema import TABLES, Table

Tables = Mapping[str, Table]

# How much is aggregated at once: instances, and for each series what the states of its aggregates
# take, counted in instances. On two cores, with real headers in 374 columns, 50,000 instances take
# 1.2 s; 1,000,000 take 15 s and 0.8 GB in 7,296 series, 24 s and 1.0 GB in 53,295, and 1,000 more
# in them 2 to 5 s. Twice as much at once is no faster; half as much takes half as long again.
CHUNK_COST = 100_000
SERIES_COST = 10


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
    DerivationFailed, DatabankNotWritable or BatchDamaged, and then leaves nothing behind.
    """
    old = None if new_batches is None else inputs.previous(root, snapshot, tables)
    new = snapshot.batches if old is None or new_batches is None else tuple(new_batches)
    with (
        staged(root, snapshot) as version,
        connection(version.spill, memory_limit) as database,
    ):
        inputs.create(database, root, snapshot, old, new, tables)
        _prepare(database, tables)
        database.execute(text("dropped"))
        database.execute(text("touched"))
        _aggregate(database, tables["instances"])
        database.execute(text("carried"))
        _judge(database, "series")
        _judge(database, "lake", study_differences=_study_differences(tables["instances"]))
        database.execute(text("findings"))
        database.execute(text("counts"))
        for name in ("studies", "patients"):
            database.execute(
                text(name, constants=aggregation.constants(tables[name], tables[name].key))
            )
        publish(database, root, version, tables)
    return version.name


def _prepare(database: duckdb.DuckDBPyConnection, tables: Tables) -> None:
    """Empty tables that the steps fill, and the data of the rules."""
    set_variables(database, chunk_cost=CHUNK_COST, series_cost=SERIES_COST)
    series = aggregation.definitions(c for c in tables["series"].columns if c.name != "n_findings")
    findings = aggregation.definitions(c for c in tables["findings"].columns if c.name != "message")
    difference = "STRUCT(attribute VARCHAR, low VARCHAR, high VARCHAR)"
    database.execute(
        f"CREATE TEMP TABLE new_series ({series}, n_findings BIGINT, differences {difference}[]);"
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


def _aggregate(database: duckdb.DuckDBPyConnection, instances: Table) -> None:
    """Series of all chunks, and the findings that need instances."""
    series = text("series", **_series_lists(instances))
    chunks = database.execute("SELECT DISTINCT chunk FROM chunks ORDER BY chunk").fetchall()
    for (chunk,) in chunks:
        set_variables(database, chunk=chunk)
        database.execute(text("members"))
        database.execute(series)
        _judge(database, "instances")


def _series_lists(instances: Table) -> dict[str, str]:
    """The generated select lists of series.sql, for open and for identifying columns."""
    compared = attributes.compared_in_series(instances)
    lists = {}
    for side, phi in (("open", False), ("phi", True)):
        lists[f"{side}_aggregates"] = aggregation.series_aggregates(
            column for column in instances.columns if column.phi == phi
        )
        lists[f"{side}_differences"] = aggregation.differences_in_series(
            column for column in compared if column.phi == phi
        )
    return lists


def _judge(database: duckdb.DuckDBPyConnection, stage: Stage, **lists: str) -> None:
    for file, when in FILES.items():
        if when == stage:
            database.execute(text(f"findings/{file}", **lists))


def _study_differences(instances: Table) -> str:
    return aggregation.differences_in_study(attributes.compared_in_study(instances))
