"""The editor of statements: a small component of our own.

Streamlit has no input with colours, and the components for one were not kept up (late 2026: the
last releases of streamlit-ace are of 2021, of streamlit-code-editor of 2024, of streamlit-monaco of
2023) and bring megabytes; this is a text area over its own text in colours, and asks no other host.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from app.ui.view import View
from ingest.schema import Table

KEY = "sql_editor"
TEXT = "sql_text"
_REVISION = "sql_revision"
HTML = """
<div class="editor">
  <div class="paper">
    <pre aria-hidden="true"></pre>
    <textarea spellcheck="false" autocapitalize="off" autocomplete="off" role="combobox"
      aria-autocomplete="list" aria-expanded="false" aria-controls="offered"></textarea>
  </div>
  <ul id="offered" role="listbox" hidden></ul>
</div>
"""
KEYWORDS = [
    "SELECT", "FROM", "WHERE", "GROUP", "BY", "ORDER", "HAVING", "LIMIT", "OFFSET", "JOIN",
    "LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS", "SEMI", "ANTI", "USING", "ON", "AS",
    "AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "ILIKE", "BETWEEN", "EXISTS", "CASE",
    "WHEN", "THEN", "ELSE", "END", "CAST", "TRY_CAST", "DISTINCT", "ALL", "UNION", "INTERSECT",
    "EXCEPT", "WITH", "RECURSIVE", "VALUES", "DESCRIBE", "SUMMARIZE", "EXPLAIN", "ANALYZE",
    "SHOW", "TABLES", "ASC", "DESC", "NULLS", "FIRST", "LAST", "OVER", "PARTITION", "QUALIFY",
    "FILTER", "EXCLUDE", "REPLACE", "PIVOT", "UNPIVOT", "TRUE", "FALSE", "SAMPLE", "INTERVAL",
    "DATE", "TIMESTAMP", "VARCHAR", "DOUBLE", "BIGINT",
]  # fmt: skip
FUNCTIONS = [
    "count", "sum", "avg", "min", "max", "median", "mode", "stddev", "quantile_cont",
    "any_value", "first", "arg_max", "arg_min", "list", "list_distinct", "list_sort",
    "list_contains", "len", "unnest", "string_agg", "histogram", "coalesce", "round", "floor",
    "abs", "lower", "upper", "contains", "starts_with", "regexp_matches", "regexp_extract",
    "split_part", "replace", "concat_ws", "year", "month", "date_diff", "date_trunc",
    "row_number", "lag", "lead", "rank",
]  # fmt: skip


def text(first: str = "") -> str:
    """What is in the editor; ``first`` where nothing was written yet."""
    return str(st.session_state.setdefault(TEXT, first))


def put(statement: str) -> None:
    """Replace what is in the editor; for the ``on_click`` of a button."""
    st.session_state[TEXT] = statement
    st.session_state[_REVISION] = st.session_state.get(_REVISION, 0) + 1


def draw(view: View, tables: Mapping[str, Table], run: Callable[[], None]) -> None:
    """The editor; ``run`` is called on Ctrl+Enter, when ``text`` is what was typed."""

    def typed() -> None:
        st.session_state[TEXT] = str(_state("text"))

    def ran() -> None:
        st.session_state[TEXT] = str(_state("run"))
        run()

    _component()(
        key=KEY,
        data={
            "text": text(), "revision": st.session_state.get(_REVISION, 0), "words": words(tables),
            "label": view.texts("sql.statement"), "placeholder": view.texts("sql.placeholder"),
        },
        on_text_change=typed,
        on_run_change=ran,
    )  # fmt: skip


def words(tables: Mapping[str, Table]) -> list[tuple[str, str, str]]:
    """What is completed and coloured: the word, a hint beside it, and its kind."""
    where: dict[str, list[str]] = {}
    for table in tables.values():
        for column in table.columns:
            where.setdefault(column.name, []).append(table.name)
    return [
        *((name, "", "table") for name in tables),
        *((name, ", ".join(found), "column") for name, found in where.items()),
        *((word, "", "keyword") for word in KEYWORDS),
        *((word, "()", "function") for word in FUNCTIONS),
    ]


def _state(name: str) -> Any:
    return st.session_state[KEY][name] or ""


def _component() -> Any:
    # Told to Streamlit in every run: its registry is the server's, and this module may outlive it.
    return st.components.v2.component(
        "taglake_sql_editor", html=HTML, css=_asset("editor.css"), js=_asset("editor.js")
    )


@cache
def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")
