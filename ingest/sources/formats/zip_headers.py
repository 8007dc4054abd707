"""The headers of a ZIP: where its members are, from the directory at the end or one by one.

Members are read as the directory is, so an archive of a million members needs no memory for them.
Source: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import NamedTuple

from ingest.sources.records import ReadProblem
from ingest.sources.streams import Window

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04")
"""What a ZIP starts with: a member; the end of an empty one; the marks of a former split one."""

_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s2B5H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_TAIL = _END.size + 0xFFFF
_UNKNOWN = 0xFFFFFFFF
"""In a 32-bit field: the value is in the ZIP64 extra field."""

_FLAG_UTF8 = 0x0800
_UNIX = 3


class Record(NamedTuple):
    """What a header says of a member; `offset` is that of its local header."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    attributes: int
    unix: bool


class Directory(NamedTuple):
    """The central directory and the number of members that it is said to list."""

    records: Window
    stated: int


def directory(archive: Window) -> Directory | None:
    """The central directory, if there is one.

    It has to be where the end record says. `zipfile` also takes one that was moved by a prefix,
    but then a truncated archive passes for the whole ZIP that happens to be its last member.
    """
    tail_start = max(0, archive.size - _TAIL)
    archive.seek(tail_start)
    tail = archive.read(_TAIL)
    at = len(tail)
    while (at := tail.rfind(b"PK\x05\x06", 0, at)) >= 0:
        if len(tail) - at < _END.size:
            continue
        end, count, size, offset = tail_start + at, *_END.unpack_from(tail, at)[4:7]
        end, count, size, offset = _end64(archive, end) or (end, count, size, offset)
        where = archive.part(offset, size)
        begins = where.read(4) == b"PK\x01\x02"
        if (begins and offset + size <= end) or (size == 0 and offset == end):
            where.seek(0)
            return Directory(where, count)
    return None


def _end64(archive: Window, end: int) -> tuple[int, int, int, int] | None:
    """Position of the ZIP64 end record; count, size and offset of the directory. Or None."""
    archive.seek(max(0, end - _END64_LOCATOR.size))
    locator = archive.read(_END64_LOCATOR.size)
    if end < _END64_LOCATOR.size or locator[:4] != b"PK\x06\x07":
        return None
    for at in (_END64_LOCATOR.unpack(locator)[2], end - _END64_LOCATOR.size - _END64.size):
        archive.seek(at)
        record = archive.read(_END64.size)
        if len(record) == _END64.size and record[:4] == b"PK\x06\x06":
            return at, *_END64.unpack(record)[7:10]
    return None


def records(directory: Directory) -> Iterator[Record]:
    """The members it lists. Raises ReadProblem where it is damaged."""
    source = io.BufferedReader(directory.records, 1 << 16)
    while fixed := source.read(_CENTRAL.size):
        if fixed[:4] in (b"PK\x05\x05", b"PK\x06\x06", b"PK\x05\x06"):
            return
        if len(fixed) < _CENTRAL.size or fixed[:4] != b"PK\x01\x02":
            raise ReadProblem("central directory is damaged")
        fields = _CENTRAL.unpack(fixed)
        name, extra = source.read(fields[11]), source.read(fields[12])
        source.read(fields[13])  # the comment
        if len(name) < fields[11] or len(extra) < fields[12]:
            raise ReadProblem("central directory ends early")
        yield _record(fields, name, extra)


def _record(fields: tuple[int, ...], name: bytes, extra: bytes) -> Record:
    _, _, system, _, flags, method, _, _, crc, packed, size, *_, attributes, offset = fields
    size, packed, offset = _zip64(extra, size, packed, offset)
    unix = system == _UNIX
    return Record(_text(name, flags), flags, method, crc, packed, size, offset, attributes, unix)


def _zip64(extra: bytes, *values: int) -> list[int]:
    """The values, with each that says so replaced by the next of the ZIP64 extra field."""
    if _UNKNOWN not in values:
        return list(values)
    wide = b""
    while len(extra) >= 4:
        tag, length = struct.unpack_from("<HH", extra)
        if tag == 1:
            wide = extra[4 : 4 + length]
            break
        extra = extra[4 + length :]
    found = iter(struct.unpack(f"<{len(wide) // 8}Q", wide[: len(wide) // 8 * 8]))
    return [next(found, value) if value == _UNKNOWN else value for value in values]


def _text(name: bytes, flags: int) -> str:
    """UTF-8 where the flag says so or it reads as such (macOS sets no flag), else code page 437."""
    if flags & _FLAG_UTF8:
        return name.decode("utf-8", "surrogateescape")
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("cp437")


def data_start(archive: Window, at: int) -> int | None:
    """Where the data of the member starts whose local header is at this offset."""
    found = _local(archive, at)
    return at + _LOCAL.size + sum(found[-2:]) if found else None


def local(archive: Window, at: int) -> tuple[Record, int] | None:
    """The member whose local header is at this offset, and where its data starts."""
    found = _local(archive, at)
    if found is None:
        return None
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = found
    name, extra = archive.read(name_length), archive.read(extra_length)
    size, packed = _zip64(extra, size, packed)
    start = at + _LOCAL.size + name_length + extra_length
    return Record(_text(name, flags), flags, method, crc, packed, size, at, 0, False), start


def _local(archive: Window, at: int) -> tuple[int, ...] | None:
    archive.seek(at)
    fixed = archive.read(_LOCAL.size)
    if len(fixed) < _LOCAL.size or fixed[:4] != b"PK\x03\x04":
        return None
    return _LOCAL.unpack(fixed)


def behind_descriptor(archive: Window, at: int) -> int:
    """The next header after a data descriptor: 12 or 20 bytes, with or without a signature."""
    for length in (16, 12, 24, 20):
        archive.seek(at + length)
        if archive.read(4) in (b"PK\x03\x04", b"PK\x01\x02"):
            return at + length
    return archive.size
