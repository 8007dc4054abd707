"""Compaction: neighbouring small batches become one, in the same place of the order of time.

Rows keep their surrogate keys, so derived tables stay valid.  Files that were read again since
(``dropped`` says 'changed') are left out with everything that was read from them; duplicates stay,
because a later ingest may make one of them count.  ``lake.json`` is replaced once, at the end; the
old batches go an hour later, when no reader can still be on the snapshot before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import duckdb

from ingest.lake import batch as batches
from ingest.lake import layout, leftovers, lock, manifest, snapshot
from ingest.lake.errors import BatchDamaged, DatabankNotWritable
from ingest.lake.layout import Side
from ingest.lake.manifest import Manifest
from ingest.lake.parts import COMPRESSION_LEVEL, ROW_GROUP_ROWS
from ingest.lake.scans import Scans
from ingest.lake.session import session
from ingest.lake.snapshot import Snapshot
from ingest.lake.sql import literal
from ingest.lake.tables import Tables
from ingest.schema import FORMAT_VERSION, TABLES, Table

TARGET_FILES = 1_000_000
"""Files (rows of ``files``) that a merged batch has at most; half as many make a batch large."""

OF_FILE = {
    "files": "file_id",
    "instances": "instance_id",
    "frames": "instance_id",
    "instance_elements": "instance_id",
}
"""Tables whose rows go with the file they were read from, by which column."""
OF_HEADER = frozenset({"headers", "header_elements", "radiopharmaceuticals"})
"""Tables whose rows go when the last instance of their header goes."""


class Compaction(NamedTuple):
    """What a compaction did: so many batches became so many; so many files were left out."""

    merged: int
    into: int
    left_out: int


def compact(
    root: Path,
    *,
    target: int = TARGET_FILES,
    memory_limit: str = "1GB",
    timeout: float = 0.0,
    grace: float = leftovers.GRACE_SECONDS,
    tables: Tables = TABLES,
) -> Compaction:
    """Merge the small batches of a databank. Readers are not disturbed.

    Takes the writer's lock. Raises DatabankBusy, DatabankNotWritable, BatchDamaged and what
    ``snapshot.read`` raises, and then the lake is as it was.
    """
    with lock.writer(root, timeout):
        state = snapshot.read(root)
        adoptable = leftovers.recover(root, state, grace=grace)
        groups = plan(root, state, target)
        before = _files(root, state.batches)
        merged = {group[-1]: _merge(root, state, group, memory_limit, tables) for group in groups}
        if not merged:
            return Compaction(0, 0, 0)
        gone = {batch for group in groups for batch in group}
        listed = [merged.get(b, b) for b in state.batches if b in merged or b not in gone]
        after = snapshot.advanced(state, listed, state.derived, state.next_part)
        snapshot.write(root, after)
        leftovers.sweep(root, after, keep=adoptable, grace=grace)
    return Compaction(len(gone), len(groups), before - _files(root, listed))


def plan(root: Path, state: Snapshot, target: int = TARGET_FILES) -> list[tuple[str, ...]]:
    """Neighbouring small batches, in groups of two or more with ``target`` files at most."""
    groups: list[tuple[str, ...]] = []
    group: tuple[str, ...] = ()
    total = 0
    for batch in state.batches:
        count = _files(root, [batch])
        if group and total + count > target:
            groups.append(group)
            group, total = (), 0
        if 2 * count > target:  # large: stays as it is, and no group reaches over it
            groups.append(group)
            group, total = (), 0
        else:
            group, total = (*group, batch), total + count
    return [group for group in [*groups, group] if len(group) > 1]


def _files(root: Path, names: Sequence[str]) -> int:
    return sum(manifest.read(root, name).rows().get("files", 0) for name in names)


def _merge(
    root: Path,
    state: Snapshot,
    group: tuple[str, ...],
    memory_limit: str,
    tables: Tables,
) -> str:
    """Write and seal the batch that replaces ``group``; returns its name."""
    manifests = [manifest.read(root, name) for name in group]
    staging = batches.begin_merge(root, state, group[-1])
    try:
        with _sentences(), session(memory_limit) as connection:
            # A join whose sides are swapped would give the rows in another order.
            connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
            scans = Scans.of(root, replace(state, batches=group), identifiers=True)
            _prepare(connection, scans, tables)
            rows = _write(connection, scans, manifests, staging, tables)
        parts = [part for found in manifests for part in found.parts]
        return batches.seal(root, staging, rows, kind="compaction", parts=parts)
    except BaseException:
        batches.discard(staging)
        raise


def _prepare(connection: duckdb.DuckDBPyConnection, scans: Scans, tables: Tables) -> None:
    """Tables ``gone_files`` and ``gone_headers``: ids of what the merged batch leaves out."""
    dropped = scans.scan(tables["dropped"], layout.OPEN)
    instances = scans.scan(tables["instances"], layout.OPEN)
    changed = f"SELECT file_id AS id FROM {dropped.sql} WHERE why = 'changed'" if dropped else ""
    empty = "SELECT CAST(NULL AS BIGINT) AS id WHERE false"
    connection.execute(f"CREATE TABLE gone_files AS {changed or empty}")
    select = empty
    if instances is not None:
        select = (
            f"SELECT header_id AS id FROM {instances.sql} LEFT JOIN gone_files AS g "
            "ON g.id = instance_id GROUP BY header_id HAVING count(*) = count(g.id)"
        )
    connection.execute(f"CREATE TABLE gone_headers AS {select}")


def _write(
    connection: duckdb.DuckDBPyConnection,
    scans: Scans,
    manifests: Sequence[Manifest],
    staging: batches.Staging,
    tables: Tables,
) -> dict[str, int]:
    """Write the merged tables; returns their rows, as ``seal`` wants them.

    Rows stay in the order of batches and parts, which is the order of their keys: sorting a
    million rows of instances by DuckDB within 1 GB took 6 minutes, streaming them takes seconds.
    """
    first = min(part for found in manifests for part in found.parts)
    rows: dict[str, int] = {}
    for side, name in sorted({(f.side, f.table) for found in manifests for f in found.files}):
        folder = staging.open_dir if side == layout.OPEN else staging.phi_dir
        path = folder / layout.part_file(name, first)
        count = _copy(connection, scans, tables[name], side, path)
        if side == layout.OPEN or name in layout.ROW_SPLIT | layout.PHI_ONLY:
            rows[name] = rows.get(name, 0) + count
    return rows


def _copy(
    connection: duckdb.DuckDBPyConnection, scans: Scans, table: Table, side: Side, path: Path
) -> int:
    scan = scans.scan(table, side)
    if scan is None:
        return 0
    kept = f"SELECT t.* FROM {scan.sql} AS t{_without_gone(table.name)}"
    metadata = f"'taglake.format': '{FORMAT_VERSION}', 'taglake.table': {literal(table.name)}"
    written = connection.execute(
        f"COPY ({kept}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd, "
        f"COMPRESSION_LEVEL {COMPRESSION_LEVEL}, ROW_GROUP_SIZE {ROW_GROUP_ROWS}, "
        f"PRESERVE_ORDER true, KV_METADATA {{{metadata}}})"
    ).fetchall()
    count = int(written[0][0])
    if not count:
        path.unlink()  # a table without rows has no file
    return count


def _without_gone(table: str) -> str:
    """The clauses after ``FROM ... AS t`` that leave out what goes with dropped files."""
    if table in OF_FILE:
        return f" ANTI JOIN gone_files AS g ON g.id = t.{OF_FILE[table]}"
    if table in OF_HEADER:
        return " ANTI JOIN gone_headers AS h ON h.id = t.header_id"
    if table == "problems":
        return (
            " ANTI JOIN gone_headers AS h ON h.id = t.header_id"
            " ANTI JOIN gone_files AS g ON g.id = t.instance_id"
        )
    return ""


@contextmanager
def _sentences() -> Iterator[None]:
    """Turn DuckDB's errors, whose texts hold paths, into sentences."""
    try:
        yield
    except duckdb.Error as error:
        if "no space left" in str(error).lower():
            raise DatabankNotWritable("The databank cannot be written: the disk is full.") from None
        raise BatchDamaged(
            f"The batches could not be merged ({type(error).__name__}); the check says more."
        ) from None
