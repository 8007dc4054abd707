"""Bars and histograms, as records and as SVG."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from app.report.svg.axis import Axis, step_of
from app.report.svg.traces import amount, listed, opacity
from app.report.svg.words import colour, number

HATCHES = {
    **dict.fromkeys("/\\x", "slash"), ".": "dots", **dict.fromkeys("-|+", "lines"),
}  # fmt: skip
"""Patterns of Plotly, and those of the report."""


class Bar(NamedTuple):
    """A bar from ``base`` to ``end``, which is ``half`` wide on both sides of ``at``."""

    at: float
    half: float
    base: float
    end: float
    fill: str
    hatch: str
    opacity: float


def bars(
    traces: Sequence[dict[str, Any]], layout: Mapping[str, Any], x: Axis, y: Axis,
    names: Mapping[str, str],
) -> list[Bar]:  # fmt: skip
    """The bars of all traces, on top of each other or side by side as the layout says."""
    upright = all(trace.get("orientation", "v") == "v" for trace in traces)
    along, amounts = (x, y) if upright else (y, x)
    key, other = ("x", "y") if upright else ("y", "x")
    places = [[along.number(v) for v in listed(trace.get(key))] for trace in traces]
    gap = layout.get("bargap")
    room = _spacing(places) * (1 - (0.2 if gap is None else float(gap)))
    grouped = layout.get("barmode", "group") == "group"
    stacked = layout.get("barmode") in ("stack", "relative")
    tops: dict[tuple[float, bool], float] = defaultdict(float)
    made = []
    for n, (trace, at) in enumerate(zip(traces, places, strict=True)):
        slot = (n, len(traces)) if grouped else (0, 1)
        widths = _widths(trace, along, room, slot, len(at))
        fills = _fills(trace, names, len(at))
        bases = _bases(trace, amounts, len(at))
        lengths = listed(trace.get(other))
        for i, (place, length) in enumerate(zip(at, lengths, strict=False)):
            value = amount(length)
            if place is None or value is None:
                continue
            value = _width(amounts, value)
            base = bases[i]
            if stacked:
                base = tops[place, value < 0]
                tops[place, value < 0] += value
            shift, half = widths[i]
            look = (fills[i], hatch_of(trace.get("marker") or {}), opacity(trace))
            made.append(Bar(place + shift, half, base, base + value, *look))
    return made


def _widths(
    trace: dict[str, Any], along: Axis, room: float, slot: tuple[int, int], n: int
) -> list[tuple[float, float]]:
    """For each bar how far its middle is from its place, and half its width."""
    told, offset = trace.get("width"), trace.get("offset")
    nth, of = slot
    half = room / of / 2
    shift = -room / 2 + half * (2 * nth + 1)
    if told is None:
        return [(shift, half)] * n
    given = listed(told) if not isinstance(told, (int, float)) else [told] * n
    halves = [_width(along, float(one)) / 2 for one in given]
    if isinstance(offset, (int, float)):
        return [(_width(along, offset) + one, one) for one in halves]
    return [(0.0 if of == 1 else shift, one) for one in halves]


def _fills(trace: dict[str, Any], names: Mapping[str, str], n: int) -> list[str]:
    told = (trace.get("marker") or {}).get("color")
    if isinstance(told, str) or told is None:
        return [colour(told, names)] * n
    return [colour(one, names) for one in listed(told)]


def _bases(trace: dict[str, Any], amounts: Axis, n: int) -> list[float]:
    told = trace.get("base")
    if told is None or isinstance(told, (int, float)):
        return [float(told or 0.0)] * n
    return [amounts.number(one) or 0.0 for one in listed(told)]


def _spacing(places: Sequence[Sequence[float | None]]) -> float:
    """The smallest distance between two bars, in units of their axis."""
    order = sorted({n for found in places for n in found if n is not None})
    gaps = [after - before for before, after in pairwise(order)]
    return min(gaps) if gaps else 1.0


def _width(axis: Axis, width: float) -> float:
    """A width that is told: on an axis of time in milliseconds."""
    return width / 86_400_000 if axis.kind == "date" else float(width)


def hatch_of(marker: Mapping[str, Any]) -> str:
    """The pattern of a trace, by the name that it has in the report; "" for none."""
    shape = (marker.get("pattern") or {}).get("shape")
    return HATCHES.get(shape, "") if isinstance(shape, str) else ""


def histogram(trace: dict[str, Any]) -> dict[str, Any]:
    """A histogram as a trace of bars: bins of round width, or those that are told."""
    key = "y" if trace.get("y") is not None and trace.get("x") is None else "x"
    values = [v for v in map(amount, listed(trace.get(key))) if v is not None]
    other = "x" if key == "y" else "y"
    if not values:
        return {**trace, "type": "bar", key: [], other: []}
    bins = trace.get(f"{key}bins") or {}
    size = amount(bins.get("size")) or _bin(values, trace.get(f"nbins{key}"))
    start = amount(bins.get("start"))
    start = math.floor(min(values) / size) * size if start is None else start
    counts: dict[int, int] = defaultdict(int)
    for value in values:
        counts[int((value - start) // size)] += 1
    order = sorted(counts)
    return {
        **trace, "type": "bar", "width": size, "orientation": "v" if key == "x" else "h",
        key: [start + (n + 0.5) * size for n in order], other: [counts[n] for n in order],
    }  # fmt: skip


def _bin(values: Sequence[float], wanted: Any) -> float:
    span = max(values) - min(values)
    return step_of(span / (int(wanted) if wanted else 30)) if span else 1.0


def svg(
    bar: Bar, upright: bool, across: Callable[[float], float], up: Callable[[float], float]
) -> str:
    """A bar as one rectangle, or two where it is hatched; thin ones can still be seen."""
    if upright:
        left, right = sorted((across(bar.at - bar.half), across(bar.at + bar.half)))
        top, bottom = sorted((up(bar.base), up(bar.end)))
    else:
        left, right = sorted((across(bar.base), across(bar.end)))
        top, bottom = sorted((up(bar.at - bar.half), up(bar.at + bar.half)))
    wide, high = max(right - left, 0.6), max(bottom - top, 0.6)
    place = f'x="{number(left)}" y="{number(top)}" width="{number(wide)}" height="{number(high)}"'
    faded = f' opacity="{number(bar.opacity)}"' if bar.opacity < 1 else ""
    drawn = f'<rect {place} style="fill:{bar.fill}"{faded}/>'
    return drawn + (f'<rect {place} fill="url(#{bar.hatch})"/>' if bar.hatch else "")
