"""One file described: what it is, and every element of it, without a databank.

The same reader and the same decoding as an ingest's, so that what is shown of a file is what the
lake would hold of it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ingest.flatten import elements_of
from ingest.header.reading import FIRST_READ, Read
from ingest.part import Part
from ingest.positioned import open_for_reading, read_at
from ingest.sources import Limits, Member, Problem, ReadProblem, archive, printable, resolve


class Element(NamedTuple):
    """An element as the table ``elements`` has it."""

    path: str
    tag: str
    keyword: str | None
    name: str | None
    creator: str | None
    vr: str
    private_class: str | None
    text: str | None
    number: float | None
    byte_length: int | None
    sha256: str | None


class Described(NamedTuple):
    """What became of a file: its status as in ``files``, why, and its elements in file order."""

    uri: str
    size: int
    status: str
    reason: str | None
    elements: tuple[Element, ...]


def describe(path: str | os.PathLike[str] | bytes, uri: str = "") -> Described:
    """A file, or the bytes of one; a file that cannot be opened is an error with the reason."""
    if isinstance(path, bytes):
        data = path

        def read_bytes(offset: int, length: int) -> bytes:
            return data[offset : offset + length]

        return _described(uri, len(data), data[:FIRST_READ], read_bytes)
    place = os.fspath(path)
    uri = uri or printable(place)
    try:
        descriptor = open_for_reading(place)
    except OSError as error:
        return _unreadable(uri, error)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            return _unreadable(uri, IsADirectoryError(errno.EISDIR, ""))
        if not stat.S_ISREG(status.st_mode):
            return Described(uri, 0, "not_dicom", "not a regular file", ())

        def read_file(offset: int, length: int) -> bytes:
            return read_at(descriptor, offset, length)

        return _described(uri, status.st_size, read_file(0, FIRST_READ), read_file)
    except OSError as error:
        return _unreadable(uri, error)
    finally:
        os.close(descriptor)


def describe_source(source: str, limits: Limits) -> Iterator[Described]:
    """Every file of a source, members of archives in place of the archive.

    Raises SourceUnreachable.
    """
    resolved = resolve(source)
    for directory in resolved.walk(resolved.root):
        for problem in directory.problems:
            yield _of_problem(problem)
        for name in directory.names:
            yield from _file(str(Path(directory.path) / name), limits)


def _file(path: str, limits: Limits) -> Iterator[Described]:
    found = describe(path)
    if found.status == "not_dicom" and found.size:
        kind = archive.kind(_beginning(path))
        if kind is not None:
            for member in archive.members(path, kind, printable(path), limits):
                yield _of_problem(member) if isinstance(member, Problem) else _member(member)
            return
    yield found


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


def _member(member: Member) -> Described:
    from ingest.worker import MAX_UNDECLARED, Kept

    read, uri = Kept(member.reader.read), printable(member.uri)
    try:
        head = read(0, FIRST_READ if member.declared is not None else MAX_UNDECLARED)
        declared = member.declared
        size = len(head) if declared is None or len(head) < FIRST_READ else declared
        return _described(uri, max(size, len(head)), head, read)
    except ReadProblem as problem:
        return Described(uri, member.declared or 0, "error", problem.reason, ())


def _unreadable(uri: str, error: OSError) -> Described:
    return Described(uri, 0, "error", os.strerror(error.errno or errno.EIO), ())


def _of_problem(problem: Problem) -> Described:
    return Described(printable(problem.uri), problem.size, problem.status, problem.reason, ())


def _described(uri: str, size: int, head: bytes, read: Read) -> Described:
    part = Part()
    try:
        part.add(uri, None, size, 0, head, read)
    except Exception as error:  # as in a worker: a file that the reader fails on is an error
        reason = f"the header cannot be read ({type(error).__name__})"
        return Described(uri, size, "error", reason, ())
    row = part.files[0]
    if row.status != "ok":
        return Described(uri, size, row.status, row.reason, ())
    elements = tuple(Element(*found) for found in elements_of(part).iter_rows())
    return Described(uri, size, row.status, row.reason, elements)
