"""Writing a version of the derived tables: under a temporary name, flushed, then renamed.

The phi side gets its name first, so a version whose open folder is there is complete; a snapshot
names it only afterwards.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import duckdb

from ingest.derive import protocols, quality
from ingest.derive.aggregation import typed
from ingest.derive.database import side_by_side, text
from ingest.derive.gathering import Runs, frame
from ingest.lake import digests, layout
from ingest.lake.durable import rename_folder, sync_file, sync_folder
from ingest.lake.errors import writing
from ingest.lake.layout import Side
from ingest.lake.snapshot import Snapshot
from ingest.lake.sql import identifier
from ingest.schema import Table

RELATIONS = {
    "dropped": "dropped",
    "studies": "studies",
    "patients": "patients",
    "protocols": "protocols",
    "private_profiles": "private_profiles",
    "private_blocks": "private_blocks",
    "findings": "findings",
    "findings_gone": "findings_gone",
}
"""Derived table -> relation of the connection that holds its rows; not those of series."""


class Version(NamedTuple):
    """A version on its way: its name, its two folders, and room for what memory cannot hold."""

    name: str
    open_dir: Path
    phi_dir: Path
    spill: Path

    def folder(self, side: Side) -> Path:
        return self.open_dir if side == layout.OPEN else self.phi_dir


@contextmanager
def staged(root: Path, state: Snapshot) -> Iterator[Version]:
    """Empty folders for the next version, gone afterwards unless it was published.

    Raises DatabankNotWritable.
    """
    name = str(_next(root, state))
    open_dir, phi_dir = (layout.derived(root, s) / f"{layout.STAGING}{name}" for s in layout.SIDES)
    version = Version(name, open_dir, phi_dir, phi_dir.with_name(f"{phi_dir.name}-spill"))
    try:
        with writing():
            for folder in version[1:]:
                folder.mkdir(parents=True)
        yield version
    finally:
        for folder in version[1:]:
            _remove(folder)


def publish(
    database: duckdb.DuckDBPyConnection,
    root: Path,
    version: Version,
    tables: Mapping[str, Table],
    runs: Runs,
    conclude: Callable[[], None] | None = None,
) -> None:
    """Write all derived tables and give the version its name; raises DatabankNotWritable.

    ``conclude`` makes RELATIONS where they are not there already, while the rows of series are
    gathered outside of the database.
    """
    order = frame(database, text("order")).sort("nth")
    values = version.spill / "quality.parquet"
    quality.write(database, values)

    def written(side: Side) -> None:
        path = version.folder(side) / "series.parquet"
        runs.write(order, values, tables["series"], side, path, metadata("series"))

    side_by_side([*([conclude] if conclude else []), *(partial(written, s) for s in layout.SIDES)])
    for name, relation in RELATIONS.items():
        for side in layout.SIDES:
            _write(database, tables[name], relation, side, version.folder(side))
    with writing():
        digests.write({side: version.folder(side) for side in layout.SIDES})
        for side in reversed(layout.SIDES):
            for file in version.folder(side).iterdir():
                sync_file(file)
            sync_folder(version.folder(side))
        for side in reversed(layout.SIDES):
            rename_folder(version.folder(side), layout.derived(root, side) / version.name)


def _write(
    database: duckdb.DuckDBPyConnection, table: Table, relation: str, side: Side, folder: Path
) -> None:
    names = layout.stored_columns(table, side)
    if not names:
        return
    columns = typed(table.column(name) for name in names)
    said = ", ".join(f"'{key}': '{value}'" for key, value in metadata(table.name).items())
    order = ", ".join(f"{identifier(key)} NULLS FIRST" for key in table.key)
    database.execute(
        f"COPY (SELECT {columns} FROM {relation} ORDER BY {order}) TO $1 (FORMAT parquet, "
        "COMPRESSION zstd, COMPRESSION_LEVEL 1, PRESERVE_ORDER true, "
        f"KV_METADATA {{{said}}})",
        [str(folder / f"{table.name}.parquet")],
    )


def _remove(folder: Path) -> None:
    """Remove a folder, also one in which a thread of a writer that failed still makes its file."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.02)


def metadata(table: str) -> dict[str, str]:
    """What a file says about itself; one of fingerprints also what these were made of."""
    said = {"taglake.format": str(layout.FORMAT_VERSION), "taglake.table": table}
    return said | ({protocols.MADE_BY: protocols.digest()} if table == "protocols" else {})


def _next(root: Path, state: Snapshot) -> int:
    """A number above those of all versions, finished or not."""
    names = {state.derived or ""}
    for side in layout.SIDES:
        folder = layout.derived(root, side)
        if folder.is_dir():
            names |= {path.name.removeprefix(layout.STAGING) for path in folder.iterdir()}
    return max((int(name) for name in names if name.isascii() and name.isdigit()), default=0) + 1
