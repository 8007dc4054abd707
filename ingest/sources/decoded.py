"""Unpacking as a stream, with bounded memory.

The readers of the standard library are not used because several unpack without a bound: `zipfile`
turns 4 KiB of bzip2 into as much as 4 GB in one step, and the file objects of `lzma` cannot be told
how large a dictionary may be. Here a step yields at most STEP bytes, whatever the input says, and
every unpacked byte is put on the account of the outermost archive.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ingest.sources.caps import Account
from ingest.sources.records import ReadProblem
from ingest.sources.streams import STEP, Stream

_FEED = 1 << 14
"""Compressed bytes read at a time; small, as zlib copies what it could not use yet."""


class Decoder(Protocol):
    """What the decompressors of `lzma`, `bz2` and zstd have in common; others are adapted to it."""

    @property
    def needs_input(self) -> bool: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Decoded:
    """The unpacked bytes of a compressed stream; all of them count on the account.

    `again` is the signature of formats that may be several streams in a row (gzip, bzip2, xz);
    what else follows is padding or garbage and ignored, as the command line tools do.
    """

    def __init__(
        self,
        source: Stream,
        make: Callable[[], Decoder],
        account: Account,
        again: bytes = b"",
    ) -> None:
        self._source, self._make, self._account, self._again = source, make, account, again
        self._broken: ReadProblem | None = None
        self._taken = 0
        self._held = b""
        self._decoder: Decoder | None = None

    def read(self, n: int, /) -> bytes:
        if self._broken:
            raise self._broken
        try:
            unpacked = self._step(min(n, STEP)) if n > 0 else b""
        except ReadProblem as problem:
            self._broken = problem
            raise
        except Exception as error:  # five libraries, each with exceptions of its own
            self._broken = ReadProblem(_reason(error))
            raise self._broken from None
        self._account.unpack(len(unpacked))
        return unpacked

    def _step(self, n: int) -> bytes:
        """Up to n bytes, none only at the end; raises whatever the decoder raises."""
        while True:
            decoder = self._decoder = self._decoder or self._make()
            if decoder.eof:
                if self._restarts(decoder):
                    continue
                return b""
            hungry = decoder.needs_input
            data = self._take() if hungry else b""
            unpacked = decoder.decompress(data, n)
            if unpacked:
                return unpacked
            if not data and not decoder.eof and (hungry or not decoder.needs_input):
                raise ReadProblem("compressed data ends early")

    @property
    def consumed(self) -> int:
        """Compressed bytes used so far; exact once the compressed data has ended."""
        return self._taken - (len(self._decoder.unused_data) if self._decoder else 0)

    def _take(self) -> bytes:
        data, self._held = self._held or self._source.read(_FEED), b""
        self._taken += len(data)
        return data

    def _restarts(self, ended: Decoder) -> bool:
        if not self._again:
            return False
        rest = ended.unused_data.lstrip(b"\0")
        while len(rest) < len(self._again) and (data := self._take()):
            rest = (rest + data).lstrip(b"\0")
        if not rest.startswith(self._again):
            return False
        self._taken -= len(rest)
        self._held, self._decoder = rest, None
        return True


def _reason(error: Exception) -> str:
    if isinstance(error, MemoryError) or "Memory usage limit" in str(error):
        return "decompressor asks for too much memory"
    return "compressed data is damaged"
