"""What an error is about: where in the statement, and which names may have been meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from ingest.schema import Table

MAX_NEAR = 4
SHOWN_WIDTH = 100
_COLUMN = re.compile(r'column "([^"]{1,80})" not found|not have a column named "([^"]{1,80})"')
_TABLE = re.compile(r"Table with name (\S{1,80}) does not exist")


class Near(NamedTuple):
    """A name that exists, and the tables that have a column of that name; a table has none."""

    name: str
    tables: tuple[str, ...] = ()


def unknown(message: str) -> str:
    """The name that DuckDB did not find, or ""."""
    match = _COLUMN.search(message) or _TABLE.search(message)
    return next((group for group in match.groups() if group), "").rstrip("!") if match else ""


def names(message: str, tables: Mapping[str, Table]) -> list[Near]:
    """Names near the one that was not found: the same in other tables first, then the likest."""
    wanted = unknown(message)
    if not wanted:
        return []
    if _TABLE.search(message):
        return [Near(name) for name in _likest(wanted, {name: name for name in tables})]
    where: dict[str, list[str]] = {}
    for table in tables.values():
        for column in table.columns:
            where.setdefault(column.name, []).append(table.name)
    same = [name for name in where if name.lower() == wanted.lower()]
    found = same or _likest(wanted, {name: name for name in where})
    return [Near(name, tuple(where[name])) for name in found]


def drawing(statement: str, message: str, place: str) -> str:
    """The line of the statement that is wrong, with marks below; "" where nobody knows it."""
    if place:
        return place
    wanted = unknown(message)
    match = re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", statement) if wanted else None
    if match is None:
        return ""
    start = statement.rfind("\n", 0, match.start()) + 1
    line = statement[start:].split("\n", 1)[0]
    column = match.start() - start
    first = max(0, column - SHOWN_WIDTH // 2)
    head = f"LINE {statement.count(chr(10), 0, start) + 1}: " + ("..." if first else "")
    shown = line[first : first + SHOWN_WIDTH].replace("\t", " ")
    marks = " " * (len(head) + column - first) + "^" * len(wanted)
    return f"{head}{shown}\n{marks}"


def _likest(wanted: str, known: Mapping[str, str]) -> list[str]:
    lowered = {name.lower(): name for name in known}
    found = get_close_matches(wanted.lower(), lowered, n=MAX_NEAR, cutoff=0.7)
    return [lowered[name] for name in found]
