"""Writes the rows of a query as CSV, JSON or Parquet while they come, so memory does not grow.

The first frame of a query is there even without rows: it carries the columns, so an empty answer
is a file with a header and not an empty file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

import polars as pl

from app.commands.cells import for_csv, for_json

Writer = Callable[[Iterable[pl.DataFrame], BinaryIO], int]


def csv(frames: Iterable[pl.DataFrame], file: BinaryIO) -> int:
    """UTF-8, commas, a header line; NULL is empty and empty text is `""`. Returns the rows."""
    rows = 0
    for first, frame in _numbered(frames):
        if first or frame.height:
            # Through Python, as Polars would not tell a closed pipe from other troubles.
            file.write(for_csv(frame).write_csv(include_header=first).encode())
        rows += frame.height
    return rows


def json(frames: Iterable[pl.DataFrame], file: BinaryIO) -> int:
    """An array with an object a line. Returns the rows."""
    rows = 0
    file.write(b"[")
    for frame in frames:
        for line in for_json(frame).write_ndjson().encode().splitlines():
            file.write(b",\n" if rows else b"\n")
            file.write(line)
            rows += 1
    file.write(b"\n]\n")
    return rows


def parquet(frames: Iterable[pl.DataFrame], file: BinaryIO) -> int:
    """Parquet with the types of the query, zstd. Returns the rows."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    rows = 0
    writer: pq.ParquetWriter | None = None
    for frame in frames:
        table = frame.cast({pl.Categorical: pl.String, pl.Null: pl.String}).to_arrow()
        if writer is None:
            writer = pq.ParquetWriter(file, table.schema, compression="zstd")
        writer.write_table(table.cast(writer.schema))
        rows += frame.height
    if writer is not None:
        writer.close()
    return rows


FORMATS: dict[str, Writer] = {"csv": csv, "json": json, "parquet": parquet}


def _numbered(frames: Iterable[pl.DataFrame]) -> Iterator[tuple[bool, pl.DataFrame]]:
    for number, frame in enumerate(frames):
        yield number == 0, frame
