"""Files into parts: of folders, of archives in them, and a row for every one of them.

Every file becomes exactly one row of ``files``, whatever happens while it is read; an archive
becomes those of its members.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field

from ingest.header.outcome import MAX_HEADER, Read
from ingest.header.reading import FIRST_READ
from ingest.part import FileRow, Part
from ingest.positioned import open_for_reading, read_at
from ingest.records import Files, is_plain
from ingest.sources import Limits, Member, Problem, ReadProblem, archive, printable

REPORT_EVERY = 256


@dataclass
class Intake:
    """The part being read; a class of its own says what becomes of one that is full."""

    limits: Limits
    part: Part = field(default_factory=Part, kw_only=True)
    containers: list[tuple[str, int, int, int]] = field(default_factory=list, kw_only=True)
    """Archives that were read to their end: uri, size, mtime, members."""
    reported: int = field(default=0, kw_only=True)

    def take(self) -> None:
        """What becomes of the part."""
        raise NotImplementedError

    def advance(self, files: int) -> None:
        """Told of ``files`` more files, now and then."""

    @property
    def stopping(self) -> bool:
        """Whether no more files are to be read."""
        return False

    def tick(self) -> None:
        """Look after a file: tell how far it is, and take the part if it is full."""
        if len(self.part.files) - self.reported >= REPORT_EVERY:
            self.advance(len(self.part.files) - self.reported)
            self.reported = len(self.part.files)
        if self.part.full:
            self.flush()

    def flush(self) -> None:
        """Take what there is and begin another part."""
        if not self.part.files and not self.containers:
            return
        self.take()
        self.advance(len(self.part.files) - self.reported)
        self.part, self.containers, self.reported = Part(), [], 0


def read_files(intake: Intake, files: Files) -> bool:
    """Read the files of one directory; returns whether the run is to stop."""
    directory = files.directory
    prefix = printable(directory)
    for name, size, mtime in zip(files.names, files.sizes, files.mtimes, strict=True):
        path = f"{directory}/{name}" if directory else name
        uri = f"{prefix}/{name}" if is_plain(name) and directory else printable(path)
        part = intake.part
        before, header = len(part.files), None
        try:
            header = part.add_path(path, uri, size, mtime)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else "the file cannot be read"
            _replace(part, before, FileRow(uri, None, size, mtime, "error", reason))
        except Exception as error:  # a file that a reader fails on is a row like any other
            _replace(part, before, _unread(uri, None, size, mtime, error))
        if header is not None and header.status == "not_dicom" and size:
            _descend(intake, path, uri, size, mtime)
        intake.tick()
        if intake.stopping:
            return True
    return False


def _descend(intake: Intake, path: str, uri: str, size: int, mtime: int) -> None:
    """Read the members of a file that is an archive, in place of the file's own row."""
    kind = archive.kind(_beginning(path))
    if kind is None:
        return
    intake.part.files.pop()  # its members are what was seen
    members, whole = 0, True
    for member in archive.members(path, kind, uri, intake.limits):
        members += 1
        if isinstance(member, Problem):
            whole = whole and (member.uri != uri or member.status != "error")
            add_problem(intake, member._replace(mtime=mtime), uri)
        else:
            _read_member(intake, member, uri, mtime)
        intake.tick()
        if intake.stopping:
            return
    if whole:
        intake.containers.append((uri, size, mtime, members))


def _beginning(path: str) -> bytes:
    """What tells an archive; nothing where the file is gone, or is no file any more."""
    try:
        descriptor = open_for_reading(path)
    except OSError:
        return b""
    try:
        return read_at(descriptor, 0, 512)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def add_problem(intake: Intake, problem: Problem, container: str | None) -> None:
    """A row for what is known without reading."""
    uri, size, mtime, status, reason = problem
    intake.part.add_row(FileRow(printable(uri), container, size, mtime, status, reason))
    intake.tick()


def _read_member(intake: Intake, member: Member, container: str, mtime: int) -> None:
    part, uri = intake.part, printable(member.uri)
    before = len(part.files)
    read: Read = Kept(member.reader.read)
    declared = member.declared
    try:
        wanted = FIRST_READ if declared is not None else MAX_HEADER
        head = read(0, wanted)
        size = len(head) if declared is None or len(head) < wanted else declared
        if declared is None and len(head) == wanted:  # it can be unpacked once only
            member.reader.read(sys.maxsize, 0)  # passes over the rest
            size, read = member.size, _only(head)
        part.add(uri, container, max(size, len(head)), mtime, head, read)
    except ReadProblem as problem:
        row = FileRow(uri, container, member.size, mtime, "error", problem.reason)
        _replace(part, before, row)
    except Exception as error:
        _replace(part, before, _unread(uri, container, member.size, mtime, error))


def _only(head: bytes) -> Read:
    """Reads what was kept of a member."""

    def read(offset: int, length: int) -> bytes:
        if offset + length > len(head):
            raise ReadProblem("compressed inside of an archive, and longer than can be held")
        return head[offset : offset + length]

    return read


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
