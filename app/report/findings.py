"""Findings in a report: how many, new and gone, and each rule with what to do about it."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from app import charts
from app.charts import findings as pictures_of
from app.charts.period import period
from app.dashboards import findings
from app.report.content import Block, Chart, Note, Rows, Section, Source
from app.report.overview import cards


def section(source: Source) -> Section:
    """Cards and charts as on the page, and the rules with advice; not the findings one by one."""
    t = source.texts
    run = findings.compared(source.everything().ask("findings_runs"))
    rules = source.ask("findings_rules", run=run.run)
    title = t("findings.title")
    if rules.is_empty():
        return Section(title, [Note(t("findings.none"))])
    numbers = findings.totals(rules)
    when = _utc(run.before) if run.before else ""
    shown = {n: v for n, v in numbers.items() if run.run or not n.endswith("_since")}
    blocks: list[Block] = [
        cards(source, shown),
        Note(findings.sentence(t, run, numbers, when)),
        *_charts(source, run.run),
        _rules(source, run.run),
    ]
    return Section(title, blocks)


def _charts(source: Source, run: str) -> list[Chart]:
    t, palette = source.texts, source.palette
    totals = source.ask("totals").row(0, named=True)
    shown = period(totals)
    counts = source.ask("findings_counts", run=run, unit=shown.unit)
    rules = source.ask("findings_rules", run=run)
    runs = source.everything().ask("findings_runs")
    dated = findings.by_date(shown.near(counts), partial(charts.days, unit=shown.unit))
    note = findings.not_shown(t, counts, shown)
    ranked = partial(pictures_of.ranked, t=t, palette=palette)
    upright = partial(pictures_of.upright, t=t, palette=palette)
    return [
        Chart(t("findings.by_rule"), ranked(findings.by_rule(t, rules))),
        Chart(t("findings.by_scanner"), ranked(findings.by_scanner(t, counts))),
        Chart(t("findings.by_date"), upright(dated, dates=True), note),
        Chart(t("findings.by_level"), ranked(findings.by_level(t, counts))),
        Chart(t("findings.by_run"), upright(findings.by_run(t, counts, runs, _utc))),
    ]


def _rules(source: Source, run: str) -> Rows:
    t = source.texts
    names = ("severity", "rule", "n_findings", "n_studies", "n_affected", "n_new", "n_gone")
    shown = names if run else names[:-2]
    cells = []
    for row in source.ask("findings_rules", run=run).rows(named=True):
        told = findings.rule(t, row["rule"], row["reference"] or "")
        graded = t.find(f"graded.{row['severity']}", row["severity"])
        numbers = [t.number(row[name]) for name in shown[2:]]
        cells.append([graded, told.title, *numbers, told.advice, told.reference])
    columns = [t.find(f"column.{name}", name) for name in (*shown, "reference")]
    columns.insert(len(shown), t("findings.why"))
    return Rows(t("findings.rules"), columns, cells, 0, frozenset(range(2, len(shown))))


def _utc(moment: datetime) -> str:
    """A moment in UTC: where a report is read is not known."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")
