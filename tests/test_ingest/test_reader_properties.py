"""Data sets that hypothesis makes up are read as pydicom reads them, in every transfer syntax.

The trees hold any VR under any tag, nested sequences of defined and undefined length, several
private creators in several blocks, empty and multiple values, odd paddings, and character sets up
to ISO 2022 with several bytes a character, in items too.
"""

from __future__ import annotations

import io
import struct
import warnings
from typing import Any

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom._dicom_dict import DicomDictionary
from pydicom._private_dict import private_dictionaries
from pydicom.charset import convert_encodings, encode_string
from pydicom.dataset import Dataset, FileMetaDataset

from tests.test_ingest.reader_samples import (
    BIG,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    LONG,
    SYNTAXES,
    E,
    encode,
    file_of,
    identity,
    meta,
    read,
    text,
)
from tests.test_ingest.test_elements_against_pydicom import differences

QUICK = settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip

# --- values

WIDTHS = {
    "AT": 4, "FD": 8, "FL": 4, "SL": 4, "SS": 2, "SV": 8, "UL": 4, "US": 2, "UV": 8,
    "OB": 1, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2, "UN": 1,
}  # fmt: skip
ASCII_VRS = ["AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"]
TEXT_VRS = ["LO", "LT", "PN", "SH", "ST", "UC", "UT"]
VRS = sorted([*WIDTHS, *ASCII_VRS, *TEXT_VRS])
PADDING = st.sampled_from([b"", b"", b"", b" ", b"\0", b"  ", b"\0\0", b" \0"])
PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))

CHARSETS: dict[str, tuple[list[str], str]] = {
    "none": ([], PRINTABLE),
    "latin-1": (["ISO_IR 100"], "äöüßéÀ¡ ab^=\\"),
    "cyrillic": (["ISO_IR 144"], "ЖдяЮ ab^=\\"),
    "greek": (["ISO_IR 126"], "ΑλΩά ab^=\\"),
    "thai": (["ISO_IR 166"], "กขฃ๏ ab^=\\"),
    "utf-8": (["ISO_IR 192"], "äЖ山田太郎김😀 ab^=\\"),
    "gb18030": (["GB18030"], "王小东昌晒巴 ab^=\\"),
    "gbk": (["GBK"], "王小东昌晒 ab^=\\"),
    "katakana": (["ISO_IR 13"], "ﾔﾏﾀﾞ ab^="),
    "kanji": (["", "ISO 2022 IR 87"], "山田太郎やまだ ab^="),
    "kanji and katakana": (["ISO 2022 IR 13", "ISO 2022 IR 87"], "山田ﾔﾏﾀﾞ ab^="),
    "kanji supplement": (["", "ISO 2022 IR 159"], "侄倞 ab^="),
    "korean": (["", "ISO 2022 IR 149"], "김희중홍길동 ab^="),
    "chinese": (["", "ISO 2022 IR 58"], "王小东 ab^="),
    "latin and cyrillic": (["ISO 2022 IR 100", "ISO 2022 IR 144"], "äöЖдя ab^="),
}


def _encoded(value: str, charset: str) -> bytes:
    """Text in a character set; what the set cannot write becomes a question mark."""
    names, _ = CHARSETS[charset]
    encodings = convert_encodings(names or [""])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = [encode_string(part, encodings) for part in value.split("\\")]
    return b"\\".join(parts)


def values(vr: str, charset: str) -> st.SearchStrategy[bytes]:
    """Raw little-endian values of a VR, none and several included."""
    if vr == "AT" or vr in WIDTHS:
        width = WIDTHS[vr]
        return st.integers(0, 4).flatmap(
            lambda n: st.binary(min_size=n * width, max_size=n * width)
        )
    alphabet = PRINTABLE if vr in ASCII_VRS else CHARSETS[charset][1]
    if vr in ("DS", "IS"):
        alphabet = "0123456789+-.eE \\"
    made = st.text(alphabet, max_size=24).map(
        lambda value: _encoded(value, "none" if vr in ASCII_VRS else charset)
    )
    return st.tuples(made, PADDING).map(lambda parts: parts[0] + parts[1])


# --- elements

BULK = {0x7FE00008, 0x7FE00009, 0x7FE00010, 0x00420011, 0x56000020}
STANDARD: dict[str, list[int]] = {}
for _tag, _row in DicomDictionary.items():
    _group = _tag >> 16
    if 8 <= _group < 0x5400 and _tag & 0xFFFF and _tag not in BULK and _tag != 0x00080005:
        STANDARD.setdefault(_row[0], []).append(_tag)
ANY_TAG = sorted(tag for tags in STANDARD.values() for tag in tags)
OWN = {0x00080016, 0x00080018, 0x0020000E, 0x00280103}
CREATORS = [
    "GEMS_PARM_01", "SIEMENS MR HEADER", "Philips Imaging DD 001", "ACME 1.0", "CTP",
    "SIEMENS MEDCOM HEADER", "HOLOGIC, Inc.", "agfa/displayableImages",
]  # fmt: skip
BLOCKS = [0x10, 0x11, 0x12, 0x42, 0xE1, 0xFF]


# The oracle hashes OD, OF, OL and OV as they are stored; Taglake in little endian, see the test below.
EXPLICIT_VRS = [vr for vr in VRS if vr not in ("UN", "OD", "OF", "OL", "OV")]


def private_vr(creator: str, group: int, offset: int) -> str:
    """What pydicom takes a private element for where the file does not say (implicit VR)."""
    entry = private_dictionaries.get(creator, {}).get(f"{group:04X}xx{offset:02X}")
    return entry[0] if entry else "UN"


@st.composite
def standard_elements(draw: Any, implicit: bool, charset: str) -> E:
    if implicit:
        vr = draw(st.sampled_from([vr for vr in VRS if vr in STANDARD]))
        return E(draw(st.sampled_from(STANDARD[vr])), vr, draw(values(vr, charset)))
    vr = draw(st.sampled_from(EXPLICIT_VRS))
    return E(draw(st.sampled_from(ANY_TAG)), vr, draw(values(vr, charset)))


@st.composite
def private_blocks(draw: Any, implicit: bool, charset: str) -> list[E]:
    """A creator, or none, and elements of its block."""
    group = draw(st.sampled_from([0x0009, 0x0019, 0x0043, 0x2001, 0x7FDF]))
    block = draw(st.sampled_from(BLOCKS))
    creator = draw(st.sampled_from(CREATORS))
    found = [] if draw(st.integers(0, 9)) == 0 else [
        E(group << 16 | block, "LO", creator.encode() + b" " * (len(creator) % 2))
    ]  # fmt: skip
    for offset in draw(st.lists(st.integers(0, 0xFF), max_size=4, unique=True)):
        tag = group << 16 | block << 8 | offset
        vr = private_vr(creator, group, offset) if implicit and found else "UN"
        if not implicit:
            vr = draw(st.sampled_from([*EXPLICIT_VRS, "UN"]))
        if vr in ("SQ", "US or SS", "OB or OW", "UN"):
            vr = "UN"
            found.append(E(tag, vr, b"x" + draw(values(vr, charset))))  # no item inside
        else:
            found.append(E(tag, vr, draw(values(vr, charset))))
    return found


@st.composite
def trees(draw: Any, implicit: bool, charset: str = "none", depth: int = 0) -> list[E]:
    """A data set: elements with different tags."""
    inside = draw(st.sampled_from([charset, charset, *CHARSETS])) if depth else charset
    found: dict[int, E] = {}
    if inside != charset or not depth and CHARSETS[inside][0]:
        raw = "\\".join(CHARSETS[inside][0]).encode() or b"ISO_IR 6"
        found[0x00080005] = E(0x00080005, "CS", raw + b" " * (len(raw) % 2))
    for element in draw(st.lists(standard_elements(implicit, inside), max_size=8)):
        found.setdefault(element.tag, element)
    for block in draw(st.lists(private_blocks(implicit, inside), max_size=3)):
        known = {e.tag: e for e in block}
        if not any(tag in found for tag in known):
            found |= known
    for tag in draw(st.lists(st.sampled_from(STANDARD["SQ"]), max_size=2 - depth // 2)):
        items = draw(st.lists(trees(implicit, inside, depth + 1), max_size=3)) if depth < 4 else []
        found[tag] = E(tag, "SQ", tuple(tuple(sorted(i)) for i in items), draw(st.booleans()))
    return [element for tag, element in found.items() if tag not in OWN]


@st.composite
def files(draw: Any) -> bytes:
    syntax = draw(st.sampled_from(SYNTAXES))
    charset = draw(st.sampled_from(list(CHARSETS)))
    found = [*draw(trees(syntax == IMPLICIT, charset)), *identity()]
    return file_of(found, syntax)


@QUICK
@given(files())
def test_a_made_up_data_set_has_the_elements_pydicom_reads(data: bytes) -> None:
    found = read(data)
    assert found.status == "ok"
    assert found.truncation is None
    assert differences(found.described(), io.BytesIO(data)) == []
