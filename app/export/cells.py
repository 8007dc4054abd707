"""What a value looks like in a file, decided by the type of its column.

Everything is exact: ISO 8601 for dates and times, base64 for bytes. Where a format has no lists,
several values become one text joined by a backslash, as DICOM joins them (PS3.5 6.4); what has no
such form (lists of lists, records) is JSON. UIDs and IDs are text in the lake and stay text.
"""

from __future__ import annotations

import re

import polars as pl
from polars._typing import PolarsDataType

FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
"""Text that a spreadsheet might take for a formula (OWASP, CSV injection; full-width forms too)."""

WHOLE = 2**63 - 1
JOINED = "\\"
ONE, SEVERAL = "one", "several"
"""Fields of a column whose values may be one, of its own type, or several joined to a text."""


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns without lists: numbers and truth values as they are, the rest text, NULL as NULL."""
    return frame.select(flat_column(name, dtype) for name, dtype in frame.schema.items())


def flat_column(name: str, dtype: pl.DataType) -> pl.Expr:
    """One column, flat."""
    if isinstance(dtype, pl.Array):
        return _joined(pl.col(name).arr.to_list(), dtype.inner, name)
    if isinstance(dtype, pl.List):
        return _joined(pl.col(name), dtype.inner, name)
    if is_varying(dtype):
        one = pl.col(name).struct.field(ONE).cast(pl.String)
        return pl.coalesce(pl.col(name).struct.field(SEVERAL), one).alias(name)
    if isinstance(dtype, pl.Struct):
        return _json(pl.col(name)).alias(name)
    return _scalar(pl.col(name), dtype).alias(name)


def is_varying(dtype: pl.DataType) -> bool:
    """Whether a column holds one value or several, as records with the fields ONE and SEVERAL."""
    return isinstance(dtype, pl.Struct) and [one.name for one in dtype.fields] == [ONE, SEVERAL]


def for_csv(frame: pl.DataFrame) -> pl.DataFrame:
    """Flat columns, with a `'` before text that a spreadsheet would take for a formula.

    Names of columns as well, since those of a PIVOT are data; numbers, dates and lists of them are
    left alone, whatever they begin with.
    """
    texts = [pl.col(name) for name, dtype in frame.schema.items() if is_text(dtype)]
    columns = flat(frame).with_columns(
        pl.when(text.str.contains(FORMULA)).then(pl.lit("'") + text).otherwise(text).name.keep()
        for text in texts
    )
    return columns.rename({name: f"'{name}" for name in frame.columns if re.match(FORMULA, name)})


def for_json(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns whose values JSON has: lists stay lists; NaN and infinities become null."""
    return frame.select(_json_column(name, dtype) for name, dtype in frame.schema.items())


def is_text(dtype: pl.DataType) -> bool:
    """Whether a column holds text, or lists of text."""
    if isinstance(dtype, (pl.List, pl.Array)):
        return is_text(_type(dtype.inner))
    return isinstance(dtype, (pl.String, pl.Categorical, pl.Enum))


def _joined(column: pl.Expr, inner: PolarsDataType, name: str) -> pl.Expr:
    dtype = _type(inner)
    if isinstance(dtype, (pl.List, pl.Array, pl.Struct)):
        return _json(column).alias(name)
    value = _scalar(pl.element(), dtype).cast(pl.String).fill_null("")
    return column.list.eval(value).list.join(JOINED).alias(name)


def _json(column: pl.Expr) -> pl.Expr:
    wrapped = pl.struct(column.alias("v")).struct.json_encode()
    return pl.when(column.is_not_null()).then(wrapped.str.slice(len('{"v":')).str.head(-1))


def _json_column(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Decimal):
        # A sum of whole numbers is a HUGEINT in DuckDB, which arrives as a Decimal without a scale.
        return pl.col(name).cast(pl.Int128 if dtype.scale == 0 else pl.Float64)
    return _scalar(pl.col(name), dtype).alias(name)


def _scalar(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if is_text(dtype) and not isinstance(dtype, (pl.List, pl.Array)):
        return column.cast(pl.String)
    if isinstance(dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if dtype.time_zone else ""))
    if isinstance(dtype, (pl.Date, pl.Time, pl.Duration)):
        return column.dt.to_string("iso")
    if isinstance(dtype, pl.Binary):
        return column.bin.encode("base64")
    return column


def _type(inner: PolarsDataType) -> pl.DataType:
    return inner if isinstance(inner, pl.DataType) else inner()
