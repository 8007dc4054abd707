"""Pictures of the overview: values by frequency, steps of a number, growth over time."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app import charts
from app.charts import Look
from app.filters import MISSING
from app.i18n import Texts

LONGEST = 34
"""Characters of a label; the whole text is in the hover."""


COUNTS = {**charts.COUNTS, "separatethousands": True}
STACKED = {**charts.STACKED, "bargap": 0.08, "showlegend": True}


class Bar(NamedTuple):
    """A bar: what stands beside it, its length, and the value a click filters by, if any."""

    label: str
    length: int
    value: str | None = None


def bars_of(frame: pl.DataFrame, t: Texts, column: str, number: str) -> list[Bar]:
    """A bar for each row; a missing value is said so, and filters as MISSING."""
    return [
        Bar(t("missing") if value is None else str(value), n, MISSING if value is None else value)
        for value, n in frame.select(column, number).iter_rows()
    ]


def ranked(bars: Sequence[Bar], colour: str, rest: str = "") -> go.Figure:
    """Horizontal bars, the first on top; those without a value in the colour ``rest``."""
    places = list(range(len(bars)))
    bar = {
        "type": "bar", "orientation": "h", "y": places, "x": [bar.length for bar in bars],
        "customdata": [bar.value for bar in bars],
        "text": [escape(bar.label) for bar in bars], "textposition": "none",
        "marker": {"color": [rest if rest and bar.value is None else colour for bar in bars]},
        "hovertemplate": "%{text}: %{x:,}<extra></extra>",
    }  # fmt: skip
    labels = {
        "tickvals": places, "ticktext": [escape(_short(bar.label)) for bar in bars],
        "range": [max(len(bars), 4) - 0.5, -0.5], "showgrid": False, "automargin": True,
    }  # fmt: skip
    return _figure([bar], bargap=0.25, xaxis=COUNTS, yaxis=labels)


def steps(bars: Sequence[Bar], colour: str, title: str) -> go.Figure:
    """Upright bars in their order, such as the steps of a histogram; ``title`` is of their axis."""
    places = list(range(len(bars)))
    every = max(1, -(-len(bars) // 12))
    labels = [escape(bar.label) for bar in bars]
    bar = {
        "type": "bar", "x": places, "y": [bar.length for bar in bars],
        "marker": {"color": colour}, "text": labels, "textposition": "none",
        "hovertemplate": "%{text}: %{y:,}<extra></extra>",
    }  # fmt: skip
    axis = {
        "tickvals": places[::every], "ticktext": labels[::every], "title": {"text": title},
        "showgrid": False,
    }  # fmt: skip
    return _figure([bar], bargap=0.08, xaxis=axis, yaxis=COUNTS)


def stacked_steps(frame: pl.DataFrame, t: Texts, look: Look, title: str) -> go.Figure:
    """Series by a number (thickness_mm) and modality, stacked; the last step holds all above it."""
    bars = []
    known = list(look.colours)
    for kind in [*known, None]:
        is_one = pl.col("modality").is_in(known) if kind is None else pl.col("modality") != kind
        part = frame.filter(~is_one).group_by("thickness_mm").agg(pl.col("series").sum())
        if part.is_empty():
            continue
        part = part.sort("thickness_mm")
        name = t("chart.other") if kind is None else kind or t("missing")
        colour = look.rest if kind is None else look.colours[kind]
        bar = {
            "type": "bar", "name": escape(name), "marker": {"color": colour},
            "x": part["thickness_mm"].to_list(), "y": part["series"].to_list(),
            "offset": 0, "width": 0.5, "hovertemplate": "%{x} mm: %{y:,}",
        }  # fmt: skip
        bars.append(bar)
    axis = {"title": {"text": title}, "showgrid": False, "nticks": 12}
    return _figure(bars, **STACKED, xaxis=axis, yaxis=COUNTS)


def growth(frame: pl.DataFrame, colour: str) -> go.Figure:
    """Studies so far by study date; ``frame`` has period, studies, so_far."""
    line = {
        "type": "scatter", "mode": "lines", "fill": "tozeroy",
        "x": frame["period"].to_list(), "y": frame["so_far"].to_list(),
        "line": {"color": colour, "width": 2, "shape": "hv"},
        "customdata": frame["studies"].to_list(),
        "hovertemplate": "%{x|%Y-%m-%d}: %{y:,} (+%{customdata:,})<extra></extra>",
    }  # fmt: skip
    return _figure([line], xaxis={"showgrid": False, "nticks": 8}, yaxis=COUNTS)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _figure(data: list[dict[str, Any]], **layout: Any) -> go.Figure:
    """Nothing stands above most of these pictures, so they begin higher."""
    margin = {**charts.LAYOUT["margin"], "t": 24}
    return charts.figure_of(data, **{"margin": margin, "showlegend": False, **layout})
