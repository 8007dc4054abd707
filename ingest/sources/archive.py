"""Archives, streamed: one member at a time, nothing on disk, nothing believed.

A member that is an archive itself is entered in turn, and the limits hold for the outermost archive
with all inside it. Whatever the bytes are, the result is Members and Problems, never an exception.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO, NamedTuple

from ingest.sources.caps import Account
from ingest.sources.decompress import STREAMS
from ingest.sources.formats import single, tar, zip, zip_headers
from ingest.sources.formats.entry import Entry, Refusal
from ingest.sources.names import MemberUris
from ingest.sources.records import LimitExceeded, Limits, Member, Problem, ReadProblem
from ingest.sources.streams import STEP, Pushed, Stream, Window, buffered, read_all, skip

HEAD = 512
"""Bytes from the start of a file that `kind` needs."""

DEFAULT_LIMITS = Limits()

_SIGNATURES: list[tuple[str, tuple[bytes, ...]]] = [
    ("zip", zip_headers.SIGNATURES),
    ("7z", (b"7z\xbc\xaf\x27\x1c",)),
    *((name, (signature,)) for name, (signature, _) in STREAMS.items()),
]
_BZIP2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")
"""What follows `BZh9`: a block, or the end of an empty stream. Three letters prove too little."""


def kind(head: bytes) -> str | None:
    """The format of an archive by its first HEAD bytes: zip, 7z, tar, gzip, bz2, xz; or None.

    The three compressed streams may hold a TAR or a single file: `members` finds out.
    """
    for name, signatures in _SIGNATURES:
        if head.startswith(signatures):
            return None if name == "bz2" and head[4:10] not in _BZIP2_BLOCKS else name
    return "tar" if tar.is_header(head[:HEAD]) else None


def members(
    source: str | BinaryIO, kind: str, uri: str, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Member | Problem]:
    """The files in an archive of that kind, in archive order, as Members; what is amiss, Problems.

    `source` is a path, or an open file (which stays open; if it cannot seek, ZIP and 7Z are read
    into memory within the limits). Uris are `uri` + `!/` + the name as stored; directories are left
    out. Damage ends the archive with one Problem of its own uri unless the format can go on behind
    it, which then is a Problem of the member. A passed limit ends it likewise. An archive without
    any file is a Problem, `not_dicom`.
    """
    with ExitStack() as stack:
        try:
            if isinstance(source, str):
                source = stack.enter_context(open(source, "rb", buffering=1 << 16))
            archive, outer = _opened(source, limits)
        except OSError as error:
            yield Problem(uri, 0, 0, "error", os.strerror(error.errno or errno.EIO))
            return
        try:
            head = read_all(archive, HEAD)
            if isinstance(archive, Window):
                archive.seek(0)
            else:
                archive = Pushed(head, archive)
            yield from _contents(_Archive(archive, kind, head, uri, None, 1), outer)
            outer.account.check()
        except ReadProblem as problem:
            yield Problem(uri, outer.account.packed, outer.mtime, "error", problem.reason)


class _Outer(NamedTuple):
    """What all levels share."""

    mtime: int
    account: Account


class _Archive(NamedTuple):
    """One level."""

    stream: Stream
    kind: str
    head: bytes
    uri: str
    size: int | None
    depth: int


class _Forward:
    """A file that cannot seek; what was read of it counts as its size."""

    def __init__(self, file: BinaryIO, account: Account) -> None:
        self._file, self._account = file, account

    def read(self, n: int, /) -> bytes:
        try:
            data = self._file.read(n)
        except OSError as error:
            raise ReadProblem(os.strerror(error.errno or errno.EIO)) from None
        self._account.packed += len(data)
        return data


class _Reader:
    """Reads a member forward until the archive moves on."""

    def __init__(self, stream: Stream) -> None:
        self._stream: Stream | None = stream
        self.position = 0

    def read(self, offset: int, length: int) -> bytes:
        if self._stream is None:
            raise ValueError("the archive has moved on to another member")
        if offset < self.position:
            raise ValueError("a member is read forward only")
        self.position += skip(self._stream, offset - self.position)
        data = read_all(self._stream, length)
        self.position += len(data)
        return data

    def expire(self) -> None:
        self._stream = None


def _opened(file: BinaryIO, limits: Limits) -> tuple[Stream, _Outer]:
    """The file as a stream, with its modification time. Raises OSError."""
    try:
        mtime = os.fstat(file.fileno()).st_mtime_ns
    except (OSError, AttributeError):  # not a file of the system
        mtime = 0
    if file.seekable():
        window = Window.whole(file)
        return window, _Outer(mtime, Account(limits, window.size))
    account = Account(limits, 0)
    return _Forward(file, account), _Outer(mtime, account)


def _contents(archive: _Archive, outer: _Outer) -> Iterator[Member | Problem]:
    """Members and Problems of one level. Raises ReadProblem where it cannot be followed further."""
    if archive.depth > outer.account.limits.max_depth:
        raise ReadProblem(f"archives inside each other more than {archive.depth - 1} deep")
    uris = MemberUris(archive.uri)
    empty = True
    with ExitStack() as stack:
        for entry in _entries(archive, outer.account, stack):
            empty = False
            outer.account.member()
            yield from _member(entry, uris.of(entry.name), archive.depth, outer)
    if empty:
        size = outer.account.packed if archive.depth == 1 else archive.size
        yield Problem(archive.uri, size or 0, outer.mtime, "not_dicom", "empty archive")


def _entries(archive: _Archive, account: Account, stack: ExitStack) -> Iterator[Entry]:
    stream = archive.stream
    if archive.kind in STREAMS:
        return single.entries(stream, archive.kind, archive.head, archive.uri, account)
    if archive.kind == "tar":
        return tar.entries(stream if isinstance(stream, Window) else buffered(stream), account)
    if not isinstance(stream, Window):
        stream = _in_memory(stream, archive.size, account, stack)
    if archive.kind == "zip":
        return zip.entries(stream, account)
    if archive.kind == "7z":
        from ingest.sources.formats import sevenzip  # py7zr takes a tenth of a second to import

        return sevenzip.entries(stream, account)
    raise ValueError(f"not a kind of archive: {archive.kind}")


def _in_memory(stream: Stream, size: int | None, account: Account, stack: ExitStack) -> Window:
    """An inner archive that has to be read out of order; its memory counts while it is read."""
    left = account.nested_left
    data = io.BytesIO()
    if not size or size <= left:
        while data.tell() <= left and (piece := stream.read(STEP)):
            data.write(piece)
    if data.tell() > left or (size and size > left):
        raise ReadProblem(f"inner archive does not fit into {left:,} bytes of memory")
    stack.enter_context(account.nested(data.tell()))
    return Window.whole(data)


def _member(entry: Entry, uri: str, depth: int, outer: _Outer) -> Iterator[Member | Problem]:
    """One entry: a Member, a Problem, or the contents of an inner archive."""
    content = entry.stream
    if isinstance(content, Refusal):
        yield Problem(uri, entry.size or 0, outer.mtime, *content)
        return
    inner = None
    try:
        head = read_all(content, HEAD)
        inner = kind(head)
        if inner:
            stream = entry.window or Pushed(head, content)
            archive = _Archive(stream, inner, head, uri, entry.size, depth + 1)
            yield from _contents(archive, outer)
            return
    except LimitExceeded:
        raise
    except ReadProblem as problem:
        if entry.fatal and not inner:
            raise
        yield Problem(uri, entry.size or 0, outer.mtime, "error", problem.reason)
        return
    reader = _Reader(Pushed(head, content))
    yield Member(uri, entry.size, outer.mtime, reader)
    reader.expire()
