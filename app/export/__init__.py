"""Frames to files that other programs read, by the export rules of the product.

``FORMATS`` is the registry: a format is a suffix, a MIME type and a function from frame to bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from app.export.csv import write_csv
from app.export.excel import write_excel
from app.export.parquet import write_parquet


class Format(NamedTuple):
    """A kind of file: what its name ends with, what it is called in a download, how it is made."""

    suffix: str
    mime: str
    encode: Callable[[pl.DataFrame], bytes]


FORMATS: dict[str, Format] = {
    "csv": Format("csv", "text/csv", write_csv),
    "xlsx": Format(
        "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_excel
    ),
    "parquet": Format("parquet", "application/vnd.apache.parquet", write_parquet),
}

__all__ = ["FORMATS", "Format"]
