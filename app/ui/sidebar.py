"""The sidebar: databank, filters, language, identifiers; drawn once, in every run, by ``main.py``.

Drawn here and not in pages because Streamlit forgets a page's widgets when the page is left. Those
bound to the query string are in the address, so a link restores the view; the searched words and
the switch of identifiers never are.
"""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from app import queries
from app.errors import QueryFailed
from app.filters import FACETS, NONE, Filters
from app.i18n import DEFAULT, LANGUAGES, Texts, texts
from app.queries import Databank
from app.ui.view import View
from ingest.lake import databank as databanks
from ingest.lake.errors import LakeError

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2200, 12, 31)
DATES = ("since", "until")


def draw() -> View:
    """Draw the sidebar; what was chosen in it is the view of this run."""
    with st.sidebar:
        top, middle, bottom = st.container(), st.container(), st.container()
        with bottom:
            t = texts(_language())
            identifiers = _identifiers(t)
        with top:
            name = _databank(t)
        if not name:
            return View(t, identifiers)
        databank = Databank(databanks.path_of(name), identifiers)
        with middle:
            return View(t, identifiers, name, databank, _filters(t, databank))


def clear_filters() -> None:
    """Forget all filters; for the ``on_click`` of a button."""
    for facet in FACETS:
        st.session_state[facet.key] = []
    for key in DATES:
        st.session_state[key] = None
    st.session_state["search"] = ""


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


def _databank(t: Texts) -> str:
    names = databanks.names()
    if not names:
        return ""
    wanted = st.session_state.pop("databank_next", None) or st.session_state.get("databank")
    asked = st.query_params.get("databank")
    st.session_state["databank"] = next((n for n in (wanted, asked) if n in names), names[0])
    name = st.selectbox(
        t("app.databank"), names, index=None, key="databank", required=True,
        help=t("app.databank_help"), bind="query-params", on_change=clear_filters,
    )  # fmt: skip
    if "databank" not in st.query_params and "databank_named" not in st.session_state:
        # Streamlit writes what code chose into the address only once the widget is there.
        st.session_state["databank_named"] = True
        st.rerun()
    return str(name or names[0])


def _filters(t: Texts, databank: Databank) -> Filters:
    values = _facet_values(databank)
    with st.container(key="filters", gap="xsmall"):
        st.caption(t("filters.title"))
        chosen = {facet.key: _facet(t, facet.key, values) for facet in FACETS}
        with st.container(horizontal=True, gap="xsmall"):
            since, until = (_day(t, key) for key in DATES)
        text = st.text_input(
            t("filters.search"), key="search", type="search", max_chars=200,
            icon=":material/search:", placeholder=t("filters.search_placeholder"),
            help=t("filters.search_help"), autocomplete="off", label_visibility="collapsed",
        )  # fmt: skip
        filters = Filters.of(chosen, since, until, text or "")
        st.button(
            t("filters.clear"), on_click=clear_filters, type="tertiary", icon=":material/close:",
            disabled=filters == NONE, key="clear_filters",
        )  # fmt: skip
    return filters


def _facet(t: Texts, key: str, values: pl.DataFrame) -> list[str]:
    # Options are shown as they are: what is shown is also what Streamlit writes into the address.
    options = values.filter(pl.col("facet") == key)["value"].to_list()
    # A value that is chosen stays an option, also where this databank has none of it.
    before = [str(v) for v in st.session_state.get(key) or st.query_params.get_all(key)]
    return st.multiselect(
        t(f"filters.{key}"), [*options, *(v for v in before if v not in options)], key=key,
        bind="query-params", placeholder=t("filters.any"), select_all=False,
    )  # fmt: skip


def _day(t: Texts, key: str) -> date | None:
    day = st.date_input(
        t(f"filters.{key}"), value=None, min_value=FIRST_DAY, max_value=LAST_DAY, key=key,
        format="YYYY-MM-DD", bind="query-params",
    )  # fmt: skip
    return day if isinstance(day, date) else None


def _facet_values(databank: Databank) -> pl.DataFrame:
    try:
        return queries.ask(databank, "facets")
    except (LakeError, QueryFailed):  # the page says what is wrong
        return pl.DataFrame(schema={"facet": pl.String, "value": pl.String, "n": pl.Int64})
