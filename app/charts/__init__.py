"""Pictures of answers: pure functions from a frame to a Plotly figure.

Colours are given, fonts and grids come from the theme when the figure is drawn, so a figure fits
light and dark. Text from files is escaped, because Plotly reads some HTML.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any, NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app.i18n import Texts

MAX_KINDS = 6
"""Modalities with a colour of their own; the palette has one more, for the others."""
MAX_BARS = 8
HEIGHT = 240


HALF_A_YEAR = 180
"""Days."""
COUNTS: dict[str, Any] = {"rangemode": "tozero", "nticks": 5}
"""An axis of numbers of things."""
LEGEND: dict[str, Any] = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
LAYOUT: dict[str, Any] = {
    "height": HEIGHT, "margin": {"l": 8, "r": 8, "t": 32, "b": 8}, "dragmode": False,
    "hoverlabel": {"namelength": -1}, "legend": LEGEND,
}  # fmt: skip
"""What all pictures have in common."""
STACKED: dict[str, Any] = {
    "barmode": "stack", "bargap": 0.15, "legend": {**LEGEND, "traceorder": "normal"}
}  # fmt: skip


class Look(NamedTuple):
    """The colour of each modality that has one, in the order they are stacked; that of the rest."""

    colours: Mapping[str, str]
    rest: str


def look(present: Sequence[str], ranking: Sequence[str], palette: Sequence[str]) -> Look:
    """A colour for the most frequent of the modalities that are ``present``, in their order.

    A modality keeps the colour of its place in ``ranking``, that of the whole databank, so filters
    do not change it; those beyond get what is left. ``palette`` has MAX_KINDS colours, and one
    more for the others.
    """
    own = palette[:MAX_KINDS]
    chosen = {kind: own[ranking.index(kind)] for kind in present if kind in ranking[: len(own)]}
    left = [colour for colour in own if colour not in chosen.values()]
    for kind in present:
        if kind not in chosen and left:
            chosen[kind] = left.pop(0)
    return Look({kind: chosen[kind] for kind in present if kind in chosen}, palette[MAX_KINDS])


def ranking(frame: pl.DataFrame) -> list[str]:
    """The modalities of ``frame`` (modality, series), the most frequent first."""
    sums = frame.group_by("modality").agg(pl.col("series").sum())
    return sums.sort(-pl.col("series"), "modality")["modality"].to_list()


def over_time(frame: pl.DataFrame, t: Texts, unit: str, colours: Look) -> go.Figure:
    """Series per step of time, stacked by modality; ``frame`` has period, modality, series."""
    bars = [
        {
            "type": "bar",
            "name": name,
            "marker": {"color": colour},
            "x": part["period"].to_list(),
            "y": part["series"].to_list(),
            "customdata": [days(period, unit) for period in part["period"]],
            "hovertemplate": f"%{{x|{_DATE[unit]}}}: %{{y}}",
        }
        for name, colour, part in _kinds(frame, "period", t, colours)
    ]
    axis = {
        "hoverformat": _DATE[unit], "showgrid": False, "nticks": 8,
        "range": around(frame["period"]),
    }  # fmt: skip
    return figure_of(bars, **STACKED, xaxis=axis, yaxis=COUNTS, showlegend=True)


def by_maker(frame: pl.DataFrame, t: Texts, colours: Look) -> go.Figure:
    """Series per manufacturer, the most frequent on top, stacked by modality."""
    sums = frame.group_by("manufacturer").agg(pl.col("series").sum())
    ranked = sums.sort(-pl.col("series"), "manufacturer")["manufacturer"].to_list()
    names = {m: m or t("missing") for m in ranked[:MAX_BARS]}
    named = frame.with_columns(
        pl.col("manufacturer").replace_strict(names, default=t("chart.other"))
    )
    order = [escape(name) for name in names.values()]
    order += [escape(t("chart.other"))] if len(ranked) > MAX_BARS else []
    bars = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "marker": {"color": colour},
            "y": [escape(maker) for maker in part["manufacturer"]],
            "x": part["series"].to_list(),
            "hovertemplate": "%{y}: %{x}",
        }
        for name, colour, part in _kinds(named, "manufacturer", t, colours)
    ]
    axis = {
        "categoryorder": "array", "categoryarray": order, "showgrid": False, "automargin": True,
        "range": [max(len(order), 4) - 0.5, -0.5],  # the first on top; few bars stay thin
    }  # fmt: skip
    return figure_of(bars, **STACKED, xaxis=COUNTS, yaxis=axis, showlegend=False)


def days(period: date, unit: str) -> str:
    """The first and the last day of a day, month or year, as a bar of it is to name them."""
    first = period.replace(day=1 if unit != "day" else period.day)
    first = first.replace(month=1) if unit == "year" else first
    return f"{first}/{last_day(first, unit)}"


def last_day(first: date, unit: str) -> date:
    """The last day of the day, month or year that begins with ``first``; nothing is behind 9999."""
    if unit == "year":
        return first.replace(month=12, day=31)
    return first if unit == "day" else first.replace(day=monthrange(first.year, first.month)[1])


_DATE = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


def time_unit(first: date | None, last: date | None) -> str:
    """The step of time that gives at most some 70 bars between two dates; month without dates."""
    if first is None or last is None:
        return "month"
    days = (last - first).days
    return "day" if days <= 60 else "month" if days <= 6 * 365 else "year"


def _kinds(
    frame: pl.DataFrame, axis: str, t: Texts, look: Look
) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Name, colour and rows of each modality that has a colour, and of the others together."""
    for kind, colour in look.colours.items():
        part = frame.filter(pl.col("modality") == kind)
        if part.height:
            yield escape(kind or t("missing")), colour, _summed(part, axis)
    others = frame.filter(~pl.col("modality").is_in(list(look.colours)))
    if others.height:
        yield escape(t("chart.other")), look.rest, _summed(others, axis)


def _summed(frame: pl.DataFrame, axis: str) -> pl.DataFrame:
    return frame.group_by(axis).agg(pl.col("series").sum()).sort(axis)


def around(periods: pl.Series) -> list[str] | None:
    """The range of an axis: with one date Plotly zooms in to milliseconds, show a year around it.

    Python has no date before the year 1, which is what some write for a date that was removed.
    """
    if periods.n_unique() != 1:
        return None
    day = periods[0].toordinal()
    first, last = max(day - HALF_A_YEAR, 1), min(day + HALF_A_YEAR, date.max.toordinal())
    return [date.fromordinal(first).isoformat(), date.fromordinal(last).isoformat()]


def figure_of(data: list[dict[str, Any]], **layout: Any) -> go.Figure:
    """A figure of one piece: made property by property it takes Plotly seven times as long."""
    return go.Figure({"data": data, "layout": {**LAYOUT, **layout}})
