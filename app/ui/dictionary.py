"""The dictionary as a table that is searched, and the values of one column as a picture."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl
import streamlit as st

from app import columns, contents, queries
from app.charts import spread as charts
from app.contents import Spread
from app.errors import QueryFailed
from app.i18n import Texts
from app.ui import tables
from app.ui.choice import choose
from app.ui.pictures import palette, picture
from app.ui.tables import Row, Shown
from app.ui.text import plain
from app.ui.view import View
from ingest.lake.sql import type_name
from ingest.lake.tables import tables_of
from ingest.schema import Column, Table

ALL = ""
TOO_LARGE = ("elements",)
"""Joined when asked for, from tables that may have hundreds of millions of rows."""
ORDER = (
    "table_name", "column_name", "meaning", "unit", "filled", "examples", "column_type",
    "dicom_source", "identity",
)  # fmt: skip
_TAG = re.compile(r"\b([0-9A-F]{4})([0-9A-F]{4})\b")


def listed(view: View) -> Row | None:
    """The columns that were searched; gives the one that is chosen."""
    assert view.databank is not None
    t = view.texts
    known = tables_of(view.databank.root)
    with st.grid(columns=3, min_column_width=220, gap="small"):
        words = st.text_input(
            t("dictionary.search"), key="dictionary_search", autocomplete="off", max_chars=200,
            icon=":material/search:", placeholder=t("dictionary.search_placeholder"),
        )  # fmt: skip
        name = choose(
            t("dictionary.table"), [ALL, *known], "dictionary_table",
            lambda name: name or t("dictionary.all"), persist_state="session",
        )  # fmt: skip
        only_filled = st.toggle(t("dictionary.only_filled"), key="dictionary_filled")
    found = search(entries(view, known), words or "")
    if name:
        found = found.filter(pl.col("table_name") == name)
        _about(t, known[name])
    if only_filled:
        found = found.filter(pl.col("filled") > 0)
    st.caption(t("dictionary.found", columns=t.count("columns", found.height)))
    if found.is_empty():
        st.info(t("dictionary.nothing"))
        return None
    # A key for each choice: a row that was chosen means another column after the next search.
    key = f"dictionary_{abs(hash((name, words, only_filled)))}"
    return tables.whole(view, found, key, Shown(choose=True))


def entries(view: View, known: Mapping[str, Table]) -> pl.DataFrame:
    """A row per column of the databank: what it means, where it comes from, what is in it."""
    assert view.databank is not None
    t = view.texts
    lake = queries.lake(view.databank)
    declared = pl.DataFrame(
        [
            (
                table.name, column.name, column.description,
                columns.WRITTEN.get(column.unit, column.unit),
                type_name(column.dtype), _TAG.sub(r"(\1,\2)", "; ".join(column.source)),
                t("dictionary.identifies") if column.phi else None,
            )
            for table in known.values()
            for column in table.columns
        ],
        schema=[
            "table_name", "column_name", "meaning", "unit", "column_type", "dicom_source",
            "identity",
        ],
        orient="row",
    )  # fmt: skip
    found = contents.summary(lake.root, lake.snapshot, view.identifiers)
    joined = declared.join(
        found, on=["table_name", "column_name"], how="left", maintain_order="left"
    )
    return joined.select(ORDER)


def search(frame: pl.DataFrame, words: str) -> pl.DataFrame:
    """The rows with all the words in them; tags are found with and without their comma."""
    texts = pl.concat_str(
        pl.col(*(name for name in ORDER if name not in ("filled", "identity"))),
        separator=" ", ignore_nulls=True,
    ).str.to_lowercase()  # fmt: skip
    bare = texts.str.replace_all(r"[(),]", "")
    for word in words.lower().split():
        frame = frame.filter(
            texts.str.contains(word, literal=True) | bare.str.contains(word, literal=True)
        )
    return frame


def detail(view: View, row: Row) -> None:
    """One column: all that is known of it, and the values it has."""
    assert view.databank is not None
    t = view.texts
    table = tables_of(view.databank.root)[row["table_name"]]
    column = table.column(row["column_name"])
    st.subheader(f"{plain(table.name)}.{plain(column.name)}", anchor=False)
    st.markdown(plain(column.description))
    if column.phi and not view.identifiers:
        st.info(t("dictionary.hidden"), icon=":material/visibility_off:")
        return
    if table.name in TOO_LARGE:
        st.info(t("dictionary.too_large"))
        return
    try:
        with st.spinner(t("dictionary.counting")):
            found = contents.spread(queries.lake(view.databank), table, column)
    except QueryFailed:
        st.info(t("dictionary.too_long"))
        return
    _spread(view, column, found)


def _about(t: Texts, table: Table) -> None:
    told = [t(f"row.{table.name}"), table.description]
    if table.key:
        told.append(t("dictionary.key", columns=", ".join(table.key)))
    st.markdown(plain(" ".join(told)))


def _spread(view: View, column: Column, found: Spread) -> None:
    t = view.texts
    share = 100 * found.filled / found.rows if found.rows else 0.0
    st.caption(
        t(
            "dictionary.counts",
            filled=t.number(found.filled), rows=t.count("rows", found.rows),
            percent=t.number(share, 1), distinct=t.number(found.distinct),
        )
    )  # fmt: skip
    if found.frame.is_empty():
        st.info(t("dictionary.empty"))
        return
    unit = columns.WRITTEN.get(column.unit, column.unit)
    axis = f"{column.name} ({unit})" if unit else column.name
    figure = charts.figure(found.kind, found.frame, axis, t("plot.rows"), palette()[0])
    if found.kind == "bins":
        picture(t("dictionary.spread"), figure, "dictionary_spread")
    else:
        left_out = found.distinct - found.frame.height
        note = t("dictionary.others", n=t.number(left_out)) if left_out > 0 else ""
        picture(t("dictionary.frequent"), figure, "dictionary_spread", note)
