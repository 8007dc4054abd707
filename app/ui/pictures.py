"""Charts on a page: a title, the picture, and what the picture leaves out."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

CONFIG = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}


def picture(title: str, figure: go.Figure, key: str, note: str = "") -> None:
    """A figure under its title, in the colours of the theme."""
    st.markdown(f"**{title}**")
    st.plotly_chart(figure, key=key, config=CONFIG, alt=title)
    if note:
        st.caption(note)
