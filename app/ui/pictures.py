"""Charts on a page: a title, the picture, and what the picture leaves out."""

from __future__ import annotations

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl
import streamlit as st

# Registers the theme's template with Plotly. Without it figures made before the first chart was
# drawn would have Plotly's own colours.
import streamlit.elements.plotly_chart

from app import charts
from app.ui.view import View

DEFAULT_THEME = "light"
CONFIG = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}


def picture(title: str, figure: go.Figure, key: str, note: str = "") -> None:
    """A figure under its title, in the colours of the theme."""
    st.markdown(f"**{title}**")
    st.plotly_chart(figure, key=key, config=CONFIG, alt=title)
    if note:
        st.caption(note)


def palette() -> list[str]:
    """The colours of charts in the theme that the browser shows."""
    theme = st.context.theme.type or DEFAULT_THEME
    return list(st.get_option(f"theme.{theme}.chartCategoricalColors"))


def modality_colours(view: View, frame: pl.DataFrame) -> charts.Look:
    """Colours of the modalities in ``frame`` (modality, series), as in the whole databank."""
    whole = view.everything().ask("series_by_maker")
    return charts.look(_ranked(frame), _ranked(whole), palette())


def _ranked(frame: pl.DataFrame) -> list[str]:
    sums = frame.group_by("modality").agg(pl.col("series").sum())
    return sums.sort(-pl.col("series"), "modality")["modality"].to_list()
