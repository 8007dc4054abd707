"""SQL views of a lake: one per table of the schema, over the files that one snapshot lists.

A connection that may not read ``phi/`` gets the same views with NULL in the identifying columns,
so no query needs to know.  Files are named one by one from the manifests, never by a pattern, so
what a snapshot does not list cannot be read by accident.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from ingest.lake import layout
from ingest.lake.scans import Scans
from ingest.lake.selects import select
from ingest.lake.session import reading
from ingest.lake.snapshot import Snapshot
from ingest.lake.sql import identifier, literal, pattern
from ingest.lake.tables import Tables, tables_of
from ingest.schema import TABLES


def definitions(
    root: Path, state: Snapshot, identifiers: bool, tables: Tables | None = None
) -> dict[str, str]:
    """View name -> SELECT, each complete in itself; columns are the schema's, in its order.

    ``tables`` are by default those of the databank. Raises BatchDamaged where a batch has lost its
    manifest, or ColumnsInvalid.
    """
    scans = Scans.of(root, state, identifiers)
    found = tables or tables_of(root)
    return {name: select(scans, table) for name, table in found.items()}


def register(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    state: Snapshot,
    identifiers: bool,
    *,
    schema: str = "main",
    tables: Tables | None = None,
) -> None:
    """Create the views in ``schema`` of a connection; for 1,000 columns this takes about 40 ms.

    Comes before ``confine``, which locks the settings. Raises BatchDamaged where a file is missing,
    cut or another one than the snapshot says, or ColumnsInvalid.
    """
    place = identifier(schema)
    # Footers of several hundred columns: with it queries over 500 files take half the time, those
    # over a series table of 1,000,000 rows a third. GLOBAL: cursors have settings of their own.
    connection.execute("SET GLOBAL parquet_metadata_cache = true")
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {place}")
    with reading():
        for name, text in definitions(root, state, identifiers, tables).items():
            connection.execute(f"CREATE OR REPLACE VIEW {place}.{identifier(name)} AS {text}")


def comment(
    connection: duckdb.DuckDBPyConnection, *, schema: str = "main", tables: Tables = TABLES
) -> None:
    """Attach the schema's descriptions and units to registered views, for people who write SQL.

    Apart from ``register`` because a thousand COMMENT statements take 0.4 s.
    """
    connection.execute(";".join(_comments(identifier(schema), tables)))


def confine(connection: duckdb.DuckDBPyConnection, root: Path, identifiers: bool) -> None:
    """Let a connection read the databank's files and nothing else, for good.

    The order matters: directories can be allowed only while external access is on, and nothing can
    be set once the configuration is locked.  Other settings (``temp_directory``) come before.
    """
    sides = layout.SIDES if identifiers else (layout.OPEN,)
    folders = [root.resolve() / side for side in sides]
    # Views name files as patterns, and both the pattern and the file it means must be allowed.
    allowed = dict.fromkeys(text for f in folders for text in (str(f), pattern(f)))
    connection.execute(f"SET allowed_directories = [{', '.join(map(literal, allowed))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _comments(place: str, tables: Tables) -> Iterator[str]:
    for table in tables.values():
        view = f"{place}.{identifier(table.name)}"
        yield f"COMMENT ON VIEW {view} IS {literal(table.description)}"
        for column in table.columns:
            unit = f" [{column.unit}]" if column.unit else ""
            name = f"{view}.{identifier(column.name)}"
            yield f"COMMENT ON COLUMN {name} IS {literal(column.description + unit)}"
