"""Which private elements are there, and what do they say?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from app.ui import ending, frame, private, private_tables, private_words
from app.ui.text import plain
from app.ui.view import open_page

view = frame.begin("private")
t = view.texts
keys = view.ask("private_keys")
if keys.is_empty():
    frame.stop(t("private.none"), t("private.none_hint"))
at = private.place()
private.trail(view, at, keys)

if at.element:
    of = {"creator": at.creator, "element": at.element, "field": at.field}
    rows = keys.filter(pl.all_horizontal(pl.col(name) == value for name, value in of.items()))
    name = private_words.named(t, rows)["name"].first() or at.element
    st.subheader(plain(f"{name} · {private.group_name(view, at, keys)}"), anchor=False)
    opened = private_tables.values(view, at)
    if opened:
        open_page("series", study=opened["StudyInstanceUID"], series=opened["SeriesInstanceUID"])
    ending.end()

if at.creator is None:
    private.summary(view, keys)
else:
    st.subheader(plain(private.group_name(view, at, keys)), anchor=False)
with st.container(horizontal=True, vertical_alignment="bottom", key="private_tools"):
    text = st.text_input(
        t("private.search"), key="private_search", type="search", icon=":material/search:",
        placeholder=t("private.search_placeholder"), max_chars=100, width=320, autocomplete="off",
    )  # fmt: skip
    where = st.segmented_control(
        t("private.where"), ("names", "values"), default="names", required=True,
        key="private_where", format_func=lambda way: t(f"private.{way}"),
        help=t("private.where_help"),
    )  # fmt: skip

if text and where == "values":
    private_tables.found_in_values(view, text, keys)
    ending.end()
counts = private.counted(view, keys)
rows = counts.elements
if at.creator is not None:
    mine = (pl.col("creator") == at.creator) & (pl.col("payload") == at.payload)
    private_tables.elements(
        view, private_words.matching(rows.filter(mine), text or ""), "private_elements"
    )
elif text:
    private_tables.elements(view, private_words.matching(rows, text), "private_matching")
else:
    private_tables.groups(view, rows, counts)
