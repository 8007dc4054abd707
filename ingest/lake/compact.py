"""Compaction: neighbouring small batches become one, in the same place of the order of time.

Rows keep their surrogate keys, so derived tables stay valid.  Files that were read again since
(``dropped`` says 'changed') are left out with everything that was read from them; duplicates stay,
because a later ingest may make one of them count.  ``lake.json`` is replaced once, at the end; the
old batches go an hour later, when no reader can still be on the snapshot before.

Polars streams the rows: it keeps their order, which is that of their keys, where DuckDB loses it in
a join and took minutes to sort the rows of a million instances within 1 GB.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import polars as pl

from ingest.lake import batch as batches
from ingest.lake import layout, leftovers, lock, manifest, parts, snapshot
from ingest.lake.errors import BatchDamaged, DatabankNotWritable
from ingest.lake.layout import Side
from ingest.lake.manifest import Manifest
from ingest.lake.snapshot import Snapshot

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
    timeout: float = 0.0,
    grace: float = leftovers.GRACE_SECONDS,
) -> Compaction:
    """Merge the small batches of a databank. Readers are not disturbed.

    ``target`` is the most files a merged batch may have, ``timeout`` how many seconds to wait for
    another writer, ``grace`` how many seconds the old batches stay.

    Takes the writer's lock. Raises DatabankBusy, DatabankNotWritable, BatchDamaged and what
    ``snapshot.read`` raises, and then the lake is as it was.
    """
    with lock.writer(root, timeout):
        state = snapshot.read(root)
        adoptable = leftovers.recover(root, state, grace=grace)
        groups = plan(root, state, target)
        before = _files(root, state.batches)
        merged = {group[-1]: _merge(root, state, group) for group in groups}
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


class _Gone(NamedTuple):
    """Ids of what a merged batch leaves out."""

    files: pl.Series
    headers: pl.Series


def _merge(root: Path, state: Snapshot, group: tuple[str, ...]) -> str:
    """Write and seal the batch that replaces ``group``; returns its name."""
    found = [manifest.read(root, name) for name in group]
    numbers = [part for one in found for part in one.parts]
    paths: dict[tuple[Side, str], list[Path]] = {}
    for name, one in zip(group, found, strict=True):
        for file in one.files:
            path = layout.batches(root, file.side) / name / file.name
            paths.setdefault((file.side, file.table), []).append(path)
    staging = batches.begin_merge(root, state, group[-1])
    try:
        with _sentences():
            gone = _gone(root, state, paths.get(("open", "instances"), []))
            rows = _write(paths, gone, staging, min(numbers, default=0))
        if gone.files.is_empty() and +Counter(rows) != _total(found):
            raise BatchDamaged(
                "The merged batch has other rows than its batches; it was discarded."
            )
        return batches.seal(root, staging, rows, kind="compaction", parts=numbers)
    except BaseException:
        batches.discard(staging)
        raise


def _total(found: Iterable[Manifest]) -> Counter[str]:
    """Rows by table of several batches."""
    total: Counter[str] = Counter()
    for one in found:
        total.update(one.rows())
    return +total


def _gone(root: Path, state: Snapshot, instances: Sequence[Path]) -> _Gone:
    """Files that were read again, and headers all of whose instances were in such files."""
    none = pl.Series("id", [], dtype=pl.Int64)
    dropped = layout.derived(root, "open") / (state.derived or "") / "dropped.parquet"
    if state.derived is None or not dropped.is_file():
        return _Gone(none, none)
    changed = pl.scan_parquet(dropped, glob=False).filter(pl.col("why") == "changed")
    files = changed.select("file_id").collect().to_series()
    if not instances or files.is_empty():
        return _Gone(files, none)
    headers = (
        _rows(instances)
        .group_by("header_id")
        .agg(pl.col("instance_id").is_in(files.implode()).all().alias("all"))
        .filter("all")
        .select("header_id")
        .collect()
        .to_series()
    )
    return _Gone(files, headers)


def _write(
    paths: dict[tuple[Side, str], list[Path]], gone: _Gone, staging: batches.Staging, part: int
) -> dict[str, int]:
    """Write the merged tables as one part each; returns their rows, as ``seal`` wants them."""
    rows: dict[str, int] = {}
    for (side, table), files in sorted(paths.items()):
        folder = staging.open_dir if side == layout.OPEN else staging.phi_dir
        kept = _rows(files)
        for condition in _kept(table, gone):
            kept = kept.filter(condition)
        count = parts.sink(kept, folder, table, part)
        if side == layout.OPEN or table in layout.ROW_SPLIT | layout.PHI_ONLY:
            rows[table] = rows.get(table, 0) + count
    return rows


def _rows(paths: Sequence[Path]) -> pl.LazyFrame:
    """The rows of several files, in their order; where columns differ, those of all of them.

    A column whose type changed (a promoted one) gets its last type, and NULL where that fails.
    """
    scans = [pl.scan_parquet(path, glob=False, hive_partitioning=False) for path in paths]
    schemas = [dict(scan.collect_schema()) for scan in scans]
    if all(schema == schemas[0] for schema in schemas):
        return pl.scan_parquet(list(paths), glob=False, hive_partitioning=False)
    every = {name: dtype for schema in schemas for name, dtype in schema.items()}
    return pl.concat(
        scan.select(
            (pl.col(name) if name in schema else pl.lit(None, dtype).alias(name)).cast(
                dtype, strict=False
            )
            for name, dtype in every.items()
        )
        for scan, schema in zip(scans, schemas, strict=True)
    )


def _kept(table: str, gone: _Gone) -> Iterable[pl.Expr]:
    """Conditions of rows that do not go with a file or a header that is left out."""
    column = OF_FILE.get(table, "instance_id" if table == "problems" else None)
    if column is not None and len(gone.files):
        yield ~pl.col(column).is_in(gone.files.implode()).fill_null(False)
    if (table in OF_HEADER or table == "problems") and len(gone.headers):
        yield ~pl.col("header_id").is_in(gone.headers.implode()).fill_null(False)


@contextmanager
def _sentences() -> Iterator[None]:
    """Turn errors of Polars, whose texts hold paths, into sentences."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        if "no space left" in str(error).lower():
            raise DatabankNotWritable("The databank cannot be written: the disk is full.") from None
        raise BatchDamaged(
            f"The batches could not be merged ({type(error).__name__}); the check says more."
        ) from None
