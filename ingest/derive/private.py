"""Private elements of series as profiles: what the page of private tags counts.

Only which elements there are, not what they say, so nothing here identifies anybody; but elements
with values that do are counted as well, and they are in files of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from ingest.derive.aggregation import definitions
from ingest.derive.database import text
from ingest.lake import layout
from ingest.lake.scans import Scans
from ingest.lake.snapshot import Snapshot
from ingest.schema import Table
from ingest.schema.private import PRIVATE_BLOCKS, PRIVATE_PROFILES

READ = {
    "instances": ("instance_id", "header_id"),
    "element_keys": ("key_id", "path", "tag", "creator", "private_class"),
    "header_elements": ("header_id", "key_id"),
    "instance_elements": ("instance_id", "key_id"),
}
"""Tables that say which elements instances have, and columns of them."""


def prepare(database: duckdb.DuckDBPyConnection) -> None:
    """Empty tables for the profiles that are made."""
    for made, table in (("made_profiles", PRIVATE_PROFILES), ("made_blocks", PRIVATE_BLOCKS)):
        database.execute(f"CREATE TABLE {made} ({definitions(table.columns)})")


def make(
    database: duckdb.DuckDBPyConnection, root: Path, state: Snapshot, tables: Mapping[str, Table]
) -> None:
    """Make ``private_of``, the profile of each series of ``live``; raises BatchDamaged."""
    parts = database.execute("SELECT DISTINCT instance_id >> 32 FROM live").fetchall()
    scans = Scans.of(
        root, replace(state, derived=None), identifiers=True, parts={part for (part,) in parts}
    )
    for name, columns in READ.items():
        split = name in layout.ROW_SPLIT
        scan = scans.rows(tables[name]) if split else scans.scan(tables[name], layout.OPEN)
        source = f"FROM {scan.sql}" if scan else f"FROM {name} WHERE false"
        database.execute(f"CREATE VIEW touched_{name} AS SELECT {', '.join(columns)} {source}")
    database.execute(text("private_profiles"))


def keep(database: duckdb.DuckDBPyConnection) -> None:
    """Make ``private_profiles`` and ``private_blocks`` of what ``series`` names."""
    database.execute(text("private_kept"))
