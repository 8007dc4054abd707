"""RLE Lossless (PS3.5 annex G), the one compression that needs nothing but the standard library."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SEGMENTS_AT_MOST = 15


def encode_frame(pixels: NDArray[np.generic]) -> bytes:
    """One frame of shape (rows, columns) or (rows, columns, samples), as header and segments.

    A segment holds one byte of every sample, the most significant first (annex G.2); each row is
    packed on its own.
    """
    samples = pixels.reshape(*pixels.shape[:2], -1)
    big_endian = samples.astype(samples.dtype.newbyteorder(">"), copy=False)
    width = samples.dtype.itemsize
    segments = []
    for sample in range(samples.shape[2]):
        plane = np.ascontiguousarray(big_endian[:, :, sample]).view(np.uint8)
        segments += [_encode_plane(plane[:, byte::width]) for byte in range(width)]
    return _header(segments) + b"".join(segments)


def _header(segments: Sequence[bytes]) -> bytes:
    offsets, at = [], 64
    for segment in segments:
        offsets.append(at)
        at += len(segment)
    return struct.pack("<16I", len(segments), *offsets, *[0] * (_SEGMENTS_AT_MOST - len(offsets)))


def _encode_plane(plane: NDArray[np.uint8]) -> bytes:
    body = b"".join(_pack_row(row.tobytes()) for row in plane)
    return body + b"\0" * (len(body) % 2)


def _pack_row(row: bytes) -> bytes:
    """PackBits: runs of two and more equal bytes, and literals of up to 128 bytes."""
    out, literal, at = bytearray(), bytearray(), 0
    while at < len(row):
        run = _run_length(row, at)
        if run > 1:
            out += _literal(literal) + bytes((257 - run, row[at]))
            literal.clear()
        else:
            literal.append(row[at])
            if len(literal) == 128:
                out += _literal(literal)
                literal.clear()
        at += run
    return bytes(out + _literal(literal))


def _run_length(row: bytes, at: int) -> int:
    end = at + 1
    while end < len(row) and row[end] == row[at] and end - at < 128:
        end += 1
    return end - at


def _literal(pending: bytearray) -> bytes:
    return bytes((len(pending) - 1,)) + bytes(pending) if pending else b""
