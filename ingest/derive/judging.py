"""The judgements of the rules: rows that a file of SQL adds to ``finding_rows``."""

from __future__ import annotations

import duckdb

from ingest.derive.database import text
from ingest.derive.rules import FILES, Stage


def judge(database: duckdb.DuckDBPyConnection, stage: Stage, **lists: str) -> None:
    """Have the rules of a stage judge; ``lists`` fill the places of their SQL."""
    for file, when in FILES.items():
        if when == stage:
            database.execute(text(f"findings/{file}", **lists))
