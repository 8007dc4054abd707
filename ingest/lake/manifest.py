"""``manifest.json`` of a batch: its parts, and every file with its size, rows and columns.

It is written last, so its presence says that the batch is complete; it lets views, check and
compaction know what is in a batch without opening a Parquet file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ingest.lake import layout
from ingest.lake.errors import BatchDamaged
from ingest.lake.layout import Side

FORMAT = 1
MAX_BYTES = 256 * 2**20
Kind = Literal["ingest", "compaction"]


class PartFile(NamedTuple):
    """One Parquet file of a batch.

    ``size`` is in bytes, ``columns`` are the names in it, in order, ``digest`` is the BLAKE2b of
    its bytes: Parquet pages carry no checksum that a flipped bit could fail.
    """

    side: Side
    table: str
    part: int
    size: int
    rows: int
    columns: tuple[str, ...]
    digest: str

    @property
    def name(self) -> str:
        return layout.part_file(self.table, self.part)


@dataclass(frozen=True)
class Manifest:
    """What a complete batch holds. ``parts`` are all parts whose rows are in it, ascending."""

    kind: Kind
    parts: tuple[int, ...]
    files: tuple[PartFile, ...]

    def rows(self) -> dict[str, int]:
        """Rows by table; the sides of a table that is split by column count once."""
        rows: dict[str, int] = {}
        for file in self.files:
            counts = file.side == layout.OPEN or file.table in layout.ROW_SPLIT | layout.PHI_ONLY
            rows[file.table] = rows.get(file.table, 0) + (file.rows if counts else 0)
        return rows


def encode(manifest: Manifest) -> bytes:
    """The manifest as JSON; lists of columns are stored once each."""
    schemas = list(dict.fromkeys(file.columns for file in manifest.files))
    place = {columns: n for n, columns in enumerate(schemas)}
    data = {
        "format": FORMAT,
        "kind": manifest.kind,
        "parts": _ranges(manifest.parts),
        "schemas": schemas,
        "files": [
            {
                "side": file.side,
                "table": file.table,
                "part": file.part,
                "bytes": file.size,
                "rows": file.rows,
                "schema": place[file.columns],
                "blake2b": file.digest,
            }
            for file in manifest.files
        ],
    }
    return json.dumps(data, separators=(",", ":")).encode()


def decode(content: bytes) -> Manifest:
    """The manifest that ``content`` is the JSON of; raises BatchDamaged."""
    try:
        data = json.loads(content)
        return _built(data)
    except (ValueError, TypeError, LookupError, RecursionError, AttributeError):
        raise BatchDamaged("The manifest of a batch is damaged.") from None


def read(root: Path, batch: str) -> Manifest:
    """The manifest of a batch that has its final name; raises BatchDamaged."""
    path = layout.batches(root, layout.OPEN) / batch / layout.MANIFEST
    try:
        stat = path.stat()
        return _read(path, stat.st_ino, stat.st_mtime_ns, stat.st_size)
    except OSError:
        raise BatchDamaged("The manifest of a batch is missing or cannot be read.") from None


@lru_cache(maxsize=4096)
def _read(path: Path, inode: int, mtime: int, size: int) -> Manifest:
    """Batches never change, so a manifest is parsed once for as long as it is the same file."""
    if size > MAX_BYTES:
        raise BatchDamaged("The manifest of a batch is damaged.")
    return decode(path.read_bytes())


def _built(data: dict[str, Any]) -> Manifest:
    if data["format"] != FORMAT or data["kind"] not in ("ingest", "compaction"):
        raise ValueError
    if not isinstance(data["files"], list):
        raise TypeError
    schemas = [tuple(_text(name) for name in names) for names in data["schemas"]]
    files = tuple(_part_file(entry, schemas) for entry in data["files"])
    if len({(file.side, file.name) for file in files}) != len(files):
        raise ValueError
    return Manifest(data["kind"], _numbers(data["parts"]), files)


def _part_file(entry: dict[str, Any], schemas: list[tuple[str, ...]]) -> PartFile:
    if entry["side"] not in layout.SIDES:
        raise ValueError
    table, part = entry["table"], _count(entry["part"])
    if layout.parse_part_file(layout.part_file(_text(table), part)) != (table, part):
        raise ValueError
    columns = schemas[_count(entry["schema"])]
    size, rows = _count(entry["bytes"]), _count(entry["rows"])
    return PartFile(entry["side"], table, part, size, rows, columns, _text(entry["blake2b"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


def _ranges(parts: Iterable[int]) -> list[list[int]]:
    """Ascending numbers as [first, last] pairs: [1, 2, 3, 7] -> [[1, 3], [7, 7]]."""
    ranges: list[list[int]] = []
    for part in sorted(set(parts)):
        if ranges and part == ranges[-1][1] + 1:
            ranges[-1][1] = part
        else:
            ranges.append([part, part])
    return ranges


def _numbers(ranges: list[list[int]]) -> tuple[int, ...]:
    parts: list[int] = []
    for first, last in ranges:
        if not (parts[-1] if parts else -1) < _count(first) <= _count(last) <= layout.MAX_PART:
            raise ValueError
        if last - first > 10_000_000:
            raise ValueError
        parts.extend(range(first, last + 1))
    return tuple(parts)
