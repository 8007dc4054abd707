"""Amounts as dashboards write them: parts of a whole, and numbers with the digits they have."""

from __future__ import annotations

from app.i18n import Texts

NOTHING = "–"


def part_of(t: Texts, n: int, total: int) -> str:
    """A part of a whole: 12 / 30 (40 %)."""
    return f"{t.number(n)} / {t.number(total)}" + (f" ({percent(t, n, total)})" if total else "")


def percent(t: Texts, n: int, total: int) -> str:
    """A share of a whole that is not empty; what rounds to 0 or 100 without being it says so."""
    share = 100 * n / total
    if n and share < 0.5:
        return "< 1 %"
    return "> 99 %" if n < total and share >= 99.5 else f"{t.number(share)} %"


def figure(t: Texts, value: float | None, digits: int = 4) -> str:
    """A number with the digits that it has, at most so many significant ones; – for none."""
    if value is None:
        return NOTHING
    text = f"{value:.{digits}g}"
    if "e" in text:
        return t.number(value)
    return t.number(float(text), len(text.partition(".")[2]))
