"""A workbook as options of ``taglake workbook``, so that the page can show the command."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.errors import StatementRefused
from app.export import options
from app.export.workbook.record import SHEETS, Workbook, check_sheets
from ingest.templates import NAME
from ingest.templates.template import MAX_BYTES


def command(wanted: Workbook, file: str) -> str:
    """The command line that makes the same file, for a shell; without templates that are given."""
    return shlex.join(["./taglake", "workbook", *_options(wanted), "-o", file])


def templates(pairs: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Templates of options like ``mr=mine.json``, read; StatementRefused where there is none."""
    return tuple(_template(pair) for pair in pairs)


def uses(pairs: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Choices of options like ``MR=common``."""
    found = [pair.partition("=") for pair in pairs]
    for modality, sign, name in found:
        if not (sign and name):
            raise StatementRefused(f"{modality} is no choice: write MODALITY=TEMPLATE, MR=common.")
    return tuple((modality, name) for modality, _, name in found)


def sheets(names: Iterable[str]) -> tuple[str, ...]:
    """The sheets that are wanted; all where none is named."""
    return check_sheets(names) or SHEETS


def _template(pair: str) -> tuple[str, str]:
    name, sign, path = pair.partition("=")
    if not (sign and path) or not NAME.fullmatch(name):
        raise StatementRefused(
            f"{pair} is no template: write NAME=FILE, as mr=mine.json, NAME in small letters."
        )
    try:
        with open(Path(path), "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise StatementRefused(f"{path} cannot be read: {error.strerror}.") from None
    return name, content.decode("utf-8-sig", "replace")


def _options(wanted: Workbook) -> Iterator[str]:
    yield from options.chosen(wanted.databank, wanted.filters)
    if wanted.where:
        yield from ("--where", wanted.where)
    if set(wanted.sheets) < set(SHEETS):
        for name in wanted.sheets:
            yield from ("--sheet", name)
    for modality, name in wanted.uses:
        yield from ("--use", f"{modality}={name}")
    if wanted.databank.identifiers:
        yield "--identifiers"
    if wanted.deidentified:
        yield "--deidentify"
        if wanted.shift_dates:
            yield "--shift-dates"
