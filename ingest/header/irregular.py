"""What the fast reader leaves alone, read by pydicom: big endian, odd lengths, unknown VRs.

The result has the same form, so nothing behind this module knows the difference.  pydicom takes a
file that ends too early as it is, and whatever is nested or repeated however often: what has to be
noticed is noticed here, and what has to be bounded is bounded.  It is never given pixel data.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from ingest.header import dictionary, vr
from ingest.header.ambiguous import resolve_ambiguous
from ingest.header.behind_pixels import bytes_at, end_of_pixels, trailing
from ingest.header.deflated import EXPLICIT
from ingest.header.fragments import Ends
from ingest.header.from_pydicom import Bulk, add_data_set, is_cut
from ingest.header.keys import Key
from ingest.header.outcome import MAX_HEADER, Header, Problem, Read
from ingest.header.tokens import ITEM, UNDEFINED, Tokens
from ingest.header.vocabulary import BULK, Vocabulary

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

MAX_READS = 1_000_000
"""Calls of ``read``: pydicom makes two or three for an element, and takes 20 microseconds."""
MAX_WARNINGS = 10_000
MAX_ITEMS = 100_000
"""Items, of which pydicom takes 40 microseconds and a kilobyte each."""
SHORT = 1024
ITEMS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")

WHY = {
    "BytesLengthException": "a number in it has an odd length",
    "EOFError": "it ends inside an element",
    "NotImplementedError": "an element in it has an unknown VR",
    "OSError": "a sequence in it has no end",
    "error": "it ends inside an element",  # of the module struct
    "RecursionError": "sequences are nested too deep",
    "TooLarge": f"it is larger than {MAX_HEADER >> 20} MiB",
    "TooMany": "it has too many elements",
}


class TooLarge(Exception):
    """The header has more bytes than can be held."""


class TooMany(Exception):
    """The header has more elements than can be held."""


class _Source:
    """A file for pydicom, read as far as it asks, and no further than a header may be long.

    It counts the reads, and notices an end inside an element, which pydicom passes over.  (It asks
    for 8 bytes and less at the end of a file, and for chunks of what has no length.)
    """

    def __init__(self, read: Read, size: int, head: bytes) -> None:
        self._read, self._size, self._at = read, size, 0
        self._reads = self._warnings = self._items = 0
        self.data = b""
        self.cut = False
        self._add(head[:size])

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> None:
        self._at = offset + (self._at if whence else 0)

    def read(self, size: int | None = -1) -> bytes:
        self._reads += 1
        if self._reads > MAX_READS:
            raise TooMany
        found = self.peek(self._size if size is None or size < 0 else size)
        self._at += len(found)
        if size and len(found) < size < SHORT and (found or size > 8) and self._at > 132:
            self.cut = True
        return found

    def peek(self, size: int) -> bytes:
        """What is read next."""
        stop, known = min(self._at + size, self._size), len(self.data)
        if stop > known:
            if stop > MAX_HEADER:
                raise TooLarge
            upto = min(self._size, MAX_HEADER, max(stop, 2 * known))
            self._add(self._read(known, upto - known))
        return self.data[self._at : self._at + size]

    def warned(self, message: Warning | str, *_: Any, **__: Any) -> None:
        """Take a warning of pydicom."""
        self._warnings += 1
        if self._warnings > MAX_WARNINGS:
            raise TooMany
        if "before delimiter" in str(message):
            self.cut = True

    def _add(self, more: bytes) -> None:
        self._items += sum(map((self.data[-3:] + more).count, ITEMS))
        if self._items > MAX_ITEMS:
            raise TooMany
        self.data += more


def read_header(
    read: Read, size: int, head: bytes, vocabulary: Vocabulary, ends: Ends, deflated: bytes = b""
) -> Header:
    """Read a header with pydicom; what it cannot read is an error.

    ``deflated`` is the transfer syntax of a data set that was deflated and is not any more.
    """
    if deflated:  # pydicom would inflate it again, and without a bound
        head = head.replace(deflated, EXPLICIT.ljust(len(deflated), b"\0"), 1)
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)  # its messages quote values
    tokens, scope = Tokens(b"", 0), vocabulary.explicit
    header = Header("ok", tokens=tokens, read_by="pydicom", whole=False)
    header.problems.append(Problem("read_by_pydicom"))
    try:
        source = _Source(read, size, head)
        found, bulk = _parsed(source)
        if bulk is not None:
            header.header_bytes = bulk.start
            behind = _skip(bulk, source.data, read, size, ends, header)
            found = _extended(found, source.data[: source.tell()], behind, header)
        if deflated:
            found.file_meta[0x00020010].value = deflated.decode()
        with _heard_by(source):
            add_data_set(found.file_meta, scope, header, tokens)
            add_data_set(found, scope, header, tokens, bulk)
    except Exception as error:  # pydicom raises whatever its parts raise; the kind is the reason
        kind = type(error).__name__
        return Header.error(f"the header cannot be read: {WHY.get(kind, kind)}")
    if tokens.ambiguous:
        resolve_ambiguous(tokens, vocabulary)
    header.header_bytes = header.header_bytes or source.tell()
    if source.cut:
        header.truncation = header.truncation or "header"
    return header


@contextmanager
def _heard_by(source: _Source) -> Iterator[None]:
    """What pydicom warns of is told to the source it reads."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = source.warned
        yield


def _parsed(source: _Source, *, to_end: bool = False) -> tuple[FileDataset, Bulk | None]:
    """The data set, up to its pixel data; the source stands where they begin, or at its end.

    Of pixel data that are neither of defined length nor fragments pydicom looks for the end.
    """
    from pydicom.filereader import read_partial  # slow to import and rarely needed

    bulk: list[Bulk] = []

    def at_pixel_data(tag: int, name: str | None, length: int) -> bool:
        if tag not in BULK or (length == UNDEFINED and source.peek(4) != ITEM):
            return False
        bulk.append(Bulk(_key(int(tag), name, length), source.tell(), length))
        return True

    with _heard_by(source):
        stop = None if to_end else at_pixel_data
        found = read_partial(cast(BinaryIO, source), stop_when=stop, force=True)
    return found, bulk[-1] if bulk else None


def _key(tag: int, written: str | None, length: int) -> Key:
    known = written in vr.ALL and written != "UN"
    name = written if written and known else dictionary.entry(tag, None).vr
    if " or " in name:  # PS3.5 A.1, A.4
        name = "OB" if length == UNDEFINED else "OW"
    return Key("", tag, name)


def _skip(bulk: Bulk, data: bytes, read: Read, size: int, ends: Ends, header: Header) -> bytes:
    """Note the length of pixel data; returns what is behind them, but for padding."""
    end = end_of_pixels(read, data, bulk.start, bulk.length, size, ends, header)
    if size - end > MAX_HEADER:
        header.problems.append(trailing(size - end))
        return b""
    behind = bytes_at(read, data, end, size - end)
    return behind if behind.strip(b"\0") else b""


def _extended(found: FileDataset, before: bytes, behind: bytes, header: Header) -> FileDataset:
    """The data set with the elements behind its pixel data, as far as they can be read."""
    if not behind:
        return found
    whole = before + behind
    source = _Source(lambda *_: b"", len(whole), whole)
    try:
        found, _ = _parsed(source, to_end=True)
        cut = source.cut or any(is_cut(found, tag) for tag in sorted(found.keys()))
    except Exception:  # what is before them is there all the same
        cut = True
    if cut:
        header.problems.append(trailing(len(behind)))
    return found
