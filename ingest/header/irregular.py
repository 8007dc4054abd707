"""What the fast reader leaves alone, read by pydicom: big endian, odd lengths, unknown VRs.

The result has the same form, so nothing behind this module knows the difference.  pydicom takes a
file that ends too early as it is, and whatever is nested or repeated however often: what has to be
noticed is noticed here, and what has to be bounded is bounded.
"""

from __future__ import annotations

import logging
import struct
import warnings
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from ingest.header import vr
from ingest.header.keys import Key
from ingest.header.outcome import Header, Problem
from ingest.header.tokens import Tokens
from ingest.header.vocabulary import BULK, MAX_DEPTH, Vocabulary
from ingest.header.widths import NO_LENGTH

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

MAX_FILE = 64 * 1024 * 1024
"""pydicom reads values, pixel data too; of a larger file it gets this much and no pixel data."""
MAX_READS = 1_000_000
"""Calls of ``read``: pydicom makes two or three for an element, and takes 20 microseconds."""
MAX_WARNINGS = 10_000
MAX_ITEMS = 100_000
"""Items, of which pydicom takes 40 microseconds and a kilobyte each."""
SHORT = 1024
UNDEFINED = 0xFFFFFFFF
ITEMS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")

WHY = {
    "BytesLengthException": "a number in it has an odd length",
    "EOFError": "it ends inside an element",
    "NotImplementedError": "an element in it has an unknown VR",
    "OSError": "a sequence in it has no end",
    "error": "it ends inside an element",  # of the module struct
    "RecursionError": "sequences are nested too deep",
    "TooMany": "it has too many elements",
}


class TooMany(Exception):
    """The header has more elements than can be held."""


class _Source(BytesIO):
    """A file for pydicom that counts the reads, and notices an end inside an element, which pydicom
    passes over.  (It asks for 8 bytes and less at the end of a file, and for chunks of pixel data.)
    """

    reads = 0
    warnings = 0
    cut = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > MAX_READS:
            raise TooMany
        found = super().read(size)
        if size and len(found) < size < SHORT and (found or size > 8) and self.tell() > 132:
            self.cut = True
        return found


def read_header(
    read: Callable[[int, int], bytes], size: int, head: bytes, vocabulary: Vocabulary
) -> Header:
    """Read a header with pydicom; what it cannot read is an error."""
    from pydicom.filereader import read_partial  # slow to import and rarely needed

    upto = min(size, MAX_FILE)
    data = head + read(len(head), upto - len(head)) if upto > len(head) else head[:upto]
    if sum(map(data.count, ITEMS)) > MAX_ITEMS:
        return Header.error(f"the header cannot be read: {WHY['TooMany']}")
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)  # its messages quote values
    source, tokens = _Source(data), Tokens(b"", 0)
    header = Header("ok", tokens=tokens, read_by="pydicom", whole=False)
    skipped: list[tuple[Key, int]] = []  # pixel data and its length

    def at_pixel_data(tag: int, name: str | None, length: int) -> bool:
        if tag in BULK:
            header.header_bytes = source.tell()
            skipped.append((Key("", int(tag), name or "OW"), length))
        return tag in BULK

    def warned(message: Warning | str, *_: Any, **__: Any) -> None:
        source.warnings += 1
        if source.warnings > MAX_WARNINGS:
            raise TooMany
        if "before delimiter" in str(message):
            source.cut = True

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = warned
            stop = at_pixel_data if size > MAX_FILE else None
            found = read_partial(source, stop_when=stop, force=True)
            for part in (found.file_meta, found):
                _add_data_set(part, "", tokens, vocabulary, header, 0)
    except Exception as error:  # pydicom raises whatever its parts raise; the kind is the reason
        kind = type(error).__name__
        return Header.error(f"the header cannot be read: {WHY.get(kind, kind)}")
    if size > MAX_FILE and not skipped:
        return Header.error(f"the header cannot be read: irregular beyond {MAX_FILE >> 20} MiB")
    if skipped and skipped[0][1] != UNDEFINED:
        key, length = skipped[0]
        header.pixel_data_bytes = min(length, size - header.header_bytes)
        _add(tokens, vocabulary.keys.number(key), b"%d" % header.pixel_data_bytes)
        if header.pixel_data_bytes < length:
            header.truncation = "pixel data"
    if source.cut:
        header.truncation = header.truncation or "header"
    header.problems.append(Problem("read_by_pydicom"))
    header.header_bytes = header.header_bytes or len(data)
    return header


def _add_data_set(
    found: Dataset, prefix: str, tokens: Tokens, vocabulary: Vocabulary, header: Header, depth: int
) -> None:
    if depth > MAX_DEPTH:
        raise RecursionError
    first, noted = len(tokens.keys), -1
    for tag in sorted(found.keys()):
        creator = _creator(found, tag)
        if not depth and _is_cut(found, tag):
            header.truncation = "pixel data" if int(tag) in BULK else "header"
            if int(tag) not in BULK:
                continue
        for name, value, items in _values(found, tag):
            key = Key(prefix, int(tag), name, creator)
            if int(tag) in BULK and not prefix:
                header.pixel_data_bytes = len(value)
                raw = found.get_item(tag, keep_deferred=True)
                header.header_bytes = getattr(raw, "value_tell", 0)
                value = b"%d" % len(value)
            elif int(tag) in BULK:
                value = b"%d" % len(value)
            _add(tokens, vocabulary.keys.number(key), value)
            for index, item in enumerate(items):
                inner = f"{prefix}{int(tag):08X}[{index}]."
                _add_data_set(item, inner, tokens, vocabulary, header, depth + 1)
            if int(tag) == 0x00080005 and not depth:
                tokens.charset = value.rstrip(b" \0")
            elif int(tag) == 0x00080005:
                noted = tokens.begin_charset(first, value.rstrip(b" \0"))
    tokens.end_charset(noted)


def _is_cut(found: Dataset, tag: Any) -> bool:
    """Whether the file ends inside the value of an element."""
    raw = found.get_item(tag, keep_deferred=True)
    length = getattr(raw, "length", 0)  # an element that pydicom has looked at has none
    return length not in (0, UNDEFINED) and len(getattr(raw, "value", None) or b"") < length


def _add(tokens: Tokens, key: int, value: bytes) -> None:
    tokens.given[len(tokens.keys)] = value
    tokens.keys.append(key)
    tokens.starts.append(0)
    tokens.ends.append(0)
    tokens.widths.append(NO_LENGTH)


def _creator(found: Dataset, tag: Any) -> str | None:
    if not tag.is_private or tag.is_private_creator or tag.element < 0x1000:
        return None
    raw = found.get_item((tag.group, tag.element >> 8), keep_deferred=True)
    value = getattr(raw, "value", None)
    if isinstance(value, bytes):
        return value.strip(b" \0").decode("latin-1")
    return str(value).strip(" \0") if value else None


def _values(found: Dataset, tag: Any) -> Iterator[tuple[str, bytes, list[Dataset]]]:
    """VR, raw little-endian value and items of an element."""
    from pydicom.dataelem import RawDataElement
    from pydicom.hooks import raw_element_vr

    raw = found.get_item(tag, keep_deferred=True)
    if isinstance(raw, RawDataElement):
        chosen: dict[str, Any] = {}
        raw_element_vr(raw, chosen, ds=found)
        name = str(chosen["VR"])
        if name != "SQ" and " or " not in name:
            value = raw.value if isinstance(raw.value, bytes) else b""
            as_it_is = raw.is_little_endian or int(tag) in BULK
            yield name, value if as_it_is else _swapped(value, name), []
            return
    try:
        element = found[tag]
    except (NotImplementedError, OSError, ValueError, struct.error):  # not what its VR says
        stored = getattr(raw, "value", None)
        yield "UN", stored if isinstance(stored, bytes) else b"", []
        return
    name = str(element.VR)
    if name == "SQ":
        items = list(element.value or [])
        yield name, b"%d" % len(items), items
        return

    yield name, _encoded(element.value, name), []


def _swapped(value: bytes, name: str) -> bytes:
    width = SWAP.get(name, 1)
    if width == 1 or len(value) % width:
        return value
    return np.frombuffer(value, f">u{width}").astype(f"<u{width}").tobytes()


SWAP = {
    "US": 2, "SS": 2, "OW": 2, "AT": 2, "UL": 4, "SL": 4, "FL": 4, "OF": 4, "OL": 4,
    "FD": 8, "SV": 8, "UV": 8, "OD": 8, "OV": 8,
}  # fmt: skip


def _encoded(value: Any, name: str) -> bytes:
    """A value pydicom has decoded already (an ambiguous VR), in little endian again."""
    if isinstance(value, bytes):
        return value
    if value is None:
        return b""
    values = list(value) if hasattr(value, "__iter__") and not isinstance(value, str) else [value]
    if name in vr.NUMBER_FORMAT:
        return struct.pack(f"<{len(values)}{vr.NUMBER_FORMAT[name]}", *values)
    return "\\".join(str(v) for v in values).encode()
