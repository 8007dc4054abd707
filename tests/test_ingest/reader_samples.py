"""Data sets as trees of raw values, encoders for every uncompressed transfer syntax, and a reading.

The encoders are a dozen lines of ``struct`` on purpose: they write what pydicom's writer refuses to
(wrong lengths, missing ends, odd paddings), and share nothing with the reader they test.
"""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ingest.describe import Described, Element
from ingest.flatten import Elements, elements
from ingest.header.reading import FIRST_READ
from ingest.part import Part

LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
SWAPPED = {
    "AT": 2, "OW": 2, "SS": 2, "US": 2, "FL": 4, "OF": 4, "OL": 4, "SL": 4, "UL": 4,
    "FD": 8, "OD": 8, "OV": 8, "SV": 8, "UV": 8,
}  # fmt: skip
UNDEFINED = 0xFFFFFFFF
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED, BIG = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
JPEG = "1.2.840.10008.1.2.4.50"
SYNTAXES = (EXPLICIT, IMPLICIT, BIG, DEFLATED)
MR = "1.2.840.10008.5.1.4.1.1.4"


class E(NamedTuple):
    """An element: its raw little-endian value, or the items of a sequence (VR SQ, or UN).

    A value of undefined length is what stands before the delimiter: fragments of pixel data.
    """

    tag: int
    vr: str
    value: bytes | tuple[tuple[E, ...], ...]
    undefined: bool = False  # sequence and items have undefined lengths


def head(tag: int, vr: str, length: int, syntax: str = EXPLICIT) -> bytes:
    """The bytes before a value of ``length`` bytes."""
    order = ">" if syntax == BIG else "<"
    number = struct.pack(f"{order}2H", tag >> 16, tag & 0xFFFF)
    if syntax == IMPLICIT:
        return number + struct.pack("<I", length)
    if vr in LONG:
        return number + vr.encode() + b"\0\0" + struct.pack(f"{order}I", length)
    return number + vr.encode() + struct.pack(f"{order}H", length)


def bare(tag: int, length: int, syntax: str = EXPLICIT) -> bytes:
    """An item or a delimiter."""
    return struct.pack(">2HI" if syntax == BIG else "<2HI", tag >> 16, tag & 0xFFFF, length)


def encode(elements: tuple[E, ...] | list[E], syntax: str = EXPLICIT) -> bytes:
    """The elements in the order given."""
    return b"".join(_element(element, syntax) for element in elements)


def _element(element: E, syntax: str) -> bytes:
    tag, vr, value, undefined = element
    if isinstance(value, bytes) and undefined:
        return head(tag, vr, UNDEFINED, syntax) + value + bare(0xFFFEE0DD, 0, syntax)
    if isinstance(value, bytes):
        width = SWAPPED.get(vr, 1) if syntax == BIG else 1
        if width > 1:
            value = b"".join(value[i : i + width][::-1] for i in range(0, len(value), width))
        return head(tag, vr, len(value), syntax) + value
    inner = IMPLICIT if vr == "UN" else syntax  # PS3.5 6.2.2
    body = b"".join(_item(encode(item, inner), undefined, inner) for item in value)
    if undefined:
        return head(tag, vr, UNDEFINED, syntax) + body + bare(0xFFFEE0DD, 0, inner)
    return head(tag, vr, len(body), syntax) + body


def _item(body: bytes, undefined: bool, syntax: str) -> bytes:
    if undefined:
        return bare(0xFFFEE000, UNDEFINED, syntax) + body + bare(0xFFFEE00D, 0, syntax)
    return bare(0xFFFEE000, len(body), syntax) + body


def text(tag: int, vr: str, value: str) -> E:
    """An element of ASCII text, padded to even length."""
    padding = b"\0" if vr == "UI" else b" "
    raw = value.encode("ascii")
    return E(tag, vr, raw + padding * (len(raw) % 2))


def meta(syntax: str, uid: str = "1.2.3.4", sop_class: str = MR, *more: E) -> bytes:
    """Preamble and file meta information."""
    elements = [
        text(0x00020002, "UI", sop_class), text(0x00020003, "UI", uid),
        text(0x00020010, "UI", syntax), *more,
    ]  # fmt: skip
    body = encode(elements)
    return (
        b"\0" * 128 + b"DICM" + encode([E(0x00020000, "UL", struct.pack("<I", len(body)))]) + body
    )


def identity(uid: str = "1.2.3.4", series: str = "1.2.3", sop_class: str = MR) -> list[E]:
    """What makes a data set an instance of a series."""
    return [
        text(0x00080016, "UI", sop_class), text(0x00080018, "UI", uid),
        text(0x0020000E, "UI", series),
    ]  # fmt: skip


def file_of(elements: list[E], syntax: str = EXPLICIT, uid: str = "1.2.3.4") -> bytes:
    """A whole file of these elements, sorted by tag."""
    body = encode(sorted(elements), syntax)
    if syntax == DEFLATED:
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        body = packer.compress(body) + packer.flush()
    return meta(syntax, uid) + body


@dataclass(frozen=True)
class Reading:
    """A file of a part, by the numbers it would have as a file and as an instance."""

    part: Part
    file: int = 0
    instance: int = 0
    together: Elements | None = None
    """The elements of the part, where many of its files are looked at."""

    @cached_property
    def elements(self) -> dict[str, Element]:
        """The elements by path, decoded when they are asked for; {} without an instance."""
        if self.status != "ok":
            return {}
        found = self.together or elements(self.part)
        return {row[0]: Element._make(row) for row in found.of(self.instance).iter_rows()}

    @property
    def status(self) -> str:
        return self.part.files[self.file].status

    @property
    def reason(self) -> str | None:
        return self.part.files[self.file].reason

    @property
    def truncation(self) -> str | None:
        return self.part.instances[self.instance].truncation

    @property
    def flagged(self) -> bool:
        """Whether a finding will say that something is odd about the file."""
        own = self.part.instances[self.instance].template
        return self.truncation is not None or any(
            template == own for _, template, _ in self.part.problems
        )

    def described(self, size: int = 0) -> Described:
        """As ``describe`` would give it."""
        return Described("", size, self.status, self.reason, tuple(self.elements.values()))


def reader(data: bytes) -> Callable[[int, int], bytes]:
    """Reads ``data`` as if it were a file."""
    return lambda offset, length: data[offset : offset + length]


def add(part: Part, data: bytes, uri: str = "file") -> None:
    """Read a file of these bytes; whatever is raised is a failure of the test."""
    part.add(uri, None, len(data), 0, data[:FIRST_READ], reader(data))


def read(data: bytes) -> Reading:
    """Read a file of these bytes alone."""
    return read_into(Part(), data)


def read_into(part: Part, data: bytes) -> Reading:
    """Read a file of these bytes: one row, and the reason where it is not ok."""
    found = Reading(part, len(part.files), len(part.instances))
    add(part, data)
    assert len(part.files) == found.file + 1
    assert found.status in ("ok", "not_dicom", "error")
    assert bool(found.reason) == (found.status != "ok")
    assert len(part.instances) == found.instance + (found.status == "ok")
    return found


def read_path(path: Path) -> tuple[Reading, int]:
    """Read a file of a folder; how many bytes of memory that took at most, too."""
    part = Part()
    tracemalloc.start()
    try:
        part.add_path(str(path), path.name, path.stat().st_size, 0)
        return Reading(part), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def write(folder: Path, data: bytes, name: str = "file.dcm") -> Path:
    """A file of these bytes."""
    path = folder / name
    path.write_bytes(data)
    return path
