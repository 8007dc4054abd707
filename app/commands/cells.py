"""What a value looks like in a text file, decided by the type of its column.

Everything is exact and unambiguous: ISO 8601 for dates and times, JSON for lists, base64 for
bytes. UIDs and IDs are text in the lake and stay text.
"""

from __future__ import annotations

import re

import polars as pl

from app.export.flat import FORMULA


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns that a CSV file can hold: numbers as they are, the rest as text, NULL as NULL."""
    return frame.select(_flat_column(name, dtype) for name, dtype in frame.schema.items())


def for_csv(frame: pl.DataFrame) -> pl.DataFrame:
    """Flat columns, with a `'` before text that a spreadsheet would take for a formula.

    Names of columns as well, since those of a PIVOT are data; numbers, dates and lists are left
    alone, whatever they begin with.
    """
    texts = [pl.col(name) for name, dtype in frame.schema.items() if _is_text(dtype)]
    columns = flat(frame).with_columns(
        pl.when(text.str.contains(FORMULA)).then(pl.lit("'") + text).otherwise(text).name.keep()
        for text in texts
    )
    return columns.rename({name: f"'{name}" for name in frame.columns if re.match(FORMULA, name)})


def for_json(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns whose values JSON has: lists stay lists; NaN and infinities become null."""
    return frame.select(_json_column(name, dtype) for name, dtype in frame.schema.items())


def _is_text(dtype: pl.DataType) -> bool:
    return isinstance(dtype, (pl.String, pl.Categorical, pl.Enum))


def _flat_column(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, (pl.List, pl.Array, pl.Struct)):
        wrapped = pl.struct(column.alias("v")).struct.json_encode()
        text = wrapped.str.slice(len('{"v":')).str.head(-1)
        return pl.when(column.is_not_null()).then(text).alias(name)
    return _scalar(name, dtype)


def _json_column(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Decimal):
        # A sum of whole numbers is a HUGEINT in DuckDB, which arrives as a Decimal without a scale.
        return pl.col(name).cast(pl.Int128 if dtype.scale == 0 else pl.Float64)
    return _scalar(name, dtype)


def _scalar(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if _is_text(dtype):
        return column.cast(pl.String)
    if isinstance(dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if dtype.time_zone else ""))
    if isinstance(dtype, (pl.Date, pl.Time, pl.Duration)):
        return column.dt.to_string("iso")
    if isinstance(dtype, pl.Binary):
        return column.bin.encode("base64")
    return column
