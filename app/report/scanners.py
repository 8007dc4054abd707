"""Scanners in a report: the fleet, its software over time, and the protocols of each scanner."""

from __future__ import annotations

from app.charts.period import period
from app.dashboards import scanners
from app.queries import Order, Page
from app.report import tables
from app.report.content import Block, Chart, Note, Section, Source
from app.report.overview import cards

MOST = 5
"""Scanners whose protocols are told, those of the most series."""
FLEET = (
    "scanner", "Manufacturer", "DeviceSerialNumber", "StationName",
    "Modalities", "n_series", "n_studies", "n_protocols", "n_deviating", "first_seen", "last_seen",
    "software",
)  # fmt: skip
DEVIATING = ("SeriesDescription", "StudyDate", "protocol_group", "protocol_short", "differences")
LATEST = Order("acquisition_datetime_min", True, ("StudyInstanceUID", "SeriesInstanceUID"))


def section(source: Source) -> Section | None:
    """What the page says; nothing where no series names a scanner."""
    t = source.texts
    fleet = scanners.fleet(source)
    if fleet.is_empty():
        return None
    blocks: list[Block] = [cards(source, scanners.cards(fleet))]
    unknown = scanners.unknown(source, fleet)
    if unknown:
        blocks.append(Note(t("scanners.unknown", series=t.count("series", unknown))))
    shown = period(source.ask("totals").row(0, named=True))
    if not fleet.drop_nulls("first_seen").is_empty():
        note = scanners.timeline_note(source, fleet, shown)
        drawn = scanners.timeline(source, source.palette, fleet, shown)
        blocks.append(Chart(t("scanners.timeline"), drawn, note, wide=True))
    blocks.append(tables.rows(t, fleet, FLEET, most=60))
    several = fleet.filter(fleet["n_protocols"] > 0).head(MOST)
    for row in several.iter_rows(named=True):
        key, name, n = row["scanner_key"], row["scanner"], row["n_deviating"]
        used = scanners.used(source, row, shown)
        if not used.rows.is_empty():
            note = scanners.usage_note(t, row["n_protocols"], used)
            drawn = scanners.usage(source, source.palette, used)
            blocks.append(Chart(f"{name}: {t('scanners.usage')}", drawn, note, wide=True))
        if n:
            page = Page(0, tables.MOST_ROWS)
            rows = source.ask(
                "scanners_deviating", order=LATEST, page=page, columns=DEVIATING, scanner=key
            )  # fmt: skip
            title = f"{name}: {t('scanners.deviating')}"
            blocks.append(tables.rows(t, rows, DEVIATING, title, of=n))
    return Section(t("scanners.title"), blocks)
