"""`taglake export`: rows of a table as a file, the same bytes as the app's download.

What is chosen is a ``Selection``, the record that the app makes of what is on its screen; nothing
is kept in memory but a part of the rows.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import Databank, Identifiers, chosen
from app.commands.output import opened
from app.terminal import counted, fail, notice, sentences
from ingest.exits import Exit

if TYPE_CHECKING:
    from app.export.selection import Selection

SECONDS = 5.0
"""Between two lines of progress where stderr is no terminal."""


class Format(StrEnum):
    """What the rows become."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSON = "json"


def command(
    table: Annotated[str, typer.Argument(help="studies, series, findings, ...; see below.")],
    databank: Databank = "",
    where: Annotated[
        str, typer.Option(metavar="SQL", help="Only rows with this: \"Modality = 'CT'\".")
    ] = "",
    filter: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="As in the app's address: modality=CT."),
    ] = None,
    search: Annotated[str, typer.Option(metavar="TEXT", help="As in the app's search.")] = "",
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Of a table about one study: study=1.2.3."),
    ] = None,
    columns: Annotated[str, typer.Option(metavar="A,B,...", help="Only these, so ordered.")] = "",
    order: Annotated[
        str, typer.Option(metavar="A[:desc],...", help="Sorted by these columns.")
    ] = "",
    format: Annotated[
        Format | None, typer.Option("--format", "-f", help="By default what FILE ends with.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Instead of stdout.")
    ] = None,
    identifiers: Identifiers = False,
    deidentify: Annotated[
        bool, typer.Option("--deidentify", help="Without identity, by PS3.15 Annex E.")
    ] = False,
    shift_dates: Annotated[
        bool, typer.Option("--shift-dates", help="Then move dates, patient by patient.")
    ] = False,
) -> None:
    """Export a table as CSV, Excel, Parquet or JSON.

    TABLE is a table of the app or of the lake (`taglake schema`); where both have the name,
    `lake.series` is the one of the lake. The same options on the same data make the same bytes, and
    the app shows the command for each of its downloads.
    """
    with sentences():
        from app.export import options
        from app.export.selection import Selection
        from app.queries import Databank as Asked

        kind = format or _format_of(output)
        if shift_dates and not deidentify:
            raise fail("--shift-dates goes with --deidentify.")
        selection = Selection(
            Asked(chosen(databank), identifiers), table, options.filters(filter or (), search),
            options.parameters(param or ()), where, options.columns(columns),
            options.order(order), deidentify, shift_dates,
        )  # fmt: skip
        _write(selection, kind, output)


def _format_of(output: Path | None) -> Format:
    suffix = output.suffix.lower().lstrip(".") if output else ""
    if suffix not in set(Format):
        raise fail("Say which --format: csv, xlsx, parquet or json, or let FILE end with it.")
    return Format(suffix)


def _write(selection: Selection, kind: Format, output: Path | None) -> None:
    from app.export import FORMATS, make

    if output is None and not FORMATS[kind].is_text and sys.stdout.isatty():
        raise fail(f"A file of {kind} is not for a terminal: name one with -o.")
    total = make.count(selection)  # also says what is wrong before a file is begun
    try:
        with opened(output) as file, _progress(total, output) as told:
            rows = make.write(selection, kind, file, told)
    except KeyboardInterrupt:
        raise fail("Stopped.", Exit.INTERRUPTED) from None
    notice(f"{counted(rows, 'row')}{f' in {output}' if output else ''}, {_identity(selection)}.")


def _identity(selection: Selection) -> str:
    if selection.deidentified:
        return "de-identified"
    return "with identifiers" if selection.databank.identifiers else "without identifiers"


@contextmanager
def _progress(total: int, output: Path | None) -> Iterator[Callable[[int], None]]:
    """What is told how many rows are written: a bar on a terminal, else a line now and then."""
    if not sys.stderr.isatty():
        yield _line(total)
    elif output is None and sys.stdout.isatty():
        yield lambda rows: None  # the rows themselves are to be seen
    else:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        parts = (BarColumn(), MofNCompleteColumn(), "rows", TimeRemainingColumn())
        with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=total)
            yield lambda rows: bar.update(task, completed=rows)


def _line(total: int) -> Callable[[int], None]:
    last = time.monotonic()

    def told(rows: int) -> None:
        nonlocal last
        if time.monotonic() - last > SECONDS:
            last = time.monotonic()
            notice(f"{rows:,} of {counted(total, 'row')}.")

    return told
