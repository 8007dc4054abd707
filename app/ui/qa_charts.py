"""The charts of the quality page: histograms with the ideal band, and studies by kind.

A click on a histogram filters; a click on a bar of a kind shows its studies.
"""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go  # type: ignore[import-untyped]
import streamlit as st

from app.dashboards import qa as figures
from app.dashboards.qa import Kind, Limits
from app.ui import qa_rows
from app.ui.pictures import palette, picture
from app.ui.view import View

FILTERS = {"uptake": "uptake", "dose": "dose_per_kg"}
"""The filter that a click on a histogram changes."""
ALONE = {"radiopharmaceutical", "manufacturer"}
"""Kinds whose card says already what the chart is."""


def draw(view: View, limits: Limits, period: str, card: int) -> None:
    """The charts of a card, beside each other; nothing for one without."""
    if card in figures.HISTOGRAMS:
        _histogram(view, limits, figures.HISTOGRAMS[card])
        return
    kinds = figures.KINDS.get(card, ())
    cells = st.columns(len(kinds), gap="medium") if len(kinds) > 1 else [st.container()]
    for kind, cell in zip(kinds, cells, strict=False):
        with cell:
            _bars(view, kind, period, card)


def _histogram(view: View, limits: Limits, number: str) -> None:
    """Uptake or dose, and its statistics."""
    t, found = view.texts, figures.spread(view, number)
    if not found.n:
        st.markdown(f":material/block: {t(f'qa.no_{number}')}")
        return
    low, high = figures.band(limits, number)
    picture(
        t(f"qa.{number}_axis"), partial(_steps, view, limits, number),
        f"qa_{number}_{low:g}_{high:g}", figures.spread_said(t, number, found),
        filters=FILTERS[number], written=False,
    )  # fmt: skip


def _steps(view: View, limits: Limits, number: str) -> go.Figure:
    return figures.histogram(view, palette(), limits, number)


def _bars(view: View, kind: Kind, period: str, card: int) -> None:
    """Studies by a kind; a click on a bar shows them."""
    t = view.texts
    title = t(f"qa.by_{kind.name}")

    def opens(value: str) -> None:
        label = f"{title}: {figures.value_said(t, value)}"
        asked = kind.asked(period)
        qa_rows.show(qa_rows.Behind(card, kind=asked, value=value, label=label))

    picture(
        title, partial(_counted, view, kind, period), f"qa_by_{kind.asked(period)}", opens=opens,
        written=kind.name not in ALONE,
    )  # fmt: skip


def _counted(view: View, kind: Kind, period: str) -> go.Figure:
    return figures.bars(view, palette(), kind, period)
