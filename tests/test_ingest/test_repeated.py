"""Items read by the pattern of another one: the same tokens as when every element is looked up."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.flatten.identity import identifies
from ingest.flatten.places import attributes_of, frame_columns_of
from ingest.header import repeated
from ingest.header.data_set import data_set
from ingest.header.keys import Key, Keys
from ingest.header.stops import Irregular, NeedMore, Truncated
from ingest.header.tokens import Tokens
from ingest.header.values import kind
from ingest.header.vocabulary import Vocabulary

Item = list[tuple[int, str, bytes]]
SHORT = ("DS", "CS", "FD", "US")


def element(tag: int, vr: str, value: bytes) -> bytes:
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    if vr in SHORT:
        return head + struct.pack("<H", len(value)) + value
    return head + b"\0\0" + struct.pack("<I", len(value)) + value


def sequence(items: list[Item], *, delimited: bool, nested: bool) -> bytes:
    """(5200,9230) with these items, whose elements stand in a sequence of their own if nested."""
    body = b""
    for item in items:
        inside = b"".join(element(*one) for one in item)
        if nested:
            inside = _wrapped(0x00209113, [inside], delimited)
        body += _item(inside, delimited)
    return _sequence(0x52009230, body, delimited)


def _item(inside: bytes, delimited: bool) -> bytes:
    if delimited:
        return b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + inside + b"\xfe\xff\x0d\xe0\0\0\0\0"
    return b"\xfe\xff\x00\xe0" + struct.pack("<I", len(inside)) + inside


def _wrapped(tag: int, items: list[bytes], delimited: bool) -> bytes:
    return _sequence(tag, b"".join(_item(item, delimited) for item in items), delimited)


def _sequence(tag: int, body: bytes, delimited: bool) -> bytes:
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + b"SQ\0\0"
    if delimited:
        return head + b"\xff\xff\xff\xff" + body + b"\xfe\xff\xdd\xe0\0\0\0\0"
    return head + struct.pack("<I", len(body)) + body


def read(data: bytes, vocabulary: Vocabulary) -> tuple[object, ...]:
    """Paths, VRs and values of the elements, and everything else that tokens say."""
    found = Tokens(data, len(data))
    try:
        end = data_set(found, 0, len(data), vocabulary.explicit)
    except (Irregular, NeedMore, Truncated) as error:
        return (type(error).__name__,)
    rows = [
        (vocabulary.keys[key].path, vocabulary.keys[key].vr, found.value(token), width)
        for token, (key, width) in enumerate(zip(found.keys, found.widths, strict=True))
    ]
    return end, rows, found.containers, found.starts, found.ends


def without_patterns(data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    with monkeypatch.context() as patch:
        patch.setattr(repeated, "read", lambda *_, **__: -1)
        return read(data, Vocabulary())


VALUE = st.tuples(
    st.sampled_from([0x00200032, 0x00189087, 0x00191010, 0x00280103]),
    st.sampled_from(["DS", "FD", "UT", "UN", "CS"]),
    st.sampled_from([b"", b"1 ", b"12.5", b"\xfe\xff\x00\xe0\0\0\0\0", b"PIXELMED"]),
)
ITEM = st.lists(VALUE, max_size=4, unique_by=lambda one: one[0]).map(sorted)


@given(
    st.lists(st.lists(ITEM, max_size=5), min_size=1, max_size=4), st.booleans(), st.booleans(),
    st.integers(0, 12),
)  # fmt: skip
def test_headers_in_a_row_are_read_as_if_each_were_the_first(
    headers: list[list[Item]], delimited: bool, nested: bool, cut: int
) -> None:
    vocabulary = Vocabulary()
    with pytest.MonkeyPatch.context() as monkeypatch:
        for number, items in enumerate(headers * 2):
            data = sequence(items, delimited=delimited != (number == 2), nested=nested)
            data = data[: len(data) - cut] if number == 3 else data
            assert read(data, vocabulary) == without_patterns(data, monkeypatch)


@pytest.mark.parametrize("delimited", [True, False])
def test_frames_after_the_second_are_read_by_a_pattern(
    delimited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = [[(0x00200032, "DS", b"%d\\0\\0 " % n), (0x00189087, "FD", bytes(8))] for n in (1, 22)]
    read_by: list[int] = []
    plain = repeated.read

    def noted(*args: object, **options: object) -> int:
        read_by.append(plain(*args, **options))  # type: ignore[arg-type]
        return read_by[-1]

    monkeypatch.setattr(repeated, "read", noted)
    data = sequence(frames * 10, delimited=delimited, nested=True)
    _, rows, *_ = read(data, Vocabulary())
    assert [end > 0 for end in read_by] == [True] * 18  # the first two make the pattern
    values = [row[2] for row in rows if row[0].endswith("00200032")]  # type: ignore[union-attr]
    assert values == [b"1\\0\\0 ", b"22\\0\\0 "] * 10


SCOPES = st.lists(
    st.tuples(
        st.sampled_from([0x52009229, 0x52009230, 0x0040A730, 0x0040A043, 0x00540016, 0x00101002]),
        st.integers(0, 12),
    ),
    max_size=3,
).map(lambda path: "".join(f"{tag:08X}[{index}]." for tag, index in path))
KEYS = st.builds(
    Key,
    SCOPES,
    st.sampled_from([0x00189087, 0x00080100, 0x0040A30A, 0x00100010, 0x00291010, 0x00181072]),
    st.sampled_from(["DS", "FD", "PN", "SH"]),
    st.sampled_from([None, "SIEMENS CSA HEADER"]),
    st.sampled_from([None, "B_value", "PatientName"]),
)


@given(st.lists(KEYS, max_size=40))
def test_what_is_true_of_a_key_is_true_in_every_later_item(met: list[Key]) -> None:
    """`Keys.each` asks once for all of them; tables of the demo cohort are compared elsewhere."""
    keys = Keys(met)
    assert list(keys) == [keys[n] for n in range(len(keys))] == list(dict.fromkeys(met))
    facts: tuple[Callable[[Key], object], ...] = (
        identifies, attributes_of, frame_columns_of, kind,
    )  # fmt: skip
    for fact in facts:
        assert keys.each(fact) == [fact(key) for key in keys]


def test_a_fact_is_asked_of_the_first_item_and_of_one_of_the_others() -> None:
    keys = Keys(Key(f"52009230[{frame}].00209113[0].", 0x00200032, "DS") for frame in range(100))
    asked: list[Key] = []

    def fact(key: Key) -> int:
        asked.append(key)
        return len(asked)

    assert keys.each(fact) == [1, *[2] * 99]
    assert asked == [keys[0], keys[1]]
