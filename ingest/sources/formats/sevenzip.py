"""7Z: py7zr reads the header and configures the codecs; the bytes are pulled through them here.

py7zr itself pushes: it unpacks up to 128 MB in one call, keeps the input of a dense archive in
memory, and would need a thread to become an iterator. Its decoders as a row of bounded streams
need neither. `chain`, `_unpacksizes` and `_decompressor` are no public names of py7zr, but its
version is pinned, and the tests write archives with every codec.
"""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Iterator
from functools import partial
from itertools import accumulate
from typing import Any, BinaryIO, cast

from py7zr import PasswordRequired, SevenZipFile, UnsupportedCompressionMethodError, archiveinfo
from py7zr import compressor as codecs
from py7zr.py7zr import ArchiveFile, ArchiveFileList

from ingest.sources.caps import Account
from ingest.sources.decoded import Decoded, Decoder
from ingest.sources.decompress import Inflate, Stepwise, deflate64
from ingest.sources.formats.entry import DEVICE, ENCRYPTED, LINK, Entry, Refusal
from ingest.sources.records import LimitExceeded, ReadProblem
from ingest.sources.streams import Bounded, Stream, Window

_DAMAGED = Refusal("error", "7z header is damaged")
_LZMA, _LZMA2 = b"\x03\x01\x01", b"\x21"
_PPMD = b"\x03\x04\x01"
"""Refused: the decoder of pyppmd 1.3.1 corrupts memory on damaged data (4 flipped bits suffice)."""


def entries(archive: Window, account: Account) -> Iterator[Entry]:
    """The files of a 7Z. Raises ReadProblem where the archive cannot be followed further."""
    files, blocks = _contents(archive, account)
    last: _Block | None = None
    for file in files:
        if file.is_directory:
            continue
        size = 0 if file.emptystream else file.uncompressed or 0
        block = blocks.get(id(file.folder))
        content: Stream | Refusal = Bounded(archive.part(0, 0), 0)
        if size:
            if last and last is not block:
                last.close()
            content = block.file(size, file.crc32) if block and size > 0 else _DAMAGED
            last = block
        yield Entry(file.filename, size, _refusal(file) or content)


def _contents(archive: Window, account: Account) -> tuple[ArchiveFileList, dict[int, _Block]]:
    """The files, and their blocks by the identity of py7zr's record of a block."""
    # py7zr spends 650 bytes on a file that the header of a bomb states in 0.004, so its limit of
    # 8 million files is lowered; that of 65,536 packed streams is raised, as an archive that is
    # not solid has one for each file.
    archiveinfo.MAX_NUMFILES = account.limits.max_members
    archiveinfo.MAX_NUMSTREAMS = account.limits.max_members
    try:
        header = SevenZipFile(cast(BinaryIO, archive), "r")
        return header.files, dict(_blocks(archive, header, account))
    except ReadProblem:
        raise
    except PasswordRequired:
        raise ReadProblem("archive is encrypted") from None
    except UnsupportedCompressionMethodError:
        raise ReadProblem("compression method is not supported") from None
    except Exception as error:  # a hostile header meets asserts, index and type errors in py7zr
        if "exceeds limit" in str(error):
            raise LimitExceeded(f"more than {account.limits.max_members:,} members") from None
        raise ReadProblem("7z header is damaged") from None


def _blocks(
    archive: Window, header: SevenZipFile, account: Account
) -> Iterator[tuple[int, _Block]]:
    streams = header.header.main_streams
    if streams is None:
        return
    sizes = streams.packinfo.packsizes
    starts = accumulate(sizes, initial=header.afterheader + streams.packinfo.packpos)
    packed = [archive.part(start, size) for start, size in zip(starts, sizes, strict=False)]
    index = 0
    for folder in streams.unpackinfo.folders:
        yield id(folder), _Block(packed[index], folder, account)
        index += max(1, len(folder.packed_indices))


def _refusal(file: ArchiveFile) -> Refusal | None:
    if file.is_symlink or file.is_junction:
        return LINK
    return None if file.is_file else DEVICE


class _Block:
    """Files that follow each other in one compressed stream (a "folder" in the words of 7-Zip).

    Damage costs the files behind it in the block; each of them says so, and the next block is read.
    """

    def __init__(self, packed: Window, folder: archiveinfo.Folder, account: Account) -> None:
        self._packed, self._folder, self._account = packed, folder, account
        self._stream: Stream | None = None
        self._last = Bounded(packed, 0)
        self._trouble: Refusal | None = None

    def file(self, size: int, crc: int | None) -> Stream | Refusal:
        """The next file of the block."""
        try:
            if self._trouble is None:
                self._last.skip_rest()
                self._stream = self._stream or _unpacked(self._packed, self._folder, self._account)
                self._last = Bounded(self._stream, size, crc)
        except LimitExceeded:
            raise
        except PasswordRequired:
            self._trouble = ENCRYPTED
        except UnsupportedCompressionMethodError:
            self._trouble = Refusal("error", "compression method is not supported")
        except ReadProblem as problem:
            self._trouble = Refusal("error", problem.reason)
        return self._trouble or self._last

    def close(self) -> None:
        """Let go of the decoder: an archive that is not solid has a block for each file."""
        self._trouble, self._stream, self._last = _DAMAGED, None, Bounded(self._packed, 0)


def _unpacked(packed: Window, folder: archiveinfo.Folder, account: Account) -> Stream:
    """The bytes of a block. Raises ReadProblem and the exceptions of py7zr for what it cannot."""
    for coder in folder.coders:
        if coder["method"] == _PPMD:
            raise ReadProblem("compression method PPMd is not supported")
        account.window(_dictionary(coder["method"], coder["properties"] or b""))
    try:
        plan = codecs.SevenZipDecompressor(folder.coders, packed.size, folder.unpacksizes, None)
    except (PasswordRequired, UnsupportedCompressionMethodError):
        raise
    except Exception:  # properties of a codec that make no sense
        raise ReadProblem("7z header is damaged") from None
    stream: Stream = packed
    for codec, size in zip(plan.chain, plan._unpacksizes, strict=False):
        stream = Bounded(Decoded(stream, partial(_decoder, codec), account), size)
    return stream


def _dictionary(method: bytes, properties: bytes) -> int:
    """Bytes that LZMA allocates for its dictionary, as its properties state."""
    if method == _LZMA:
        return int.from_bytes(properties[1:5], "little")
    if method == _LZMA2 and properties:
        return int(2 | properties[0] & 1) << (min(properties[0], 40) // 2 + 11)
    return 0


def _decoder(codec: Any) -> Decoder:
    """A codec of py7zr with a bound on each step; one that has none is replaced or fed slowly."""
    if isinstance(codec, lzma.LZMADecompressor | bz2.BZ2Decompressor):
        return codec
    if isinstance(codec, codecs.LZMA1Decompressor):
        return codec._decompressor
    if isinstance(codec, codecs.ZstdDecompressor):
        return codec.decompressor
    if isinstance(codec, codecs.DeflateDecompressor):
        return Inflate()
    if isinstance(codec, codecs.Deflate64Decompressor):
        return deflate64()
    if isinstance(codec, codecs.BrotliDecompressor):
        return _Brotli(codec)
    return Stepwise(codec.decompress, 1 << 16)  # copies and filters: as much out as in


class _Brotli:
    unused_data = b""

    def __init__(self, codec: codecs.BrotliDecompressor) -> None:
        self._codec = codec
        self._ready = b""

    @property
    def needs_input(self) -> bool:
        return not self._ready and bool(self._codec._decompressor.can_accept_more_data())

    @property
    def eof(self) -> bool:
        return not self._ready and bool(self._codec._decompressor.is_finished())

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        if not self._ready:  # its limit is a soft one
            self._ready = bytes(self._codec.decompress(data, max_length))
        unpacked, self._ready = self._ready[:max_length], self._ready[max_length:]
        return unpacked
