"""The overview in a report: how much there is, of what, since when, and the curator's pictures."""

from __future__ import annotations

from collections.abc import Mapping

from app.charts.period import period
from app.dashboards import overview
from app.i18n import Texts
from app.report.content import Block, Card, Cards, Chart, Section, Source

TOTALS = ("patients", "studies", "series", "instances", "bytes")


def section(source: Source) -> Section:
    """Cards and charts as on the page."""
    t = source.texts
    totals = source.ask("totals").row(0, named=True)
    if not totals["series"]:
        return Section(t("overview.title"), [cards(source, {"series": 0})])
    shown = period(totals)
    palette = source.palette
    blocks: list[Block] = [cards(source, {name: totals[name] for name in TOTALS})]
    blocks += [
        Chart(t(f"overview.by_{facet}"), overview.by_value(source, palette, facet))
        for facet in overview.FACETS
    ]
    if totals["first_date"]:
        note = overview.not_shown(t, totals["undated_series"], shown.n_far)
        blocks.append(Chart(t("chart.over_time"), overview.by_date(source, palette, shown), note))
        blocks.append(Chart(t("overview.growth"), overview.growth(source, palette, shown)))
    first = source.ask("overview_slices").row(0, named=True)
    blocks.append(cards(source, overview.slice_cards(first)))
    blocks += [
        Chart(t(f"overview.{name}"), figure(source, palette), t.find(f"overview.{name}_help", ""))
        for name, figure in overview.REPORTS.items()
    ]
    return Section(t("overview.title"), blocks)


def cards(source: Source, values: Mapping[str, float | str]) -> Cards:
    """Cards as the pages write them: ``card.<key>`` and ``card_help.<key>`` of the texts."""
    t = source.texts
    return Cards([
        Card(
            t(f"card.{name}"), _said(t, name, value), t.find(f"card_help.{name}", "")
        )
        for name, value in values.items()
    ])  # fmt: skip


def _said(t: Texts, name: str, value: float | str) -> str:
    if isinstance(value, str):
        return value
    return t.size(value) if name == "bytes" else t.number(value)
