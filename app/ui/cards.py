"""Numbers on cards: a row of them that wraps on narrow screens."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app.ui.view import View


def row(view: View, values: Mapping[str, float | str], *, key: str = "cards") -> None:
    """A card for each key of the texts ``card.<key>``; ``bytes`` is written as a size.

    A text ``card_help.<key>``, if there is one, is what the card's question mark says.
    """
    t = view.texts
    n = len(values)
    with st.container(key=key), st.grid(columns=n, min_column_width=130, gap="small"):
        for name, value in values.items():
            if isinstance(value, str):
                shown = value
            else:
                shown = t.size(value) if name == "bytes" else t.number(value)
            hint = t.find(f"card_help.{name}", "") or None
            st.metric(t(f"card.{name}"), shown, border=True, help=hint)
