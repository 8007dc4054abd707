"""CSA headers built by hand from the documented layout, and bytes made to break the readers."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decoders import DECODERS, siemens_csa
from ingest.decoders.payloads import csa1
from ingest.decoders.records import MAX_FIELDS, MAX_TEXT, Field, bounded

# A CSA1 header written down byte by byte (hexadecimal), as SPM's decode_csa1 reads it.
#
#   02000000              two tags
#   4d000000              77
# tag 1
#   6e4974656d73 + 58x00  name "nItems" in 64 bytes
#   01000000              VM 1
#   49530000              VR "IS"
#   06000000              syngo data type 6
#   03000000              three items: the bias of every length below
#   4d000000              77
#   item 1: 06000000 ...  length 6 - 3 = 3: "42" and NUL, one byte of padding
#   item 2: 03000000 ...  length 3 - 3 = 0
#   item 3: 03000000 ...  length 0
# tag 2
#   566563 + 61x00        name "Vec"
#   00000000              VM 0: as many values as items
#   44530000              VR "DS"
#   03000000 06000000     syngo data type 3, six items announced ...
#   cd000000              205
#   item 1: 07000000 ...  length 7 - 3 = 4: "-1.5", no padding
#   item 2: 08000000 ...  length 8 - 3 = 5: "0.25" and NUL, three bytes of padding
#   item 3: 00000000 ...  length 0 - 3 < 0: the list ends here, there are no items 4 to 6
_CSA1 = bytes.fromhex(
    "02000000 4d000000"
    + "6e4974656d73" + "00" * 58 + "01000000 49530000 06000000 03000000 4d000000"
    + "06000000 03000000 4d000000 03000000" + "343200" + "00"
    + "03000000 00000000 cd000000 00000000"
    + "03000000 00000000 cd000000 00000000"
    + "566563" + "00" * 61 + "00000000 44530000 03000000 06000000 cd000000"
    + "07000000 04000000 4d000000 04000000" + "2d312e35"
    + "08000000 05000000 4d000000 05000000" + "302e323500" + "000000"
    + "00000000 00000000 cd000000 00000000"
)  # fmt: skip


def _item(value: bytes) -> bytes:
    n = len(value)
    return struct.pack("<4i", n, n, 77 if n else 205, n) + value + b"\0" * (-n % 4)


def _tag(name: bytes, vm: int, vr: bytes, items: list[bytes]) -> bytes:
    head = struct.pack("<64si4s3i", name, vm, vr, 0, len(items), 77 if items else 205)
    return head + b"".join(_item(item) for item in items)


def _csa2(*tags: bytes) -> bytes:
    return b"SV10\4\3\2\1" + struct.pack("<2I", len(tags), 77) + b"".join(tags) + b"\0" * 4


def test_csa1_by_hand() -> None:
    decoded = siemens_csa.decode(_CSA1)
    assert decoded.problem is None
    assert decoded.fields == (Field("nItems", "IS", "42"), Field("Vec", "DS", "-1.5\\0.25"))


def test_csa1_cut_anywhere_gives_the_tags_before() -> None:
    whole = siemens_csa.decode(_CSA1).fields
    for cut in range(8, len(_CSA1)):
        fields, problem = csa1.fields(_CSA1[:cut])
        assert problem is not None
        assert [f.name for f in fields] == [f.name for f in whole[: len(fields)]]
    assert csa1.fields(_CSA1[:7]) == ([], "not a CSA1 header")


def test_csa1_delimiter_is_checked() -> None:
    first_item = 8 + 84
    damaged = _CSA1[: first_item + 8] + b"\x4e" + _CSA1[first_item + 9 :]
    decoded = siemens_csa.decode(damaged)
    assert decoded.fields == (Field("nItems", "IS", ""),)
    assert decoded.problem == "CSA1: an item of tag 1 of 2 is cut or irregular"


# What stands after the first NUL of a string is left over from the scanner's memory.
_CSA2_TAGS = (
    _tag(b"B_value\0left over", 1, b"IS\0\1", [b"1000   \0", b"", b"", b"", b"", b""]),
    _tag(b"DiffusionGradientDirection", 3, b"FD", [b"0.5\0xx", b"-0.25", b"1e-3\0", b"", b"", b""]),
    _tag(b"NoValue", 1, b"CS", []),
    _tag(b"EmptyValue", 1, b"LO", [b"", b"", b""]),
    _tag(b"History", 0, b"LO", [b"first", b"", b"third ", b"", b"", b""]),
    _tag(b"Times", 0, b"FD", [b"0.0", b"1.5", b"", b"9.9"]),
    _tag(b"VmBelowItems", 1, b"LO", [b"yes", b"no"]),
    _tag(b"Accents", 1, b"LO", [b"Sch\xe4del"]),
    _tag(b"Utf8", 1, b"LO", ["Schädel".encode()]),
    _tag(b"Backslash", 1, b"UT", [b"C:\\end\\"]),
)
# The end of a numeric list is its first empty item (nibabel); a text list keeps its gaps.
_CSA2_FIELDS = (
    Field("B_value", "IS", "1000"),
    Field("DiffusionGradientDirection", "FD", "0.5\\-0.25\\1e-3"),
    Field("NoValue", "CS", ""),
    Field("EmptyValue", "LO", ""),
    Field("History", "LO", "first\\\\third"),
    Field("Times", "FD", "0.0\\1.5"),
    Field("VmBelowItems", "LO", "yes"),
    Field("Accents", "LO", "Schädel"),
    Field("Utf8", "LO", "Schädel"),
    Field("Backslash", "UT", "C:\\end\\"),
)


def test_csa2_by_hand() -> None:
    data = _csa2(*_CSA2_TAGS)
    assert siemens_csa.decode(data) == (_CSA2_FIELDS, None)
    spans = siemens_csa.layout(data, 0, len(data))
    assert spans is not None
    texts = [siemens_csa.text(data, s.n_items, s.vm, s.vr, s.start) for s in spans]
    assert texts == [field.text for field in _CSA2_FIELDS]
    # 16 bytes of header and 84 of the first tag header; 8 bytes of value, then five empty items.
    assert (spans[0].start, spans[0].end) == (100, 100 + 16 + 8 + 5 * 16)


def test_a_name_twice_is_kept_but_has_no_layout() -> None:
    data = _csa2(_CSA2_TAGS[0], _CSA2_TAGS[0])
    assert siemens_csa.decode(data).fields == (_CSA2_FIELDS[0], _CSA2_FIELDS[0])
    assert siemens_csa.layout(data, 0, len(data)) is None


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (8, 0),  # no tags
        (8, 1001),  # too many
        (8, 3),  # more than there are
        (12, 78),  # the header's delimiter
        (16 + 76, -1),  # a negative number of items
        (16 + 76, 2**31 - 1),  # an absurd one
        (16 + 80, 78),  # the tag's delimiter
        (100, 9),  # the item's first length
        (104, 9),  # its second
        (108, 78),  # its delimiter
        (112, -8),  # its third length
    ],
)
def test_irregular_csa2_has_no_layout(offset: int, value: int) -> None:
    data = bytearray(_csa2(*_CSA2_TAGS[:2]))
    struct.pack_into("<i", data, offset, value)
    assert siemens_csa.layout(bytes(data), 0, len(data)) is None
    assert siemens_csa.decode(bytes(data)).problem is not None


def test_negative_lengths_do_not_walk_backwards() -> None:
    data = struct.pack("<4i", -16, -16, 77, -16) * 4
    assert siemens_csa.items_end(data, 16, 2**31 - 1, len(data)) == -1


def test_a_tag_name_with_a_slash_cannot_pass_for_a_protocol_key() -> None:
    data = _csa2(_tag(b"MrProtocol/tProtocolName", 1, b"LO", [b"x"]))
    assert siemens_csa.decode(data) == ((), "CSA2: tag 1 of 1 is cut or irregular")


def test_protocol_pairs_follow_their_tag() -> None:
    protocol = b"junk\n### ASCCONV BEGIN ###\nlA = 0x10\n### ASCCONV END ###\njunk"
    data = _csa2(_tag(b"MrProtocol", 1, b"UN", [protocol]), _CSA2_TAGS[0])
    assert siemens_csa.decode(data).fields == (
        Field("MrProtocol", "UN", protocol.decode()),
        Field("MrProtocol/lA", "DS", "16"),
        _CSA2_FIELDS[0],
    )


def test_zeros_and_nothing_are_no_problem() -> None:
    for data in (b"", b"\0" * 5000, b"\0\0  "):
        assert siemens_csa.decode(data) == ((), None)


def test_other_bytes_are_a_problem_without_their_text() -> None:
    decoded = siemens_csa.decode(b"SECRET^NAME and more than eight bytes")
    assert decoded.fields == ()
    assert decoded.problem is not None
    assert "SECRET" not in decoded.problem


def test_results_are_bounded() -> None:
    fields = [Field("a", "LO", "x")] * (MAX_FIELDS + 1)
    assert len(bounded(fields).fields) == MAX_FIELDS
    assert bounded(fields).problem == f"cut: more than {MAX_FIELDS} fields"
    assert bounded(fields[:-1]).problem is None
    long = bounded([Field("a", "LO", "x" * MAX_TEXT)])
    assert long.fields == ()
    assert long.problem is not None


_starts = st.sampled_from(
    (b"", b"SV10\4\3\2\1", _csa2(_CSA2_TAGS[0]), _CSA1[:92], b"<PetDoseReportData>",
     b"### ASCCONV BEGIN ###\n", b"\0\0\0\0\x1f\x8b\x08\0", b"10000")
)  # fmt: skip


@settings(max_examples=400, deadline=1000)
@given(start=_starts, rest=st.binary(max_size=600))
def test_no_decoder_raises_on_any_bytes(start: bytes, rest: bytes) -> None:
    for decoder in DECODERS:
        decoded = decoder.decode(start + rest)
        assert all(isinstance(part, str) for field in decoded.fields for part in field)
        assert decoded.problem is None or decoded.problem.isprintable()


_ints = st.integers(-(2**31), 2**31 - 1) | st.integers(-2, 9) | st.just(77) | st.just(205)


@settings(max_examples=300, deadline=1000)
@given(numbers=st.lists(_ints, min_size=1, max_size=80), n_items=_ints, pos=st.integers(0, 40))
def test_items_end_stays_inside(numbers: list[int], n_items: int, pos: int) -> None:
    data = struct.pack(f"<{len(numbers)}i", *numbers)
    end = siemens_csa.items_end(data, pos, n_items, len(data))
    assert end == -1 or pos <= end <= len(data) or (n_items <= 0 and end == pos)


def test_many_items_are_walked_once() -> None:
    data = _csa2(_tag(b"Many", 0, b"LO", [b"x"] * 200_000))
    started = time.monotonic()
    decoded = siemens_csa.decode(data)
    assert decoded.fields[0].text.count("x") == 200_000
    assert time.monotonic() - started < 10
