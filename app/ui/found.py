"""Lists of studies and of series: their columns, and the best of what was searched on top."""

from __future__ import annotations

import streamlit as st

from app.queries import Order
from app.ui import tables
from app.ui.tables import Row, Shown
from app.ui.view import View

STUDY_COLUMNS = (
    "StudyDescription", "StudyDate", "patient", "PatientName", "PatientID", "AccessionNumber",
    "PatientSex", "PatientAge", "Modalities", "n_series", "n_instances", "file_size_bytes",
    "BodyParts", "Manufacturers", "ManufacturerModelNames", "n_findings",
)  # fmt: skip
SERIES_COLUMNS = (
    "SeriesDescription", "SeriesNumber", "Modality", "StudyDate", "StudyDescription", "patient",
    "PatientName", "PatientID", "n_instances", "file_size_bytes_sum", "BodyPartExamined",
    "Manufacturer", "ManufacturerModelName", "n_frames_sum", "n_slice_positions", "SliceThickness",
    "slice_spacing_mm", "matrix", "acquisition_datetime_min", "n_findings",
)  # fmt: skip
STUDIES_BY_DATE = Order("StudyDate", descending=True, then=("StudyInstanceUID",))
SERIES_BY_DATE = Order(
    "StudyDate", descending=True, then=("StudyInstanceUID", "SeriesNumber", "SeriesInstanceUID")
)


def studies(view: View) -> Row | None:
    """The table of studies; gives the one that was opened in this run."""
    shown = Shown("StudyDescription", ("StudyInstanceUID",), columns=_columns(view, STUDY_COLUMNS))
    return _table(view, "studies", STUDIES_BY_DATE, shown)


def series(view: View) -> Row | None:
    """The table of series; gives the one that was opened in this run."""
    uids = ("StudyInstanceUID", "SeriesInstanceUID")
    shown = Shown("SeriesDescription", uids, columns=_columns(view, SERIES_COLUMNS))
    return _table(view, "series", SERIES_BY_DATE, shown)


def _columns(view: View, names: tuple[str, ...]) -> tuple[str, ...]:
    """The columns at first; when words are searched, also how well a row has them."""
    return (names[0], "match", *names[1:]) if view.filters.terms else names


def _table(view: View, question: str, order: Order, shown: Shown) -> Row | None:
    """The table, from the first search on sorted by how well rows match, else by date."""
    text = " ".join(view.filters.terms)
    searched = f"table_{question}_text"
    if st.session_state.get(searched, "") != text:
        st.session_state[searched] = text
        best = Order("match", then=("-StudyDate", *order.then))
        st.session_state[f"table_{question}_order"] = best if text else order
    return tables.paged(view, question, order, shown)
