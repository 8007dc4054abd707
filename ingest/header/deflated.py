"""A deflated data set, inflated (PS3.5 A.5): what it begins and what it ends with.

Pixel data are most of it and are counted only, so never more than a header may have is held,
whatever the ratio.
"""

from __future__ import annotations

import zlib
from collections import deque
from typing import NamedTuple

from ingest.header.behind_pixels import bytes_at
from ingest.header.outcome import MAX_HEADER, Read

MAX_INFLATED = 4 << 30
"""A data set may inflate to this, which takes two seconds for each GiB."""
KEPT_END = 1 << 20
"""Bytes in which what is behind pixel data has to be."""
CHUNK = 1 << 20
EXPLICIT = b"1.2.840.10008.1.2.1"
DEFLATED = frozenset(
    [b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.4.95", b"1.2.840.10008.1.2.4.205"]
)
"""Transfer syntaxes: explicit VR little endian, and two of JPIP."""


class NotInflated(Exception):
    """A data set that cannot be inflated; ``str()`` says why."""


class Inflated(NamedTuple):
    """A file with its deflated part inflated."""

    size: int
    beginning: bytes
    """Its first ``MAX_HEADER`` bytes."""
    end: bytes
    """Its last ``KEPT_END`` bytes, where the beginning is not all of it."""
    whole: bool
    """Whether the deflated part has an end."""

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of the end, nothing of what was not kept."""
        at = offset - self.size + len(self.end)
        return self.end[at : at + length] if at >= 0 else b""


def inflated(read: Read, data: bytes, size: int, start: int) -> Inflated:
    """Inflate what follows ``start`` in a file that begins with ``data``; raises NotInflated."""
    inflate, kept, total = zlib.decompressobj(-zlib.MAX_WBITS), [data[:start]], start
    end: deque[bytes] = deque()
    behind = 0  # bytes of the end but for its first piece
    for offset in range(start, size, CHUNK):
        packed = bytes_at(read, data, offset, min(CHUNK, size - offset))
        plain = bytes(CHUNK)
        while (packed or len(plain) == CHUNK) and total <= MAX_INFLATED:
            try:
                plain = inflate.decompress(packed, CHUNK)
            except zlib.error:
                raise NotInflated("the deflated data set cannot be inflated") from None
            if total < MAX_HEADER:
                kept.append(plain)
            else:
                behind += len(plain) if end else 0
                end.append(plain)
                while behind >= KEPT_END:
                    end.popleft()
                    behind -= len(end[0])
            total += len(plain)
            packed = inflate.unconsumed_tail
        if total > MAX_INFLATED:
            raise NotInflated(f"the data set inflates to more than {MAX_INFLATED >> 30} GiB")
        if inflate.eof:
            break
    return Inflated(total, b"".join(kept), b"".join(end)[-KEPT_END:], inflate.eof)
