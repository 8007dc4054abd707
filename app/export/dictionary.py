"""What the columns of an export mean: from the schema, or from the titles of the app's own.

A question may compute a column that no table has; one that has a column's name has its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import polars as pl
from polars._typing import PolarsDataType

from app.export.about import Described
from app.export.cells import is_varying
from app.i18n import DEFAULT, texts
from ingest.schema import TABLES, Column, Table

_TAG = re.compile(r"\b([0-9A-F]{4})([0-9A-F]{4})\b")
_ORDER = ("series", "studies", "instances", "patients", "files", "runs", "findings")


Columns = Mapping[str, Column]


def meanings(table: str, tables: Mapping[str, Table] = TABLES) -> Columns:
    """Name -> the column of the schema that is meant in an export of ``table``."""
    places = [table, *_ORDER, *tables]
    return {
        column.name: column
        for place in reversed(places)
        if place in tables
        for column in tables[place].columns
    }


def described(schema: Mapping[str, pl.DataType], columns: Columns) -> tuple[Described, ...]:
    """The dictionary of a file with these columns."""
    return tuple(_described(name, dtype, columns.get(name)) for name, dtype in schema.items())


def _described(name: str, dtype: pl.DataType, column: Column | None) -> Described:
    if column is None:
        return Described(name, texts(DEFAULT).find(f"column.{name}", ""), type=_type(dtype))
    return Described(name, column.description, column.unit, _source(column.source), _type(dtype))


def _source(places: Iterable[str]) -> str:
    """Tags as they are written in the standard: (0018,0081)."""
    return "; ".join(_TAG.sub(r"(\1,\2)", place) for place in places)


def _inner(dtype: PolarsDataType) -> pl.DataType:
    return dtype if isinstance(dtype, pl.DataType) else dtype()


def _type(dtype: pl.DataType) -> str:
    if isinstance(dtype, (pl.List, pl.Array)):
        return f"list of {_type(_inner(dtype.inner))}"
    if is_varying(dtype):
        assert isinstance(dtype, pl.Struct)
        return f"{_type(_inner(dtype.fields[0].dtype))}, or several as text"
    if isinstance(dtype, pl.Datetime):
        return "date and time (UTC)" if dtype.time_zone else "date and time"
    names: dict[type[pl.DataType], str] = {
        pl.String: "text", pl.Boolean: "true or false", pl.Date: "date", pl.Time: "time",
        pl.Binary: "bytes",
    }  # fmt: skip
    if type(dtype) in names:
        return names[type(dtype)]
    if dtype.is_integer():
        return "whole number"
    return "number" if dtype.is_numeric() else str(dtype).lower()
