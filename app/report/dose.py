"""CT dose and exposure in a report: of each source the first value, by its first grouping."""

from __future__ import annotations

from app.dashboards import dose
from app.report import tables
from app.report.content import Block, Chart, Note, Section, Source
from app.report.overview import cards

VALUES = {"ct_reports": 2, "ct": 1, "radiography": 2, "mammography": 2}
"""How many values of a source are told; of others one."""


def section(source: Source) -> Section | None:
    """What the page says; nothing where there is neither a dose nor an exposure."""
    t = source.texts
    found = dose.totals(source)
    there = dose.sources(found)
    if not there:
        return None
    blocks: list[Block] = [cards(source, dose.cards(t, found))]
    for name in there:
        blocks.append(Note(t(f"dose.{name}_text"), t(f"dose.{name}")))
        if name in dose.STATED:
            blocks.append(cards(source, dose.exposures(source, name)))
        for measure in dose.SOURCES[name].measures[: VALUES.get(name, 1)]:
            blocks += _spread(source, name, measure)
    return Section(t("dose.title"), blocks)


def _spread(source: Source, name: str, measure: dose.Measure) -> list[Block]:
    """How a value spreads, as cards, boxes and a table."""
    t, by = source.texts, dose.SOURCES[name].by[0]
    found = dose.statistics(source, name, measure.name, by)
    whole = found.filter(level="all").row(0, named=True)
    title = dose.named(t, measure)
    if not whole["n"]:
        return [Note(t("dose.nowhere", n=t.number(whole["n_all"]), measure=title))]
    groups, more = dose.drawn(found)
    note = t("dose.more", n=t.number(more)) if more else ""
    figure = dose.boxes(t, source.palette, groups, measure)
    heading = f"{t('dose.spread', measure=title)}: {t(f'dose.by_{by}')}"
    return [
        Chart(heading, figure, note, wide=True),
        tables.rows(t, dose.table(t, found)),
    ]
