"""The parts of the overview: attention, breakdowns, growth, reports of a data curator, runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl
import streamlit as st

from app import charts
from app.charts import overview as pictures_of
from app.charts.overview import Bar
from app.filters import DATES, MISSING
from app.ui import tables
from app.ui.pictures import modality_colours, palette, picture
from app.ui.tables import Shown
from app.ui.view import View, path

MOST = 8
"""Values that have a bar of their own."""
MOST_DESCRIPTIONS = 10
FACETS = ("modality", "manufacturer", "model", "body_part")
LATEST_RUNS = 5
OFFSETS = range(0, 120, 10)


def prepare(view: View, totals: dict[str, Any]) -> None:
    """Ask what the page is going to ask, side by side."""
    unit = {"unit": charts.time_unit(totals["first_date"], totals["last_date"])}
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
    said = [t.find(f"finding.{rule}", rule) for rule in found["rule"]]
    severities = [t.find(f"severity.{severity}", severity) for severity in found["severity"]]
    shown = found.select(
        pl.Series("severity", severities), pl.Series("what", said),
        pl.col("findings").alias("n_findings"), "n_affected", "n_studies",
    )  # fmt: skip
    tables.whole(view, shown, "attention")
    st.page_link(path("runs"), label=t("overview.see_files"), icon=":material/fact_check:")


def breakdown(view: View) -> None:
    """The most frequent values of each facet; a click filters by one."""
    for facet, column in zip(FACETS, _grid(len(FACETS)), strict=True):
        with column:
            title = view.texts(f"overview.by_{facet}")
            picture(title, partial(_by_value, view, facet), f"by_{facet}", filters=facet)


def _by_value(view: View, facet: str) -> go.Figure:
    t = view.texts
    part = view.ask("overview_values", most=MOST).filter(facet=facet)
    bars = pictures_of.bars_of(part.filter("named"), t, "value", "series")
    for n_values, series in part.filter(~pl.col("named")).select("n_values", "series").rows():
        bars.append(Bar(t("overview.others", n=t.number(n_values)), series))
    return pictures_of.ranked(bars, palette()[0], palette()[charts.MAX_KINDS])


def over_time(view: View, totals: dict[str, Any]) -> None:
    """Series by date and modality, and the studies so far."""
    t = view.texts
    unit = charts.time_unit(totals["first_date"], totals["last_date"])
    frame = view.ask("series_over_time", unit=unit)
    undated = t.count("series", totals["undated_series"])
    note = t("chart.undated", series=undated) if totals["undated_series"] else ""
    if frame.is_empty():
        st.info(t("overview.undated"), icon=":material/event_busy:")
        return

    def by_date() -> go.Figure:
        return charts.over_time(frame, t, unit, _colours(view))

    def growth() -> go.Figure:
        return pictures_of.growth(view.ask("overview_growth", unit=unit), palette()[0])

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
                t(f"overview.{name}"), partial(_FIGURES[name], view), f"report_{name}",
                help=t.find(f"overview.{name}_help", ""), filters=filters,
            )  # fmt: skip


def _slices(view: View) -> go.Figure:
    t = view.texts
    bars, before = [], 0
    for up_to, studies in view.ask("overview_slices").select("up_to", "studies").iter_rows():
        first = t.number(before + 1)
        label = f"≥ {first}" if up_to is None else f"{first}–{t.number(up_to)}"
        bars.append(Bar(label, studies))
        before = up_to or before
    return pictures_of.steps(bars, palette()[0], t("overview.slices_axis"))


def _thickness(view: View) -> go.Figure:
    t, frame = view.texts, view.ask("overview_thickness")
    return pictures_of.stacked_steps(frame, t, _colours(view), t("overview.thickness_axis"))


def _sex(view: View) -> go.Figure:
    t = view.texts
    bars = [
        Bar(t.find(f"sex.{sex}", sex) if sex else t("missing"), n, sex or MISSING)
        for sex, n in view.ask("overview_sex").select("sex", "patients").iter_rows()
    ]
    return pictures_of.ranked(bars, palette()[0])


def _descriptions(view: View) -> go.Figure:
    frame = view.ask("overview_descriptions", most=MOST_DESCRIPTIONS)
    bars = pictures_of.bars_of(frame, view.texts, "description", "studies")
    return pictures_of.ranked(bars, palette()[0])


def _makers(view: View) -> go.Figure:
    return charts.by_maker(view.ask("series_by_maker"), view.texts, _colours(view))


def _offset(view: View) -> go.Figure:
    counted = dict(view.ask("overview_offsets").select("minutes", "series").iter_rows())
    steps = [(f"{start}–{start + 10}", counted.get(start, 0)) for start in OFFSETS]
    around = [("< 0", counted.get(-10, 0)), *steps, ("≥ 120", counted.get(120, 0))]
    bars = [Bar(label, series) for label, series in around]
    return pictures_of.steps(bars, palette()[0], view.texts("overview.offset_axis"))


_FIGURES: dict[str, Callable[[View], go.Figure]] = {
    "slices": _slices, "thickness": _thickness, "sex": _sex, "descriptions": _descriptions,
    "makers": _makers, "offset": _offset,
}  # fmt: skip


def _colours(view: View) -> charts.Look:
    return modality_colours(view, view.ask("series_by_maker"))


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
