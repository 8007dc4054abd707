"""Pictures of nuclear medicine: steps of a number with its ideal range, its course, and activity
against weight.

The ideal range is a band behind the bars, median and mean are lines of different kinds, so that
they are told apart without colours, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app import charts
from app.charts import COUNTS, LEGEND, around, figure_of
from app.i18n import Texts

BAND = 0.16
"""How much of its colour the ideal range has."""
LAST = 60
"""The step in which everything beyond is, too; that of nuclear_bins.sql."""
SMALL = 92
"""Height of one of several histograms above each other."""
LONGEST = 40


class Range(NamedTuple):
    """An ideal range, and the width of the steps in which the number is counted."""

    low: float
    high: float
    width: float


class Group(NamedTuple):
    """A histogram of several: what it is called, its steps (step, n), and its numbers."""

    name: str
    steps: Sequence[tuple[int, int]]
    mean: float | None
    median: float | None


class Looks(NamedTuple):
    """Colours: of the bars, of the ideal range, and of the lines."""

    bars: str
    ideal: str
    lines: str


def histograms(
    groups: Sequence[Group], ideal: Range, title: str, looks: Looks, unit: str
) -> go.Figure:
    """Histograms above each other on one axis; the only one may be clicked.

    The ``customdata`` of a bar is its lower and upper end with a slash between, as
    ``filtering.clicked`` wants it.
    """
    data: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    alone = len(groups) == 1
    height = 260 if alone else 70 + SMALL * len(groups)
    for number, group in enumerate(groups, start=1):
        axis = "" if number == 1 else str(number)
        data.append(_bars(group, ideal, axis, looks, unit))
        shapes += _marks(group, ideal, axis, looks)
        notes += _last(group, ideal, axis)
        top = 1 - (number - 1) / len(groups)
        bottom = 1 - number / len(groups) + (0 if alone else 0.28 / len(groups))
        axes[f"yaxis{axis}"] = {**COUNTS, "domain": [bottom, top - (0 if alone else 0.02)]}
        if not alone:
            most = max((n for _, n in group.steps), default=1)
            axes[f"yaxis{axis}"] |= {"nticks": None, "tick0": 0, "dtick": -(-most // 2)}
            notes.append(_name(group, top))
    values = [step for group in groups for step, _ in group.steps] or [0]
    lower = min(ideal.low, min(values) * ideal.width)
    upper = max(ideal.high, (max(values) + 1) * ideal.width)
    axes["xaxis"] = {
        "title": {"text": title}, "showgrid": False, "nticks": 12, "anchor": f"y{len(groups)}"
        if len(groups) > 1 else "y", "range": [lower - 2 * ideal.width, upper + 2 * ideal.width],
    }  # fmt: skip
    return figure_of(
        data, height=height, shapes=shapes, annotations=notes, showlegend=False, bargap=0,
        margin={**charts.LAYOUT["margin"], "t": 18}, **axes,
    )  # fmt: skip


def _bars(group: Group, ideal: Range, axis: str, looks: Looks, unit: str) -> dict[str, Any]:
    ends = [
        (_end(step, ideal.width), _end(step + 1, ideal.width) if step < LAST else "")
        for step, _ in group.steps
    ]
    return {
        "type": "bar", "name": escape(group.name), "yaxis": f"y{axis}",
        "x": [round((step + 0.5) * ideal.width, 6) for step, _ in group.steps],
        "y": [n for _, n in group.steps], "width": ideal.width * 0.94,
        "customdata": [f"{low}/{high}" for low, high in ends],
        "text": [_said(low, high, unit) for low, high in ends], "textposition": "none",
        "marker": {"color": looks.bars}, "hovertemplate": "%{text}: %{y:,}<extra></extra>",
    }  # fmt: skip


def _said(low: str, high: str, unit: str) -> str:
    return f"{low}–{high} {escape(unit)}" if high else f"≥ {low} {escape(unit)}"


def _last(group: Group, ideal: Range, axis: str) -> list[dict[str, Any]]:
    """What the last bar is, as the axis does not say it: everything from there on."""
    return [
        {
            "text": f"≥ {_end(step, ideal.width)}", "x": (step + 0.5) * ideal.width, "y": n,
            "xref": "x", "yref": f"y{axis}", "yanchor": "bottom", "showarrow": False,
        }
        for step, n in group.steps if step >= LAST
    ]  # fmt: skip


def _end(step: int, width: float) -> str:
    return f"{step * width:.6g}"


def _marks(group: Group, ideal: Range, axis: str, looks: Looks) -> list[dict[str, Any]]:
    """The band of the ideal range, a solid line at the median, a dotted one at the mean."""
    place = {"xref": "x", "yref": f"y{axis} domain", "y0": 0, "y1": 1}
    marks: list[dict[str, Any]] = [
        {
            **place, "type": "rect", "x0": ideal.low, "x1": ideal.high, "layer": "below",
            "fillcolor": looks.ideal, "opacity": BAND, "line": {"width": 0},
        }
    ]  # fmt: skip
    for value, dash in ((group.median, "solid"), (group.mean, "dot")):
        if value is not None:
            line = {"color": looks.lines, "width": 2, "dash": dash}
            marks.append({**place, "type": "line", "x0": value, "x1": value, "line": line})
    return marks


def _name(group: Group, top: float) -> dict[str, Any]:
    n = sum(n for _, n in group.steps)
    return {
        "text": f"{escape(short(group.name))} ({n:,})", "showarrow": False, "xref": "paper",
        "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "bottom",
    }  # fmt: skip


def course(
    frame: pl.DataFrame, ideal: Range, title: str, t: Texts, colours: Sequence[str], unit: str
) -> go.Figure:
    """Medians by date, a line for each scanner, bars from the lower to the upper quartile.

    ``frame`` is of one measure of ``nuclear_timeline``; ``colours`` has one for each named scanner,
    and then that of the others; ``unit`` is day, month or year.
    """
    data = []
    parts = frame.partition_by("is_named", "named", maintain_order=True)
    parts.sort(key=lambda part: (not part["is_named"][0], part["place"].min()))
    for number, part in enumerate(parts):
        named = part["is_named"][0]
        name = (part["named"][0] or t("missing")) if named else t("chart.other")
        colour = colours[min(number, len(colours) - 2)] if named else colours[-1]
        data.append(_line(part.sort("period"), name, colour, unit))
    band = {
        "type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": ideal.low, "y1": ideal.high,
        "fillcolor": colours[1], "opacity": BAND, "layer": "below", "line": {"width": 0},
    }  # fmt: skip
    return figure_of(
        data, height=280, shapes=[band], showlegend=True, legend={**LEGEND},
        xaxis={"showgrid": False, "nticks": 8, "type": "date", "range": around(frame["period"])},
        yaxis={"title": {"text": title}, "rangemode": "tozero", "nticks": 6},
    )  # fmt: skip


def _line(part: pl.DataFrame, name: str, colour: str, unit: str) -> dict[str, Any]:
    above = (part["upper_quartile"] - part["median"]).to_list()
    below = (part["median"] - part["lower_quartile"]).to_list()
    said = part.select("n", "lower_quartile", "upper_quartile").rows()
    return {
        "type": "scatter", "mode": "lines+markers", "name": escape(short(name)),
        "x": part["period"].to_list(), "y": part["median"].to_list(), "customdata": said,
        "line": {"color": colour, "width": 2}, "marker": {"size": 6},
        "error_y": {"type": "data", "symmetric": False, "array": above, "arrayminus": below,
                    "thickness": 1, "width": 3, "color": colour},
        "hovertemplate": f"%{{x|{_DATE[unit]}}}: %{{y:.3g}} "
        "(%{customdata[1]:.3g}–%{customdata[2]:.3g}), n = %{customdata[0]}",
    }  # fmt: skip


_DATE = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")


def activity_by_weight(
    frame: pl.DataFrame, ideal: Range, t: Texts, colours: Mapping[str | None, str], rest: str
) -> go.Figure:
    """Activity given against weight, a colour and a symbol for each radiopharmaceutical.

    ``frame`` has weight_kg, injected_activity_MBq, radiopharmaceutical and what hovers; the lines
    are those of the ideal activity per weight.
    """
    data: list[dict[str, Any]] = []
    for number, (name, colour) in enumerate(colours.items()):
        part = frame.filter(pl.col("radiopharmaceutical").eq_missing(name))
        data.append(_points(part, name or t("missing"), colour, SYMBOLS[number % len(SYMBOLS)]))
    others = frame.filter(
        ~pl.col("radiopharmaceutical").is_in([*colours], nulls_equal=True).fill_null(False)
    )
    if others.height:
        data.append(_points(others, t("chart.other"), rest, "x"))
    heaviest = max([100.0, *frame["weight_kg"].to_list()]) * 1.05
    for factor in (ideal.low, ideal.high):
        data.append(
            {
                "type": "scatter", "mode": "lines", "x": [0, heaviest],
                "y": [0, factor * heaviest], "hoverinfo": "skip", "showlegend": False,
                "line": {"color": rest, "width": 1.5, "dash": "dash"},
            }
        )  # fmt: skip
    return figure_of(
        data, height=340, showlegend=True, legend={**LEGEND},
        xaxis={"title": {"text": t("nuclear.axis_weight")}, "range": [0, heaviest]},
        yaxis={"title": {"text": t("nuclear.axis_activity")}, "rangemode": "tozero"},
    )  # fmt: skip


def _points(part: pl.DataFrame, name: str, colour: str, symbol: str) -> dict[str, Any]:
    hover = [
        f"{escape(text or '')}<br>{day or ''}"
        for text, day in part.select("StudyDescription", "StudyDate").iter_rows()
    ]
    return {
        "type": "scatter", "mode": "markers", "name": escape(short(name)), "text": hover,
        "x": part["weight_kg"].to_list(), "y": part["injected_activity_MBq"].to_list(),
        "marker": {"color": colour, "symbol": symbol, "size": 7, "opacity": 0.75},
        "hovertemplate": "%{text}<br>%{x:.1f} kg, %{y:.1f} MBq",
    }  # fmt: skip


def short(name: str) -> str:
    """A name that leaves room for the picture."""
    text = " ".join(name.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
