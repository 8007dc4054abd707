"""A workbook becomes a file: the one way that the page and the command share.

The statement of a sheet is asked once and its rows are written while they come; DuckDB sorts them,
beyond its limit of memory on the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import BinaryIO

import polars as pl

from app import narrowing, queries
from app.export import deidentify, provenance, selection
from app.export.condition import checked
from app.export.deidentify import Deidentifier
from app.export.workbook import about, statements
from app.export.workbook.columns import (
    BEGINNING,
    KEYS,
    NUMBERS,
    SUMMARY,
    Plan,
    Planned,
    cleaned,
    plan,
)
from app.export.workbook.few import Few, blocks, first_series, of_few
from app.export.workbook.record import (
    DATA,
    DICTIONARY,
    FINDINGS,
    METADATA,
    MR,
    PROVENANCE,
    Workbook,
    library,
    template_of,
)
from app.export.workbook.record import SUMMARY as SUMMARY_SHEET
from app.export.workbook.values import finished, treated
from app.export.xlsx import Book
from app.lake import Lake
from ingest.lake import databank
from ingest.lake.tables import Tables, tables_of
from ingest.schema.deidentification import Action
from ingest.schema.mr import MR_CLEANED
from ingest.templates import COMMON, Entry, Library, Template

Told = Callable[[str, int], None]
"""Called with a sheet and the rows of it that are written so far; may raise to stop."""

ROWS = 5_000
"""Rows of a frame: with a hundred columns some 10 MB."""
CLEANED = "mr_cleaned"
UNTOLD = frozenset(["first_run"])
"""Columns of findings that mean nothing outside of the databank."""


@dataclass(frozen=True)
class Sheet:
    """A sheet with rows of the lake: the SQL of them all, before filters, and its columns.

    ``cells`` are those that are likely to have a value.
    """

    name: str
    sql: str
    plan: Plan
    rows: int
    cells: int


@dataclass(frozen=True)
class Prepared:
    """A workbook that can be made: its templates are sound, and its sheets are known.

    ``templates`` are those of the modalities that it has, by modality, and ``modalities`` the
    numbers of their series and images; "" where none is stated. ``condition`` is the choice of
    series as SQL, with parameters.
    """

    wanted: Workbook
    opened: Lake
    library: Library
    templates: Mapping[str, Template]
    modalities: Mapping[str, tuple[int, int]]
    condition: str
    values: dict[str, object]
    sheets: tuple[Sheet, ...] = ()


def prepared(wanted: Workbook) -> Prepared:
    """What a workbook will have; cheap, as only rows are counted.

    Raises TemplateInvalid, StatementRefused with a sentence, QueryFailed or a LakeError.
    """
    opened = queries.lake(wanted.databank)
    found = library(wanted)
    condition, values = _condition(wanted, opened)
    there = opened.query(_stated(opened, statements.modalities(), condition), values or None)
    modalities = {m or "": (n, images) for m, n, images in there.iter_rows()}
    templates = {m: template_of(m, wanted, found) for m in modalities}
    ready = Prepared(wanted, opened, found, templates, modalities, condition, values)
    sheets = [make(ready) for name, make in _MAKERS.items() if wanted.has(name)]
    return replace(ready, sheets=tuple(one for one in sheets if one))


def count(wanted: Workbook) -> dict[str, int]:
    """How many rows each sheet with rows of the lake will have."""
    return {one.name: one.rows for one in prepared(wanted).sheets}


def preview(ready: Prepared, sheet: Sheet, rows: int) -> pl.DataFrame:
    """The first rows of a sheet, as it will have them."""
    sql = f"FROM (\n{sheet.sql}\n) LIMIT {rows:d}"
    frame = _asked(ready, sql) if sheet.name == FINDINGS else _of_first(ready, sheet, sql, rows)
    _, shown = _shown(ready, sheet, iter([frame]))
    return next(shown)


def _of_first(ready: Prepared, sheet: Sheet, sql: str, rows: int) -> pl.DataFrame:
    """The answer to a question about the first series of a sheet; each has a row at least."""
    found = _asked(ready, first_series(rows, "MR" if sheet.name == MR else None))
    numbers = found["study_row"]
    studies = frozenset() if numbers.has_nulls() else frozenset(numbers)
    few = Few(found.drop("study_row").rows(), studies)
    near = ready.opened.query(_stated(ready.opened, blocks(few), "")).to_series()
    return ready.opened.query(of_few(sql, few, sorted(near), ready.opened.narrow))


def write(wanted: Workbook, file: BinaryIO, told: Told | None = None) -> dict[str, int]:
    """Writes the workbook; gives the rows of each sheet. Raises what ``prepared`` raises."""
    ready = prepared(wanted)
    opened = ready.opened
    rows: dict[str, int] = {}
    written: list[about.Written] = []
    with Book(file, provenance.as_of(opened)) as book:
        for one in ready.sheets:
            sql = _stated(opened, one.sql, ready.condition)
            with closing(opened.batches(sql, ready.values or None, rows=ROWS)) as found:
                frames = selection.even(found, ROWS)
                actions, shown = _shown(ready, one, frames)
                first = next(shown)
                meanings = one.plan.meanings
                written.append(about.Written(one.name, first.schema, meanings, actions))
                rows[one.name] = book.table(one.name, _told(one.name, first, shown, told))
        if wanted.has(DICTIONARY):
            book.table(DICTIONARY, [about.dictionary_of(written)])
        said = about.provenance_of(
            wanted, opened, ready.templates, ready.library, written, rows, book.notes
        )
        book.table(PROVENANCE, [said])
    return rows


def _told(
    name: str, first: pl.DataFrame, following: Iterator[pl.DataFrame], told: Told | None
) -> Iterator[pl.DataFrame]:
    yield first
    rows = 0
    for frame in following:
        yield frame
        rows += frame.height
        if told:
            told(name, rows)


def _shown(
    ready: Prepared, sheet: Sheet, frames: Iterator[pl.DataFrame]
) -> tuple[Mapping[str, Action], Iterator[pl.DataFrame]]:
    """The rows of a sheet as they are shown, and what became of its columns."""
    if not ready.wanted.deidentified:
        return {}, (finished(frame, sheet.plan) for frame in frames)
    first = next(frames)
    treat = _deidentifier(ready, sheet, first)
    columns = [one for one in sheet.plan.columns if one.read in treat.actions]
    actions = {one.name: treat.actions[one.read] for one in columns}

    def following() -> Iterator[pl.DataFrame]:
        yield finished(treated(first, treat, sheet.plan), sheet.plan)
        for frame in frames:
            yield finished(treated(frame, treat, sheet.plan), sheet.plan)

    return actions, following()


def _deidentifier(ready: Prepared, sheet: Sheet, first: pl.DataFrame) -> Deidentifier:
    tables = tables_of(ready.wanted.databank.root)
    series = {column.name: column for column in tables["series"].columns}
    series["SOPInstanceUID"] = tables["instances"].column("SOPInstanceUID")
    keys = {key: series[name] for key, name in KEYS.items()}
    schema = {name: dtype for name, dtype in first.schema.items() if name != deidentify.PATIENT}
    meanings = {one.read: one.column for one in sheet.plan.columns} | keys
    secret = databank.secret_key(ready.wanted.databank.root)
    treat = deidentify.of(secret, schema, meanings, shift=ready.wanted.shift_dates)
    counts: dict[str, Action] = {name: "keep" for name in NUMBERS if name in schema}
    return replace(treat, actions={**treat.actions, **counts})


def _metadata(ready: Prepared) -> Sheet:
    by_image = [m for m, one in ready.templates.items() if one.rows == "instances"]
    columns = plan(BEGINNING, _entries(ready, list(ready.modalities)), _tables(ready))
    rows = {m: numbers[m in by_image] for m, numbers in ready.modalities.items()}
    own = {m: {*BEGINNING, *(one.name for one in _entries(ready, [m]))} for m in rows}
    cells = sum(n * len(own[m]) for m, n in rows.items())
    sql = statements.metadata(columns, by_image, ready.wanted.shows_paths)
    total = sum(rows.values())
    return Sheet(METADATA, sql, columns, total, cells)


def _summary(ready: Prepared) -> Sheet:
    columns = plan(SUMMARY, (), _tables(ready))
    rows = sum(series for series, _ in ready.modalities.values())
    sql = statements.metadata(columns, (), ready.wanted.shows_paths)
    return Sheet(SUMMARY_SHEET, sql, columns, rows, rows * len(columns.columns))


def _cleaned(ready: Prepared) -> Sheet | None:
    """None where there is no MR, or the lake has no table of it."""
    tables = _tables(ready)
    if "MR" not in ready.modalities or CLEANED not in tables:
        return None
    rows = int(_asked(ready, f"SELECT count(*) FROM {CLEANED}").item())
    if not rows:
        return None
    table = tables[CLEANED]
    columns = plan(BEGINNING, _entries(ready, ["MR"]), tables)
    contract = [column.name for column in MR_CLEANED]
    others = [one.name for one in table.columns if one.name not in contract]
    there = {one.name for one in columns.columns} | {"patient_key"}
    more = (cleaned(table.column(n)) for n in [*contract, *others] if n not in there)
    whole = Plan((*columns.columns, *more), columns.elements)
    keys = [name for name in table.key if name not in KEYS.values()]
    sql = statements.cleaned(whole, ready.wanted.shows_paths, keys)
    return Sheet(MR, sql, whole, rows, rows * len(whole.columns))


def _findings(ready: Prepared) -> Sheet:
    columns = [one for one in _tables(ready)["findings"].columns if one.name not in UNTOLD]
    sql = statements.findings([one.name for one in columns], bool(ready.condition))
    shown = Plan(tuple(Planned(one, "plain", "", "") for one in columns))
    rows = int(_asked(ready, statements.n_findings(bool(ready.condition))).item())
    return Sheet(FINDINGS, sql, shown, rows, rows * len(columns))


_MAKERS: dict[str, Callable[[Prepared], Sheet | None]] = {
    METADATA: _metadata, SUMMARY_SHEET: _summary, MR: _cleaned, FINDINGS: _findings,
}  # fmt: skip
assert tuple(_MAKERS) == DATA


def _entries(ready: Prepared, modalities: Sequence[str]) -> list[Entry]:
    """The columns of the templates of some modalities, each once."""
    names = dict.fromkeys(ready.templates[one].name for one in modalities)
    found = (one for name in names or [COMMON] for one in ready.library.entries(name))
    return list({one.name: one for one in found}.values())


def _tables(ready: Prepared) -> Tables:
    return tables_of(ready.wanted.databank.root)


def _asked(ready: Prepared, sql: str) -> pl.DataFrame:
    stated = _stated(ready.opened, sql, ready.condition)
    return ready.opened.query(stated, ready.values or None)


def _condition(wanted: Workbook, opened: Lake) -> tuple[str, dict[str, object]]:
    """The choice of series as SQL over their columns, and its parameters."""
    passing, values = queries.condition(opened, wanted.filters)
    if not wanted.where:
        return passing, values
    typed = statements.undashed(checked(wanted.where, wanted.databank.identifiers))
    return (f"({passing}) AND ({typed})" if passing else f"({typed})"), values


def _stated(opened: Lake, sql: str, condition: str) -> str:
    if not narrowing.concerns(sql):
        return sql
    return narrowing.stated(opened, sql, condition, every_column=False)
