"""The parts of the overview: attention, breakdowns, growth, reports of a data curator, runs."""

from __future__ import annotations

from functools import partial
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl
import streamlit as st

from app.charts.period import period
from app.dashboards import overview as figures
from app.dashboards.overview import FACETS, MOST, MOST_DESCRIPTIONS
from app.filters import DATES
from app.ui import tables
from app.ui.pictures import palette, picture
from app.ui.tables import Shown
from app.ui.view import View, path

LATEST_RUNS = 5
WORST = 8
"""Kinds of finding that are listed; the page of findings has all."""


def prepare(view: View, totals: dict[str, Any]) -> None:
    """Ask what the page is going to ask, side by side."""
    unit = {"unit": period(totals).unit}
    view.prepare(
        {
            "overview_values": {"most": MOST},
            "overview_attention": {},
            "series_over_time": unit,
            "series_by_maker": {},
            "overview_growth": unit,
            "overview_slices": {},
            "overview_thickness": {},
            "overview_descriptions": {"most": MOST_DESCRIPTIONS},
            "overview_sex": {},
            "overview_offsets": {},
        }
    )


def attention(view: View) -> None:
    """What is wrong, the gravest first; a good word where nothing is."""
    t = view.texts
    found = view.ask("overview_attention")
    st.subheader(t("overview.attention"), anchor=False)
    if found.is_empty():
        st.success(t("overview.no_attention"), icon=":material/check:")
        return
    worst = found.head(WORST)
    said = [t.find(f"finding.{rule}", rule) for rule in worst["rule"]]
    shown = worst.select(
        "severity", pl.Series("what", said),
        pl.col("findings").alias("n_findings"), "n_affected", "n_studies",
    )  # fmt: skip
    tables.whole(view, shown, "attention")
    more = found.height - worst.height
    st.page_link(
        path("findings"),
        label=t("overview.more_findings", n=more) if more else t("overview.see_findings"),
        icon=":material/flag:",
    )
    st.page_link(path("runs"), label=t("overview.see_files"), icon=":material/fact_check:")


def breakdown(view: View) -> None:
    """The most frequent values of each facet; a click filters by one."""
    for facet, column in zip(FACETS, _grid(len(FACETS)), strict=True):
        with column:
            title = view.texts(f"overview.by_{facet}")
            picture(title, partial(_by_value, view, facet), f"by_{facet}", filters=facet)


def _by_value(view: View, facet: str) -> go.Figure:
    return figures.by_value(view, palette(), facet)


def over_time(view: View, totals: dict[str, Any]) -> None:
    """Series by date and modality, and the studies so far."""
    t = view.texts
    shown = period(totals)
    frame = view.ask("series_over_time", unit=shown.unit)
    note = figures.not_shown(t, totals["undated_series"], shown.n_far)
    if frame.is_empty():
        st.info(t("overview.undated"), icon=":material/event_busy:")
        return

    def by_date() -> go.Figure:
        return figures.by_date(view, palette(), shown)

    def growth() -> go.Figure:
        return figures.growth(view, palette(), shown)

    left, right = _grid(2)
    with left:
        picture(t("chart.over_time"), by_date, "over_time", note, filters=DATES)
    with right:
        picture(t("overview.growth"), growth, "growth", help=t("overview.growth_help"))


REPORTS = (
    ("slices", ""), ("thickness", ""), ("sex", "sex"), ("descriptions", ""), ("makers", ""),
    ("offset", ""),
)  # fmt: skip
"""The reports of a data curator, and the facet that a click on their bars filters by."""


def curation(view: View) -> None:
    """The reports of a data curator."""
    t = view.texts
    for (name, filters), cell in zip(REPORTS, _grid(len(REPORTS)), strict=True):
        with cell:
            picture(
                t(f"overview.{name}"), partial(_report, view, name), f"report_{name}",
                help=t.find(f"overview.{name}_help", ""), filters=filters,
            )  # fmt: skip


def _report(view: View, name: str) -> go.Figure:
    return figures.REPORTS[name](view, palette())


def runs(view: View) -> None:
    """The latest runs of the ingest."""
    t = view.texts
    latest = view.everything().ask("runs").head(LATEST_RUNS)
    tables.whole(view, latest, "latest_runs", Shown(hidden=("run_id", "sources", "workers")))
    st.page_link(path("runs"), label=t("overview.all_runs"), icon=":material/history:")


def _grid(n: int) -> list[Any]:
    """So many cells, two beside each other where there is room."""
    cells: list[Any] = []
    for _ in range(-(-n // 2)):
        cells += st.columns(2, gap="medium")
    return cells[:n]
