"""Charts on a page: a title, the picture, and what the picture leaves out."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

# Registers the theme's template with Plotly. Without it figures made before the first chart was
# drawn would have Plotly's own colours.
import streamlit.elements.plotly_chart  # noqa: F401

CONFIG = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}


def picture(title: str, figure: go.Figure, key: str, note: str = "") -> None:
    """A figure under its title, in the colours of the theme."""
    st.markdown(f"**{title}**")
    st.plotly_chart(figure, key=key, config=CONFIG, alt=title)
    if note:
        st.caption(note)
