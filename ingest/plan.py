"""What is to be read: the files of the sources that the lake does not know as they are now.

Planning streams: directories are listed, compared with what is known some ten thousand files at a
time, and cut into units that keep a directory's files together, since those share headers.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from ingest.lake import arrow, views
from ingest.lake.session import reading, without_tables
from ingest.lake.snapshot import Snapshot
from ingest.records import Files, Unit, is_plain
from ingest.schema import TABLES
from ingest.sources import Directory, Problem, SourceUnreachable, Walk, printable, resolve, walk

CHUNK = 65_536
"""Files that are listed before any of them is given out: enough to balance them over workers."""
FIRST_SECONDS = 0.2
"""Listing for longer gives out what it has, so that workers do not wait; the next time it may take
twice as long, where files are known and few are given out no longer. Ten thousand files in one
folder take a tenth of this."""
BREATH_SECONDS = 0.1
LARGEST_UNIT = 8192
SMALLEST_UNIT = 256
ARCHIVE_NAMES = (".zip", ".7z", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".tbz2", ".txz")

KNOWN: dict[str, pl.DataType] = {"uri": pl.String(), "size": pl.Int64(), "mtime": pl.Int64()}
MEMBERS: dict[str, pl.DataType] = {**KNOWN, "members": pl.Int64()}


class Known(NamedTuple):
    """Files and archives that were read before: ``uri``, ``size``, ``mtime`` (and ``members``)."""

    files: pl.DataFrame
    containers: pl.DataFrame

    @classmethod
    def nothing(cls) -> Known:
        """Of a new lake, or where everything is to be read again."""
        return cls(pl.DataFrame(schema=KNOWN), pl.DataFrame(schema=MEMBERS))

    def is_nothing(self) -> bool:
        """Whether everything is new."""
        return self.files.is_empty() and self.containers.is_empty()


REFUSALS = tuple(sorted({os.strerror(number) for number in errno.errorcode}))
"""The system's reasons, of which it may think better: such files are read again, if unchanged."""


def known_files(root: Path, snapshot: Snapshot) -> Known:
    """What the lake holds of files, newest reading of each, and of archives read to their end.

    Raises BatchDamaged.
    """
    wanted = {name: TABLES[name] for name in ("files", "containers")}
    tables = views.definitions(root, snapshot, identifiers=True, tables=wanted)
    known = (
        f"SELECT uri, size, mtime FROM ({tables['files']}) WHERE container IS NULL "
        "AND NOT (status = 'error' AND list_contains($refusals, reason))"
    )
    with reading(), without_tables() as connection:
        files = connection.sql(known, params={"refusals": list(REFUSALS)})
        containers = connection.sql(
            f"SELECT uri, size, mtime, members FROM ({tables['containers']})"
        )
        return Known(_frame(files, KNOWN), _frame(containers, MEMBERS))


def _frame(relation: duckdb.DuckDBPyRelation, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    # materialised first, so that what fails does so as an error of DuckDB
    return arrow.frame(relation.materialize()).cast(pl.Schema(schema))


@dataclass
class Plan:
    """The units of a run, and what planning learned while it made them."""

    sources: Sequence[str]
    known: Known
    workers: int
    apart: str = ""
    """Absolute path of the databank itself, which may lie in a source and is not read."""
    walk: Walk = walk
    """How the files of a source are found."""
    unchanged: int = 0
    planned: int = 0
    complete: bool = False
    """Whether ``planned`` is final."""
    unreachable: list[str] = field(default_factory=list)
    _visited: set[str] = field(default_factory=set)

    def units(self) -> Iterator[Unit]:
        """The units, as they become known; files seen twice are given out once.

        Now and then one is empty: listing may take long and find nothing new.
        """
        waiting: list[Directory] = []
        count, patience = 0, FIRST_SECONDS
        growth = 2 if self.known.is_nothing() else 1
        now = time.monotonic()
        breath, due = now + BREATH_SECONDS, now + patience
        for directory in self._directories():
            waiting.append(directory)
            count += len(directory.names) + len(directory.problems)
            now = time.monotonic()
            if count >= CHUNK or now >= due:
                yield from self._cut(waiting)
                waiting, count, patience = [], 0, growth * patience
                due = time.monotonic() + patience
            if now >= breath:
                yield Unit()
                breath = time.monotonic() + BREATH_SECONDS
        last = self._cut(waiting, last=True)
        self.complete = True
        yield from last

    def _directories(self) -> Iterator[Directory]:
        for text in self.sources:
            try:
                for directory in self.walk(resolve(text)):
                    if not self._is_apart(directory.path):
                        yield self._unseen(directory)
            except SourceUnreachable as error:
                self.unreachable.append(str(error))

    def _is_apart(self, path: str) -> bool:
        return bool(self.apart) and (path + os.sep).startswith(self.apart + os.sep)

    def _unseen(self, directory: Directory) -> Directory:
        """The directory without what an overlapping source has given out before."""
        if len(self.sources) == 1:
            return directory
        fresh = [
            i for i, name in enumerate(directory.names)
            if os.path.join(directory.path, name) not in self._visited
        ]  # fmt: skip
        self._visited.update(os.path.join(directory.path, name) for name in directory.names)
        problems = [p for p in directory.problems if p.uri not in self._visited]
        self._visited.update(problem.uri for problem in problems)
        if len(fresh) == len(directory.names):
            return directory._replace(problems=problems)
        return _picked(directory, fresh)._replace(problems=problems)

    def _cut(self, directories: list[Directory], *, last: bool = False) -> list[Unit]:
        """Units of what is new among the files of some directories.

        They are few, since a part costs the same however little is in it, but the ``last`` ones
        become smaller and smaller, so that all workers end at about the same time: with nine units
        of one size two of them ended 56 to 44 (measured).
        """
        fresh = self._fresh(directories)
        total = sum(len(d.names) for d in fresh)
        self.planned += total + sum(len(d.problems) for d in fresh)
        given, least = 0, -(-total // ((4 if last else 1) * self.workers))

        def next_size() -> int:
            left = (total - given) // (2 * self.workers)
            size = max(left, least // 2) if last else least
            return min(LARGEST_UNIT, max(SMALLEST_UNIT, size))

        room = next_size()
        units: list[Unit] = []
        files: list[Files] = []
        problems: list[Problem] = []
        for directory in fresh:
            if directory.problems:
                problems.extend(directory.problems)
            for piece in _pieces(directory, next_size):
                if _heavy(piece):
                    units.append(Unit((piece,)))
                    continue
                if files and len(piece.names) > room:
                    units.append(Unit(tuple(files)))
                    files, room = [], next_size()
                files.append(piece)
                room -= len(piece.names)
                given += len(piece.names)
        if files or problems:
            units.append(Unit(tuple(files), tuple(problems)))
        if last:  # few files of many frames take as long as many small ones: not at the very end
            units.sort(key=_bytes, reverse=True)
        return units

    def _fresh(self, directories: list[Directory]) -> list[Directory]:
        """The directories without the files that did not change since they were read."""
        if self.known.is_nothing():
            return directories
        seen = pl.DataFrame(
            {
                "uri": [uri for d in directories for uri in _uris(d)],
                "size": [size for d in directories for size in d.sizes],
                "mtime": [mtime for d in directories for mtime in d.mtimes],
            },
            schema=KNOWN,
        ).with_row_index("row")
        on = ["uri", "size", "mtime"]
        files = seen.join(self.known.files, on=on, how="semi")["row"]
        archives = seen.join(self.known.containers, on=on).select("row", "members")
        self.unchanged += files.len() + int(archives["members"].sum() or 0)
        old = set(files.to_list()) | set(archives["row"].to_list())
        if not old:
            return self._without_known_problems(directories)
        return self._without_known_problems(list(_without(directories, old)))

    def _without_known_problems(self, directories: list[Directory]) -> list[Directory]:
        """What could not be read is tried again, except what never will: it is unchanged."""
        problems = [p for d in directories for p in d.problems if p.status == "not_dicom"]
        if not problems:
            return directories
        seen = pl.DataFrame(
            [(printable(p.uri), p.size, p.mtime) for p in problems], schema=KNOWN, orient="row"
        )
        old = set(seen.join(self.known.files, on=["uri", "size", "mtime"], how="semi")["uri"])
        self.unchanged += len(old)
        return [
            d._replace(problems=[p for p in d.problems if printable(p.uri) not in old])
            for d in directories
        ]


def _uris(directory: Directory) -> list[str]:
    if not directory.path:
        return [printable(name) for name in directory.names]
    prefix = printable(directory.path)
    return [
        f"{prefix}/{name}" if is_plain(name) else printable(f"{directory.path}/{name}")
        for name in directory.names
    ]


def _without(directories: list[Directory], old: set[int]) -> Iterator[Directory]:
    row = 0
    for d in directories:
        kept = [i for i in range(len(d.names)) if row + i not in old]
        row += len(d.names)
        if len(kept) == len(d.names):
            yield d
        elif kept or d.problems:
            yield _picked(d, kept)


def _picked(directory: Directory, rows: list[int]) -> Directory:
    """The directory with only these of its files."""
    names, sizes, mtimes = directory.names, directory.sizes, directory.mtimes
    return directory._replace(
        names=[names[i] for i in rows],
        sizes=[sizes[i] for i in rows],
        mtimes=[mtimes[i] for i in rows],
    )


def _pieces(directory: Directory, size: Callable[[], int]) -> Iterator[Files]:
    """The files of a directory in pieces of at most ``size()``, possible archives apart."""
    names, sizes = directory.names, directory.sizes
    if len(names) == 1:
        yield Files(*directory[:4])
        return
    apart = {i for i, n_bytes in enumerate(sizes) if _maybe_archive(names[i], n_bytes)}
    for i in sorted(apart):
        yield Files(*_picked(directory, [i])[:4])
    if apart:
        rest = [i for i in range(len(directory.names)) if i not in apart]
        directory = _picked(directory, rest)
    path, names, sizes, mtimes, _ = directory
    start = 0
    while start < len(names):
        cut = slice(start, start + size())
        yield Files(path, names[cut], sizes[cut], mtimes[cut])
        start = cut.stop


def _maybe_archive(name: str, size: int) -> bool:
    return size > 1024 * 1024 and name.lower().endswith(ARCHIVE_NAMES)


def _bytes(unit: Unit) -> int:
    return sum(sum(files.sizes) for files in unit.files)


def _heavy(files: Files) -> bool:
    return len(files.names) == 1 and _maybe_archive(files.names[0], files.sizes[0])
