"""Siemens' CSA2 layout ("SV10"): a list of named tags, each with a list of items.

One walk over the tag headers serves both ways of reading: whole payloads (`fields`), and the
header templates, which need to know where each tag's items stand (`layout`) so that in the next
file only the tags that vary are read (`items_end`, `text`). Both give the same text because they
are the same code.

Layout, little endian: "SV10", 4 bytes, uint32 number of tags, uint32 77. Per tag 84 bytes: name
(64 bytes, C string), int32 VM, VR (4 bytes, C string), int32 syngo data type, int32 number of
items, int32 77 or 205. Per item 16 bytes: int32 length three times around an int32 77 or 205
(length, length, delimiter, length), then the value, padded to a multiple of 4. Described by
nibabel's "Siemens CSA headers" and SPM's spm_dicom_headers; all of it held for the 95,490 items of
466 real payloads.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct
from typing import NamedTuple

from ingest.decoders.payloads.plain import joined, text_of
from ingest.decoders.records import Field

MAGIC = b"SV10"
MAX_TAGS = 1000  # nibabel's bound as well; real headers have 12 to 101
DELIMITERS = frozenset((77, 205))
# A numeric tag ends at its first empty item, a text tag may have empty values (nibabel).
NUMERIC = frozenset(("DS", "FD", "FL", "IS", "SL", "SS", "UL", "US"))

_HEADER = Struct("<4s4x2I").unpack_from
_HEADER_SIZE = 16
_TAG = Struct("<64si4s3i").unpack
_TAG_SIZE = 84
_ITEM = Struct("<4i").unpack_from
_ITEM_SIZE = 16
_ITEM_LENGTH = Struct("<4xi").unpack_from
# In every real header the filled items come first, and the rest of the list is this, repeated.
_EMPTY_ITEM = Struct("<4i").pack(0, 0, 205, 0)
_LONGEST_RUN = 128
_EMPTY_RUNS = tuple(_EMPTY_ITEM * n for n in range(_LONGEST_RUN))


class Span(NamedTuple):
    """Where the items of one tag stand: data[start:end], first item header to last padding."""

    name: str
    vr: str
    vm: int
    n_items: int
    start: int
    end: int


@lru_cache(maxsize=4096)
def tag_header(raw: bytes) -> tuple[str, str, int, int] | None:
    """Name, VR, VM and number of items of an 84-byte tag header; None if it cannot be one.

    A name is printable ASCII and has no slash, which separates a tag from its protocol's keys.
    Cached, since a scanner writes the same hundred headers into every file.
    """
    name_bytes, vm, vr_bytes, _, n_items, delimiter = _TAG(raw)
    if delimiter not in DELIMITERS or n_items < 0:
        return None
    name = name_bytes.partition(b"\0")[0].decode("latin-1")
    vr = vr_bytes.partition(b"\0")[0].decode("latin-1")
    if not name or "/" in name or not (name + vr).isascii() or not (name + vr).isprintable():
        return None
    return name, vr, vm, n_items


def items_end(data: bytes, pos: int, n_items: int, limit: int) -> int:
    """The end of the `n_items` items that start at `pos`; -1 if irregular or beyond `limit`."""
    last = limit - _ITEM_SIZE
    while n_items > 0:
        if pos > last:
            return -1
        length, again, delimiter, third = _ITEM(data, pos)
        if length != again or length != third or length < 0 or delimiter not in DELIMITERS:
            return -1
        pos += _ITEM_SIZE + ((length + 3) & -4)
        n_items -= 1
        if n_items < _LONGEST_RUN and data.startswith(_EMPTY_RUNS[n_items], pos):
            pos += n_items * _ITEM_SIZE
            break
    return pos if pos <= limit else -1


def text(region: bytes, n_items: int, vm: int, vr: str, pos: int = 0) -> str:
    """The values of the items at region[pos:], joined with a backslash; "" without any.

    The items must be regular (`items_end`). A VM of 0 means as many values as there are items;
    trailing empty items are not values.
    """
    if not n_items:
        return ""
    length: int
    if vm == 1:
        (length,) = _ITEM_LENGTH(region, pos)
        return text_of(region[pos + _ITEM_SIZE : pos + _ITEM_SIZE + length])
    values = []
    for _ in range(min(n_items, vm) if vm > 0 else n_items):
        (length,) = _ITEM_LENGTH(region, pos)
        if not length and vr in NUMERIC:
            break
        pos += _ITEM_SIZE
        values.append(text_of(region[pos : pos + length]))
        pos += (length + 3) & -4
    return joined(values)


def _walk(data: bytes, start: int, end: int) -> tuple[list[Span], str | None]:
    """The spans of all tags up to the first irregularity, and what that was."""
    spans: list[Span] = []
    end = min(end, len(data))
    if start < 0 or end - start < _HEADER_SIZE or not data.startswith(MAGIC, start):
        return spans, "not a CSA2 header"
    _, n_tags, delimiter = _HEADER(data, start)
    if not 0 < n_tags <= MAX_TAGS or delimiter not in DELIMITERS:
        return spans, "CSA2: the number of tags or its delimiter is wrong"
    pos = start + _HEADER_SIZE
    for number in range(n_tags):
        first = pos + _TAG_SIZE
        tag = tag_header(data[pos:first]) if first <= end else None
        if tag is None:
            return spans, f"CSA2: tag {number + 1} of {n_tags} is cut or irregular"
        name, vr, vm, n_items = tag
        pos = items_end(data, first, n_items, end) if n_items else first
        if pos < 0:
            return spans, f"CSA2: an item of tag {number + 1} of {n_tags} is cut or irregular"
        spans.append(Span(name, vr, vm, n_items, first, pos))
    return spans, None


def layout(data: bytes, start: int, end: int) -> list[Span] | None:
    """Where the items of every tag of the CSA2 payload data[start:end] stand.

    Ascending and never overlapping. None unless the payload is perfectly regular: every delimiter
    and length right, everything inside [start, end), no name twice.
    """
    spans, problem = _walk(data, start, end)
    if problem is not None or len({span.name for span in spans}) != len(spans):
        return None
    return spans


def fields(data: bytes) -> tuple[list[Field], str | None]:
    """Every tag of a CSA2 payload in order, those without a value with an empty text.

    After an irregularity the tags before it are given, and what it was.
    """
    spans, problem = _walk(data, 0, len(data))
    return [Field(s.name, s.vr, text(data, s.n_items, s.vm, s.vr, s.start)) for s in spans], problem
