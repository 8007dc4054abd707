"""Pictures of the overview: values by frequency, steps of a number, growth over time."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app.charts import HEIGHT, Look
from app.filters import MISSING
from app.i18n import Texts

LONGEST = 34
"""Characters of a label; the whole text is in the hover."""


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
    figure = go.Figure(layout={"bargap": 0.25})
    figure.add_bar(
        y=places, x=[bar.length for bar in bars], orientation="h",
        customdata=[bar.value for bar in bars],
        text=[escape(bar.label) for bar in bars], textposition="none",
        marker_color=[rest if rest and bar.value is None else colour for bar in bars],
        hovertemplate="%{text}: %{x:,}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(rangemode="tozero", nticks=5, separatethousands=True)
    figure.update_yaxes(
        tickvals=places, ticktext=[escape(_short(bar.label)) for bar in bars],
        range=[max(len(bars), 4) - 0.5, -0.5], showgrid=False, automargin=True,
    )  # fmt: skip
    return _sized(figure)


def steps(bars: Sequence[Bar], colour: str, title: str) -> go.Figure:
    """Upright bars in their order, such as the steps of a histogram; ``title`` is of their axis."""
    places = list(range(len(bars)))
    figure = go.Figure(layout={"bargap": 0.08})
    figure.add_bar(
        x=places, y=[bar.length for bar in bars], marker_color=colour,
        text=[escape(bar.label) for bar in bars], textposition="none",
        hovertemplate="%{text}: %{y:,}<extra></extra>",
    )  # fmt: skip
    every = max(1, -(-len(bars) // 12))
    figure.update_xaxes(
        tickvals=places[::every], ticktext=[escape(bar.label) for bar in bars][::every],
        title=title, showgrid=False,
    )  # fmt: skip
    figure.update_yaxes(rangemode="tozero", nticks=5, separatethousands=True)
    return _sized(figure)


def stacked_steps(frame: pl.DataFrame, t: Texts, look: Look, title: str) -> go.Figure:
    """Series by a number (thickness_mm) and modality, stacked; the last step holds all above it."""
    figure = go.Figure(layout={"barmode": "stack", "bargap": 0.08})
    known = list(look.colours)
    for kind in [*known, None]:
        of_kind = (
            pl.col("modality") == kind if kind is not None else ~pl.col("modality").is_in(known)
        )
        part = frame.filter(of_kind).group_by("thickness_mm").agg(pl.col("series").sum())
        if part.is_empty():
            continue
        part = part.sort("thickness_mm")
        name = t("chart.other") if kind is None else kind or t("missing")
        figure.add_bar(
            x=part["thickness_mm"].to_list(), y=part["series"].to_list(), name=escape(name),
            marker_color=look.rest if kind is None else look.colours[kind], offset=0, width=0.5,
            hovertemplate="%{x} mm: %{y:,}",
        )  # fmt: skip
    figure.update_xaxes(title=title, showgrid=False, nticks=12)
    figure.update_yaxes(rangemode="tozero", nticks=5, separatethousands=True)
    return _sized(figure).update_layout(showlegend=True)


def growth(frame: pl.DataFrame, colour: str) -> go.Figure:
    """Studies so far by study date; ``frame`` has period, studies, so_far."""
    figure = go.Figure()
    figure.add_scatter(
        x=frame["period"].to_list(), y=frame["so_far"].to_list(), mode="lines", fill="tozeroy",
        line={"color": colour, "width": 2, "shape": "hv"}, customdata=frame["studies"].to_list(),
        hovertemplate="%{x|%Y-%m-%d}: %{y:,} (+%{customdata:,})<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(showgrid=False, nticks=8)
    figure.update_yaxes(rangemode="tozero", nticks=5, separatethousands=True)
    return _sized(figure)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _sized(figure: go.Figure) -> go.Figure:
    return figure.update_layout(
        height=HEIGHT, margin={"l": 8, "r": 8, "t": 24, "b": 8}, showlegend=False, dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        hoverlabel={"namelength": -1},
    )  # fmt: skip
