"""The cleaned table of MR series, and of the row that is chosen how its class is known."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from app.columns import title
from app.dashboards import mr
from app.dashboards.mr import Choice
from app.queries import Order
from app.ui import mr_correct, tables
from app.ui.tables import Shown
from app.ui.text import plain
from app.ui.view import NO_UID, View, chosen, open_page
from ingest.derive.corrections import Corrected

UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "volume")
ORDER = Order(
    "StudyDate", True, ("StudyInstanceUID", "SeriesNumber", "SeriesInstanceUID", "volume")
)
COLUMNS = (
    "SeriesDescription", "sequenceClass", "classConfidence", "volume_kind", "standardOrientation",
    "standardDimension", "isFatSuppressed", "isContrastEnhanced", "dynamicPhase",
    "standardFieldStrength", "standardManufacturer", "cleanedModelName", "bids_suffix", "StudyDate",
    "patient", "corrected_when",
)  # fmt: skip
SERIES, STUDY, VOLUME = "series", "study", "volume"
"""In the address: the row that is looked at."""
LONGEST = 9
"""Digits of the number of a kind."""
REASONS = (
    ("sequenceClass", "classReason"), ("standardOrientation", "orientationReason"),
    ("isFatSuppressed", "fatSuppressionReason"), ("isContrastEnhanced", "contrastReason"),
)  # fmt: skip
FACTS = (
    "sequenceFamily", "contrastWeighting", "refinedImageType", "dixonPart", "partOfComplex",
    "diffusion_b_values", "echo_times_ms", "n_volumes", "n_phases", "obliquity_degrees",
    "dynamicGroup", "dynamicPhase", "hasMotionCorrection",
)  # fmt: skip
Row = dict[str, Any]


def draw(view: View, wanted: Choice) -> None:
    """The table, and the evidence of the row that is chosen."""
    t = view.texts
    shown = Shown("SeriesDescription", UIDS, columns=COLUMNS, hint=t("mr.rows_hint"))
    row = tables.paged(view, "mr_rows", ORDER, shown, **wanted)
    if row:
        st.query_params[SERIES] = row["SeriesInstanceUID"] or NO_UID
        st.query_params[STUDY] = row["StudyInstanceUID"] or NO_UID
        st.query_params[VOLUME] = str(row["volume"])
    series, number = chosen(SERIES), chosen(VOLUME)
    if series and number.isdecimal() and len(number) <= LONGEST:
        found = view.everything().ask(
            "mr_one", study=chosen(STUDY) or NO_UID, series=series, volume=int(number)
        )
        if found.height:
            evidence(view, found.row(0, named=True))
    _calibration(view, wanted)


def _calibration(view: View, wanted: Choice) -> None:
    """Which rules decided how many rows, and how often they were right on labelled series."""
    t = view.texts
    with st.expander(t("mr.calibration"), icon=":material/fact_check:"):
        st.caption(t("mr.calibration_help"))
        tables.whole(view, mr.rules(view, wanted), "mr_rules")


def evidence(view: View, row: Row) -> None:
    """Why the class is what it is, and the form that corrects it."""
    t = view.texts
    with st.container(border=True, key="mr_one"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            name = plain(row["SeriesDescription"] or t("table.unnamed"))
            kind = f" · {plain(row['volume_kind'])}" if row["volume_kind"] else ""
            st.subheader(f"{name}{kind}", anchor=False)
            if st.button(t("mr.open_series"), icon=":material/layers:", key="mr_open"):
                open_page("series", study=row["StudyInstanceUID"], series=row["SeriesInstanceUID"])
            st.button(t("mr.close"), icon=":material/close:", key="mr_close", on_click=_close)
        st.markdown(_class(view, row))
        _reasons(view, row)
        _facts(view, row)
        st.markdown(_bids(view, row))
        about = [Corrected(row["SeriesInstanceUID"], row["volume_kind"])]
        whole = [Corrected(row["SeriesInstanceUID"])] if row["volume_kind"] else []
        if row["corrected_when"] is not None:
            _corrected(view, row)
            mr_correct.take_back(view, "mr_one", [*about, *whole])
        if row["SeriesInstanceUID"]:
            with st.expander(t("mr.correct_title"), icon=":material/edit:"):
                mr_correct.form(view, "mr_row", about, row["sequenceClass"], whole)


def _class(view: View, row: Row) -> str:
    t = view.texts
    share = t.number(100 * (row["classConfidence"] or 0))
    if row["corrected_when"] is not None:
        return f"**{plain(row['sequenceClass'])}** – {t('mr.by_hand')}"
    if row["sequenceClass"] == mr.UNKNOWN:
        return f"**{mr.UNKNOWN}** – {t('mr.undecided')}"
    told = mr.calibration(mr.reason(row["classReason"]).rule)
    said = f"**{plain(row['sequenceClass'])}** – {t('mr.confidence', share=share)}"
    if told is None:
        return f"{said} {t('mr.not_calibrated')}"
    right = t.number(100 * told.right)
    return f"{said} {t('mr.calibrated', n=t.number(told.n), sets=told.sets, right=right)}"


def _reasons(view: View, row: Row) -> None:
    """A line for each judgement: the rule, and the attributes that decided."""
    t = view.texts
    rows = []
    for what, why in REASONS:
        text = row[why]
        if what == "sequenceClass" and row["classReason_by_rules"]:
            text = row["classReason_by_rules"]
        if not text:
            continue
        rule, attributes = mr.reason(text)
        rows += [
            (t(f"column.{what}"), rule, name or t("mr.attribute_other"), value)
            for name, value in attributes or ((t("mr.no_attributes"), ""),)
        ]
    if rows:
        names = ("mr_judgement", "mr_rule", "mr_attribute", "mr_in_header")
        made = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
        tables.whole(view, made, "mr_reasons")


def _facts(view: View, row: Row) -> None:
    t = view.texts
    told = []
    for name in FACTS:
        value = row[name]
        if value is None or value is False or value == []:
            continue
        words = ", ".join(f"{v:g}" for v in value) if isinstance(value, list) else value
        words = t("mr.yes") if value is True else words
        words = f"{value:.3g}" if isinstance(value, float) else words
        told.append(f"{title(t, name)}: {plain(str(words))}")
    if told:
        st.caption(" · ".join(told))


def _bids(view: View, row: Row) -> str:
    t = view.texts
    if not row["bids_suffix"]:
        return f":material/folder_off: {t('mr.no_bids')}"
    parts = [row["bids_entities"], row["bids_suffix"]]
    name = "_".join(part for part in parts if part)
    return f":material/folder: BIDS: `{plain(row['bids_datatype'])}/…_{plain(name)}`"


def _corrected(view: View, row: Row) -> None:
    t = view.texts
    rules = row["sequenceClass_by_rules"]
    said = t("mr.corrected", when=f"{row['corrected_when']:%Y-%m-%d %H:%M} UTC", rules=rules)
    if view.identifiers and row["corrected_by"]:
        said += " " + t("mr.corrected_by", who=row["corrected_by"], why=row["corrected_why"] or "")
    st.info(plain(said), icon=":material/edit:")


def _close() -> None:
    for key in (SERIES, STUDY, VOLUME):
        st.query_params.pop(key, None)
