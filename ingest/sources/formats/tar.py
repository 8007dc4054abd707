"""TAR: v7, ustar, GNU and pax, read forward header by header, so a compressed one streams.

`tarfile` is the oracle of the tests rather than the reader: it keeps every member, reads a long
name of any declared size into memory, takes a damaged header for the end of the archive, and in
the versions of Python that Taglake supports loops for ever on a negative size (CVE-2025-8194).
Source: POSIX.1-2017 (pax), "Basic Tar Format" and "Storing Sparse Files" of the GNU tar manual.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ingest.sources.caps import Account
from ingest.sources.formats import sparse
from ingest.sources.formats.entry import DEVICE, LINK, Entry
from ingest.sources.formats.sparse import BLOCK, number
from ingest.sources.records import ReadProblem
from ingest.sources.streams import Bounded, Stream, Window, read_all

_EXTENSION_MAX = 1 << 20
"""Longest extension record (long name, pax) in bytes; the longest path of Linux is 4,096."""

# Kinds of headers (the type flag); a kind that is not listed is a file, as POSIX demands.
_V7, _SPARSE, _FOLDER, _LINKS, _DEVICES = b"\0", b"S", b"5", b"12", b"346"
_NOT_FILES = b"DV"
"""GNU dumps of directories and volume labels."""
_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL = b"L", b"K", b"xX", b"g"


class _Header(NamedTuple):
    name: bytes
    size: int
    kind: bytes
    block: bytes


def is_header(block: bytes) -> bool:
    """Whether 512 bytes are the first of a TAR: the ustar magic, or a checksum that fits."""
    if len(block) < BLOCK:
        return False
    return block[257:262] == b"ustar" or (block[0] != 0 and _checksum_fits(block))


def entries(stream: Stream, account: Account) -> Iterator[Entry]:
    """The files of a TAR. Raises ReadProblem where the archive cannot be followed further."""
    common: dict[str, bytes] = {}
    extensions: dict[str, bytes] = {}
    while (header := _header(stream)) is not None:
        if header.kind in _PAX_GLOBAL:
            common |= _pax(_extension(stream, header))
        elif header.kind in _PAX:
            extensions |= _pax(_extension(stream, header))
        elif header.kind == _LONG_NAME:
            extensions["path"] = _extension(stream, header).split(b"\0", 1)[0]
        elif header.kind == _LONG_LINK:
            _extension(stream, header)
        else:
            yield from _member(stream, header, common | extensions, account)
            extensions = {}


def _header(stream: Stream) -> _Header | None:
    """The next header; None at the end of the archive, which is two blocks of zeros."""
    block = read_all(stream, BLOCK)
    if len(block) == BLOCK and not any(block):
        return None
    if len(block) < BLOCK:
        raise ReadProblem("tar ends without its end mark" if not block else "tar ends early")
    if not _checksum_fits(block):
        raise ReadProblem("tar header is damaged")
    name, prefix = block[:100].split(b"\0", 1)[0], block[345:500].split(b"\0", 1)[0]
    if prefix and block[257:263] == b"ustar\0":
        name = prefix + b"/" + name
    return _Header(name, number(block[124:136]), block[156:157], block)


def _checksum_fits(block: bytes) -> bool:
    """The sum of all bytes, its own field taken as spaces; some old writers summed signed bytes."""
    try:
        stated = int(block[148:156].replace(b"\0", b" ").strip() or b"-", 8)
    except ValueError:
        return False
    counted = block[:148] + b" " * 8 + block[156:BLOCK]
    total = sum(counted)
    return stated == total or stated == total - 256 * sum(byte > 127 for byte in counted)


def _extension(stream: Stream, header: _Header) -> bytes:
    if header.size > _EXTENSION_MAX:
        raise ReadProblem("tar header is damaged")
    body = Bounded(stream, header.size + -header.size % BLOCK)
    data = read_all(body, header.size)
    body.skip_rest()
    return data


def _pax(data: bytes) -> dict[str, bytes]:
    """The records `length key=value\\n` of a pax header; a key that repeats is joined by commas.

    Repeated keys are the list of pieces of the first pax format for sparse files.
    """
    records: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 20)
        length = data[at:space] if space > 0 else b""
        if not length.isdigit() or int(length) <= len(length) + 1:
            break
        key, _, value = data[space + 1 : at + int(length) - 1].partition(b"=")
        name = key.decode("utf-8", "replace")
        repeats = name in ("GNU.sparse.offset", "GNU.sparse.numbytes") and name in records
        records[name] = records[name] + b"," + value if repeats else value
        at += int(length)
    return records


def _member(
    stream: Stream, header: _Header, pax: dict[str, bytes], account: Account
) -> Iterator[Entry]:
    """The entry, if it is a file; afterwards the stream stands at the next header."""
    raw = pax.get("GNU.sparse.name") or pax.get("path") or header.name
    name = raw.decode("utf-8", "surrogateescape")
    if header.kind in _LINKS or header.kind in _DEVICES:
        yield Entry(name, 0, LINK if header.kind in _LINKS else DEVICE)
    elif header.kind != _FOLDER:
        extents = sparse.old_gnu(header.block, stream) if header.kind == _SPARSE else None
        size = sparse.decimal(pax["size"]) if "size" in pax else header.size
        body = Bounded(stream, size + -size % BLOCK)
        if header.kind not in _NOT_FILES and not (header.kind == _V7 and name.endswith("/")):
            extents = extents or sparse.pax(pax, body)
            yield _file(name, size, stream, body, extents, account)
        body.skip_rest()


def _file(
    name: str,
    size: int,
    stream: Stream,
    body: Bounded,
    extents: sparse.Extents | None,
    account: Account,
) -> Entry:
    if extents:
        return Entry(name, extents.size, sparse.Expanded(body, extents, account), fatal=True)
    window = stream.part(stream.tell(), size) if isinstance(stream, Window) else None
    return Entry(name, size, Bounded(body, size), window, fatal=True)
