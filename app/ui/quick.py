"""The quick chart of an answer: what to draw can be chosen, and what fits is chosen already."""

from __future__ import annotations

from typing import get_args

import polars as pl
import streamlit as st

from app.charts import quick
from app.charts.quick import Kind, Wanted
from app.i18n import Texts
from app.ui.choice import choose
from app.ui.pictures import CONFIG, palette
from app.ui.view import View


def draw(view: View, frame: pl.DataFrame) -> None:
    """The choices and the figure."""
    t = view.texts
    first = quick.default(frame)
    if first is None:
        st.info(t("plot.nothing"))
        return
    wanted = _chosen(t, frame, first)
    words = (t("missing"), t("plot.rows"), t("chart.other"))
    figure, cut = quick.figure(frame, wanted, palette(), words)
    st.plotly_chart(figure, key="sql_chart_figure", config=CONFIG, alt=t("sql.chart"))
    if cut:
        shown = quick.MAX_BARS if wanted.kind == "bar" else quick.MAX_POINTS
        st.caption(t("plot.cut", n=t.number(shown)))


def _chosen(t: Texts, frame: pl.DataFrame, first: Wanted) -> Wanted:
    usable, amounts = quick.plottable(frame), quick.numbers(frame)
    with st.grid(columns=4, min_column_width=160, gap="small"):
        kind = choose(
            t("plot.kind"), get_args(Kind), _key("kind", frame),
            lambda kind: t(f"plot.{kind}"), first=first.kind,
        )  # fmt: skip
        x = st.selectbox(t("plot.x"), usable, index=usable.index(first.x), key=_key("x", frame))
        heights = {"histogram": [], "bar": ["", *amounts]}.get(kind, amounts)
        y = choose(
            t("plot.y"), heights, _key(f"y_{kind}", frame), lambda name: name or t("plot.rows"),
            first=first.y,
        ) if heights else ""  # fmt: skip
        colour = choose(
            t("plot.colour"), ["", *quick.categories(frame)], _key("colour", frame),
            lambda name: name or t("plot.one_colour"),
        )  # fmt: skip
    if kind in ("line", "scatter") and not y:
        return Wanted("histogram", x, "", colour)
    return Wanted(kind, x, y, colour)


def _key(what: str, frame: pl.DataFrame) -> str:
    """The same for answers with the same columns, so that a choice outlives a change of WHERE."""
    return f"sql_chart_{what}_{abs(hash(tuple(frame.columns)))}"
