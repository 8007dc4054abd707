"""The values of one column as a picture: bars of the most frequent, or a histogram."""

from __future__ import annotations

from html import escape
from typing import Literal

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

MAX_LABEL = 50
BAR_HEIGHT = 22


def figure(
    kind: Literal["values", "bins"], frame: pl.DataFrame, axis: str, counted: str, colour: str
) -> go.Figure:
    """``values`` has value and n, the most frequent first; ``bins`` has lower, upper and n."""
    drawn = go.Figure(layout={"bargap": 0.05 if kind == "bins" else 0.2})
    if kind == "bins":
        _bins(drawn, frame, colour)
        drawn.update_xaxes(title=escape(axis), showgrid=False)
        drawn.update_yaxes(title=counted, rangemode="tozero")
        height = 300
    else:
        labels = [_label(str(value)) for value in frame["value"]]
        positions = list(range(len(labels)))  # two long values may have one label
        drawn.add_bar(
            y=positions, x=frame["n"].to_list(), orientation="h", marker_color=colour,
            customdata=labels, hovertemplate="%{customdata}: %{x}<extra></extra>",
        )  # fmt: skip
        drawn.update_yaxes(
            tickmode="array", tickvals=positions, ticktext=labels, automargin=True, showgrid=False,
            range=[max(len(labels), 4) - 0.5, -0.5],
        )  # fmt: skip
        drawn.update_xaxes(title=counted, rangemode="tozero")
        height = 90 + BAR_HEIGHT * max(len(labels), 4)
    return drawn.update_layout(
        height=height, margin={"l": 8, "r": 8, "t": 16, "b": 8}, showlegend=False, dragmode=False
    )


def _bins(drawn: go.Figure, frame: pl.DataFrame, colour: str) -> None:
    lower, upper = frame["lower"], frame["upper"]
    if lower.dtype.is_temporal():
        middles = (lower.cast(pl.Datetime("us")) + (upper - lower) / 2).to_list()
        ends = [lower.cast(pl.String).to_list(), upper.cast(pl.String).to_list()]
    else:
        middles = ((lower + upper) / 2).to_list()
        ends = [[f"{end:.6g}" for end in side] for side in (lower, upper)]
    labels = [f"{low} – {high}" for low, high in zip(*ends, strict=True)]
    drawn.add_bar(
        x=middles, y=frame["n"].to_list(), marker_color=colour, customdata=labels,
        hovertemplate="%{customdata}: %{y}<extra></extra>",
    )  # fmt: skip


def _label(text: str) -> str:
    shown = " ".join(text.split())
    return escape(shown if len(shown) <= MAX_LABEL else shown[: MAX_LABEL - 1] + "…")
