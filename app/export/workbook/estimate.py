"""How large a workbook will be and how long it takes, before anything of it is asked or written.

Measured with ``python -m bench.workbook --whole``. A cell without a value costs next to nothing, so
what counts are the columns of a row's own template, not those that other modalities add.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.export import sheet as limits
from app.export.workbook.make import Sheet
from app.export.xlsx import MAX_BYTES

FILE_BYTES, XML_BYTES = 6, 46
"""Of a cell, compressed and as it is."""
SECONDS = 2.2e-6
"""For a cell, on one core of the machine of README's figures."""
EMPTY = 20_000
"""Bytes of a workbook without rows."""


def size(sheets: Iterable[Sheet]) -> float:
    """Bytes of the file."""
    return EMPTY + FILE_BYTES * sum(one.cells for one in sheets)


def seconds(sheets: Iterable[Sheet]) -> float:
    """Until the file is there."""
    return 1 + SECONDS * sum(one.cells for one in sheets)


def pages(sheet: Sheet) -> int:
    """How many sheets of Excel the rows of a sheet take."""
    by_rows = -(-sheet.rows // limits.MAX_ROWS)
    by_bytes = -(-sheet.cells * XML_BYTES // MAX_BYTES)
    return max(by_rows, by_bytes, 1)
