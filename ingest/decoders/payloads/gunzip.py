"""Bounded gzip: what a compressed payload holds, up to a limit, whatever it claims."""

from __future__ import annotations

import zlib

MAX_BYTES = 4 * 1024 * 1024  # a real GE protocol is 2 to 6 KB
_CHUNK = 1024  # small, so that damage costs little of what came before it
_GZIP = 31  # zlib's number for "gzip header and checksum"


def gunzip(data: bytes) -> tuple[bytes, str | None]:
    """The content of the gzip stream `data`; after a fault what came before it, and the fault."""
    stream = zlib.decompressobj(_GZIP)
    parts: list[bytes] = []
    room = MAX_BYTES
    for start in range(0, len(data), _CHUNK):
        try:
            part = stream.decompress(data[start : start + _CHUNK], room + 1)
        except zlib.error:
            return b"".join(parts), "gzip: the stream is damaged"
        if len(part) > room:
            parts.append(part[:room])
            return b"".join(parts), f"gzip: cut at {MAX_BYTES} bytes"
        parts.append(part)
        room -= len(part)
        if stream.eof:
            return b"".join(parts), None
    return b"".join(parts), "gzip: the stream is cut"
