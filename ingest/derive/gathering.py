"""The rows of ``series``, kept outside DuckDB: several hundred columns, written in order of key.

SQL makes the rows in *runs*, in the order of reading, and says in which run and at which place of
it each row of the result is; those of the last version are in a run of their own, which is its
file.  Polars then gathers them a few thousand at a time.  DuckDB takes four times as long to sort
and to write so many columns, and all memory it may have (measured on 50,000 series: 1.2 s against
0.3 s, 500 MB against 100 MB).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import duckdb
import polars as pl
from polars.io.plugins import register_io_source

from ingest.derive.database import DerivationFailed
from ingest.derive.inputs import LAST_RUN
from ingest.lake import arrow, layout
from ingest.lake.layout import Side
from ingest.lake.parts import COMPRESSION_LEVEL, writing
from ingest.lake.snapshot import Snapshot
from ingest.schema import Table

KEY = ("StudyInstanceUID", "SeriesInstanceUID")
ROWS = 8192
"""Rows that are gathered at a time."""
ROW_GROUP = 32_768
"""Rows of a row group. Of 1,000,000 series with 560 columns the questions of the quality page take
a fifth less processor time than with 8,192, one series is found in 0.15 s instead of 0.21, and the
file is 65 MiB instead of 78."""
BATCH = 1024
"""Rows of a run that are read at once: with many runs few rows of each are next to each other."""
IN_MEMORY = 4
"""Runs that are kept in memory: 40 MB for each of 17,000 series that fill 194 columns. To write and
to read 50,000 series again took a twentieth of the processor time of their ingest (measured)."""


def frame(database: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    """The rows of a query, in the order that it asks for; raises DerivationFailed."""
    try:
        return arrow.frame(database.sql(sql))
    except pl.exceptions.PolarsError:  # DuckDB's error, whose text may hold values
        raise DerivationFailed("The rows of series could not be handed over.") from None


def unordered(database: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    """The rows of a query, in any order even where it asks for one; raises duckdb.Error.

    Of 25,000 rows of 200 columns in 0.21 s, by a table that is read in 0.36 s (measured).
    """
    return arrow.frame(database.sql(sql).materialize())


def height(path: Path) -> int:
    """The rows of a Parquet file."""
    return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())


@dataclass
class Runs:
    """Rows of series that were made, the first ones in memory, the others in files of ``folder``;
    and ``last``, the last version."""

    folder: Path
    last: Mapping[Side, Path] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)
    _kept: dict[int, pl.LazyFrame] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, root: Path, old: Snapshot | None) -> Runs:
        """No runs yet, beside the version of ``old``."""
        if old is None or old.derived is None:
            return cls(folder)
        return cls(
            folder,
            {s: layout.derived(root, s) / old.derived / "series.parquet" for s in layout.SIDES},
        )

    def made(self) -> list[int]:
        """The numbers of the runs that were made."""
        return sorted(self._kept)

    def n_last(self) -> int:
        """Rows of the last version."""
        return height(self.last[layout.OPEN]) if self.last else 0

    def keep(self, rows: pl.DataFrame) -> int:
        """Add a run, whose rows are in order of key; its number. Raises DatabankNotWritable."""
        number = next(self._numbers)
        if number < IN_MEMORY:
            self._kept[number] = rows.lazy()
            return number
        path = self.folder / f"series-{number}.arrow"
        with writing(self.folder):
            rows.write_ipc(path, record_batch_size=BATCH)
        self._kept[number] = pl.scan_ipc(path, glob=False)
        return number

    def write(
        self,
        order: pl.DataFrame,
        quality: Path,
        series: Table,
        side: Side,
        path: Path,
        said: dict[str, str],
    ) -> None:
        """Write the rows that ``order`` names (nth, run, place, n_findings) as a Parquet file.

        The file ``quality`` has their quality values, row by row in the same order. Raises
        DatabankNotWritable, or DerivationFailed where the last version cannot be read.
        """
        names = layout.stored_columns(series, side)
        schema = {name: series.column(name).dtype for name in names}
        made = pl.scan_parquet(quality, glob=False)
        made = made.select(name for name in made.collect_schema() if name in schema)
        sources = self._sources(side, schema.keys() - made.collect_schema().names())

        def batches(*_: object) -> Iterator[pl.DataFrame]:
            try:
                for first in range(0, order.height, ROWS):
                    rows = order[first : first + ROWS]
                    values = made.slice(first, ROWS).collect()
                    yield gathered(rows.hstack(values), sources, schema)
            except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
                raise DerivationFailed("The rows of series could not be read again.") from None

        with writing(path.parent):
            register_io_source(batches, schema=schema).sink_parquet(
                path,
                compression="zstd",
                compression_level=COMPRESSION_LEVEL,
                row_group_size=ROW_GROUP,
                metadata=said,
            )

    def reader(self, names: Sequence[str], series: Table) -> Callable[[pl.DataFrame], pl.DataFrame]:
        """What gives these open columns of the rows at some places (run, place).

        The places ascend in each run. Footers are read once, however often it is asked.
        """
        schema = {name: series.column(name).dtype for name in names}
        sources = self._sources(layout.OPEN, schema.keys())

        def rows(places: pl.DataFrame) -> pl.DataFrame:
            order = places.select("run", "place").with_row_index("nth")
            return gathered(order, sources, schema)

        return rows

    def _sources(self, side: Side, names: Set[str]) -> dict[int, pl.LazyFrame]:
        """The runs with those of the columns that they have."""
        runs = dict(self._kept)
        if side in self.last:
            runs[LAST_RUN] = pl.scan_parquet(self.last[side], glob=False)
        return {
            run: source.select(name for name in source.collect_schema() if name in names)
            for run, source in runs.items()
        }


def gathered(
    rows: pl.DataFrame, sources: Mapping[int, pl.LazyFrame], schema: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """The rows at some places of some runs, in this order, with all columns of the schema.

    What ``rows`` say beside ``nth``, ``run`` and ``place`` takes the place of what a run says.
    """
    found = [
        _at(sources[int(of_run["run"][0])], of_run["place"]).with_columns(of_run["nth"])
        for of_run in rows.select("nth", "run", "place").partition_by("run")
    ]
    made = found[0]
    if len(found) > 1:
        # those that no run has are two of three, and nothing to put in order
        filled = {name for some in found for name in some.columns}
        types = {name: dtype for name, dtype in schema.items() if name in filled}
        types["nth"] = rows.schema["nth"]
        made = pl.concat(_complete(some, types) for some in found).sort("nth")
    own = rows.drop("nth", "run", "place")
    return _complete(made.drop(own.columns, strict=False).hstack(own), schema)


def _at(source: pl.LazyFrame, places: pl.Series) -> pl.DataFrame:
    """The rows of a run at some places, which ascend; of far ones not what is between them."""
    first, last = int(places[0]), int(places[-1])
    if last - first > ROWS and last - first > 2 * len(places):
        return pl.concat(_at(source, some) for some in _near(places))
    found = source.slice(first, last - first + 1).collect()
    return found if found.height == len(places) else found[places - first]


def _near(places: pl.Series) -> Iterator[pl.Series]:
    """The places that are in the same ROWS rows."""
    groups = places.to_frame("place").group_by(pl.col("place") // ROWS, maintain_order=True)
    return (some["place"] for _, some in groups)


def _complete(rows: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The columns of the schema and no others; those that are not there are empty."""
    given = rows.to_dict()
    return pl.DataFrame(
        [
            given[name].cast(dtype).alias(name)
            if name in given
            else pl.Series(name, [None], dtype).new_from_index(0, rows.height)
            for name, dtype in schema.items()
        ]
    )
