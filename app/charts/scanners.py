"""Pictures of scanners: which software they ran when, and which protocols they used when.

Rows are scanners or protocols, the axis is time. What is told by colour is told again by place,
text or hatching, so no picture needs colours to be told apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app.charts import LEGEND, figure_of, last_day
from app.i18n import Texts

MOST_SCANNERS = 20
MOST_LANES = 40
"""Rows of a picture; what more there are is counted."""
ROW = 26
LONGEST = 30
DEEPEST = 3
"""Software versions of one scanner that are drawn one below the other where they overlap."""
NARROWEST = 0.006
"""Of the width of the picture: what was seen on one day only would be no bar at all."""
THICK = 0.72
NO_LEGEND = {"l": 8, "r": 8, "t": 8, "b": 8}
DATE = "%Y-%m-%d"


def fleet(
    versions: pl.DataFrame, names: Mapping[str, str], t: Texts, palette: Sequence[str]
) -> go.Figure:
    """A row for each scanner of ``names`` (key -> label), a bar for each of its software versions.

    ``versions`` has scanner_key, software, n_series, first_seen and last_seen (both not NULL).
    A version has the same colour on all scanners, unless the one before it has that; the
    customdata of a bar is the scanner's key.
    """
    rows = {key: row for row, key in enumerate(names)}
    shown = versions.filter(pl.col("scanner_key").is_in(list(rows))).sort(
        "scanner_key", "first_seen", "last_seen"
    )
    colours = palette[:-1]
    order = shown.sort("first_seen", "software")["software"].unique(maintain_order=True)
    places = {software: place for place, software in enumerate(order)}
    narrow = _narrowest(shown)
    traces: list[dict[str, Any]] = [_bars(colour) for colour in colours]
    for (key,), part in shown.group_by(["scanner_key"], maintain_order=True):
        records = part.select("first_seen", "last_seen", "software", "n_series").rows()
        lanes = lanes_of([(first, last) for first, last, *_ in records])
        depth = max(lanes) + 1
        colour = -1
        for (first, last, software, n), lane in zip(records, lanes, strict=True):
            before, colour = colour, places[software] % len(colours)
            colour = (colour + (colour == before)) % len(colours)
            place = rows[str(key)] + (lane - (depth - 1) / 2) * THICK / depth
            name = escape(" ".join((software or t("missing")).split()))
            _add(
                traces[colour], place, THICK / depth, first,
                max(last - first, narrow), name if depth == 1 else "",
                f"{escape(names[str(key)])}<br>{name}<br>{first:{DATE}} – {last:{DATE}}"
                f" · {t.count('series', n)}",
                str(key),
            )  # fmt: skip
    axis = _rows([_short(name) for name in names.values()])
    return figure_of(
        [trace for trace in traces if trace["y"]], height=_height(len(rows)), barmode="overlay",
        showlegend=False, margin=NO_LEGEND, xaxis=_TIME, yaxis=axis,
        uniformtext={"mode": "hide", "minsize": 9},
    )  # fmt: skip


def usage(used: pl.DataFrame, unit: str, t: Texts, common: str, other: str) -> go.Figure:
    """A row for each protocol, a bar for each step of time in which it was used.

    ``used`` has lane, protocol_group, protocol, is_majority, period and series; the commonest
    protocol of a group is ``common`` in colour, others are ``other`` and hatched.
    """
    traces = []
    for is_majority, colour, shape in ((True, common, ""), (False, other, "/")):
        part = used.filter(is_majority=is_majority)
        trace = _bars(colour)
        trace["name"] = t("scanners.majority" if is_majority else "scanners.minority")
        trace["marker"]["pattern"] = {"shape": shape, "size": 5}
        for lane, group, protocol, period, n in part.select(
            "lane", "protocol_group", "protocol_short", "period", "series"
        ).iter_rows():
            said = f"{escape(_line(group))}<br>{protocol} · {period:{_STEP[unit]}}"
            start = datetime.combine(period, datetime.min.time())
            length = last_day(period, unit) - period + timedelta(days=1)
            _add(trace, lane, THICK, start, length, "", f"{said}: {t.count('series', n)}")
        if trace["y"]:
            traces.append(trace)
    labels = used.unique("lane").sort("lane").select("protocol_group", "protocol_short").rows()
    legend = {**LEGEND, "y": 1, "traceorder": "normal"}
    return figure_of(
        traces, height=_height(len(labels)), barmode="overlay", showlegend=True, legend=legend,
        xaxis=_TIME, yaxis=_rows(lane_labels(labels)),
    )  # fmt: skip


def lane_labels(lanes: Sequence[tuple[str, str]]) -> list[str]:
    """What rows are called: the first of a group by its name, the others by their fingerprint."""
    groups = [group for group, _ in lanes]
    return [
        f"↳ {protocol}" if place and groups[place - 1] == group else _short(group)
        for place, (group, protocol) in enumerate(lanes)
    ]


def lanes_of(spans: Sequence[tuple[datetime, datetime]]) -> list[int]:
    """The lane of each span, from 0, so that those in one lane do not overlap.

    Spans are sorted by their start; one that has no free lane among the DEEPEST gets the last.
    """
    ends: list[datetime] = []
    lanes = []
    for first, last in spans:
        lane = next((n for n, end in enumerate(ends) if end <= first), len(ends))
        lane = min(lane, DEEPEST - 1)
        if lane == len(ends):
            ends.append(last)
        else:
            ends[lane] = max(ends[lane], last)
        lanes.append(lane)
    return lanes


_STEP = {"day": DATE, "month": "%Y-%m", "year": "%Y"}
_TIME: dict[str, Any] = {"type": "date", "nticks": 7, "showgrid": True}


def _bars(colour: str) -> dict[str, Any]:
    """A trace without bars."""
    return {
        "type": "bar", "orientation": "h", "y": [], "x": [], "base": [], "width": [], "text": [],
        "customdata": [], "hovertext": [], "hovertemplate": "%{hovertext}<extra></extra>",
        "textposition": "inside", "insidetextanchor": "start", "textangle": 0,
        "constraintext": "inside",
        "marker": {"color": colour, "line": {"width": 1, "color": "rgba(128,128,128,.6)"}},
    }  # fmt: skip


def _add(
    trace: dict[str, Any], place: float, width: float, start: datetime, length: timedelta,
    text: str, said: str, key: str | None = None,
) -> None:  # fmt: skip
    trace["y"].append(place)
    trace["width"].append(width)
    trace["base"].append(start)
    trace["x"].append(length.total_seconds() * 1000)
    trace["text"].append(text)
    trace["hovertext"].append(said)
    trace["customdata"].append(key)


def _narrowest(shown: pl.DataFrame) -> timedelta:
    if shown.is_empty():
        return timedelta(days=1)
    first, last = shown.select(pl.col("first_seen").min(), pl.col("last_seen").max()).row(0)
    whole: timedelta = last - first
    return max(whole * NARROWEST, timedelta(days=1))


def _rows(labels: Sequence[str]) -> dict[str, Any]:
    """An axis of named rows, the first on top; few of them stay thin."""
    return {
        "tickvals": list(range(len(labels))), "ticktext": list(labels),
        "range": [max(len(labels), 3) - 0.5, -0.5], "showgrid": False, "zeroline": False,
        "automargin": True,
    }  # fmt: skip


def _height(rows: int) -> int:
    return ROW * max(rows, 3) + 76


def _line(text: str) -> str:
    return " ".join(text.split())


def _short(label: str) -> str:
    """A label that leaves room for the bars, and is no markup; names differ at their ends, too."""
    text = _line(label)
    end = LONGEST // 2
    return escape(text if len(text) <= LONGEST else f"{text[: LONGEST - end - 1]}…{text[-end:]}")
