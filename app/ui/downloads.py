"""The export of a table: what the table shows, as a file, and the command that makes it again.

A short one is made when its button is pressed, by Streamlit in a thread; a long one is prepared
first, with a bar and a way to stop, and then offered.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.export import FORMATS, make, options
from app.export.selection import Selection
from app.report import MIME
from app.report import report as html_report
from app.ui.preparation import Preparation
from app.ui.view import View

LONG = 50_000
"""Rows from which on a file is prepared first: some seconds of work."""
SECONDS = 0.5
"""Between two looks at a preparation."""


def row(
    view: View, key: str, n_rows: int, made: Callable[[], pl.DataFrame], statement: str = ""
) -> None:
    """The button of a table that was computed: ``made`` gives its frame when a file is wanted.

    A typed ``statement`` that it answers becomes part of the file's provenance.
    """
    with _popover(view, key):
        st.caption(view.texts("export.computed", rows=view.texts.count("rows", n_rows)))
        kind = _format(view, key)
        name = f"{view.name or 'taglake'}-{key.removeprefix('table_')}"
        made_file = partial(_encoded, view, name, made, kind, statement)
        _button(view, key, f"{name}.{kind}", kind, made_file)


def selected(view: View, key: str, n_rows: int, selection: Selection) -> None:
    """The button of a table that is asked for: everything a selection can be exported as."""

    running = _running(key)

    @st.fragment(run_every=SECONDS if running else None)
    def panel() -> None:
        if running != _running(key):
            st.rerun()  # the whole page, which decides whether this is drawn again and again
        with _popover(view, key):
            _panel(view, key, n_rows, selection)

    panel()


def report(view: View) -> None:
    """The button that saves what is shown, as the report that `taglake report` makes, too."""
    assert view.databank is not None
    t, databank = view.texts, view.databank
    name = f"{view.name or 'taglake'}-report.html"
    with st.popover(
        t("report.button"),
        icon=":material/summarize:",
        type="tertiary",
        key="report",
        help=t("report.button_help"),
    ):
        st.caption(t("report.hint"))
        st.caption(t("report.hint_shown" if view.identifiers else "report.hint_masked"))
        made = partial(html_report, databank, view.filters, t.language)
        st.download_button(
            t("report.save"), data=made, file_name=name, mime=MIME, on_click="ignore",
            key="report_save", icon=":material/download:", width="stretch", type="primary",
        )  # fmt: skip
        st.caption(t("report.command"), help=t("export.command_help"))
        line = options.report_command(databank, view.filters, t.language, name)
        st.code(line, language="bash", wrap_lines=True)


def _popover(view: View, key: str) -> DeltaGenerator:
    return st.popover(
        view.texts("export.download"), icon=":material/download:", type="tertiary",
        key=f"{key}_download",
    )  # fmt: skip


def _panel(view: View, key: str, n_rows: int, shown: Selection) -> None:
    t = view.texts
    kind = _format(view, key)
    wanted = _identity(view, key, shown)
    kept = _kept(wanted)
    if not kept:
        st.info(t("export.nothing"), icon=":material/block:")
        return
    rows, columns = t.count("rows", n_rows), t.count("columns", len(kept))
    st.caption(t("export.content", rows=rows, columns=columns))
    if wanted.deidentified and len(kept) < len(shown.columns):
        left_out = ", ".join(name for name in shown.columns if name not in kept)
        st.caption(t("export.left_out", columns=left_out))
    name = _name(view, key, wanted, kind)
    if n_rows <= LONG:
        _button(view, key, name, kind, partial(_written, wanted, kind))
    else:
        _prepared(view, key, name, kind, wanted, n_rows)
    st.caption(t("export.command"), help=t("export.command_help"))
    st.code(options.command(wanted, name), language="bash", wrap_lines=True)


def _kept(wanted: Selection) -> tuple[str, ...]:
    """The columns of the file: without identity not all that are shown."""
    if not wanted.deidentified:
        return wanted.columns
    return tuple(name for name, action in make.columns(wanted).items() if action != "remove")


def _format(view: View, key: str) -> str:
    t = view.texts
    kind = st.segmented_control(
        t("export.format"), list(FORMATS), default="csv", required=True, key=f"{key}_format",
        format_func=lambda kind: t(f"export.{kind}"), label_visibility="collapsed",
    )  # fmt: skip
    return str(kind or "csv")


def _identity(view: View, key: str, shown: Selection) -> Selection:
    """The selection with what is chosen about identity."""
    t = view.texts
    removed = st.toggle(
        t("export.deidentify"), key=f"{key}_deidentify", help=t("export.deidentify_help")
    )
    if not removed:
        st.caption(t("export.shown" if view.identifiers else "export.masked"))
        return shown
    shift = st.toggle(t("export.shift"), key=f"{key}_shift", help=t("export.shift_help"))
    return replace(shown, deidentified=True, shift_dates=shift)


def _name(view: View, key: str, wanted: Selection, kind: str) -> str:
    """The file's name; where identity is removed without that of the databank."""
    table = key.removeprefix("table_")
    if wanted.deidentified:
        return f"taglake-{table}-deidentified.{kind}"
    return f"{view.name or 'taglake'}-{table}.{kind}"


def _button(view: View, key: str, name: str, kind: str, data: Callable[[], bytes]) -> None:
    st.download_button(
        view.texts("export.save"), data=data, file_name=name, mime=FORMATS[kind].mime,
        on_click="ignore", key=f"{key}_save", icon=":material/download:", width="stretch",
        type="primary",
    )  # fmt: skip


def _prepared(view: View, key: str, name: str, kind: str, wanted: Selection, n_rows: int) -> None:
    """The steps of a long export: prepare, wait or stop, save."""
    t = view.texts
    slot = f"{key}_preparation"
    now = st.session_state.get(slot)
    if now is not None and (now.selection, now.format) != (wanted, kind):
        st.session_state.pop(slot).forget()  # something else is wanted by now
        now = None
    if now is not None and now.state == "done":
        _button(view, key, name, kind, now.read)
        return
    if now is not None and now.state == "running":
        share = min(now.rows / max(now.total, 1), 1.0)
        so_far, total = t.number(now.rows), t.number(now.total)
        st.progress(share, t("export.progress", rows=so_far, total=total))
        st.button(
            t("export.stop"), icon=":material/stop_circle:", key=f"{key}_stop", width="stretch",
            on_click=now.stop,
        )  # fmt: skip
        return
    if now is not None and now.state == "failed":
        st.error(t("export.failed"))
    st.button(
        t("export.prepare"), icon=":material/hourglass_top:", key=f"{key}_prepare",
        width="stretch", type="primary", help=t("export.prepare_help"),
        on_click=_start, args=(slot, wanted, kind, n_rows),
    )  # fmt: skip


def _start(slot: str, wanted: Selection, kind: str, n_rows: int) -> None:
    st.session_state[slot] = Preparation(wanted, kind, n_rows)


def _running(key: str) -> bool:
    now = st.session_state.get(f"{key}_preparation")
    return now is not None and now.state == "running"


def _written(wanted: Selection, kind: str) -> bytes:
    file = io.BytesIO()
    make.write(wanted, kind, file)
    return file.getvalue()


def _encoded(
    view: View, title: str, made: Callable[[], pl.DataFrame], kind: str, statement: str
) -> bytes:
    assert view.databank is not None
    file = io.BytesIO()
    make.write_frame(view.databank, title, made(), kind, file, statement)
    return file.getvalue()
