"""The SQL page: asking, waiting, and what came of it.

What was asked is kept in the session with what it could see. When that is no longer what the view
shows (another databank, identifiers hidden again, other filters), the answer is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import polars as pl
import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.console import examples, limits, narrow, near, plan, workers
from app.console.limits import USUAL, Limits
from app.console.question import Question
from app.console.workers import Answer, Failure, Sight
from app.filters import Filters
from app.quality import thresholds
from app.ui import downloads, editor, quick, tabs
from app.ui.sql_reference import remember
from app.ui.text import plain
from app.ui.view import View
from ingest.lake.tables import tables_of

ASKED = "sql_asked"
PRESSED = "sql_pressed"
RUN, PLAN = "run", "plan"
FIRST = "series_by_modality"
"""The example that the editor starts with."""
AT_ONCE_SECONDS = 0.4
"""How long the page waits itself, so that quick answers come without a sign of waiting."""
POLL_SECONDS = 0.5
ROW_HEIGHT = 32


class Asked(NamedTuple):
    """A question, whether its plan was asked for, and under which filters."""

    question: Question
    sight: Sight
    plan: bool


def sight(view: View, filters: Filters) -> Sight:
    """What statements see; draws the switch of the filters, where there are any."""
    assert view.databank is not None
    t = view.texts
    narrowed: tuple[tuple[str, str], ...] = ()
    with st.container():  # always there, so that what follows keeps its place on the page
        if filters and st.toggle(
            t("sql.filtered"), key="sql_filtered", help=t("sql.filtered_help"),
            persist_state="session",
        ):  # fmt: skip
            judged = thresholds.of(view.databank.root) if filters.judges else thresholds.DEFAULTS
            narrowed = narrow.views(filters, view.identifiers, judged)
        elif filters:
            st.caption(t("sql.unfiltered"))
    return Sight(view.databank.root, view.identifiers, narrowed)


def asking(view: View, sees: Sight) -> None:
    """The editor with its buttons; starts what was pressed."""
    t = view.texts
    workers.prepare(sees)
    editor.text(examples.statements()[FIRST])
    editor.draw(view, tables_of(sees.root), lambda: _press(RUN))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sql_buttons"):
        st.button(
            t("sql.run"), type="primary", icon=":material/play_arrow:", key="sql_run",
            help=t("sql.run_help"), on_click=_press, args=(RUN,),
        )  # fmt: skip
        st.button(
            t("sql.explain"), icon=":material/account_tree:", key="sql_explain",
            help=t("sql.explain_help"), on_click=_press, args=(PLAN,),
        )  # fmt: skip
        bounds = _bounds(view)
    pressed = st.session_state.pop(PRESSED, None)
    if pressed and editor.text().strip():
        leave()
        asked = Question(sees, editor.text(), bounds, plan=pressed == PLAN, wanted=_watched())
        st.session_state[ASKED] = Asked(asked, sees, pressed == PLAN)


def status(view: View, sees: Sight) -> None:
    """Below the editor: how long it takes already, or in a sentence what came of it."""
    asked = st.session_state.get(ASKED)
    if not isinstance(asked, Asked):
        return
    if asked.sight != sees:
        leave()
        del st.session_state[ASKED]
        return
    if not asked.question.wait(AT_ONCE_SECONDS):
        st.fragment(_waiting, run_every=POLL_SECONDS)(view, asked.question)
        return
    remember(asked.question, view.name)
    found = asked.question.outcome
    if isinstance(found, Failure):
        _failure(view, asked.question, found)
    elif found is not None and found.plan is None:
        _told(view, asked.question, found)


def result(view: View) -> None:
    """The rows of the statement that was asked last, or its plan."""
    asked = st.session_state.get(ASKED)
    if not isinstance(asked, Asked) or not isinstance(asked.question.outcome, Answer):
        return
    found = asked.question.outcome
    if found.plan is not None:
        _plan(view, found.plan)
    elif found.frame.height:
        _rows(view, found.frame, asked.question.statement)


def leave() -> None:
    """End the statement that is running; for when another is asked, or the page is left."""
    asked = st.session_state.get(ASKED)
    if isinstance(asked, Asked):
        asked.question.stop()


def _press(what: str) -> None:
    st.session_state[PRESSED] = what


def _bounds(view: View) -> Limits:
    t = view.texts
    with st.popover(t("sql.limits"), icon=":material/tune:", type="tertiary", key="sql_limits"):
        seconds = st.select_slider(
            t("sql.seconds"), limits.SECONDS, value=USUAL.seconds, key="sql_seconds",
            format_func=t.duration, persist_state="session",
        )  # fmt: skip
        rows = st.select_slider(
            t("sql.rows"), limits.ROWS, value=USUAL.rows, key="sql_rows",
            format_func=t.number, persist_state="session", help=t("sql.rows_help"),
        )  # fmt: skip
        st.caption(t("sql.memory", size=t.size(limits.memory())))
    return Limits(float(seconds), int(rows))


def _watched() -> Callable[[], bool]:
    """Whether the browser of this session is still there."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return lambda: True
    server, session = runtime.get_instance(), context.session_id
    return lambda: bool(server.is_active_session(session))


def _waiting(view: View, waiting: Question) -> None:
    t = view.texts
    if waiting.state == "ended":
        st.rerun(scope="app")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sql_waiting"):
        st.button(t("sql.stop"), icon=":material/stop:", key="sql_stop", on_click=waiting.stop)
        st.markdown(
            t(
                f"sql.{waiting.state}",
                time=t.duration(waiting.elapsed), limit=t.duration(waiting.bounds.seconds),
            ),
            width="content",
        )  # fmt: skip


def _failure(view: View, asked: Question, failure: Failure) -> None:
    t = view.texts
    said = t.find(f"sql_failed.{failure.kind}", "")
    if failure.kind == "lake":
        said = t.find(f"error.{failure.text}", t("empty.broken"))
    limit = t.duration(asked.bounds.seconds)
    said = said.format(
        text=failure.text,
        limit=limit,
        memory=t.size(limits.memory()),
        size=t.size(asked.bounds.bytes),
    )
    stopped = failure.kind == "stopped"
    (st.info if stopped else st.error)(plain(said), icon=None if stopped else ":material/error:")
    drawing = near.drawing(asked.statement, failure.text, failure.place)
    if drawing:
        st.code(drawing, language=None)
    found = near.names(failure.text, tables_of(asked.sight.root))
    if found:
        st.markdown(t("sql.near", names=", ".join(map(_named, found))))


def _named(name: near.Near) -> str:
    where = f" ({plain(', '.join(name.tables))})" if name.tables else ""
    return f"`{name.name}`{where}"


def _told(view: View, asked: Question, answer: Answer) -> None:
    t = view.texts
    rows, took = t.count("rows", answer.frame.height), t.duration(asked.seconds)
    if answer.more:
        st.warning(t("sql.more", rows=rows), icon=":material/content_cut:")
    elif answer.frame.is_empty():
        st.info(t("sql.no_rows"))
    st.caption(t("sql.took", rows=rows, time=took))


def _plan(view: View, found: list[dict[str, Any]]) -> None:
    st.subheader(view.texts("sql.plan"), anchor=False)
    st.caption(view.texts("sql.plan_help"))
    st.code(plan.text(found), language=None)


def _rows(view: View, frame: pl.DataFrame, statement: str) -> None:
    t = view.texts
    table, chart = tabs.draw([t("sql.table"), t("sql.chart")], "sql_tabs")
    with table:
        _table(frame)
        downloads.row(view, "table_sql", frame.height, lambda: frame, statement)
    if chart.open:
        with chart:
            quick.draw(view, frame)


def _table(frame: pl.DataFrame) -> None:
    """The rows as they came: names and values are those of the statement."""
    height = ROW_HEIGHT * (min(frame.height, 15) + 1) + 3
    number = st.column_config.NumberColumn
    settings = {
        name: number(format="%d" if kind.is_integer() else "plain")
        for name, kind in frame.schema.items()
        if kind.is_numeric()
    }
    st.dataframe(
        frame, hide_index=True, height=height, row_height=ROW_HEIGHT, placeholder="NULL",
        key="sql_table", column_config=settings,
    )  # fmt: skip
