"""CSV: UTF-8, commas, a header line; NULL is empty, and empty text is `""`.

Text that a spreadsheet would take for a formula has a `'` before it; lists are joined by `\\`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

import polars as pl

from app.export.about import About
from app.export.cells import for_csv


def write(frames: Iterable[pl.DataFrame], file: BinaryIO, about: About | None = None) -> int:
    """Writes the frames, the first of which is there even without rows; returns the rows."""
    rows = 0
    for number, frame in enumerate(frames):
        if number == 0 or frame.height:
            # Through Python, as Polars would not tell a closed pipe from other troubles.
            file.write(for_csv(frame).write_csv(include_header=number == 0).encode())
        rows += frame.height
    return rows
