"""`taglake report`: what the app shows of a selection as one HTML file, the same bytes as there."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import Databank, Identifiers, chosen
from app.commands.output import opened
from app.terminal import fail, notice, sentences


class Language(StrEnum):
    """Languages of the app."""

    EN = "en"
    DE = "de"
    ZH = "zh"


def command(
    databank: Databank = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Instead of stdout.")
    ] = None,
    filter: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="As in the app's address: modality=CT."),
    ] = None,
    search: Annotated[str, typer.Option(metavar="TEXT", help="As in the app's search.")] = "",
    where: Annotated[
        str, typer.Option(metavar="SQL", help='Only series with this: "EchoTime > 80".')
    ] = "",
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
    """Write a report of a selection: one HTML file that needs no network.

    It has the cards and charts of the app and says where they come from. The same options on the
    same data make the same bytes.
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
        shown = "with identifiers" if identifiers else "without identifiers"
        notice(f"{len(content) / 1000:,.0f} kB{f' in {output}' if output else ''}, {shown}.")
