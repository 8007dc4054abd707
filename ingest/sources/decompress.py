"""Decompressors with one face and a bound on what a step may yield.

`lzma` and `bz2` have both by themselves. Deflate, Deflate64, LZMA as ZIP frames it, and the codecs
that py7zr brings along are adapted here.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Any

from ingest.sources.caps import Account
from ingest.sources.decoded import Decoder
from ingest.sources.records import ReadProblem

RAW_DEFLATE = -15
GZIP = 31
"""`wbits` of zlib: a bare deflate stream; one with the header and checksum of gzip."""


class Inflate:
    """zlib with the manners of `lzma`: input that does not fit one step is kept."""

    def __init__(self, wbits: int = RAW_DEFLATE) -> None:
        self._zlib = zlib.decompressobj(wbits)
        self._more = False

    @property
    def needs_input(self) -> bool:
        return not self._more and not self._zlib.unconsumed_tail

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        unpacked = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self._more = len(unpacked) == max_length  # zlib may hold more without needing input
        return unpacked


class Stepwise:
    """A codec that unpacks all it is given, fed `step` bytes at a time; what is too much is kept.

    It never knows its end: the size of the unpacked data has to.
    """

    eof = False
    unused_data = b""

    def __init__(self, unpack: Callable[[bytes], bytes | bytearray], step: int) -> None:
        self._unpack, self._step = unpack, step
        self._waiting = b""
        self._ready = b""

    @property
    def needs_input(self) -> bool:
        return not self._waiting and not self._ready

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        self._waiting += data
        if not self._waiting and not self._ready:
            self._ready = bytes(self._unpack(b""))  # the input has ended: what was held back
        while self._waiting and not self._ready:
            piece, self._waiting = self._waiting[: self._step], self._waiting[self._step :]
            self._ready = bytes(self._unpack(piece))
        unpacked, self._ready = self._ready[:max_length], self._ready[max_length:]
        return unpacked


def deflate64() -> Decoder:
    """Deflate64, which Windows uses for large files in a ZIP."""
    # A symbol of three bytes can stand for 65,538: 256 bytes of input stay below 8 MiB.
    return Stepwise(_py7zr().Deflate64Decompressor().decompress, 256)


def zstandard() -> Decoder:
    """Zstandard; the library itself refuses windows above 128 MiB."""
    decoder: Decoder = _py7zr().zstd.ZstdDecompressor()
    return decoder


def xz(account: Account) -> Decoder:
    """The .xz format."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=account.limits.max_window)


def raw_lzma(properties: bytes, account: Account) -> Decoder:
    """LZMA without a container, from its five bytes of properties. Raises ReadProblem."""
    if len(properties) != 5 or properties[0] >= 9 * 5 * 5:
        raise ReadProblem("compressed data is damaged")
    rest, lc = divmod(properties[0], 9)
    pb, lp = divmod(rest, 5)
    dictionary = int.from_bytes(properties[1:], "little")
    account.window(dictionary)
    chain: list[dict[str, Any]] = [
        {"id": lzma.FILTER_LZMA1, "lc": lc, "lp": lp, "pb": pb, "dict_size": max(dictionary, 4096)}
    ]
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain)


def _py7zr() -> Any:
    from py7zr import compressor  # a tenth of a second, which only those who need it pay

    return compressor


class ZipLzma:
    """LZMA in a ZIP member: a version, the size of the properties, the properties, raw LZMA.

    Source: PKWARE APPNOTE 6.3.10, section 5.8.8.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._header = b""
        self._decoder: Decoder | None = None

    @property
    def needs_input(self) -> bool:
        return self._decoder is None or self._decoder.needs_input

    @property
    def eof(self) -> bool:
        return self._decoder is not None and self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data if self._decoder else b""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        if self._decoder is None:
            self._header += data
            end = 4 + int.from_bytes(self._header[2:4], "little")
            if len(self._header) < max(end, 9):
                return b""
            self._decoder = raw_lzma(self._header[4:end], self._account)
            data, self._header = self._header[end:], b""
        return self._decoder.decompress(data, max_length)


STREAMS: dict[str, tuple[bytes, Callable[[Account], Decoder]]] = {
    "gzip": (b"\x1f\x8b\x08", lambda account: Inflate(GZIP)),
    "bz2": (b"BZh", lambda account: bz2.BZ2Decompressor()),
    "xz": (b"\xfd7zXZ\x00", xz),
}
"""Formats that hold one compressed stream (or several in a row): signature and decompressor."""
