"""What stands beside the editor: the tables, examples, what was saved, what was asked before.

What was asked is kept in the session only, for each databank, because a statement may name a
patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl
import streamlit as st

from app.console import examples as example_statements
from app.console import saved
from app.console.question import Question
from app.console.saved import NotSaved, Saved
from app.console.workers import Answer
from app.ui import editor, tabs
from app.ui.text import plain
from app.ui.view import View
from ingest.lake.sql import type_name
from ingest.lake.tables import tables_of
from ingest.schema import Column, Table

HISTORY, LATEST = "sql_history", "sql_history_latest"
KEPT = 50
HEIGHT = 330
LABEL = 70


class Past(NamedTuple):
    """A statement that was asked: when, and rows if there was an answer."""

    statement: str
    when: datetime
    rows: int | None
    seconds: float


def draw(view: View) -> None:
    """The tabs beside the editor."""
    t = view.texts
    assert view.databank is not None
    root = view.databank.root
    labels = [t("sql.tables"), t("sql.examples"), t("sql.saved"), t("sql.history")]
    tables, examples, kept, past = tabs.draw(labels, "sql_reference")
    with tables:
        _tables(view, tables_of(root))
    with examples, st.container(height=HEIGHT, border=False):
        for name, statement in example_statements.statements().items():
            _put(t(f"example.{name}"), statement, f"sql_example_{name}")
    with kept:
        _saved(view, root)
    with past, st.container(height=HEIGHT, border=False):
        _history(view)


def remember(question: Question, databank: str) -> None:
    """Put a question that has ended into the history, once."""
    everything = st.session_state.setdefault(HISTORY, {})
    past: list[Past] = everything.setdefault(databank, [])
    if st.session_state.get(LATEST) is question:
        return
    st.session_state[LATEST] = question
    found = question.outcome
    rows = found.frame.height if isinstance(found, Answer) and found.plan is None else None
    past.insert(0, Past(question.statement, datetime.now().astimezone(), rows, question.seconds))
    del past[KEPT:]


def example_of(table: Table, column: Column) -> str:
    """A statement about one column that can be run as it is."""
    name, kind = column.name, type_name(column.dtype)
    if kind.endswith("[]"):
        return (
            f"SELECT item, count(*) AS n\nFROM {table.name}, unnest({name}) AS items(item)\n"
            "GROUP BY ALL\nORDER BY n DESC\nLIMIT 100"
        )
    if kind in ("DOUBLE", "DATE", "TIMESTAMP"):
        spread = f"       median({name}) AS median,\n" if kind == "DOUBLE" else ""
        return (
            f"SELECT count({name}) AS n, min({name}) AS smallest,\n{spread}"
            f"       max({name}) AS largest\nFROM {table.name}"
        )
    return (
        f"SELECT {name}, count(*) AS n\nFROM {table.name}\nGROUP BY ALL\nORDER BY n DESC\nLIMIT 100"
    )


def _put(label: str, statement: str, key: str) -> None:
    """A line that puts a statement into the editor."""
    st.button(
        plain(label), key=key, type="tertiary", icon=":material/north_west:", on_click=editor.put,
        args=(statement,), help=_shown(statement),
    )  # fmt: skip


def _shown(statement: str) -> str:
    """A statement as the hint of a button: code, and nothing else whatever is in it."""
    return "\n".join(f"    {line}" for line in statement[:600].splitlines())


def _tables(view: View, tables: Mapping[str, Table]) -> None:
    t = view.texts
    with st.container(horizontal=True, gap="small"):
        name = st.selectbox(
            t("sql.table_of"), list(tables), index=list(tables).index("series"), key="sql_browsed",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        wanted = st.text_input(
            t("sql.find"), key="sql_find", placeholder=t("sql.find"), icon=":material/search:",
            label_visibility="collapsed", autocomplete="off",
        )  # fmt: skip
    table = tables[name]
    columns = _found(table, wanted or "")
    st.caption(t(f"row.{table.name}") + " " + t("sql.column_hint"))
    listed = pl.DataFrame(
        {
            t("sql.column"): [c.name for c in columns],
            t("sql.meaning"): [_meaning(view, c) for c in columns],
            t("sql.type"): [type_name(c.dtype) for c in columns],
        }
    )
    chosen = st.dataframe(
        listed, key=f"sql_columns_{name}_{wanted}", hide_index=True, height=HEIGHT - 150,
        row_height=28, on_select="rerun", selection_mode="single-row",
        column_config={t("sql.column"): st.column_config.TextColumn(pinned=True, width=150)},
    )  # fmt: skip
    rows = chosen["selection"]["rows"]
    column = columns[rows[0]] if rows and rows[0] < len(columns) else None
    statement = example_of(table, column) if column else f"SELECT *\nFROM {name}\nLIMIT 100"
    label = t("sql.try_column", name=column.name) if column else t("sql.try_table", name=name)
    _put(label, statement, "sql_try")


def _found(table: Table, wanted: str) -> list[Column]:
    """The columns with all the words in their name, meaning, unit or source."""
    words = wanted.lower().split()
    return [
        c
        for c in table.columns
        if all(
            w in f"{c.name} {c.description} {c.unit} {' '.join(c.source)}".lower() for w in words
        )
    ]


def _meaning(view: View, column: Column) -> str:
    unit = f" [{column.unit}]" if column.unit else ""
    hidden = f" ({view.texts('sql.identifies')})" if column.phi else ""
    return f"{column.description}{unit}{hidden}"


def _saved(view: View, root: Path) -> None:
    t = view.texts
    with st.form("sql_save", border=False, enter_to_submit=True):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input(
                t("saved.name"), key="sql_save_name", max_chars=saved.MAX_NAME, autocomplete="off",
                placeholder=t("saved.placeholder"), label_visibility="collapsed",
            )  # fmt: skip
            st.form_submit_button(
                t("saved.save"), icon=":material/save:", on_click=_save, args=(view, root)
            )
        st.checkbox(t("saved.replace"), key="sql_save_replace")
    st.caption(t("saved.where_shown" if view.identifiers else "saved.where_hidden"))
    told = st.session_state.pop("sql_save_told", None)
    if told:
        (st.success if told == "done" else st.error)(t(f"saved.{told}"))
    try:
        found = saved.load(root, view.identifiers)
    except NotSaved:
        st.error(t("saved.damaged"))
        return
    if not found:
        st.caption(t("saved.none"))
    with st.container(height=HEIGHT - 150, border=False):
        for n, one in enumerate(found):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                _put(one.name, one.statement, f"sql_saved_{n}")
                st.button(
                    "", icon=":material/delete:", key=f"sql_forget_{n}", type="tertiary",
                    help=t("saved.forget"), on_click=_forget, args=(root, one),
                )  # fmt: skip


def _save(view: View, root: Path) -> None:
    name = str(st.session_state.get("sql_save_name") or "")
    wanted = Saved(name, editor.text(), view.identifiers)
    try:
        saved.save(root, wanted, replace=bool(st.session_state.get("sql_save_replace")))
    except NotSaved as error:
        st.session_state["sql_save_told"] = error.why
    else:
        st.session_state["sql_save_told"] = "done"
        st.session_state["sql_save_name"] = ""


def _forget(root: Path, one: Saved) -> None:
    try:
        saved.delete(root, one)
    except NotSaved as error:
        st.session_state["sql_save_told"] = error.why


def _history(view: View) -> None:
    t = view.texts
    past: list[Past] = st.session_state.get(HISTORY, {}).get(view.name, [])
    st.caption(t("sql.history_help") if past else t("sql.no_history"))
    for n, one in enumerate(past):
        line = " ".join(one.statement.split())
        line = line if len(line) <= LABEL else line[: LABEL - 1] + "…"
        _put(line, one.statement, f"sql_past_{n}")
        rows = t.count("rows", one.rows) if one.rows is not None else t("sql.no_answer")
        st.caption(f"{one.when:%H:%M} · {plain(rows)} · {t.duration(one.seconds)}")
