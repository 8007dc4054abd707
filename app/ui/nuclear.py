"""The parts of the page of nuclear medicine: numbers, spread, course, studies, PET dose reports.

Values are those of the representative series of each study, as derived; what is ideal is a
threshold of the databank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl
import streamlit as st

from app import charts, thresholds
from app.charts import nuclear as pictures_of
from app.charts.nuclear import Group, Looks, Range
from app.i18n import Texts
from app.queries import Order
from app.ui import cards, tables
from app.ui.pictures import palette, picture
from app.ui.tables import Row, Shown
from app.ui.view import View

IDEAL = ("uptake_ideal_from", "uptake_ideal_to", "dose_ideal_from", "dose_ideal_to")
UNITS = {"uptake": "min", "dose": "MBq/kg"}
WIDTHS = {"uptake": 5.0, "dose": 0.1}
"""Widths of the steps of histograms; those of nuclear_bins.sql."""
FILTERS = {"uptake": "uptake", "dose": "dose_per_kg"}
"""The filters that a click on a bar of a histogram sets."""
LEVELS = ("all", "radiopharmaceutical", "scanner")
MOST_GROUPS = 6
MOST_SCANNERS = 4
MOST_POINTS = 3_000
CLASSES = ("all", "uptake", "uptake_ideal", "dose", "dose_ideal")
REASONS = (
    "any", "uptake_negative", "uptake_too_long", "uptake_not_ideal", "dose_implausible",
    "dose_outlier", "dose_not_ideal",
)  # fmt: skip
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

Ideal = Mapping[str, float]


def ideal(view: View) -> dict[str, Any]:
    """The ideal ranges of the databank, as questions want them."""
    assert view.databank is not None
    limits = thresholds.of(view.databank.root)
    return {name: limits[name] for name in IDEAL}


def range_of(limits: Ideal, measure: str) -> Range:
    """The ideal range of uptake or dose."""
    low, high = limits[f"{measure}_ideal_from"], limits[f"{measure}_ideal_to"]
    return Range(low, high, WIDTHS[measure])


def numbers(view: View) -> dict[str, int]:
    """How many studies are in each class and have each reason, those with none left out."""
    found = view.ask("nuclear_numbers", **ideal(view))
    return dict(found.select("class", "studies").iter_rows())


def cards_of(view: View, found: Mapping[str, int]) -> None:
    """The cards, and the ideal ranges in words."""
    t, limits = view.texts, ideal(view)
    view.prepare(dict.fromkeys(("nuclear_statistics", "nuclear_bins"), limits))
    statistics = _statistics(view).filter(level="all")
    medians = dict(statistics.select("measure", "median").iter_rows())
    total = found["all"]
    for measure, digits in (("uptake", 1), ("dose", 2)):
        n, middle = found.get(measure, 0), medians.get(measure)
        median = "–" if middle is None else f"{t.number(middle, digits)} {UNITS[measure]}"
        first: dict[str, float | str] = {"nuclear_studies": total} if measure == "uptake" else {}
        shown = first | {
            f"nuclear_{measure}": part_of(t, n, total),
            f"nuclear_{measure}_ideal": part_of(t, found.get(f"{measure}_ideal", 0), n),
            f"nuclear_{measure}_median": median,
        }
        cards.row(view, shown, key=f"nuclear_{measure}_cards")
    said = {name: figure(t, limits[name]) for name in IDEAL}
    st.caption(t("nuclear.ideal", **said))


def part_of(t: Texts, n: int, total: int) -> str:
    """A part of a whole: 12 / 30 (40 %)."""
    share = f" ({t.number(100 * n / total)} %)" if total else ""
    return f"{t.number(n)} / {t.number(total)}{share}"


def figure(t: Texts, value: float | None, digits: int = 4) -> str:
    """A number with the digits that it has, at most so many significant ones; – for none."""
    if value is None:
        return "–"
    text = f"{value:.{digits}g}"
    if "e" in text:
        return t.number(value)
    return t.number(float(text), len(text.partition(".")[2]))


def spread(view: View) -> None:
    """Histograms of uptake and dose with their numbers; in all, or for each of some groups."""
    t = view.texts
    by = st.segmented_control(
        t("nuclear.by"), LEVELS, default="all", required=True, key="nuclear_by",
        format_func=lambda level: t(f"nuclear.by_{level}"), persist_state="session",
    )  # fmt: skip
    by = str(by or "all")
    frame = _statistics(view)
    for measure, cell in zip(UNITS, st.columns(2, gap="medium"), strict=True):
        with cell:
            part = frame.filter(measure=measure, level=by)
            if part.is_empty():
                st.markdown(f"**{t(f'nuclear.{measure}')}**")
                st.info(t(f"nuclear.no_{measure}"), icon=":material/data_alert:")
                continue
            picture(
                t(f"nuclear.{measure}"), partial(_histograms, view, measure, by),
                f"nuclear_{measure}_{by}", _said(t, measure, part) if by == "all" else "",
                help=t(f"nuclear.{measure}_help"), filters=FILTERS[measure],
            )  # fmt: skip
            if by != "all" and part.height > MOST_GROUPS:
                st.caption(t("nuclear.more_groups", n=t.number(part.height - MOST_GROUPS)))
    st.caption(t("nuclear.legend"))
    _table(view, frame.filter(pl.col("level").is_in(["all", by])))


def _table(view: View, frame: pl.DataFrame) -> None:
    """The numbers of each group, uptake first."""
    t = view.texts
    words = {measure: f"{t(f'nuclear.{measure}')} ({unit})" for measure, unit in UNITS.items()}
    everything = pl.lit(t("nuclear.by_all"))
    named = pl.col("named").fill_null(t("missing"))
    shown = frame.sort(
        pl.col("measure") == "dose", pl.col("level") != "all", -pl.col("n"), "named"
    ).select(
        pl.when(pl.col("level") == "all").then(everything).otherwise(named).alias("named"),
        pl.col("measure").replace(words).alias("nuclear_measure"),
        "n",
        pl.col("mean", "median", "sd", "smallest", "largest").round(3),
        "n_ideal",
        pl.col("percent_ideal").round(1),
    )  # fmt: skip
    tables.whole(view, shown, "nuclear_statistics")


def _statistics(view: View) -> pl.DataFrame:
    return view.ask("nuclear_statistics", **ideal(view))


def _said(t: Texts, measure: str, part: pl.DataFrame) -> str:
    """The numbers below a histogram."""
    row = part.row(0, named=True)
    return t(
        "nuclear.numbers", n=t.number(row["n"]), unit=UNITS[measure],
        ideal=part_of(t, row["n_ideal"], row["n"]),
        **{k: figure(t, row[k], 3) for k in ("mean", "median", "sd", "smallest", "largest")},
    )  # fmt: skip


def _histograms(view: View, measure: str, by: str) -> go.Figure:
    t, limits, colours = view.texts, ideal(view), palette()
    groups = _statistics(view).filter(measure=measure, level=by).head(MOST_GROUPS)
    bins = view.ask("nuclear_bins", **limits).filter(measure=measure, level=by)
    made = []
    for name, mean, median in groups.select("named", "mean", "median").iter_rows():
        part = bins.filter(pl.col("named").eq_missing(pl.lit(name, pl.String)))
        steps = part.select("step", "n").rows()
        said = name or (t("missing") if by != "all" else t("nuclear.by_all"))
        made.append(Group(said, steps, mean, median))
    looks = Looks(colours[0], colours[1], colours[4])
    title = t(f"nuclear.axis_{measure}")
    return pictures_of.histograms(made, range_of(limits, measure), title, t, looks, UNITS[measure])


def course(view: View) -> None:
    """Medians by date and scanner, and activity against weight."""
    t = view.texts
    totals = view.ask("totals").row(0, named=True)
    unit = charts.time_unit(totals["first_date"], totals["last_date"])
    asked = view.ask("nuclear_timeline", unit=unit, most=MOST_SCANNERS, **ideal(view))
    for measure, cell in zip(UNITS, st.columns(2, gap="medium"), strict=True):
        part = asked.filter(measure=measure)
        with cell:
            if part.is_empty():
                st.markdown(f"**{t(f'nuclear.course_{measure}')}**")
                st.info(t("nuclear.undated"), icon=":material/event_busy:")
                continue
            picture(
                t(f"nuclear.course_{measure}"), partial(_course, view, measure, unit, part),
                f"nuclear_course_{measure}", help=t("nuclear.course_help"),
            )  # fmt: skip
    points = view.ask("nuclear_scatter", most=MOST_POINTS)
    if points.is_empty():
        st.info(t("nuclear.no_points"), icon=":material/data_alert:")
        return
    n_all = points["n_all"][0]
    note = t("nuclear.sampled", shown=t.number(points.height), n=t.number(n_all))
    picture(
        t("nuclear.scatter"), partial(_scatter, view, points), "nuclear_scatter",
        note if n_all > points.height else "", help=t("nuclear.scatter_help"),
    )  # fmt: skip


def _course(view: View, measure: str, unit: str, part: pl.DataFrame) -> go.Figure:
    colours = palette()
    line = [colours[0], colours[1], colours[2], colours[3], colours[6]]
    title = view.texts(f"nuclear.axis_{measure}")
    return pictures_of.course(
        part, range_of(ideal(view), measure), title, view.texts, line, unit
    )  # fmt: skip


def _scatter(view: View, points: pl.DataFrame) -> go.Figure:
    colours = palette()
    counted = points.group_by("radiopharmaceutical").agg(n=pl.len())
    ranked = counted.sort(-pl.col("n").cast(pl.Int64), "radiopharmaceutical", nulls_last=True)
    names = ranked["radiopharmaceutical"].head(MOST_GROUPS).to_list()
    own = dict(zip(names, colours, strict=False))
    return pictures_of.activity_by_weight(
        points, range_of(ideal(view), "dose"), view.texts, own, colours[6]
    )


def rows(view: View, found: Mapping[str, int]) -> Row | None:
    """The studies behind a number; gives the one that was opened."""
    t = view.texts
    offered = [name for name in (*REASONS, *CLASSES) if found.get(name) or name == "all"]
    which = st.selectbox(
        t("nuclear.which"), offered, key="nuclear_which", persist_state="session",
        format_func=_choice(t, found), help=t("nuclear.which_help"),
    )  # fmt: skip
    if not found.get("any"):
        st.success(t("nuclear.no_outliers"), icon=":material/check:")
    shown = Shown("StudyDescription", ("StudyInstanceUID",), columns=COLUMNS)
    return tables.paged(
        view, "nuclear_rows", BY_DATE, shown, which=str(which or offered[0]), **ideal(view)
    )


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
