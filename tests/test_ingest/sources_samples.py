"""Archives for the tests of ingest.sources, and a way to read one to its end."""

from __future__ import annotations

import io
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import py7zr

from ingest.sources import Limits, Member, Problem, ReadProblem, archive

Files = list[tuple[str, bytes]]

FILES: Files = [
    ("study/a.dcm", b"\0" * 128 + b"DICM" + b"header" * 3000),
    ("empty", b""),
    ("study/deep/b", bytes(range(256)) * 40),
    ("../../outside", b"names are data"),
    ("/absolute", b"too"),
    ("back\\slash", b"and this"),
]


class Outcome(NamedTuple):
    """What became of one row: `data` of a member that could be read to its end."""

    uri: str
    data: bytes | None
    reason: str


def outcomes(
    source: bytes | Path, limits: Limits = archive.DEFAULT_LIMITS, uri: str = "A"
) -> list[Outcome | Problem]:
    """Every member, read whole in pieces of an odd length, and every Problem, in order."""
    head = source[:512] if isinstance(source, bytes) else source.read_bytes()[:512]
    kind = archive.kind(head)
    assert kind is not None
    given = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    found = archive.members(given, kind, uri, limits)
    return [row if isinstance(row, Problem) else _outcome(row) for row in found]


def _outcome(member: Member) -> Outcome:
    data = bytearray()
    try:
        while piece := member.reader.read(len(data), 70_001):
            data += piece
    except ReadProblem as problem:
        return Outcome(member.uri, None, problem.reason)
    assert member.size == len(data)
    return Outcome(member.uri, bytes(data), "")


def as_outcomes(files: Iterable[tuple[str, bytes]]) -> list[Outcome | Problem]:
    return [Outcome("A!/" + name, data, "") for name, data in files]


def problems(rows: Iterable[Outcome | Problem]) -> list[Problem]:
    return [row for row in rows if isinstance(row, Problem)]


def zipped(files: Files = FILES, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as out, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a repeated name
        for name, content in files:
            out.writestr(name, content)
    return data.getvalue()


def tarred(files: Files = FILES, mode: str = "w", format: int = tarfile.PAX_FORMAT) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode, format=format) as out:  # type: ignore[call-overload]
        for name, content in files:
            header = tarfile.TarInfo(name)
            header.size = len(content)
            out.addfile(header, io.BytesIO(content))
    return data.getvalue()


SAFE_FILES: Files = [file for file in FILES if file[0][0].isalpha() and "\\" not in file[0]]
"""Those that py7zr agrees to write."""


def sevenzipped(files: Files = SAFE_FILES, plain: bool = False, **options: Any) -> bytes:
    data = io.BytesIO()
    with py7zr.SevenZipFile(data, "w", **options) as out:
        out.set_encoded_header_mode(not plain)
        for name, content in files:
            out.writestr(content, name)
    return data.getvalue()


class Raw(NamedTuple):
    """A ZIP member with every field free to lie."""

    name: bytes
    payload: bytes
    method: int = 0
    flags: int = 0
    size: int | None = None
    crc: int | None = None
    attributes: int = 0
    copies: int = 1
    """How often the directory lists it."""


def raw_zip(*raws: Raw) -> bytes:
    """A ZIP written field by field (PKWARE APPNOTE 4.3)."""
    body, directory, count = b"", b"", 0
    for raw in raws:
        size = len(raw.payload) if raw.size is None else raw.size
        crc = zlib.crc32(raw.payload) if raw.crc is None else raw.crc
        common = struct.pack("<3H", raw.flags, raw.method, 0)
        sizes = struct.pack("<HLLLHH", 33, crc, len(raw.payload), size, len(raw.name), 0)
        record = b"PK\x01\x02\x14\x03\x14\0" + common + sizes
        record += struct.pack("<HHHLL", 0, 0, 0, raw.attributes, len(body)) + raw.name
        directory += record * raw.copies
        count += raw.copies
        body += b"PK\x03\x04\x14\0" + common + sizes + raw.name + raw.payload
    end = struct.pack("<4s4HLLH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + end
