"""The quality page in a report: each card with its measures, of how many, its charts and tables."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from app import quality
from app.charts.period import period
from app.dashboards import dose
from app.dashboards import qa as figures
from app.dashboards.amounts import NOTHING
from app.quality import measured, thresholds
from app.quality.measured import Counted
from app.queries import Order, Page
from app.report import tables
from app.report.content import Block, Card, Cards, Chart, Note, Rows, Section, Source

SCANNERS = Order("n_series", descending=True, then=("scanner",))
PROTOCOLS = Order("n_other", descending=True, then=("-n_series", "protocol"))


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
            if card in figures.NUCLEAR and not nuclear:
                continue
            measures = [found[measure.id] for measure in quality.of_card(card)]
            inside: list[Block] = [Cards([_measure(source, one, limits) for one in measures])]
            inside = inside if measures else []
            inside += [*_charts(source, card, limits), *_tables(source, card, limits)]
            if inside:
                title = f"{t(f'qa_section.{part.name}')}: {t(f'qa_card.{card}')}"
                blocks += [Note(t(f"qa_card_help.{card}"), title), *inside]
    return Section(t("qa.title"), blocks)


def _measure(source: Source, one: Counted, limits: Mapping[str, float]) -> Card:
    t = source.texts
    told = [figures.of_whole(t, one)]
    if one.share is not None and (limit := figures.limits_said(t, one.measure, limits)):
        told.append(limit)
    number = NOTHING if one.share is None else t.number(one.n)
    return Card(figures.title(t, one.measure), number, " · ".join(told))


def _charts(source: Source, card: int, limits: Mapping[str, float]) -> list[Chart]:
    t, palette = source.texts, source.palette
    if number := figures.HISTOGRAMS.get(card):
        spread = figures.spread(source, number)
        if not spread.n:
            return []
        drawn = figures.histogram(source, palette, limits, number)
        return [Chart(t(f"qa.{number}_axis"), drawn, figures.spread_said(t, number, spread))]
    totals = source.ask("totals").row(0, named=True)
    step = period(totals).unit
    return [
        Chart(t(f"qa.by_{kind.name}"), figures.bars(source, palette, kind, step))
        for kind in figures.KINDS.get(card, ())
    ]


def _tables(source: Source, card: int, limits: Mapping[str, float]) -> list[Rows]:
    """Adherence by group, scanners, their protocols, and CT doses by protocol."""
    t = source.texts
    if card == 1:
        told = [tables.rows(t, figures.adherence(source, limits), figures.ADHERENCE)]
    elif card == 11:
        told = [_first(source, "qa_scanners", SCANNERS, figures.SCANNERS)]
    elif card == 12:
        told = [_first(source, "qa_protocols", PROTOCOLS, figures.PROTOCOLS)]
    elif card == 17:
        told = [
            tables.rows(t, dose.ct_by_protocol(source, name).with_columns(
                pl.col("ct_protocol").fill_null(t("missing"))
            ), title=t(f"dose.{name}"))
            for name in figures.CT_DOSE
        ]  # fmt: skip
    else:
        told = []
    return [rows for rows in told if rows.cells]


def _first(source: Source, question: str, order: Order, names: tuple[str, ...]) -> Rows:
    """The first rows of a question, and how many more there are."""
    frame = source.ask(question, order=order, page=Page(0, tables.MOST_ROWS), columns=names)
    return tables.rows(source.texts, frame, names, of=source.count(question))
