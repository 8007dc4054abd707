"""ZIP: members in the order of the central directory, or of their local headers where it is lost.

`zipfile` is the oracle of the tests rather than the reader: it holds every entry in memory before
the first can be used, gives up on the whole archive for one undecodable name or a missing
directory, and unpacks bzip2 and LZMA without a bound. Source: PKWARE APPNOTE 6.3.10.
"""

from __future__ import annotations

import bz2
import stat
from collections.abc import Callable, Generator, Iterator

from ingest.sources import decompress
from ingest.sources.caps import Account
from ingest.sources.decoded import Decoded, Decoder
from ingest.sources.formats import zip_headers
from ingest.sources.formats.entry import DEVICE, ENCRYPTED, LINK, Entry, Refusal
from ingest.sources.formats.zip_headers import Record
from ingest.sources.records import ReadProblem
from ingest.sources.streams import STEP, Bounded, Stored, Window

_FLAG_ENCRYPTED = 0x0041
_FLAG_DESCRIPTOR = 0x0008
_FLAG_PATCH = 0x0020
_METHOD_AES = 99

_STORED = 0
_METHODS: dict[int, Callable[[Account], Decoder]] = {
    8: lambda account: decompress.Inflate(),
    9: lambda account: decompress.deflate64(),
    12: lambda account: bz2.BZ2Decompressor(),
    14: decompress.ZipLzma,
    93: lambda account: decompress.zstandard(),
}


def entries(archive: Window, account: Account) -> Iterator[Entry]:
    """The files of a ZIP. Raises ReadProblem where the archive cannot be followed further."""
    directory = zip_headers.directory(archive)
    if directory is None:
        yield from _walked(archive, account)
        raise ReadProblem("zip ends without a central directory")
    listed = 0
    for record in zip_headers.records(directory):
        listed += 1
        if not _is_folder(record):
            yield _entry(archive, record, account)
    if (listed - directory.stated) & 0xFFFF:  # some writers let the count of 16 bits wrap
        raise ReadProblem("central directory does not list as many members as it states")


def _is_folder(record: Record) -> bool:
    return record.size == 0 and (record.name.endswith("/") or bool(record.attributes & 0x10))


def _refusal(record: Record) -> Refusal | None:
    """Why a member cannot be read, as far as its header tells."""
    mode = record.attributes >> 16 if record.unix else 0
    if stat.S_ISLNK(mode):
        return LINK
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return DEVICE
    if record.flags & _FLAG_ENCRYPTED or record.method == _METHOD_AES:
        return ENCRYPTED
    if record.method not in (_STORED, *_METHODS) or record.flags & _FLAG_PATCH:
        return Refusal("error", f"compression method {record.method} is not supported")
    return None


def _entry(archive: Window, record: Record, account: Account) -> Entry:
    refusal = _refusal(record)
    if refusal:
        return Entry(record.name, record.size, refusal)
    start = zip_headers.data_start(archive, record.offset)
    if start is None:
        return Entry(record.name, record.size, Refusal("error", "local header is damaged"))
    packed = archive.part(start, record.packed)
    if record.method == _STORED:
        plain = archive.part(start, min(record.packed, record.size))
        content = Bounded(Stored(packed, account), record.size, record.crc)
        return Entry(record.name, record.size, content, plain)
    content = Bounded(_decoded(packed, record, account), record.size, record.crc)
    return Entry(record.name, record.size, content)


def _decoded(packed: Window, record: Record, account: Account) -> Decoded:
    return Decoded(packed, lambda: _METHODS[record.method](account), account)


def _walked(archive: Window, account: Account) -> Iterator[Entry]:
    """The members by their local headers, for an archive that lost its directory."""
    at = 0
    while (found := zip_headers.local(archive, at)) is not None:
        record, start = found
        if record.flags & _FLAG_DESCRIPTOR and record.packed == 0:
            at = yield from _open_ended(archive, record, start, account)
            continue
        at = start + record.packed
        if not _is_folder(record):
            yield _entry(archive, record, account)._replace(fatal=at > archive.size)


def _open_ended(
    archive: Window, record: Record, start: int, account: Account
) -> Generator[Entry, None, int]:
    """A member whose size is stated behind its data: that data has to tell its end itself."""
    refusal = _refusal(record)
    if refusal is None and record.method == _STORED:
        refusal = Refusal("error", "size of the member is not known")
    if refusal:
        yield Entry(record.name, None, refusal)
        return archive.size
    unpacked = _decoded(archive.part(start, archive.size), record, account)
    if not record.name.endswith("/"):
        yield Entry(record.name, None, unpacked, fatal=True)
    while unpacked.read(STEP):
        pass
    return zip_headers.behind_descriptor(archive, start + unpacked.consumed)
