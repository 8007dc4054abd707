"""A figure as one SVG element: axes, marks, what lies over them, and the legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from app.report.svg import axis as axes
from app.report.svg import bars, boxes, lines, over
from app.report.svg.axis import Axis
from app.report.svg.frame import Frame
from app.report.svg.traces import listed
from app.report.svg.words import number, safe

WIDTH = 480
WIDE = 980
LEAST = 150
KINDS = {"bar", "scatter", "scattergl", "histogram", "box"}
Trace = dict[str, Any]


class NotDrawn(Exception):
    """The figure has something that is not drawn here."""


def picture(figure: go.Figure, alt: str, names: Mapping[str, str], *, wide: bool = False) -> str:
    """The figure as SVG; ``names`` has the CSS name of each colour of the palette, in lower case.

    Raises NotDrawn for a kind of trace, or more axes, than are drawn here.
    """
    told = figure.to_plotly_json()
    layout = dict(told.get("layout") or {})
    traces = [_known(trace) for trace in told.get("data") or ()]
    traces = [trace for trace in traces if trace.get("visible", True) is True]
    x, y = _axes(traces, layout)
    frame = Frame(WIDE if wide else WIDTH, max(float(layout.get("height") or 240), LEAST), x, y)
    legend = over.legend(traces, layout, frame, names)
    if any(over.is_above(one) for one in layout.get("annotations") or ()):
        frame.top += float((layout.get("margin") or {}).get("t") or 30)
    frame.make_room()
    parts = [
        over.grid(frame), over.shapes(layout, frame, names, below=True),
        _marks(traces, layout, frame, names), over.shapes(layout, frame, names, below=False),
        over.labels(frame), over.words(layout, frame), legend,
    ]  # fmt: skip
    return (
        f'<svg viewBox="0 0 {number(frame.width)} {number(frame.height)}" role="img" '
        f'aria-label="{safe(alt)}">{"".join(parts)}</svg>'
    )


def _known(told: Mapping[str, Any]) -> Trace:
    trace = dict(told)
    kind = trace.get("type", "scatter")
    if kind not in KINDS or trace.get("xaxis", "x") != "x" or trace.get("yaxis", "y") != "y":
        raise NotDrawn(kind)
    if kind == "box":
        trace["found"] = boxes.boxed(trace)
    return bars.histogram(trace) if kind == "histogram" else trace


def _is_upright(traces: Sequence[Trace]) -> bool:
    return all(trace.get("orientation", "v") == "v" for trace in traces)


def _values(traces: Sequence[Trace]) -> dict[str, list[Any]]:
    """All values along each axis."""
    values: dict[str, list[Any]] = {"x": [], "y": []}
    for trace in traces:
        if trace.get("type") != "box":
            for name in "xy":
                values[name] += listed(trace.get(name))
            values["y"] += [end for _, *ends in lines.whiskers(trace) for end in ends]
            continue
        along, amounts = "xy" if _is_upright([trace]) else "yx"
        values[along] += list(trace["found"])
        values[amounts] += [n for five in trace["found"].values() for n in five]
    return values


def _axes(traces: Sequence[Trace], layout: Mapping[str, Any]) -> tuple[Axis, Axis]:
    """Both axes, so long that all marks are on them."""
    told = {name: dict(layout.get(f"{name}axis") or {}) for name in "xy"}
    values = _values(traces)
    made = {name: axes.made(told[name], values[name]) for name in "xy"}
    barred = [trace for trace in traces if trace.get("type") == "bar"]
    along, amounts = "xy" if _is_upright(barred) else "yx"
    ends = {
        name: [n for n in map(made[name].number, values[name]) if n is not None] for name in "xy"
    }
    for bar in bars.bars(barred, layout, made["x"], made["y"], {}):
        ends[along] += [bar.at - bar.half, bar.at + bar.half]
        ends[amounts] += [bar.base, bar.end]
    for name in "xy":
        zero = (bool(barred) and name == amounts) or told[name].get("rangemode") == "tozero"
        padded = zero or not barred or name == along
        axes.fit(made[name], told[name], ends[name], from_zero=zero, padded=padded)
    return made["x"], made["y"]


def _marks(
    traces: Sequence[Trace], layout: Mapping[str, Any], frame: Frame, names: Mapping[str, str]
) -> str:
    barred = [trace for trace in traces if trace.get("type") == "bar"]
    upright = _is_upright(barred)
    drawn = [
        bars.svg(bar, upright, frame.across, frame.up)
        for bar in bars.bars(barred, layout, frame.x, frame.y, names)
    ]
    floor = frame.up(0.0) if frame.y.kind == "linear" else frame.floor
    for n, trace in enumerate(traces):
        nth = f"var(--c{n % 7})"
        if trace.get("type", "scatter") in ("scatter", "scattergl"):
            drawn.append(lines.whiskers_svg(trace, frame.x, frame.across, frame.up, names, nth))
            line = lines.line(trace, frame.x, frame.y, names, nth)
            drawn.append(lines.svg(line, frame.across, frame.up, floor))
        elif trace.get("type") == "box":
            drawn.append(boxes.drawn(trace, trace["found"], frame, names, nth))
    return "".join(drawn)
