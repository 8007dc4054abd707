"""Columns that a databank adds to ``instances``: any tag, private ones by creator and element.

``columns.toml`` in the folder of a databank holds them:

    [columns.TubeAngle_degrees]
    source = "(0019,xx8F) GEMS_ACQU_01"
    type = "number"
    description = "Angle of the tube at the first view"
    unit = "degrees"
    phi = false
    series = "range"

``source`` is written as in the schema (a list gives alternatives, best first), ``type`` is one of
text, number, integer, date, time, datetime, texts, numbers, integers.

``phi`` says whether the column identifies somebody and is kept apart. What a private element or a
vendor's field holds does, unless ``phi = false`` declares it safe; an element that identifies by
``ingest.schema.identifiers``, or stands in a sequence that does, always does.

``series`` says how the table ``series`` shows it: first, varying (first and all values), range
(first, smallest, largest), minmax, distinct, sum, or none.  Without it text is varying, lists are
first, and what can be ordered is a range.

The columns are filled for files read from then on; ``--force`` reads all files again.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from ingest.schema import TABLES, Column, Table
from ingest.schema.attributes.notation import AGGREGATIONS
from ingest.schema.derived import series_columns
from ingest.schema.identifiers import IDENTIFYING
from ingest.schema.records import Aggregation

FILE = "columns.toml"
MAX_COLUMNS = 1000
TYPES: dict[str, pl.DataType] = {
    "text": pl.String(), "number": pl.Float64(), "integer": pl.Int64(), "date": pl.Date(),
    "time": pl.Time(), "datetime": pl.Datetime("us"), "texts": pl.List(pl.String),
    "numbers": pl.List(pl.Float64), "integers": pl.List(pl.Int64),
}  # fmt: skip
USUAL = {"text": "varying", "texts": "first", "numbers": "first", "integers": "first"}
"""How the series shows a type, where it is not a range."""
SERIES: dict[str, tuple[Aggregation, ...]] = {
    **{
        name: AGGREGATIONS[name]
        for name in ("first", "varying", "range", "minmax", "distinct", "sum")
    },
    "none": (),
}
"""Not constant, which makes a finding where values differ: that is for the schema to demand."""
SUMMABLE = frozenset(["number", "integer"])
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
TAG = r"[0-9A-F]{8}"
PRIVATE = r"\([0-9A-F]{3}[13579BDF],xx[0-9A-F]{2}\) [^\x00-\x1f]{1,64}"
SOURCE = re.compile(rf"(FG )?{TAG}(/{TAG}){{0,8}}|CSA [^\x00-\x1f]{{1,128}}|{PRIVATE}")
TEXTS = ("description", "unit")
MAX_TEXT = 500
RESERVED = frozenset([
    "differences", "file_row_number", "filename", "instance", "nth", "open_differences",
    "phi_differences", "place", "run", "series",
])  # fmt: skip
"""Names that queries and readers give to columns of their own."""
KEYS = ("description", "phi", "source", "type", "unit", "series")


class InvalidColumns(Exception):
    """``columns.toml`` cannot be used; the message says what to change."""


def load(root: Path) -> tuple[Column, ...]:
    """The columns that the databank at ``root`` promotes; raises ``InvalidColumns``."""
    path = root / FILE
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise InvalidColumns(f"{FILE} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError too
        raise InvalidColumns(f"{FILE} cannot be read: it is not TOML ({error}).") from error
    return parse(content)


def parse(content: Mapping[str, Any]) -> tuple[Column, ...]:
    """The columns that the content of ``columns.toml`` declares; raises ``InvalidColumns``."""
    columns = content.get("columns", {})
    if not isinstance(columns, dict) or content.keys() - {"columns"}:
        raise InvalidColumns(f"{FILE} may hold tables named [columns.NAME] and nothing else.")
    if len(columns) > MAX_COLUMNS:
        raise InvalidColumns(f"{FILE} may promote {MAX_COLUMNS} columns and no more.")
    made: list[Column] = []
    taken = {
        name: {column.name.lower() for column in TABLES[name].columns}
        for name in ("instances", "series")
    }
    for name, entry in columns.items():
        column = _column(name, entry)
        _take(column.name, [column.name], taken["instances"], "instances")
        _take(column.name, [c.name for c in series_columns(column)], taken["series"], "series")
        made.append(column)
    return tuple(made)


def _column(name: str, entry: Any) -> Column:
    if not NAME.fullmatch(name):
        raise _invalid(name, "a name has letters, digits and _ only, a letter first, and up to 63.")
    if name.lower() in RESERVED:
        raise _invalid(name, "this name has a meaning of its own; choose another.")
    if not isinstance(entry, dict) or entry.keys() - set(KEYS):
        raise _invalid(name, f"known keys are {', '.join(KEYS)}.")
    for key in TEXTS:
        text = entry.get(key, "")
        if not isinstance(text, str) or not text.isprintable() or len(text) > MAX_TEXT:
            raise _invalid(name, f"{key} is a text on one line of up to {MAX_TEXT} characters.")
    sources = _sources(name, entry.get("source", []))
    kind = _choice(name, "type", entry.get("type", "text"), TYPES)
    return Column(
        name,
        TYPES[kind],
        entry.get("description") or f"Promoted from {sources[0]}",
        entry.get("unit", ""),
        sources,
        aggregation=_aggregation(name, kind, entry.get("series", USUAL.get(kind, "range"))),
        phi=_phi(name, sources, entry.get("phi")),
    )


def _sources(name: str, given: Any) -> tuple[str, ...]:
    sources = tuple(given) if isinstance(given, list) else (given,)
    for source in sources:
        if not isinstance(source, str) or not SOURCE.fullmatch(source):
            raise _invalid(
                name,
                "a source is a tag such as 00180081, a path such as 00540016/00181074, FG and a "
                "path, CSA and a field name, or (0019,xx0C) and a creator; letters of tags are "
                "capitals.",
            )
        if any(tag >> 16 & 1 for tag in _tags(source)):
            raise _invalid(
                name,
                "a private element is named by its creator, such as (0019,xx0C) SIEMENS MR HEADER.",
            )
    if not sources:
        raise _invalid(name, "a source is needed.")
    return sources


def _phi(name: str, sources: Collection[str], given: Any) -> bool:
    """Whether the column identifies; what has no tag is private, or decoded from what is."""
    if not isinstance(given, bool | None):
        raise _invalid(name, "phi is true or false, without quotes.")
    if any(tag in IDENTIFYING for source in sources for tag in _tags(source)):
        if given is False:
            raise _invalid(
                name,
                "phi cannot be false: the element, or a sequence around it, identifies people "
                "(PS3.15 table E.1-1).",
            )
        return True
    return not all(map(_tags, sources)) if given is None else given


def _aggregation(name: str, kind: str, given: Any) -> tuple[Aggregation, ...]:
    aggregation = SERIES[_choice(name, "series", given, SERIES)]
    if "sum" in aggregation and kind not in SUMMABLE:
        raise _invalid(name, f"series can be sum where type is {' or '.join(sorted(SUMMABLE))}.")
    return aggregation


def _choice(name: str, key: str, given: Any, known: Mapping[str, Any]) -> str:
    if not isinstance(given, str) or given not in known:
        raise _invalid(name, f"{key} is one of {', '.join(known)}.")
    return given


def _take(column: str, names: Collection[str], taken: set[str], table: str) -> None:
    """Reserve names in a table; DuckDB takes names for the same that differ in case only."""
    for name in names:
        if name.lower() in taken:
            said = "of this name" if name == column else f"named {name}"
            raise _invalid(
                column, f"{table} has a column {said} already, whatever the case of its letters."
            )
        taken.add(name.lower())


def _tags(source: str) -> list[int]:
    """The tags of a path, from the outermost; none for private elements and vendors' fields."""
    if source.startswith(("(", "CSA ")):
        return []
    return [int(tag, 16) for tag in source.removeprefix("FG ").split("/")]


def _invalid(name: str, sentence: str) -> InvalidColumns:
    shown = name if NAME.fullmatch(name) else repr(name[:63])
    return InvalidColumns(f"{FILE}, column {shown}: {sentence}")


@lru_cache(maxsize=8)
def with_promoted(promoted: tuple[Column, ...]) -> Mapping[str, Table]:
    """The tables of the schema, ``instances`` and ``series`` with these columns at their end."""
    if not promoted:
        return TABLES
    added = {
        "instances": promoted,
        "series": tuple(made for column in promoted for made in series_columns(column)),
    }
    return {
        **TABLES,
        **{n: replace(TABLES[n], columns=(*TABLES[n].columns, *c)) for n, c in added.items()},
    }


def tables(root: Path) -> Mapping[str, Table]:
    """The tables of the databank at ``root``; raises ``InvalidColumns``."""
    return with_promoted(load(root))
