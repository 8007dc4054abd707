"""A quick chart of any answer: which kinds fit its columns, and the figure.

Defaults follow the types: time or numbers along a line, categories as bars, one number alone as a
histogram. Text is escaped, because Plotly reads some HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Literal, NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app.charts import LAYOUT

Kind = Literal["bar", "line", "scatter", "histogram"]
KINDS: tuple[Kind, ...] = ("bar", "line", "scatter", "histogram")
MAX_BARS = 50
MAX_POINTS = 5_000
MAX_GROUPS = 6
MAX_LABEL = 60
ROWS = "\0rows"
"""Rows counted, under a name that no column has."""
HEIGHT = 380


class Wanted(NamedTuple):
    """A chart: ``y`` is "" for counts of rows, ``colour`` is "" for one colour."""

    kind: Kind
    x: str
    y: str = ""
    colour: str = ""


def numbers(frame: pl.DataFrame) -> list[str]:
    """Columns with a quantity."""
    return [name for name, kind in frame.schema.items() if kind.is_numeric()]


def times(frame: pl.DataFrame) -> list[str]:
    """Columns with a date, or a date and time."""
    return [
        n for n, kind in frame.schema.items() if kind == pl.Date or isinstance(kind, pl.Datetime)
    ]


def plottable(frame: pl.DataFrame) -> list[str]:
    """Columns that can be along an axis: no lists, no structures."""
    return [name for name, kind in frame.schema.items() if not kind.is_nested()]


def categories(frame: pl.DataFrame) -> list[str]:
    """Columns that can tell groups apart by colour."""
    return [
        name
        for name, kind in frame.schema.items()
        if kind in (pl.String, pl.Boolean) and frame[name].n_unique() <= 50
    ]


def default(frame: pl.DataFrame) -> Wanted | None:
    """The chart that fits the columns best; None where there is nothing to draw."""
    usable, amounts, dates = plottable(frame), numbers(frame), times(frame)
    if not usable:
        return None
    others = [name for name in usable if name not in amounts and name not in dates]
    if dates and amounts:
        return Wanted("line", dates[0], amounts[0])
    if others:
        return Wanted("bar", others[0], amounts[0] if amounts else "")
    if len(amounts) > 1:
        rising = frame[amounts[0]].is_sorted() and frame[amounts[0]].n_unique() == frame.height
        return Wanted("line" if rising else "scatter", amounts[0], amounts[1])
    return Wanted("histogram", usable[0])


def figure(
    frame: pl.DataFrame, wanted: Wanted, palette: Sequence[str], words: tuple[str, str, str]
) -> tuple[go.Figure, bool]:
    """The figure, and whether something was left out of it.

    ``words`` are those for a missing value, for rows counted, and for all other groups.
    """
    missing, counted, rest = words
    if wanted.y == wanted.x or wanted.kind == "histogram":
        wanted = wanted._replace(y="")
    columns = list(dict.fromkeys(name for name in wanted[1:] if name))
    data = frame.select(columns)
    if wanted.colour:
        data = _few(data, wanted.colour, missing, rest)
    if wanted.kind == "bar":
        data, cut = _bars(data, wanted, missing)
    else:
        data = data.drop_nulls([name for name in (wanted.x, wanted.y) if name])
        cut = wanted.kind != "histogram" and data.height > MAX_POINTS
        data = data.head(MAX_POINTS) if cut else data
    drawn = go.Figure(layout={"barmode": "stack", "bargap": 0.15})
    parts = data.partition_by(wanted.colour, maintain_order=True) if wanted.colour else [data]
    parts.sort(key=lambda part: wanted.colour != "" and part[wanted.colour][0] == rest)
    for n, part in enumerate(parts):
        name = _label(str(part[wanted.colour][0])) if wanted.colour and part.height else ""
        _trace(drawn, part, wanted, name, palette[n % len(palette)])
    title = _label(wanted.y) if wanted.y else counted
    drawn.update_xaxes(title=_label(wanted.x), showgrid=wanted.kind == "scatter", automargin=True)
    drawn.update_yaxes(title=title, rangemode="tozero" if wanted.kind == "bar" else "normal")
    if wanted.kind == "bar":
        drawn.update_xaxes(type="category")
    drawn.update_layout({**LAYOUT, "height": HEIGHT, "showlegend": bool(wanted.colour)})
    return drawn, cut


def _trace(drawn: go.Figure, part: pl.DataFrame, wanted: Wanted, name: str, colour: str) -> None:
    x = _axis(part[wanted.x])
    if wanted.kind == "histogram":
        drawn.add_histogram(x=x, name=name, marker_color=colour)
        return
    y = _axis(part[wanted.y]) if wanted.y else part[ROWS].to_list()
    if wanted.kind == "bar":
        drawn.add_bar(x=x, y=y, name=name, marker_color=colour)
    elif wanted.kind == "line":
        order = part[wanted.x].arg_sort()
        drawn.add_scatter(
            x=_axis(part[wanted.x].gather(order)), y=_axis(part[wanted.y].gather(order)),
            name=name, mode="lines+markers", line={"color": colour}, marker={"size": 5},
        )  # fmt: skip
    else:
        drawn.add_scatter(
            x=x,
            y=y,
            name=name,
            mode="markers",
            marker={"size": 6, "color": colour, "opacity": 0.75},
        )


def _bars(data: pl.DataFrame, wanted: Wanted, missing: str) -> tuple[pl.DataFrame, bool]:
    """One bar per value of x: the sum of y, or rows counted; at most MAX_BARS, the first ones."""
    keys = list(dict.fromkeys(name for name in (wanted.x, wanted.colour) if name))
    height = pl.col(wanted.y).sum() if wanted.y else pl.len().alias(ROWS)
    named = data.with_columns(pl.col(wanted.x).cast(pl.String).fill_null(missing))
    summed = named.group_by(keys, maintain_order=True).agg(height)
    shown = summed[wanted.x].unique(maintain_order=True)
    kept = summed.filter(pl.col(wanted.x).is_in(shown.head(MAX_BARS).to_list()))
    return kept, len(shown) > MAX_BARS


def _few(data: pl.DataFrame, column: str, missing: str, rest: str) -> pl.DataFrame:
    """The groups with a colour of their own, and one for all others."""
    named = data.with_columns(pl.col(column).cast(pl.String).fill_null(missing))
    frequent = named[column].value_counts(sort=True)[column].head(MAX_GROUPS).to_list()
    return named.with_columns(
        pl.when(pl.col(column).is_in(frequent)).then(pl.col(column)).otherwise(pl.lit(rest))
    )


def _axis(values: pl.Series) -> list[object]:
    if values.dtype == pl.String:
        return [_label(text) if text is not None else None for text in values]
    return values.to_list()


def _label(text: str) -> str:
    shown = " ".join(text.split())
    return escape(shown if len(shown) <= MAX_LABEL else shown[: MAX_LABEL - 1] + "…")
