"""The Parquet files of a snapshot as SQL: one FROM item per table and side.

What a table's files are is read from the manifests and, for derived tables, from the folder of the
version that the snapshot names.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ingest.lake import digests, footers, layout, manifest
from ingest.lake.errors import BatchDamaged, PhiNotReadable
from ingest.lake.layout import Side
from ingest.lake.snapshot import Snapshot
from ingest.lake.sql import parquet
from ingest.schema import Table


class Scan(NamedTuple):
    """Files of one table, as a FROM item, and the columns that at least one of them has."""

    sql: str
    columns: frozenset[str]


@dataclass(frozen=True)
class Scans:
    """All files of a snapshot that a reader may see: of phi/ only where ``identifiers`` is true."""

    root: Path
    state: Snapshot
    identifiers: bool
    _paths: Mapping[tuple[Side, str], list[tuple[Path, tuple[str, ...]]]]
    _columns: dict[Path, frozenset[str]] = field(default_factory=dict)
    """Columns of derived tables, as far as they were asked for: their files never change."""

    @classmethod
    def of(
        cls,
        root: Path,
        state: Snapshot,
        identifiers: bool,
        *,
        parts: Set[int] | None = None,
    ) -> Scans:
        """Of all parts, or only the files that may hold rows of some ``parts``.

        Raises BatchDamaged where a batch has lost its manifest, or PhiNotReadable.
        """
        root = root.resolve()
        if identifiers and state.batches and layout.phi_is_closed(root):
            raise PhiNotReadable
        paths: dict[tuple[Side, str], list[tuple[Path, tuple[str, ...]]]] = {}
        for batch in state.batches:
            held = manifest.read(root, batch)
            for file in held.files:
                numbers = (file.part,) if held.kind == "ingest" else held.parts
                if parts is not None and parts.isdisjoint(numbers):
                    continue
                path = layout.batches(root, file.side) / batch / file.name
                paths.setdefault((file.side, file.table), []).append((path, file.columns))
        return cls(root, state, identifiers, paths)

    def paths(self, table: Table, side: Side) -> list[Path]:
        """The files of a table that batches hold, on one side."""
        return [path for path, _ in self._paths.get((side, table.name), [])]

    def scan(self, table: Table, side: Side) -> Scan | None:
        """The rows of ``table`` on ``side``; None if there are none or they may not be read.

        Raises BatchDamaged where the file of a derived table is missing or damaged.
        """
        if side == layout.PHI and not self.identifiers:
            return None
        if table.stored == "derived":
            return self._derived(table.name, side)
        return self._combined(self._paths.get((side, table.name), []))

    def rows(self, table: Table) -> Scan | None:
        """The rows of a table that is kept whole, split by rows, or all under phi/."""
        sides = layout.SIDES if self.identifiers else (layout.OPEN,)
        files = [file for side in sides for file in self._paths.get((side, table.name), [])]
        return self._combined(files)

    @cached_property
    def dropped(self) -> str | None:
        """A FROM item with the rows of ``dropped``, None if there are none."""
        scan = self._derived("dropped", layout.OPEN)
        if scan is None or self.state.derived is None:
            return None
        path = layout.derived(self.root, layout.OPEN) / self.state.derived / "dropped.parquet"
        return scan.sql if footers.shapes([path])[path].rows else None

    @staticmethod
    def _combined(files: list[tuple[Path, tuple[str, ...]]]) -> Scan | None:
        if not files:
            return None
        schemas = {columns for _, columns in files}
        sql = parquet((path for path, _ in files), by_name=len(schemas) > 1)
        return Scan(sql, frozenset().union(*schemas))

    def _derived(self, name: str, side: Side) -> Scan | None:
        if self.state.derived is None:
            return None
        path = layout.derived(self.root, side) / self.state.derived / f"{name}.parquet"
        if not os.path.isfile(path):
            if self._was_derived(path, side):
                raise BatchDamaged
            return None  # an older version of Taglake did not have the table
        if path not in self._columns:
            self._columns[path] = frozenset(footers.columns(path))
        return Scan(parquet([path], by_name=False), self._columns[path])

    def _was_derived(self, path: Path, side: Side) -> bool:
        """Whether the version that is missing a file once had it, or is missing altogether."""
        version = layout.derived(self.root, layout.OPEN) / (self.state.derived or "")
        return not os.path.isdir(version) or f"{side}/{path.name}" in digests.read(version)
