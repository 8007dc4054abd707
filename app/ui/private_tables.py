"""The tables of the page of private elements; a click in one is a step to the next."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from app.ui import cards, private_words, tables
from app.ui.private import KEYS, Counts, Place, go, is_read
from app.ui.tables import Row, Shown
from app.ui.text import plain
from app.ui.view import View

GIVEN = tuple(f"{name}_key" for name in KEYS)
"""Columns that say which element a row is about, not shown."""
LONGEST_TITLE = 80


def groups(view: View, keys: pl.DataFrame, counts: Counts) -> None:
    """The creators, apart for what was decoded from their elements."""
    t = view.texts
    found = keys.group_by("creator", "payload", maintain_order=True).agg(
        n_kinds=pl.len().cast(pl.Int64)
    )
    found = found.join(counts.groups, on=["creator", "payload"], how="left")
    names = [
        private_words.source(t, creator, payload, keys)
        for creator, payload in found.select("creator", "payload").iter_rows()
    ]
    shown = found.select(
        pl.col("creator").replace("", t("private.no_creator")),
        pl.Series("source", names, dtype=pl.String),
        pl.exclude("creator", "payload"),
        creator_key="creator",
        payload_key="payload",
    )
    opened = tables.whole(view, shown, "private_groups", Shown("creator", hidden=GIVEN[:2]))
    if opened:
        go(Place(opened["creator_key"], opened["payload_key"]))


def elements(view: View, rows: pl.DataFrame, key: str) -> None:
    """Elements of one or several groups."""
    t = view.texts
    if rows.is_empty():
        st.info(t("private.nothing"), icon=":material/search_off:")
        return
    numbers = [name for name in ("n_series", "n_instances") if name in rows.columns]
    creators = ["creator"] if rows["creator"].n_unique() > 1 else []
    shown = private_words.named(t, rows).select(
        "name", "element_tag", *creators, "vr", "private_class", *numbers,
        *(pl.col(name).alias(f"{name}_key") for name in KEYS),
    )  # fmt: skip
    opened = tables.whole(view, shown, key, Shown("name", hidden=GIVEN))
    missing = rows.filter(pl.col("n_series").is_null())
    if "n_instances" in numbers and not missing.is_empty():
        st.caption(t("private.some_hidden"))
    if opened:
        go(Place(*(opened[name] for name in GIVEN)))


def found_in_values(view: View, text: str, keys: pl.DataFrame) -> None:
    """Values that contain a text, with the element that has them."""
    t = view.texts
    with st.spinner(t("private.counting")):
        rows = view.ask("private_search", value=text)
    if rows.is_empty():
        st.info(t("private.nothing"), icon=":material/search_off:")
        return
    known = ["creator", "element", "field"]
    placed = rows.join(keys.select(KEYS), on=known, how="left").with_columns(
        value=private_words.clipped("value")
    )
    shown = private_words.named(t, placed).select(
        "value", "n_series", "name", "element_tag", "creator",
        *(pl.col(name).alias(f"{name}_key") for name in KEYS),
    )  # fmt: skip
    opened = tables.whole(view, shown, "private_found", Shown("value", hidden=GIVEN))
    if opened:
        go(Place(*(opened[name] for name in GIVEN)))


def values(view: View, at: Place) -> Row | None:
    """One element: who writes it, its values, and the series that have the chosen one, of which
    that is given that was opened."""
    t = view.texts
    asked: dict[str, Any] = {
        "creator": at.creator or "", "element": at.element, "field": at.field
    }  # fmt: skip
    if not is_read(view, "private.not_read", "private.read"):
        _makers(view, view.ask("private_makers", **asked))
        return None
    with st.spinner(t("private.counting")):
        found = view.ask("private_values", **asked)
    total = found.row(by_predicate=pl.col("level") == "total", named=True)
    if not total["n_series"]:
        text = "private.no_values" if view.identifiers or view.filters else "private.hidden"
        st.info(t(text), icon=":material/visibility_off:")
        return None
    cards.row(view, {"series": total["n_series"], "distinct_values": total["n_values"]})
    st.subheader(t("private.by_maker"), anchor=False)
    makers = found.filter(pl.col("level") == "maker").select(
        "maker", "model", "software", "n_series", "n_values", "smallest", "largest"
    )
    tables.whole(view, makers, "private_makers")
    return _values(view, found.filter(pl.col("level") == "value"), total["n_values"], asked)


def _makers(view: View, makers: pl.DataFrame) -> None:
    """Who writes an element, as far as series say it without their elements."""
    if makers.is_empty():  # no series of the filters, or a parameter that profiles do not have
        return
    cards.row(view, {"series": int(makers["n_series"].sum())})
    st.subheader(view.texts("private.by_maker"), anchor=False)
    tables.whole(view, makers, "private_makers")


def _values(view: View, rows: pl.DataFrame, n_values: int, asked: dict[str, Any]) -> Row | None:
    t = view.texts
    st.subheader(t("private.values"), anchor=False)
    st.caption(t("private.values_hint"))
    shown = rows.select(
        private_words.value(t, rows),
        "n_series",
        "n_occurrences",
        "makers",
        "softwares",
        "value_key",
    )
    hidden = Shown(hidden=("value_key",), choose=True)
    chosen = tables.whole(view, shown, "private_values", hidden)
    if n_values > rows.height:
        st.caption(t("private.most_frequent", n=t.number(rows.height)))
    if not chosen:
        return None
    having = view.ask("private_series", **asked, value=chosen["value_key"])
    title = str(chosen["value"])[:LONGEST_TITLE]
    st.subheader(t("private.having", value=plain(title)), anchor=False)
    uids = ("StudyInstanceUID", "SeriesInstanceUID")
    return tables.whole(view, having, "private_series", Shown("SeriesDescription", hidden=uids))
