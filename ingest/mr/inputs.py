"""What a frame of series holds, in the types the rules expect, whatever types it came in.

A missing column is a column of NULL; a value that is not what it should be is NULL.  A column of a
type that cannot be read at all (binary, a record) is as good as missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from ingest.different import FEW, MOST_DIFFERENT

NUMERIC = (
    pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64,
    pl.Float32, pl.Float64, pl.Decimal, pl.Boolean,
)  # fmt: skip
TEXTUAL = (pl.String, pl.Categorical, pl.Enum)
LISTS = (pl.List, pl.Array)
SEPARATOR = "\\"
OF_A_LIST = r"^\s*[\[(]+|[\])]+\s*$|['\"]"
"""What the text of a Python list has around its values."""
LARGEST = 1e12
SPLIT_AT = r"\\|,\s*"
MAX_TEXT = 1024
"""Characters of a text that are looked at: an LO, SH or CS of many values has less."""


def nothing(name: str, height: int, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """A column of NULL."""
    return pl.Series(name, [None], dtype).new_from_index(0, height)


def _given(frame: pl.DataFrame, name: str) -> pl.Series | None:
    """The column ``name``; None where it is missing, or has no value."""
    if name not in frame.columns:
        return None
    column = frame.get_column(name)
    return None if column.null_count() == column.len() else column


def text(frame: pl.DataFrame, name: str) -> pl.Series:
    """Column ``name`` as text: several values joined by a backslash, blank text is NULL."""
    column = _given(frame, name)
    if column is None:
        return nothing(name, frame.height, pl.String)
    dtype = column.dtype
    if isinstance(dtype, LISTS):
        made = _joined(column)
    elif isinstance(dtype, TEXTUAL):
        made = column.cast(pl.String)
    elif isinstance(dtype, NUMERIC) or dtype.is_temporal():
        made = column.cast(pl.String, strict=False)
    else:
        return nothing(name, frame.height, pl.String)
    made = made.str.head(MAX_TEXT).str.strip_chars(" \t\r\n\0")
    return made.to_frame(name).select(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name))[
        name
    ]


def _joined(column: pl.Series) -> pl.Series:
    column = _as_list(column)
    inner = column.dtype.inner  # type: ignore[attr-defined]
    if isinstance(inner, LISTS) or not (
        isinstance(inner, (*TEXTUAL, *NUMERIC)) or inner.is_temporal()
    ):
        return nothing(column.name, column.len(), pl.String)
    return column.cast(pl.List(pl.String)).list.join(SEPARATOR, ignore_nulls=True)


def _as_list(column: pl.Series) -> pl.Series:
    return column.arr.to_list() if isinstance(column.dtype, pl.Array) else column


def elements(frame: pl.DataFrame, *names: str) -> pl.Series:
    r"""The values of the first of ``names`` that has one, as ``\ONE\TWO\`` in capitals.

    So an element is found whole, as ``\TWO\``, and never as a part of another.
    """
    column = nothing("", frame.height, pl.String)
    for name in names:
        if name in frame.columns:
            column = (
                column.to_frame("a")
                .with_columns(b=text(frame, name))
                .select(pl.coalesce("a", "b").alias(""))[""]
            )
    if column.null_count() == column.len():
        return column.alias(names[0])
    return once(column, _as_elements).alias(names[0])


def _as_elements(column: pl.Series) -> pl.Series:
    inner = (
        column.str.to_uppercase()
        .str.replace_all(OF_A_LIST, "")
        .str.replace_all(r"\s*(?:\\|,\s)\s*", SEPARATOR)
        .str.strip_chars(" ")
    )
    return SEPARATOR + inner + SEPARATOR


def number(frame: pl.DataFrame, name: str) -> pl.Series:
    """Column ``name`` as numbers, the first of several; NULL for what is none or not finite."""
    column = _given(frame, name)
    if column is None:
        return nothing(name, frame.height, pl.Float64)
    dtype = column.dtype
    if isinstance(dtype, LISTS):
        column = numbers(frame, name).list.get(0, null_on_oob=True)
    elif isinstance(dtype, NUMERIC):
        column = column.cast(pl.Float64, strict=False)
    elif isinstance(dtype, TEXTUAL):
        first = text(frame, name).str.replace_all(OF_A_LIST, "").str.extract(r"^([^\\,]+)", 1)
        column = first.str.strip_chars(" ").cast(pl.Float64, strict=False)
    else:
        return nothing(name, frame.height, pl.Float64)
    return _finite(column.alias(name))


def _finite(column: pl.Series) -> pl.Series:
    name = column.name
    return column.to_frame(name).select(
        pl.when(pl.col(name).is_finite() & (pl.col(name).abs() < LARGEST)).then(pl.col(name))
    )[name]


def numbers(frame: pl.DataFrame, name: str) -> pl.Series:
    """Column ``name`` as lists of finite numbers; NULL where there is none."""
    empty = nothing(name, frame.height, pl.List(pl.Float64))
    column = _given(frame, name)
    if column is None:
        return empty
    if isinstance(column.dtype, LISTS):
        column = _as_list(column)
        inner = column.dtype.inner  # type: ignore[attr-defined]
        if not isinstance(inner, (*NUMERIC, *TEXTUAL)):
            return empty
        if not isinstance(inner, pl.Float64):
            if isinstance(inner, TEXTUAL):
                column = column.cast(pl.List(pl.String))
            column = column.cast(pl.List(pl.Float64), strict=False)
    elif isinstance(column.dtype, TEXTUAL):
        parts = (
            text(frame, name).str.replace_all(OF_A_LIST, "").str.replace_all(SPLIT_AT, SEPARATOR)
        )
        column = parts.str.split(SEPARATOR).cast(pl.List(pl.Float64), strict=False)
    elif isinstance(column.dtype, NUMERIC):
        column = column.cast(pl.Float64, strict=False).reshape((-1, 1)).arr.to_list()
    else:
        return empty
    if column.null_count() == column.len():
        return empty
    kept = pl.element().is_finite() & (pl.element().abs() < LARGEST)
    return column.alias(name).list.eval(pl.element().filter(kept))


def distinct_numbers(frame: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """All different finite numbers in the columns ``names``, ascending; NULL if there is none."""
    present = [numbers(frame, name) for name in names if name in frame.columns]
    present = [column for column in present if column.null_count() < column.len()]
    if not present:
        return nothing(names[0], frame.height, pl.List(pl.Float64))
    long = pl.concat(
        column.alias("value").to_frame().with_row_index("row")
        .filter(pl.col("value").list.len() > 0).explode("value", empty_as_null=False)
        for column in present
    ).filter(pl.col("value").is_not_null())  # fmt: skip
    if len(present) > 1 or long["row"].n_unique() < long.height:
        long = long.unique().sort("row", "value")
    lists = long.group_by("row", maintain_order=True).agg("value")
    rows = pl.DataFrame({"row": pl.int_range(frame.height, dtype=pl.UInt32, eager=True)})
    return rows.join(lists, on="row", how="left", maintain_order="left")["value"].alias(names[0])


def once(column: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """``change`` of ``column``, worked out once for each different text."""
    name = column.name
    if column.len() <= FEW:
        return change(column).alias(name)
    about = column.to_frame("text").select(pl.col("text").approx_n_unique()).item()
    if about > column.len() * MOST_DIFFERENT:
        return change(column).alias(name)
    different = column.unique()
    made = different.to_frame("text").with_columns(made=change(different))
    found = column.to_frame("text").join(
        made, on="text", how="left", nulls_equal=True, maintain_order="left"
    )
    return found["made"].alias(name)


def moment(frame: pl.DataFrame, *names: str) -> pl.Series:
    """Seconds since midnight or 1970 of the first of ``names`` that has a value.

    Times, dates with times, DICOM's ``HHMMSS.FFFFFF`` and numbers of that form are read.
    """
    made = nothing("moment", frame.height, pl.Float64)
    for name in names:
        if name in frame.columns:
            made = (
                made.to_frame("a")
                .with_columns(b=_seconds(frame, name))
                .select(pl.coalesce("a", "b").alias("moment"))["moment"]
            )
    return made


def _seconds(frame: pl.DataFrame, name: str) -> pl.Series:
    column = frame.get_column(name)
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.epoch("us").cast(pl.Float64) / 1e6
    if isinstance(column.dtype, pl.Date):
        return column.cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64) / 1e6
    if isinstance(column.dtype, pl.Time):
        return column.cast(pl.Int64).cast(pl.Float64) / 1e9
    raw = text(frame, name).to_frame("t")
    digits = pl.col("t").str.replace_all(":", "").str.strip_chars(" ")
    clock = digits.str.extract(r"^(\d{1,6})(?:\.\d*)?$", 1).str.zfill(6)
    parts = [clock.str.slice(i, 2).cast(pl.Float64, strict=False) for i in (0, 2, 4)]
    fraction = digits.str.extract(r"(\.\d+)$", 1).cast(pl.Float64, strict=False).fill_null(0.0)
    return raw.select(t=parts[0] * 3600 + parts[1] * 60 + parts[2] + fraction)["t"]
