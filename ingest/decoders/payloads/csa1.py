"""Siemens' older CSA1 layout (no magic; Numaris 4 before 2005, non-image objects).

It differs from CSA2 in three ways, all from SPM's spm_dicom_headers (decode_csa1): it starts with
the number of tags; an item's length is the first integer of its header minus the number of items
of the *first* tag; and the items of a tag end early where that length is negative. (nibabel takes
the second tag's number, so it is no oracle here.)
"""

from __future__ import annotations

from struct import Struct

from ingest.decoders.payloads.csa import DELIMITERS, MAX_TAGS, NUMERIC, tag_header
from ingest.decoders.payloads.plain import joined, text_of
from ingest.decoders.records import Field

_HEADER = Struct("<2I").unpack_from
_HEADER_SIZE = 8
_TAG_SIZE = 84
_ITEM = Struct("<i4xi4x").unpack_from
_ITEM_SIZE = 16


def _header(data: bytes) -> tuple[int, int]:
    """Number of tags and delimiter."""
    n_tags, delimiter = _HEADER(data)
    return n_tags, delimiter


def is_csa1(data: bytes) -> bool:
    """Whether `data` starts as CSA1 does: a plausible number of tags, the delimiter 77."""
    if len(data) < _HEADER_SIZE:
        return False
    n_tags, delimiter = _header(data)
    return 0 < n_tags <= MAX_TAGS and delimiter == 77


def _items(data: bytes, pos: int, n_items: int, bias: int) -> tuple[list[bytes], int]:
    """The raw items at `pos` and where they end; -1 if they are cut or irregular."""
    items: list[bytes] = []
    for _ in range(n_items):
        if pos + _ITEM_SIZE > len(data):
            return items, -1
        first, delimiter = _ITEM(data, pos)
        if delimiter not in DELIMITERS:
            return items, -1
        pos += _ITEM_SIZE
        length = first - bias
        if length < 0:
            break
        if pos + length > len(data):
            return items, -1
        items.append(data[pos : pos + length])
        pos += (length + 3) & -4
    return items, pos


def _text(items: list[bytes], vm: int, vr: str) -> str:
    """The values of a tag joined with a backslash, by the same rules as in CSA2."""
    values = []
    for item in items[:vm] if vm > 0 else items:
        if not item and vr in NUMERIC:
            break
        values.append(text_of(item))
    return joined(values)


def fields(data: bytes) -> tuple[list[Field], str | None]:
    """Every tag of a CSA1 payload in order; after an irregularity those before it, and why."""
    found: list[Field] = []
    if not is_csa1(data):
        return found, "not a CSA1 header"
    n_tags = _header(data)[0]
    pos = _HEADER_SIZE
    bias = 0
    for number in range(n_tags):
        first = pos + _TAG_SIZE
        tag = tag_header(data[pos:first]) if first <= len(data) else None
        if tag is None:
            return found, f"CSA1: tag {number + 1} of {n_tags} is cut or irregular"
        name, vr, vm, n_items = tag
        bias = n_items if number == 0 else bias
        items, pos = _items(data, first, n_items, bias)
        found.append(Field(name, vr, _text(items, vm, vr)))
        if pos < 0:
            return found, f"CSA1: an item of tag {number + 1} of {n_tags} is cut or irregular"
    return found, None
