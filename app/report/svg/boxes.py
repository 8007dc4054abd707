"""Boxes: five numbers of each group, given or computed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import quantiles
from typing import Any, NamedTuple

from app.report.svg.frame import Frame
from app.report.svg.over import rectangle
from app.report.svg.traces import listed
from app.report.svg.words import colour, number

HALF = 0.28
"""Half of how wide a box is, in distances of groups."""
GIVEN = ("lowerfence", "q1", "median", "q3", "upperfence")


class Five(NamedTuple):
    """Whiskers, quartiles and median."""

    low: float
    first: float
    middle: float
    third: float
    high: float


def boxed(trace: Mapping[str, Any]) -> dict[str, Five]:
    """The groups of a trace with their numbers; of equal names one box."""
    upright = trace.get("orientation", "v") == "v"
    groups = listed(trace.get("x" if upright else "y"))
    if trace.get("median") is not None:  # computed already
        ends = {"lowerfence": "q1", "upperfence": "q3"}  # where they are not given
        columns = [listed(trace.get(key) or trace.get(ends.get(key, key))) for key in GIVEN]
        rows = zip(*columns, strict=True)
        return {str(g): Five(*map(float, row)) for g, row in zip(groups, rows, strict=False)}
    values = listed(trace.get("y" if upright else "x"))
    by: dict[str, list[float]] = defaultdict(list)
    for group, value in zip(
        groups or [trace.get("name") or ""] * len(values), values, strict=False
    ):
        if isinstance(value, (int, float)) and math.isfinite(value):
            by[str(group)].append(float(value))
    return {group: five(found) for group, found in by.items()}


def five(values: Sequence[float]) -> Five:
    """Whiskers reach to the last value within 1.5 times the distance of the quartiles."""
    if len(values) == 1:
        return Five(*[values[0]] * 5)
    first, middle, third = quantiles(values, n=4, method="inclusive")
    reach = 1.5 * (third - first)
    inside = [v for v in values if first - reach <= v <= third + reach]
    return Five(min(inside), first, middle, third, max(inside))


def drawn(
    trace: Mapping[str, Any], found: Mapping[str, Five], frame: Frame, names: Mapping[str, str],
    nth: str,
) -> str:  # fmt: skip
    """All boxes of a trace."""
    upright = trace.get("orientation", "v") == "v"
    said = trace.get("marker") or {}
    stroke = colour(said.get("color") or (trace.get("line") or {}).get("color"), names, nth)
    axis = frame.x if upright else frame.y
    return "".join(
        _box(at, numbers, frame, stroke, upright)
        for group, numbers in found.items()
        if (at := axis.number(group)) is not None
    )


def _box(at: float, numbers: Five, frame: Frame, stroke: str, upright: bool) -> str:
    along, amount = (frame.across, frame.up) if upright else (frame.up, frame.across)
    a, b, c = along(at - HALF), along(at + HALF), along(at)
    low, first, middle, third, high = map(amount, numbers)
    lines = [((c, low), (c, first)), ((c, third), (c, high)), ((a, middle), (b, middle))]
    path = "".join(f"M{_point(start, upright)}L{_point(end, upright)}" for start, end in lines)
    x, y, wide, high_ = min(a, b), min(first, third), abs(b - a), abs(third - first)
    box = rectangle(x, y, wide, high_) if upright else rectangle(y, x, high_, wide)
    return (
        f'<rect {box} style="fill:{stroke};stroke:{stroke}" fill-opacity=".3"/>'
        f'<path d="{path}" fill="none" style="stroke:{stroke}" stroke-width="1.5"/>'
    )


def _point(place: tuple[float, float], upright: bool) -> str:
    across, up = place if upright else place[::-1]
    return f"{number(across)} {number(up)}"
