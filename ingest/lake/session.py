"""DuckDB sessions of the lake's own: bounded memory, then the disk, and nothing from a network."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import duckdb

from ingest.lake.errors import BatchDamaged

ALONE: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@contextmanager
def session(memory_limit: str = "1GB") -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory connection; what exceeds ``memory_limit`` goes to a folder that is removed."""
    with tempfile.TemporaryDirectory(prefix="taglake-") as spill:
        config = ALONE | {"memory_limit": memory_limit, "temp_directory": spill}
        with duckdb.connect(config=config) as connection:
            # Footers of several hundred columns, read often.
            connection.execute("SET GLOBAL parquet_metadata_cache = true")
            yield connection


@contextmanager
def without_tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor for a question to a file, or about a statement, that nothing is made for.

    The database behind it is empty and shared by the process: one more takes 25 ms (measured).
    """
    with _shared().cursor() as cursor:
        yield cursor


@contextmanager
def reading() -> Iterator[None]:
    """Turn DuckDB's errors about files, whose texts hold paths, into BatchDamaged."""
    try:
        yield
    except duckdb.Error:
        raise BatchDamaged from None


@cache
def _shared() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config=ALONE)
