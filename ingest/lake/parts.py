"""Writing the Parquet file of one table of one part.

zstd at its fastest levels costs little time and halves what Polars' default of no level gives; row
groups of 100,000 rows let a query for one instance skip nearly everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import polars as pl

from ingest.lake import layout
from ingest.lake.errors import DatabankNotWritable, reason
from ingest.schema import TABLES, Table

COMPRESSION_LEVEL = 1
ROW_GROUP_ROWS = 100_000
OS_ERROR = re.compile(r"\(os error (\d+)\)")
ROOM = 1 << 20
"""Bytes that are tried to be written where it is not clear why others were not."""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what Polars raises where it cannot write into a folder into DatabankNotWritable."""
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        why = _refusal(folder, str(error))
        raise DatabankNotWritable(f"The databank cannot be written: {why}.") from None


def _refusal(folder: Path, message: str) -> str:
    """Why the system refused: Polars has its number in the text of an error, or not even there."""
    found = OS_ERROR.search(message)
    try:
        if found:
            raise OSError(int(found[1]), "")
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM))
    except OSError as refused:
        return reason(refused)
    return "Polars reports an error"


def write(
    frame: pl.DataFrame,
    folder: Path,
    table: str,
    side: layout.Side,
    part: int,
    *,
    tables: Mapping[str, Table] = TABLES,
) -> int:
    """Write the rows of ``table`` that a part has on ``side``; returns their number.

    A table without rows, or without columns on that side, gets no file. ``frame`` must have the
    columns of ``layout.stored_columns``, in any order, with the schema's types (ValueError).
    Element tables must be sorted by their key for lookups to be fast.
    """
    names = layout.stored_columns(tables[table], side)
    if not names or frame.is_empty():
        return 0
    types = tables[table].schema()
    expected = {name: types[name] for name in names}
    if dict(frame.schema) != expected:
        raise ValueError(f"the frame does not have the columns of {table} on the {side} side")
    # select() builds a plan of 350 expressions, which takes a third of the writing (measured)
    pl.DataFrame([frame.get_column(name) for name in names]).write_parquet(
        folder / layout.part_file(table, part),
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        row_group_size=ROW_GROUP_ROWS,
        metadata=_metadata(table),
    )
    return frame.height


def sink(frame: pl.LazyFrame, folder: Path, table: str, part: int) -> int:
    """Write rows as they stream, in their order; returns their number. Columns are not checked."""
    path = folder / layout.part_file(table, part)
    frame.sink_parquet(
        path,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        row_group_size=ROW_GROUP_ROWS,
        maintain_order=True,
        metadata=_metadata(table),
    )
    count = int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    if not count:
        path.unlink()
    return count


def _metadata(table: str) -> dict[str, str]:
    return {"taglake.format": str(layout.FORMAT_VERSION), "taglake.table": table}
