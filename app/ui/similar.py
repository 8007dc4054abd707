"""What to search instead where nothing holds the searched words: texts that are like them."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.filters import NONE
from app.ui import filtering
from app.ui.text import plain
from app.ui.view import View

LONGEST = 60


def offer(view: View) -> None:
    """Buttons that search something that is there; nothing where no words are searched."""
    t = view.texts
    if not view.filters.terms:
        return
    searched = " ".join(view.filters.terms)
    words = replace(NONE, terms=view.filters.terms)
    everywhere = replace(view, filters=words).ask("totals")["series"].item()
    if everywhere:
        label = t("similar.everywhere", text=searched, series=t.count("series", everywhere))
        st.button(plain(label), on_click=filtering.keep, args=(NONE,), key="search_everywhere")
        return
    found = replace(view, filters=replace(view.filters, terms=())).ask("similar", similar=searched)
    if found.is_empty():
        return
    st.markdown(t("similar.title"))
    with st.container(horizontal=True, gap="xsmall", key="similar"):
        for n, (value, count, _) in enumerate(found.iter_rows()):
            name = " ".join(value.split())[:LONGEST]
            st.button(
                plain(f"{name} · {t.number(count)}"), on_click=filtering.search, args=(value,),
                key=f"similar_{n}", icon=":material/search:", help=t("similar.help"),
            )  # fmt: skip
