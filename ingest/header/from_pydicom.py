"""A data set of pydicom as tokens, whose values are given: raw bytes in little endian."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ingest.header import vr
from ingest.header.data_set import unknown
from ingest.header.keys import Key
from ingest.header.outcome import Header
from ingest.header.stops import Irregular
from ingest.header.tokens import UNDEFINED, Tokens
from ingest.header.vocabulary import BULK, MAX_DEPTH, Layout, Scope
from ingest.header.widths import NO_LENGTH

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


class Bulk(NamedTuple):
    """Pixel data: where their value begins, and the length it claims to have."""

    key: Key
    start: int
    length: int


def add_data_set(
    found: Dataset, scope: Scope, header: Header, tokens: Tokens, bulk: Bulk | None = None
) -> None:
    """Add the elements, which stand in ``scope``, to the tokens, those of items behind their
    sequences.

    ``bulk`` are pixel data that pydicom was not given. Raises RecursionError where sequences are
    nested too deep, or TooMany.
    """
    first, noted = len(tokens.keys), -1
    tags = found.keys() if bulk is None else {*found.keys(), bulk.key.tag}
    for tag in sorted(tags):
        if bulk is not None and tag == bulk.key.tag and tag not in found:
            _add(tokens, scope.number(bulk.key), b"%d" % (header.pixel_data_bytes or 0))
            continue
        creator = _creator(found, tag)
        if not scope.depth and is_cut(found, tag):
            if bulk is None:
                header.truncation = "pixel data" if int(tag) in BULK else "header"
            if int(tag) not in BULK:
                continue
        name, value, items = _value(found, tag)
        if name == "UN" and _add_unknown(tokens, scope, int(tag), creator, value):
            continue
        if int(tag) in BULK and not scope.depth:
            header.pixel_data_bytes = len(value)
            raw = found.get_item(tag, keep_deferred=True)
            header.header_bytes = header.header_bytes or getattr(raw, "value_tell", 0)
        if int(tag) in BULK:
            value = b"%d" % len(value)
        _add(tokens, scope.number(Key(scope.prefix, int(tag), name, creator)), value)
        if items and scope.depth >= MAX_DEPTH:
            raise RecursionError
        for index, item in enumerate(items):
            add_data_set(item, scope.item(int(tag), index, implicit=False), header, tokens)
        if int(tag) == 0x00080005 and not scope.depth:
            tokens.charset = value.rstrip(b" \0")
        elif int(tag) == 0x00080005:
            noted = tokens.begin_charset(first, value.rstrip(b" \0"))
        elif int(tag) == 0x00280103:
            tokens.pixel_representation[scope.prefix] = value
    tokens.end_charset(noted)


def _add_unknown(tokens: Tokens, scope: Scope, tag: int, creator: str | None, value: bytes) -> bool:
    """Add a value of VR UN, which may hold a sequence (PS3.5 6.2.2), as the fast reader does; False
    where it cannot be read like that."""
    head = struct.pack("<2H", tag >> 16, tag & 0xFFFF) + b"UN"
    what = scope.learn(head)
    if what.layout == Layout.PRIVATE:
        what = scope.learn_private(head, creator)
    if what.layout != Layout.UNKNOWN:
        return False
    inside = Tokens(value, len(value))
    try:
        unknown(inside, 0, len(value), len(value), scope, what)
    except Irregular:  # the dictionary says that it is a sequence
        return False
    tokens.extend(inside)
    return True


def is_cut(found: Dataset, tag: Any) -> bool:
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


def _value(found: Dataset, tag: Any) -> tuple[str, bytes, list[Dataset]]:
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
            return name, value if as_it_is else _swapped(value, name), []
    try:
        element = found[tag]
    except (NotImplementedError, OSError, ValueError, struct.error):  # not what its VR says
        stored = getattr(raw, "value", None)
        return "UN", stored if isinstance(stored, bytes) else b"", []
    name = str(element.VR)
    if name == "SQ":
        items = list(element.value or [])
        return name, b"%d" % len(items), items
    return name, _encoded(element.value, name), []


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
