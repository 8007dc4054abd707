"""A compressed stream: a TAR inside it, or one file.

gzip, bzip2 and xz differ in nothing but their decompressor here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from ingest.sources.caps import Account
from ingest.sources.decoded import Decoded
from ingest.sources.decompress import STREAMS
from ingest.sources.formats import tar
from ingest.sources.formats.entry import Entry
from ingest.sources.formats.sparse import BLOCK
from ingest.sources.records import ReadProblem
from ingest.sources.streams import STEP, Pushed, Stream, Window, buffered, read_all, skip

HELD = 16 << 20
"""A file that is not longer when it is unpacked is held, which tells its size."""
_HAS_EXTRA, _HAS_NAME = 4, 8


def entries(packed: Stream, kind: str, head: bytes, uri: str, account: Account) -> Iterator[Entry]:
    """The files of a compressed TAR, or the one file; `head` are the first bytes of `packed`.

    Raises ReadProblem where the TAR cannot be followed further.
    """
    signature, make = STREAMS[kind]
    unpacked = Decoded(packed, lambda: make(account), account, again=signature)
    first = read_all(unpacked, BLOCK)
    whole = Pushed(first, unpacked)
    if tar.is_header(first):
        yield from tar.entries(buffered(whole), account)
        while unpacked.read(STEP):  # to the checksum, which is the last thing in the stream
            pass
        return
    name, size = _stored_name(kind, head) or _own_name(uri), None
    try:
        beginning = read_all(whole, HELD)
        size = len(beginning) if len(beginning) < HELD else _length(packed, kind, account)
        whole = Pushed(beginning, whole)
    except ReadProblem:
        pass  # raised again by who reads the file
    yield Entry(name, size, whole)


def _length(packed: Stream, kind: str, account: Account) -> int | None:
    """How long the unpacked file is, which no format states reliably: unpacked once more to count.

    None where it cannot be read twice, or is damaged.
    """
    if not isinstance(packed, Window):
        return None
    signature, make = STREAMS[kind]
    # an account of its own: what is counted here is not read
    again = Account(account.limits, account.packed)
    whole = Decoded(packed.part(0, packed.size), lambda: make(again), again, again=signature)
    try:
        return skip(whole, sys.maxsize)
    except ReadProblem:
        return None


def _stored_name(kind: str, head: bytes) -> str:
    """The original name that gzip may keep (RFC 1952, FNAME, Latin-1)."""
    if kind != "gzip" or len(head) < 12 or not head[3] & _HAS_NAME:
        return ""
    start = 10
    if head[3] & _HAS_EXTRA:
        start += 2 + int.from_bytes(head[10:12], "little")
    name, end, _ = head[start:].partition(b"\0")
    return name.decode("latin-1") if end else ""


def _own_name(uri: str) -> str:
    """The archive's own name without its suffix."""
    return os.path.splitext(uri.replace("\\", "/").rsplit("/", 1)[-1])[0]
