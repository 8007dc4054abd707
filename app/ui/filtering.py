"""What is filtered in this session: kept here, changed by widgets, chips and clicks on charts.

The record is apart from the widgets, whose options are labelled with counts that change, and is
written into the address at the end of the sidebar; the address is read when a session starts and
when the browser goes back or forward. Only the searched words live in their widget alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.filters import CHOICES, DATES, NONE, NUMBERS, TEXT, Filters, Span

SLOT = "filters_kept"


def kept() -> Filters:
    """The filters of this session, those of the address at first; words are not among them."""
    found = st.session_state.get(SLOT)
    return found if isinstance(found, Filters) else NONE


def current() -> Filters:
    """What this run filters: what is kept, or what the address says, and the searched words."""
    if SLOT not in st.session_state or _went_through_history():
        keep(Filters.from_address({k: st.query_params.get_all(k) for k in st.query_params}))
    words = Filters.of(text=str(st.session_state.get(TEXT) or "")).terms
    return replace(kept(), terms=words)


def keep(filters: Filters) -> None:
    """Filter like this from the next run on."""
    st.session_state[SLOT] = replace(filters, terms=())


def toggle(key: str, value: str) -> None:
    """One more value of a facet, or without it if it was chosen; for callbacks."""
    keep(kept().toggled(key, value))


def choose(key: str, values: list[str]) -> None:
    """These values of a facet and no others; for callbacks."""
    keep(kept().choosing(key, values))


def between(since: date | None, until: date | None) -> None:
    """Study dates of a range; the same range again removes it. For callbacks."""
    wanted = kept().ranged(DATES, since, until)
    keep(wanted.without(DATES) if wanted == kept() else wanted)


def within(key: str, span: Span) -> None:
    """A range of one of NUMBERS; the same range again removes it. For callbacks."""
    wanted = kept().spanning(key, span)
    keep(wanted.without(key) if wanted == kept() else wanted)


def spanned(key: str, low: float | None, high: float | None) -> None:
    """A range of one of NUMBERS, open where there is None; for callbacks."""
    keep(kept().spanning(key, Span(low, high)))


def ranged(key: str, low: date | int | None, high: date | int | None) -> None:
    """A range of DATES or AGES, open where there is None; for callbacks."""
    keep(kept().ranged(key, low, high))


def remove(key: str, value: str = "") -> None:
    """Without a value of a facet, or without all that is filtered by ``key``; for callbacks."""
    if key == TEXT:
        st.session_state[TEXT] = ""
    elif value:
        keep(kept().choosing(key, [v for v in kept().values(key) if v != value]))
    else:
        keep(kept().without(key))


def search(text: str) -> None:
    """Search other words; for callbacks."""
    st.session_state[TEXT] = text


def clear() -> None:
    """Forget all filters, the searched words too; for callbacks."""
    keep(NONE)
    st.session_state[TEXT] = ""


def clicked(key: str, chart: str) -> Callable[[], None]:
    """A callback for a chart whose selection is kept under ``widget_of(chart)``: a click toggles.

    The clicked point's ``customdata`` is a value of the facet ``key``; for DATES two days with a
    slash between them, for one of NUMBERS two numbers, the second of which is outside; it is None
    where a bar stands for several values, and nothing happens.
    """

    def toggle_value(value: str) -> None:
        first, _, last = value.partition("/")
        with suppress(ValueError):
            if key in CHOICES:
                toggle(key, value)
            elif key == DATES:
                between(date.fromisoformat(first), date.fromisoformat(last))
            elif key in NUMBERS:
                within(key, Span(float(first), float(last) if last else None, below=True))

    return pointed(chart, toggle_value)


def pointed(chart: str, take: Callable[[str], None]) -> Callable[[], None]:
    """A callback for a chart: ``take`` gets the text that a clicked point has as ``customdata``."""

    def took() -> None:
        state = st.session_state.get(widget_of(chart)) or {}
        for point in state.get("selection", {}).get("points", ())[:1]:
            data = point.get("customdata")
            value = data[0] if isinstance(data, list) and data else data
            if isinstance(value, str):
                take(value)
        st.session_state[f"{chart}_clicks"] = st.session_state.get(f"{chart}_clicks", 0) + 1

    return took


def widget_of(chart: str) -> str:
    """The key of a chart's widget: another one after each click, as a selection can't be undone."""
    return f"{chart}_{st.session_state.get(f'{chart}_clicks', 0)}"


def write_address() -> None:
    """Make the address say what is kept, in one step, so that it is one step back, too."""
    wanted = kept().address()
    if any(st.query_params.get_all(key) != values for key, values in wanted.items()):
        st.query_params.update(wanted)


def _went_through_history() -> bool:
    """Whether this run shows an address that the browser went back or forward to."""
    context = get_script_run_ctx()
    return bool(context and getattr(context, "is_history_navigation", False))
