"""What a sheet of Excel holds: a frame's columns as cells whose kind the column's type decides.

Never what a text looks like: UIDs and IDs keep their zeros and nothing becomes a formula. What
Excel has no exact form for stays text: whole numbers beyond 2**53, NaN, days before March 1900.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import Enum, auto
from typing import NamedTuple

import polars as pl

from app.export.cells import ONE, SEVERAL, flat_column, is_varying

MAX_ROWS = 1_048_575  # of a sheet, less its header
MAX_COLUMNS = 16_384
MAX_TEXT = 32_767
CUT = " [cut]"
EXACT = 2**53  # Excel keeps numbers as doubles
FIRST_DAY, LAST_DAY = date(1900, 3, 1), date(9999, 12, 31)
"""Earlier days are off by one in Excel, which counts a 29 February 1900; later ones it has not."""
DAY_ZERO = 25_569  # 1970-01-01 counted from 1899-12-30
MICROSECONDS = 86_400 * 10**6

FORBIDDEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
"""What XML 1.0 has no way to write."""


class Kind(Enum):
    """How a cell is written and shown; dates and times are numbers of days."""

    TEXT = auto()
    FLAG = auto()
    NUMBER = auto()
    DATE = auto()
    DATETIME = auto()
    TIME = auto()


class Cells(NamedTuple):
    """The cells of a column that are of one kind: a value a row, None where a cell is not."""

    column: int
    kind: Kind
    values: pl.Series


class Rows(NamedTuple):
    """Some rows: their cells, and how many of them had to be cut."""

    height: int
    cells: list[Cells]
    cut: int


def rows(frame: pl.DataFrame) -> Rows:
    """The rows of a frame as cells."""
    frame, places = _apart(frame)
    texts, cut = _texts(frame)
    columns = [texts[c.name] if c.name in texts.columns else c for c in frame]
    asked = [one for n, c in zip(places, frame, strict=True) for one in _cells(n, c.name, c.dtype)]
    found = _plainly(
        pl.DataFrame(columns), [value.alias(str(n)) for n, (_, _, value) in enumerate(asked)]
    )
    cells = [
        Cells(column, kind, values)
        for (column, kind, _), values in zip(asked, found, strict=True)
        if values.null_count() < frame.height
    ]
    return Rows(frame.height, cells, cut)


def _apart(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
    """A column for either kind of what may be one value or several; the place of each column."""
    varying = [name for name, dtype in frame.schema.items() if is_varying(dtype)]
    if not varying:
        return frame, list(range(frame.width))
    made: list[pl.Series] = []
    places: list[int] = []
    for place, column in enumerate(frame):
        fields = (ONE, SEVERAL) if column.name in varying else ("",)
        made += [
            column.struct.field(one).alias(f"{place} {one}") if one else column.alias(f"{place}")
            for one in fields
        ]
        places += [place] * len(fields)
    return pl.DataFrame(made), places


def header(frame: pl.DataFrame) -> Rows:
    """The names of the columns, which are data where a PIVOT made them."""
    return rows(pl.DataFrame({str(n): [name] for n, name in enumerate(frame.columns)}))


def widths(frame: pl.DataFrame) -> list[float]:
    """Wide enough for most of the first rows, within reason."""
    shown = frame.head(200).select(
        flat_column(n, t).cast(pl.String) for n, t in frame.schema.items()
    )
    longest = shown.select(pl.all().str.len_chars().quantile(0.9)).row(0)
    return [
        float(min(max(most or 0, len(name), 6) + 2, 50))
        for most, name in zip(longest, frame.columns, strict=True)
    ]


class _Number(NamedTuple):
    """A column as numbers of Excel, and where they fit."""

    kind: Kind
    value: pl.Expr
    fits: pl.Expr


def _number(column: pl.Expr, dtype: pl.DataType) -> _Number | None:
    """None for columns that are text."""
    if dtype == pl.Boolean:
        return _Number(Kind.FLAG, column, column.is_not_null())
    if dtype.is_integer():
        return _Number(Kind.NUMBER, column, column.is_between(-EXACT, EXACT))
    if isinstance(dtype, pl.Decimal):
        return _Number(Kind.NUMBER, column.cast(pl.Float64), column.is_between(-EXACT, EXACT))
    if dtype.is_float():
        return _Number(Kind.NUMBER, column.cast(pl.Float64), column.is_finite())
    if dtype == pl.Date:
        days = column.cast(pl.Int32) + DAY_ZERO
        return _Number(Kind.DATE, days, column.is_between(FIRST_DAY, LAST_DAY))
    if isinstance(dtype, pl.Datetime):
        instant = column.cast(pl.Datetime("us"))
        days = instant.cast(pl.Int64) / MICROSECONDS + DAY_ZERO
        return _Number(Kind.DATETIME, days, instant.dt.date().is_between(FIRST_DAY, LAST_DAY))
    if dtype == pl.Time:
        days = column.cast(pl.Int64) / (MICROSECONDS * 1000)
        return _Number(Kind.TIME, days, column.is_not_null())
    return None


def _cells(number: int, name: str, dtype: pl.DataType) -> Iterator[tuple[int, Kind, pl.Expr]]:
    """What cells a column may have: text, or numbers with text where one would not be exact."""
    column = pl.col(name)
    written = _number(column, dtype)
    if written is None:
        yield number, Kind.TEXT, pl.when(column != "").then(column)
    else:
        text = flat_column(name, dtype).cast(pl.String)
        yield number, written.kind, pl.when(written.fits).then(written.value)
        yield number, Kind.TEXT, pl.when(~written.fits).then(text)


def _texts(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The columns that are text, none longer than a cell, and how many had to be cut."""
    texts = _plainly(
        frame,
        [
            _clean(flat_column(name, dtype).cast(pl.String)).alias(name)
            for name, dtype in frame.schema.items()
            if _number(pl.col(name), dtype) is None
        ],
    )
    longest = _each(texts, pl.all().str.len_bytes().max())
    cut = 0
    for name, length in zip(texts.columns, longest, strict=True):
        if length > MAX_TEXT:
            long = _utf16_length(pl.col(name)) > MAX_TEXT
            cut += texts.select(long.sum()).item()
            texts = texts.with_columns(
                pl.when(long).then(_shortened(pl.col(name))).otherwise(pl.col(name)).alias(name)
            )
    return texts, cut


def _each(frame: pl.DataFrame, question: pl.Expr) -> tuple[int, ...]:
    """A number a column."""
    return _plainly(frame, [question.fill_null(0)]).row(0) if frame.width else ()


def _plainly(frame: pl.DataFrame, expressions: list[pl.Expr]) -> pl.DataFrame:
    """A selection without Polars' optimiser, which for 500 columns takes longer than the work."""
    return frame.lazy().select(expressions).collect(optimizations=pl.QueryOptFlags.none())


def _clean(text: pl.Expr) -> pl.Expr:
    """Without the characters that a cell can't have."""
    return text.str.replace_all(FORBIDDEN, "").str.replace_all("\r\n?", "\n")


def _utf16_length(text: pl.Expr) -> pl.Expr:
    return text.str.len_chars() + text.str.count_matches("[\U00010000-\U0010ffff]")


def _shortened(text: pl.Expr) -> pl.Expr:
    """As much as fits for certain, with a mark at its end: Excel counts rare characters twice."""
    room = MAX_TEXT - len(CUT)
    rare = text.str.len_chars() < _utf16_length(text)
    return text.str.head(pl.when(rare).then(room // 2).otherwise(room)) + CUT
