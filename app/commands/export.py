"""`taglake export`: rows of a table as a file, the same bytes as the app's download.

What is chosen is a ``Selection``, the record that the app makes of what is on its screen; nothing
is kept in memory but a part of the rows.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.formats import FileFormat, check_terminal, of_file
from app.commands.options import (
    Columns,
    Databank,
    Deidentify,
    Filter,
    Identifiers,
    Output,
    Search,
    ShiftDates,
    check_dates,
    chosen,
    only,
)
from app.commands.output import identity, opened
from app.terminal import counted, fail, notice, sentences
from ingest.exits import Exit

if TYPE_CHECKING:
    from app.export.selection import Selection

SECONDS = 5.0
"""Between two lines of progress where stderr is no terminal."""


def command(
    table: Annotated[str, typer.Argument(help="studies, series, findings, ...; see below.")],
    databank: Databank = "",
    where: Annotated[str, only("rows", "Modality = 'CT'")] = "",
    filter: Filter = None,
    search: Search = "",
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Of a table about one study: study=1.2.3."),
    ] = None,
    columns: Columns = "",
    order: Annotated[
        str, typer.Option(metavar="A[:desc],...", help="Sorted by these columns.")
    ] = "",
    format: Annotated[
        FileFormat | None, typer.Option("--format", "-f", help="By default what FILE ends with.")
    ] = None,
    output: Output = None,
    identifiers: Identifiers = False,
    deidentify: Deidentify = False,
    shift_dates: ShiftDates = False,
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

        kind = format or of_file(output)
        check_dates(deidentify, shift_dates)
        selection = Selection(
            Asked(chosen(databank), identifiers), table, options.filters(filter or (), search),
            options.parameters(param or ()), where, options.columns(columns),
            options.order(order), deidentify, shift_dates,
        )  # fmt: skip
        _write(selection, kind, output)


def _write(selection: Selection, kind: FileFormat, output: Path | None) -> None:
    from app.export import make

    check_terminal(kind, output)
    total = make.count(selection)  # also says what is wrong before a file is begun
    try:
        with opened(output) as file, _progress(total, output) as told:
            rows = make.write(selection, kind, file, told)
    except KeyboardInterrupt:
        raise fail("Stopped.", Exit.INTERRUPTED) from None
    shown = identity(selection.databank.identifiers, selection.deidentified)
    notice(f"{counted(rows, 'row')}{f' in {output}' if output else ''}, {shown}.")


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
