"""The charts of the quality page: histograms with the ideal band, and studies by kind.

A click on a histogram filters; a click on a bar of a kind shows its studies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import plotly.graph_objects as go  # type: ignore[import-untyped]
import streamlit as st

from app import measured
from app.charts import qa as pictures_of
from app.charts.overview import Bar, ranked
from app.charts.qa import Histogram
from app.filters import MISSING
from app.i18n import Texts
from app.said import amount
from app.ui import qa_rows
from app.ui.pictures import palette, picture
from app.ui.view import View

MOST = 10
AGES = ("0-17", "18-39", "40-59", "60-79", "80+", MISSING)
HOURS = tuple(str(hour) for hour in range(24))
UNITS = {"uptake": "min", "dose": "MBq/kg"}
FILTERS = {"uptake": "uptake", "dose": "dose_per_kg"}
"""The filter that a click on a histogram changes."""
ALONE = {"radiopharmaceutical", "manufacturer"}
"""Kinds whose card says already what the chart is."""
DIGITS = {"uptake": 1, "dose": 2}
Limits = Mapping[str, float]


def histogram(number: str, view: View, limits: Limits, period: str, card: int) -> None:
    """The histogram of uptake or dose, and its statistics."""
    t = view.texts
    assert view.databank is not None
    spread = measured.spreads(view.databank, view.filters)[number]
    if not spread.n:
        st.markdown(f":material/block: {t(f'qa.no_{number}')}")
        return
    band = (limits[f"{number}_ideal_from"], limits[f"{number}_ideal_to"])
    drawn = partial(_histogram, view, number, band, spread)
    key = f"qa_{number}_{band[0]:g}_{band[1]:g}"
    picture(
        t(f"qa.{number}_axis"), drawn, key, _told(t, number, spread), filters=FILTERS[number],
        written=False,
    )  # fmt: skip


def _histogram(
    view: View, number: str, band: tuple[float, float], spread: measured.Spread
) -> go.Figure:
    t = view.texts
    assert view.databank is not None
    width = measured.STEPS[number]
    lines = [(t("qa.median"), spread.median)] if spread.median is not None else []
    told = Histogram(
        measured.histogram(view.databank, number, view.filters), width, band,
        round(measured.LAST_STEP * width, 4), lines,
    )  # fmt: skip
    ideal = t("qa.ideal", low=amount(t, band[0]), high=amount(t, band[1]), unit=UNITS[number])
    colours = (palette()[0], palette()[2], palette()[3])
    return pictures_of.histogram(told, t(f"qa.{number}_axis"), ideal, colours)


def _told(t: Texts, number: str, spread: measured.Spread) -> str:
    """n, mean, median, SD and range in words."""
    digits, unit = DIGITS[number], UNITS[number]

    def said(value: float | None) -> str:
        return "–" if value is None else f"{t.number(value, digits)} {unit}"

    return t(
        "qa.statistics", n=t.number(spread.n), mean=said(spread.mean), median=said(spread.median),
        sd=said(spread.sd), low=said(spread.smallest), high=said(spread.largest),
    )  # fmt: skip


def top(kind: str, view: View, limits: Limits, period: str, card: int) -> None:
    """The most frequent values of a kind, with their share."""
    counts = _counts(view, kind, period)
    drawn = partial(_top, view, counts)
    _picture(view, view.texts(f"qa.by_{kind}"), drawn, kind, card, written=kind not in ALONE)


def _top(view: View, counts: dict[str, int]) -> go.Figure:
    t, whole = view.texts, sum(counts.values())
    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    bars = [Bar(_label(t, value, n, whole), n, value) for value, n in first[:MOST]]
    if rest := sum(n for _, n in first[MOST:]):
        others = t("overview.others", n=t.number(len(first) - MOST))
        bars.append(Bar(_label(t, others, rest, whole), rest))
    return ranked(bars, palette()[0], palette()[-1])


def _label(t: Texts, value: str, n: int, whole: int) -> str:
    name = t("missing") if value == MISSING else t.find(f"criterion.{value}", value)
    return f"{t.find(f'sex.{value}', name)} · {t.number(100 * n / max(whole, 1), 1)} %"


def people(view: View, limits: Limits, period: str, card: int) -> None:
    """Studies by sex and by age."""
    left, right = st.columns(2, gap="medium")
    with left:
        top("sex", view, limits, period, card)
    with right:
        _columns(view, "age", AGES, card, period)


def times(view: View, limits: Limits, period: str, card: int) -> None:
    """Studies by date and by hour of the day."""
    left, right = st.columns(2, gap="medium")
    with left:
        _columns(view, period, (), card, period)
    with right:
        _columns(view, "hour", (*HOURS, MISSING), card, period)


def scores(view: View, limits: Limits, period: str, card: int) -> None:
    """Studies by score, and the criteria that are missed."""
    left, right = st.columns(2, gap="medium")
    with left:
        _columns(view, "score", (), card, period)
    with right:
        top("missed", view, limits, period, card)


def identity(view: View, limits: Limits, period: str, card: int) -> None:
    """Studies by what they say about de-identification."""
    for kind, column in zip(("identity", "dates", "method"), st.columns(3), strict=True):
        with column:
            top(kind, view, limits, period, card)


def _columns(
    view: View, kind: str, order: tuple[str, ...], card: int, period: str
) -> None:  # fmt: skip
    """Upright bars of a kind, in ``order``; without one as they sort, those without value last."""
    t = view.texts
    counts = _counts(view, kind, period)
    known = order or tuple(sorted(counts, key=lambda value: (value == MISSING, value)))
    shown = [value for value in known if value != MISSING or counts.get(value)]
    bars = [
        Bar(t("missing") if value == MISSING else value, counts.get(value, 0), value)
        for value in shown
    ]
    title = t(f"qa.by_{'date' if kind == period else kind}")
    _picture(view, title, lambda: pictures_of.columns(bars, palette()[0]), kind, card)


def _picture(
    view: View, title: str, figure: Callable[[], go.Figure], kind: str, card: int,
    *, written: bool = True,
) -> None:  # fmt: skip
    def opens(value: str) -> None:
        name = view.texts("missing") if value == MISSING else value
        label = f"{title}: {view.texts.find(f'criterion.{name}', name)}"
        qa_rows.show(qa_rows.Behind(card, kind=kind, value=value, label=label))

    picture(title, figure, f"qa_by_{kind}", opens=opens, written=written)


def _counts(view: View, kind: str, period: str) -> dict[str, int]:
    found = view.ask("qa_kinds", period=period).filter(kind=kind)
    return dict(found.select("value", "n").iter_rows())


CARDS: dict[int, Callable[[View, Limits, str, int], None]] = {
    2: partial(histogram, "uptake"), 3: partial(histogram, "dose"),
    4: partial(top, "radiopharmaceutical"), 5: partial(top, "manufacturer"), 6: people, 7: times,
    16: scores, 18: identity,
}  # fmt: skip
"""What draws the charts of a card."""
