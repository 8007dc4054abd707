"""Rows as the lake gives them become rows as a sheet shows them.

Lists of what varies become one value of its own type, or a text where there are several; names of
files come from their paths, or from UIDs where paths are hidden; what scripts expect is there.
"""

from __future__ import annotations

import polars as pl

from app.export.cells import JOINED, ONE, SEVERAL, flat_column
from app.export.deidentify import Deidentifier
from app.export.workbook.columns import KEYS, PATHS, Plan, Planned

BETWEEN_LISTS = " | "
"""Between several values of an attribute whose values are lists themselves."""
WHOLE = frozenset(["IS", "SL", "SS", "UL", "US", "SV", "UV", "SQ"])
REAL = frozenset(["DS", "FL", "FD"])


def treated(frame: pl.DataFrame, treat: Deidentifier, plan: Plan) -> pl.DataFrame:
    """The frame without identity; what scripts expect stays, empty."""
    made = treat.apply(frame)
    missing = (one.read for one in plan.columns if one.stays and one.read in frame.columns)
    empty = [
        pl.Series(name, [None] * frame.height, frame.schema[name])
        for name in missing
        if name not in made.columns
    ]
    return made.with_columns(empty)


def finished(frame: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """The rows of a sheet, in the order of the plan, without what was read to make them."""
    there = frame.schema
    return frame.select(
        _file(one.name, PATHS[0] in there) if one.kind == "file" else _value(one, there[one.read])
        for one in plan.columns
        if one.kind == "file" or one.read in there
    )


def _value(one: Planned, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(one.read)
    if not isinstance(dtype, pl.List):
        return column.alias(one.name)
    if one.kind == "lists":
        return _varying(one.name, _parsed(column, one.vr), column.list.join(BETWEEN_LISTS))
    if one.kind == "element":
        return _varying(one.name, _parsed(column, one.vr), column.list.join(JOINED))
    several = flat_column(one.name, dtype)
    is_text = dtype.inner == pl.String or isinstance(dtype.inner, pl.List)
    return several if is_text else _varying(one.name, _only(column), several)


def _only(column: pl.Expr) -> pl.Expr:
    """The value of a list of one."""
    return pl.when(column.list.len() == 1).then(column.list.first())


def _varying(name: str, one: pl.Expr | None, several: pl.Expr) -> pl.Expr:
    if one is None:
        return several.alias(name)
    # A list without values is not there.
    text = pl.when(one.is_null()).then(several)
    return pl.struct(one.alias(ONE), text.alias(SEVERAL)).alias(name)


def _parsed(column: pl.Expr, vr: str) -> pl.Expr | None:
    """The one text of an element as what its VR holds; None where that is text."""
    text = _only(column)
    kinds = set(vr.split(" or "))
    if kinds & WHOLE and not kinds & REAL:
        return text.cast(pl.Int64, strict=False)
    if kinds & REAL:
        return text.cast(pl.Float64, strict=False)
    if vr == "DA":
        return text.str.to_date("%Y%m%d", strict=False)
    return None


def _file(name: str, paths: bool) -> pl.Expr:
    """The name of a file or folder: of its path, or made of UIDs."""
    if not paths:
        study, series, image, sample = (pl.col(key).fill_null("unknown") for key in KEYS)
        folder = pl.concat_str(study, series, separator="/")
        names = {
            "SeriesFolder": folder, "SampleFileName": sample + ".dcm",
            "dcm": pl.concat_str(folder, image, separator="/") + ".dcm",
        }  # fmt: skip
        return names.get(name, image + ".dcm").alias(name)
    path = pl.col(PATHS[1] if name == "SampleFileName" else PATHS[0])
    if name == "dcm":
        return path.alias(name)
    # Only a path of Windows has no slash.
    mark = pl.when(path.str.contains("/", literal=True)).then(pl.lit("/")).otherwise(pl.lit("\\"))
    last = path.str.split(mark).list.last()
    if name == "SeriesFolder":
        rest = path.str.len_chars().cast(pl.Int64) - last.str.len_chars().cast(pl.Int64) - 1
        return path.str.head(pl.when(rest > 0).then(rest).otherwise(0)).alias(name)
    return last.alias(name)
