"""Pictures of the quality page: histograms with their ideal band, columns that can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]

from app import charts
from app.charts.overview import Bar

COUNTS = {**charts.COUNTS, "separatethousands": True}
MARGIN = {**charts.LAYOUT["margin"], "t": 28}


class Histogram(NamedTuple):
    """What a histogram shows: the lower end of each step with its studies, and where is ideal.

    ``beyond`` is the step in which everything from there on is; ``lines`` are marked numbers with
    their names, such as the median.
    """

    steps: Sequence[tuple[float, int]]
    width: float
    band: tuple[float, float]
    beyond: float
    lines: Sequence[tuple[str, float]] = ()


def histogram(told: Histogram, axis: str, band: str, colours: Sequence[str]) -> go.Figure:
    """Upright bars over a scale, with the ideal range named ``band`` behind them.

    A bar's ``customdata`` is its range, as ``filtering.clicked`` reads it: "60/65", "6/" for the
    last step. ``colours`` are those of the bars, of the band and of the lines.
    """
    bars, ideal, marks = colours
    lower = [low for low, _ in told.steps]
    bar = {
        "type": "bar", "x": [low + told.width / 2 for low in lower],
        "y": [n for _, n in told.steps], "width": told.width * 0.94, "marker": {"color": bars},
        "customdata": [_range(low, told) for low in lower],
        "text": [_said(low, told) for low in lower], "textposition": "none",
        "hovertemplate": "%{text}: %{y:,}<extra></extra>",
    }  # fmt: skip
    low, high = told.band
    shapes = [_band(low, high, ideal), *(_line(at, marks) for _, at in told.lines)]
    notes = [_note((low + high) / 2, band, 1.13)]
    notes += [_note(at, name, 1.02) for name, at in told.lines]
    notes += [_last(low, n, told) for low, n in told.steps if low >= told.beyond]
    scale = {"title": {"text": escape(axis)}, "showgrid": False, "zeroline": False, "nticks": 14}
    return charts.figure_of(
        [bar], margin={**MARGIN, "t": 40}, showlegend=False, xaxis=scale, yaxis=COUNTS,
        shapes=shapes, annotations=notes,
    )  # fmt: skip


def columns(bars: Sequence[Bar], colour: str, axis: str = "") -> go.Figure:
    """Upright bars in their order; a click on one names its value."""
    places = list(range(len(bars)))
    every = max(1, -(-len(bars) // 12))
    labels = [escape(bar.label) for bar in bars]
    bar = {
        "type": "bar", "x": places, "y": [bar.length for bar in bars],
        "customdata": [bar.value for bar in bars], "marker": {"color": colour},
        "text": labels, "textposition": "none", "hovertemplate": "%{text}: %{y:,}<extra></extra>",
    }  # fmt: skip
    scale = {
        "tickvals": places[::every], "ticktext": labels[::every], "showgrid": False,
        "range": [-0.5, max(len(bars), 4) - 0.5], "title": {"text": escape(axis)},
    }  # fmt: skip
    return charts.figure_of(
        [bar], margin=MARGIN, showlegend=False, bargap=0.15, xaxis=scale, yaxis=COUNTS
    )


def _range(low: float, told: Histogram) -> str:
    if low >= told.beyond:
        return f"{low:g}/"
    return f"{low:g}/{round(low + told.width, 4):g}"


def _said(low: float, told: Histogram) -> str:
    first, _, last = _range(low, told).partition("/")
    return f"{first} – &lt; {last}" if last else f"≥ {first}"


def _band(low: float, high: float, colour: str) -> dict[str, Any]:
    return {
        "type": "rect", "xref": "x", "yref": "paper", "x0": low, "x1": high, "y0": 0, "y1": 1,
        "fillcolor": colour, "opacity": 0.2, "line": {"width": 0}, "layer": "below",
    }  # fmt: skip


def _line(at: float, colour: str) -> dict[str, Any]:
    return {
        "type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1,
        "line": {"color": colour, "width": 2, "dash": "dash"},
    }  # fmt: skip


def _last(low: float, n: int, told: Histogram) -> dict[str, Any]:
    """What the last bar is, as the scale does not say it: everything from there on."""
    return {
        "xref": "x", "yref": "y", "x": low + told.width / 2, "y": n, "text": f"≥ {low:g}",
        "yanchor": "bottom", "showarrow": False, "font": {"size": 12},
    }  # fmt: skip


def _note(at: float, text: str, height: float) -> dict[str, Any]:
    return {
        "xref": "x", "yref": "paper", "x": at, "y": height, "text": escape(text),
        "yanchor": "bottom", "showarrow": False, "font": {"size": 12},
    }  # fmt: skip
