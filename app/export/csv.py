"""CSV: UTF-8, comma, ISO dates; text that looks like a formula is prefixed with an apostrophe."""

from __future__ import annotations

import polars as pl

from app.export.flat import FORMULA, flattened


def write_csv(frame: pl.DataFrame) -> bytes:
    """The frame as CSV; numbers are left alone, so a negative number stays one."""
    text = pl.col(pl.String)
    safe = flattened(frame).with_columns(
        pl.when(text.str.contains(FORMULA)).then(pl.lit("'") + text).otherwise(text).name.keep()
    )
    return safe.write_csv(None, datetime_format="%Y-%m-%dT%H:%M:%S%.f").encode()
