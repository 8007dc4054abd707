"""Damaged and hostile files: one row each, with a reason unless it is ok, and never for long.

What is read of a file that ends too early is what is read of the whole file up to there, and the
instance says that it is truncated.  Bytes that changed may change values; where pydicom reads a
damaged file too, both agree on the elements they share, or the file has a problem that tells.
"""

from __future__ import annotations

import csv
import io
import os
import random
import struct
import time
import tracemalloc
import warnings
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydicom
import pytest

from app.demo.csa import IMAGE_FIELDS, encode_csa2
from ingest.describe import describe
from ingest.flatten import elements, flatten
from ingest.header import data_set, long_values, reading
from ingest.header import deflated as deflate
from ingest.part import Part
from ingest.sources import resolve
from tests.shared_data import DICOM, needs_dicom
from tests.test_ingest.reader_samples import (
    BIG,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    JPEG,
    LONG,
    MR,
    UNDEFINED,
    E,
    Reading,
    bare,
    encode,
    file_of,
    head,
    identity,
    meta,
    read,
    read_into,
    reader,
    text,
    write,
)
from tests.test_ingest.test_elements_against_pydicom import (
    InFull,
    differences,
    in_series_equal_alone,
)

SECONDS = 2.0


def quick(data: bytes) -> Reading:
    """A reading that must not raise, must be one row, and must not take long."""
    before = time.process_time()
    found = read(data)
    assert bool(found.elements) == (found.status == "ok")
    assert time.process_time() - before < SECONDS
    return found


def quick_together(several: Iterable[bytes]) -> list[Reading]:
    """The same of many files, each read in full, of which all elements are decoded at once."""
    part, found = InFull(), []
    for data in several:
        before = time.process_time()
        found.append(read_into(part, data))
        assert time.process_time() - before < SECONDS
    before = time.process_time()
    together = elements(part)
    assert time.process_time() - before < SECONDS
    assert all(len(rows) for rows in together.of_instance)
    return [replace(one, together=together) for one in found]


# --- files that end too early


def is_prefix(found: Reading, whole: Reading) -> None:
    """Every element of a cut file is the one of the whole file.

    The sequence the cut is in has fewer items, or an unknown number of them, and the pixel data the
    cut is in is shorter.
    """
    for path, element in found.elements.items():
        expected = whole.elements[path]
        if element.vr == "SQ":
            assert element.number is None or element.number <= (expected.number or 0), path
        elif element.byte_length is not None and element.sha256 is None:
            end = 8 if expected.vr == "OB" else 0  # the delimiter of fragments, or a part of it
            assert element.byte_length <= (expected.byte_length or 0) + end, path
        else:
            assert element == expected, path


def boundaries(data: bytes) -> set[int]:
    """Where an element of the data set begins or the last one ends, as pydicom sees it.

    A file that ends there looks whole.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pydicom.dcmread(io.BytesIO(data), force=True)
    starts = set()
    for part in (found.file_meta, found):
        explicit = part is found.file_meta or not found.original_encoding[0]
        for tag in part.keys():  # noqa: SIM118 (iterating a data set converts its elements)
            raw = part.get_item(tag, keep_deferred=True)
            value = getattr(raw, "value_tell", getattr(raw, "file_tell", None))
            long = explicit and str(raw.VR) in LONG
            if value is not None:
                starts.add(value - (12 if long else 8))
    return starts | {len(data)}


def cut_at(data: bytes, offsets: list[int], *, packed: bool) -> Counter[str]:
    """Read the file cut at each offset; returns how often it was what."""
    whole = quick(data)
    looks_whole = set() if packed else boundaries(data)
    outcomes: Counter[str] = Counter()
    cut = quick_together(data[:offset] for offset in offsets)
    for offset, found in zip(offsets, cut, strict=True):
        outcomes[found.status] += 1
        if found.status == "ok":
            is_prefix(found, whole)
            # without pixel data and cut between two elements nothing is missing that one could miss
            assert found.truncation is not None or offset in looks_whole, offset
    return outcomes


def sample(syntax: str) -> bytes:
    """A file with everything in it whose length the reader has to follow."""
    inner = (
        text(0x00080005, "CS", "ISO_IR 192"), E(0x00080104, "LO", "Жд".encode()),
        E(0x00081140, "SQ", ((text(0x00081155, "UI", "1.2.3"),),), undefined=True),
    )  # fmt: skip
    elements = [
        *identity(),
        text(0x00080005, "CS", "ISO_IR 144"),
        E(0x00100010, "PN", "Ж^д".encode("iso8859-5") + b" "),
        E(0x00081110, "SQ", (inner, inner)),
        E(0x00081140, "SQ", (inner, (), inner), undefined=True),
        text(0x00090010, "LO", "ACME 1.0"),
        E(0x00091001, "UN", (inner,), undefined=True),
        E(0x00091002, "UN", (inner[2:],)),
        E(0x00091003, "UT", b"some longer text " * 3),
        E(0x00280103, "US", b"\0\0"),
        E(0x00280106, "US", b"\1\0"),
        text(0x00290010, "LO", "SIEMENS CSA HEADER"),
        E(0x00291010, "OB", encode_csa2(IMAGE_FIELDS[:6], {"EchoLinePosition": [64]})),
        E(0x7FE00010, "OW", bytes(64)),
    ]
    if syntax == JPEG:
        fragments = bare(0xFFFEE000, 0) + bare(0xFFFEE000, 30) + bytes(30)
        elements[-1] = E(0x7FE00010, "OB", fragments, undefined=True)
    if syntax == BIG:
        elements = [e for e in elements if e.tag != 0x00091001 and e.tag != 0x00091002]
    return file_of(elements, syntax)


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG, DEFLATED, JPEG])
def test_a_made_file_cut_anywhere(syntax: str) -> None:
    data = sample(syntax)
    assert quick(data).truncation is None
    offsets = sorted({*range(0, len(data), 11), *range(len(data) - 12, len(data))})
    outcomes = cut_at(data, offsets, packed=syntax == DEFLATED)
    assert outcomes["ok"] > len(offsets) // 3
    assert outcomes["not_dicom"] + outcomes["error"] > 10


@pytest.mark.parametrize("offset", [0, 1, 7, 8, 127, 128, 131, 132, 133, 139, 140, 145])
def test_hardly_a_file(offset: int) -> None:
    data = sample(EXPLICIT)[:offset]
    found = quick(data)
    assert found.status == ("error" if offset >= 140 else "not_dicom")
    assert found.reason


def diverse(limit: int) -> list[Path]:
    """The smallest real files of each kind: syntax, CSA, private, nesting, frames, modality."""
    if not DICOM.is_dir():
        return []
    kinds: dict[tuple[Any, ...], tuple[int, str]] = {}
    with open(DICOM / "MANIFEST.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            depth = "nested" if int(row["max_depth"] or 0) > 1 else row["max_depth"]
            modality = row["modality"] if row["modality"] in ("SR", "SEG", "RTPLAN") else ""
            kind = (
                row["transfer_syntax"], row["has_csa"], row["has_private"], depth, modality,
                row["multiframe"][:1],
            )  # fmt: skip
            size = int(row["bytes"])
            if size < 200_000:
                kinds[kind] = min(kinds.get(kind, (size, row["path"])), (size, row["path"]))
    chosen = sorted(kinds.values())
    step = max(1, len(chosen) // limit)
    return [DICOM / path for _, path in chosen[::step]][:limit]


REAL = diverse(26)


@needs_dicom
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_a_real_file_cut_anywhere(path: Path) -> None:
    data = path.read_bytes()
    whole = quick(data)
    if whole.status != "ok":
        assert all(not quick(data[:n]).elements for n in range(0, len(data), len(data) // 9))
        return
    rng = random.Random(path.name)
    headers = min(whole.part.instances[0].header_bytes + 20, len(data) - 1)
    offsets = [rng.randrange(132, headers) for _ in range(13)]
    offsets += [rng.randrange(len(data)) for _ in range(3)]
    packed = DEFLATED.encode() in data[:1000]
    cut_at(data, sorted(offsets), packed=packed)


# --- bytes that changed


def changed(rng: random.Random, data: bytes, last: int) -> bytes:
    """The file with one to five bits flipped or bytes overwritten in its header."""
    made = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        at = rng.randrange(132, last)
        made[at] = made[at] ^ 1 << rng.randrange(8) if rng.random() < 0.6 else rng.randrange(256)
    return bytes(made)


def both_read(found: Reading, data: bytes) -> list[str] | None:
    """Elements that pydicom reads another value of; None where it cannot read the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wrong = differences(found.described(), io.BytesIO(data))  # type: ignore[arg-type]
    except Exception:
        return None
    return [line for line in wrong if " is not " in line]


def damage(data: bytes, rng: random.Random, times: int, every: int) -> Counter[str]:
    last = min(quick(data).part.instances[0].header_bytes + 8, len(data))
    outcomes: Counter[str] = Counter()
    several = [changed(rng, data, last) for _ in range(times)]
    for number, found in enumerate(quick_together(several)):
        outcomes[found.status] += 1
        if found.status == "ok" and number % every == 0:
            wrong = both_read(found, several[number])
            outcomes["compared"] += wrong is not None
            assert not wrong or found.flagged, wrong
    return outcomes


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG, DEFLATED, JPEG])
def test_changed_bytes_in_made_files(syntax: str) -> None:
    outcomes = damage(sample(syntax), random.Random(syntax), 600, 12)
    assert outcomes["ok"] > 50
    assert outcomes["compared"] > 8


@needs_dicom
@pytest.mark.parametrize("path", REAL[::2], ids=lambda path: path.name)
def test_changed_bytes_in_real_files(path: Path) -> None:
    data = path.read_bytes()
    if quick(data).status == "ok":
        damage(data, random.Random(path.name), 100, 12)


def test_changed_bytes_while_a_series_is_read() -> None:
    """A template never lends its values to a file that differs from it."""
    rng, part = random.Random(3), Part()
    data, alone = sample(EXPLICIT), {}
    for number in range(240):
        made = changed(rng, data, len(data) - 64) if number % 3 else data
        part.add(str(number), None, len(made), 0, made, reader(made))
        found = read(made)
        alone[str(number)] = found.described()
        assert (part.files[-1].status, part.files[-1].reason) == (found.status, found.reason)
        if found.status == "ok":
            assert part.instances[-1].truncation == found.truncation
    assert sum(instance.read_by == "template" for instance in part.instances) > 60
    in_series_equal_alone(part, flatten(part, 0, "run", bytes(32)), alone)


# --- garbage


@pytest.mark.parametrize("seed", range(60))
def test_garbage_behind_the_preamble(seed: int) -> None:
    rng = random.Random(seed)
    garbage = rng.randbytes(rng.choice([1, 7, 8, 100, 5000]))
    preamble = b"\0" * 128 + b"DICM"
    group_2 = b"\2\0\x10\0" if seed % 2 else b""
    for data in (preamble + group_2 + garbage, meta(EXPLICIT) + garbage, garbage):
        found = quick(data)
        assert found.status != "ok" or found.flagged


@pytest.mark.parametrize("content", [
    b"PK\3\4" + bytes(500), b"\x89PNG\r\n" + bytes(500), b"a,b\n1,2\n" * 100, b"\x08\0" * 400,
    b"\2\0\0\0UL\4\0" + bytes(400), b"\0\2\0\0" * 100, b"{}", b"\0" * 4096, b"\xff" * 4096,
], ids=lambda content: repr(content[:4]))  # fmt: skip
def test_what_is_no_dicom(content: bytes) -> None:
    assert quick(content).status == "not_dicom"


# --- lengths that lie

FOLLOWED_BY_NOTHING = b"abcd"


@pytest.mark.parametrize("length", [0xFFFFFFFE, 0xFFFFFFF0, 0x80000000, 3 << 30, 1000])
@pytest.mark.parametrize(("tag", "vr"), [
    (0x00281201, "OB"), (0x00091001, "UN"), (0x00189999, "UT"), (0x00081140, "SQ"),
    (0x7FE00010, "OW"), (0x00420011, "OB"),
])  # fmt: skip
@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG])
def test_a_length_beyond_the_file(tag: int, vr: str, length: int, syntax: str) -> None:
    start = meta(syntax) + encode(identity()[:2], syntax)
    found = quick(start + head(tag, vr, length, syntax) + FOLLOWED_BY_NOTHING)
    assert found.status == "ok"
    assert found.truncation == ("pixel data" if tag in (0x7FE00010, 0x00420011) else "header")
    assert found.elements["00080018"].text == "1.2.3.4"
    if found.truncation == "pixel data":
        assert found.part.instances[0].pixel_data_bytes == 4


@pytest.mark.parametrize("length", [0xFFFFFFFE, 1000])
def test_an_item_beyond_the_file(length: int) -> None:
    start = meta(EXPLICIT) + encode(identity()) + head(0x00401012, "SQ", UNDEFINED)
    found = quick(start + bare(0xFFFEE000, length) + FOLLOWED_BY_NOTHING)
    assert found.truncation == "header"


def test_a_value_longer_than_its_item_is_left_to_pydicom() -> None:
    inner = head(0x00080100, "SH", 200) + b"ABCD"
    body = bare(0xFFFEE000, len(inner)) + inner
    data = meta(EXPLICIT) + encode(identity()) + head(0x00401012, "SQ", len(body)) + body
    found = quick(data + encode([text(0x00401400, "LT", "x" * 300)]))
    assert found.flagged
    assert found.part.instances[0].read_by == "pydicom"


@pytest.mark.parametrize("syntax", [EXPLICIT, BIG])
def test_a_header_that_claims_three_gigabytes(tmp_path: Path, syntax: str) -> None:
    """The bytes are there (a sparse file), and are not read into memory."""
    start = meta(syntax) + encode(identity(), syntax)
    path = write(tmp_path, start + head(0x00281201, "OW", 3 << 30, syntax))
    os.truncate(path, (3 << 30) + 2000)
    if path.stat().st_blocks * 512 > 1 << 20:
        pytest.skip("the file system has no sparse files")
    tracemalloc.start()
    try:
        found = describe(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found.status, bool(found.reason)) == ("error", True)
    assert peak < 300 << 20


def test_three_gigabytes_of_pixel_data_are_skipped(tmp_path: Path) -> None:
    start = meta(EXPLICIT) + encode(identity()) + head(0x7FE00010, "OW", 3 << 30)
    path = write(tmp_path, start)
    os.truncate(path, len(start) + (3 << 30))
    with open(path, "ab") as file:
        file.write(encode([text(0x7FE10010, "LO", "ACME 1.0"), text(0x7FE11001, "LO", "behind")]))
    found = describe(path)
    assert found.status == "ok"
    assert {e.path: e.text for e in found.elements}["7FE11001"] == "behind"


# --- nesting and numbers


def nested(syntax: str, vr: str, depth: int, *, undefined: bool, closed: bool = True) -> bytes:
    tag = 0x00081140 if vr == "SQ" else 0x00091140
    body = b""
    if undefined:
        one = head(tag, vr, UNDEFINED, syntax) + bare(0xFFFEE000, UNDEFINED, syntax)
        end = bare(0xFFFEE00D, 0, syntax) + bare(0xFFFEE0DD, 0, syntax)
        body = one * depth + (end * depth if closed else b"")
    else:
        for _ in range(depth):
            body = bare(0xFFFEE000, len(body), syntax) + body
            body = head(tag, vr, len(body), syntax) + body
    return meta(syntax) + encode(identity()[:2], syntax) + body


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG])
@pytest.mark.parametrize("vr", ["SQ", "UN"])
@pytest.mark.parametrize("how", ["defined", "undefined", "open"])
def test_nested_ten_thousand_deep(syntax: str, vr: str, how: str) -> None:
    data = nested(syntax, vr, 10_000, undefined=how != "defined", closed=how != "open")
    found = quick(data)
    assert found.status == "error" or found.flagged or vr == "UN"


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG])
@pytest.mark.parametrize("undefined", [False, True])
def test_forty_deep_is_read(syntax: str, undefined: bool) -> None:
    found = quick(nested(syntax, "SQ", 39, undefined=undefined))
    assert found.status == "ok"
    assert "[0].".join(["00081140"] * 39) in found.elements


def two_ways(levels: int) -> bytes:
    """Values of unknown VR in each other that can be read in two ways each, and end in neither.

    Every level begins with bytes that are an element in implicit VR and another in explicit VR;
    both lead to the next level.  Read again and again, n levels take 2 to the power of n steps.
    """
    skip = int.from_bytes(b"LO", "little")
    wide = int.from_bytes(b"OB", "little")
    meet, content = 24 + skip, b"\xff" * 64
    for level in range(levels):
        at = 40 + 2 * level
        length = (at - 8) * 65536 + skip
        made = bytearray(b"\xff" * (8 + length))
        land = at + 28 + wide
        for place, put in (
            (0, head(0x00091001, "LO", at - 8)), (8, bare(0xFFFEE000, length - 8)),
            (16, head(0x00091003, "LO", 0)), (24, head(0x00091005, "OB", meet - 36)),
            (at, head(0x00091007, "UN", length - at - 4)),
            (at + 12, bare(0xFFFEE000, length - at - 12)),
            (at + 20, head(0x00091009, "OB", meet - at - 32)),
            (land, bare(0x0009100B, meet - land - 8)), (meet, content),
        ):  # fmt: skip
            made[place : place + len(put)] = put
        content = bytes(made)
    return content


def test_values_that_could_be_sequences_in_two_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    start = meta(IMPLICIT) + encode(identity()[:2], IMPLICIT)
    assert quick(start + two_ways(30)).status == "ok"
    # that the sample does what it says: every two levels more cost four times as much
    monkeypatch.setattr(data_set, "MAX_WASTED", 1 << 60)
    few, more = (
        read(start + two_ways(levels)).part.templates[0].tokens.wasted for levels in (7, 11)
    )
    assert more > 8 * few > 0


def test_items_without_an_end() -> None:
    start = meta(EXPLICIT) + encode(identity()) + head(0x00401012, "SQ", UNDEFINED)
    item = bare(0xFFFEE000, UNDEFINED) + encode([text(0x00080100, "SH", "code")])
    found = quick(start + item)
    assert (found.status, found.truncation) == ("ok", "header")
    assert found.elements["00401012[0].00080100"].text == "code"
    found = quick(start + (item + bare(0xFFFEE00D, 0)) * 500)
    assert (found.status, found.truncation) == ("ok", "header")
    assert found.elements["00401012[499].00080100"].text == "code"


@pytest.mark.parametrize("how", ["defined", "undefined", "delimited"])
def test_a_million_empty_items(how: str) -> None:
    one = bare(0xFFFEE000, 0)
    if how == "delimited":
        one = bare(0xFFFEE000, UNDEFINED) + bare(0xFFFEE00D, 0)
    number = 1_000_000 if how == "defined" else 300_000
    body = one * number
    length = len(body) if how == "defined" else UNDEFINED
    data = meta(EXPLICIT) + encode(identity()) + head(0x00401012, "SQ", length) + body
    if how != "defined":
        data += bare(0xFFFEE0DD, 0)
    found = quick(data + encode([text(0x00401400, "LT", "behind")]))
    assert found.elements["00401012"].number == number
    assert found.elements["00401400"].text == "behind"


@pytest.mark.parametrize("vr", ["OB", "US"])
def test_more_elements_than_can_be_held(vr: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_set, "MAX_ELEMENTS", 20_000)
    monkeypatch.setattr(data_set, "WINDOW", 1 << 10)
    start = meta(EXPLICIT) + encode(identity())
    few = b"".join(head(0x00300000 + n, vr, 0) for n in range(15_000))
    many = b"".join(head(0x00300000 + n, vr, 0) for n in range(40_000))
    assert quick(start + few).status == "ok"
    assert quick(start + many).status == "error"
    items = b"".join(bare(0xFFFEE000, 16) + head(0x00300000, "US", 0) * 2 for _ in range(15_000))
    assert quick(start + head(0x00401012, "SQ", len(items)) + items).status == "error"


def test_more_than_pydicom_is_given() -> None:
    start = meta(BIG) + encode(identity(), BIG)
    items = bare(0xFFFEE000, 0, BIG) * 200_000
    found = quick(start + head(0x00401012, "SQ", len(items), BIG) + items)
    assert (found.status, found.reason) == (
        "error", "the header cannot be read: it has too many elements",
    )  # fmt: skip


def test_character_sets_without_number() -> None:
    elements = [*identity(), E(0x00080005, "CS", b"XX\\" * 200_000), E(0x00100010, "PN", b"\xe4")]
    found = quick(file_of(elements, IMPLICIT))
    assert found.elements["00100010"].text == "ä"


def test_fragments_without_number() -> None:
    start = meta(JPEG) + encode(identity()) + head(0x7FE00010, "OB", UNDEFINED)
    found = quick(start + bare(0xFFFEE000, 0) * 300_000 + bare(0xFFFEE0DD, 0))
    assert (found.status, found.truncation) == ("ok", None)
    assert found.part.instances[0].pixel_data_bytes == 300_000 * 8


# --- deflated


def deflated(*plain: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return meta(DEFLATED) + b"".join(map(packer.compress, plain)) + packer.flush()


def bomb(start: bytes, megabytes: int) -> bytes:
    """``start`` and so many megabytes of zeros, packed once: what a full flush ends can be put
    together in any number."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    zeros = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return meta(DEFLATED) + first + zeros * megabytes + packer.flush()


BOMBS = {
    "a value": (encode([*identity()]) + head(0x00281201, "OW", 200 << 20), "error"),
    "elements": (encode(identity()), "error"),
    "pixel data": (encode(identity()) + head(0x7FE00010, "OW", 200 << 20), "error"),
    "pixel data within bounds": (encode(identity()) + head(0x7FE00010, "OW", 100 << 20), "ok"),
    "an element twice": (
        encode([*identity(), E(0x00200052, "UI", b"1.2\0")] + [E(0x00201040, "LO", b"no")] * 2)
        + head(0x7FE00010, "OW", 100 << 20),
        "ok",
    ),
    "an element twice, and then others": (
        encode([*identity()] + [E(0x00201040, "LO", b"no")] * 2),
        "error",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_deflated_bomb(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With bounds a fourth of the real ones, for speed."""
    monkeypatch.setattr(deflate, "MAX_INFLATED", 128 << 20)
    for module in (reading, long_values, deflate):
        monkeypatch.setattr(module, "MAX_HEADER", 16 << 20)
    monkeypatch.setattr(data_set, "MAX_ELEMENTS", 20_000)
    start, status = BOMBS[name]
    data = bomb(start, 100 if status == "ok" else 200)
    assert len(data) < 1 << 20
    tracemalloc.start()
    try:
        found = read(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.status == status
    assert peak < 4 * reading.MAX_HEADER
    if status == "ok":
        assert found.truncation is None
        assert found.part.instances[0].pixel_data_bytes == 100 << 20


@pytest.mark.parametrize("behind", [b"", encode([text(0x7FE10010, "LO", "ACME")]), bytes(1000)])
@pytest.mark.parametrize("pixels", [1, 40])
def test_what_is_behind_deflated_pixel_data(
    pixels: int, behind: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (reading, long_values, deflate):
        monkeypatch.setattr(module, "MAX_HEADER", 4 << 20)
    start = encode(identity()) + head(0x7FE00010, "OW", pixels << 20)
    found = quick(deflated(start, bytes(pixels << 20), behind))
    assert not found.flagged
    assert found.part.instances[0].pixel_data_bytes == pixels << 20
    assert ("7FE10010" in found.elements) == bool(behind.strip(b"\0"))
    more = encode([text(0x7FE10010, "LO", "ACME"), E(0x7FE11001, "OB", bytes(2 << 20))])
    found = quick(deflated(start, bytes(pixels << 20), more))
    assert found.flagged == (pixels > 4), "more than is kept of the end"


def test_a_damaged_deflated_data_set() -> None:
    data = bytearray(deflated(encode(sorted(identity())), bytes(range(256)) * 9))
    data[len(meta(DEFLATED))] = 0xFF  # a block of a kind that does not exist
    found = quick(bytes(data))
    assert (found.status, found.reason) == ("error", "the deflated data set cannot be inflated")


# --- files that change while they are looked at


def test_a_file_that_shrank_since_it_was_listed(tmp_path: Path) -> None:
    data = sample(EXPLICIT)
    path, part = write(tmp_path, data[:-20]), Part()
    part.add_path(str(path), "file", len(data), 0)
    assert part.files[0].status == "ok"
    assert part.instances[0].truncation == "pixel data"


def test_a_file_that_shrinks_while_it_is_read() -> None:
    data, cut = sample(EXPLICIT), 0
    for kept in set(range(140, len(data) - 80, 23)) - boundaries(data):
        part = Part()
        part.add("file", None, len(data), 0, data[:140], reader(data[:kept]))
        assert len(part.files) == 1
        if part.files[0].status == "ok":
            assert part.instances[0].truncation is not None
            cut += 1
    assert cut > 50


def test_a_file_that_grows_while_it_is_read() -> None:
    data, part = sample(EXPLICIT), Part()
    part.add("file", None, 900, 0, data, lambda offset, length: data[offset : offset + length])
    assert [file.status for file in part.files] == ["ok"]
    assert len(part.instances) == 1


def test_a_file_that_vanished(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Part().add_path(str(tmp_path / "gone"), "file", 1000, 0)
    found = describe(tmp_path / "gone")
    assert (found.status, found.reason) == ("error", "No such file or directory")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_listed_and_one_in_place_of_a_file_does_not_block(tmp_path: Path) -> None:
    write(tmp_path, sample(EXPLICIT))
    os.mkfifo(tmp_path / "pipe")
    source = resolve(str(tmp_path))
    assert [d.names for d in source.walk(source.root)] == [["file.dcm"]]
    part = Part()
    part.add_path(str(tmp_path / "pipe"), "file", 1000, 0)
    assert part.files[0].status == "not_dicom"


# --- oddities that are read


def test_an_instance_uid_that_is_no_text_makes_no_instance() -> None:
    elements = [E(0x00080018, "OB", b"1.2.3.4\0"), *[e for e in identity() if e.tag != 0x00080018]]
    data = b"\0" * 128 + b"DICM" + encode(sorted(elements))
    assert describe(data).status == quick(data).status


def test_a_data_set_without_its_class() -> None:
    data = b"\0" * 128 + b"DICM" + encode([text(0x00080018, "UI", "1.2.3.4")])
    assert (quick(data).status, quick(data).reason) == ("error", "no SOPClassUID")
    data = b"\0" * 128 + b"DICM" + encode([text(0x00080016, "UI", MR)])
    assert (quick(data).status, quick(data).reason) == ("error", "no SOPInstanceUID")


@pytest.mark.parametrize("reserved", [b"\0\0", b"\xff\xff"])
def test_the_reserved_bytes_of_a_long_vr_mean_nothing(reserved: bytes) -> None:
    value = head(0x00281201, "OB", 4).replace(b"OB\0\0", b"OB" + reserved) + b"abcd"
    found = quick(meta(EXPLICIT) + encode(sorted(identity())) + value)
    assert found.elements["00281201"].byte_length == 4


def test_an_unknown_vr_costs_one_value_and_not_the_file() -> None:
    data = file_of([*identity(), text(0x00100010, "PN", "A^B"), text(0x00100020, "LO", "id")])
    found = quick(data.replace(b"\x10\0\x10\0PN", b"\x10\0\x10\0ZZ"))
    assert found.part.instances[0].read_by == "pydicom"
    assert found.elements["00100020"].text == "id"
    assert found.elements["00100010"].byte_length == 4


def test_lengths_of_groups_and_a_second_pixel_data_element() -> None:
    group = E(0x00100000, "UL", struct.pack("<I", 8))
    spectrum, pixels = E(0x56000020, "OF", bytes(8)), E(0x7FE00010, "OW", bytes(4))
    found = quick(file_of([*identity(), group, spectrum, pixels]))
    assert found.elements["56000020"].byte_length == 8
    assert found.elements["7FE00010"].byte_length == 4
    assert not found.flagged
