"""Excel: one sheet per million rows, text as text, real dates and numbers, a frozen header.

Every text cell is typed as a string, so nothing is a formula and UIDs keep their zeros.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import polars as pl
from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # type: ignore[import-untyped]
from openpyxl.styles import Font  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from app.export.flat import flattened

MAX_ROWS = 1_048_575  # of a sheet, less its header
MAX_TEXT = 32_767
CUT = " [cut]"
EXACT = 2**53  # Excel keeps numbers as doubles


def write_excel(frame: pl.DataFrame) -> bytes:
    """The frame as a workbook; rows that a sheet can't hold go to further ones."""
    flat = flattened(frame)
    book = Workbook(write_only=True)
    for n, start in enumerate(range(0, max(flat.height, 1), MAX_ROWS)):
        sheet = book.create_sheet("Data" if n == 0 else f"Data {n + 1}")
        part = flat.slice(start, MAX_ROWS)
        sheet.freeze_panes = "A2"
        for number, name in enumerate(part.columns, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = _width(part, name)
        sheet.append([_cell(sheet, name, bold=True) for name in part.columns])
        for row in _rows(part):
            sheet.append([_cell(sheet, value) for value in row])
        last = get_column_letter(max(part.width, 1))
        sheet.auto_filter.ref = f"A1:{last}{part.height + 1}"
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _rows(frame: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    return frame.iter_rows()


def _cell(sheet: Any, value: Any, bold: bool = False) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > EXACT:
        value = str(value)
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        value = str(value)
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    if not text:
        return None
    if len(text) > MAX_TEXT:
        text = text[: MAX_TEXT - len(CUT)] + CUT
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _width(frame: pl.DataFrame, name: str) -> float:
    """Wide enough for most of the first rows, within reason."""
    longest = frame[name].head(200).cast(pl.String).str.len_chars().quantile(0.9) or 0
    return float(min(max(longest, len(name), 6) + 2, 50))
