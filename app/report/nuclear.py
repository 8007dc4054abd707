"""Nuclear medicine in a report: numbers, histograms, course, and the studies that stand out."""

from __future__ import annotations

from app.charts.period import period
from app.dashboards import nuclear
from app.dashboards.nuclear import UNITS
from app.queries import Order, Page
from app.report import tables
from app.report.content import Block, Chart, Note, Section, Source
from app.report.overview import cards

COLUMNS = (
    "StudyDescription", "StudyDate", "patient", "nuclear_reasons", "Radiopharmaceutical",
    "uptake_minutes", "dose_per_kg_MBq", "injected_activity_MBq", "weight_kg", "scanner",
)  # fmt: skip
FEWEST = 5
"""Studies of an agent that make a picture of their own; all agents are in the table."""
BY_DATE = Order("StudyDate", descending=True, then=("StudyInstanceUID",))


def section(source: Source) -> Section | None:
    """What the page says; nothing where no study is of nuclear medicine."""
    t = source.texts
    limits = nuclear.ideal(source.databank.root)
    found = nuclear.numbers(source, limits)
    if not found.get("all"):
        return None
    statistics = nuclear.statistics(source, limits)
    blocks: list[Block] = [cards(source, row) for row in nuclear.cards(source, found, limits)]
    blocks.append(Note(nuclear.ideal_said(t, limits)))
    blocks += [chart for measure in UNITS for chart in _histograms(source, limits, measure)]
    blocks.append(Note(t("nuclear.legend")))
    blocks.append(tables.rows(t, nuclear.table(t, statistics), title=t("nuclear.spread"), most=40))
    blocks += _course(source, limits)
    blocks += _standing_out(source, found, limits)
    return Section(t("nuclear.title"), blocks)


def _histograms(source: Source, limits: nuclear.Ideal, measure: str) -> list[Chart]:
    """All studies together, and where there are several agents each of the most frequent ones."""
    t = source.texts
    whole = nuclear.statistics(source, limits).filter(measure=measure, level="all")
    if whole.is_empty():
        return []
    told = [(t(f"nuclear.{measure}"), nuclear.said(t, measure, whole), group)
            for group in nuclear.groups(source, limits, measure)]  # fmt: skip
    agents = nuclear.groups(source, limits, measure, "radiopharmaceutical")
    if len(agents) > 1:
        told += [
            (f"{t(f'nuclear.{measure}')}: {group.name}", t.count("studies", n), group)
            for group in agents
            if (n := sum(studies for _, studies in group.steps)) >= FEWEST
        ]
    return [
        Chart(title, nuclear.histograms(source, source.palette, limits, measure, [group]), note)
        for title, note, group in told
    ]


def _course(source: Source, limits: nuclear.Ideal) -> list[Chart]:
    """Medians by date, and activity against weight."""
    t, palette = source.texts, source.palette
    totals = source.ask("totals").row(0, named=True)
    shown = period(totals)
    asked = nuclear.timeline(source, limits, shown.unit)
    made = []
    for measure in UNITS:
        dated = asked.filter(measure=measure)
        part, note = shown.near(dated), nuclear.too_far(t, shown, dated)
        if not part.is_empty():
            drawn = nuclear.course(source, palette, limits, measure, shown.unit, part)
            said = " ".join(filter(None, [t("nuclear.course_help"), note]))
            made.append(Chart(t(f"nuclear.course_{measure}"), drawn, said))
    points, note = nuclear.points(source)
    if not points.is_empty():
        drawn = nuclear.scatter(source, palette, limits, points)
        said = " ".join(text for text in (t("nuclear.scatter_help"), note) if text)
        made.append(Chart(t("nuclear.scatter"), drawn, said, wide=True))
    return made


def _standing_out(source: Source, found: dict[str, int], limits: nuclear.Ideal) -> list[Block]:
    """The studies that have any reason to be looked at, the latest first."""
    t, n = source.texts, found.get("any", 0)
    if not n:
        return [Note(t("nuclear.no_outliers"))]
    first = source.ask(
        "nuclear_rows", order=BY_DATE, page=Page(0, tables.MOST_ROWS), columns=COLUMNS,
        which="any", **limits,
    )  # fmt: skip
    return [tables.rows(t, first, title=t("nuclear.is_any"), of=n)]
