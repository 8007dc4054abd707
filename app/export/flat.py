"""Cells for formats without lists: several values become one text, joined as DICOM joins them."""

from __future__ import annotations

import polars as pl

FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
"""Text that a spreadsheet might take for a formula (OWASP, CSV injection; full-width forms too)."""


def flattened(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with each list as text, its values joined by a backslash."""
    return frame.with_columns(
        pl.col(name).cast(pl.List(pl.String)).list.join("\\", ignore_nulls=True)
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.List)
    )
