"""Choosing the databank, and making, renaming and deleting one, from any page.

Renaming and deleting need the name typed: both break links and scripts, and one is for good.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from app import databanks
from app.i18n import Texts
from app.ui import ending, filtering
from app.ui.text import plain
from ingest.lake import databank as places
from ingest.lake.errors import LakeError

T = TypeVar("T")
NEXT = "databank_next"
"""The databank that the next run shows, whatever was chosen."""
LAST = "databank_last"
"""The databank that the run before showed."""
DONE = "databank_done"
"""What the next run says has been done."""


def choose(t: Texts) -> str:
    """Draw the switch and the menu of databanks; the name of the chosen one, "" without any."""
    _tell()
    try:
        names = places.names()
    except LakeError as error:
        names = []
        st.error(t(f"error.{type(error).__name__}"))
    if not names:
        return ""
    _settle(names)
    with st.container(
        key="databanks", horizontal=True, wrap=False, gap="xsmall", vertical_alignment="bottom"
    ):
        name = st.selectbox(
            t("app.databank"), names, index=None, key="databank", required=True,
            help=t("app.databank_help"), bind="query-params", on_change=filtering.clear,
        )  # fmt: skip
        _menu(t, str(name or names[0]))
    return str(name or names[0])


def _settle(names: list[str]) -> None:
    """Choose the databank: the one that was just made, the one before, the one in the address."""
    # going back to an address without one empties the field, which does not change the databank
    last = st.session_state.get(LAST)
    before = st.session_state.get("databank") or last
    wanted = st.session_state.pop(NEXT, None) or before
    asked = st.query_params.get("databank")
    name = next((n for n in (wanted, asked) if n in names), names[0])
    if before is not None and name != before:
        filtering.clear()
    if last is None and not asked:
        st.query_params["databank"] = name  # Streamlit only writes what a person chose there
    st.session_state["databank"] = st.session_state[LAST] = name


def _menu(t: Texts, name: str) -> None:
    dialogs = {"create": _create, "rename": _rename, "delete": _delete}
    action = st.menu_button(
        t("databanks.menu"), list(dialogs), key="databank_menu", icon=":material/more_vert:",
        format_func=lambda action: t(f"databanks.{action}"), help=t("databanks.menu_help"),
    )  # fmt: skip
    if action:
        st.dialog(t(f"databanks.{action}"))(dialogs[str(action)])(t, name)


def _create(t: Texts, _: str) -> None:
    with st.form("create_databank", border=False):
        new = _name(t, "")
        if st.form_submit_button(t("databanks.do_create"), type="primary", key="do_create"):
            made = _tried(t, lambda: databanks.create(new))
            _end(t("databanks.created", name=plain(made.name)), made.name)


def _rename(t: Texts, name: str) -> None:
    st.markdown(t("databanks.rename_text"))
    with st.form("rename_databank", border=False):
        new = _name(t, name)
        typed = _typed(t, name)
        if st.form_submit_button(t("databanks.do_rename"), type="primary", key="do_rename"):
            _confirm(t, typed, name)
            moved = _tried(t, lambda: databanks.rename(places.path_of(name), new))
            _end(t("databanks.renamed", name=plain(name), new=plain(moved.name)), moved.name)


def _delete(t: Texts, name: str) -> None:
    st.markdown(t("databanks.delete_text", name=plain(name)))
    with st.form("delete_databank", border=False):
        typed = _typed(t, name)
        if st.form_submit_button(t("databanks.do_delete"), type="primary", key="do_delete"):
            _confirm(t, typed, name)
            _tried(t, lambda: databanks.delete(places.path_of(name)))
            _end(t("databanks.deleted", name=plain(name)), "")


def _name(t: Texts, before: str) -> str:
    return st.text_input(
        t("databanks.name"), value=before, key="new_name", max_chars=120, autocomplete="off"
    )  # fmt: skip


def _typed(t: Texts, name: str) -> str:
    label = t("databanks.type_name", name=plain(name))
    return st.text_input(label, key="typed_name", autocomplete="off")


def _confirm(t: Texts, typed: str, name: str) -> None:
    """Go on only if the name was typed once more."""
    if typed != name:
        st.error(t("databanks.not_typed", name=plain(name)))
        ending.end()


def _tried(t: Texts, action: Callable[[], T]) -> T:
    """What the action gives; ends the run with a sentence where it is refused."""
    try:
        return action()
    except LakeError as error:
        st.error(t.find(f"error.{type(error).__name__}", str(error)))
        ending.end()


def _end(done: str, then: str) -> None:
    """Close the dialog, say what was done, and show the databank ``then``."""
    st.session_state[DONE] = done
    if then:
        st.session_state[NEXT] = then
    st.rerun()


def _tell() -> None:
    done = st.session_state.pop(DONE, None)
    if done:
        st.toast(str(done), icon=":material/check:")
