"""Pictures of findings by severity, which has a hatching as well, as colour alone tells little."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]

from app import charts
from app.charts.overview import COUNTS, LONGEST, STACKED
from app.i18n import Texts

SEVERITIES = ("error", "warning", "info")
COLOURS = {"error": 4, "warning": 1, "info": 3}
"""Severity -> place in the palette."""
PATTERN = {"size": 6, "solidity": 0.2, "fillmode": "overlay"}
HATCHES = {"error": "", "warning": "/", "info": "."}


class Count(NamedTuple):
    """So many findings of a severity under a label; ``value`` is what a click filters by."""

    label: str
    severity: str
    findings: int
    value: str | None = None


def ranked(counts: Sequence[Count], t: Texts, palette: Sequence[str]) -> go.Figure:
    """Horizontal bars stacked by severity, in the order in which labels come first."""
    labels = list(dict.fromkeys(count.label for count in counts))
    bars = [
        {**_bar(t, palette, severity, part, labels), "orientation": "h"}
        for severity, part in _by_severity(counts)
    ]
    for bar in bars:
        bar["x"], bar["y"] = bar.pop("length"), bar.pop("place")
        bar["hovertemplate"] = "%{text}: %{x:,}"
    shown = [
        escape(label if len(label) <= LONGEST else label[: LONGEST - 1] + "…") for label in labels
    ]
    axis = {
        "tickvals": list(range(len(labels))), "ticktext": shown, "showgrid": False,
        "automargin": True, "range": [max(len(labels), 4) - 0.5, -0.5],
    }  # fmt: skip
    height = max(charts.HEIGHT, 26 * len(labels) + 90)
    layout = {**STACKED, "bargap": 0.25, "height": height}
    return charts.figure_of(bars, **layout, xaxis=COUNTS, yaxis=axis)


def upright(
    counts: Sequence[Count], t: Texts, palette: Sequence[str], *, dates: bool = False
) -> go.Figure:
    """Upright bars stacked by severity; with ``dates`` labels are days on an axis of time."""
    labels = list(dict.fromkeys(count.label for count in counts))
    bars = [_bar(t, palette, severity, part, labels) for severity, part in _by_severity(counts)]
    for bar in bars:
        places, heights = bar.pop("place"), bar.pop("length")
        bar["x"], bar["y"] = ([labels[n] for n in places] if dates else places), heights
        bar["hovertemplate"] = "%{text}: %{y:,}"
    axis: dict[str, Any] = {"showgrid": False, "nticks": 8}
    if not dates:
        every = max(1, -(-len(labels) // 8))
        axis |= {
            "tickvals": list(range(0, len(labels), every)),
            "ticktext": [*map(escape, labels[::every])],
        }
        axis["range"] = [-0.5, max(len(labels), 4) - 0.5]
    return charts.figure_of(bars, **STACKED, xaxis=axis, yaxis=COUNTS)


def _by_severity(counts: Sequence[Count]) -> Iterator[tuple[str, list[Count]]]:
    """The counts of each severity, the gravest first; of unknown ones with the notes."""
    known = [c if c.severity in SEVERITIES else c._replace(severity="info") for c in counts]
    for severity in SEVERITIES:
        part = [count for count in known if count.severity == severity]
        if part:
            yield severity, part


def _bar(
    t: Texts, palette: Sequence[str], severity: str, part: Sequence[Count], labels: Sequence[str]
) -> dict[str, Any]:
    return {
        "type": "bar", "name": t(f"graded.{severity}"),
        "marker": {
            "color": palette[COLOURS[severity]],
            "pattern": {**PATTERN, "shape": HATCHES[severity]},
        },
        "place": [labels.index(count.label) for count in part],
        "length": [count.findings for count in part],
        "text": [escape(count.label) for count in part], "textposition": "none",
        "customdata": [count.value for count in part],
    }  # fmt: skip
