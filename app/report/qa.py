"""The quality page in a report: each card with its measures, of how many, and its charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]

from app import charts, measured, quality, queries, thresholds
from app.charts import qa as pictures_of
from app.charts.overview import Bar, ranked
from app.charts.qa import Histogram
from app.filters import MISSING
from app.i18n import Texts
from app.measured import Counted
from app.report.content import Block, Card, Cards, Chart, Note, Rows, Section, Source
from app.said import amount

MOST = 10
NUCLEAR = {1, 2, 3, 4}
"""Cards that are about radiopharmaceutical studies alone."""
UNITS = {"uptake": "min", "dose": "MBq/kg"}
DIGITS = {"uptake": 1, "dose": 2}
AGES = ("0-17", "18-39", "40-59", "60-79", "80+", MISSING)
HOURS = (*(str(hour) for hour in range(24)), MISSING)
RANKED = {4: ("radiopharmaceutical",), 5: ("manufacturer",), 6: ("sex",), 16: ("missed",),
          18: ("identity", "dates", "method")}  # fmt: skip
UPRIGHT: Mapping[int, tuple[tuple[str, tuple[str, ...]], ...]] = {
    6: (("age", AGES),), 7: (("date", ()), ("hour", HOURS)), 16: (("score", ()),),
}  # fmt: skip
"""Kinds of studies that a card has bars of; of upright ones with their order, else as they sort."""
MOST_ROWS = 20

Maker = Callable[[Source, int], list[Block]]


def section(source: Source) -> Section | None:
    """All cards that can be said something of."""
    if not source.ask("totals")["series"].item():
        return None
    t = source.texts
    limits = thresholds.of(source.databank.root)
    found = measured.counted(source.databank, source.filters)
    nuclear = found["missing_activity"].total
    blocks: list[Block] = []
    for part in quality.SECTIONS:
        for card in part.cards:
            if card in NUCLEAR and not nuclear:
                continue
            measures = [found[measure.id] for measure in quality.of_card(card)]
            inside: list[Block] = [Cards([_measure(t, one, limits) for one in measures])] * bool(
                measures
            )
            inside += [*_charts(source, card, limits), *_tables(source, card)]
            if inside:
                title = f"{t(f'qa_section.{part.name}')}: {t(f'qa_card.{card}')}"
                blocks += [Note(t(f"qa_card_help.{card}"), title), *inside]
    return Section(t("qa.title"), blocks)


def _measure(t: Texts, one: Counted, limits: Mapping[str, float]) -> Card:
    name = t(f"measure.{one.measure.id}")
    whole = t(f"among.{one.measure.whole}")
    label = name[0].upper() + name[1:]
    if one.share is None:
        return Card(label, "–", t("qa.not_applicable", whole=whole))
    told = t("qa.of", n=t.number(one.total), whole=whole)
    help_text = f"{told} · {t.number(100 * one.share, 1)} %"
    names = one.measure.thresholds or quality.STORED.get(one.measure.id, ())
    if names:
        numbers = " – ".join(amount(t, limits[name]) for name in names)
        unit = quality.UNITS.get(one.measure.id, "")
        help_text += f" · {t('qa.threshold', limit=f'{numbers} {unit}'.rstrip())}"
    return Card(label, t.number(one.n), help_text)


def _charts(source: Source, card: int, limits: Mapping[str, float]) -> list[Chart]:
    t = source.texts
    if card in (2, 3):
        return _histogram(source, "uptake" if card == 2 else "dose", limits)
    totals = source.ask("totals").row(0, named=True)
    period = charts.time_unit(totals["first_date"], totals["last_date"])
    made = []
    if card in RANKED or card in UPRIGHT:
        kinds = source.ask("qa_kinds", period=period)
        for kind in RANKED.get(card, ()):
            counts = dict(kinds.filter(kind=kind).select("value", "n").iter_rows())
            made.append(Chart(t(f"qa.by_{kind}"), _ranked(source, counts)))
        for kind, order in UPRIGHT.get(card, ()):
            name = period if kind == "date" else kind
            counts = dict(kinds.filter(kind=name).select("value", "n").iter_rows())
            made.append(Chart(t(f"qa.by_{kind}"), _upright(source, counts, order)))
    return made


def _histogram(source: Source, number: str, limits: Mapping[str, float]) -> list[Chart]:
    t, palette = source.texts, source.palette
    spread = measured.spreads(source.databank, source.filters)[number]
    if not spread.n:
        return []
    low, high = limits[f"{number}_ideal_from"], limits[f"{number}_ideal_to"]
    width = measured.STEPS[number]
    told = Histogram(
        measured.histogram(source.databank, number, source.filters), width, (low, high),
        round(measured.LAST_STEP * width, 4),
        [(t("qa.median"), spread.median)] if spread.median is not None else [],
    )  # fmt: skip
    ideal = t("qa.ideal", low=amount(t, low), high=amount(t, high), unit=UNITS[number])
    axis = t(f"qa.{number}_axis")
    figure = pictures_of.histogram(told, axis, ideal, (palette[0], palette[2], palette[3]))

    def said(value: float | None) -> str:
        return "–" if value is None else f"{t.number(value, DIGITS[number])} {UNITS[number]}"

    note = t(
        "qa.statistics", n=t.number(spread.n), mean=said(spread.mean), median=said(spread.median),
        sd=said(spread.sd), low=said(spread.smallest), high=said(spread.largest),
    )  # fmt: skip
    return [Chart(axis, figure, note)]


def _ranked(source: Source, counts: Mapping[str, int]) -> go.Figure:
    t, whole = source.texts, max(sum(counts.values()), 1)
    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    def label(value: str, n: int) -> str:
        name = t("missing") if value == MISSING else t.find(f"criterion.{value}", value)
        return f"{t.find(f'sex.{value}', name)} · {t.number(100 * n / whole, 1)} %"

    bars = [Bar(label(value, n), n, value) for value, n in first[:MOST]]
    if rest := sum(n for _, n in first[MOST:]):
        others = t("overview.others", n=t.number(len(first) - MOST))
        bars.append(Bar(label(others, rest), rest))
    return ranked(bars, source.palette[0], source.palette[-1])


def _upright(source: Source, counts: Mapping[str, int], order: tuple[str, ...]) -> go.Figure:
    t = source.texts
    known = order or tuple(sorted(counts, key=lambda value: (value == MISSING, value)))
    bars = [
        Bar(t("missing") if value == MISSING else value, counts.get(value, 0))
        for value in known
        if value != MISSING or counts.get(value)
    ]
    return pictures_of.columns(bars, source.palette[0])


def _tables(source: Source, card: int) -> list[Rows]:
    """The groups that adherence is told of, and CT doses by protocol."""
    t = source.texts
    limits = thresholds.of(source.databank.root)
    if card == 1:
        params: dict[str, Any] = {**quality.needed(queries.text("qa_adherence"), limits)}
        frame = source.ask("qa_adherence", **params).drop("kind")
    elif card == 17:
        frame = source.ask("qa_ct_dose")
    else:
        return []
    if frame.is_empty():
        return []
    columns = [t.find(f"column.{'group' if n == 'value' else n}", n) for n in frame.columns]
    cell = partial(_cell, t)
    cells = [[cell(value) for value in row] for row in frame.head(MOST_ROWS).iter_rows()]
    numbers = frozenset(n for n, kind in enumerate(frame.dtypes) if kind.is_numeric())
    return [Rows("", columns, cells, max(frame.height - MOST_ROWS, 0), numbers)]


def _cell(t: Texts, value: object) -> str:
    if value is None:
        return "–"
    if value == MISSING:
        return t("missing")
    return amount(t, float(f"{value:.4g}")) if isinstance(value, float) else str(value)
