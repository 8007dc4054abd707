"""MR of studies: who has what, what is missing, and dynamic groups over time."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from app.dashboards import mr
from app.dashboards.mr import Choice
from app.queries import Order, Page
from app.ui import downloads, tables
from app.ui.pictures import palette, picture
from app.ui.tables import PAGE_ROWS, Row, Shown
from app.ui.view import NO_UID, View

EXPECTED = "mr_expected_chosen"
MATRIX_ORDER = Order("n_missing", True, ("-StudyDate", "StudyInstanceUID"))
STUDY = ("StudyDescription", "StudyDate", "mr_scanner", "patient")
SHOWN = (*STUDY, "n_missing", "mr_missing")
ALL = (*SHOWN, "mr_alike", "mr_expected", "mr_has", "StudyInstanceUID")
DYNAMIC_ORDER = Order("StudyDate", True, ("StudyInstanceUID",))
DYNAMIC = Shown("StudyDescription", hidden=("StudyInstanceUID",))
DYNAMIC_STUDY = "mr_dynamic_study"


def matrix(view: View, chosen: Choice) -> Row | None:
    """Studies and classes; gives the study that was opened."""
    t = view.texts
    st.caption(t("mr.matrix_help"))
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        expected = st.multiselect(
            t("mr.expected"), mr.classes(view), key=EXPECTED, placeholder=t("mr.expected_usual"),
            help=t("mr.expected_help"), select_all=False, width=420,
        )  # fmt: skip
        lacking = st.toggle(t("mr.lacking"), key="mr_lacking")
    asked: dict[str, Any] = {**chosen, "expected": "|".join(expected), "lacking": bool(lacking)}
    found = view.ask("mr_sessions_counted", expected=asked["expected"], **chosen)
    counted = found.row(0, named=True)
    total = counted["lacking" if lacking else "studies"]
    studies = t.count("studies", counted["studies"])
    st.markdown(t("mr.incomplete", n=t.number(counted["lacking"]), studies=studies))
    if not total:
        st.success(t("mr.none_lacking"), icon=":material/check:")
        return None
    pages = -(-total // PAGE_ROWS)
    key = "mr_matrix_page"
    number = min(int(st.session_state.get(key) or 1), pages)
    if st.session_state.get(key, 1) != number:
        st.session_state[key] = number
    page = Page((number - 1) * PAGE_ROWS, PAGE_ROWS)
    sessions = view.ask(
        "mr_sessions", order=MATRIX_ORDER, page=page, columns=(*SHOWN, "StudyInstanceUID"), **asked
    )
    had = view.ask("mr_had", studies="|".join(sessions["StudyInstanceUID"]))
    sessions = sessions.join(had, on="StudyInstanceUID", how="left", maintain_order="left")
    names, more = mr.shown_classes(view, expected)
    of_study = SHOWN if counted["lacking"] else SHOWN[:-1]
    shown = sessions.select(*of_study, "StudyInstanceUID").hstack(mr.matrix(sessions, names))
    row = tables.draw(
        view, shown, "mr_matrix", Shown("StudyDescription", hidden=("StudyInstanceUID",)), None
    )
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        first, last = page.start + 1, page.start + sessions.height
        words = {"first": t.number(first), "last": t.number(last), "total": t.number(total)}
        st.caption(t("table.page_of", **words), width="content")
        if pages > 1:
            st.pagination(pages, key=key, max_visible_pages=5)
        wanted = tables.selection(view, "mr_sessions", ALL, MATRIX_ORDER, **asked)
        downloads.selected(view, "mr_matrix", total, wanted)
    if more:
        st.caption(t("mr.more_classes", n=t.number(more)))
    return row


def dynamic(view: View, chosen: Choice) -> None:
    """Studies with dynamic groups, and the timeline of the one that is chosen."""
    t = view.texts
    st.caption(t("mr.dynamic_help"))
    if not view.count("mr_dynamic", **chosen):
        st.info(t("mr.no_dynamic"), icon=":material/info:")
        return
    shown = DYNAMIC._replace(hint=t("mr.dynamic_hint"))
    row = tables.paged(view, "mr_dynamic", DYNAMIC_ORDER, shown, **chosen)
    if row:
        st.session_state[DYNAMIC_STUDY] = row["StudyInstanceUID"] or NO_UID
    study = st.session_state.get(DYNAMIC_STUDY)
    if study is None:
        first = view.ask("mr_dynamic", order=DYNAMIC_ORDER, page=Page(0, 1), **chosen)
        study = first["StudyInstanceUID"].item() or NO_UID
    phases = view.everything().ask("mr_phases", study=study)
    timed = phases.drop_nulls("acquisition_datetime_min")
    if timed.height:
        left_out = phases.height - timed.height
        note = t("mr.untimed", series=t.count("series", left_out)) if left_out else ""
        picture(
            t("mr.timeline"), partial(mr.timeline, timed, t, palette()), f"mr_timeline_{study}",
            note, help=t("mr.timeline_help"),
        )  # fmt: skip
    elif phases.height:
        st.info(t("mr.all_untimed"), icon=":material/event_busy:")
    tables.whole(
        view, phases, "mr_phases",
        Shown(hidden=("SeriesInstanceUID", "volume", "acquisition_datetime_max")),
    )  # fmt: skip
