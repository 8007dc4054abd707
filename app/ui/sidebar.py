"""The sidebar: databank, filters, language, identifiers; drawn once, in every run, by ``main.py``.

Drawn here and not in pages because Streamlit forgets a page's widgets when the page is left. What
is filtered is in the address, so a link restores the view; the searched words and the switch of
identifiers never are.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app import queries
from app.errors import QueryFailed
from app.filters import (
    AGES,
    COLUMNS,
    DATES,
    FACETS,
    FIRST_DAY,
    LAST_DAY,
    MAX_VALUES,
    MISSING,
    NONE,
    NUMBERS,
    OLDEST,
    TEXT,
    Facet,
    Filters,
    said,
)
from app.i18n import DEFAULT, LANGUAGES, Texts, texts
from app.queries import Databank
from app.ui import databanks, filtering
from app.ui.view import View
from ingest.lake import databank as places
from ingest.lake.errors import LakeError

AT_ONCE = ("modality", "manufacturer")
"""Facets that are seen at once; the others are a click away."""
OFFERED = 1000
"""Values that a facet offers, the most frequent ones; all are sent to the browser."""
DIGITS = " · "

Counts = dict[str, dict[str, int]]


def draw() -> View:
    """Draw the sidebar; what was chosen in it is the view of this run."""
    with st.sidebar:
        top, middle, bottom = st.container(), st.container(), st.container()
        with bottom:
            t = texts(_language())
            identifiers = _identifiers(t)
        with top:
            name = databanks.choose(t)
        if not name:
            return View(t, identifiers)
        databank = Databank(places.path_of(name), identifiers)
        with middle:
            return View(t, identifiers, name, databank, _filters(t, databank))


def hide_identifiers() -> None:
    """Show no identifiers from the next run on; for callbacks."""
    st.session_state["identifiers"] = False


def _language() -> str:
    names = {name: code for code, name in LANGUAGES.items()}
    # The label is in the language chosen so far, which only the widget itself knows for sure.
    before = str(st.session_state.get("lang") or st.query_params.get("lang", ""))
    name = st.segmented_control(
        texts(names.get(before, DEFAULT))("app.language"), list(names), default=LANGUAGES[DEFAULT],
        required=True, key="lang", bind="query-params", width="stretch",
    )  # fmt: skip
    return names.get(str(name), DEFAULT)


def _identifiers(t: Texts) -> bool:
    return st.toggle(t("app.identifiers"), key="identifiers", help=t("app.identifiers_help"))


def _filters(t: Texts, databank: Databank) -> Filters:
    filters = filtering.current()
    counts = _counts(databank, filters)
    shown = [f for f in FACETS if not f.optional or _is_of_use(f, filters, databank)]
    with st.container(key="filters", gap="xsmall"):
        _title(t, filters)
        text = st.text_input(
            t("filters.search"), key=TEXT, type="search",
            icon=":material/search:", placeholder=t("filters.search_placeholder"),
            help=t("filters.search_help"), autocomplete="off", label_visibility="collapsed",
        )  # fmt: skip
        for facet in shown:
            if facet.key in AT_ONCE:
                _facet(t, facet.key, filters, counts)
        _days(t, filters)
        rest = [facet.key for facet in shown if facet.key not in AT_ONCE]
        with st.expander(t("filters.more"), expanded=_is_open(rest, filters), type="compact"):
            for key in rest:
                _facet(t, key, filters, counts)
            _ages(t, filters)
            for key in _numbers(filters, databank):
                _number(t, key, filters)
    filtering.write_address()
    return replace(filters, terms=Filters.of(text=text or "").terms)


def _title(t: Texts, filters: Filters) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(t("filters.title"), width="stretch")
        st.button(
            t("filters.clear"), on_click=filtering.clear, type="tertiary", key="clear_filters",
            disabled=filters == NONE,
        )  # fmt: skip


def _counts(databank: Databank, filters: Filters) -> Counts:
    """Series by value of each facet, under all filters but those of the facet itself."""
    try:
        chosen = [key for key, _ in filters.chosen if key in COLUMNS]
        found = {key: _counted(databank, filters.without(key)) for key in chosen}
        return {**_counted(databank, filters), **{key: found[key].get(key, {}) for key in found}}
    except (LakeError, QueryFailed):  # the page says what is wrong
        return {}


def _counted(databank: Databank, filters: Filters) -> Counts:
    counts: Counts = {}
    for facet, value, n in queries.ask(databank, "facets", filters).iter_rows():
        counts.setdefault(facet, {})[value] = n
    return counts


def _is_of_use(facet: Facet, filters: Filters, databank: Databank) -> bool:
    """Whether the databank has any value of the facet, or one is chosen."""
    try:
        values = _counted(databank, NONE).get(facet.key, {})
    except (LakeError, QueryFailed):
        values = {}
    return bool(filters.values(facet.key) or set(values) - {MISSING})


def _is_open(keys: list[str], filters: Filters) -> bool:
    """Whether the further filters are unfolded: from when one of them is used."""
    ranges = (AGES, *NUMBERS)
    used = any(map(filters.values, keys)) or any(filters.without(k) != filters for k in ranges)
    st.session_state["more_filters"] = used or st.session_state.get("more_filters", False)
    return bool(st.session_state["more_filters"])


def _facet(t: Texts, key: str, filters: Filters, counts: Counts) -> None:
    found = counts.get(key, {})
    chosen = list(filters.values(key))
    # A value that is chosen stays an option, also where nothing is left of it.
    options = list(dict.fromkeys([*list(found)[:OFFERED], *chosen]))
    # The browser's own idea of what is chosen is labelled with the counts of the last run.
    st.session_state[key] = chosen

    def label(value: str) -> str:
        return f"{said.value(t, key, value)}{DIGITS}{t.number(found.get(value, 0))}"

    def took() -> None:
        filtering.choose(key, [_value(t, key, v, options) for v in st.session_state[key]])

    st.multiselect(
        t(f"filters.{key}"), options, key=key, format_func=label, on_change=took,
        placeholder=t("filters.any"), select_all=False, max_selections=MAX_VALUES,
        help=t("filters.most_frequent", n=t.number(OFFERED)) if len(found) > OFFERED else None,
    )  # fmt: skip


def _value(t: Texts, key: str, option: str, options: list[str]) -> str:
    """The value of an option; of one that was clicked before its new count was there, too."""
    named = option.rpartition(DIGITS)[0] or option
    return next((v for v in options if v == option or said.value(t, key, v) == named), named)


def _days(t: Texts, filters: Filters) -> None:
    def took() -> None:
        since, until = st.session_state["since"], st.session_state["until"]
        filtering.ranged(DATES, since, until)

    with st.container(horizontal=True, gap="xsmall"):
        for key, day in (("since", filters.since), ("until", filters.until)):
            st.session_state[key] = day
            st.date_input(
                t(f"filters.{key}"), min_value=FIRST_DAY, max_value=LAST_DAY, key=key,
                format="YYYY-MM-DD", on_change=took,
            )  # fmt: skip


def _ages(t: Texts, filters: Filters) -> None:
    def took() -> None:
        low, high = st.session_state["age_from"], st.session_state["age_to"]
        filtering.ranged(AGES, low, high)

    with st.container(horizontal=True, gap="xsmall"):
        for key, age in (("age_from", filters.age_from), ("age_to", filters.age_to)):
            st.session_state[key] = age
            st.number_input(
                t(f"filters.{key}"), min_value=0, max_value=OLDEST, value=None, step=1, key=key,
                on_change=took, help=t("filters.age_help") if key == "age_from" else None,
            )  # fmt: skip


def _numbers(filters: Filters, databank: Databank) -> list[str]:
    """The numbers that the databank has any of, or that are filtered."""
    try:
        there = queries.ask(databank, "numbers_there").row(0, named=True)
    except (LakeError, QueryFailed):
        there = {}
    return [key for key in NUMBERS if there.get(key) or filters.without(key) != filters]


def _number(t: Texts, key: str, filters: Filters) -> None:
    span = filters.span(key)
    ends = (f"{key}_from", f"{key}_to")

    def took() -> None:
        filtering.spanned(key, *(st.session_state[end] for end in ends))

    with st.container(horizontal=True, gap="xsmall"):
        for end, number in zip(ends, (span.low, span.high), strict=True):
            st.session_state[end] = number
            name = (
                t("filters.from", name=t(f"filters.{key}"))
                if end == ends[0]
                else t("filters.until")
            )
            st.number_input(name, value=None, step=1.0, format="%g", key=end, on_change=took)
