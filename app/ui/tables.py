"""Tables: sorted and paged by the database, opened by a click on what a row is called.

A click on a column's title sorts in SQL (Streamlit's own sorting would know the page on the screen
only), so titles are selectable columns. A row is opened by its first column, which is a button, or
by its box, which the keyboard reaches too (Shift+Space).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import polars as pl
import streamlit as st

from app import columns
from app.export.selection import By, Selection
from app.queries import Order, Page, Value
from app.ui import chooser, downloads
from app.ui.columns import config
from app.ui.view import View
from ingest.schema import TABLES

PAGE_ROWS = 50
ROW_HEIGHT = 35

Row = dict[str, Any]
PHI = {
    column.name
    for table in TABLES.values()
    for column in table.columns
    if column.phi and table.name != "containers"  # hidden with all its columns, sizes and all
}


class Shown(NamedTuple):
    """How a table is drawn.

    ``opens`` is the column that opens a row, always first; ``hidden`` are there in the row that is
    given back but not shown at first; with ``choose`` a row can be chosen without a column that
    opens it. ``columns`` are those that a paged table shows until others are chosen: by default
    all of the question that are not hidden. ``hint`` is said above a paged table instead of the
    usual words; ``key`` tells paged tables of one question apart.
    """

    opens: str = ""
    hidden: tuple[str, ...] = ()
    choose: bool = False
    columns: tuple[str, ...] = ()
    hint: str = ""
    key: str = ""


PLAIN = Shown()
OPENING = {"message": 430, "rule": 330}
"""Widths of columns that open a row with more text than a description has."""
SURROGATES = ("file_id", "instance_id", "header_id")
"""Keys within a databank, which mean nothing outside it."""


def paged(view: View, question: str, order: Order, shown: Shown, **params: Value) -> Row | None:
    """A table of any length; gives the row that was opened in this run, else None."""
    key = f"table_{shown.key or question}"
    order = st.session_state.setdefault(f"{key}_order", order)
    names = offered(view, view.schema(question, **params))
    default = defaults(names, shown)
    chosen = leading(shown, chooser.chosen(key, names, default) or default)
    total = view.count(question, **params)
    pages = max(1, -(-total // PAGE_ROWS))
    page = Page((_page_number(view, key, pages) - 1) * PAGE_ROWS, PAGE_ROWS)
    fetched = (*chosen, *(name for name in shown.hidden if name not in chosen))
    frame = view.ask(question, order=order, page=page, columns=fetched, **params)
    st.caption(
        shown.hint or view.texts("table.open_hint" if shown.opens else "table.sort_hint")
    )  # fmt: skip
    row = draw(view, frame, key, shown._replace(columns=chosen), order)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        _place(view, page, frame.height, total)
        if pages > 1:
            st.pagination(pages, key=f"{key}_page", max_visible_pages=5)
        chooser.draw(view, key, names, chosen, default)
        downloads.selected(view, key, total, selection(view, question, chosen, order, **params))
    return row


def selection(
    view: View, question: str, columns: tuple[str, ...], order: Order | None = None,
    **params: Value,
) -> Selection:  # fmt: skip
    """What a table shows, to be exported."""
    assert view.databank is not None
    by = [By(order.column, order.descending)] if order else []
    by += [
        By(name.removeprefix("-"), name.startswith("-")) for name in (order.then if order else ())
    ]
    return Selection(
        view.databank, question, view.filters, tuple(params.items()), columns=columns,
        order=tuple(by),
    )  # fmt: skip


def offered(view: View, names: Iterable[str]) -> tuple[str, ...]:
    """The columns that may be shown: no surrogates, and no identifying ones while hidden."""
    withheld = {*SURROGATES, *(() if view.identifiers else PHI)}
    return tuple(name for name in names if name not in withheld)


def defaults(names: tuple[str, ...], shown: Shown) -> tuple[str, ...]:
    """The columns that a table shows until others are chosen."""
    wanted = shown.columns or tuple(name for name in names if name not in shown.hidden)
    there = set(names)
    return tuple(name for name in wanted if name in there)


def whole(
    view: View, frame: pl.DataFrame, key: str, shown: Shown = PLAIN, question: str = "",
    **params: Value,
) -> Row | None:  # fmt: skip
    """A short table, all of it, without the columns that are empty throughout.

    Where it is the unchanged answer to a ``question`` it can be exported in all the ways of a
    paged table; else as it is.
    """
    key = f"table_{key}"
    full = [n for n in frame.columns if frame[n].null_count() < frame.height or n == shown.opens]
    there = shown._replace(columns=tuple(name for name in shown.columns if name in full))
    seen = tuple(visible(view, frame.select(full), there).columns)
    if not question:
        row = draw(view, frame, key, shown._replace(columns=seen), None)
        downloads.row(view, key, frame.height, lambda: frame.select(seen))
        return row
    names = offered(view, frame.columns)
    chosen = leading(shown, chooser.chosen(key, names, seen) or seen)
    row = draw(view, frame, key, shown._replace(columns=chosen), None)
    with st.container(horizontal=True, horizontal_alignment="right"):
        chooser.draw(view, key, names, chosen, seen)
        asked = selection(view, question, chosen, None, **params)
        downloads.selected(view, key, frame.height, asked)
    return row


def draw(
    view: View, frame: pl.DataFrame, key: str, shown: Shown, order: Order | None
) -> Row | None:
    """The grid itself; gives the row that was opened in this run, else None."""
    t = view.texts
    seen = columns.rounded(columns.worded(t, visible(view, frame, shown)))
    settings = {
        name: config(t, name, dtype, _mark(order, name)) for name, dtype in seen.schema.items()
    }
    if shown.opens:
        seen = seen.with_columns(_names(shown.opens, t("table.unnamed")))
        settings[shown.opens] = _button(view, shown.opens, key, _mark(order, shown.opens))
    rows = bool(shown.opens) or shown.choose
    modes: Any = [*(["single-row"] if rows else []), *(["single-column"] if order else [])]
    on_select: Any = _sorter(key) if modes else "ignore"
    st.dataframe(
        seen, key=key, hide_index=True, column_config=settings, row_height=ROW_HEIGHT,
        height=_height(seen.height), placeholder="", on_select=on_select,
        selection_mode=modes or "multi-row",
    )  # fmt: skip
    number = _opened(key) if rows else None
    return frame.row(number, named=True) if number is not None and number < frame.height else None


def leading(shown: Shown, names: Iterable[str]) -> tuple[str, ...]:
    """The columns with the one that opens a row before all others."""
    first = (shown.opens,) if shown.opens else ()
    return tuple(dict.fromkeys((*first, *names)))


def visible(view: View, frame: pl.DataFrame, shown: Shown) -> pl.DataFrame:
    """The columns that are shown: identifying ones are not there at all while they are hidden."""
    names = offered(view, shown.columns or [n for n in frame.columns if n not in shown.hidden])
    return frame.select([*leading(shown, names)])


def _page_number(view: View, key: str, pages: int) -> int:
    """Which page is shown, from 1: the first again after the filters have changed."""
    same = st.session_state.get(f"{key}_filters") == view.filters
    st.session_state[f"{key}_filters"] = view.filters
    number = min(int(st.session_state.get(f"{key}_page") or 1), pages) if same else 1
    if st.session_state.get(f"{key}_page", 1) != number:  # else Streamlit warns in the log
        st.session_state[f"{key}_page"] = number
    return number


def _place(view: View, page: Page, height: int, total: int) -> None:
    t = view.texts
    first, last = (t.number(n) for n in (page.start + 1, page.start + height))
    st.caption(t("table.page_of", first=first, last=last, total=t.number(total)), width="content")


def _mark(order: Order | None, name: str) -> str:
    if order is None or order.column != name:
        return ""
    return " ↓" if order.descending else " ↑"


def _names(column: str, unnamed: str) -> pl.Expr:
    text = pl.col(column).str.replace_all(r"\s+", " ").str.strip_chars()
    named = pl.when(text.str.len_chars() > 0).then(text).otherwise(pl.lit(unnamed))
    return (pl.lit(":material/chevron_right: ") + named).alias(column)


def _button(view: View, name: str, key: str, mark: str) -> Any:
    return st.column_config.ButtonColumn(
        columns.title(view.texts, name) + mark, type="tertiary", alignment="left", pinned=True,
        width=OPENING.get(name, 220), key=f"{key}_click",
    )  # fmt: skip


def _height(rows: int) -> int:
    return ROW_HEIGHT * (min(max(rows, 1), 14) + 1) + 3


def _opened(key: str) -> int | None:
    click = st.session_state.get(f"{key}_click")
    if click is not None:
        return int(click["row"])
    selected = st.session_state.get(key, {}).get("selection", {}).get("rows", [])
    return int(selected[0]) if selected else None


def _sorter(key: str) -> Callable[[], None]:
    """What a click on a title does: sort by that column, or the other way round."""

    def sort() -> None:
        selection = st.session_state[key]["selection"]
        before = st.session_state.get(f"{key}_order")
        if selection["rows"] or before is None:
            return
        # No column: the title of the one that is sorted was clicked again, and so lost its mark.
        column = next(iter(selection["columns"]), before.column)
        descending = not before.descending if before.column == column else False
        st.session_state[f"{key}_order"] = Order(column, descending, before.then)
        st.session_state[key] = {"selection": {"rows": [], "columns": []}}
        st.session_state[f"{key}_page"] = 1

    return sort
