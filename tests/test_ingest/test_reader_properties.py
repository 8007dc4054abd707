"""Data sets that hypothesis makes up are read as pydicom reads them, in every transfer syntax.

The trees hold any VR under any tag, nested sequences of defined and undefined length, several
private creators in several blocks, empty and multiple values, odd paddings, and character sets up
to ISO 2022 with several bytes a character, in items too.
"""

from __future__ import annotations

import io
import math
import struct
import warnings
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom._dicom_dict import DicomDictionary
from pydicom._private_dict import private_dictionaries
from pydicom.charset import convert_encodings, encode_string
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID

from ingest.flatten import flatten
from tests.test_ingest.reader_samples import (
    BIG,
    EXPLICIT,
    IMPLICIT,
    MR,
    SYNTAXES,
    E,
    file_of,
    identity,
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
    "latin and cyrillic": (["ISO 2022 IR 100", "ISO 2022 IR 144"], "äöЖдя ab^="),
}


def _encoded(value: str, charset: str) -> bytes:
    """Text in a character set; what the set cannot write becomes a question mark."""
    names, _ = CHARSETS[charset]
    encodings = convert_encodings(names or [""])
    if charset == "katakana":  # pydicom writes no mixture of its two halves
        return value.encode("shift_jis", "replace")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = [encode_string(part, encodings) for part in value.split("\\")]
    return b"\\".join(parts)


@cache
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


# The oracle hashes OD, OF, OL and OV as they are stored, Taglake in little endian: see below.
EXPLICIT_VRS = [vr for vr in VRS if vr not in ("UN", "OD", "OF", "OL", "OV")]


def private_vr(creator: str, group: int, offset: int) -> str:
    """What pydicom takes a private element for where the file does not say (implicit VR)."""
    entry = private_dictionaries.get(creator, {}).get(f"{group:04X}xx{offset:02X}")
    return entry[0] if entry else "UN"


@cache
def tags(vr: str | None) -> st.SearchStrategy[int]:
    """Standard elements of this VR, or of any; one strategy each, as hypothesis looks at all their
    thousands whenever it is given a new one."""
    return st.sampled_from(ANY_TAG if vr is None else STANDARD[vr])


@cache
@st.composite
def standard_elements(draw: Any, implicit: bool, charset: str) -> E:
    if implicit:
        vr = draw(st.sampled_from([vr for vr in VRS if vr in STANDARD]))
        return E(draw(tags(vr)), vr, draw(values(vr, charset)))
    vr = draw(st.sampled_from(EXPLICIT_VRS))
    return E(draw(tags(None)), vr, draw(values(vr, charset)))


@cache
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


@cache
@st.composite
def trees(draw: Any, implicit: bool, charset: str = "none", depth: int = 0) -> list[E]:
    """A data set: elements with different tags."""
    inside = draw(st.sampled_from([charset, charset, *CHARSETS])) if depth else charset
    found: dict[int, E] = {}
    if inside != charset or (not depth and CHARSETS[inside][0]):
        raw = "\\".join(CHARSETS[inside][0]).encode() or b"ISO_IR 6"
        found[0x00080005] = E(0x00080005, "CS", raw + b" " * (len(raw) % 2))
    for element in draw(st.lists(standard_elements(implicit, inside), max_size=8)):
        found.setdefault(element.tag, element)
    for block in draw(st.lists(private_blocks(implicit, inside), max_size=3)):
        known = {e.tag: e for e in block}
        if not any(tag in found for tag in known):
            found |= known
    for tag in draw(st.lists(tags("SQ"), max_size=2 - depth // 2)):
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
    assert differences(found.described(), io.BytesIO(data)) == []  # type: ignore[arg-type]


# --- data sets that pydicom writes

PYTHON_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "CS": st.text("ABC_ ", max_size=16),
    "DA": st.dates(date(1900, 1, 1)).map(lambda d: d.strftime("%Y%m%d")),
    "DS": st.lists(st.decimals(-1000, 1000, places=3).map(str), max_size=3),
    "FD": st.lists(st.floats(allow_nan=False), min_size=1, max_size=3),
    "FL": st.floats(-1024, 1024, width=32), "IS": st.lists(st.integers(-9999, 9999), max_size=3),
    "LO": st.text("äöü XYZ", max_size=64), "PN": st.text("äöü^XYZ", max_size=9),
    "SL": st.integers(-(1 << 31), (1 << 31) - 1), "SS": st.integers(-32768, 32767),
    "TM": st.times().map(lambda t: t.strftime("%H%M%S.%f")),
    "UI": st.lists(st.integers(0, 99), min_size=1, max_size=9).map(lambda n: ".".join(map(str, n))),
    "UL": st.lists(st.integers(0, (1 << 32) - 1), max_size=3), "US": st.integers(0, 65535),
    "UT": st.text("äöü\\ \n", max_size=99), "OB": st.binary(max_size=20).map(lambda b: b + b),
}  # fmt: skip


@cache
@st.composite
def data_sets(draw: Any, depth: int = 0) -> Dataset:
    """A data set as a program would make it, private blocks and sequences included."""
    found = Dataset()
    for vr in draw(st.lists(st.sampled_from(sorted(PYTHON_VALUES)), max_size=10)):
        tag = draw(tags(vr))
        if tag not in OWN:
            found.add_new(tag, vr, draw(PYTHON_VALUES[vr]))
    for creator in draw(st.lists(st.sampled_from(CREATORS), max_size=3, unique=True)):
        block = found.private_block(0x0019, creator, create=True)
        for offset in draw(st.sets(st.integers(0, 255), max_size=3)):
            vr = draw(st.sampled_from(["DS", "LO", "OB", "US"]))
            block.add_new(offset, vr, draw(PYTHON_VALUES[vr]))
    for tag in draw(st.lists(tags("SQ"), max_size=2)) if depth < 3 else []:
        found.add_new(tag, "SQ", draw(st.lists(data_sets(depth + 1), max_size=2)))
        found[tag].is_undefined_length = draw(st.booleans())
    return found


@QUICK
@given(data_sets(), st.sampled_from(SYNTAXES))
def test_a_data_set_that_pydicom_wrote(found: Dataset, syntax: str) -> None:
    found.SpecificCharacterSet = "ISO_IR 100"
    found.SOPClassUID, found.SOPInstanceUID, found.SeriesInstanceUID = MR, "1.2.3.4", "1.2.3"
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = UID(syntax)
    written = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pydicom.dcmwrite(written, found, enforce_file_format=True)
    read_back = read(written.getvalue())
    assert read_back.status == "ok"
    assert differences(read_back.described(), io.BytesIO(written.getvalue())) == []  # type: ignore[arg-type]


# --- text, by what was written


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("charset", CHARSETS)
def test_text_comes_back_as_it_was_written(charset: str, syntax: str) -> None:
    """In the data set, in an item that inherits its character set, and in one that has another."""
    names, alphabet = CHARSETS[charset]
    written = "".join(c for c in alphabet if c not in "\\^= ") + "^x=y"
    raw = _encoded(written, charset)
    own = E(0x00080005, "CS", "\\".join(names).encode())
    other = (E(0x00080005, "CS", b"ISO_IR 144"), E(0x00080104, "LO", "Жд".encode("iso8859-5")))
    inherits = (
        E(0x00080104, "LO", raw),
        E(0x00081140, "SQ", (other, (E(0x00080104, "LO", raw),)), undefined=True),
    )
    elements = [*identity(), E(0x00100010, "PN", raw), E(0x00400555, "SQ", (inherits,))]
    found = read(file_of([*elements, own] if names else elements, syntax))
    assert found.elements["00100010"].text == written
    assert found.elements["00400555[0].00080104"].text == written
    assert found.elements["00400555[0].00081140[0].00080104"].text == "Жд"
    assert found.elements["00400555[0].00081140[1].00080104"].text == written
    assert not [p for p in found.part.problems if p[2].rule != "read_by_pydicom"]


@pytest.mark.parametrize(("names", "raw", "expected"), [
    # the examples of PS3.5 annexes H, I, J and K, byte for byte
    (["", "ISO 2022 IR 87"],
     b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
     "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    (["ISO 2022 IR 13", "ISO 2022 IR 87"],
     b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J="
     b"\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J",
     "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
    (["", "ISO 2022 IR 149"],
     b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
     "Hong^Gildong=洪^吉洞=홍^길동"),
    (["", "ISO 2022 IR 58"],
     b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=", "Zhang^XiaoDong=张^小东="),
    (["GB18030"], b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab=", "Wang^XiaoDong=王^小东="),
    (["ISO_IR 192"], "Wang^XiaoDong=王^小東=".encode(), "Wang^XiaoDong=王^小東="),
], ids=["H.3.1", "H.3.2", "I.2", "K.2", "J.3", "J.1"])  # fmt: skip
def test_names_of_the_standard(names: list[str], raw: bytes, expected: str) -> None:
    charset = E(0x00080005, "CS", "\\".join(names).encode())
    found = read(file_of([*identity(), charset, E(0x00100010, "PN", raw)]))
    assert found.elements["00100010"].text == expected


@pytest.mark.parametrize(("charset", "raw", "expected", "rule"), [
    (b"ISO_IR 192", b"A\xe4B", "AäB", "text_undecodable"),
    (None, "Ä".encode(), "Ä", "text_undecodable"),
    (None, b"\xc4\xe4", "Ää", "text_undecodable"),
    (b"ISO_IR 999", b"A\xe4B", "AäB", "charset_unknown"),
    (b"ISO_IR 999", b"AB", "AB", None),
])  # fmt: skip
def test_text_that_breaks_its_character_set(
    charset: bytes | None, raw: bytes, expected: str, rule: str | None
) -> None:
    elements = [*identity(), E(0x00081030, "LO", raw)]
    data = file_of(elements if charset is None else [*elements, E(0x00080005, "CS", charset)])
    found = read(data)
    assert found.elements["00081030"].text == expected
    problems = flatten(found.part, 0, "run", bytes(32))["problems"].open
    rules = [] if problems is None else problems.select("rule", "path").rows()
    assert rules == ([(rule, "00081030")] if rule else [])


# --- values, by hand


@pytest.mark.parametrize("vr", ["OB", "OD", "OF", "OL", "OV", "OW"])
def test_a_binary_value_has_one_hash_in_either_byte_order(vr: str) -> None:
    element = E(0x00420099, vr, bytes(range(16)))
    for syntax in (EXPLICIT, BIG):
        found = read(file_of([*identity(), element], syntax)).elements["00420099"]
        assert (found.byte_length, found.sha256) == (16, sha256(bytes(range(16))).hexdigest())


@pytest.mark.parametrize(("vr", "raw", "text_", "number"), [
    ("US", b"\1\0\xff\xff", "1\\65535", 1), ("SS", b"\xff\xff", "-1", -1), ("US", b"", "", None),
    ("US", b"\1\0\2", "1", 1), ("AT", b"\x18\0\x63\x10", "00181063", None),
    ("FD", struct.pack("<2d", 0.1, -2), "0.1\\-2.0", 0.1),
    ("FD", struct.pack("<d", math.nan), "NaN", None),
    ("FL", struct.pack("<f", 1.5), "1.5", 1.5), ("FL", struct.pack("<f", math.inf), "inf", None),
    ("SV", b"\xff" * 8, "-1", -1), ("UV", b"\xff" * 8, str(2**64 - 1), 2.0**64),
    ("DS", b" 1.5 \\-2e1 ", "1.5\\-2e1", 1.5), ("DS", b"+3.", "+3.", 3),
    ("DS", b"1,5 ", "1,5", None),
    ("DS", b"nan ", "nan", None), ("DS", b"1_0 ", "1_0", None), ("IS", b"0012", "0012", 12),
    ("IS", b"-7\0", "-7", -7), ("DS", b"\\5", "\\5", None), ("DS", b".5", ".5", 0.5),
    ("LO", b" a \\ b \0", "a\\b", None), ("UT", b" a\\b  ", " a\\b", None),
    ("UI", b"1.2.3\0", "1.2.3", None), ("ST", b"\r\n x ", "\r\n x", None),
])  # fmt: skip
def test_values(vr: str, raw: bytes, text_: str, number: float | None) -> None:
    element = read(file_of([*identity(), E(0x00420099, vr, raw)])).elements["00420099"]
    assert (element.text or "", element.number) == (text_, number)


def test_ambiguous_vrs_in_implicit_vr() -> None:
    """PixelRepresentation of the item, else of the data set it stands in, decides (PS3.5 A.1)."""

    def value(tag: int) -> E:
        return E(tag, "US", b"\xfe\xff")

    unsigned, signed = E(0x00280103, "US", b"\0\0"), E(0x00280103, "US", b"\1\0")
    table = (E(0x00283002, "US", b"\1\0\0\0\x10\0"), E(0x00283006, "OW", b"\1\0"))
    larger = (E(0x00283002, "US", b"\2\0\0\0\x10\0"), E(0x00283006, "OW", b"\1\0\2\0"))
    elements = [
        *identity(), signed, value(0x00280106),
        E(0x00283000, "SQ", (table, larger)),
        E(0x00289145, "SQ", ((unsigned, value(0x00280107)), (value(0x00280107),))),
        E(0x60003000, "OW", bytes(4)),
    ]  # fmt: skip
    data = file_of(elements, IMPLICIT)
    found = read(data)
    assert [found.elements[path].text for path in (
        "00280106", "00289145[0].00280107", "00289145[1].00280107", "00283000[0].00283006",
    )] == ["-2", "65534", "-2", "1"]  # fmt: skip
    assert found.elements["00283000[1].00283006"].vr == "OW"
    assert differences(found.described(), io.BytesIO(data)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(("tag", "raw"), [
    (0x00081030, b"text"), (0x00280010, b"\2\0"), (0x00181063, b"2.5 "), (0x00280106, b"\1\0"),
    (0x00080005, b"ISO_IR 192"), (0x00189087, bytes(8)), (0x00281201, bytes(4)),
])  # fmt: skip
def test_a_known_element_with_the_vr_un_has_the_vr_of_the_dictionary(tag: int, raw: bytes) -> None:
    elements = [*identity(), E(0x00280103, "US", b"\0\0"), E(tag, "UN", raw)]
    data = file_of([*elements, E(0x00100010, "PN", "Ж".encode())])
    found = read(data)
    assert differences(found.described(), io.BytesIO(data)) == []  # type: ignore[arg-type]


def test_creators_of_one_group_own_their_blocks_only() -> None:
    elements = [
        *identity(),
        text(0x00190010, "LO", "SIEMENS MR HEADER"), text(0x00190011, "LO", "GEMS_PETD_01"),
        E(0x0019100C, "IS", b"1000"), E(0x0019110C, "LO", b"ab"), E(0x0019120C, "UN", b"ab"),
        E(0x00400555, "SQ", ((E(0x0019100C, "UN", b"cd"),),)),
    ]  # fmt: skip
    found = read(file_of(elements, IMPLICIT)).elements
    assert [(found[p].creator, found[p].vr) for p in ("0019100C", "0019110C", "0019120C")] == [
        ("SIEMENS MR HEADER", "IS"), ("GEMS_PETD_01", "LO"), (None, "UN"),
    ]  # fmt: skip
    assert found["00400555[0].0019100C"].creator is None  # a creator counts where it stands
