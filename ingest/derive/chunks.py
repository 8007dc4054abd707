"""The series that are touched, made of their instances: in chunks that fit into memory.

Chunks are made at the same moment, and so is what does not depend on each other within one: one
query alone keeps a second core busy for a third of its time (measured).  What a chunk is made of is
in a schema of its own, what one cursor needs is TEMP, and everything else belongs to all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb
import polars as pl

from ingest.derive import aggregation, gathering, inputs, protocols
from ingest.derive.aggregation import LARGEST
from ingest.derive.attributes import compared_in_series
from ingest.derive.database import set_variables, side_by_side, text
from ingest.derive.gathering import Runs
from ingest.derive.judging import judge
from ingest.derive.rules import Stage
from ingest.lake import arrow
from ingest.lake.snapshot import Snapshot
from ingest.lake.tables import Tables
from ingest.schema import Column

# How much is in a chunk: instances, and for each series what the states of its aggregates take,
# counted in instances. One instance needs no states, but its series is a row of as many columns.
# With 150 columns in use 10,000 such rows take 40 MB, and while they are handed over three times
# that. What is planned for a chunk takes half a second: 50,000 series in three chunks take 7.5 s,
# in ten 9.8 s, and the same memory; in two 0.2 s less than in three, of which the last one is alone
# (measured).
COST = 75_000
SERIES_COST = 10
COST_OF_ONE = 3
FEW = 500
"""Series of one instance that are aggregated as if they had several."""


def make(
    database: duckdb.DuckDBPyConnection, root: Path, state: Snapshot, tables: Tables, runs: Runs
) -> None:
    """Make the series of ``chunks``, and the findings that need instances.

    Needs ``private_of``. Whole rows go to ``runs``, what SQL needs of them to a table for each
    run, of which ``new_series`` consists.
    """
    found = database.execute("SELECT DISTINCT chunk FROM chunks ORDER BY chunk").fetchall()
    stages: tuple[Stage, ...] = ("instances",)
    if database.execute("SELECT 1 FROM dropped WHERE why = 'duplicate' LIMIT 1").fetchone():
        stages += ("duplicates",)
    side_by_side(
        [partial(_chunk, database, root, state, tables, runs, stages, n) for (n,) in found]
    )
    added = "".join(f"\nUNION ALL BY NAME FROM new_series_{run}" for run in runs.made())
    database.execute(text("new_series", runs=added))


def _chunk(
    database: duckdb.DuckDBPyConnection,
    root: Path,
    state: Snapshot,
    tables: Tables,
    runs: Runs,
    stages: Sequence[Stage],
    number: int,
) -> None:
    schema = f"chunk_{number}"
    with database.cursor() as own:
        own.execute(f"CREATE SCHEMA {schema}")
    with _inside(database, schema) as own:
        set_variables(own, chunk=number)
        own.execute(text("members"))
        own.execute(text("spacing"))
        parts = own.execute("SELECT DISTINCT instance_id >> 32 FROM members").fetchall()
        filled = inputs.values(own, root, state, {n for (n,) in parts}, tables["instances"])
        n_ones, n_rows = own.execute(
            "SELECT count(*) FILTER (n_instances = 1), count(*) FROM members"
        ).fetchone() or (0, 0)
    several, one = _queries(filled)
    # to plan a query of several hundred columns takes as long as to aggregate some hundred series
    together = n_ones < n_rows and n_ones <= FEW

    def made_of_several() -> None:
        with _inside(database, schema) as own:
            set_variables(own, at_least=1 if together else 2)
            own.execute(several)  # planned once; a relation is planned twice, which takes 40 ms
            _keep(own, tables, filled, runs, gathering.frame(own, "FROM several"))

    def made_of_one() -> None:
        with _inside(database, schema) as own:
            _keep(own, tables, filled, runs, gathering.unordered(own, one))

    def judged() -> None:
        with _inside(database, schema) as own:
            for stage in stages:
                judge(own, stage)

    kinds: list[Callable[[], None]] = []
    if n_ones < n_rows:
        kinds.append(made_of_several)
    if n_ones and not together:
        kinds.append(made_of_one)
    side_by_side([*kinds, judged])
    with database.cursor() as own:
        own.execute(f"DROP SCHEMA {schema} CASCADE")


@contextmanager
def _inside(
    database: duckdb.DuckDBPyConnection, schema: str
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor to which the relations of a schema stand before those of all."""
    with database.cursor() as own:
        own.execute(f"SET search_path = '{schema},main'")
        yield own


def _queries(filled: Sequence[Column]) -> tuple[str, str]:
    """``series`` and ``series_of_one`` with what they say of each column that has values."""
    lists = {}
    for side, phi in (("open", False), ("phi", True)):
        columns = [column for column in filled if column.phi == phi]
        values = aggregation.series_values(columns)
        lists[f"{side}_values"] = values + aggregation.largest(compared_in_series(columns))
    of_one = aggregation.series_values(filled, of_one=True)
    return text("series", **lists), text("series_of_one", values=of_one)


def _keep(
    database: duckdb.DuckDBPyConnection,
    tables: Tables,
    filled: Sequence[Column],
    runs: Runs,
    rows: pl.DataFrame,
) -> None:
    """Keep the series that were just made: whole rows in a run, what SQL needs in a table."""
    rows = rows.sort(gathering.KEY)
    placed = rows.with_columns(pl.int_range(pl.len()).alias(protocols.PLACE))
    arrow.offer(database, "aggregated", placed)
    protocols.measure(database, placed)
    told = [c for c in aggregation.told_of_series(tables) if c.name in rows.columns]
    differ = [c for c in compared_in_series(filled) if _differs(rows, c.name)]
    run = runs.keep(rows.select(name for name in rows.columns if not name.endswith(LARGEST)))
    lists = {
        "told": aggregation.typed(told, source="a"),
        "differences": aggregation.differences_in_series(differ),
        "run": str(run),
    }
    database.execute(text("kept", **lists))


def _differs(rows: pl.DataFrame, name: str) -> bool:
    """Whether a column has several values in some series, nearly equal numbers included."""
    other = name + LARGEST
    return other in rows.columns and bool((rows[name] != rows[other]).any())
