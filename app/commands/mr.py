"""`taglake mr`: the cleaned table of MR series for scripts, and the names of files after BIDS.

It is the export of a table, so formats, filters and conditions are those of `taglake export`; as a
table for people it shows the columns that tell most.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.formats import Format, check_terminal, shown_or_filed
from app.commands.options import (
    Columns,
    Databank,
    Filter,
    Identifiers,
    Output,
    Search,
    chosen,
    only,
)
from app.commands.output import opened
from app.terminal import counted, notice, sentences
from ingest.visible import visible

if TYPE_CHECKING:
    from app.export.selection import Selection

TABLE, NAMES = "mr_cleaned", "mr_bids"
SHOWN = {
    TABLE: (
        "SeriesDescription", "volume_kind", "sequenceClass", "classConfidence",
        "standardOrientation", "isFatSuppressed", "isContrastEnhanced", "dynamicPhase",
        "standardFieldStrength", "standardManufacturer", "classReason",
    ),
    NAMES: ("bids_file", "bids_why_not", "sequenceClass", "SeriesDescription", "volume_kind"),
}  # fmt: skip
"""Columns of the table for people."""
MOST = 200
"""Rows of the table for people: a list that is longer is for scripts."""
WIDTH = 40
"""Letters of a value in the table for people; names of files are whole."""


def command(
    databank: Databank = "",
    format: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="By default what FILE ends with, else a table."),
    ] = None,
    bids: Annotated[
        bool, typer.Option("--bids", help="Which file each series would be after BIDS.")
    ] = False,
    where: Annotated[str, only("rows", "sequenceClass = 'DWI'")] = "",
    filter: Filter = None,
    search: Search = "",
    columns: Columns = "",
    output: Output = None,
    identifiers: Identifiers = False,
) -> None:
    """MR series as they were cleaned, or their kinds of volume.

    CSV, JSON, Parquet and Excel have all columns; the table has those that tell most, and no more
    than 200 rows. With --bids a dry run: the names of files after BIDS, and why some series have
    none; nothing is converted.
    """
    with sentences():
        from app.dashboards.mr import NOTHING
        from app.export import options
        from app.export.selection import Selection
        from app.queries import Databank as Asked

        kind = shown_or_filed(format, output)
        name = NAMES if bids else TABLE
        named = options.columns(columns)
        if kind is Format.TABLE and not named:
            named = SHOWN[name]
        order = options.order("bids_file") if bids else ()
        selection = Selection(
            Asked(chosen(databank), identifiers), name, options.filters(filter or (), search),
            tuple(NOTHING.items()) if bids else (), where, named, order,
        )  # fmt: skip
        if kind is Format.TABLE:
            _print(selection)
        else:
            _write(selection, kind, output)


def _write(selection: Selection, kind: Format, output: Path | None) -> None:
    from app.export import make

    check_terminal(kind, output)
    make.count(selection)  # also says what is wrong before a file is begun
    with opened(output) as file:
        rows = make.write(selection, kind, file)
    notice(f"{counted(rows, 'row')}{f' in {output}' if output else ''}.")


def _print(selection: Selection) -> None:
    from rich.console import Console
    from rich.table import Table

    from app import queries
    from app.export.selection import asked, count, rows

    lake = queries.lake(selection.databank)
    statement = asked(selection, lake)
    total = count(selection, lake)
    found = rows(lake, statement._replace(sql=f"{statement.sql} LIMIT {MOST}"))
    table = Table(box=None, pad_edge=False)
    for name in statement.columns:
        table.add_column(name, no_wrap=True)
    for frame in found:
        for row in frame.rows():
            table.add_row(*(_said(n, v) for n, v in zip(statement.columns, row, strict=True)))
    # Nothing is cut: a narrow terminal breaks lines, and a script reads on.
    Console(markup=False, highlight=False, soft_wrap=True, width=1000).print(table)
    if total > MOST:
        notice(f"{counted(MOST, 'row')} of {total:,}: --format csv has all.")
    else:
        notice(f"{counted(total, 'row')}.")


def _said(name: str, value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}"
    text = visible(", ".join(map(str, value)) if isinstance(value, list) else str(value))
    return text if name == "bids_file" or len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
