"""Columns that a databank adds to ``instances``: any tag, private ones by creator and element.

``columns.toml`` in the folder of a databank holds them:

    [columns.TubeAngle_degrees]
    source = "(0019,xx8F) GEMS_ACQU_01"
    type = "number"
    description = "Angle of the tube at the first view"
    unit = "degrees"
    phi = false

``source`` is written as in the schema (a list gives alternatives, best first), ``type`` is one of
text, number, integer, date, time, datetime, texts, numbers, integers.  Text of private elements
identifies unless ``phi = false`` says otherwise.  The columns are filled for files read from then
on; ``--force`` reads all files again.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from ingest.schema import TABLES, Column, Table

FILE = "columns.toml"
TYPES: dict[str, pl.DataType] = {
    "text": pl.String(), "number": pl.Float64(), "integer": pl.Int64(), "date": pl.Date(),
    "time": pl.Time(), "datetime": pl.Datetime("us"), "texts": pl.List(pl.String),
    "numbers": pl.List(pl.Float64), "integers": pl.List(pl.Int64),
}  # fmt: skip
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
TAG = r"[0-9A-F]{8}"
SOURCE = re.compile(
    rf"(FG )?{TAG}(/{TAG}){{0,8}}|CSA .{{1,128}}|\([0-9A-F]{{4}},xx[0-9A-F]{{2}}\) .{{1,64}}"
)
KEYS = frozenset(["source", "type", "description", "unit", "phi"])


class InvalidColumns(Exception):
    """``columns.toml`` cannot be used; the message says what to change."""


def load(root: Path) -> tuple[Column, ...]:
    """The columns that the databank at ``root`` promotes; raises ``InvalidColumns``."""
    path = root / FILE
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidColumns(f"{FILE} cannot be read: {error}") from error
    columns = content.get("columns", {})
    if not isinstance(columns, dict) or content.keys() - {"columns"}:
        raise InvalidColumns(f"{FILE} may hold tables named [columns.NAME] and nothing else.")
    return tuple(_column(name, entry) for name, entry in columns.items())


def _column(name: str, entry: Any) -> Column:
    where = f"{FILE}, column {name}:"
    if not NAME.fullmatch(name):
        raise InvalidColumns(f"{where} a name has letters, digits and _ only.")
    if name in TABLES["instances"].schema():
        raise InvalidColumns(f"{where} instances has a column of this name already.")
    if not isinstance(entry, dict) or entry.keys() - KEYS:
        raise InvalidColumns(f"{where} known keys are {', '.join(sorted(KEYS))}.")
    sources = entry.get("source", ())
    sources = (sources,) if isinstance(sources, str) else tuple(sources)
    for source in sources:
        if not isinstance(source, str) or not SOURCE.fullmatch(source):
            raise InvalidColumns(
                f"{where} a source is a tag such as 00180081, a path such as 00540016/00181074, "
                "FG and a path, CSA and a field name, or (0019,xx0C) and a creator."
            )
    if not sources:
        raise InvalidColumns(f"{where} a source is needed.")
    kind = entry.get("type", "text")
    if kind not in TYPES:
        raise InvalidColumns(f"{where} type is one of {', '.join(TYPES)}.")
    is_text = kind in ("text", "texts")
    private = any(source.startswith("(") for source in sources)
    return Column(
        name,
        TYPES[kind],
        str(entry.get("description") or f"Promoted from {sources[0]}"),
        str(entry.get("unit", "")),
        sources,
        phi=bool(entry.get("phi", is_text and private)),
    )


@lru_cache(maxsize=8)
def with_promoted(promoted: tuple[Column, ...]) -> Mapping[str, Table]:
    """The tables of the schema, ``instances`` with these columns at its end."""
    if not promoted:
        return TABLES
    instances = TABLES["instances"]
    return {**TABLES, "instances": replace(instances, columns=(*instances.columns, *promoted))}


def tables(root: Path) -> Mapping[str, Table]:
    """The tables of the databank at ``root``; raises ``InvalidColumns``."""
    return with_promoted(load(root))
