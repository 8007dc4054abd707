"""MR series by their name: what nobody knows first, so that one decision fixes many."""

from __future__ import annotations

import streamlit as st

from app.dashboards import mr
from app.dashboards.mr import Choice
from app.queries import Order
from app.ui import mr_correct, tables
from app.ui.tables import Row, Shown
from app.ui.text import plain
from app.ui.view import View, open_page
from ingest.derive.corrections import Corrected

ORDER = Order("mr_unknown", True, ("-mr_rows", "name"))
SHOWN = Shown(
    "name", hidden=("StudyInstanceUID", "SeriesInstanceUID"),
    columns=("name", "mr_rows", "mr_unknown", "n_studies", "mr_classes", "mr_vendors",
             "mr_least_confidence", "imageType_lower"),
)  # fmt: skip
LOOKED_AT = "mr_name"
"""The row of the name that is looked at."""
FORM = "mr_group"


def draw(view: View, chosen: Choice) -> None:
    """The table of names, and the form that corrects all series of one."""
    t = view.texts
    st.caption(t("mr.unknown_help"))
    which = st.segmented_control(
        t("mr.which"), mr.WHICH, default="unknown", key="mr_which", required=True,
        format_func=lambda value: t(f"mr.which_{value}"),
    )  # fmt: skip
    wanted = {**chosen, "which": str(which or "unknown")}
    if not view.count("mr_names", **wanted):
        st.success(t(f"mr.none_{wanted['which']}"), icon=":material/check:")
        return
    row = tables.paged(view, "mr_names", ORDER, SHOWN._replace(hint=t("mr.names_hint")), **wanted)
    if row:
        st.session_state[LOOKED_AT] = row
    if LOOKED_AT in st.session_state:
        _group(view, wanted, st.session_state[LOOKED_AT])


def _group(view: View, wanted: Choice, row: Row) -> None:
    t, name = view.texts, row["name"]
    found = view.ask("mr_of_name", name=name, **wanted)
    if found.is_empty():
        st.session_state.pop(LOOKED_AT, None)
        return
    about = [
        Corrected(series, kind)
        for series, kind in found.select("SeriesInstanceUID", "volume_kind").rows()
        if series
    ]
    with st.container(border=True, key="mr_one_name"):
        st.subheader(plain(name) or t("table.unnamed"), anchor=False)
        classes = found["sequenceClass"].drop_nulls().unique().sort().to_list()
        series = t.count("series", found["SeriesInstanceUID"].n_unique())
        st.markdown(plain(t("mr.group", series=series, classes=", ".join(classes))))
        if st.button(t("mr.example"), icon=":material/layers:", key="mr_example"):
            open_page("series", study=row["StudyInstanceUID"], series=row["SeriesInstanceUID"])
        mr_correct.form(view, FORM, about, classes[0] if len(classes) == 1 else "")
