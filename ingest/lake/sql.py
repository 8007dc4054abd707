"""Pieces of SQL text: quoted names, quoted strings, DuckDB's name of a Polars type."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ingest.schema.sql_types import type_name

__all__ = ["identifier", "literal", "parquet", "pattern", "type_name"]


def identifier(name: str) -> str:
    """``name`` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """``text`` as an SQL string; NUL, which SQL cannot carry, raises ValueError."""
    if "\0" in text:
        raise ValueError("a NUL character cannot be part of an SQL string")
    return "'" + text.replace("'", "''") + "'"


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
