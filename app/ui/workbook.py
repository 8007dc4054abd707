"""The page of the workbook: what is in it, how its sheets begin, and the file.

What the widgets say becomes one ``Workbook``; the file is made of it beside the session, so
that the page can be used meanwhile, and the command that is shown makes the same file.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import BinaryIO

import polars as pl
import streamlit as st

from app import queries
from app.export import FORMATS
from app.export import sheet as limits
from app.export.cells import flat_column
from app.export.workbook import SHEETS, Workbook, estimate, options, prepared, preview, write
from app.export.workbook.make import Prepared, Sheet
from app.kept import Kept
from app.ui import cards, ending
from app.ui.preparation import Preparation
from app.ui.template_words import said
from app.ui.text import plain
from app.ui.view import View, open_page
from ingest import templates
from ingest.templates import TemplateInvalid

FIRST_ROWS = 20
SECONDS = 0.5
WRITING = 0.7
"""Of the time, until all rows are written; then the file is packed."""
PACE = 2.0
"""Seconds after which the pace so far says something."""
SLOT = "workbook_building"
LONG_SECONDS = 10.0
"""What takes longer is told before."""
LONG = 170
LONG_NAMES = ("Folder", "FileName", "UID", "dcm", "metafilename")
"""Ends of the names of columns that would leave no room for others, and their width."""
OFFERED = tuple(name for name in SHEETS if name != "Provenance")

_prepared: Kept[Prepared] = Kept(8)
_previews: Kept[pl.DataFrame] = Kept(32 * 2**20)


class Building(Preparation):
    """A workbook on its way to a file; ``sheet`` is the one that is written.

    ``done`` is the part of the work that is behind it, from 0 to 1, as cells cost time, not rows.
    """

    def __init__(self, made: Prepared) -> None:
        self.wanted, self.sheet, self.done = made.wanted, "", 0.0
        self._sheets = {sheet.name: sheet for sheet in made.sheets}
        self._rows: dict[str, int] = {}
        self._began = time.monotonic()
        super().__init__(made.wanted.selection(), "xlsx", sum(one.rows for one in made.sheets))

    @property
    def left(self) -> float | None:
        """Seconds until the end, at the pace so far; None while there is none yet."""
        spent = time.monotonic() - self._began
        return spent / self.done * (1 - self.done) if spent > PACE and self.done else None

    def _write(self, file: BinaryIO) -> None:
        write(self.wanted, file, self._sheet)

    def _sheet(self, sheet: str, rows: int) -> None:
        self.sheet, self._rows[sheet] = sheet, rows
        cells = sum(self._sheets[name].cells * n / max(self._sheets[name].rows, 1)
                    for name, n in self._rows.items())  # fmt: skip
        whole = sum(one.cells for one in self._sheets.values())
        self.done = min(WRITING * cells / max(whole, 1), WRITING)
        self._told(sum(self._rows.values()))


def ready(view: View, wanted: Workbook) -> Prepared:
    """The workbook as it will be; says what is wrong with a template and ends the page."""
    try:
        return _ready(wanted)
    except TemplateInvalid as error:
        st.error(plain(said(view.texts, error)), icon=":material/error:")
        if st.button(view.texts("workbook.to_templates"), icon=":material/view_column:"):
            open_page("templates")
        ending.end()


def chosen(view: View) -> Workbook:
    """What the widgets say: sheets, a template for each modality, identity."""
    assert view.databank is not None
    t = view.texts
    whole = ready(view, Workbook(view.databank, view.filters))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        sheets = st.pills(
            t("workbook.sheets"), OFFERED, selection_mode="multi", default=OFFERED,
            key="workbook_sheets", help=t("workbook.sheets_help"),
        )  # fmt: skip
    with right:
        removed = st.toggle(
            t("export.deidentify"), key="workbook_deidentify", help=t("export.deidentify_help")
        )
        shift = removed and st.toggle(
            t("export.shift"), key="workbook_shift", help=t("export.shift_help")
        )
        if not removed:
            st.caption(t("export.shown" if view.identifiers else "export.masked"))
    wanted = replace(
        whole.wanted, sheets=tuple(name for name in SHEETS if name in (*sheets, SHEETS[-1])),
        deidentified=bool(removed), shift_dates=bool(shift),
    )  # fmt: skip
    return replace(wanted, uses=_uses(view, whole))


def numbers(view: View, made: Prepared) -> None:
    """Cards: what the file will have."""
    rows = sum(sheet.rows for sheet in made.sheets)
    cards.row(
        view,
        {
            "workbook_rows": rows, "workbook_sheets": len(made.sheets),
            "workbook_columns": max((len(s.plan.columns) for s in made.sheets), default=0),
            "workbook_bytes": f"≈ {view.texts.size(estimate.size(made.sheets))}",
        },
    )  # fmt: skip
    for sheet in made.sheets:
        if (pages := estimate.pages(sheet)) > 1:
            _goes_on(view, sheet, pages)


def previews(view: View, made: Prepared) -> None:
    """How each sheet begins."""
    t = view.texts
    if not made.sheets:
        st.info(t("workbook.no_sheet"))
        return
    names = [sheet.name for sheet in made.sheets]
    tabs = st.tabs(names, key="workbook_tabs", on_change="rerun")
    for sheet, tab in zip(made.sheets, tabs, strict=True):
        if tab.open:
            with tab:
                draw(view, made, sheet)


def draw(view: View, made: Prepared, sheet: Sheet) -> None:
    """The first rows of a sheet, under the names that its columns have in the file."""
    t = view.texts
    frame = first_rows(made, sheet)
    rows, width = t.count("rows", sheet.rows), t.count("columns", frame.width)
    st.caption(t("workbook.shape", rows=rows, columns=width, first=t.number(frame.height)))
    flat = frame.select(flat_column(name, dtype) for name, dtype in frame.schema.items())
    st.dataframe(
        flat, hide_index=True, key=f"workbook_{sheet.name}", placeholder="",
        column_config={
            name: st.column_config.NumberColumn(name, format="plain")
            if dtype.is_integer()
            else st.column_config.Column(name, width=LONG if name.endswith(LONG_NAMES) else None)
            for name, dtype in flat.schema.items()
        },
    )  # fmt: skip


def first_rows(made: Prepared, sheet: Sheet) -> pl.DataFrame:
    """How a sheet begins."""
    key = (_key(made.wanted), sheet.name)
    return _previews.made(
        key, lambda: preview(made, sheet, FIRST_ROWS), lambda frame: int(frame.estimated_size())
    )


def build(view: View, made: Prepared) -> None:
    """The steps to the file: build, wait or stop, save; and the command that does the same."""
    running = _running()

    @st.fragment(run_every=SECONDS if running else None)
    def panel() -> None:
        if running != _running():
            st.rerun()  # the whole page, which decides whether this is drawn again and again
        _steps(view, made)

    panel()
    name = _name(view, made.wanted)
    with st.expander(view.texts("export.command"), icon=":material/terminal:"):
        st.caption(view.texts("export.command_help"))
        st.code(options.command(made.wanted, name), language="bash", wrap_lines=True)


def _steps(view: View, made: Prepared) -> None:
    t = view.texts
    now = st.session_state.get(SLOT)
    if now is not None and now.wanted != made.wanted:
        st.session_state.pop(SLOT).forget()  # something else is wanted by now
        now = None
    if now is not None and now.state == "done":
        st.download_button(
            t("export.save"), data=now.read, file_name=_name(view, made.wanted),
            mime=FORMATS["xlsx"].mime, on_click="ignore", key="workbook_save", type="primary",
            icon=":material/download:",
        )  # fmt: skip
        return
    if now is not None and now.state == "running":
        st.progress(now.done, _progress(view, now))
        st.button(
            t("export.stop"), icon=":material/stop_circle:", key="workbook_stop", on_click=now.stop
        )
        return
    if now is not None and now.state == "failed":
        st.error(t("export.failed"))
    st.button(
        t("workbook.build"), icon=":material/table_view:", key="workbook_build", type="primary",
        help=t("export.prepare_help"), on_click=_start, args=(made,), disabled=not made.sheets,
    )  # fmt: skip
    if (seconds := estimate.seconds(made.sheets)) > LONG_SECONDS:
        st.caption(t("workbook.takes", time=t.duration(_rounded(seconds))))


def _progress(view: View, now: Building) -> str:
    t = view.texts
    so_far, total = t.number(now.rows), t.number(now.total)
    stage = t("workbook.progress", sheet=now.sheet or "…", rows=so_far, total=total)
    if now.rows >= now.total:
        stage = t("workbook.packing")
    left = now.left
    if left is None:
        return stage
    return t("workbook.left", said=stage, time=t.duration(_rounded(left)))


def _rounded(seconds: float) -> float:
    """As exact as an estimate is: whole seconds, then tens of seconds, then minutes."""
    step = 1 if seconds < 20 else 10 if seconds < 300 else 60
    return max(round(seconds / step), 1) * step


def _goes_on(view: View, sheet: Sheet, pages: int) -> None:
    """Say what becomes of more rows than a sheet of Excel holds."""
    t = view.texts
    st.info(
        t(
            "workbook.goes_on", sheet=sheet.name, rows=t.count("rows", sheet.rows),
            most=t.count("rows", limits.MAX_ROWS), pages=t.number(pages),
        ),
        icon=":material/library_books:",
    )  # fmt: skip


def _uses(view: View, made: Prepared) -> tuple[tuple[str, str], ...]:
    """The templates that are chosen instead of the usual ones, by modality."""
    t = view.texts
    names = sorted(made.library.templates)
    uses = []
    with st.expander(t("workbook.templates"), icon=":material/view_column:"):
        st.caption(t("workbook.templates_help"))
        with st.grid(columns=4, min_column_width=180, gap="small"):
            for modality, (series, _) in made.modalities.items():
                usual = made.templates[modality].name
                named = modality or t("missing")
                picked = st.selectbox(
                    f"{plain(named)} ({t.count('series', series)})", names, names.index(usual),
                    key=f"workbook_use_{modality}",
                )  # fmt: skip
                if picked != usual and modality:
                    uses.append((modality, picked))
        if st.button(t("workbook.to_templates"), icon=":material/edit:", key="workbook_edit"):
            open_page("templates")
    return tuple(uses)


def _ready(wanted: Workbook) -> Prepared:
    return _prepared.made(_key(wanted), lambda: prepared(wanted), lambda made: 1)


def _key(wanted: Workbook) -> tuple[object, ...]:
    root = wanted.databank.root
    return queries.state(wanted.databank), templates.edition(root), wanted


def _name(view: View, wanted: Workbook) -> str:
    """The file's name; where identity is removed without that of the databank."""
    if wanted.deidentified:
        return "taglake-workbook-deidentified.xlsx"
    return f"{view.name or 'taglake'}-workbook.xlsx"


def _start(made: Prepared) -> None:
    st.session_state[SLOT] = Building(made)


def _running() -> bool:
    now = st.session_state.get(SLOT)
    return now is not None and now.state == "running"
