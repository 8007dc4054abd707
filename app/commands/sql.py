"""`taglake sql`: one reading statement over a databank, its rows as a table or in a file.

The table is for looking and is cut at --limit rows; the other formats are exact and complete, and
are written while the rows come.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.formats import Format, check_terminal, shown_or_filed
from app.commands.options import Databank, Identifiers, Output, chosen
from app.commands.output import opened
from app.terminal import counted, notice, sentences
from ingest.visible import visible

if TYPE_CHECKING:
    import polars as pl

    from app.lake import Lake


def command(
    statement: Annotated[str, typer.Argument(metavar="SQL", help="SELECT ..., or - for stdin.")],
    databank: Databank = "",
    identifiers: Identifiers = False,
    format: Annotated[
        Format | None, typer.Option("--format", "-f", help="table, or what FILE ends with.")
    ] = None,
    output: Output = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows of a table; the rest is counted.")] = 100,
) -> None:
    """Ask a databank one SQL question."""
    with sentences():
        from app.lake import check_statement, open_lake

        kind = shown_or_filed(format, output)
        text = check_statement(sys.stdin.read() if statement == "-" else statement)
        with open_lake(chosen(databank), identifiers) as lake:
            if kind is Format.TABLE:
                _print_table(lake, text, limit)
            else:
                _write(lake, text, kind, output)


def _print_table(lake: Lake, text: str, limit: int) -> None:
    frame = lake.query(text, limit=limit + 1)
    if "explain_value" in frame.columns:
        for value in frame["explain_value"]:
            print(value)
        return
    _show(frame.head(limit))
    if frame.height > limit:
        notice(f"The first {limit:,} rows; --limit shows more, --format csv writes all.")
    else:
        notice(f"{counted(frame.height, 'row')}.")


def _show(frame: pl.DataFrame) -> None:
    """A table as wide as the terminal, or as wide as its cells where there is none."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    numbers = {name for name, dtype in frame.schema.items() if dtype.is_numeric()}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in frame.columns:
        table.add_column(visible(name), justify="right" if name in numbers else "left")
    for row in _texts(frame):
        table.add_row(*row)
    width = None if sys.stdout.isatty() else 100_000
    Console(markup=False, highlight=False, emoji=False, width=width).print(table)


def _texts(frame: pl.DataFrame) -> Iterator[list[str]]:
    import polars as pl

    from app.export.cells import flat

    cells = flat(frame).select(pl.all().cast(pl.String))
    for row in cells.iter_rows():
        yield ["" if value is None else visible(value) for value in row]


def _write(lake: Lake, text: str, kind: Format, output: Path | None) -> None:
    from app.export import FORMATS

    check_terminal(kind, output)
    with opened(output) as file:
        rows = FORMATS[kind].write(lake.batches(text), file, None)
    notice(f"{counted(rows, 'row')}{f' in {output}' if output else ''}.")
