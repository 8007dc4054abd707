"""Axes: from values to places, and the ticks that people read.

An axis is of numbers, of logarithms, of time, or of categories in order; which of them follows from
what Plotly is told, else from the values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from app.report.svg.words import plain

Kind = Literal["linear", "log", "date", "category"]
EPOCH = datetime(1970, 1, 1)
FIRST_DAY, LAST_DAY = ((day - EPOCH.date()).days for day in (date.min, date.max))
ROOM = 0.04
"""Left free at the ends of an axis of points, as a share."""
STEPS = (1, 2, 2.5, 5, 10)
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
DAYS = (1, 2, 7, 14)


@dataclass
class Axis:
    """An axis with its ends as numbers; ``ticks`` are places and labels."""

    kind: Kind
    low: float = 0.0
    high: float = 1.0
    names: list[str] = field(default_factory=list)
    ticks: list[tuple[float, str]] = field(default_factory=list)
    title: str = ""
    grid: bool = True

    def number(self, value: Any) -> float | None:
        """A value as a number on this axis; None for one that has no place."""
        if value is None:
            return None
        if self.kind == "category":
            name = str(value)
            return float(self.names.index(name)) if name in self.names else None
        if self.kind == "date":
            return days(value)
        found = _float(value)
        if found is None or (self.kind == "log" and found <= 0):
            return None
        return math.log10(found) if self.kind == "log" else found

    def share(self, number: float) -> float:
        """Where a number is between the two ends: 0 to 1 inside."""
        return (number - self.low) / ((self.high - self.low) or 1.0)


def days(value: Any) -> float | None:
    """A date or a time as days since 1970."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - EPOCH) / timedelta(days=1)
    if isinstance(value, date):
        return float((value - EPOCH.date()).days)
    if hasattr(value, "item"):  # numpy
        return days(value.item())
    return None


def kind_of(told: dict[str, Any], values: Sequence[Any]) -> Kind:
    """What an axis is of."""
    said = told.get("type")
    if said in ("linear", "log", "date", "category"):
        return said  # type: ignore[no-any-return]
    there = [value for value in values if value is not None]
    if there and all(isinstance(v, date) for v in there):
        return "date"
    if there and all(isinstance(v, str) for v in there):
        if all(_float(v) is None and days(v) is not None for v in there):
            return "date"
        return "category"
    return "linear"


def made(told: dict[str, Any], values: Sequence[Any]) -> Axis:
    """The axis for these values, without its ends."""
    title = told.get("title") or {}
    axis = Axis(
        kind_of(told, values),
        title=plain(title.get("text") or "") if isinstance(title, dict) else "",
        grid=told.get("showgrid") is not False,
    )  # fmt: skip
    if axis.kind == "category":
        order = [str(name) for name in told.get("categoryarray") or ()]
        axis.names = list(dict.fromkeys([*order, *(str(v) for v in values if v is not None)]))
    return axis


def fit(
    axis: Axis, told: dict[str, Any], numbers: Iterable[float], *, from_zero: bool, padded: bool
) -> None:
    """Give the axis its ends, as told or so that all numbers are between them, and its ticks."""
    there = [n for n in numbers if math.isfinite(n)]
    low, high = (min(there), max(there)) if there else (0.0, 1.0)
    if axis.kind == "category":
        low, high = -0.5, max(len(axis.names), 1) - 0.5
    elif axis.kind != "date" and axis.kind != "log" and from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        low, high = (low - 1, high + 1) if low or not from_zero else (0.0, 1.0)
    if padded and axis.kind != "category":
        more = (high - low) * ROOM
        low, high = (low if from_zero and low == 0 else low - more), high + more
    given = told.get("range")
    if isinstance(given, (list, tuple)) and len(given) == 2:
        first, last = (_end(axis, end) for end in given)
        low, high = low if first is None else first, high if last is None else last
    elif told.get("autorange") == "reversed":
        low, high = high, low
    axis.low, axis.high = low, high
    whole = from_zero and all(n == int(n) for n in there)  # things that are counted
    axis.ticks = _told_ticks(axis, told) or _ticks(axis, 1.0 if whole else 0.0)


def _end(axis: Axis, value: Any) -> float | None:
    if axis.kind in ("log", "category"):  # Plotly's ranges of these are places, not values
        return _float(value)
    return axis.number(value)


def _told_ticks(axis: Axis, told: dict[str, Any]) -> list[tuple[float, str]]:
    places, words = told.get("tickvals"), told.get("ticktext")
    if places is None:
        return []
    texts = [plain(text) for text in words] if words is not None else [str(p) for p in places]
    numbers = [axis.number(place) for place in places]
    return [(n, text) for n, text in zip(numbers, texts, strict=False) if n is not None]


def _ticks(axis: Axis, least: float) -> list[tuple[float, str]]:
    low, high = sorted((axis.low, axis.high))
    if axis.kind == "category":
        every = max(1, -(-len(axis.names) // 24))
        return [(float(n), plain(name)) for n, name in enumerate(axis.names) if n % every == 0]
    if axis.kind == "date":
        return _dates(low, high)
    if axis.kind == "log":
        exponents = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
        return [(float(n), label(10.0**n, 10.0**n)) for n in exponents]
    step = max(step_of((high - low) / 6), least)
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    return [((first + n) * step, label((first + n) * step, step)) for n in range(min(count, 50))]


def step_of(about: float) -> float:
    """A round number near ``about``, from above."""
    if about <= 0 or not math.isfinite(about):
        return 1.0
    scale = 10.0 ** math.floor(math.log10(about))
    return next(step * scale for step in STEPS if step * scale >= about * 0.999)


def label(value: float, step: float) -> str:
    """A number of an axis with as many decimals as its steps have; thin spaces group digits."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else 0
    if step == 2.5 * 10 ** math.floor(math.log10(step)) and step < 10:
        decimals += 1
    return f"{value:,.{decimals}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _dates(low: float, high: float) -> list[tuple[float, str]]:
    """Beginnings of days, months or years between two days, of those that there are."""
    start, end = (EPOCH + timedelta(days=min(max(day, FIRST_DAY), LAST_DAY)) for day in (low, high))
    span = high - low
    if span <= 60:
        step = next((n for n in DAYS if span / n <= 8), 14)
        first = (start if start.time() == start.min.time() else start + timedelta(days=1)).date()
        n_days = min(int(span), (date.max - first).days)
        found = [first + timedelta(days=n) for n in range(0, n_days + 1, step)]
        return [(days(day) or 0.0, f"{day}") for day in found if days(day) <= high]  # type: ignore[operator]
    step = next((n for n in MONTHS if span / (30.44 * n) <= 8), 480)
    month = start.year * 12 + start.month - 1
    month = -(-(month + (start.day > 1)) // step) * step
    ticks = []
    while month <= end.year * 12 + end.month - 1 and month // 12 < 9999:
        place = days(date(month // 12, month % 12 + 1, 1)) or 0.0
        text = f"{month // 12}" if step >= 12 else f"{month // 12}-{month % 12 + 1:02d}"
        if place <= high:
            ticks.append((place, text))
        month += step
    return ticks


def _float(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None
