"""The parts of the page of nuclear medicine: numbers, spread, course, studies, PET dose reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl
import streamlit as st

from app.charts.period import period
from app.dashboards import nuclear as figures
from app.dashboards.nuclear import CLASSES, LEVELS, MOST_GROUPS, REASONS, UNITS
from app.i18n import Texts
from app.queries import Order
from app.ui import cards, tables
from app.ui.choice import choose
from app.ui.pictures import palette, picture
from app.ui.tables import Row, Shown
from app.ui.view import View, path

FILTERS = {"uptake": "uptake", "dose": "dose_per_kg"}
"""The filters that a click on a bar of a histogram sets."""
PET_DOSE = Shown("StudyDescription", hidden=("StudyInstanceUID",))
PET_DOSE_OF_ONE = Shown(hidden=("StudyDescription", "StudyDate", "patient", "StudyInstanceUID"))
REPORT_ORDER = Order(
    "StudyDate", descending=True, then=("StudyInstanceUID", "report_item", "report_value")
)
BY_DATE = Order("StudyDate", descending=True, then=("StudyInstanceUID",))
COLUMNS = (
    "StudyDescription", "StudyDate", "patient", "nuclear_reasons", "Radiopharmaceutical",
    "uptake_minutes", "uptake_status", "dose_per_kg_MBq", "dose_status", "dose_robust_z",
    "injected_activity_MBq", "weight_kg", "weight_status", "injection_datetime",
    "injection_date_inferred", "scanner",
)  # fmt: skip


def ideal(view: View) -> dict[str, float]:
    """The ideal ranges of the databank."""
    assert view.databank is not None
    return figures.ideal(view.databank.root)


def numbers(view: View) -> dict[str, int]:
    """How many studies are in each class and have each reason, those with none left out."""
    limits = ideal(view)
    view.prepare(dict.fromkeys(("nuclear_numbers", "nuclear_statistics", "nuclear_bins"), limits))
    return figures.numbers(view, limits)


def cards_of(view: View, found: Mapping[str, int]) -> None:
    """The cards, and the ideal ranges in words."""
    limits = ideal(view)
    for measure, shown in zip(UNITS, figures.cards(view, found, limits), strict=True):
        cards.row(view, shown, key=f"nuclear_{measure}_cards")
    st.caption(figures.ideal_said(view.texts, limits))
    st.page_link(path("qa"), label=view.texts("nuclear.change"), icon=":material/tune:")


def spread(view: View) -> None:
    """Histograms of uptake and dose with their numbers; in all, or for each of some groups."""
    t = view.texts
    by = st.segmented_control(
        t("nuclear.by"), LEVELS, default="all", required=True, key="nuclear_by",
        format_func=lambda level: t(f"nuclear.by_{level}"), persist_state="session",
    )  # fmt: skip
    by = str(by or "all")
    frame = figures.statistics(view, ideal(view))
    for measure, cell in zip(UNITS, st.columns(2, gap="medium"), strict=True):
        with cell:
            part = frame.filter(measure=measure, level=by)
            if part.is_empty():
                st.markdown(f"**{t(f'nuclear.{measure}')}**")
                st.info(t(f"nuclear.no_{measure}"), icon=":material/data_alert:")
                continue
            picture(
                t(f"nuclear.{measure}"), partial(_histograms, view, measure, by),
                f"nuclear_{measure}_{by}", figures.said(t, measure, part) if by == "all" else "",
                help=t(f"nuclear.{measure}_help"), filters=FILTERS[measure],
            )  # fmt: skip
            if by != "all" and part.height > MOST_GROUPS:
                st.caption(t("nuclear.more_groups", n=t.number(part.height - MOST_GROUPS)))
    st.caption(t("nuclear.legend"))
    shown = frame.filter(pl.col("level").is_in(["all", by]))
    tables.whole(view, figures.table(t, shown), "nuclear_statistics")


def _histograms(view: View, measure: str, by: str) -> go.Figure:
    limits = ideal(view)
    shown = figures.groups(view, limits, measure, by)
    return figures.histograms(view, palette(), limits, measure, shown)


def course(view: View) -> None:
    """Medians by date and scanner, and activity against weight."""
    t = view.texts
    totals = view.ask("totals").row(0, named=True)
    shown = period(totals)
    asked = figures.timeline(view, ideal(view), shown.unit)
    for measure, cell in zip(UNITS, st.columns(2, gap="medium"), strict=True):
        dated = asked.filter(measure=measure)
        part, note = shown.near(dated), figures.too_far(t, shown, dated)
        with cell:
            if part.is_empty():
                st.markdown(f"**{t(f'nuclear.course_{measure}')}**")
                st.info(note or t("nuclear.undated"), icon=":material/event_busy:")
                continue
            picture(
                t(f"nuclear.course_{measure}"), partial(_course, view, measure, shown.unit, part),
                f"nuclear_course_{measure}", note, help=t("nuclear.course_help"),
            )  # fmt: skip
    points, note = figures.points(view)
    if points.is_empty():
        st.info(t("nuclear.no_points"), icon=":material/data_alert:")
        return
    picture(
        t("nuclear.scatter"), partial(_scatter, view, points), "nuclear_scatter", note,
        help=t("nuclear.scatter_help"),
    )  # fmt: skip


def _course(view: View, measure: str, unit: str, part: pl.DataFrame) -> go.Figure:
    return figures.course(view, palette(), ideal(view), measure, unit, part)


def _scatter(view: View, points: pl.DataFrame) -> go.Figure:
    return figures.scatter(view, palette(), ideal(view), points)


def rows(view: View, found: Mapping[str, int]) -> Row | None:
    """The studies behind a number; gives the one that was opened."""
    t = view.texts
    offered = [name for name in (*REASONS, *CLASSES) if found.get(name) or name == "all"]
    which = choose(
        t("nuclear.which"), offered, "nuclear_which", _choice(t, found), persist_state="session",
        help=t("nuclear.which_help"),
    )  # fmt: skip
    if not found.get("any"):
        st.success(t("nuclear.no_outliers"), icon=":material/check:")
    shown = Shown("StudyDescription", ("StudyInstanceUID",), columns=COLUMNS)
    return tables.paged(view, "nuclear_rows", BY_DATE, shown, which=which, **ideal(view))


def _choice(t: Texts, found: Mapping[str, int]) -> Callable[[str], str]:
    def said(name: str) -> str:
        key = f"nuclear_reason.{name}" if name in REASONS[1:] else f"nuclear.is_{name}"
        return f"{t(key)} ({t.number(found.get(name, 0))})"

    return said


def pet_dose(view: View) -> Row | None:
    """What Siemens PET dose reports say, when asked, as it is long; gives the study opened."""
    t = view.texts
    if not view.everything().ask("nuclear_pet_dose_keys").item():
        st.caption(t("nuclear.no_pet_dose"))
        return None
    if not st.toggle(t("nuclear.show_pet_dose"), key="nuclear_pet_dose"):
        return None
    st.caption(t("nuclear.pet_dose_shown" if view.identifiers else "nuclear.pet_dose_hidden"))
    return tables.paged(view, "nuclear_pet_dose", REPORT_ORDER, PET_DOSE, study="")


def pet_dose_of(view: View, study: str) -> None:
    """The PET dose report of one study, if it has one."""
    t = view.texts
    if not view.ask("nuclear_pet_dose_keys").item():
        return
    told = view.ask("nuclear_pet_dose", study=study)
    if told.is_empty():
        return
    st.markdown(f"**{t('nuclear.pet_dose')}**")
    st.caption(t("nuclear.pet_dose_shown" if view.identifiers else "nuclear.pet_dose_hidden"))
    tables.whole(
        view, told, "study_pet_dose", PET_DOSE_OF_ONE, "nuclear_pet_dose", study=study
    )  # fmt: skip
