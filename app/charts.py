"""Pictures of answers: pure functions from a frame to a Plotly figure.

Colours and fonts come from the theme when the figure is drawn, so a figure fits light and dark.
Text from files is escaped, because Plotly reads some HTML.
"""

from __future__ import annotations

from html import escape
from typing import Any

import plotly.graph_objects as go
import polars as pl

from app.i18n import Texts

MAX_KINDS = 6
"""Modalities with a colour of their own; the palette has one more, for the others."""
MAX_BARS = 8
HEIGHT = 240


def over_time(frame: pl.DataFrame, t: Texts, unit: str) -> go.Figure:
    """Series per step of time, stacked by modality; ``frame`` has period, modality, series."""
    figure = _stacked()
    for kind, part in _by_kind(frame, "period", t):
        figure.add_bar(
            x=part["period"].to_list(), y=part["series"].to_list(), name=kind,
            hovertemplate=f"%{{x|{_DATE[unit]}}}: %{{y}}",
        )  # fmt: skip
    figure.update_xaxes(
        hoverformat=_DATE[unit], showgrid=False, nticks=8,
        range=_around(frame["period"]),
    )  # fmt: skip
    figure.update_yaxes(rangemode="tozero", nticks=5)
    return figure


def by_maker(frame: pl.DataFrame, t: Texts) -> go.Figure:
    """Series per manufacturer, the most frequent on top, stacked by modality."""
    named = frame.with_columns(_labels("manufacturer", frame["manufacturer"], frame["series"], t, MAX_BARS))
    sums = named.group_by("manufacturer").agg(pl.col("series").sum())
    order = [escape(name) for name in sums.sort("series", "manufacturer")["manufacturer"]]
    figure = _stacked()
    for kind, part in _by_kind(named, "manufacturer", t):
        figure.add_bar(
            y=[escape(name) for name in part["manufacturer"]], x=part["series"].to_list(),
            name=kind, orientation="h", hovertemplate="%{y}: %{x}",
        )  # fmt: skip
    figure.update_xaxes(rangemode="tozero", nticks=5)
    figure.update_yaxes(
        categoryorder="array", categoryarray=order, showgrid=False, automargin=True,
        range=[len(order) - max(len(order), 4) - 0.5, len(order) - 0.5],  # few bars stay thin
    )  # fmt: skip
    return figure


def slices(frame: pl.DataFrame, t: Texts) -> go.Figure:
    """Slice positions along the normal, in slice order: gaps and repeats are seen at once."""
    known = frame.drop_nulls("slice_position_mm")
    figure = go.Figure()
    figure.add_scatter(
        x=known["position"].to_list(), y=known["slice_position_mm"].to_list(), mode="markers",
        marker={"size": 5}, hovertemplate="%{x}: %{y:.2f} mm<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title=t("chart.instance"), showgrid=False)
    figure.update_yaxes(title=t("column.slice_position_mm") + " (mm)")
    return _sized(figure)


_DATE = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


def time_unit(first: Any, last: Any) -> str:
    """The step of time that gives at most some 70 bars between two dates; month without dates."""
    if first is None or last is None:
        return "month"
    days = (last - first).days
    return "day" if days <= 60 else "month" if days <= 6 * 365 else "year"


def _by_kind(frame: pl.DataFrame, axis: str, t: Texts) -> list[tuple[str, pl.DataFrame]]:
    """The frame split by modality, the most frequent first; the rare ones are one."""
    kinds = _labels("modality", frame["modality"], frame["series"], t, MAX_KINDS)
    named = frame.with_columns(kinds).group_by(axis, "modality").agg(pl.col("series").sum())
    totals = named.group_by("modality").agg(pl.col("series").sum())
    rest = t("chart.other")
    totals = totals.sort(pl.col("modality") == rest, -pl.col("series"), "modality")
    return [
        (escape(kind), named.filter(pl.col("modality") == kind).sort(axis))
        for kind in totals["modality"]
    ]


def _labels(
    name: str, values: pl.Series, weight: pl.Series, t: Texts, most: int
) -> pl.Series:
    """Values as a person calls them; those beyond the ``most`` frequent are called "Others"."""
    weights = pl.DataFrame({"value": values, "n": weight})
    frequent = weights.group_by("value").agg(pl.col("n").sum()).sort(-pl.col("n"), "value")["value"]
    named = {v: v or t("missing") for v in frequent[:most].to_list()}
    return pl.Series(name, [named.get(v, t("chart.other")) for v in values], dtype=pl.String)


def _around(periods: pl.Series) -> list[str] | None:
    """With one bar Plotly zooms in to milliseconds: show half a year around it."""
    if periods.n_unique() != 1:
        return None
    only = periods[0]
    half = pl.duration(days=180)
    low, high = pl.select(pl.lit(only) - half, pl.lit(only) + half).row(0)
    return [str(low), str(high)]


def _stacked() -> go.Figure:
    figure = go.Figure()
    figure.update_layout(barmode="stack", bargap=0.15)
    return _sized(figure)


def _sized(figure: go.Figure) -> go.Figure:
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": None},
        hoverlabel={"namelength": -1},
        dragmode=False,
    )
    return figure
