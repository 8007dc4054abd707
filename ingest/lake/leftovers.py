"""What a crash, a compaction or a newer derived version left behind, and what becomes of it.

A part number is used once in a databank, so parts tell batches apart: a complete batch that
``lake.json`` does not list and whose parts are in no listed batch is new and is adopted; one whose
parts are in a listed batch was merged into that (or is a merge that was never committed) and goes.
Readers may still be on the snapshot before, so complete folders go an hour after they were first
found unlisted; staging folders and halves, which no snapshot ever listed, go at once.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ingest.lake import layout, manifest, snapshot
from ingest.lake.errors import BatchDamaged, SnapshotMissing, writing
from ingest.lake.snapshot import Snapshot

GRACE_SECONDS = 3600.0


def last_known(root: Path) -> Snapshot:
    """The snapshot, or of a databank that lost it an empty one: ``recover`` finds its batches.

    Raises what ``snapshot.read`` raises else.
    """
    try:
        return snapshot.read(root)
    except SnapshotMissing:
        return Snapshot()


def recover(root: Path, state: Snapshot, *, grace: float = GRACE_SECONDS) -> list[str]:
    """Complete batches to adopt, in order of time; clears everything else that is unlisted.

    Needs the writer's lock. Raises BatchDamaged where a listed batch has lost its manifest, or
    DatabankNotWritable.
    """
    with writing():
        adopted = _adoptable(root, state)
        sweep(root, state, keep=adopted, grace=grace)
    return adopted


def sweep(
    root: Path, state: Snapshot, *, keep: Iterable[str] = (), grace: float = GRACE_SECONDS
) -> None:
    """Clear what neither ``state`` lists nor ``keep`` names; needs the lock."""
    _clear(root, layout.batches, {*state.batches, *keep}, _is_sealed, grace)
    _clear(root, layout.derived, {state.derived or ""}, _is_there, grace)


def part_after(root: Path, batches: Iterable[str], next_part: int = 1) -> int:
    """The first part number that is above all those of ``batches``, at least ``next_part``."""
    last = (max(manifest.read(root, batch).parts, default=0) for batch in batches)
    return max([next_part, *(part + 1 for part in last)])


def unlisted(root: Path, state: Snapshot) -> list[str]:
    """Folders that the snapshot does not list, as ``side/batches/name``."""
    listed = {layout.batches: {*state.batches}, layout.derived: {state.derived or ""}}
    return [
        path.relative_to(root).as_posix()
        for place, names in listed.items()
        for side in layout.SIDES
        for path in _folders(place(root, side))
        if path.name not in names
    ]


def _adoptable(root: Path, state: Snapshot) -> list[str]:
    taken = {part for batch in state.batches for part in manifest.read(root, batch).parts}
    unknown = [
        folder.name
        for folder in _folders(layout.batches(root, layout.OPEN))
        if folder.name not in state.batches and _is_sealed(root, folder.name)
    ]
    # Where lake.json itself was lost a merge may lie beside what it merged: the larger one wins.
    parts = {batch: set(manifest.read(root, batch).parts) for batch in unknown}
    found = []
    for batch in sorted(unknown, key=lambda batch: (-len(parts[batch]), batch)):
        if parts[batch] and parts[batch].isdisjoint(taken):
            taken |= parts[batch]
            found.append(batch)
    return sorted(found)


def _is_whole(root: Path, batch: str) -> bool:
    """Whether every file that the manifest of a batch names is there, with its size."""
    try:
        files = manifest.read(root, batch).files
        return all(
            (layout.batches(root, file.side) / batch / file.name).stat().st_size == file.size
            for file in files
        )
    except (BatchDamaged, OSError):
        return False


def _is_sealed(root: Path, name: str) -> bool:
    return layout.batch_name(name) is not None and _is_whole(root, name)


def _is_there(root: Path, name: str) -> bool:
    return not name.startswith(".") and (layout.derived(root, layout.OPEN) / name).is_dir()


def _clear(
    root: Path,
    place: Callable[[Path, layout.Side], Path],
    keep: set[str],
    is_complete: Callable[[Path, str], bool],
    grace: float,
) -> None:
    # Open first: without its open folder a batch is a half, and the next sweep finishes the job.
    sides = [place(root, side) for side in layout.SIDES]
    for name in {folder.name for side in sides for folder in _folders(side)} - keep:
        if is_complete(root, name) and not _has_aged(sides[0] / name, grace):
            continue
        for side in sides:
            if (side / name).is_dir():
                shutil.rmtree(side / name, ignore_errors=True)  # what resists goes next time


def _has_aged(folder: Path, grace: float) -> bool:
    """Whether the folder was first found unlisted ``grace`` seconds ago; marks it if it was not."""
    mark = folder / layout.RETIRED
    try:
        return time.time() - mark.stat().st_mtime >= grace
    except FileNotFoundError:
        mark.touch()
        return grace <= 0


def _folders(path: Path) -> Iterator[Path]:
    if not os.path.isdir(path):  # as a closed folder is to others than its owner
        return
    with os.scandir(path) as entries:
        found = sorted(e.name for e in entries if e.is_dir(follow_symlinks=False))
    for name in found:
        yield path / name
