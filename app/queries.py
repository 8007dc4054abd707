"""Questions to a databank, answered under the current filters.

``ask`` puts ``WITH series AS (... WHERE filters)`` and the like before the file's text, so a file
just says ``FROM series`` and no page can forget a filter.  Answers are kept by question, filters,
parameters, snapshot and visibility of identifiers: a new snapshot or an unmasked view never meets
an old answer.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from app import narrowing, questions
from app.filters import NONE, Filters
from app.kept import Kept
from app.lake import Lake, open_lake
from app.quality import thresholds
from ingest.lake import layout, snapshot

Value = str | int | float | bool | date | None

ONE_ROW_EACH = {"series", "studies"}
"""Questions that name identifiers, of which the number of rows does not depend."""

KEPT_BYTES = 128 * 2**20
KEPT_LAKES = 8
KEPT_COUNTS = 4096

# Views are named in full because the names alone mean what is defined here.
FILTERED = (
    "WITH "
    + ",\n".join(
        f"{table} AS NOT MATERIALIZED (SELECT * FROM memory.main.{table} WHERE {rows})"
        for table, rows in narrowing.PASSING.items()
    )
    + "\n"
)


class Databank(NamedTuple):
    """Which databank is asked, and whether its identifiers may be read."""

    root: Path
    identifiers: bool = False


class Order(NamedTuple):
    """Sort by one column of the answer, missing values last; ties by the columns in ``then``.

    A column in ``then`` that is written with a minus before its name descends.
    """

    column: str
    descending: bool = False
    then: tuple[str, ...] = ()


class Page(NamedTuple):
    """A part of an answer: ``size`` rows after the first ``start``."""

    start: int
    size: int


NOTHING = Page(0, 0)


_answers: Kept[pl.DataFrame] = Kept(KEPT_BYTES)
_counts: Kept[int] = Kept(KEPT_COUNTS)
_lakes: Kept[Lake] = Kept(KEPT_LAKES)


def _edition(databank: Databank) -> tuple[int, int]:
    """Tells a snapshot from an equal one of another databank that has got its name since."""
    try:
        state = (databank.root / layout.SNAPSHOT).stat()
    except OSError:
        return 0, 0
    return state.st_ino, state.st_mtime_ns


def _limits(databank: Databank) -> tuple[int, int]:
    """Changes with the thresholds of the databank, which some answers depend on."""
    try:
        state = (databank.root / thresholds.FILE).stat()
    except OSError:
        return 0, 0
    return state.st_ino, state.st_mtime_ns


def state(databank: Databank) -> Hashable:
    """What answers of this databank depend on besides the question; raises a LakeError."""
    return databank, snapshot.read(databank.root), _edition(databank), _limits(databank)


def lake(databank: Databank) -> Lake:
    """The databank at its current snapshot, opened once for all; raises a LakeError."""
    return _opened(databank, state(databank))


def _opened(databank: Databank, now: Hashable) -> Lake:
    return _lakes.made(
        now, lambda: open_lake(databank.root, databank.identifiers), lambda opened: 1
    )


def ask(
    databank: Databank,
    name: str,
    filters: Filters = NONE,
    params: Mapping[str, Value] | None = None,
    order: Order | None = None,
    page: Page | None = None,
    columns: tuple[str, ...] = (),
) -> pl.DataFrame:
    """The answer to a question; QueryFailed, a LakeError, or KeyError for an unknown question.

    ``params`` are the values of each ``$name`` in the file; ``order`` and ``page`` are applied by
    DuckDB, after the filters. With ``columns`` the answer has these columns in this order, and no
    others are read: a question may offer hundreds.
    """
    if not filters.terms and not questions.names_identifiers(name):
        databank = databank._replace(identifiers=False)
    now = state(databank)
    opened = _opened(databank, now)
    given = tuple((params or {}).items())
    return _answers.made(
        (now, name, filters, given, order, page, columns),
        lambda: _asked(opened, name, filters, dict(given), order, page, columns),
        lambda answer: int(answer.estimated_size()) + 1024,
    )


def schema(
    databank: Databank, name: str, params: Mapping[str, Value] | None = None
) -> dict[str, pl.DataType]:
    """The columns of the answer to a question and their types, without asking it."""
    return dict(ask(databank, name, NONE, params, page=NOTHING).schema)


def count(
    databank: Databank,
    name: str,
    filters: Filters = NONE,
    params: Mapping[str, Value] | None = None,
) -> int:
    """How many rows the whole answer has."""
    if not filters.terms and (name in ONE_ROW_EACH or not questions.names_identifiers(name)):
        databank = databank._replace(identifiers=False)
    now = state(databank)
    opened = _opened(databank, now)
    given = tuple((params or {}).items())

    def counted() -> int:
        body = f"SELECT count(*) FROM (\n{questions.text(name)}\n)"
        sql, values = narrowed(opened, filters, body, every_column=False)
        values |= searched(name, filters) | dict(given)
        return int(opened.query(sql, values or None).item())

    return _counts.made((now, name, filters, given), counted, lambda count: 1)


def _asked(
    opened: Lake,
    name: str,
    filters: Filters,
    given: dict[str, Value],
    order: Order | None,
    page: Page | None,
    columns: tuple[str, ...],
) -> pl.DataFrame:
    chosen = f"SELECT {', '.join(map(_quoted, columns))} " if columns else ""
    question = questions.text(name) if filters else questions.text_of_whole(name)
    body = f"{chosen}FROM (\n{question}\n)"
    if order:
        ties = "".join(f", {_tie(column)}" for column in order.then)
        direction = "DESC" if order.descending else "ASC"
        body += f" ORDER BY {_quoted(order.column)} {direction} NULLS LAST{ties}"
    if page:
        body += f" LIMIT {page.size:d} OFFSET {page.start:d}"
    sql, values = narrowed(opened, filters, body, every_column=not columns)
    values |= searched(name, filters) | given
    return opened.query(sql, values or None)


def filtered(opened: Lake, filters: Filters) -> tuple[str, dict[str, object]]:
    """What goes before any statement, and its parameters; nothing where nothing is filtered."""
    passing, values = condition(opened, filters)
    return FILTERED.format(condition=passing) if passing else "", values


def narrowed(
    opened: Lake, filters: Filters, body: str, *, every_column: bool
) -> tuple[str, dict[str, object]]:
    """A question behind the tables as they are filtered, and the parameters of the filters."""
    if not narrowing.concerns(body):
        return body, {}
    passing, values = condition(opened, filters)
    return narrowing.stated(opened, body, passing, every_column=every_column), values


def condition(opened: Lake, filters: Filters) -> tuple[str, dict[str, object]]:
    """The filters as SQL over ``series``, with the thresholds of the databank, and its values.

    "" where nothing is filtered.
    """
    if not filters:
        return "", {}
    limits = thresholds.of(opened.root) if filters.judges else thresholds.DEFAULTS
    return filters.condition(opened.identifiers, limits)


def searched(name: str, filters: Filters) -> dict[str, object]:
    """The words of the filters, in small letters, for a question that has ``$text``."""
    return {"text": " ".join(filters.terms)} if "$text" in questions.text(name) else {}


def _tie(column: str) -> str:
    name = column.removeprefix("-")
    return f"{_quoted(name)} DESC NULLS LAST" if name != column else _quoted(name)


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
