"""DICOM elements as plain records, and their bytes in every transfer syntax of the cohort.

pydicom writes a data set in milliseconds; a cohort of thousands of files with hundreds of elements
each needs microseconds, and the constant part of a series only once. Reading back is pydicom's.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from pydicom import charset
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.valuerep import PersonName

from app.demo.records import ABSENT, Attributes


class Element(NamedTuple):
    """Value representation and value: text, number, bytes, a tuple of them, or a list of items."""

    vr: str
    value: Any


Elements = dict[int, Element]


class Fragments(NamedTuple):
    """Encapsulated frames (PS3.5 annex A.4): the value of a PixelData of undefined length."""

    frames: tuple[bytes, ...]


class Syntax(NamedTuple):
    """A transfer syntax (PS3.5 annex A) as far as this generator writes it."""

    uid: str
    explicit: bool = True
    little: bool = True
    deflated: bool = False
    rle: bool = False


SYNTAXES: Final[Mapping[str, Syntax]] = {
    "implicit": Syntax("1.2.840.10008.1.2", explicit=False),
    "explicit": Syntax("1.2.840.10008.1.2.1"),
    "deflated": Syntax("1.2.840.10008.1.2.1.99", deflated=True),
    "big_endian": Syntax("1.2.840.10008.1.2.2", little=False),
    "rle": Syntax("1.2.840.10008.1.2.5", rle=True),
}


class Encoding(NamedTuple):
    """Everything that decides the bytes of an element besides the element."""

    explicit: bool = True
    little: bool = True
    undefined_lengths: bool = False
    codecs: tuple[str, ...] = ("iso8859",)
    """Python codecs of SpecificCharacterSet, as `codecs_of` gives them."""


UNDEFINED: Final = 0xFFFFFFFF
ITEM: Final = 0xFFFEE000
ITEM_END: Final = 0xFFFEE00D
SEQUENCE_END: Final = 0xFFFEE0DD
_BINARY: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "AT": "I"}
_WORD_SIZE: Final = {"OW": 2, "OL": 4, "OF": 4, "OD": 8, "OV": 8}
_OF_CHARACTER_SET: Final = frozenset(("LO", "LT", "PN", "SH", "ST", "UC", "UT"))
_LONG_LENGTH: Final = frozenset(
    ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV")
)
_CHOSEN: Final = {"US or SS": "US", "OB or OW": "OW", "US or OW": "OW", "US or SS or OW": "US"}


@cache
def tag_and_vr(keyword: str) -> tuple[int, str]:
    """Tag and VR of a keyword; KeyError if PS3.6 has no such keyword."""
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(f"{keyword} is not a DICOM keyword")
    vr = dictionary_VR(tag)
    return int(tag), _CHOSEN.get(vr, vr)


def elements_of(*layers: Attributes) -> Elements:
    """Elements of `layers`, a later layer over an earlier one; items of sequences likewise."""
    elements: Elements = {}
    for layer in layers:
        for name, value in layer.items():
            tag, vr = tag_and_vr(name) if isinstance(name, str) else (name, "")
            if value is ABSENT:
                elements.pop(tag, None)
            elif isinstance(value, Element):
                elements[tag] = value
            elif vr == "SQ":
                elements[tag] = Element("SQ", [elements_of(item) for item in value])
            else:
                elements[tag] = Element(vr, value)
    return elements


def private_block(creator: str, group: int, block: int, offsets: Mapping[int, Element]) -> Elements:
    """A private block (PS3.5 section 7.8): the creator at (group,00bb), its elements at bbxx."""
    reserved = {group << 16 | block: Element("LO", creator)}
    return reserved | {group << 16 | block << 8 | at: value for at, value in offsets.items()}


def codecs_of(character_set: Sequence[str]) -> tuple[str, ...]:
    """Python codecs of the defined terms of SpecificCharacterSet (0008,0005)."""
    return tuple(charset.convert_encodings(list(character_set)))


def encode_elements(elements: Mapping[int, Element], encoding: Encoding) -> bytes:
    """The data set, in ascending order of tags."""
    return b"".join(encode_element(tag, elements[tag], encoding) for tag in sorted(elements))


def encode_element(tag: int, element: Element, encoding: Encoding) -> bytes:
    """One element: tag, VR if explicit, length, value."""
    vr, value = element
    if vr == "SQ":
        return _encode_sequence(tag, value or (), encoding)
    if isinstance(value, Fragments):
        return _encode_fragments(tag, vr, value, encoding)
    body = encode_value(vr, value, encoding)
    return element_head(tag, vr, len(body), encoding) + body


def element_head(tag: int, vr: str, length: int, encoding: Encoding) -> bytes:
    """Tag, VR and length (PS3.5 section 7.1); `UNDEFINED` is a length, too."""
    order = "<" if encoding.little else ">"
    group, number = tag >> 16, tag & 0xFFFF
    if not encoding.explicit or group == 0xFFFE:
        return struct.pack(f"{order}HHI", group, number, length)
    if vr in _LONG_LENGTH:
        return struct.pack(f"{order}HH2sHI", group, number, vr.encode(), 0, length)
    return struct.pack(f"{order}HH2sH", group, number, vr.encode(), length)


def encode_value(vr: str, value: Any, encoding: Encoding) -> bytes:
    """The value's bytes, of even length."""
    if vr in _BINARY:
        return _encode_numbers(vr, value, encoding.little)
    if isinstance(value, bytes):
        return _encode_bytes(vr, value, encoding.little)
    text = _text(value)
    body = text.encode("ascii") if text.isascii() else _encode_text(vr, text, encoding.codecs)
    return body + (b"\0" if vr == "UI" else b" ") * (len(body) % 2)


def _encode_sequence(tag: int, items: Iterable[Elements], encoding: Encoding) -> bytes:
    bodies = [encode_elements(item, encoding) for item in items]
    if not encoding.undefined_lengths:
        content = b"".join(element_head(ITEM, "", len(b), encoding) + b for b in bodies)
        return element_head(tag, "SQ", len(content), encoding) + content
    opening = element_head(ITEM, "", UNDEFINED, encoding)
    closing = element_head(ITEM_END, "", 0, encoding)
    content = b"".join(opening + body + closing for body in bodies)
    end = element_head(SEQUENCE_END, "", 0, encoding)
    return element_head(tag, "SQ", UNDEFINED, encoding) + content + end


def _encode_fragments(tag: int, vr: str, value: Fragments, encoding: Encoding) -> bytes:
    """An item with the offset of each frame, an item for each frame, the delimiter."""
    bodies = [frame + b"\0" * (len(frame) % 2) for frame in value.frames]
    offsets, at = [], 0
    for body in bodies:
        offsets.append(at)
        at += len(body) + 8
    items = [struct.pack(f"<{len(offsets)}I", *offsets), *bodies]
    content = b"".join(element_head(ITEM, "", len(b), encoding) + b for b in items)
    end = element_head(SEQUENCE_END, "", 0, encoding)
    return element_head(tag, vr, UNDEFINED, encoding) + content + end


def _encode_numbers(vr: str, value: Any, little: bool) -> bytes:
    if value is None:
        return b""
    numbers = value if isinstance(value, tuple | list) else (value,)
    if vr == "AT":
        numbers = [part for tag in numbers for part in (tag >> 16, tag & 0xFFFF)]
        return struct.pack(f"{'<' if little else '>'}{len(numbers)}H", *numbers)
    return struct.pack(f"{'<' if little else '>'}{len(numbers)}{_BINARY[vr]}", *numbers)


def _encode_bytes(vr: str, value: bytes, little: bool) -> bytes:
    """Bytes as they are; words are given in little endian and swapped where that is asked for."""
    padded = value + b"\0" * (len(value) % 2)
    size = _WORD_SIZE.get(vr, 1)
    if little or size == 1:
        return padded
    return np.frombuffer(padded, f"<u{size}").byteswap().tobytes()


def _encode_text(vr: str, text: str, codecs: tuple[str, ...]) -> bytes:
    if vr not in _OF_CHARACTER_SET:
        raise ValueError(f"{vr} does not depend on the character set but its text is not ASCII")
    if vr == "PN":
        return bytes(PersonName(text).encode(list(codecs)))
    return charset.encode_string(text, list(codecs))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, tuple | list):
        return "\\".join(map(_text, value))
    return number_text(value) if isinstance(value, float) else str(value)


def number_text(value: float) -> str:
    """A decimal string of at most 16 characters (PS3.5 section 6.2, DS)."""
    text = f"{value + 0.0:.10g}"
    return text if len(text) <= 16 else f"{value:.8g}"
