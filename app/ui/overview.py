"""The parts of the overview: attention, breakdowns, growth, reports of a data curator, runs."""

from __future__ import annotations

from typing import Any

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
    t = view.texts
    counted = view.ask("overview_values", most=MOST)
    colour, rest = palette()[0], palette()[charts.MAX_KINDS]
    for facet, column in zip(FACETS, _grid(len(FACETS)), strict=True):
        part = counted.filter(facet=facet)
        bars = pictures_of.bars_of(part.filter("named"), t, "value", "series")
        for n_values, series in part.filter(~pl.col("named")).select("n_values", "series").rows():
            bars.append(Bar(t("overview.others", n=t.number(n_values)), series))
        with column:
            figure = pictures_of.ranked(bars, colour, rest)
            picture(t(f"overview.by_{facet}"), figure, f"by_{facet}", filters=facet)


def over_time(view: View, totals: dict[str, Any]) -> None:
    """Series by date and modality, and the studies so far."""
    t = view.texts
    unit = charts.time_unit(totals["first_date"], totals["last_date"])
    frame = view.ask("series_over_time", unit=unit)
    left, right = _grid(2)
    undated = t.count("series", totals["undated_series"])
    note = t("chart.undated", series=undated) if totals["undated_series"] else ""
    with left:
        if frame.is_empty():
            st.info(t("overview.undated"), icon=":material/event_busy:")
            return
        colours = modality_colours(view, view.ask("series_by_maker"))
        figure = charts.over_time(frame, t, unit, colours)
        picture(t("chart.over_time"), figure, "over_time", note, filters=DATES)
    with right:
        figure = pictures_of.growth(view.ask("overview_growth", unit=unit), palette()[0])
        picture(t("overview.growth"), figure, "growth", help=t("overview.growth_help"))


def curation(view: View, slices: pl.DataFrame) -> None:
    """The reports of a data curator."""
    t = view.texts
    colour = palette()[0]
    makers = view.ask("series_by_maker")
    colours = modality_colours(view, makers)
    thickness = view.ask("overview_thickness")
    descriptions = view.ask("overview_descriptions", most=MOST_DESCRIPTIONS)
    sexes = view.ask("overview_sex")
    named = [
        Bar(t.find(f"sex.{sex}", sex) if sex else t("missing"), n, sex or MISSING)
        for sex, n in sexes.select("sex", "patients").iter_rows()
    ]
    cells = iter(_grid(6))
    with next(cells):
        figure = pictures_of.steps(_slice_steps(view, slices), colour, t("overview.slices_axis"))
        picture(t("overview.slices"), figure, "slices_per_study", help=t("overview.slices_help"))
    with next(cells):
        figure = pictures_of.stacked_steps(thickness, t, colours, t("overview.thickness_axis"))
        picture(t("overview.thickness"), figure, "thickness", help=t("overview.thickness_help"))
    with next(cells):
        picture(t("overview.sex"), pictures_of.ranked(named, colour), "by_sex", filters="sex")
    with next(cells):
        bars = pictures_of.bars_of(descriptions, t, "description", "studies")
        picture(t("overview.descriptions"), pictures_of.ranked(bars, colour), "descriptions")
    with next(cells):
        figure = charts.by_maker(makers, t, colours)
        picture(t("overview.makers"), figure, "makers", help=t("overview.makers_help"))
    with next(cells):
        figure = pictures_of.steps(_offset_steps(view), colour, t("overview.offset_axis"))
        picture(t("overview.offset"), figure, "offsets", help=t("overview.offset_help"))


def runs(view: View) -> None:
    """The latest runs of the ingest."""
    t = view.texts
    latest = view.everything().ask("runs").head(LATEST_RUNS)
    tables.whole(view, latest, "latest_runs", Shown(hidden=("run_id", "sources", "workers")))
    st.page_link(path("runs"), label=t("overview.all_runs"), icon=":material/history:")


def _slice_steps(view: View, slices: pl.DataFrame) -> list[Bar]:
    t = view.texts
    bars, before = [], 0
    for up_to, studies in slices.select("up_to", "studies").iter_rows():
        first = t.number(before + 1)
        label = f"≥ {first}" if up_to is None else f"{first}–{t.number(up_to)}"
        bars.append(Bar(label, studies))
        before = up_to or before
    return bars


def _offset_steps(view: View) -> list[Bar]:
    counted = dict(view.ask("overview_offsets").select("minutes", "series").iter_rows())
    steps = [(f"{start}–{start + 10}", counted.get(start, 0)) for start in OFFSETS]
    around = [("< 0", counted.get(-10, 0)), *steps, ("≥ 120", counted.get(120, 0))]
    return [Bar(label, series) for label, series in around]


def _grid(n: int) -> list[Any]:
    """So many cells, two beside each other where there is room."""
    cells: list[Any] = []
    for _ in range(-(-n // 2)):
        cells += st.columns(2, gap="medium")
    return cells[:n]
