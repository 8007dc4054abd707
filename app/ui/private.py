"""Private elements step by step: creators, the elements of one, the values of one, their series.

The step is in the address (creator, payload, element, field), so a link restores it; a chosen value
is not, because it may identify somebody.  In a large databank numbers of series come from profiles,
and what has to be read in the elements themselves comes on request, as it takes seconds.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl
import streamlit as st

from app.ui import cards, private_words
from app.ui.text import plain
from app.ui.view import View, path

READ_AT_ONCE = 200_000
"""Instances of which all elements are read in less than half a second."""
KEYS = ("creator", "payload", "element", "field")


class Place(NamedTuple):
    """Where one is: nowhere yet, in a group (creator and payload), at an element of it."""

    creator: str | None = None
    payload: str = ""
    element: str = ""
    field: str = ""


class Counts(NamedTuple):
    """In how many series elements are, and groups of them; if elements were read, instances too."""

    elements: pl.DataFrame
    groups: pl.DataFrame


def place() -> Place:
    """The step that the address says."""
    asked = st.query_params
    if "creator" not in asked:
        return Place()
    return Place(*(asked.get(key, "") for key in KEYS))


def go(to: Place) -> None:
    """Take a step: the address changes, and the page runs again."""
    st.query_params.update({key: value or "" for key, value in to._asdict().items()})
    st.rerun()


def trail(view: View, at: Place, keys: pl.DataFrame) -> None:
    """The way back: to all creators and, from an element, to its group."""
    if at.creator is None:
        return
    t = view.texts
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="trail"):
        st.page_link(path("private"), label=t("private.all"), icon=":material/arrow_back:")
        if at.element:
            st.page_link(
                path("private"), label=plain(group_name(view, at, keys)),
                icon=":material/chevron_right:",
                query_params={"creator": at.creator, "payload": at.payload},
            )  # fmt: skip


def group_name(view: View, at: Place, keys: pl.DataFrame) -> str:
    """Creator and source of the group one is in."""
    t, creator = view.texts, at.creator or ""
    source = private_words.source(t, creator, at.payload, keys)
    return f"{private_words.creator(t, creator)} · {source}"


def summary(view: View, keys: pl.DataFrame) -> None:
    """How many creators and elements there are."""
    stored = keys.filter(pl.col("field") == "").height
    numbers = {
        "creators": keys["creator"].n_unique(),
        "private_elements": stored,
        "decoded_values": keys.height - stored,
    }
    cards.row(view, numbers)


def is_read(view: View, text: str, button: str) -> bool:
    """Whether elements may be read: those of a small databank, or as somebody has asked for it.

    Else ``text`` says what is missing, and the button offers it.
    """
    t = view.texts
    asked = f"private_read_{view.name}"
    size = int(view.everything().ask("totals")["instances"].item())
    if size <= READ_AT_ONCE or st.session_state.get(asked):
        return True
    st.info(t(text), icon=":material/timer:")
    if not st.button(t(button), icon=":material/calculate:", key="private_read"):
        return False
    st.session_state[asked] = True
    return True


def counted(view: View, keys: pl.DataFrame) -> Counts:
    """The elements and groups with their numbers.

    Elements that no series of the filters has are left out. If elements were read without filters
    they stay while identifiers are hidden: it is their values that are.
    """
    t = view.texts
    read = is_read(view, "private.not_counted", "private.count")
    with st.spinner(t("private.counting")):
        found = view.ask("private_counts" if read else "private_elements")
    levels = found.partition_by("level", as_dict=True, include_key=False)
    none = found.clear().drop("level")
    groups = levels.get(("group",), none).drop("element", "field")
    elements = keys.join(levels.get(("element",), none), on=KEYS, how="left")
    if view.filters or view.identifiers or not read:
        there = pl.col("n_series").is_not_null()
        elements = elements.filter(there if read else there | _in_a_text(groups))
    return Counts(elements, groups)


def _in_a_text(groups: pl.DataFrame) -> pl.Expr:
    """Whether an element was decoded from a text that some series has: profiles do not have it."""
    text = pl.col("payload")
    there = groups.select(pl.struct("creator", "payload")).to_series()
    of_text = (text != "") & ~text.str.starts_with("(")
    return of_text & pl.struct("creator", "payload").is_in(there.implode())
