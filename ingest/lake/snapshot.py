"""``lake.json``: which batches and which derived version are the lake right now.

It is the only mutable file readers depend on, so it is small, checked strictly when read, and
replaced atomically when written.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ingest.lake import layout
from ingest.lake.durable import replace_file
from ingest.lake.errors import (
    DatabankNotFound,
    DatabankNotReadable,
    FormatTooNew,
    NotADatabank,
    SnapshotDamaged,
    SnapshotMissing,
    reason,
    writing,
)

MAX_BYTES = 64 * 2**20  # a million batches; more is not a lake.json of ours


@dataclass(frozen=True)
class Snapshot:
    """One state of a lake.

    ``version`` grows by one with every change; ``batches`` are in the order of time; ``derived``
    is the folder of the derived tables, None before the first; parts from ``next_part`` on are
    unused.
    """

    format: int = layout.FORMAT_VERSION
    version: int = 0
    batches: tuple[str, ...] = ()
    derived: str | None = None
    next_part: int = 1


def read(root: Path) -> Snapshot:
    """The current snapshot; an empty one where nothing was ever written.

    Raises DatabankNotFound, NotADatabank, DatabankNotReadable, SnapshotDamaged, SnapshotMissing or
    FormatTooNew.
    """
    try:
        try:
            with open(root / layout.SNAPSHOT, "rb") as file:
                content = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return _unwritten(root)
    except NotADirectoryError:
        raise DatabankNotFound from None
    except OSError as error:
        raise DatabankNotReadable(f"The databank cannot be read: {reason(error)}.") from error
    return parse(content)


def write(root: Path, snapshot: Snapshot) -> None:
    """Make ``snapshot`` the state of the lake; raises DatabankNotWritable and changes nothing."""
    content = json.dumps(asdict(snapshot), indent=1).encode() + b"\n"
    with writing():
        replace_file(root / layout.SNAPSHOT, content)


def advanced(
    snapshot: Snapshot, batches: Sequence[str], derived: str | None, next_part: int
) -> Snapshot:
    """The snapshot after ``snapshot``: these batches, this derived version, these parts used up.

    Batches are put in the order of their names, which is that of time.
    """
    return replace(
        snapshot,
        version=snapshot.version + 1,
        batches=tuple(sorted(batches)),
        derived=derived,
        next_part=max(snapshot.next_part, next_part),
    )


def parse(content: bytes) -> Snapshot:
    """The snapshot that a lake.json holds; raises SnapshotDamaged or FormatTooNew."""
    if len(content) > MAX_BYTES:
        raise SnapshotDamaged
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise SnapshotDamaged from None
    if not isinstance(data, dict) or not _is_count(data.get("format")):
        raise SnapshotDamaged
    if data["format"] > layout.FORMAT_VERSION:
        raise FormatTooNew
    if not _is_valid(data):
        raise SnapshotDamaged
    return Snapshot(
        format=data["format"],
        version=data["version"],
        batches=tuple(data["batches"]),
        derived=data["derived"],
        next_part=data["next_part"],
    )


def _unwritten(root: Path) -> Snapshot:
    """The empty snapshot, where there is a databank at all; raises OSError, too."""
    if not root.is_dir():
        raise DatabankNotFound
    if not layout.is_databank(root):
        raise NotADatabank("The folder is not a databank.")
    if layout.has_batches(root):
        raise SnapshotMissing
    return Snapshot()


def _is_valid(data: dict[str, Any]) -> bool:
    names, derived = data.get("batches"), data.get("derived", "missing!")
    return (
        _is_count(data.get("version"))
        and _is_count(data.get("next_part"))
        and 1 <= data["next_part"] <= layout.MAX_PART + 1
        and isinstance(names, list)
        and all(isinstance(name, str) and layout.batch_name(name) for name in names)
        and len(set(names)) == len(names)
        and (
            derived is None
            or (isinstance(derived, str) and bool(layout.VERSION_NAME.fullmatch(derived)))
        )
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
