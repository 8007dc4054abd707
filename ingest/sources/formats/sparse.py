"""Sparse files of TAR: the map of where data lies, in its four encodings, and the file with holes.

Apart from tar.py because hardly any archive of images has one, yet a file read without its map
would be silently wrong. Source: "Storing Sparse Files" of the GNU tar manual.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from ingest.sources.caps import Account
from ingest.sources.records import ReadProblem
from ingest.sources.streams import STEP, Stream, read_all

BLOCK = 512
_EXTENTS_MAX = 100_000


class Extents(NamedTuple):
    """The pieces of data of a file, as (offset, length) in bytes, and its full size."""

    pieces: list[tuple[int, int]]
    size: int


class Expanded:
    """The file that a map and the stored pieces describe: zeros where there is no piece."""

    def __init__(self, stored: Stream, extents: Extents, account: Account) -> None:
        self._stored, self._size, self._account = stored, extents.size, account
        self._pieces = iter([*_checked(extents), (extents.size, 0)])
        self._at = self._start = self._end = 0

    def read(self, n: int, /) -> bytes:
        while self._at == self._end and self._at < self._size:
            self._start, length = next(self._pieces)
            self._end = self._start + length
        if self._at == self._size or n <= 0:
            return b""
        if self._at < self._start:
            data = bytes(min(n, self._start - self._at, STEP))
            self._account.unpack(len(data))
        else:
            data = self._stored.read(min(n, self._end - self._at))
            if not data:
                raise ReadProblem("data ends early")
        self._at += len(data)
        return data


def _checked(extents: Extents) -> list[tuple[int, int]]:
    """The pieces that hold anything. Raises ReadProblem unless they follow one another."""
    at = 0
    for start, length in extents.pieces:
        if start < at or start + length > extents.size:
            raise ReadProblem("map of a sparse file is damaged")
        at = start + length
    return [piece for piece in extents.pieces if piece[1]]


def number(field: bytes) -> int:
    """A number of a TAR header: octal digits, or base 256 where the first bit is set."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip()
    if digits.strip(b"01234567"):
        raise ReadProblem("tar header is damaged")
    return int(digits or b"0", 8)


def decimal(digits: bytes) -> int:
    """A number of a pax record. Raises ReadProblem."""
    if not digits.isdigit() or len(digits) > 20:
        raise ReadProblem("tar header is damaged")
    return int(digits)


def old_gnu(header: bytes, stream: Stream) -> Extents:
    """The map of a header of type S: four pieces, and 21 in each block that follows."""
    pieces = _fields(header[386:482])
    more = header[482]
    while more:
        block = read_all(stream, BLOCK)
        if len(block) < BLOCK or len(pieces) > _EXTENTS_MAX:
            raise ReadProblem("map of a sparse file is damaged")
        pieces += _fields(block[:504])
        more = block[504]
    return Extents(pieces, number(header[483:495]))


def _fields(data: bytes) -> list[tuple[int, int]]:
    pairs = (data[at : at + 24] for at in range(0, len(data), 24))
    return [(number(pair[:12]), number(pair[12:])) for pair in pairs if pair[12]]


def pax(records: dict[str, bytes], body: Stream) -> Extents | None:
    """The map of a sparse file in pax format 0.0, 0.1 or 1.0; None for an ordinary file.

    In format 1.0 it is read off the front of the body: how many pieces, then two lines for each.
    """
    if records.get("GNU.sparse.major") == b"1":
        lines = _lines(body)
        count = next(lines)
        if count > _EXTENTS_MAX:
            raise ReadProblem("map of a sparse file is damaged")
        return _extents(list(islice(lines, 2 * count)), records, "GNU.sparse.realsize")
    if "GNU.sparse.map" in records:
        texts = records["GNU.sparse.map"].split(b",")
    elif "GNU.sparse.offset" in records:
        starts = records["GNU.sparse.offset"].split(b",")
        lengths = records.get("GNU.sparse.numbytes", b"").split(b",")
        texts = [text for pair in zip(starts, lengths, strict=False) for text in pair]
    else:
        return None
    return _extents([decimal(text) for text in texts if text], records, "GNU.sparse.size")


def _extents(numbers: list[int], records: dict[str, bytes], size: str) -> Extents:
    pairs = zip(numbers[::2], numbers[1::2], strict=False)
    return Extents(list(pairs), decimal(records.get(size, b"")))


def _lines(body: Stream) -> Iterator[int]:
    """The numbers of a map of format 1.0, one a line, padded with zeros to whole blocks."""
    rest = b""
    while len(rest) <= BLOCK and (block := read_all(body, BLOCK)):
        *lines, rest = (rest + block).split(b"\n")
        yield from map(decimal, lines)
    raise ReadProblem("map of a sparse file is damaged")
