"""Pictures of MR series: how many of each kind, and dynamic groups over time.

What is told by colour is told again by place, text or hatching.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app.charts import LEGEND, figure_of
from app.i18n import Texts

MOST_BARS = 20
MOST_PHASES = 60
ROW = 22
LONGEST = 34
HATCHED = {"size": 5, "fillmode": "overlay", "fgopacity": 0.35}
"""A hatching over the colour, so that text is read on it."""
NARROWEST = 0.006
"""Of the width of the picture: what took no time would be no bar at all."""
SHORT = timedelta(minutes=20)
"""A span whose axis tells seconds."""
KINDS = (("PRE", "pre", 0, ""), ("POST", "post", 1, "/"), ("", "other", 5, "."))
"""Start of a phase, its text, its place in the palette, its hatching."""


def ranked(rows: Sequence[tuple[str, str, int]], t: Texts, palette: Sequence[str]) -> go.Figure:
    """Bars of (value, label, n), as given; the last one stands for what more there are."""
    shown = list(rows[:MOST_BARS])
    labels = [_short(label) for _, label, _ in shown]
    numbers = [n for *_, n in shown]
    values: list[str | None] = [value for value, *_ in shown]
    if len(rows) > MOST_BARS:
        labels.append(t("overview.others", n=t.number(len(rows) - MOST_BARS)))
        numbers.append(sum(n for *_, n in rows[MOST_BARS:]))
        values.append(None)
    bars = {
        "type": "bar", "orientation": "h", "y": list(range(len(labels))), "x": numbers,
        "text": [t.number(n) for n in numbers], "textposition": "auto", "textangle": 0,
        "customdata": values,
        "hovertext": [f"{label}: {t.number(n)}" for label, n in zip(labels, numbers, strict=True)],
        "hovertemplate": "%{hovertext}<extra></extra>", "marker": {"color": palette[0]},
    }  # fmt: skip
    return figure_of(
        [bars], height=ROW * max(len(labels), 3) + 40, showlegend=False,
        margin={"l": 8, "r": 8, "t": 8, "b": 8}, xaxis={"showgrid": True, "nticks": 5},
        yaxis=_rows(labels),
    )  # fmt: skip


def timeline(phases: pl.DataFrame, t: Texts, palette: Sequence[str]) -> go.Figure:
    """A row for each phase with a time, by group: a bar from its first to its last acquisition.

    ``phases`` has dynamicGroup, dynamicPhase, SeriesNumber, SeriesDescription, sequenceClass,
    n_phases and acquisition_datetime_min and _max.
    """
    timed = phases.drop_nulls("acquisition_datetime_min").head(MOST_PHASES)
    rows = timed.select(
        "dynamicGroup", "dynamicPhase", "SeriesNumber", "SeriesDescription", "sequenceClass",
        "n_phases", "acquisition_datetime_min",
        end=pl.max_horizontal("acquisition_datetime_min", "acquisition_datetime_max"),
    ).rows()  # fmt: skip
    ends = [row[-1] for row in rows]
    starts = [row[-2] for row in rows]
    whole = max(ends) - min(starts) if rows else timedelta(0)
    clock = "%H:%M:%S" if whole < SHORT else "%H:%M"
    narrow = max(whole * NARROWEST, timedelta(seconds=2))
    traces = []
    for start, word, colour, shape in KINDS:
        trace = _trace(t(f"mr.phase_{word}"), palette[colour % len(palette)], shape)
        for place, (group, phase, number, name, kind, n_phases, begin, end) in enumerate(rows):
            if _kind(phase) != start:
                continue
            label = escape(" ".join(f"{number or ''} {name or ''}".split()))
            trace["y"].append(place)
            trace["base"].append(begin)
            trace["x"].append(max(end - begin, narrow).total_seconds() * 1000)
            several = f" ×{n_phases}" if (n_phases or 0) > 1 else ""
            said = f"{escape(phase or '')}{several}".strip()
            trace["text"].append(said)
            trace["hovertext"].append(
                f"{label}<br>{t('column.dynamicGroup')} {group} · {said} · "
                f"{escape(kind or '')}<br>{begin:%H:%M:%S}"
            )
        if trace["y"]:
            traces.append(trace)
    labels = [
        _short(f"{group} · {number or ''} {name or ''}") for group, _, number, name, *_ in rows
    ]
    return figure_of(
        traces, height=ROW * max(len(labels), 3) + 76, barmode="overlay", bargap=0.25,
        showlegend=True, legend={**LEGEND, "y": 1, "traceorder": "normal"},
        xaxis={"type": "date", "nticks": 6, "tickformat": clock, "showgrid": True},
        yaxis=_rows(labels),
    )  # fmt: skip


def _kind(phase: str | None) -> str:
    return next((start for start, *_ in KINDS if start and (phase or "").startswith(start)), "")


def _trace(name: str, colour: str, shape: str) -> dict[str, Any]:
    return {
        "type": "bar", "orientation": "h", "name": name, "y": [], "x": [], "base": [], "text": [],
        "hovertext": [], "hovertemplate": "%{hovertext}<extra></extra>", "textposition": "auto",
        "textangle": 0, "marker": {"color": colour, "pattern": {**HATCHED, "shape": shape}},
    }  # fmt: skip


def _rows(labels: Sequence[str]) -> dict[str, Any]:
    return {
        "tickvals": list(range(len(labels))), "ticktext": list(labels),
        "range": [max(len(labels), 3) - 0.5, -0.5], "showgrid": False, "zeroline": False,
        "automargin": True,
    }  # fmt: skip


def _short(label: str) -> str:
    """A label that leaves room for the bars, and is no markup."""
    text = " ".join(label.split())
    return escape(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
