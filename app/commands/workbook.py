"""`taglake workbook`: the Excel workbook of a selection, the same bytes as the app's download."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import (
    Databank,
    Deidentify,
    Filter,
    Identifiers,
    Search,
    ShiftDates,
    WhereSeries,
    check_dates,
    chosen,
)
from app.commands.output import identity, opened
from app.terminal import counted, fail, notice, sentences
from ingest.exits import Exit

if TYPE_CHECKING:
    from app.export.workbook import Workbook

SECONDS = 5.0
"""Between two lines of progress."""


def command(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE.xlsx", help="The workbook.")
    ],
    databank: Databank = "",
    where: WhereSeries = "",
    filter: Filter = None,
    search: Search = "",
    sheet: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this one, and Provenance: DICOM_Metadata."),
    ] = None,
    template: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FILE", help="A template for this workbook: mr=mine.json."),
    ] = None,
    use: Annotated[
        list[str] | None,
        typer.Option(metavar="MODALITY=NAME", help="The template of a modality: MR=common."),
    ] = None,
    identifiers: Identifiers = False,
    deidentify: Deidentify = False,
    shift_dates: ShiftDates = False,
) -> None:
    """Write the Excel workbook of a databank, or of a part of it.

    A row for every series, or for every image of radiography and mammography, with the columns of
    the template of its modality. The same options on the same data make the same bytes.
    """
    with sentences():
        from app.export import options
        from app.export.workbook import Workbook
        from app.export.workbook import options as own
        from app.queries import Databank as Asked

        check_dates(deidentify, shift_dates)
        if output.suffix.lower() != ".xlsx":
            raise fail("A workbook is an Excel file: let FILE end with .xlsx.")
        wanted = Workbook(
            Asked(chosen(databank), identifiers), options.filters(filter or (), search), where,
            own.sheets(sheet or ()), own.templates(template or ()), own.uses(use or ()),
            deidentify, shift_dates,
        )  # fmt: skip
        _write(wanted, output)


def _write(wanted: Workbook, output: Path) -> None:
    from app.export.workbook import count, write

    total: dict[str, int] = {}
    last = time.monotonic()

    def told(sheet: str, rows: int) -> None:
        nonlocal last
        if time.monotonic() - last > SECONDS:
            last = time.monotonic()
            notice(f"{sheet}: {rows:,} of {counted(total[sheet], 'row')}.")

    try:
        total |= count(wanted)  # also says what is wrong before a file is begun
        with opened(output) as file:
            rows = write(wanted, file, told)
    except KeyboardInterrupt:
        raise fail("Stopped.", Exit.INTERRUPTED) from None
    shown = identity(wanted.databank.identifiers, wanted.deidentified)
    notice(f"{shown.capitalize()}: {output}:")
    for sheet, number in rows.items():
        notice(f"  {sheet}: {counted(number, 'row')}")
