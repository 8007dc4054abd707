"""Rows as XML: what XlsxWriter writes of the same values, byte for byte."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from app.export import markup, sheet
from app.export.sheet import Kind

STYLES = {Kind.DATE: 1, Kind.TIME: 2, Kind.DATETIME: 3}
NUMBER_FORMATS = ("yyyy", "hh", "yyyy hh")


class Exactly(float):
    """A float that XlsxWriter writes with all its digits."""

    def __format__(self, spec: str) -> str:
        return repr(self)


def by_xlsxwriter(frame: pl.DataFrame) -> str:
    """The rows of a frame as XlsxWriter writes them from the second on."""
    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        formats = [book.add_format({"num_format": one}) for one in NUMBER_FORMATS]
        for one in formats:
            one._get_xf_index()
        page = book.add_worksheet()
        cells = sheet.rows(frame).cells
        for n in range(frame.height):
            for one in cells:
                value: Any = one.values[n]
                style = formats[STYLES[one.kind] - 1] if one.kind in STYLES else None
                if value is None:
                    continue
                if one.kind is Kind.TEXT:
                    page.write_string(n + 1, one.column, value)
                elif one.kind is Kind.FLAG:
                    page.write_boolean(n + 1, one.column, value)
                else:
                    exact = Exactly(value) if isinstance(value, float) else value
                    page.write_number(n + 1, one.column, exact, style)
    with zipfile.ZipFile(file) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    return xml.partition("<sheetData>")[2].partition("</sheetData>")[0]


def test_every_kind_of_cell() -> None:
    frame = pl.DataFrame({
        "text": ["=1+1", "a & <b> \"c\"", " spaced", "tab\t", "line\nbreak", "_x000D_", None, ""],
        "int": [0, -1, 2**53, 2**53 + 1, None, 7, None, None],
        "float": [0.1, -0.0, 1e-5, 1e16, 123456789.123456789, 1e300, None, float("nan")],
        "flag": [True, False, None, True, True, False, None, None],
        "date": [date(2024, 2, 29), date(1899, 1, 1), None, date(1900, 3, 1), None, None, None,
                 None],
        "time": [time(0), time(23, 59, 59, 999999), None, time(8, 15), None, None, None, None],
        "instant": [datetime(2024, 1, 1, 12, 30), None, None, None, None, None, None, None],
    })  # fmt: skip
    wanted = by_xlsxwriter(frame)
    assert markup.rows(sheet.rows(frame), 2, STYLES) == wanted
    assert '<row r="8">' not in wanted, "a row without a cell is left out"
    assert "_x005F_x000D_" in wanted
    assert "<v>1e-05</v>" in wanted


def test_columns_beyond_z() -> None:
    frame = pl.DataFrame({f"c{n}": [n] for n in range(800)})
    made = markup.rows(sheet.rows(frame), 2, STYLES)
    assert made == by_xlsxwriter(frame)
    assert '<c r="ADT2"><v>799</v></c></row>' in made


TEXTS = st.lists(st.none() | st.text(max_size=8), min_size=1, max_size=6)
FLOATS = st.floats(allow_nan=True, allow_infinity=True)


@settings(deadline=None)
@given(TEXTS, st.lists(st.none() | FLOATS, min_size=6, max_size=6))
def test_odd_texts_and_numbers(texts: list[str | None], floats: list[float | None]) -> None:
    frame = pl.DataFrame({
        "t": pl.Series(texts, dtype=pl.String).cast(pl.String),
        "f": pl.Series(floats[: len(texts)], dtype=pl.Float64),
    })  # fmt: skip
    # XlsxWriter takes such a text for XML of its own; here it stays text.
    if not any(t and t.startswith("<r>") and t.endswith("</r>") for t in texts):
        assert markup.rows(sheet.rows(frame), 2, STYLES) == by_xlsxwriter(frame)
