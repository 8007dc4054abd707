"""A DuckDB session of the lake's own: bounded memory, then the disk, and nothing from a network."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb


@contextmanager
def session(memory_limit: str = "1GB") -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory connection; what exceeds ``memory_limit`` goes to a folder that is removed."""
    with tempfile.TemporaryDirectory(prefix="taglake-") as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "temp_directory": spill,
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        with duckdb.connect(config=config) as connection:
            # Footers of several hundred columns, read often.
            connection.execute("SET GLOBAL parquet_metadata_cache = true")
            yield connection
