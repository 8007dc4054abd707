"""The filters as a sentence whose values are buttons: a click takes one out.

Buttons and not a widget of their own, so that the keyboard reaches each; the words between are the
pieces of ``app.filters.said``, so nothing is filtered that is not said here.
"""

from __future__ import annotations

from collections import Counter

import streamlit as st

from app.filters import said
from app.filters.said import Piece
from app.i18n import Texts
from app.ui import filtering
from app.ui.text import plain
from app.ui.view import View

MOST = 12
"""Values of one facet that have a chip; of more, the rest are counted."""
LONGEST = 60
BETWEEN = " ,，、.。"
"""What stands between words on paper and is told by the gap between chips here."""


def draw(view: View) -> None:
    """What is filtered, with a button for each value and one for all; without filters a line."""
    t = view.texts
    if not view.filters:
        with st.container(key="sentence"):
            st.markdown(plain(said.sentence(view.filters, t)))
        return
    with st.container(key="chips", horizontal=True, vertical_alignment="center", gap="xsmall"):
        _pieces(view)
        st.button(
            t("filters.clear"), on_click=filtering.clear, type="tertiary", key="clear_chips"
        )  # fmt: skip


def _pieces(view: View) -> None:
    t = view.texts
    shown: Counter[str] = Counter()
    skipped = False
    for piece in said.pieces(view.filters, t):
        if not piece.key:
            words = piece.text.strip(BETWEEN)
            if words and not skipped:
                st.markdown(plain(words), width="content")
            skipped = False
            continue
        shown[piece.key] += 1
        more = len(view.filters.values(piece.key)) - MOST
        skipped = 0 < shown[piece.key] - MOST + 1 <= more
        if shown[piece.key] <= MOST:
            _chip(t, piece)
        elif shown[piece.key] == MOST + more:
            st.markdown(t("filters.and_more", n=t.number(more)), width="content")


def _chip(t: Texts, piece: Piece) -> None:
    name = piece.text if len(piece.text) <= LONGEST else piece.text[: LONGEST - 1] + "…"
    st.button(
        plain(name), key=f"chip_{piece.key}_{piece.value}", on_click=filtering.remove,
        args=(piece.key, piece.value), icon=":material/close:", icon_position="right",
        help=t("filters.remove", name=plain(piece.text)),
    )  # fmt: skip
