"""Files described: what each is, and every element of it, without a databank.

The same reader and the same decoding as an ingest's, so that what is shown of a file is what the
lake would hold of it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from ingest.flatten import elements
from ingest.flatten.long import Indices
from ingest.header.outcome import Read
from ingest.header.reading import FIRST_READ
from ingest.intake import Intake, add_problem, read_files
from ingest.part import FileRow, Part
from ingest.positioned import open_for_reading, read_at
from ingest.records import Files
from ingest.sources import Limits, printable, resolve, walk

TOGETHER = 500
"""Files that are described at a time, unless they are large."""


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


class Descriptions(NamedTuple):
    """Some files described: what became of each, and which of ``rows`` are its elements, in file
    order (none of a file that is no instance); ``rows`` has the columns of Element."""

    files: list[FileRow]
    elements: list[Indices]
    rows: pl.DataFrame


def describe_source(source: str, limits: Limits, take: Callable[[Descriptions], None]) -> None:
    """Hand every file of a source to ``take``, members of archives in place of the archive.

    Files are read together as in an ingest, some hundred at a time: those of a series have most
    elements in common, and what was read of one is not read again.  Raises SourceUnreachable.
    """
    resolved = resolve(source)
    intake = _Describing(limits, take)
    for directory in walk(resolved):
        for problem in directory.problems:
            add_problem(intake, problem, None)
        for start in range(0, len(directory.names), TOGETHER):
            some = slice(start, start + TOGETHER)
            names, sizes, mtimes = directory.names, directory.sizes, directory.mtimes
            read_files(intake, Files(directory.path, names[some], sizes[some], mtimes[some]))
            if len(intake.part.files) >= TOGETHER:
                intake.flush()
    intake.flush()


@dataclass
class _Describing(Intake):
    """Describes the files of each part."""

    given: Callable[[Descriptions], None]

    def take(self) -> None:
        """Hand the descriptions on."""
        found = elements(self.part)
        rows = [np.empty(0, dtype=np.int64)] * len(self.part.files)
        for instance, own in zip(self.part.instances, found.of_instance, strict=True):
            rows[instance.file] = own
        self.given(Descriptions(self.part.files, rows, found.rows))


def _unreadable(uri: str, error: OSError) -> Described:
    return Described(uri, 0, "error", os.strerror(error.errno or errno.EIO), ())


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
    own = tuple(map(Element._make, elements(part).of(0).rows()))
    return Described(uri, size, row.status, row.reason, own)
