"""A selection becomes a file: the one way from rows to bytes that app and command line share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import BinaryIO

import polars as pl

from app import queries
from app.errors import StatementRefused
from app.export import FORMATS, deidentify, dictionary, provenance, selection
from app.export.about import About
from app.export.deidentify import Deidentifier
from app.export.selection import Selection
from app.queries import Databank
from ingest.lake import databank
from ingest.lake.sql import identifier
from ingest.lake.tables import tables_of
from ingest.schema.deidentification import Action

Told = Callable[[int], None]


def write(chosen: Selection, format_: str, file: BinaryIO, told: Told | None = None) -> int:
    """Writes the selection in a format of ``FORMATS``; gives the number of rows.

    ``told`` is called with the number of rows so far, and may raise to stop. Raises
    StatementRefused with a sentence about what is wrong with the selection, QueryFailed or a
    LakeError.
    """
    opened = queries.lake(chosen.databank)
    meanings = _meanings(chosen)
    statement = selection.asked(chosen, opened, _patient(chosen))
    with closing(selection.rows(opened, statement)) as frames:
        first = next(frames)
        treat = _deidentifier(chosen, statement.columns, first, meanings)
        if treat:
            first = treat.apply(first)
            if not first.width:
                raise StatementRefused(f"Without identity no column of {chosen.table} is left.")
        actions = treat.actions if treat else {}
        about = About(
            provenance.facts(chosen, opened, first.columns, actions),
            dictionary.described(first.schema, meanings),
            provenance.as_of(opened),
        )
        following = map(treat.apply, frames) if treat else frames
        return FORMATS[format_].write(_told(first, following, told), file, about)


def count(chosen: Selection) -> int:
    """How many rows the file will have; raises what ``write`` raises."""
    return selection.count(chosen, queries.lake(chosen.databank))


def columns(chosen: Selection) -> dict[str, Action]:
    """The columns of the file and what becomes of each; raises what ``write`` raises."""
    opened = queries.lake(chosen.databank)
    statement = selection.asked(chosen, opened, _patient(chosen))
    if not chosen.deidentified:
        return dict.fromkeys(statement.columns, "keep")
    first = opened.query(f"FROM ({statement.sql}) LIMIT 0", statement.values or None)
    treat = _deidentifier(chosen, statement.columns, first, _meanings(chosen))
    return dict(treat.actions) if treat else {}


def _meanings(chosen: Selection) -> dictionary.Columns:
    table = chosen.table.removeprefix(selection.STORED)
    return dictionary.meanings(table, tables_of(chosen.databank.root))


def _patient(chosen: Selection) -> selection.More | None:
    """The column by which dates are moved, where they are."""
    if not (chosen.deidentified and chosen.shift_dates):
        return None

    def column(there: tuple[str, ...]) -> Iterator[str]:
        sql = deidentify.patient_of(there, dict(chosen.params))
        if sql:
            yield f"{sql} AS {identifier(deidentify.PATIENT)}"

    return column


def _deidentifier(
    chosen: Selection,
    columns: tuple[str, ...],
    first: pl.DataFrame,
    meanings: dictionary.Columns,
) -> Deidentifier | None:
    if not chosen.deidentified:
        return None
    schema = first.schema  # made anew each time it is asked for
    # Where nothing leads to the patient of a row its dates go.
    return deidentify.of(
        databank.secret_key(chosen.databank.root),
        {name: schema[name] for name in columns},
        meanings,
        shift=deidentify.PATIENT in first.columns,
    )


def _told(
    first: pl.DataFrame, following: Iterable[pl.DataFrame], told: Told | None
) -> Iterator[pl.DataFrame]:
    yield first
    rows = 0
    for frame in following:
        yield frame
        rows += frame.height
        if told:
            told(rows)


def write_frame(
    shown: Databank,
    title: str,
    frame: pl.DataFrame,
    format_: str,
    file: BinaryIO,
    statement: str = "",
) -> int:
    """Writes a frame that no selection gives, such as the answer to a typed question."""
    opened = queries.lake(shown)
    about = About(
        provenance.of_frame(opened, title, len(frame.columns), statement),
        dictionary.described(frame.schema, dictionary.meanings("", tables_of(opened.root))),
        provenance.as_of(opened),
    )
    return FORMATS[format_].write(
        selection.even(iter([frame.clear(), frame]), selection.ROWS), file, about
    )
