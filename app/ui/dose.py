"""The parts of the page of doses: what there is, and of each source the spread and the rows.

A source is where numbers come from: dose reports, headers of CT images, headers of X-ray images of
one kind. Each is on a tab of its own, so that no number mixes two of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl
import streamlit as st

from app.charts import dose as pictures_of
from app.queries import Order
from app.ui import cards, tables
from app.ui.nuclear import figure, part_of
from app.ui.pictures import palette, picture
from app.ui.tables import Row, Shown
from app.ui.view import View

MOST_GROUPS = 14
USUAL_DEVIATION = (-1.0, 1.0)
"""What is usual of a deviation index, which IEC 62494-1 defines (AAPM TG-116: no action within)."""
BY_DATE = Order("StudyDate", descending=True, then=("StudyInstanceUID", "SeriesInstanceUID"))
UIDS = ("StudyInstanceUID", "SeriesInstanceUID")


class Measure(NamedTuple):
    """A value that spreads: its name in questions and texts, and its unit as people write it."""

    name: str
    unit: str = ""


class Source(NamedTuple):
    """A tab: what is asked (``<question>`` and ``<question>_statistics``), and what is offered.

    ``kind`` is a parameter of questions that ask for one of several, ``by`` are the groupings,
    ``columns`` those that the table of rows shows at first, ``ties`` what decides the order of
    equal rows.
    """

    question: str
    measures: tuple[Measure, ...]
    by: tuple[str, ...]
    columns: tuple[str, ...]
    kind: str = ""
    ties: tuple[str, ...] = ()


_WHO = ("SeriesDescription", "StudyDescription", "StudyDate", "patient", "dose_group")
_KVP, _EXPOSURE, _TIME = (
    Measure("kvp", "kV"),
    Measure("exposure", "mAs"),
    Measure("exposure_time", "ms"),
)
_INDEX = (
    Measure("exposure_index"), Measure("deviation_index"), Measure("deviation_computed"),
    Measure("target_index"),
)  # fmt: skip
_AREA = Measure("dap", "Gy·cm²")
_OF_IMAGES = ("dose_group", "ViewPosition", "side", "BodyPartExamined")
SOURCES: Mapping[str, Source] = {
    "ct_reports": Source(
        "dose_reports", (Measure("report_dlp", "mGy·cm"), Measure("report_ctdivol", "mGy")),
        ("study", "scanner"),
        (*_WHO, "report_ctdivol", "report_dlp", "dose_sr_events", "scanner"), kind="ct",
    ),
    "ct": Source(
        "dose_ct",
        (Measure("ctdivol", "mGy"), _KVP, Measure("tube_current", "mA"), _TIME, _EXPOSURE),
        ("protocol", "study", "body_part", "scanner"),
        (*_WHO, "CTDIvol_max", "CTDIvol_min", "KVP", "tube_current_mA", "exposure_time_ms",
         "exposure_mAs", "n_reconstructions", "scanner"),
    ),
    "radiography": Source(
        "dose_images", (*_INDEX, _AREA, _KVP, _EXPOSURE, _TIME),
        ("body_part", "protocol", "view", "scanner"),
        (*_WHO[:4], *_OF_IMAGES, "ExposureIndex", "TargetExposureIndex", "DeviationIndex",
         "deviation_computed", "dose_area_product_Gycm2", "KVP", "exposure_mAs", "scanner"),
        "radiography", ("SOPInstanceUID",),
    ),
    "mammography": Source(
        "dose_images",
        (Measure("organ_dose", "mGy"), Measure("entrance_dose", "mGy"), Measure("compression", "N"),
         Measure("thickness", "mm"), _KVP, _EXPOSURE, _TIME),
        ("view", "protocol", "scanner"),
        (*_WHO[:4], *_OF_IMAGES, "organ_dose_mGy", "EntranceDoseInmGy", "CompressionForce",
         "BodyPartThickness", "KVP", "exposure_mAs", "scanner"),
        "mammography", ("SOPInstanceUID",),
    ),
    "fluoroscopy": Source(
        "dose_images", (_AREA, _KVP, _EXPOSURE, _TIME), ("protocol", "study", "scanner"),
        (*_WHO[:4], *_OF_IMAGES, "dose_area_product_Gycm2", "KVP", "exposure_mAs", "scanner"),
        "fluoroscopy", ("SOPInstanceUID",),
    ),
    "projection_reports": Source(
        "dose_reports", (Measure("report_dap", "Gy·cm²"),), ("study", "scanner"),
        (*_WHO, "report_dap_Gycm2", "dose_sr_events", "scanner"), kind="projection",
    ),
}  # fmt: skip


def totals(view: View) -> dict[str, int]:
    """What there is about dose in the series of the view."""
    return view.ask("dose_totals").row(0, named=True)


def sources(found: Mapping[str, int]) -> list[str]:
    """The sources of which there is anything, in their order."""
    has = {"ct": "ct_series"}
    return [name for name in SOURCES if found[has.get(name, name)]]


def cards_of(view: View, found: Mapping[str, int]) -> None:
    """The cards: what there is, and how much of it states a dose."""
    t = view.texts
    shown: dict[str, float | str] = {}
    if found["ct_series"] or found["ct_reports"]:
        images = found["ct_series"] - found["ct_localizers"]
        shown["ct_reported"] = part_of(t, found["ct_reported"], found["ct_studies"])
        shown["ct_stated"] = part_of(t, found["ct_stated"], images)
    for name in ("radiography", "mammography", "fluoroscopy"):
        if found[name]:
            shown[f"{name}_images"] = found[name]
    if found["projection_reports"]:
        shown["projection_reports"] = found["projection_reports"]
    cards.row(view, shown)


def draw(view: View, name: str, found: Mapping[str, int]) -> Row | None:
    """One source: what it counts, how a value spreads, the rows; gives the row that was opened."""
    t, source = view.texts, SOURCES[name]
    st.caption(t(f"dose.{name}_text"))
    if name == "ct" and found["ct_varying"]:
        st.caption(t("dose.varying", series=t.count("series", found["ct_varying"])))
    if source.kind in ("radiography", "mammography", "fluoroscopy"):
        _exposures(view, source.kind)
    measure, by = _chosen(view, name, source)
    params: dict[str, Any] = {"by": by} | ({"kind": source.kind} if source.kind else {})
    _spread(view, name, source, measure, params)
    st.markdown(f"**{t('dose.rows')}**")
    hidden = (*UIDS, *source.ties)
    shown = Shown("SeriesDescription", hidden, columns=source.columns, key=f"dose_{name}")
    order = BY_DATE._replace(then=(*BY_DATE.then, *source.ties))
    return tables.paged(view, source.question, order, shown, **params)


def _chosen(view: View, name: str, source: Source) -> tuple[Measure, str]:
    """The value and the grouping that are looked at."""
    t = view.texts
    with st.grid(columns=2, min_column_width=220, gap="small"):
        measure = st.selectbox(
            t("dose.measure"), source.measures, key=f"dose_{name}_measure", persist_state="session",
            format_func=lambda measure: named(view, measure),
        )  # fmt: skip
        by = st.selectbox(
            t("dose.by"), source.by, key=f"dose_{name}_by", persist_state="session",
            format_func=lambda by: t(f"dose.by_{by}"),
        )  # fmt: skip
    return measure, str(by)


def named(view: View, measure: Measure) -> str:
    """What a value is called, with its unit."""
    label = view.texts(f"dose_measure.{measure.name}")
    return f"{label} ({measure.unit})" if measure.unit else label


def _spread(
    view: View, name: str, source: Source, measure: Measure, params: Mapping[str, Any]
) -> None:
    """The spread of a value in each group: cards, boxes, and the numbers as a table."""
    t = view.texts
    found = view.ask(f"{source.question}_statistics", measure=measure.name, **params)
    whole = found.filter(level="all").row(0, named=True)
    title = named(view, measure)
    if not whole["n"]:
        nowhere = t("dose.nowhere", n=t.number(whole["n_all"]), measure=title)
        st.info(nowhere, icon=":material/data_alert:")
        return
    unit = f" {measure.unit}" if measure.unit else ""
    quartiles = " – ".join(figure(t, whole[k]) for k in ("lower_quartile", "upper_quartile"))
    ends = " – ".join(figure(t, whole[k]) for k in ("smallest", "largest"))
    cards.row(
        view,
        {
            "dose_n": part_of(t, whole["n"], whole["n_all"]),
            "dose_median": f"{figure(t, whole['median'])}{unit}",
            "dose_quartiles": quartiles,
            "dose_range": ends,
        },
        key=f"dose_{name}_cards",
    )
    groups = found.filter(level="group")
    drawn = groups.filter(pl.col("n") > 0).head(MOST_GROUPS)
    more = groups.filter(pl.col("n") > 0).height - drawn.height
    by = str(params["by"])
    picture(
        t("dose.spread", measure=title), partial(_boxes, view, drawn, title, measure),
        f"dose_{name}_{measure.name}_{by}", t("dose.more", n=t.number(more)) if more > 0 else "",
        help=t("dose.spread_help"),
    )  # fmt: skip
    table = found.with_columns(
        pl.when(pl.col("level") == "all").then(pl.lit(t("dose.everything")))
        .otherwise(pl.col("dose_group").fill_null(t("missing"))).alias("dose_group")
    ).drop("level")  # fmt: skip
    tables.whole(view, table, f"dose_{name}_statistics")


def _boxes(view: View, drawn: pl.DataFrame, title: str, measure: Measure) -> go.Figure:
    band = USUAL_DEVIATION if measure.name.startswith("deviation") else None
    return pictures_of.spreads(drawn, view.texts, title, palette()[0], band)


def _exposures(view: View, kind: str) -> None:
    """How many exposures state what."""
    t = view.texts
    found: dict[str, Any] = view.ask("dose_exposures", kind=kind, by="").row(0, named=True)
    total = found["exposures"]
    shown: dict[str, float | str] = {"exposures": total}
    for name in STATED[kind]:
        shown[name] = part_of(t, found[name], total)
    if found["with_deviation"]:
        shown["usual"] = part_of(t, found["usual"], found["with_deviation"])
    if found["comparable"]:
        shown["differing"] = part_of(t, found["differing"], found["comparable"])
    cards.row(view, shown, key=f"dose_{kind}_stated")


STATED: Mapping[str, tuple[str, ...]] = {
    "radiography": ("with_index", "with_deviation", "with_area_product"),
    "mammography": ("with_compression", "with_organ_dose"),
    "fluoroscopy": ("with_area_product",),
}
