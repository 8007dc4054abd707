"""A unit of work in one process: read its files, descend into its archives, write its parts.

A worker keeps nothing between units, so any executor that maps a function over units will do.
Every file of a unit becomes exactly one row of ``files``, whatever happens while it is read.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import parent_process
from multiprocessing.sharedctypes import Synchronized
from typing import Any

import polars as pl

from ingest.flatten import flatten
from ingest.header.reading import FIRST_READ, MAX_HEADER, Read
from ingest.lake import layout, parts
from ingest.part import FileRow, Part
from ingest.records import PARTS_OF_A_UNIT, Batch, Files, Job, Unit, Written, is_plain
from ingest.schema import TABLES
from ingest.sources import Member, Problem, ReadProblem, archive, printable

REPORT_EVERY = 256
MAX_UNDECLARED = 256 * 1024 * 1024
"""Of a file in a format that states no size (one gzipped file) this much is read."""


@dataclass
class Shared:
    """What a worker process shares with the main one: a count of files, and a wish to stop."""

    done: Synchronized[int] | None = None
    stop: Any = None  # a RawValue, which has no public type; an Event would cost 3 microseconds

    def advance(self, files: int) -> None:
        """Tell of ``files`` more files."""
        if self.done is not None:
            with self.done.get_lock():
                self.done.value += files

    @property
    def stopping(self) -> bool:
        """Whether the run is to end."""
        return self.stop is not None and bool(self.stop.value)


SHARED = Shared()


def share(done: Synchronized[int], stop: Any) -> None:
    """Initialise a worker process: it leaves Ctrl-C to the main one and ends with that."""
    SHARED.done, SHARED.stop = done, stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker that outlived a killed run would write into the staging folder of the next one."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class TooManyParts(Exception):
    """A unit needs more parts than there are numbers for it: it has to be read in pieces."""


@dataclass
class _Writer:
    """The part being read, and what was written before it."""

    batch: Batch
    number: int
    job: Job
    part: Part = field(default_factory=Part)
    rows: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    containers: list[tuple[str, int, int, int]] = field(default_factory=list)
    bytes: int = 0
    reported: int = 0
    left: int = PARTS_OF_A_UNIT

    def tick(self) -> None:
        """Write the part if it is full; now and then tell how far the worker is."""
        if len(self.part.files) - self.reported >= REPORT_EVERY:
            SHARED.advance(len(self.part.files) - self.reported)
            self.reported = len(self.part.files)
        if self.part.full:
            self.flush()

    def flush(self) -> None:
        """Write the part and begin another."""
        if not self.part.files and not self.containers:
            return
        if not self.left:
            raise TooManyParts
        tables = flatten(
            self.part, self.number, self.job.run_id, self.job.secret, self.job.promoted
        )
        for table, sides in tables.items():
            for side, frame in zip(layout.SIDES, sides, strict=True):
                if frame is not None:
                    self._write(frame, table, side)
        self._write(self._container_rows(), "containers", layout.PHI)
        self.counts.update(tables["files"].open["status"].to_list())  # type: ignore[index]
        self.bytes += sum(row.size for row in self.part.files)
        SHARED.advance(len(self.part.files) - self.reported)
        self.part, self.containers, self.reported = Part(), [], 0
        self.number += 1
        self.left -= 1

    def _write(self, frame: pl.DataFrame, table: str, side: layout.Side) -> None:
        folder = self.batch.open_dir if side == layout.OPEN else self.batch.phi_dir
        with parts.writing(folder):
            written = parts.write(frame, folder, table, side, self.number, tables=self.job.tables())
        if side == layout.OPEN or table in layout.ROW_SPLIT | layout.PHI_ONLY:
            self.rows[table] += written

    def _container_rows(self) -> pl.DataFrame:
        made = [(self.job.run_id, *row) for row in self.containers]
        return pl.DataFrame(made, schema=TABLES["containers"].schema(), orient="row")


def read_unit(unit: Unit, batch: Batch, number: int, job: Job) -> Written:
    """Read a unit and write its parts, numbered from ``number``, into the batch.

    Raises DatabankNotWritable, or TooManyParts.
    """
    # A unit makes millions of small objects and hardly any cycles: looking for some again and
    # again costs a sixth of the time (measured).
    gc.disable()
    try:
        return _read_unit(unit, _Writer(batch, number, job))
    finally:
        gc.enable()


def _read_unit(unit: Unit, writer: _Writer) -> Written:
    for problem in unit.problems:
        _add_problem(writer, problem, None)
    stopped = False
    for files in unit.files:
        stopped = _read_files(writer, files)
        if stopped:
            break
    writer.flush()
    return Written(dict(writer.rows), dict(writer.counts), writer.bytes, stopped)


def _read_files(writer: _Writer, files: Files) -> bool:
    """Read the files of one directory; returns whether the run is to stop."""
    directory = files.directory
    prefix = printable(directory)
    for name, size, mtime in zip(files.names, files.sizes, files.mtimes, strict=True):
        path = f"{directory}/{name}" if directory else name
        uri = f"{prefix}/{name}" if is_plain(name) and directory else printable(path)
        part = writer.part
        before, header = len(part.files), None
        try:
            header = part.add_path(path, uri, size, mtime)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else "the file cannot be read"
            _replace(part, before, FileRow(uri, None, size, mtime, "error", reason))
        except Exception as error:  # a file that a reader fails on is a row like any other
            _replace(part, before, _unread(uri, None, size, mtime, error))
        if header is not None and header.status == "not_dicom" and size:
            _descend(writer, path, uri, size, mtime)
        writer.tick()
        if SHARED.stopping:
            return True
    return False


def _descend(writer: _Writer, path: str, uri: str, size: int, mtime: int) -> None:
    """Read the members of a file that is an archive, in place of the file's own row."""
    try:
        with open(path, "rb") as file:
            kind = archive.kind(file.read(512))
    except OSError:
        return
    if kind is None:
        return
    writer.part.files.pop()  # its members are what was seen
    members, whole = 0, True
    for member in archive.members(path, kind, uri, writer.job.limits):
        members += 1
        if isinstance(member, Problem):
            whole = whole and (member.uri != uri or member.status != "error")
            _add_problem(writer, member._replace(mtime=mtime), uri)
        else:
            _read_member(writer, member, uri, mtime)
        writer.tick()
        if SHARED.stopping:
            return
    if whole:
        writer.containers.append((uri, size, mtime, members))


def _add_problem(writer: _Writer, problem: Problem, container: str | None) -> None:
    uri, size, mtime, status, reason = problem
    writer.part.add_row(FileRow(printable(uri), container, size, mtime, status, reason))
    writer.tick()


def _read_member(writer: _Writer, member: Member, container: str, mtime: int) -> None:
    part, uri = writer.part, printable(member.uri)
    before = len(part.files)
    read = Kept(member.reader.read)
    declared = member.declared
    try:
        head = read(0, FIRST_READ if declared is not None else MAX_UNDECLARED)
        size = len(head) if declared is None or len(head) < FIRST_READ else declared
        part.add(uri, container, max(size, len(head)), mtime, head, read)
    except ReadProblem as problem:
        row = FileRow(uri, container, declared or 0, mtime, "error", problem.reason)
        _replace(part, before, row)
    except Exception as error:
        _replace(part, before, _unread(uri, container, declared or 0, mtime, error))


def _replace(part: Part, before: int, row: FileRow) -> None:
    del part.files[before:]
    part.add_row(row)


def _unread(uri: str, container: str | None, size: int, mtime: int, error: Exception) -> FileRow:
    """The row of a file that a reader failed on; the kind of failure is all that may be told."""
    reason = f"the header cannot be read ({type(error).__name__})"
    return FileRow(uri, container, size, mtime, "error", reason)


class Kept:
    """Reads a member forward and remembers its beginning, so that a header can be read twice."""

    def __init__(self, read: Read) -> None:
        self._read, self._kept = read, bytearray()
        self._last, self._at = b"", 0
        """What was read last, and where: fragments are looked for a little ahead."""

    def __call__(self, offset: int, length: int) -> bytes:
        kept = self._kept
        if offset > len(kept):
            return self._ahead(offset, length)
        missing = offset + length - len(kept)
        if missing > 0:
            more = self._read(len(kept), missing)
            if len(kept) + len(more) > MAX_HEADER:
                return bytes(kept[offset:]) + more
            kept += more
        return bytes(kept[offset : offset + length])

    def _ahead(self, offset: int, length: int) -> bytes:
        known = self._last[offset - self._at :] if offset >= self._at else b""
        if len(known) < length:
            known += self._read(offset + len(known), length - len(known))
        self._last, self._at = known, offset
        return known[:length]
