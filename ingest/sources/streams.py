"""Forward-only streams of bytes, which every archive format is built on.

All that a stream promises is `read`, so a member, a compressed member and a member of an archive
within are read alike, and each layer holds a few bytes of its own and nothing of its input.
"""

from __future__ import annotations

import errno
import io
import os
import zlib
from typing import BinaryIO, Protocol

from ingest.sources.caps import Account
from ingest.sources.records import ReadProblem

STEP = 1 << 20
"""Most bytes that one step unpacks."""


class Stream(Protocol):
    """Bytes that are read once, forward."""

    def read(self, n: int, /) -> bytes:
        """Up to n bytes, at least one unless the stream has ended. Raises ReadProblem."""


def read_all(stream: Stream, n: int) -> bytes:
    """Exactly n bytes, or fewer at the end of the stream; memory follows what is really there."""
    first = stream.read(n)
    if len(first) == n or not first:
        return first
    pieces, missing = [first], n - len(first)
    while missing and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def skip(stream: Stream, n: int) -> int:
    """Pass over up to n bytes; how many there were."""
    if isinstance(stream, Window):
        return stream.skip(n)
    left = n
    while left and (piece := stream.read(min(left, STEP))):
        left -= len(piece)
    return n - left


class Window(io.RawIOBase):
    """A piece of a seekable file as a file of its own; any number may share the file."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._start, self._at, self.size = file, start, 0, max(size, 0)

    @classmethod
    def whole(cls, file: BinaryIO) -> Window:
        """All of the file. Raises OSError."""
        return cls(file, 0, file.seek(0, os.SEEK_END))

    def part(self, start: int, size: int) -> Window:
        """A window into this one, cut off at its end."""
        start = min(start, self.size)
        return Window(self._file, self._start + start, min(size, self.size - start))

    def read(self, n: int = -1, /) -> bytes:
        left = self.size - self._at
        n = left if n < 0 else min(n, left)
        if n <= 0:
            return b""
        try:
            self._file.seek(self._start + self._at)
            data = self._file.read(n)
        except OSError as error:
            raise ReadProblem(os.strerror(error.errno or errno.EIO)) from None
        self._at += len(data)
        return data

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def skip(self, n: int) -> int:
        """Pass over up to n bytes; how many there were."""
        passed = max(0, min(n, self.size - self._at))
        self._at += passed
        return passed

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


class Pushed:
    """A stream of which the first bytes were read already."""

    def __init__(self, head: bytes, stream: Stream) -> None:
        self._head, self._stream = head, stream

    def read(self, n: int, /) -> bytes:
        if self._head:
            data, self._head = self._head[:n], self._head[n:]
            return data
        return self._stream.read(n)


class Bounded:
    """The next `size` bytes of a stream; ending before them is a ReadProblem.

    With `crc`, the CRC-32 of all of them is compared when the last one is read, as `zipfile` does.
    """

    def __init__(self, stream: Stream, size: int, crc: int | None = None) -> None:
        self._stream, self.left, self._expected, self._crc = stream, size, crc, 0

    def read(self, n: int, /) -> bytes:
        data = self._stream.read(min(n, self.left)) if self.left > 0 and n > 0 else b""
        if not data:
            if self.left > 0 and n > 0:
                raise ReadProblem("data ends early")
            return b""
        self.left -= len(data)
        if self._expected is not None:
            self._crc = zlib.crc32(data, self._crc)
            if self.left == 0 and self._crc != self._expected:
                raise ReadProblem("checksum does not match")
        return data

    def skip_rest(self) -> None:
        """Pass over what was not read. Raises ReadProblem where it is not all there."""
        if skip(self._stream, self.left) < self.left:
            raise ReadProblem("data ends early")
        self.left = 0


class Stored:
    """Bytes that were not compressed; members may share them, so they count as unpacked too."""

    def __init__(self, source: Stream, account: Account) -> None:
        self._source, self._account = source, account

    def read(self, n: int, /) -> bytes:
        data = self._source.read(n)
        self._account.unpack(len(data))
        return data


class _Raw(io.RawIOBase):
    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def buffered(stream: Stream) -> io.BufferedReader:
    """The stream with a buffer, for formats that read many small headers."""
    return io.BufferedReader(_Raw(stream), 1 << 16)
