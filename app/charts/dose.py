"""Pictures of doses: how a value spreads in each group, as boxes with whiskers from end to end."""

from __future__ import annotations

from html import escape
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app import charts
from app.charts import figure_of
from app.i18n import Texts

ROW = 30
LONGEST = 34


def spreads(
    frame: pl.DataFrame, t: Texts, title: str, colour: str, band: tuple[float, float] | None = None
) -> go.Figure:
    """A box for each group, the first on top: quartiles and median, whiskers to both ends.

    ``frame`` has dose_group, n, smallest, lower_quartile, median, upper_quartile, largest; ``band``
    is what is usual.
    """
    rows = list(range(frame.height))
    names = [name or t("missing") for name in frame["dose_group"].to_list()]
    box: dict[str, Any] = {
        "type": "box", "orientation": "h", "y": rows, "q1": frame["lower_quartile"].to_list(),
        "median": frame["median"].to_list(), "q3": frame["upper_quartile"].to_list(),
        "lowerfence": frame["smallest"].to_list(), "upperfence": frame["largest"].to_list(),
        "marker": {"color": colour}, "line": {"width": 1.5}, "width": 0.5, "showlegend": False,
        "name": "", "hoverinfo": "x",
    }  # fmt: skip
    labels = [
        f"{escape(short(name))} ({t.number(n)})" for name, n in zip(names, frame["n"], strict=True)
    ]
    axis = {
        "tickvals": rows, "ticktext": labels, "showgrid": False, "automargin": True,
        "range": [max(len(rows), 3) - 0.5, -0.5],
    }  # fmt: skip
    shapes = [] if band is None else [
        {
            "type": "rect", "yref": "paper", "y0": 0, "y1": 1, "x0": band[0], "x1": band[1],
            "fillcolor": colour, "opacity": 0.12, "layer": "below", "line": {"width": 0},
        }
    ]  # fmt: skip
    return figure_of(
        [box], height=ROW * max(len(rows), 3) + 70, shapes=shapes, yaxis=axis,
        xaxis={"title": {"text": title}, "nticks": 8, "rangemode": "tozero"},
        margin={**charts.LAYOUT["margin"], "t": 12},
    )  # fmt: skip


def short(name: str) -> str:
    """A name that leaves room for the picture."""
    text = " ".join(name.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
