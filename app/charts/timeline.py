"""When the series of a study were acquired: a bar for each, from its first to its last acquisition.

Series without an acquisition time, and those of another day (priors, results that kept the time of
their source), would hide all others if they had bars; they are given back to be listed beside it.
"""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app.charts import LAYOUT, LEGEND, Look
from app.i18n import Texts

MOST = 60
"""Bars; what more there are is counted."""
ROW = 22
LONGEST = 34
NARROWEST = 0.004
"""Of the width of the picture: a single image would be no bar at all."""
NEAR = timedelta(hours=24)


class Arranged(NamedTuple):
    """Series with a bar, those of other days, those without a time, and how many are too many."""

    shown: pl.DataFrame
    elsewhere: pl.DataFrame
    undated: pl.DataFrame
    n_more: int


def arranged(series: pl.DataFrame) -> Arranged:
    """Which series get a bar; ``series`` has acquisition_datetime_min and _max.

    The bars are of the 24 hours around the start in the middle of all.
    """
    dated = series.drop_nulls("acquisition_datetime_min").sort(
        "acquisition_datetime_min", maintain_order=True
    )
    undated = series.filter(pl.col("acquisition_datetime_min").is_null())
    if dated.is_empty():
        return Arranged(dated, dated, undated, 0)
    middle = dated["acquisition_datetime_min"][dated.height // 2]
    near = (pl.col("acquisition_datetime_min") - middle).abs() <= NEAR
    shown = dated.filter(near)
    return Arranged(shown.head(MOST), dated.filter(~near), undated, max(0, shown.height - MOST))


def timeline(shown: pl.DataFrame, t: Texts, colours: Look) -> go.Figure:
    """The bars, the earliest on top; derived series are hatched."""
    rows = _bars(shown, t)
    figure = go.Figure(layout={"barmode": "overlay", "bargap": 0.3})
    for modality in rows["kind"].unique(maintain_order=True):
        part = rows.filter(pl.col("kind") == modality)
        figure.add_bar(
            y=part["row"].to_list(), base=part["start"].to_list(), x=part["width_ms"].to_list(),
            orientation="h", name=escape(modality or t("missing")),
            marker={
                "color": colours.colours.get(modality, colours.rest),
                "pattern": {"shape": part["shape"].to_list(), "size": 5},
            },
            customdata=part.select("said").rows(), hovertemplate="%{customdata[0]}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(type="date", nticks=6, tickformat="%H:%M", showgrid=True)
    figure.update_yaxes(
        tickvals=rows["row"].to_list(), ticktext=rows["label"].to_list(),
        range=[max(rows.height, 3) - 0.5, -0.5], showgrid=False, automargin=True,
    )  # fmt: skip
    figure.update_layout(
        {
            **LAYOUT,
            "height": ROW * max(rows.height, 3) + 76,
            "showlegend": True,
            "legend": {**LEGEND, "y": 1},
        }
    )
    return figure


def _bars(shown: pl.DataFrame, t: Texts) -> pl.DataFrame:
    """Place, length and words of each bar."""
    start, end = pl.col("acquisition_datetime_min"), pl.col("acquisition_datetime_max")
    lasted = (pl.max_horizontal(start, end) - start).dt.total_milliseconds()
    span = (pl.max_horizontal(start, end).max() - start.min()).dt.total_milliseconds()
    rows = shown.with_row_index("row").with_columns(
        start=start,
        lasted=lasted,
        width_ms=pl.max_horizontal(lasted, span.clip(60_000) * NARROWEST),
        kind=pl.col("Modality").fill_null(""),
        shape=pl.when("is_derived").then(pl.lit("/")).otherwise(pl.lit("")),
        label=pl.concat_str(
            pl.col("SeriesNumber").cast(pl.String), "SeriesDescription", separator=" ",
            ignore_nulls=True,
        ),
    )  # fmt: skip
    told = rows.select("label", "start", "lasted", "n_instances").rows()
    labels = [_short(label) for label, *_ in told]
    said = [
        f"{label}<br>{begin:%H:%M:%S} · {t.duration(ms / 1000)} · {t.count('instances', n)}"
        for label, (_, begin, ms, n) in zip(labels, told, strict=True)
    ]
    return rows.with_columns(pl.Series("label", labels), pl.Series("said", said))


def _short(label: str) -> str:
    """A label that leaves room for the bars, and is no markup."""
    text = " ".join(label.split())
    return escape(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
