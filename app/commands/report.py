"""`taglake report`: what the app shows of a selection as one HTML file, the same bytes as there."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from app.commands.options import (
    Databank,
    Filter,
    Identifiers,
    Output,
    Search,
    WhereSeries,
    chosen,
)
from app.commands.output import identity, opened
from app.terminal import fail, notice, sentences


class Language(StrEnum):
    """Languages of the app."""

    EN = "en"
    DE = "de"
    ZH = "zh"


def command(
    databank: Databank = "",
    output: Output = None,
    filter: Filter = None,
    search: Search = "",
    where: WhereSeries = "",
    section: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Only this one: overview, qa, nuclear, dose, scanners, findings."
        ),
    ] = None,
    language: Annotated[
        Language, typer.Option("--language", "-l", help="Of its texts.")
    ] = Language.EN,
    identifiers: Identifiers = False,
) -> None:
    """Write a report of a selection: one HTML file.

    It has the cards and charts of the app, says where they come from, and needs no network. The
    same options on the same data make the same bytes.
    """
    with sentences():
        from app.export import options
        from app.queries import Databank as Asked
        from app.report import report
        from app.report.narrowed import narrowed
        from app.report.sections import SECTIONS

        for name in section or ():
            if name not in SECTIONS:
                raise fail(f"There is no section {name}. There are: {', '.join(SECTIONS)}.")
        asked = Asked(chosen(databank), identifiers)
        filters = options.filters(filter or (), search)
        wanted = narrowed(filters, where, identifiers) if where else filters
        content = report(asked, wanted, language.value, sections=tuple(section or ()))
        with opened(output) as file:
            file.write(content)
        size = f"{len(content) / 1000:,.0f} kB"
        notice(f"{size}{f' in {output}' if output else ''}, {identity(identifiers)}.")
