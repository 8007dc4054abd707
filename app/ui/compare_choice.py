"""Which two series or studies are compared: chosen by search, kept in the address.

The address is the truth (``kind``, ``a`` and ``b``), so a link restores the comparison; a session
that comes back without one finds the pair that it looked at last.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from app.filters import Filters
from app.i18n import Texts
from app.queries import Value
from app.ui.text import plain
from app.ui.view import NO_UID, View, chosen, path

SIDES = ("a", "b")
MOST = 50
"""Rows that the questions for candidates give."""


class Kind(NamedTuple):
    """What is compared: its UID's column, questions for one and for candidates, parameter, page."""

    uid: str
    one: str
    candidates: str
    param: str


KINDS = {
    "series": Kind("SeriesInstanceUID", "compare_series", "compare_candidates", "series"),
    "study": Kind("StudyInstanceUID", "compare_study", "compare_study_candidates", "study"),
}

NEARNESS = ("same_protocol", "same_study", "same_patient", "same_description")
"""Why a candidate is offered before others."""

Row = dict[str, Any]


def kind(view: View) -> str:
    """Whether series or studies are compared."""
    asked = st.query_params.get("kind", "")
    st.session_state["compare_kind"] = asked if asked in KINDS else "series"
    t = view.texts
    st.segmented_control(
        t("compare.kind"), tuple(KINDS), key="compare_kind", required=True, on_change=_kind_picked,
        args=(view,),
        format_func=lambda name: t(f"compare_kind.{name}"), label_visibility="collapsed",
    )  # fmt: skip
    return str(st.session_state["compare_kind"])


def pair(view: View, name: str) -> tuple[Row | None, Row | None]:
    """The two fields in which A and B are searched and chosen; what was chosen, or None."""
    uids = _uids(view, name)
    _prepare(view, name, [uid for uid in uids.values() if uid])
    rows: list[Row | None] = []
    for column, side in zip(st.columns(2, gap="medium"), SIDES, strict=True):
        other = uids["b" if side == "a" else "a"]
        with column, st.container(border=True, key=f"compare_side_{side}"):
            rows.append(_choose(view, name, side, uids[side], other))
    return rows[0], rows[1]


def _prepare(view: View, name: str, uids: list[str]) -> None:
    """Ask for both sides at once, what the fields offer and what is compared."""
    kind = KINDS[name]
    about = [kind.one, *(["compare_elements"] if name == "series" else [])]
    given: list[dict[str, Value]] = [{kind.param: uid} for uid in uids]
    view.prepare({}, *((kind.candidates, one) for one in given))
    view.everything().prepare({}, *((question, one) for question in about for one in given))


def swap_button(view: View) -> None:
    """A becomes B and B becomes A."""
    st.button(
        view.texts("compare.swap"), icon=":material/swap_horiz:", key="compare_swap",
        on_click=swap,
    )  # fmt: skip


def swap() -> None:
    """A becomes B and B becomes A; for callbacks."""
    _write(a=chosen("b"), b=chosen("a"))


def open_pair(name: str, a: str, b: str) -> None:
    """Compare these two, which are what ``name`` says, in the next run."""
    _write(kind=name, a=a, b=b)
    st.rerun()


def label(t: Texts, name: str, row: Row) -> str:
    """A series or study in a list, in one line."""
    if name == "series":
        number = t("compare.number", n=row["SeriesNumber"]) if row["SeriesNumber"] else ""
        parts = [
            row["SeriesDescription"] or t("series.untitled"), number, row["Modality"],
            row["StudyDate"], row["StudyDescription"], t.count("instances", row["n_instances"]),
        ]  # fmt: skip
    else:
        modalities = ", ".join(row["Modalities"] or ())
        parts = [
            row["StudyDescription"] or t("study.untitled"), row["StudyDate"], modalities,
            t.count("series", row["n_series"]),
        ]  # fmt: skip
    if row["patient"]:
        parts.append(t("compare.patient", patient=row["patient"]))
    near = row.get("nearness")
    if near in NEARNESS:
        parts.append(f"({t(f'compare_near.{near}')})")
    return " · ".join(" ".join(str(part).split()) for part in parts if part)


def _uids(view: View, name: str) -> dict[str, str]:
    """The chosen UIDs: of the address or, where it has none, of the last visit."""
    uids = {side: chosen(side) for side in SIDES}
    if not any(uids.values()):
        uids = {side: str(st.session_state.get(_slot(view, name, side), "")) for side in SIDES}
        if any(uids.values()):
            _write(**uids)
    for side, uid in uids.items():
        st.session_state[_slot(view, name, side)] = uid
    return uids


def _slot(view: View, name: str, side: str) -> str:
    """Where a session remembers what it compared last."""
    return f"compared_{view.name}_{name}_{side}"


def _write(**values: str) -> None:
    """Make the address say this in one step, without what is empty."""
    st.query_params.update({key: value or [] for key, value in values.items()})


def _choose(view: View, name: str, side: str, uid: str, other: str) -> Row | None:
    t, kind = view.texts, KINDS[name]
    row = _one(view, kind, uid)
    st.markdown(f"**{side.upper()}**")
    text = st.text_input(
        t(f"compare_search.{name}"), key=f"compare_search_{side}", type="search", live=True,
        icon=":material/search:", placeholder=t("compare.search_placeholder"), max_chars=200,
        help=t("compare.search_help"), autocomplete="off",
    )  # fmt: skip
    like: dict[str, Any] = {kind.param: other}
    found = _searched(view, text or "").ask(kind.candidates, **like)
    rows = {str(row[kind.uid]): row for row in found.rows(named=True)}
    options = list(rows)
    if row is not None and uid not in rows:
        options.insert(0, uid)
        rows[uid] = row
    widget = f"compare_pick_{name}_{side}"
    st.session_state[widget] = uid if row is not None else None
    st.selectbox(
        t(f"compare_choose.{name}"), options, index=None, key=widget, on_change=_picked,
        args=(view, name, side, widget), format_func=lambda key: label(t, name, rows[key]),
        placeholder=t("compare.none_found") if not options else t("compare.choose"),
    )  # fmt: skip
    _note(view, name, uid, row, found)
    return row


def _note(view: View, name: str, uid: str, row: Row | None, found: pl.DataFrame) -> None:
    """What is below a field: a way to what was chosen, or why there is none."""
    t = view.texts
    if uid and row is None:
        st.caption(t("compare.gone"))
    elif row is not None:
        st.caption(plain(label(t, name, row)))
        uids = {"study": row["StudyInstanceUID"] or NO_UID}
        if name == "series":
            uids["series"] = row["SeriesInstanceUID"]
        st.page_link(
            path(name), label=t(f"compare_open.{name}"), icon=":material/arrow_forward:",
            query_params=uids,
        )  # fmt: skip
    elif found.height == MOST:
        st.caption(t("compare.more"))


def _one(view: View, kind: Kind, uid: str) -> Row | None:
    """What was chosen, which need not pass the filters."""
    if not uid:
        return None
    this: dict[str, Any] = {kind.param: uid}
    found = view.everything().ask(kind.one, **this)
    return None if found.is_empty() else found.row(0, named=True)


def _searched(view: View, text: str) -> View:
    terms = view.filters.terms + Filters.of(text=text).terms
    return replace(view, filters=replace(view.filters, terms=terms))


def _picked(view: View, name: str, side: str, widget: str) -> None:
    uid = str(st.session_state[widget] or "")
    st.session_state[_slot(view, name, side)] = uid
    _write(**{side: uid})


def _kind_picked(view: View) -> None:
    """Go to what was compared last of the other kind."""
    name = str(st.session_state["compare_kind"])
    last = {side: str(st.session_state.get(_slot(view, name, side), "")) for side in SIDES}
    _write(kind=name, **last)
