"""Frames to files that other programs read, by the export rules of the product.

``FORMATS`` is the registry: a format is a suffix, a MIME type and a function that writes frames
into a file while they come. Which rows they are is said by a ``Selection``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import BinaryIO, NamedTuple

import polars as pl

from app.export import csv, json, parquet, xlsx
from app.export.about import About

Writer = Callable[[Iterable[pl.DataFrame], BinaryIO, About | None], int]


class Format(NamedTuple):
    """A kind of file: what its name ends with, its MIME type, whether a terminal can show it, and
    what writes it and gives the number of rows."""

    suffix: str
    mime: str
    is_text: bool
    write: Writer


FORMATS: dict[str, Format] = {
    "csv": Format("csv", "text/csv", True, csv.write),
    "xlsx": Format(
        "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", False,
        xlsx.write,
    ),
    "parquet": Format("parquet", "application/vnd.apache.parquet", False, parquet.write),
    "json": Format("json", "application/json", True, json.write),
}  # fmt: skip

__all__ = ["FORMATS", "Format"]
