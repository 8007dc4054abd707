"""What is in each column of a databank: how full it is, examples of its values, their spread.

How full columns are is in the footers of the Parquet files, so it costs the same whatever the
number of rows (0.2 s for 500 columns in a million rows, where counting takes 10 s). Footers and
examples are of all files of the snapshot, duplicates included; the spread is of the view.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from app.lake import Lake
from ingest.lake import layout, manifest
from ingest.lake.errors import BatchDamaged
from ingest.lake.layout import Side
from ingest.lake.snapshot import Snapshot
from ingest.lake.sql import identifier
from ingest.lake.tables import tables_of
from ingest.schema import Column, Table

MAX_CHUNKS = 8_000
"""Columns times row groups looked at per table; a chunk takes 45 µs."""
SAMPLED_FILES, SAMPLED_ROWS = 4, 500
EXAMPLES = 3
MAX_EXAMPLE = 40
MAX_VALUES = 20
BINS = 30
SECONDS = 5.0

Kind = Literal["values", "bins"]


class Spread(NamedTuple):
    """The values of a column: the most frequent as (value, n), or (lower, upper, n) of bins."""

    kind: Kind
    frame: pl.DataFrame
    rows: int
    filled: int
    distinct: int


@lru_cache(maxsize=16)
def summary(root: Path, state: Snapshot, identifiers: bool) -> pl.DataFrame:
    """A row per column of the schema: table_name, column_name, filled (percent) and examples.

    Null where it is not known: of tables without rows, of views that are joined when asked, of
    identifying columns that may not be read; surrogate keys have no examples. Raises BatchDamaged.
    """
    rows: list[tuple[str, str, float | None, str | None]] = []
    for table in tables_of(root).values():
        full: dict[str, float] = {}
        seen: dict[str, str] = {}
        for sides in _sides(table, identifiers):
            files = [path for side in sides for path in _files(root, state, table, side)]
            names = [c for c in layout.stored_columns(table, sides[0]) if c not in full]
            full |= _filled(files, names)
            seen |= _examples(files, [c for c in names if table.column(c).stable])
        rows += [(table.name, c.name, full.get(c.name), seen.get(c.name)) for c in table.columns]
    schema = {
        "table_name": pl.String, "column_name": pl.String, "filled": pl.Float64,
        "examples": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


@lru_cache(maxsize=64)
def spread(lake: Lake, table: Table, column: Column) -> Spread:
    """The values of one column, all of them; raises QueryFailed where that takes too long."""
    name, source = identifier(column.name), identifier(table.name)
    inner = column.dtype.inner if isinstance(column.dtype, pl.List) else column.dtype
    values = f"unnest({name})" if isinstance(column.dtype, pl.List) else name
    total, filled = lake.query(
        f"SELECT count(*), count({name}) FROM {source}", seconds=SECONDS
    ).row(0)
    found = lake.query(
        f"SELECT v AS value, count(*) AS n FROM (SELECT {values} AS v FROM {source}) "
        "WHERE v IS NOT NULL GROUP BY v ORDER BY n DESC, v",
        seconds=SECONDS,
    )
    ordered = inner.is_numeric() or inner == pl.Date or isinstance(inner, pl.Datetime)
    if ordered and found.height > MAX_VALUES:
        return Spread("bins", _bins(found), total, filled, found.height)
    top = found.head(MAX_VALUES).with_columns(pl.col("value").cast(pl.String))
    return Spread("values", top, total, filled, found.height)


def _bins(found: pl.DataFrame) -> pl.DataFrame:
    """(lower, upper, n) of BINS equal steps from the smallest to the largest value."""
    numbers = found["value"].to_physical().cast(pl.Float64)
    n = found.filter(numbers.is_finite())["n"]
    numbers = numbers.filter(numbers.is_finite())
    if numbers.is_empty():
        return pl.DataFrame(schema={"lower": pl.Float64, "upper": pl.Float64, "n": pl.Int64})
    low, high = float(numbers.min()), float(numbers.max())  # type: ignore[arg-type]
    step = (high - low) / BINS or 1.0
    bins = ((numbers - low) / step).floor().clip(0, BINS - 1).cast(pl.Int64)
    counted = pl.DataFrame({"bin": bins, "n": n}).group_by("bin").agg(pl.col("n").sum())
    every = pl.DataFrame({"bin": range(BINS)}).join(counted, on="bin", how="left").fill_null(0)
    frame = every.sort("bin").select(
        lower=low + pl.col("bin") * step, upper=low + (pl.col("bin") + 1) * step, n="n"
    )
    kind = found["value"].dtype
    if kind.is_temporal():
        edges = pl.col("lower", "upper").round().cast(pl.Int64)
        return frame.with_columns(
            edges.cast(pl.Int32).cast(kind) if kind == pl.Date else edges.cast(kind)
        )
    return frame


def _sides(table: Table, identifiers: bool) -> list[tuple[Side, ...]]:
    """The sides that may be read; together where they hold rows of the same columns."""
    if not identifiers:
        return [(layout.OPEN,)]
    if table.name in layout.ROW_SPLIT:
        return [layout.SIDES]
    return [(layout.OPEN,), (layout.PHI,)]


def _files(root: Path, state: Snapshot, table: Table, side: Side) -> list[Path]:
    if table.stored == "derived":
        if state.derived is None:
            return []
        path = layout.derived(root, side) / state.derived / f"{table.name}.parquet"
        return [path] if path.is_file() else []
    return [
        layout.batches(root, side) / batch / file.name
        for batch in state.batches
        for file in manifest.read(root, batch).files
        if file.side == side and file.table == table.name
    ]


def _filled(files: Sequence[Path], names: Sequence[str]) -> dict[str, float]:
    """Percent of rows with a value, by column; {} without rows.

    A list counts as empty per missing item, of which no list of ours has any; one without items
    has no value.
    """
    rows, values = 0, dict.fromkeys(names, 0)
    chunks = 0
    for path in _spread_out(files, len(names)):
        footer = _footer(path)
        for group in map(footer.row_group, range(footer.num_row_groups)):
            rows += group.num_rows
            chunks += group.num_columns
            for n in range(group.num_columns):
                chunk = group.column(n)
                name = chunk.path_in_schema.split(".", 1)[0]
                if name in values:
                    values[name] += _present(chunk, group.num_rows)
            if chunks > MAX_CHUNKS:
                break
    return {name: 100 * n / rows for name, n in values.items()} if rows else {}


def _present(chunk: pq.ColumnChunkMetaData, rows: int) -> int:
    stated = chunk.statistics
    if stated is None or not stated.has_null_count:
        return rows
    return max(0, rows - int(stated.null_count))


def _spread_out(files: Sequence[Path], columns: int) -> Sequence[Path]:
    """Files all over the snapshot, as many as may be looked at."""
    step = -(-len(files) * max(columns, 1) // MAX_CHUNKS)
    return files[:: max(step, 1)]


def _footer(path: Path) -> pq.FileMetaData:
    try:
        return pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        raise BatchDamaged from None


def _examples(files: Sequence[Path], names: Iterable[str]) -> dict[str, str]:
    """The most frequent values among the first rows of some files, as text."""
    step = max(1, len(files) // SAMPLED_FILES)
    texts: dict[str, list[pl.Series]] = {}
    wanted = set(names)
    for path in files[::step][:SAMPLED_FILES]:
        frame = _first_rows(path)
        for name in wanted.intersection(frame.columns):
            texts.setdefault(name, []).append(_flat(frame[name]))
    return {name: found for name, parts in texts.items() if (found := _frequent(pl.concat(parts)))}


def _first_rows(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path, n_rows=SAMPLED_ROWS, glob=False, hive_partitioning=False)
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        raise BatchDamaged from None


def _flat(values: pl.Series) -> pl.Series:
    """Each value, or each item of a list, as text."""
    found = values.explode(empty_as_null=False) if isinstance(values.dtype, pl.List) else values
    return found.drop_nulls().cast(pl.String)


def _frequent(texts: pl.Series) -> str:
    top = texts.value_counts(sort=True).head(EXAMPLES)
    shown = [" ".join(str(text).split())[:MAX_EXAMPLE] for text in top[texts.name]]
    return ", ".join(shown)
