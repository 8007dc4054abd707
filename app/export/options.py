"""A selection as options of ``taglake export``, and back: what one writes the other reads.

Filters are written as in the address of the app, ``modality=CT``; parameters as ``study=1.2.3``,
and with ``:=`` where the value is not text, as JSON.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from app.errors import StatementRefused
from app.export.selection import By, Selection, words
from app.filters import Filters
from app.queries import Databank, Value
from ingest.lake import databank


def command(selection: Selection, file: str) -> str:
    """The command line that makes the same file, for a shell."""
    return shlex.join(["./taglake", "export", *_options(selection), "-o", file])


def report_command(databank: Databank, filters: Filters, language: str, file: str) -> str:
    """The command line that makes the same report, for a shell."""
    shown = ["--identifiers"] if databank.identifiers else []
    said = [*chosen(databank, filters), "--language", language]
    return shlex.join(["./taglake", "report", *said, *shown, "-o", file])


def filters(pairs: Iterable[str], search: str) -> Filters:
    """Filters of options like ``modality=CT``; StatementRefused for one that is none."""
    values: dict[str, list[str]] = {}
    for pair in pairs:
        key, _, value = pair.partition("=")
        if not Filters.from_address({key: [value]}):
            raise StatementRefused(f"{pair} is no filter. There are: {', '.join(_filter_keys())}.")
        values.setdefault(key, []).append(value)
    return replace(Filters.from_address(values), terms=Filters.of(text=search).terms)


def parameters(pairs: Iterable[str]) -> tuple[tuple[str, Value], ...]:
    """Parameters of options like ``study=1.2.3`` or ``instance:=42``."""
    return tuple(_parameter(pair) for pair in pairs)


def columns(text: str) -> tuple[str, ...]:
    """Columns of an option like ``StudyDate,Modality``."""
    return tuple(name for part in text.split(",") if (name := part.strip()))


def order(text: str) -> tuple[By, ...]:
    """The order of an option like ``StudyDate:desc,StudyInstanceUID``."""
    made = []
    for part in columns(text):
        name, _, direction = part.partition(":")
        if direction not in ("", "asc", "desc"):
            raise StatementRefused(f"{direction} is no direction: asc and desc are.")
        made.append(By(name, direction == "desc"))
    return tuple(made)


def _options(selection: Selection) -> Iterator[str]:
    yield selection.table
    yield from ("--databank", _named(selection.databank.root))
    yield from _filters(selection.filters)
    for name, given in selection.params:
        if words(selection).get(name) != given:
            yield from ("--param", _said(name, given))
    if selection.where:
        yield from ("--where", selection.where)
    if selection.columns:
        yield from ("--columns", ",".join(selection.columns))
    if selection.order:
        yield from ("--order", ",".join(f"{n}:desc" if d else n for n, d in selection.order))
    if selection.databank.identifiers:
        yield "--identifiers"
    if selection.deidentified:
        yield "--deidentify"
        if selection.shift_dates:
            yield "--shift-dates"


def chosen(databank: Databank, filters: Filters) -> list[str]:
    """The options that say of which databank the filtered series are meant."""
    return ["--databank", _named(databank.root), *_filters(filters)]


def _filters(filters: Filters) -> Iterator[str]:
    for key, values in filters.address().items():
        for value in values:
            yield from ("--filter", f"{key}={value}")
    if filters.terms:
        yield from ("--search", " ".join(filters.terms))


def _named(root: Path) -> str:
    """The name of a databank of this home, else the path."""
    return root.name if databank.home() / "databanks" / root.name == root else str(root)


def _said(name: str, value: Value) -> str:
    if isinstance(value, str | date):
        return f"{name}={value}"
    return f"{name}:={json.dumps(value)}"


def _parameter(pair: str) -> tuple[str, Value]:
    name, sign, text = pair.partition("=")
    if not sign:
        raise StatementRefused(f"{pair} is no parameter: write name=value.")
    if not name.endswith(":"):
        return name, text
    try:
        value = json.loads(text)
    except ValueError:
        value = {}
    if not isinstance(value, str | int | float | bool | None):
        raise StatementRefused(f"{pair} is no parameter: := wants a number, true, false or null.")
    return name.removesuffix(":"), value


def _filter_keys() -> list[str]:
    return [f"{key}=..." for key in Filters().address()]
