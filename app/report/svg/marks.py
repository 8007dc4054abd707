"""The marks of each kind of trace: bars, histograms, boxes, lines and points, as SVG elements."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from app.report.svg.axis import Axis, step_of
from app.report.svg.words import colour, number

WHISKER = 3
MOST_POINTS = 5_000
"""Points that are drawn of a cloud; more of them are one dark patch, and megabytes."""
HATCHES = {
    **dict.fromkeys("/\\x", "slash"), ".": "dots", **dict.fromkeys("-|+", "lines"),
}  # fmt: skip
"""Patterns of Plotly, and those of the report."""
DASHES = {"dash": "6 4", "dot": "2 3", "dashdot": "6 3 2 3", "longdash": "10 4"}


class Bar(NamedTuple):
    """A bar from ``base`` to ``end``, which is ``half`` wide on both sides of ``at``."""

    at: float
    half: float
    base: float
    end: float
    fill: str
    hatch: str
    opacity: float


class Line(NamedTuple):
    """Points in order, to be joined, marked, or filled down to zero."""

    x: list[float | None]
    y: list[float | None]
    stroke: str
    width: float
    dash: str
    joined: bool
    marked: bool
    filled: bool
    stepped: bool
    radius: float
    fills: list[str]
    opacity: float


def listed(values: Any) -> list[Any]:
    """The values of a trace: a list, a tuple or an array."""
    if values is None:
        return []
    return list(values.tolist() if hasattr(values, "tolist") else values)


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
            value = _amount(length)
            if place is None or value is None:
                continue
            value = _width(amounts, value)
            base = bases[i]
            if stacked:
                base = tops[place, value < 0]
                tops[place, value < 0] += value
            shift, half = widths[i]
            look = (fills[i], hatch_of(trace.get("marker") or {}), _opacity(trace))
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


def hatch_of(marker: Mapping[str, Any]) -> str:
    """The pattern of a trace, by the name that it has in the report; "" for none."""
    shape = (marker.get("pattern") or {}).get("shape")
    return HATCHES.get(shape, "") if isinstance(shape, str) else ""


def histogram(trace: dict[str, Any]) -> dict[str, Any]:
    """A histogram as a trace of bars: bins of round width, or those that are told."""
    key = "y" if trace.get("y") is not None and trace.get("x") is None else "x"
    values = [v for v in map(_amount, listed(trace.get(key))) if v is not None]
    other = "x" if key == "y" else "y"
    if not values:
        return {**trace, "type": "bar", key: [], other: []}
    bins = trace.get(f"{key}bins") or {}
    size = _amount(bins.get("size")) or _bin(values, trace.get(f"nbins{key}"))
    start = _amount(bins.get("start"))
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


def line(trace: dict[str, Any], x: Axis, y: Axis, names: Mapping[str, str], nth: str) -> Line:
    """A trace of lines or points."""
    said, marker = trace.get("line") or {}, trace.get("marker") or {}
    mode = trace.get("mode") or "lines+markers"
    stroke = colour(said.get("color") or _one(marker.get("color")), names, nth)
    fills = listed(marker["color"]) if isinstance(marker.get("color"), (list, tuple)) else []
    size = marker.get("size")
    return Line(
        _inside(x, listed(trace.get("x"))), _inside(y, listed(trace.get("y"))),
        stroke, float(said.get("width") or 2), DASHES.get(said.get("dash") or "", ""),
        "lines" in mode, "markers" in mode, trace.get("fill") in ("tozeroy", "tonexty", "toself"),
        said.get("shape") in ("hv", "vh", "hvh"),
        float(size) / 2 if isinstance(size, (int, float)) else 3.0,
        [colour(one, names, stroke) for one in fills],
        _opacity(trace),
    )  # fmt: skip


def _inside(axis: Axis, values: Sequence[Any]) -> list[float | None]:
    """Values as numbers of their axis, None for those that are not on it."""
    numbers = [axis.number(value) for value in values[:MOST_POINTS]]
    return [n if n is not None and -0.01 <= axis.share(n) <= 1.01 else None for n in numbers]


def bar_svg(
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


def line_svg(
    drawn: Line, across: Callable[[float], float], up: Callable[[float], float], floor: float
) -> str:
    """A line with its area and its points; where a value is missing the line is interrupted."""
    parts: list[str] = []
    if drawn.joined:
        for piece in _pieces(drawn):
            places = [(across(x), up(y)) for x, y in piece]
            path = _path(places, drawn.stepped)
            if drawn.filled:
                down = f"V{number(floor)}H{number(places[0][0])}Z"
                parts.append(f'<path d="{path}{down}" style="fill:{drawn.stroke}" opacity=".25"/>')
            dash = f' stroke-dasharray="{drawn.dash}"' if drawn.dash else ""
            parts.append(
                f'<path d="{path}" fill="none" style="stroke:{drawn.stroke}" '
                f'stroke-width="{number(drawn.width)}"{dash}/>'
            )
    if drawn.marked:
        faded = f' opacity="{number(drawn.opacity)}"' if drawn.opacity < 1 else ""
        dots = [
            f'<circle cx="{number(across(x))}" cy="{number(up(y))}" r="{number(drawn.radius)}" '
            f'style="fill:{drawn.fills[n] if n < len(drawn.fills) else drawn.stroke}"/>'
            for n, (x, y) in enumerate(zip(drawn.x, drawn.y, strict=False))
            if x is not None and y is not None
        ]
        parts.append(f"<g{faded}>{''.join(dots)}</g>")
    return "".join(parts)


def whiskers(trace: Mapping[str, Any]) -> list[tuple[Any, float, float]]:
    """Where on x, the lower and the upper end of each upright error bar of a trace."""
    told = trace.get("error_y") or {}
    above = [_amount(value) or 0.0 for value in listed(told.get("array"))]
    below = [_amount(value) or 0.0 for value in listed(told.get("arrayminus"))] or above
    ends = []
    for x, y, up, down in zip(listed(trace.get("x")), listed(trace.get("y")), above, below,
                              strict=False):  # fmt: skip
        middle = _amount(y)
        if middle is not None and (up or down):
            ends.append((x, middle - down, middle + up))
    return ends


def whiskers_svg(
    trace: Mapping[str, Any], x: Axis, across: Callable[[float], float],
    up: Callable[[float], float], names: Mapping[str, str], nth: str,
) -> str:  # fmt: skip
    """The error bars of a trace, with a short bar at both ends."""
    told = trace.get("error_y") or {}
    stroke = colour(told.get("color"), names, nth)
    path = ""
    for place, low, high in whiskers(trace):
        at = x.number(place)
        if at is None:
            continue
        middle = across(at)
        left, right = number(middle - WHISKER), number(middle + WHISKER)
        path += f"M{number(middle)} {number(up(low))}V{number(up(high))}"
        path += "".join(f"M{left} {number(up(end))}H{right}" for end in (low, high))
    return f'<path d="{path}" fill="none" style="stroke:{stroke}"/>' if path else ""


def _pieces(drawn: Line) -> list[list[tuple[float, float]]]:
    pieces: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(drawn.x, drawn.y, strict=False):
        if x is None or y is None:
            pieces.append([])
        else:
            pieces[-1].append((x, y))
    return [piece for piece in pieces if piece]


def _path(places: Sequence[tuple[float, float]], stepped: bool) -> str:
    first, *rest = places
    path = f"M{number(first[0])} {number(first[1])}"
    for x, y in rest:
        path += f"H{number(x)}V{number(y)}" if stepped else f"L{number(x)} {number(y)}"
    return path


def _spacing(places: Sequence[Sequence[float | None]]) -> float:
    """The smallest distance between two bars, in units of their axis."""
    order = sorted({n for found in places for n in found if n is not None})
    gaps = [after - before for before, after in pairwise(order)]
    return min(gaps) if gaps else 1.0


def _width(axis: Axis, width: float) -> float:
    """A width that is told: on an axis of time in milliseconds."""
    return width / 86_400_000 if axis.kind == "date" else float(width)


def _opacity(trace: Mapping[str, Any]) -> float:
    made = 1.0
    for told in (trace.get("opacity"), (trace.get("marker") or {}).get("opacity")):
        made *= float(told) if isinstance(told, (int, float)) else 1.0
    return made


def _one(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _amount(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None
