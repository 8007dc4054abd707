"""Parquet: types and lists stay what they are; provenance and dictionary are in the metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import BinaryIO

import polars as pl
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from app.export.about import About

PROVENANCE = "taglake.provenance"
DICTIONARY = "taglake.dictionary"


def write(frames: Iterable[pl.DataFrame], file: BinaryIO, about: About | None = None) -> int:
    """Writes the frames, zstd, a row group each; returns the rows."""
    rows = 0
    writer: pq.ParquetWriter | None = None
    for frame in frames:
        table = frame.cast({pl.Categorical: pl.String, pl.Null: pl.String}).to_arrow()
        if writer is None:
            writer = pq.ParquetWriter(file, table.schema, compression="zstd")
        if frame.height:
            writer.write_table(table.cast(writer.schema))
        rows += frame.height
    if writer is not None:
        if about is not None:
            writer.add_key_value_metadata(_metadata(about, rows))
        writer.close()
    return rows


def _metadata(about: About, rows: int) -> dict[str, str]:
    columns = [column._asdict() for column in about.columns]
    return {
        PROVENANCE: json.dumps(dict(about.lines(rows)), ensure_ascii=False),
        DICTIONARY: json.dumps(columns, ensure_ascii=False),
    }
