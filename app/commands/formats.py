"""In which format a command writes rows: the one that is named, or the one of the file's name."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path

from app.terminal import fail


class FileFormat(StrEnum):
    """What rows become in a file."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSON = "json"


class Format(StrEnum):
    """What rows become: a table for people, or what a file may have."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    XLSX = "xlsx"


def shown_or_filed(named: Format | None, output: Path | None) -> Format:
    """The format that is named, or the file's, or a table; raises typer.Exit for one in a file."""
    if named is Format.TABLE and output is not None:
        raise fail("A table is for the terminal: --format csv, json, parquet or xlsx.")
    if named is None and output is not None:
        return Format(of_file(output))
    return named or Format.TABLE


def of_file(output: Path | None) -> FileFormat:
    """What the name of the file ends with; raises typer.Exit where that says nothing."""
    suffix = output.suffix.lower().lstrip(".") if output else ""
    if suffix not in set(FileFormat):
        raise fail("Say which --format: csv, xlsx, parquet or json, or let FILE end with it.")
    return FileFormat(suffix)


def check_terminal(kind: str, output: Path | None) -> None:
    """Raise typer.Exit where bytes that are no text would go to a terminal."""
    from app.export import FORMATS

    if output is None and not FORMATS[kind].is_text and sys.stdout.isatty():
        raise fail(f"A file of {kind} is not for a terminal: name one with -o.")
