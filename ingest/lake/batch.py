"""A batch on its way into the lake: begun in staging folders, sealed under its final name.

Sealing writes the manifest, forces everything to the disk, renames the phi folder and then the
open one. So a batch is complete exactly when its open folder has its final name, whatever happened
in between, and ``leftovers`` can tell what a crash left behind.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from ingest.lake import layout
from ingest.lake.digests import digest
from ingest.lake.durable import rename_folder, sync_file, sync_folder, write_file
from ingest.lake.errors import BatchDamaged, DatabankNotWritable, writing
from ingest.lake.footers import shapes
from ingest.lake.layout import BatchName, Side
from ingest.lake.leftovers import part_after, recover
from ingest.lake.manifest import Kind, Manifest, PartFile, encode
from ingest.lake.snapshot import Snapshot

__all__ = ["Staging", "begin", "begin_merge", "discard", "part_after", "recover", "seal"]


class Staging(NamedTuple):
    """Where the parts of a batch are written until it is sealed."""

    batch: str
    open_dir: Path
    phi_dir: Path


def begin(root: Path, snapshot: Snapshot) -> Staging:
    """Make empty staging folders for a batch that sorts after all others; needs the lock.

    Raises DatabankNotWritable.
    """
    return _stage(root, BatchName(max((n.number for n in _used(root, snapshot)), default=0) + 1))


def begin_merge(root: Path, snapshot: Snapshot, last: str) -> Staging:
    """Make empty staging folders for what batches up to ``last`` become: it sorts where they do.

    Raises DatabankNotWritable or BatchDamaged.
    """
    name = layout.batch_name(last)
    if name is None:
        raise BatchDamaged("A batch has a name that is not a batch's.")
    used = (n.generation for n in _used(root, snapshot) if n.number == name.number)
    return _stage(root, BatchName(name.number, max(used, default=0) + 1))


def _stage(root: Path, name: BatchName) -> Staging:
    if name.number > 99_999_999:
        raise DatabankNotWritable("The databank has used up all numbers of batches.")
    open_dir, phi_dir = (layout.batches(root, s) / f"{layout.STAGING}{name}" for s in layout.SIDES)
    with writing():
        for folder in (open_dir, phi_dir):
            folder.mkdir(parents=True)
    return Staging(str(name), open_dir, phi_dir)


def seal(
    root: Path,
    staging: Staging,
    rows: Mapping[str, int],
    *,
    kind: Kind = "ingest",
    parts: Iterable[int] | None = None,
) -> str:
    """Make a staged batch complete and return its name; ``lake.json`` does not list it yet.

    ``rows`` is what the writers say they wrote, by table; another number in the files raises
    BatchDamaged. ``parts`` are those whose rows are in the batch, by default those of the file
    names. Raises DatabankNotWritable.
    """
    with writing():
        files = tuple(_described(staging.open_dir, "open") + _described(staging.phi_dir, "phi"))
        manifest = Manifest(kind, _parts(parts, files), files)
        _compare(manifest.rows(), rows)
        write_file(staging.open_dir / layout.MANIFEST, encode(manifest))
        for folder in (staging.phi_dir, staging.open_dir):
            for file in sorted(folder.iterdir()):
                sync_file(file)
            sync_folder(folder)
        rename_folder(staging.phi_dir, layout.batches(root, "phi") / staging.batch)
        rename_folder(staging.open_dir, layout.batches(root, "open") / staging.batch)
    return staging.batch


def discard(staging: Staging) -> None:
    """Remove the staging folders of a batch that will not be sealed."""
    for folder in (staging.open_dir, staging.phi_dir):
        if folder.is_dir():
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()


def _used(root: Path, snapshot: Snapshot) -> list[BatchName]:
    """Names of all batches that are listed or on the disk, in whatever state."""
    found = set(snapshot.batches)
    for side in layout.SIDES:
        folder = layout.batches(root, side)
        if folder.is_dir():
            found.update(name.removeprefix(layout.STAGING) for name in os.listdir(folder))
    return [name for name in map(layout.batch_name, found) if name is not None]


def _described(folder: Path, side: Side) -> list[PartFile]:
    """The Parquet files of a staging folder, by table and part."""
    found = []
    for path in folder.iterdir():
        named = layout.parse_part_file(path.name)
        if named is None:
            raise BatchDamaged("A file that is not a part of a table is in a new batch.")
        found.append((*named, path))
    known = shapes([path for *_, path in found])
    return [
        PartFile(
            side,
            table,
            part,
            size=path.stat().st_size,
            rows=known[path].rows,
            columns=known[path].columns,
            digest=digest(path),
        )
        for table, part, path in sorted(found)
    ]


def _parts(given: Iterable[int] | None, files: Iterable[PartFile]) -> tuple[int, ...]:
    return tuple(sorted({file.part for file in files} if given is None else set(given)))


def _compare(found: Mapping[str, int], said: Mapping[str, int]) -> None:
    for table in sorted(found.keys() | said.keys()):
        if found.get(table, 0) != said.get(table, 0):
            raise BatchDamaged(
                f"A new batch has {found.get(table, 0)} rows of {table}, not {said.get(table, 0)}."
            )
