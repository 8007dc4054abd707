"""Which columns a table shows: chosen among all that its question has, kept for the session.

The choice is per question, so the same table on two pages has the same columns. Identifying columns
are offered only while identifiers are shown; a choice that has some waits until they are again.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import streamlit as st

from app import columns
from app.export import dictionary
from app.i18n import DEFAULT
from app.ui.view import View

DESCRIBED = 70
"""Characters of a column's description in the list."""


def chosen(key: str, offered: Iterable[str], default: tuple[str, ...]) -> tuple[str, ...]:
    """The columns to show, in the order in which they were chosen; ``default`` at first."""
    kept = st.session_state.get(f"{key}_columns")
    there = set(offered)
    return tuple(name for name in (default if kept is None else kept) if name in there)


def draw(
    view: View,
    key: str,
    offered: tuple[str, ...],
    shown: tuple[str, ...],
    default: tuple[str, ...],
) -> None:
    """The button below a table behind which columns are chosen, or set back to ``default``."""
    t = view.texts
    with st.popover(
        t("export.columns"), icon=":material/view_column:", type="tertiary", key=f"{key}_chooser"
    ):
        widget = f"{key}_chosen"
        # Not with default=: the table may have been set back, or identifiers hidden, since.
        st.session_state[widget] = list(shown)
        st.multiselect(
            t("export.choose"), offered, key=widget, help=t("export.choose_help"),
            format_func=lambda name: _option(view, key.removeprefix("table_"), name),
            on_change=_keep, args=(key, shown), placeholder=t("export.choose_search"),
        )  # fmt: skip
        st.button(
            t("export.reset"), icon=":material/restart_alt:", key=f"{key}_reset",
            on_click=_reset, args=(key,), disabled=shown == default,
        )  # fmt: skip


def _option(view: View, table: str, name: str) -> str:
    t = view.texts
    title = columns.title(t, name)
    if t.language != DEFAULT and t.find(f"column.{name}", ""):
        return title  # the schema is in English, and says little more than the title does
    known = _meanings(table).get(name)
    about = known.description if known else ""
    if len(about) > DESCRIBED:
        about = about[:DESCRIBED].rsplit(" ", 1)[0] + " …"
    return f"{title} – {about}" if about and about != title else title


@cache
def _meanings(table: str) -> dictionary.Columns:
    return dictionary.meanings(table)


def _keep(key: str, shown: tuple[str, ...]) -> None:
    """Keep what was chosen; what can't be offered now keeps its place at the end."""
    before = st.session_state.get(f"{key}_columns") or ()
    unseen = tuple(name for name in before if name not in shown)
    now = tuple(st.session_state[f"{key}_chosen"])
    st.session_state[f"{key}_columns"] = now + tuple(n for n in unseen if n not in now)


def _reset(key: str) -> None:
    st.session_state.pop(f"{key}_columns", None)
