"""Pieces of SQL text: quoted names, quoted strings, DuckDB's name of a Polars type."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "VARCHAR",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    pl.Time: "TIME",
}


def identifier(name: str) -> str:
    """``name`` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """``text`` as an SQL string; NUL, which SQL cannot carry, raises ValueError."""
    if "\0" in text:
        raise ValueError("a NUL character cannot be part of an SQL string")
    return "'" + text.replace("'", "''") + "'"


def type_name(dtype: pl.DataType) -> str:
    """DuckDB's name of a column type of the schema; ValueError for one the schema does not use."""
    if isinstance(dtype, pl.List):
        inner = dtype.inner
        return type_name(inner if isinstance(inner, pl.DataType) else inner()) + "[]"
    if isinstance(dtype, pl.Datetime) and dtype.time_unit == "us":
        return "TIMESTAMP WITH TIME ZONE" if dtype.time_zone else "TIMESTAMP"
    try:
        return _TYPES[type(dtype)]
    except KeyError:
        raise ValueError(f"no SQL type for {dtype}") from None


def parquet(paths: Iterable[Path], *, by_name: bool) -> str:
    """A FROM item that reads these Parquet files as one table.

    ``by_name`` makes DuckDB read every file's columns before the query; without it those of the
    first count for all, which is much faster where the columns are known to be the same.
    """
    names = ", ".join(literal(pattern(path)) for path in paths)
    return f"read_parquet([{names}], union_by_name = {by_name}, hive_partitioning = false)"


def pattern(path: Path) -> str:
    """The path with its pattern characters in brackets, so that it means this file only."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))
