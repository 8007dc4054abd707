"""What lies around and over the marks: grid, labels of axes, bands and lines, words, legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.report.svg.axis import Axis
from app.report.svg.bars import hatch_of
from app.report.svg.frame import Frame
from app.report.svg.lines import DASHES
from app.report.svg.words import SIZE, colour, cut, number, plain, safe, width

ROW = 17.0
"""Height of a row of the legend."""
LONGEST = 130.0
"""Room of a label of the x axis."""
ANCHORS = {"left": "s", "right": "e", "center": "m", "auto": "m"}
Names = Mapping[str, str]


def inside(axis: Axis) -> list[tuple[float, str]]:
    """The ticks that are on the axis."""
    return [(n, text) for n, text in axis.ticks if -0.001 <= axis.share(n) <= 1.001]


def grid(frame: Frame) -> str:
    """Lines at the ticks."""
    lines = []
    if frame.y.grid:
        for place, _ in inside(frame.y):
            lines.append(f"M{number(frame.left)} {number(frame.up(place))}H{number(frame.end)}")
    if frame.x.grid:
        for place, _ in inside(frame.x):
            lines.append(
                f"M{number(frame.across(place))} {number(frame.top)}V{number(frame.floor)}"
            )
    return f'<path class="g" d="{"".join(lines)}"/>' if lines else ""


def text(kind: str, x: float, y: float, words: str) -> str:
    """Words that start (s), end (e) or have their middle (m) at a place."""
    return f'<text class="{kind}" x="{number(x)}" y="{number(y)}">{safe(words)}</text>'


def labels(frame: Frame) -> str:
    """Labels of the ticks, as far as they do not touch, and titles of the axes."""
    room = frame.left - 12 - (SIZE + 4 if frame.y.title else 0)
    parts = [
        text("e", frame.left - 6, frame.up(place) + SIZE * 0.35, cut(words, room))
        for place, words in inside(frame.y)
    ]
    last = -1e9
    for place, words in sorted(inside(frame.x), key=lambda tick: frame.across(tick[0])):
        shown = cut(words, LONGEST)
        half = width(shown) / 2
        at = min(max(frame.across(place), half), frame.width - half)
        if at - half >= last + 4:
            last = at + half
            parts.append(text("m", at, frame.floor + 15, shown))
    if frame.x.title:
        parts.append(text("m", (frame.left + frame.end) / 2, frame.height - 5, frame.x.title))
    if frame.y.title:
        up = (frame.top + frame.floor) / 2
        title = safe(cut(frame.y.title, frame.floor - frame.top))
        turned = f"translate({number(SIZE)} {number(up)}) rotate(-90)"
        parts.append(f'<text class="m" transform="{turned}">{title}</text>')
    return "".join(parts)


def shapes(layout: Mapping[str, Any], frame: Frame, names: Names, *, below: bool) -> str:
    """Bands and lines, those below the marks or those above."""
    wanted = [
        shape
        for shape in layout.get("shapes") or ()
        if (shape.get("layer") in ("below", "between")) == below
    ]
    return "".join(_shape(shape, frame, names) for shape in wanted)


def _shape(shape: Mapping[str, Any], frame: Frame, names: Names) -> str:
    ends = [
        frame.place(key[0], str(shape.get(f"{key[0]}ref") or key[0]), shape.get(key))
        for key in ("x0", "x1", "y0", "y1")
    ]
    there = [end for end in ends if end is not None]
    if len(there) < len(ends):
        return ""
    x0, x1, y0, y1 = there
    opacity = shape.get("opacity")
    faded = number(1.0 if opacity is None else float(opacity))
    if shape.get("type") == "rect":
        fill = colour(shape.get("fillcolor"), names, "none")
        box = rectangle(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
        return f'<rect {box} style="fill:{fill}" opacity="{faded}"/>'
    if shape.get("type") != "line":
        return ""
    said = shape.get("line") or {}
    wide = said.get("width")
    return (
        f'<path d="M{number(x0)} {number(y0)}L{number(x1)} {number(y1)}" opacity="{faded}" '
        f'style="stroke:{colour(said.get("color"), names, "var(--ink)")}" '
        f'stroke-width="{number(1.5 if wide is None else float(wide))}" '
        f'stroke-dasharray="{DASHES.get(said.get("dash") or "", "none")}"/>'
    )


def rectangle(x: float, y: float, wide: float, high: float) -> str:
    """The attributes of a rectangle."""
    return f'x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}"'


def is_above(annotation: Mapping[str, Any]) -> bool:
    """Whether words stand above the picture, where room has to be made for them."""
    return annotation.get("yref") == "paper" and float(annotation.get("y") or 0) > 1


def words(layout: Mapping[str, Any], frame: Frame) -> str:
    """Annotations."""
    parts = []
    for one in layout.get("annotations") or ():
        at = frame.place("x", str(one.get("xref") or "x"), one.get("x"))
        up = frame.place("y", str(one.get("yref") or "y"), one.get("y"), inside=False)
        if at is None or up is None or not one.get("text"):
            continue
        lower = {"bottom": -3.0, "top": SIZE}.get(one.get("yanchor") or "", SIZE * 0.35)
        up = max(up + lower - float(one.get("yshift") or 0), SIZE)
        at += float(one.get("xshift") or 0)
        parts.append(
            text(ANCHORS.get(one.get("xanchor") or "auto", "m"), at, up, plain(one["text"]))
        )
    return "".join(parts)


def legend(
    traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any], frame: Frame, names: Names
) -> str:
    """Names of traces above the picture, for which room is made."""
    entries = [
        (n, trace)
        for n, trace in enumerate(traces)
        if trace.get("name") and trace.get("showlegend") is not False
    ]
    shown = layout.get("showlegend")
    if shown is False or not entries or (shown is None and len(entries) < 2):
        return ""
    parts, at, row = [], frame.left, 0
    for n, trace in entries:
        name = cut(plain(trace["name"]), 300)
        room = width(name) + 30
        if at + room > frame.width and at > frame.left:
            at, row = frame.left, row + 1
        parts.append(_entry(trace, name, at, frame.top + row * ROW, names, f"var(--c{n % 7})"))
        at += room
    frame.top += (row + 1) * ROW + 4
    return "".join(parts)


def _entry(
    trace: Mapping[str, Any], name: str, at: float, up: float, names: Names, nth: str
) -> str:
    said = trace.get("marker") or {}
    told = said.get("color") if isinstance(said.get("color"), str) else None
    fill = colour(told or (trace.get("line") or {}).get("color"), names, nth)
    box = rectangle(at, up, 12, 12)
    hatch = hatch_of(said)
    hatched = f'<rect {box} fill="url(#{hatch})"/>' if hatch else ""
    return f'<rect {box} style="fill:{fill}"/>{hatched}{text("s", at + 17, up + 10, name)}'
