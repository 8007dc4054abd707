"""Text and numbers as the types the schema declares (PS3.5 6.2).

A value that does not parse becomes NULL and is reported by the second result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

TEXT, NUMBER = pl.col("text"), pl.col("number")


class Typed(NamedTuple):
    """A column of the declared type, and which of its values did not parse."""

    values: pl.Series
    failed: pl.Series


def typed(frame: pl.DataFrame, dtype: pl.DataType) -> Typed:
    """The values of ``frame`` (columns ``text`` and ``number``) as ``dtype``."""
    value = CONVERSIONS[str(dtype)]()
    result = frame.select(value.cast(dtype).alias("value"), TEXT)
    values = result["value"]
    failed = values.is_null() & (result["text"] != "")
    if dtype in (pl.List(pl.Float64), pl.List(pl.Int64)):
        failed = failed | values.list.drop_nulls().list.len().lt(values.list.len())
    return Typed(values, failed.fill_null(False))


def date(text: pl.Expr) -> pl.Expr:
    """DA: ``YYYYMMDD``, or ``YYYY.MM.DD`` as ACR-NEMA wrote it."""
    compact = text.str.strip_chars().str.replace_all(r"^(\d{4})\.(\d{2})\.(\d{2})$", "$1$2$3")
    return pl.when(compact.str.contains(r"^\d{8}$")).then(
        compact.str.to_date("%Y%m%d", strict=False)
    )


TIME = r"^(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}))?)?)?$"


def _seconds(text: pl.Expr) -> pl.Expr:
    """Microseconds since midnight of a TM: ``HH[MM[SS[.F]]]``, with colons as ACR-NEMA wrote it.

    A leap second (SS = 60, which PS3.5 allows) counts as the end of its minute.
    """
    parts = text.str.strip_chars().str.extract_groups(TIME)
    hours = parts.struct.field("1").cast(pl.Int64, strict=False)
    minutes = parts.struct.field("2").cast(pl.Int64, strict=False).fill_null(0)
    seconds = parts.struct.field("3").cast(pl.Int64, strict=False).fill_null(0)
    fraction = parts.struct.field("4").str.pad_end(6, "0").cast(pl.Int64, strict=False).fill_null(0)
    leap = seconds == 60
    micros = (hours * 3600 + minutes * 60 + seconds) * 1_000_000 + fraction
    micros = pl.when(leap).then((hours * 60 + minutes + 1) * 60_000_000 - 1).otherwise(micros)
    valid = (hours < 24) & (minutes < 60) & (seconds <= 60)
    return pl.when(valid).then(micros)


def time(text: pl.Expr) -> pl.Expr:
    """TM as a time of day."""
    return (_seconds(text) * 1000).cast(pl.Time)


DATETIME = r"^(\d{4})(\d{2})?(\d{2})?(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?([+-]\d{4})?$"


def datetime(text: pl.Expr) -> pl.Expr:
    """DT as local date and time; missing parts are the first of their range.

    An offset from UTC stays in the element's text: the clock the scanner showed is what the other
    times of the header can be compared with.
    """
    parts = text.str.strip_chars().str.extract_groups(DATETIME)
    day = (
        parts.struct.field("1")
        + parts.struct.field("2").fill_null("01")
        + parts.struct.field("3").fill_null("01")
    ).str.to_date("%Y%m%d", strict=False)
    micros = _seconds(parts.struct.field("4").fill_null("00"))
    return day.cast(pl.Datetime("us")) + pl.duration(microseconds=micros)


def integer(text: pl.Expr, number: pl.Expr) -> pl.Expr:
    """Whole numbers; a decimal with nothing behind the point is one."""
    whole = text.str.strip_chars().cast(pl.Int64, strict=False)
    from_number = pl.when((number == number.floor()) & (number.abs() < 2**53)).then(number)
    return pl.coalesce(whole, from_number.cast(pl.Int64, strict=False))


def _first(text: pl.Expr) -> pl.Expr:
    return text.str.extract(r"^([^\\]*)", 1)


def _numbers(inner: pl.DataType) -> pl.Expr:
    parts = TEXT.str.split("\\").list.eval(
        pl.element().str.strip_chars().cast(pl.Float64, strict=False)
    )
    values = parts.list.eval(pl.when(pl.element().is_finite()).then(pl.element()))
    values = values.cast(pl.List(inner), strict=False)
    return pl.when((TEXT != "") & (values.list.drop_nulls().list.len() > 0)).then(values)


CONVERSIONS: dict[str, Callable[[], pl.Expr]] = {
    "String": lambda: pl.when(TEXT != "").then(TEXT),
    "Float64": lambda: NUMBER,
    "Int64": lambda: integer(_first(TEXT), NUMBER),
    "Date": lambda: date(_first(TEXT)),
    "Time": lambda: time(_first(TEXT)),
    "Datetime(time_unit='us', time_zone=None)": lambda: datetime(_first(TEXT)),
    "List(String)": lambda: pl.when(TEXT != "").then(TEXT.str.split("\\")),
    "List(Float64)": lambda: _numbers(pl.Float64()),
    "List(Int64)": lambda: _numbers(pl.Int64()),
}
