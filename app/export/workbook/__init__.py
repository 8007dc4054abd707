"""The Excel workbook of a selection: its series by the templates of their modalities, and the rest.

``Workbook`` says what is in it, ``write`` makes the file, ``preview`` the first rows of a sheet.
"""

from __future__ import annotations

from app.export.workbook.make import count, prepared, preview, write
from app.export.workbook.record import DATA, SHEETS, Workbook

__all__ = ["DATA", "SHEETS", "Workbook", "count", "prepared", "preview", "write"]
