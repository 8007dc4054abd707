"""Lines, points and their error bars, as records and as SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from app.report.svg.axis import Axis
from app.report.svg.traces import amount, listed, opacity
from app.report.svg.words import colour, number

WHISKER = 3
MOST_POINTS = 5_000
"""Points that are drawn of a cloud; more of them are one dark patch, and megabytes."""
DASHES = {"dash": "6 4", "dot": "2 3", "dashdot": "6 3 2 3", "longdash": "10 4"}


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
        opacity(trace),
    )  # fmt: skip


def _one(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _inside(axis: Axis, values: Sequence[Any]) -> list[float | None]:
    """Values as numbers of their axis, None for those that are not on it."""
    numbers = [axis.number(value) for value in values[:MOST_POINTS]]
    return [n if n is not None and -0.01 <= axis.share(n) <= 1.01 else None for n in numbers]


def svg(
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


def whiskers(trace: Mapping[str, Any]) -> list[tuple[Any, float, float]]:
    """Where on x, the lower and the upper end of each upright error bar of a trace."""
    told = trace.get("error_y") or {}
    above = [amount(value) or 0.0 for value in listed(told.get("array"))]
    below = [amount(value) or 0.0 for value in listed(told.get("arrayminus"))] or above
    ends = []
    for x, y, up, down in zip(listed(trace.get("x")), listed(trace.get("y")), above, below,
                              strict=False):  # fmt: skip
        middle = amount(y)
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
