"""Answers as tables of a report: columns as pages call them, cells as they are read on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

import polars as pl

from app import columns
from app.dashboards.amounts import NOTHING, figure
from app.filters import MISSING
from app.i18n import Texts
from app.report.content import Rows

MOST_ROWS = 20
MOST_LETTERS = 120


def rows(
    t: Texts, frame: pl.DataFrame, names: Sequence[str] = (), title: str = "",
    *, most: int = MOST_ROWS, of: int | None = None,
) -> Rows:  # fmt: skip
    """The first rows of ``frame`` with these columns, without those that are empty throughout.

    ``of`` is how many rows there are in all, where ``frame`` has only the first of them.
    """
    shown = columns.worded(t, frame.head(most))
    there = [
        name for name in names or frame.columns
        if name in frame.columns and frame[name].null_count() < frame.height
    ]  # fmt: skip
    cells = [[cell(t, value) for value in row] for row in shown.select(there).iter_rows()]
    numbers = frozenset(n for n, name in enumerate(there) if frame.schema[name].is_numeric())
    more = max((frame.height if of is None else of) - len(cells), 0)
    return Rows(title, [columns.title(t, name) for name in there], cells, more, numbers)


def cell(t: Texts, value: Any) -> str:
    """A value as it is read."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return t("nuclear.yes" if value else "nuclear.no")
    if isinstance(value, int):
        return t.number(value)
    if isinstance(value, float):
        return figure(t, value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, (list, tuple)):
        return ", ".join(cell(t, one) for one in value) or NOTHING
    text = t("missing") if value == MISSING else " ".join(str(value).split())
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
