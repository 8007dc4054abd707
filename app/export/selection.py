"""Which rows and columns are exported, from what, in which order: one record for app and commands.

The same selection of the same snapshot gives the same rows in the same order in any run, so that
what is on the screen can be made again by a script. ``rows`` hands them out in frames, so memory
does not grow with their number.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import polars as pl

from app import queries, questions
from app.errors import StatementRefused
from app.export.condition import IDENTIFYING, checked
from app.filters import NONE, Filters
from app.lake import Lake
from app.queries import Databank, Value
from ingest.lake.sql import identifier
from ingest.lake.tables import tables_of

ROWS = 50_000
"""Rows of a frame; also of a row group of Parquet."""
STORED = "lake."
"""Before the name of a table of the lake that a question of the same name stands before."""

SURROGATES = frozenset(["file_id", "instance_id", "header_id", "key_id", "kept_file_id"])
"""Keys within a databank, which mean nothing outside of it."""
TIES = (
    "patient_key", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "instance_id",
    "file_id", "header_id", "frame", "item", "key_id", "path", "rule", "run_id", "volume",
)  # fmt: skip
"""Columns that tell rows apart, by which those are sorted that are equal otherwise."""
ABOUT_SERIES = ("series", "studies", "patients", "instances", "mr_cleaned")
"""Tables that filters leave only in part, by whatever name they are asked; see ``queries``."""
PASSING = {
    **dict.fromkeys(
        ("findings", "findings_gone"),
        "coalesce(StudyInstanceUID, '') IN "
        "(SELECT coalesce(StudyInstanceUID, '') FROM studies) AND (SeriesInstanceUID IS NULL OR "
        "(coalesce(StudyInstanceUID, ''), SeriesInstanceUID) IN "
        "(SELECT (coalesce(StudyInstanceUID, ''), SeriesInstanceUID) FROM series))",
    ),
    "private_profiles": "private_profile IN (SELECT private_profile FROM series)",
    "private_blocks": "private_block IN (SELECT private_block FROM memory.main.private_profiles "
    "WHERE private_profile IN (SELECT private_profile FROM series))",
    "protocols": "(coalesce(scanner_key, ''), coalesce(protocol_group, ''), protocol_fingerprint) "
    "IN (SELECT (coalesce(scanner_key, ''), coalesce(protocol_group, ''), protocol_fingerprint) "
    "FROM series)",
    "headers": "coalesce(SeriesInstanceUID, '') IN "
    "(SELECT coalesce(SeriesInstanceUID, '') FROM series)",
    **dict.fromkeys(
        ("elements", "frames", "instance_elements"),
        "instance_id IN (SELECT instance_id FROM instances)",
    ),
    **dict.fromkeys(
        ("header_elements", "radiopharmaceuticals", "problems"),
        "header_id IN (SELECT header_id FROM instances)",
    ),
    "files": "file_id IN (SELECT instance_id FROM instances)",
}
"""How filters reach the other tables of the lake."""
FILTERED = re.compile(rf"\b({'|'.join(ABOUT_SERIES)})\b")

LISTED = 60
"""Names in a sentence about what there is."""

Identity = Literal["masked", "shown", "removed"]


More = Callable[[tuple[str, ...]], Iterable[str]]


class By(NamedTuple):
    """Sort by a column, missing values last."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class Selection:
    """What is exported.

    ``table`` is a question or a table of the lake; ``columns`` and their order are those of the
    file, by default all that may be read; of a question without surrogate keys. Identifying columns
    are read if the databank is asked with identifiers; with ``deidentified`` they, and all else
    that tells who somebody is, are treated as PS3.15 Annex E says, and dates are moved with
    ``shift_dates``.
    """

    databank: Databank
    table: str
    filters: Filters = NONE
    params: tuple[tuple[str, Value], ...] = ()
    where: str = ""
    columns: tuple[str, ...] = ()
    order: tuple[By, ...] = ()
    deidentified: bool = False
    shift_dates: bool = False

    @property
    def identity(self) -> Identity:
        """What becomes of identifiers."""
        if self.deidentified:
            return "removed"
        return "shown" if self.databank.identifiers else "masked"


class Asked(NamedTuple):
    """A selection as SQL: the statement, its values, and the columns it gives."""

    sql: str
    values: dict[str, object]
    columns: tuple[str, ...]


def names(selection: Selection) -> list[str]:
    """Everything that can be exported: questions, then tables of the lake."""
    asked = questions.names()
    tables = tables_of(selection.databank.root)
    return [*asked, *(STORED + name if name in asked else name for name in tables)]


def asked(selection: Selection, opened: Lake, more: More | None = None) -> Asked:
    """The statement of a selection; ``more`` gives further columns as SQL, from all there are.

    Raises StatementRefused with a sentence about an unknown table, column or parameter, a column
    that identifies, or a condition that is none.
    """
    body = _body(selection)
    params = _params(selection, body)
    there = tuple(opened.query(f"FROM (\n{body}\n) LIMIT 0", params or None).columns)
    columns = selection.columns or default_columns(selection, there)
    _check_columns(selection, there, columns)
    prefix, values = queries.filtered(opened, selection.filters)
    values |= params
    chosen = ", ".join([*map(identifier, columns), *(more(there) if more else ())])
    sql = f"{prefix}SELECT {chosen} FROM (\n{body}\n) AS q"
    if selection.where:
        sql += f" WHERE ({checked(selection.where, selection.databank.identifiers)})"
    return Asked(sql + _sorted(selection, there, body), values, columns)


def default_columns(selection: Selection, there: Iterable[str]) -> tuple[str, ...]:
    """The columns of a file that does not say which; keys are needed to join stored tables."""
    hidden = set() if selection.databank.identifiers else IDENTIFYING
    keys = SURROGATES if is_question(selection.table) else frozenset()
    return tuple(name for name in there if name not in keys and name.casefold() not in hidden)


def is_question(table: str) -> bool:
    """Whether a name means a question, not a table as it is stored."""
    return table in questions.names()


def words(selection: Selection) -> dict[str, object]:
    """What is searched, for a question that tells how well its rows have it."""
    if not is_question(selection.table):
        return {}
    return queries.searched(selection.table, selection.filters)


def count(selection: Selection, opened: Lake) -> int:
    """How many rows a selection has."""
    statement = asked(selection, opened)
    counted = f"SELECT count(*) FROM ({statement.sql})"
    return int(opened.query(counted, statement.values or None).item())


def rows(opened: Lake, statement: Asked) -> Generator[pl.DataFrame]:
    """The rows in frames of ``ROWS``, the last one smaller; the first is there without rows."""
    frames = opened.batches(statement.sql, statement.values or None, rows=ROWS)
    yield from even(frames, ROWS)


def even(frames: Iterator[pl.DataFrame], size: int) -> Iterator[pl.DataFrame]:
    """The same rows in frames of the same height, which DuckDB's are not in every run."""
    left = next(frames).clear()
    yield left
    for frame in frames:
        left = pl.concat([left, frame]) if left.height else frame
        while left.height >= size:
            yield left.head(size)
            left = left.slice(size)
    if left.height:
        yield left


def _body(selection: Selection) -> str:
    """The question, or all of a table of the lake as far as the filters leave it."""
    name = selection.table
    if is_question(name):
        text = questions.text(name)
        if selection.filters and not FILTERED.search(_code(text)):
            raise StatementRefused(f"Filters are about series, and {name} is not.")
        return text
    table = tables_of(selection.databank.root).get(name.removeprefix(STORED))
    if table is None:
        raise StatementRefused(f"There is no table {name}. {_instead(name, names(selection))}")
    if not selection.filters:
        return f"SELECT * FROM memory.main.{identifier(table.name)}"
    if table.name in ABOUT_SERIES:
        return f"SELECT * FROM {table.name}"
    if table.name not in PASSING:
        raise StatementRefused(f"Filters are about series, and {table.name} is not.")
    return f"SELECT * FROM memory.main.{identifier(table.name)} WHERE {PASSING[table.name]}"


def _check_columns(selection: Selection, there: tuple[str, ...], columns: tuple[str, ...]) -> None:
    wanted = dict.fromkeys((*columns, *(by.column for by in selection.order)))
    for name in wanted:
        if name not in there:
            raise StatementRefused(
                f"{selection.table} has no column {name}. {_instead(name, there)}"
            )
    if not selection.databank.identifiers:
        hidden = [name for name in wanted if name.casefold() in IDENTIFYING]
        if hidden:
            raise StatementRefused(
                f"{', '.join(hidden)} identifies somebody: show identifiers (--identifiers)."
            )
    if len(set(columns)) < len(columns):
        raise StatementRefused("A column can be in a file only once.")


def _params(selection: Selection, body: str) -> dict[str, object]:
    """The values of the parameters of a question; what is searched is one, where it has it."""
    needed = set(re.findall(r"\$([a-z_]+)", _code(body)))
    values = words(selection) | dict(selection.params)
    for name in sorted(needed - values.keys()):
        raise StatementRefused(f"{selection.table} needs the parameter {name}.")
    for name in sorted(values.keys() - needed):
        raise StatementRefused(f"{selection.table} has no parameter {name}.")
    return values


def _sorted(selection: Selection, there: tuple[str, ...], body: str) -> str:
    """ORDER BY that leaves no two rows to chance; a question's own order where none is given."""
    if not selection.order and re.search(r"^ORDER BY", body, re.MULTILINE):
        return ""
    given = {by.column for by in selection.order}
    order = [
        f"{identifier(by.column)} {'DESC' if by.descending else 'ASC'} NULLS LAST"
        for by in selection.order
    ]
    order += [f"{identifier(n)} NULLS LAST" for n in TIES if n in there and n not in given]
    return f" ORDER BY {', '.join(order)}" if order else ""


def _instead(name: str, there: Sequence[str]) -> str:
    """What may have been meant, or all there is if that is not much."""
    plain = {other.casefold(): other for other in there}
    near = difflib.get_close_matches(name.casefold(), plain, n=3)
    if near:
        return f"Did you mean {' or '.join(plain[one] for one in near)}?"
    more = f" and {len(there) - LISTED} more" if len(there) > LISTED else ""
    return f"There are: {', '.join(there[:LISTED])}{more}."


def _code(text: str) -> str:
    return re.sub(r"--.*", "", text)
