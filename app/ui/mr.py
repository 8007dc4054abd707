"""The parts of the page of MR series that are always there: its own filters, numbers, counts; and
the names of files in a BIDS data set."""

from __future__ import annotations

from functools import partial
from typing import Any, NoReturn

import plotly.graph_objects as go  # type: ignore[import-untyped]
import streamlit as st

from app.dashboards import mr
from app.dashboards.mr import AXES, Choice
from app.queries import Order
from app.ui import cards, frame, tables
from app.ui import jobs as job_pictures
from app.ui.pictures import palette, picture
from app.ui.tables import Row, Shown
from app.ui.text import plain
from app.ui.view import View

KEPT = "mr_filters"
"""What is chosen for each axis: kept apart from the widgets, which forget it on other pages."""
SAID = "mr_said"
"""What the last correction came to: told once, above the page."""
MOST_NAMES = 50_000
"""Rows of which the names of files are worked out while one waits; a million takes seconds."""
BIDS_ORDER = Order("bids_file", then=("StudyInstanceUID", "SeriesInstanceUID", "volume"))
BIDS = Shown(
    "SeriesDescription", hidden=("StudyInstanceUID", "SeriesInstanceUID", "volume"),
    columns=("SeriesDescription", "bids_file", "bids_why_not", "sequenceClass", "classConfidence",
             "volume_kind", "StudyDate", "SeriesNumber"),
)  # fmt: skip


def begin(view: View) -> Choice:
    """What was said last, the filters of the page; gives what is chosen. Stops without MR."""
    job_pictures.running(view, "derive")
    for kind, sentence in st.session_state.pop(SAID, ()):
        (st.success if kind == "done" else st.error)(plain(sentence))
    if not view.ask("mr_numbers", **mr.NOTHING)["mr_kinds"].item():
        _no_mr(view)
    with st.grid(columns=len(AXES), min_column_width=130, gap="small"):
        chosen = {axis: _select(view, axis) for axis in AXES}
    return mr.choice(chosen)


def _select(view: View, axis: str) -> list[str]:
    t = view.texts
    kept: dict[str, list[str]] = st.session_state.setdefault(KEPT, {})
    offered = list(dict.fromkeys((*mr.values(view, axis), *kept.get(axis, ()))))
    widget = f"mr_{axis}"
    st.session_state[widget] = list(kept.get(axis, ()))
    st.multiselect(
        t(f"mr.{axis}"), offered, key=widget, placeholder=t("filters.any"), select_all=False,
        format_func=lambda value: plain(mr.said(t, axis, value)), on_change=_keep, args=(axis,),
    )  # fmt: skip
    return list(kept.get(axis, ()))


def _keep(axis: str) -> None:
    kept = dict(st.session_state.get(KEPT, {}))
    kept[axis] = list(st.session_state[f"mr_{axis}"])
    st.session_state[KEPT] = kept
    _from_the_start()


def toggle(axis: str, value: str) -> None:
    """One more value of an axis, or without it if it was chosen; for callbacks."""
    kept = dict(st.session_state.get(KEPT, {}))
    before = kept.get(axis, [])
    kept[axis] = [v for v in before if v != value] if value in before else [*before, value]
    st.session_state[KEPT] = kept
    _from_the_start()


def clear() -> None:
    """Nothing is filtered by the page itself; for callbacks."""
    st.session_state[KEPT] = {}
    _from_the_start()


def _from_the_start() -> None:
    for key in ("mr_rows", "mr_names"):
        st.session_state.pop(f"table_{key}_page", None)


def numbers(view: View, found: dict[str, Any]) -> None:
    """The numbers on cards."""
    cards.row(view, mr.cards(found))


def counts(view: View, chosen: Choice) -> None:
    """How many series there are of each class, and of each other axis."""
    t = view.texts
    left, right = st.columns(2, gap="medium")
    with left:
        _bars(view, chosen, "class")
    with right:
        first, second = st.columns(2, gap="medium")
        for number, axis in enumerate(AXES[1:]):
            with (first, second)[number % 2]:
                _bars(view, chosen, axis)
    st.caption(f":material/filter_alt: {t('chart.click')}")


def _bars(view: View, chosen: Choice, axis: str) -> None:
    t = view.texts

    def figure() -> go.Figure:
        return mr.by_axis(view, palette(), chosen, axis)

    picture(
        t(f"mr.{axis}"), figure(), f"mr_by_{axis}", help=t.find(f"mr.{axis}_help", ""),
        opens=partial(toggle, axis),
    )  # fmt: skip


def bids(view: View, chosen: Choice) -> Row | None:
    """Which file each series would be; gives the row that was opened."""
    t = view.texts
    st.caption(t("mr.bids_help"))
    if view.ask("mr_numbers", **mr.NOTHING)["mr_kinds"].item() > MOST_NAMES:
        st.info(t("mr.bids_many", n=t.number(MOST_NAMES)), icon=":material/filter_alt:")
        st.code(f"./taglake mr --databank {view.name} --bids -o names.csv", language="bash")
        return None
    return tables.paged(view, "mr_bids", BIDS_ORDER, BIDS, **chosen)


def nothing_left(view: View) -> None:
    """What is said where the filters of the page leave nothing."""
    t = view.texts
    with st.container(border=True, key="mr_nothing"):
        st.markdown(t("mr.nothing_left"))
        st.button(t("filters.clear"), on_click=clear, key="mr_clear")


def _no_mr(view: View) -> NoReturn:
    t = view.texts
    whole = view.everything()
    if view.filters and whole.ask("mr_numbers", **mr.NOTHING)["mr_kinds"].item():
        frame.stop(t("mr.none_here"), t("mr.none_here_text"))
    frame.stop(t("mr.none"), t("mr.none_text"), "ingest", t("empty.own_button"))
