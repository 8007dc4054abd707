"""The rows behind a number of the quality page, in a table that exports exactly them.

A measure is a filter, so its rows are those of the page's filters with one more; what a bar stands
for (an hour, a sex) is a kind and its value, parameters of the same questions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import streamlit as st

from app import quality
from app.dashboards import dose
from app.filters import Filters, said
from app.queries import Order
from app.ui import filtering, tables
from app.ui.tables import Row, Shown
from app.ui.text import plain
from app.ui.view import View, open_page

SLOT = "qa_rows"
STUDIES = Order("StudyDate", descending=True, then=("StudyInstanceUID",))
SERIES = Order("StudyDate", descending=True, then=("StudyInstanceUID", "SeriesInstanceUID"))
FINDINGS = Order("n_affected", descending=True, then=("StudyInstanceUID", "SeriesInstanceUID"))
STUDY_COLUMNS = ("StudyDescription", "StudyDate", "patient", "PatientID", "Modality")
SERIES_COLUMNS = ("SeriesDescription", "StudyDate", "patient", "PatientID", "Modality")
FINDING_COLUMNS = ("message", "n_affected", "observed", "StudyInstanceUID", "SeriesInstanceUID")
OF_SECTION = {
    "adherence": ("Radiopharmaceutical", "uptake_minutes", "dose_per_kg_MBq", "weight_kg",
                  "injected_activity_MBq"),
    "cohort": ("Radiopharmaceutical", "Manufacturer", "ManufacturerModelName", "PatientSex",
               "PatientAge_years", "StudyTime"),
    "completeness": ("weight_kg", "injected_activity_MBq", "injection_datetime",
                     "Radiopharmaceutical", "acquisition_status", "PatientSex", "PatientAge_years"),
    "timing": ("injection_datetime", "acquisition_datetime_min", "uptake_minutes", "uptake_status",
               "injection_date_inferred", "shifted_days", "study_time_offset_minutes"),
    "dose": ("Radiopharmaceutical", "injected_activity_MBq", "weight_kg", "dose_per_kg_MBq",
             "dose_status", "dose_robust_z", "activity_unit_assumed"),
    "composition": ("Modalities", "n_series", "composition", "SeriesDescriptions"),
    "derived": ("Modalities", "n_series", "Manufacturers"),
    "deidentification": ("PatientIdentityRemoved", "LongitudinalTemporalInformationModified",
                         "DeidentificationMethodCode", "DeidentificationMethod"),
    "score": ("qa_score", "qa_score_max", "qa_missed", "Manufacturer", "ManufacturerModelName"),
}  # fmt: skip
"""What the tables of studies show at first, besides what all do."""
SERIES_OF_SECTION = {
    "scanners": ("Manufacturer", "ManufacturerModelName", "SoftwareVersions", "protocol_group",
                 "protocol_fingerprint", "protocol_is_majority", "protocol_share"),
    "dose": ("protocol_group", "CTDIvol_min", "CTDIvol_max", "dose_sr_CTDIvol_max_mGy",
             "dose_sr_DLP_total_mGycm", "Manufacturer", "ManufacturerModelName"),
    "derived": ("derived_kinds", "Manufacturer", "ManufacturerModelName", "SoftwareVersions"),
    "duplicates": ("acquisition_datetime_min", "n_instances", "acquisition_signature"),
    "deidentification": ("BurnedInAnnotation", "Manufacturer", "n_instances"),
}  # fmt: skip


class Behind(NamedTuple):
    """What is shown below a ``card``: a measure by its id, or a kind of rows with a value."""

    card: int
    measure: str = ""
    kind: str = ""
    value: str = ""
    of: quality.Table = "studies"
    label: str = ""


def show(behind: Behind) -> None:
    """Show these rows, or no longer if they are shown; for callbacks."""
    st.session_state[SLOT] = None if st.session_state.get(SLOT) == behind else behind
    for table in ("qa_studies", "qa_series", "qa_findings"):
        st.session_state.pop(f"table_{table}_page", None)


def draw(view: View, cards: tuple[int, ...]) -> None:
    """The rows that are asked for, if they belong below these cards."""
    behind = st.session_state.get(SLOT)
    if not isinstance(behind, Behind) or behind.card not in cards:
        return
    with st.container(border=True, key="qa_rows"):
        _head(view, behind)
        row = _table(view, behind)
    if row is not None and row.get("SeriesInstanceUID"):
        open_page("series", study=row["StudyInstanceUID"], series=row["SeriesInstanceUID"])
    elif row is not None:
        open_page("study", study=row["StudyInstanceUID"])


def narrowed(filters: Filters, measure: quality.Measure) -> Filters:
    """The filters with a measure as one more."""
    return filters.choosing(measure.key, (*filters.values(measure.key), measure.name))


def _head(view: View, behind: Behind) -> None:
    t = view.texts
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(_name(view, behind))}**", width="stretch")
        if behind.measure:
            measure = quality.BY_ID[behind.measure]
            st.button(
                t("qa.filter_by"), icon=":material/filter_alt:", type="tertiary",
                key="qa_filter_by", help=t("qa.filter_by_help"),
                on_click=filtering.keep, args=(narrowed(view.filters, measure),),
            )  # fmt: skip
        st.button(
            t("qa.close"), icon=":material/close:", type="tertiary", key="qa_close",
            on_click=show, args=(behind,),
        )  # fmt: skip


def _name(view: View, behind: Behind) -> str:
    if behind.measure:
        measure = quality.BY_ID[behind.measure]
        name = said.value(view.texts, measure.key, measure.name)
        return name[0].upper() + name[1:]
    return behind.label or behind.value


def _table(view: View, behind: Behind) -> Row | None:
    of: quality.Table = behind.of
    if behind.measure:
        measure = quality.BY_ID[behind.measure]
        of = measure.of
        if of == "findings":
            columns = Shown("message", columns=FINDING_COLUMNS)
            rule = quality.rule(measure)
            return tables.paged(view, "qa_findings", FINDINGS, columns, rule=rule)
        view = replace(view, filters=narrowed(view.filters, measure))
    if behind.kind in dose.SOURCES:
        source = dose.SOURCES[behind.kind]
        columns = Shown(
            "SeriesDescription", dose.UIDS, columns=source.columns, key=f"qa_rows_{behind.kind}"
        )
        asked = {**source.params("protocol"), "group": behind.value}
        return tables.paged(view, source.question, SERIES, columns, **asked)
    kind = {"kind": behind.kind, "value": behind.value}
    if of == "series":
        more = SERIES_OF_SECTION.get(quality.section_of(behind.card), ())
        uids = ("StudyInstanceUID", "SeriesInstanceUID")
        columns = Shown("SeriesDescription", uids, columns=(*SERIES_COLUMNS, *more))
        return tables.paged(view, "qa_series", SERIES, columns, **kind)
    more = OF_SECTION.get(quality.section_of(behind.card), ())
    columns = Shown("StudyDescription", ("StudyInstanceUID",), columns=(*STUDY_COLUMNS, *more))
    return tables.paged(view, "qa_studies", STUDIES, columns, **kind)
