"""From a selection to the bytes of its report: sections in order, and where they come from.

App and command line both call ``report``, so both give the same file.
"""

from __future__ import annotations

from importlib.metadata import version

from app import queries
from app.export.provenance import with_values
from app.filters import NONE, Filters, said
from app.i18n import DEFAULT, texts
from app.queries import Databank
from app.report import html, look
from app.report.content import Source
from app.report.sections import SECTIONS
from ingest import __version__

MIME = "text/html"


def report(
    databank: Databank,
    filters: Filters = NONE,
    language: str = DEFAULT,
    *,
    sections: tuple[str, ...] = (),
) -> bytes:
    """The report of what the filters leave of a databank, in UTF-8; by default all sections.

    Identifiers are shown if the databank is asked with them. Raises QueryFailed, a LakeError, or
    KeyError for a section that there is not.
    """
    t = texts(language)
    source = Source(databank, filters, t, look.look("light").palette)
    makers = [SECTIONS[name] for name in sections or SECTIONS]
    made = [section for maker in makers if (section := maker(source))]
    title = t("report.title_of", databank=databank.root.name)
    identity = t("app.identifiers_on" if databank.identifiers else "report.masked")
    page = html.page(
        t, title, sentence(source), (identity, databank.identifiers), made, facts(source)
    )
    return page.encode()


def sentence(source: Source) -> str:
    """What the report is about, as a person would say it; a typed condition as it is."""
    told = said.sentence(source.filters, source.texts)
    where = getattr(source.filters, "where", "")
    return source.texts("report.condition", sentence=told, where=where) if where else told


def facts(source: Source) -> list[tuple[str, str]]:
    """Where a report comes from, in the order in which a person asks."""
    t, filters = source.texts, source.filters
    opened = source.lake()
    condition, values = queries.condition(opened, filters)
    total, whole = (one.ask("totals").row(0, named=True) for one in (source, source.everything()))
    counted = ", ".join(
        t("report.of", shown=t.count(name, total[name]), all=t.number(whole[name]))
        for name in ("studies", "series", "instances")
    )
    told = {
        "databank": source.databank.root.name,
        "snapshot": f"{opened.snapshot.version}",
        "as_of": source.as_of(),
        "filters": sentence(source),
        "filters_sql": with_values(condition, values) if filters else "",
        "counts": counted,
        "identifiers": t("report.shown" if source.identifiers else "report.hidden"),
        "made_by": f"Taglake {__version__}, DuckDB {version('duckdb')}, Polars {version('polars')}",
    }
    return [(t(f"report.{name}"), text) for name, text in told.items() if text]
