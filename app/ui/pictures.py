"""Charts on a page: a title, the picture, what it leaves out, and what a click on it filters."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl
import streamlit as st

# Registers the theme's template with Plotly. Without it figures made before the first chart was
# drawn would have Plotly's own colours.
import streamlit.elements.plotly_chart

from app import charts, queries
from app.kept import Kept
from app.ui import filtering
from app.ui.view import View, current

DEFAULT_THEME = "light"
HINTED = "charts_hinted"
"""The view of the run in which it was said that bars can be clicked: once on a page is enough."""
KEPT = 256
"""Figures that are kept."""
_figures: Kept[go.Figure] = Kept(KEPT)
CONFIG = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}


def picture(
    title: str,
    figure: go.Figure | Callable[[], go.Figure],
    key: str,
    note: str = "",
    *,
    help: str = "",
    filters: str = "",
    opens: Callable[[str], None] | None = None,
    written: bool = True,
) -> None:
    """A figure under its title, in the colours of the theme.

    A function makes its figure once for all who look at the same: Plotly checks every property,
    which takes longer than most questions do. It may use the view, the theme, and nothing else.
    ``note`` is written below it, ``help`` is a question mark behind the title. With ``filters``,
    the key of a facet or ``DATES`` of ``app.filters``, a click on a bar toggles the value that the
    bar's ``customdata`` names: a raw value of the facet, MISSING, or ``charts.days`` of a period;
    None where a bar stands for several, and a click does nothing. Hovering works as without it.
    With ``opens`` instead, a click calls that with the bar's ``customdata``. The title is not
    ``written`` where something above the picture says it already.
    """
    if written:
        st.markdown(f"**{title}**", help=help or None)
    figure = _kept(figure, key) if callable(figure) else figure
    if filters or opens:
        act = filtering.pointed(key, opens) if opens else filtering.clicked(filters, key)
        with st.container(key=key):
            st.plotly_chart(
                figure, key=filtering.widget_of(key), config=CONFIG, alt=title,
                on_select=act, selection_mode="points",
            )  # fmt: skip
    else:
        st.plotly_chart(figure, key=key, config=CONFIG, alt=title)
    if note:
        st.caption(note)
    if filters and st.session_state.get(HINTED) is not current():
        st.session_state[HINTED] = current()
        st.caption(f":material/filter_alt: {current().texts('chart.click')}")


def _kept(make: Callable[[], go.Figure], key: str) -> go.Figure:
    view = current()
    assert view.databank is not None
    of = (queries.state(view.databank), view.filters, view.texts.language, _theme())
    return _figures.made((key, of), make, lambda figure: 1)


def _theme() -> str:
    return st.context.theme.type or DEFAULT_THEME


def palette() -> list[str]:
    """The colours of charts in the theme that the browser shows."""
    return list(st.get_option(f"theme.{_theme()}.chartCategoricalColors"))


def modality_colours(view: View, frame: pl.DataFrame) -> charts.Look:
    """Colours of the modalities in ``frame`` (modality, series), as in the whole databank."""
    whole = view.everything().ask("series_by_maker")
    return charts.look(charts.ranking(frame), charts.ranking(whole), palette())
