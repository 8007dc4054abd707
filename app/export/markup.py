"""The cells of a sheet as XML (ECMA-376 part 1, 18.3.1), whole columns at a time.

XlsxWriter makes a call for each of the seven million cells of 100,000 rows, which takes half a
minute; Polars joins the same texts in seconds. What comes out is what XlsxWriter would write, byte
for byte.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped]

from app.export.sheet import Cells, Kind, Rows

ROW = "row"
ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
CONTROL = "(_x[0-9a-fA-F]{4}_)"
"""How a cell writes a control character; text that only looks like it is told apart by `_x005F`."""
USUAL = (1e-4, 1e16)
"""Polars writes numbers from the first to below the second as Python does, others differently."""


def rows(made: Rows, first: int, styles: Mapping[Kind, int]) -> str:
    """The `<row>` elements of rows, those without a cell left out.

    ``first`` is the number of the first row, from 1; ``styles`` are indices of formats.
    """
    if not made.cells:
        return ""
    numbers = pl.Series(ROW, range(first, first + made.height), pl.UInt32).cast(pl.String)
    texts = pl.DataFrame([numbers, *(_text(one).alias(f"{n}") for n, one in enumerate(made.cells))])
    cells = [_cell(f"{n}", one, styles) for n, one in enumerate(made.cells)]
    row = pl.concat_str(pl.lit('<row r="'), ROW, pl.lit('">'), "cells", pl.lit("</row>"))
    found = texts.lazy().select(ROW, pl.concat_str(cells, ignore_nulls=True).alias("cells"))
    found = found.filter(pl.col("cells") != "").select(row.str.join(""))
    # Without the optimiser, which for 500 columns takes longer than the work.
    return str(found.collect(optimizations=pl.QueryOptFlags.none()).item())


def _cell(name: str, cells: Cells, styles: Mapping[Kind, int]) -> pl.Expr:
    """The `<c>` elements of a column, NULL where there is none."""
    opened = f'<c r="{xl_col_to_name(cells.column)}'
    style = f' s="{styles[cells.kind]}"' if cells.kind in styles else ""
    before, after = {
        Kind.TEXT: (f'"{style} t="inlineStr"><is><t', "</t></is></c>"),
        Kind.FLAG: (f'"{style} t="b"><v>', "</v></c>"),
    }.get(cells.kind, (f'"{style}><v>', "</v></c>"))
    return pl.concat_str(pl.lit(opened), ROW, pl.lit(before), name, pl.lit(after))


def _text(cells: Cells) -> pl.Series:
    values = cells.values
    if cells.kind is Kind.TEXT:
        return _escaped(values)
    if values.dtype.is_float():
        return _exact(values)
    return (values.cast(pl.Int8) if values.dtype == pl.Boolean else values).cast(pl.String)


def _escaped(texts: pl.Series) -> pl.Series:
    """Texts with the end of the tag before them, which says where white space is to be kept."""
    if texts.str.contains_any([*ESCAPED, "_x"]).any():
        texts = texts.str.replace_all(CONTROL, "_x005F${1}")
        for letter, name in ESCAPED.items():
            texts = texts.str.replace_all(letter, name, literal=True)
    text = pl.col(texts.name)
    spaced = text.str.contains(r"^\s|\s$")
    tag = pl.when(spaced).then(pl.lit(' xml:space="preserve">')).otherwise(pl.lit(">"))
    return texts.to_frame().select(tag + text).to_series()


def _exact(values: pl.Series) -> pl.Series:
    """Numbers with as many digits as tell them apart from all others."""
    size = values.abs()
    unusual = ((size > 0) & (size < USUAL[0])) | (size >= USUAL[1])
    texts = values.cast(pl.String)
    if not unusual.any():
        return texts
    known = values.filter(unusual).unique()
    as_python = values.replace_strict(
        known, pl.Series(map(repr, known)), default=None, return_dtype=pl.String
    )
    return as_python.zip_with(unusual.fill_null(False), texts)
