"""The fixed beginning of every page: banner, title, sentence of the filters; and what to do next.

``begin`` stops the page where there is nothing to show, with a sentence and a button that helps, so
that pages are about data only.
"""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from app import queries
from app.errors import QueryFailed
from app.ui import chips, ending, filtering, jobs, sidebar, similar
from app.ui.text import plain
from app.ui.view import View, current, open_page, path
from ingest.lake.errors import LakeError


def begin(page: str) -> View:
    """Start a page about the filtered series; returns only if there is at least one."""
    view = current()
    t = view.texts
    _banner(view)
    if view.databank is None:
        welcome(view)
    st.title(t(f"{page}.title"), anchor=False)
    reachable(view)
    if not view.everything().ask("totals")["series"].item():
        _nothing_yet(view)
    chips.draw(view)
    if not view.ask("totals")["series"].item():
        _nothing_left(view)
    return view


def begin_detail() -> View:
    """Start a page about one study or series: no filters, and no title, which is in the data."""
    filtered = current()
    view = filtered.everything()
    _banner(view)
    if view.databank is None:
        welcome(view)
    _set_aside(filtered)
    reachable(view)
    return view


def begin_files(page: str, *, needs_databank: bool = True, set_aside: bool = True) -> View:
    """Start a page about files and runs, where filters mean nothing.

    Without ``set_aside`` the page says itself what it does with them.
    """
    filtered = current()
    view = filtered.everything()
    _banner(view)
    if needs_databank and view.databank is None:
        welcome(view)
    st.title(view.texts(f"{page}.title"), anchor=False)
    with st.container(key="sentence"):
        st.markdown(view.texts(f"{page}.intro"))
    if set_aside:
        _set_aside(filtered)
    if needs_databank:
        reachable(view)
    return view


def reachable(view: View) -> None:
    """Stop with a sentence where the databank cannot be read."""
    assert view.databank is not None
    try:
        queries.lake(view.databank)
    except LakeError as error:
        broken(view, error)


def broken(view: View, error: LakeError | QueryFailed) -> NoReturn:
    """Say in the language of the view what is wrong with the databank; ends the page."""
    sentence = view.texts.find(f"error.{type(error).__name__}", str(error))
    stop(view.texts("empty.broken"), sentence)


def stop(title: str, text: str = "", page: str = "", link: str = "") -> NoReturn:
    """Say that there is nothing to show and, with ``page``, where to go; ends the page."""
    with st.container(border=True, key="nothing"):
        st.subheader(plain(title), anchor=False)
        if text:
            st.markdown(plain(text))
        if page:
            st.page_link(path(page), label=link, icon=":material/arrow_forward:")
    ending.end()


def welcome(view: View) -> NoReturn:
    """The first run: offer the demo, and an ingest."""
    t = view.texts
    st.title(t("empty.no_databank"), anchor=False)
    with st.container(key="sentence"):
        st.markdown(t("empty.no_databank_text"))
    left, right = st.columns(2, border=True, gap="medium")
    with left:
        st.subheader(t("empty.demo"), anchor=False)
        st.markdown(t("empty.demo_text"))
        jobs.demo_button(view)
    with right:
        st.subheader(t("empty.own"), anchor=False)
        st.markdown(t("empty.own_text"))
        if st.button(t("empty.own_button"), icon=":material/upload:"):
            open_page("ingest")
    jobs.latest(view)
    ending.end()


def _banner(view: View) -> None:
    if view.identifiers:
        t = view.texts
        with st.container(
            key="identifiers_on", horizontal=True, wrap=False, vertical_alignment="center"
        ):
            st.warning(t("app.identifiers_on"), icon=":material/visibility:")
            st.button(
                t("app.identifiers_hide"), icon=":material/visibility_off:", key="hide_identifiers",
                on_click=sidebar.hide_identifiers,
            )  # fmt: skip


def _set_aside(view: View) -> None:
    """Say that the filters, which the sidebar goes on showing, mean nothing on this page."""
    if view.filters:
        st.caption(f":material/filter_alt_off: {view.texts('filters.set_aside')}")


def _nothing_yet(view: View) -> NoReturn:
    t = view.texts
    files = dict(view.everything().ask("files_by_status").select("status", "files").iter_rows())
    if files:
        numbers = {status: t.number(files.get(status, 0)) for status in ("not_dicom", "error")}
        seen = t.count("files", sum(files.values()))
        stop(
            t("empty.only_errors"), t("empty.only_errors_text", files=seen, **numbers),
            "runs", t("empty.see_runs"),
        )  # fmt: skip
    stop(t("empty.empty"), t("empty.empty_text"), "ingest", t("empty.own_button"))


def _nothing_left(view: View) -> NoReturn:
    t = view.texts
    n = view.everything().ask("totals")["series"].item()
    with st.container(border=True, key="nothing"):
        st.subheader(t("empty.nothing_left"), anchor=False)
        st.markdown(t("empty.nothing_left_text", series=t.count("series", n)))
        similar.offer(view)
        st.button(t("filters.clear"), on_click=filtering.clear, key="clear_here")
    ending.end()
