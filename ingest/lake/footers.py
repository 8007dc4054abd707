"""What Parquet files say about themselves: rows and columns, read from their footers.

DuckDB reads them because on files with random damage it always raised an error of its own, where
Polars' reader sometimes panics.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from ingest.lake.errors import BatchDamaged
from ingest.lake.sql import parquet, pattern


class Footer(NamedTuple):
    """Rows of a file, and DuckDB's names of its columns' types."""

    rows: int
    types: dict[str, str]


def read(connection: duckdb.DuckDBPyConnection, path: Path) -> Footer:
    """The footer of a Parquet file; raises BatchDamaged where it is not one."""
    count = "SELECT num_rows FROM parquet_file_metadata($path)"
    try:
        rows = connection.execute(count, {"path": pattern(path)}).fetchall()
        columns = connection.execute(
            f"DESCRIBE SELECT * FROM {parquet([path], by_name=False)}"
        ).fetchall()
    except duckdb.Error:
        raise BatchDamaged("A file is not a whole Parquet file.") from None
    return Footer(rows[0][0], {name: dtype for name, dtype, *_ in columns})


def read_all(paths: Iterable[Path]) -> dict[Path, Footer]:
    """The footers of several files; raises BatchDamaged where one is not a Parquet file."""
    with duckdb.connect() as connection:
        return {path: read(connection, path) for path in paths}


def columns(path: Path) -> tuple[str, ...]:
    """Names of the columns of a file, quickly; raises BatchDamaged where it is not Parquet."""
    try:
        return tuple(pl.scan_parquet(path, glob=False).collect_schema())
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        raise BatchDamaged("A table of the databank is damaged; the check says which.") from None
