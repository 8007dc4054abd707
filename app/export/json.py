"""JSON: an array of records, one a line; lists as arrays, dates in ISO 8601, NaN as null."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

import polars as pl

from app.export.about import About
from app.export.cells import for_json


def write(frames: Iterable[pl.DataFrame], file: BinaryIO, about: About | None = None) -> int:
    """Writes the frames; returns the rows."""
    rows = 0
    file.write(b"[")
    for frame in frames:
        lines = for_json(frame).write_ndjson().encode().splitlines()
        for line in lines:
            file.write(b",\n" if rows else b"\n")
            file.write(line)
            rows += 1
    file.write(b"\n]\n")
    return rows
