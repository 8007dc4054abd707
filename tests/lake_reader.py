"""A databank as the app opens it, as a bare connection."""

from __future__ import annotations

from pathlib import Path

import duckdb

from app.lake import open_lake


def open_reader(root: Path, identifiers: bool = False) -> duckdb.DuckDBPyConnection:
    """The views of the current snapshot; raises what ``open_lake`` raises."""
    return open_lake(root, identifiers).connection
