"""Large headers: values that are too long to be held, and objects of very many elements.

Raw data of a scan stand in one private element of gigabytes, contours and annotations in long
arrays, and the functional groups of ten thousand frames are a million elements.
"""

from __future__ import annotations

import gzip
import io
import itertools
import struct
import tarfile
import time
import zipfile
from hashlib import sha256
from pathlib import Path

import pydicom
import pytest
from hypothesis import given

from ingest import intake
from ingest.describe import Descriptions, Element, describe_source
from ingest.flatten import flatten
from ingest.header import behind_pixels, data_set, long_values, reading
from ingest.part import Part
from ingest.sources import Limits
from ingest.sources.formats import single
from tests.shared_data import needs_dicom, sources
from tests.test_ingest.reader_samples import (
    EXPLICIT,
    IMPLICIT,
    SYNTAXES,
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
    read_path,
    reader,
    text,
    write,
)
from tests.test_ingest.test_elements_against_pydicom import as_pydicom_reads_them, differences
from tests.test_ingest.test_reader_properties import QUICK, files

ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
LONG = long_values.MAX_HELD + 1_000_000
NOISE = bytes(range(251)) * (LONG // 251 + 1)
"""Of a prime length, so that bytes which are shifted are not the same."""


@pytest.fixture
def nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every value that is no text is cut out."""
    monkeypatch.setattr(long_values, "MAX_HELD", 0)
    monkeypatch.setattr(data_set, "WINDOW", 0)


# --- values that are cut out


@QUICK
@given(files())
def test_a_made_up_data_set_without_its_values(data: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_values, "MAX_HELD", 0)
        patch.setattr(data_set, "WINDOW", 0)
        found = read(data)
    whole = read(data)
    assert (found.status, found.truncation) == ("ok", None)
    assert found.elements == whole.elements  # which others compare with pydicom
    if found.part.instances[0].read_by == "tokens":
        assert found.part.instances[0].header_bytes == whole.part.instances[0].header_bytes


@pytest.mark.usefixtures("nothing_is_held")
def test_files_that_pydicom_brings_without_their_values() -> None:
    brought = Path(pydicom.data.__file__).parent
    assert as_pydicom_reads_them(sorted(p for p in brought.rglob("*") if p.is_file())) >= 170


@needs_dicom
@pytest.mark.usefixtures("nothing_is_held")
@pytest.mark.parametrize("source", sources())
def test_real_files_without_their_values(source: str) -> None:
    as_pydicom_reads_them(sources()[source])


def with_long_values(syntax: str, *, undefined: bool, behind: bool) -> bytes:
    """Long values of three VRs, in an item, in an item of that, and behind pixel data."""
    inner = (text(0x00080100, "SH", "inner"), E(0x00660016, "OF", NOISE[4 : LONG + 4]))
    outer = (
        E(0x0040A730, "SQ", (inner, (text(0x00080100, "SH", "second"),)), undefined),
        E(0x00660021, "OB", NOISE[1 : LONG + 1]),
        text(0x00660022, "LO", "behind"),
    )
    elements = [
        *identity(),
        text(0x00091010, "LO", "ACME"), E(0x00091011, "UN", NOISE[1 : LONG + 1]),
        E(0x00660002, "SQ", (outer,), undefined), text(0x00700080, "CS", "LAST"),
    ]  # fmt: skip
    if behind:
        elements += [
            E(0x7FE00010, "OW", bytes(1000)), E(0x7FE10010, "LO", b"ACME"),
            E(0x7FE11010, "OB", NOISE[2 : LONG + 2]), text(0x7FE11011, "LO", "end"),
        ]  # fmt: skip
    return file_of(elements, syntax)


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_long_values_stand_as_their_length_and_hash(
    syntax: str, undefined: bool, behind: bool
) -> None:
    data = with_long_values(syntax, undefined=undefined, behind=behind)
    found = read(data)
    assert (found.status, found.reason, found.truncation) == ("ok", None, None)
    assert differences(found.described(), io.BytesIO(data)) == []  # type: ignore[arg-type]
    value = found.elements["00660002[0].00660021"]
    assert (value.byte_length, value.sha256) == (LONG, sha256(NOISE[1 : LONG + 1]).hexdigest())
    assert found.elements["00660002[0].0040A730[1].00080100"].text == "second"
    assert found.elements["00091011"].text == NOISE[1:257].hex()
    if behind:
        assert found.elements["7FE11011"].text == "end"
        assert found.part.instances[0].pixel_data_bytes == 1000
    if syntax in (EXPLICIT, IMPLICIT):
        assert len(found.part.templates[0].tokens.data) < 10_000
        pixels = (
            data.index(b"\xe0\x7f\x10\0") + len(head(0x7FE00010, "OW", 0, syntax)) if behind else 0
        )
        assert found.part.instances[0].header_bytes == (pixels or len(data))


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_a_file_that_ends_in_a_long_value(syntax: str) -> None:
    data = with_long_values(syntax, undefined=False, behind=False)
    for size in (len(data) - 1000, len(data) - LONG, LONG, 1000):
        found = read(data[:size])
        assert (found.status, found.truncation) == ("ok", "header")
        assert found.elements["00080018"].text == "1.2.3.4"
        assert "00700080" not in found.elements


def test_a_file_that_is_shorter_than_when_it_was_listed() -> None:
    data = with_long_values(EXPLICIT, undefined=True, behind=False)
    part = Part()
    cut = data[: len(data) - LONG]
    part.add("file", None, len(data), 0, cut[: reading.FIRST_READ], reader(cut))
    assert Reading(part).truncation == "header"
    assert Reading(part).elements["00091011"].byte_length == LONG


def test_a_long_value_that_is_longer_than_its_item() -> None:
    inner = encode([E(0x00660021, "OB", NOISE[:LONG])])
    items = bare(0xFFFEE000, len(inner) - 100) + inner
    start = meta(EXPLICIT) + encode(identity()) + head(0x00660002, "SQ", len(items) - 100) + items
    found = read(start + encode([text(0x00700080, "CS", "LAST")]))
    assert found.status == "error" or found.flagged


def test_values_that_others_need_are_held() -> None:
    """Text, and what a decoder reads."""
    letters = "a" * LONG
    elements = [
        *identity(), E(0x00081199, "UT", letters.encode()),
        text(0x00290010, "LO", "SIEMENS CSA HEADER"), E(0x00291020, "OB", NOISE[:LONG]),
    ]  # fmt: skip
    found = read(file_of(elements))
    assert found.elements["00081199"].text == letters
    assert found.elements["00291020"].sha256 == sha256(NOISE[:LONG]).hexdigest()


def test_hundreds_of_values_that_are_cut_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_values, "MAX_HELD", 100)
    monkeypatch.setattr(data_set, "WINDOW", 100)
    elements = [E(0x00091000 + n, "OB", NOISE[n : n + 102]) for n in range(256)]
    items = tuple((E(0x00660021, "OB", NOISE[n : n + 200]),) for n in range(200))
    data = file_of([*identity(), *elements, E(0x00660002, "SQ", items)])
    found = read(data)
    assert differences(found.described(), io.BytesIO(data)) == []  # type: ignore[arg-type]
    assert found.elements["00660002[199].00660021"].byte_length == 200


def described(source: Path) -> dict[str, tuple[int, str | None, dict[str, Element]]]:
    """Of each file of a source its size, what is wrong with it, and its elements."""
    found: dict[str, tuple[int, str | None, dict[str, Element]]] = {}

    def take(some: Descriptions) -> None:
        distinct = list(map(Element._make, some.rows.iter_rows()))
        for file, rows in zip(some.files, some.elements, strict=True):
            own = {element.path: element for element in (distinct[row] for row in rows.tolist())}
            found[Path(file.uri).name] = file.size, file.reason, own

    describe_source(str(source), Limits(), take)
    return found


def test_very_many_values_that_are_held_as_long_as_they_can_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Annotations: each group has some hundred thousand coordinates."""
    for name, value in (("MAX_HELD", 80_000), ("LEAST_CUT", 10_000)):
        monkeypatch.setattr(long_values, name, value)
    monkeypatch.setattr(data_set, "WINDOW", 10_000)
    for module in (reading, long_values):
        monkeypatch.setattr(module, "MAX_HEADER", 1 << 20)
    sizes = [20_000 + n for n in range(60)] + [9_000, 90_000]
    groups = tuple((text(0x006A0005, "LO", f"{n}"), E(0x00660016, "OF", NOISE[:n])) for n in sizes)
    for syntax, undefined in itertools.product([EXPLICIT, IMPLICIT], [False, True]):
        data = file_of([*identity(), E(0x006A0002, "SQ", groups, undefined)], syntax)
        assert len(data) > 1 << 20
        found = read(data)
        assert found.status == "ok"
        assert differences(found.described(), io.BytesIO(data)) == []  # type: ignore[arg-type]
        assert len(found.part.templates[0].tokens.data) < 200_000
    short = tuple((text(0x006A0005, "LO", "x" * 60_000),) for _ in range(20))
    found = read(file_of([*identity(), E(0x006A0002, "SQ", short)], IMPLICIT))
    assert (found.status, found.reason) == ("error", "the header is larger than 1 MiB")


def test_long_values_of_a_folder_and_of_an_archive(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    files = {
        f"{syntax}-{behind}": with_long_values(syntax, undefined=behind, behind=behind)
        for syntax, behind in itertools.product([EXPLICIT, IMPLICIT], [False, True])
    }
    with zipfile.ZipFile(tmp_path / "files.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            write(tmp_path / "folder", data, name)
            packed.writestr(name, data)
    alone = {name: (len(data), None, read(data).elements) for name, data in files.items()}
    for source in ("folder", "files.zip"):
        assert described(tmp_path / source) == alone


def test_a_long_file_that_is_compressed_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its size is stated nowhere, and what is behind its pixel data is read."""
    monkeypatch.setattr(single, "HELD", 10_000)
    behind = encode([text(0x7FE10010, "LO", "ACME"), text(0x7FE11011, "LO", "end")])
    files = {
        "plain.dcm": file_of([*identity(), E(0x7FE00010, "OW", NOISE[:500_000])]),
        "behind.dcm": file_of([*identity(), E(0x7FE00010, "OW", NOISE[:500_000])]) + behind,
    }
    (tmp_path / "folder").mkdir()
    for name, data in files.items():
        write(tmp_path / "folder", gzip.compress(data), f"{name}.gz")
    alone = {name: (len(data), None, read(data).elements) for name, data in files.items()}
    assert described(tmp_path / "folder") == alone
    assert "7FE11011" in alone["behind.dcm"][2]
    with tarfile.open(tmp_path / "files.tar", "w") as plain:
        plain.add(tmp_path / "folder", "")
    assert described(tmp_path / "files.tar") == alone


def test_a_long_file_that_can_be_unpacked_once_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one that is compressed inside of something compressed the header is kept."""
    monkeypatch.setattr(single, "HELD", 10_000)
    monkeypatch.setattr(intake, "MAX_HEADER", 400_000)
    plain = file_of([*identity(), E(0x7FE00010, "OW", NOISE[:500_000])])
    behind = plain + encode([E(0x7FE10010, "LO", b"")])
    with tarfile.open(tmp_path / "files.tar.gz", "w:gz") as packed:
        for name, data in (("plain", plain), ("behind", behind)):
            packed.add(write(tmp_path, gzip.compress(data), f"{name}.dcm.gz"), f"{name}.dcm.gz")
    found = described(tmp_path / "files.tar.gz")
    assert found["plain.dcm"] == (len(plain), None, read(plain).elements)
    reason = "compressed inside of an archive, and longer than can be held"
    assert found["behind.dcm"] == (len(behind), reason, {})


def test_a_long_value_is_never_in_memory(tmp_path: Path) -> None:
    path, size = tmp_path / "raw.dcm", 256 << 20
    start = meta(EXPLICIT) + encode([*identity(), text(0x00290010, "LO", "ACME")])
    with path.open("wb") as file:
        file.write(start + head(0x00291010, "OB", size))
        file.seek(size, io.SEEK_CUR)  # a hole
        file.write(encode([text(0x00700080, "CS", "LAST")]))
    found, peak = read_path(path)
    value = found.elements["00291010"]
    assert (value.byte_length, value.sha256) == (size, zeros(size))
    assert found.elements["00700080"].text == "LAST"
    assert peak < 8 << 20


@pytest.mark.parametrize("undefined", [False, True])
def test_raw_data_behind_pixel_data_are_never_in_memory(tmp_path: Path, undefined: bool) -> None:
    """Ultrasound keeps its volumes there, behind a picture."""
    path, size = tmp_path / "movie.dcm", 256 << 20
    item = text(0x00080100, "SH", "first")
    inside = len(encode([item])) + 12 + size
    with path.open("wb") as file:
        file.write(meta(EXPLICIT) + encode([*identity(), E(0x7FE00010, "OW", bytes(1000))]))
        file.write(encode([text(0x7FE10010, "LO", "GEMS_Ultrasound_MovieGroup_001")]))
        file.write(head(0x7FE11001, "SQ", UNDEFINED if undefined else 8 + inside))
        file.write(bare(0xFFFEE000, UNDEFINED if undefined else inside))
        file.write(encode([item]) + head(0x7FE11043, "OB", size))
        file.seek(size, io.SEEK_CUR)  # a hole
        if undefined:
            file.write(bare(0xFFFEE00D, 0) + bare(0xFFFEE0DD, 0))
        file.write(encode([text(0x7FE11002, "LO", "last")]))
    found, peak = read_path(path)
    assert not found.flagged
    assert found.part.instances[0].pixel_data_bytes == 1000
    value = found.elements["7FE11001[0].7FE11043"]
    assert (value.byte_length, value.sha256) == (size, zeros(size))
    assert found.elements["7FE11001[0].00080100"].text == "first"
    assert found.elements["7FE11002"].text == "last"
    assert peak < 16 << 20


def zeros(size: int) -> str:
    """The hash of so many bytes of zero, a number of MiB."""
    digest = sha256()
    for _ in range(size >> 20):
        digest.update(bytes(1 << 20))
    return digest.hexdigest()


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("cut", [False, True])
def test_more_behind_pixel_data_than_can_be_held(
    syntax: str, cut: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(behind_pixels, "FIRST_READ", 10_000)
    monkeypatch.setattr(data_set, "WINDOW", 1_000)
    if cut:
        for name, value in (("MAX_HELD", 80_000), ("LEAST_CUT", 10_000), ("MAX_HEADER", 300_000)):
            monkeypatch.setattr(long_values, name, value)
    items = tuple((text(0x00080100, "SH", f"{n}"), E(0x00660016, "OF", NOISE[:n]))
                  for n in range(20_000, 20_040))  # fmt: skip
    elements = [
        *identity(), E(0x7FE00010, "OW", NOISE[:500_000]), text(0x7FE10010, "LO", "ACME"),
        E(0x7FE11001, "SQ", items, undefined=True), E(0x7FE11002, "OB", NOISE[:90_000]),
        text(0x7FE11003, "LO", "last"),
    ]  # fmt: skip
    data = file_of(elements, syntax)
    found = read(data)
    assert not found.flagged
    assert differences(found.described(), io.BytesIO(data)) == []  # type: ignore[arg-type]
    with zipfile.ZipFile(tmp_path / "files.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("file", data)
    assert described(tmp_path / "files.zip") == {"file": (len(data), None, found.elements)}
    for size in (len(data) - 4, len(data) - 50_000, len(data) - 500_000):
        assert read(data[:size]).flagged
    if cut:
        short = [text(0x7FE10010, "LO", "ACME")]
        short += [E(0x7FE11001 + n, "LT", b"x" * 9_000) for n in range(40)]
        found = read(data + encode(short, syntax))
        assert found.status == "ok"
        assert found.flagged


def test_zeros_behind_pixel_data_are_padding(tmp_path: Path) -> None:
    start = meta(EXPLICIT) + encode([*identity(), E(0x7FE00010, "OW", NOISE[:1000])])
    for size, rest, flagged in ((300 << 20, b"", False), (3 << 20, b"end", True), (10, b"", False)):
        path = write(tmp_path, start)
        with path.open("ab") as file:
            file.truncate(len(start) + size)
            file.seek(0, io.SEEK_END)
            file.write(rest)
        part = Part()
        part.add_path(str(path), "file.dcm", path.stat().st_size, 0)
        assert (Reading(part).status, Reading(part).flagged) == ("ok", flagged)
        assert part.instances[0].pixel_data_bytes == 1000


# --- very many elements


@pytest.mark.parametrize("undefined", [False, True])
def test_the_frames_of_a_long_run(undefined: bool) -> None:
    """More elements than a header had before whose every element is looked up, and quickly."""
    n = 20_000

    def frame(number: int) -> tuple[E, ...]:
        content = (E(0x00209057, "UL", struct.pack("<I", number)), text(0x00209056, "SH", "1"))
        position = (text(0x00200032, "DS", f"0\\0\\{number / 2}"),)
        factor = (text(0x00180086, "IS", "1"), E(0x00189087, "FD", struct.pack("<d", number % 7)))
        groups = ((0x00189117, factor), (0x00209111, content), (0x00209113, position))
        return tuple(E(tag, "SQ", (inside,), undefined) for tag, inside in groups)

    elements = [
        *identity(sop_class=ENHANCED_MR), text(0x00280008, "IS", str(n)),
        E(0x52009230, "SQ", tuple(map(frame, range(n))), undefined),
    ]  # fmt: skip
    before = time.process_time()
    found = read(file_of(elements))
    tables = flatten(found.part, 1, "run", bytes(32))
    assert time.process_time() - before < 20
    assert len(found.part.vocabulary.keys.runs) < 1.1 * n
    frames, keys = tables["frames"].open, tables["element_keys"].open
    assert frames is not None
    assert keys is not None
    assert frames["frame"].to_list() == list(range(1, n + 1))
    assert frames["ImagePositionPatient"].list.get(2).to_list() == [k / 2 for k in range(n)]
    assert frames["b_value"].to_list() == [k % 7 for k in range(n)]
    assert keys.height == 8 * n + 5 + 4
    assert keys["path"].n_unique() == keys.height
    last = keys.filter(path=f"52009230[{n - 1}].00209113[0].00200032")
    assert last.select("tag", "vr", "keyword").rows() == [
        ("00200032", "DS", "ImagePositionPatient")
    ]


def test_more_elements_outside_of_like_items_than_can_be_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(data_set, "MAX_UNLIKE", 5_000)
    monkeypatch.setattr(data_set, "WINDOW", 1 << 10)
    like = tuple((text(0x00080100, "SH", str(n)),) for n in range(20_000))
    assert read(file_of([*identity(), E(0x0040A730, "SQ", like)])).status == "ok"
    nested = (E(0x0040A730, "SQ", like),)
    found = read(file_of([*identity(), E(0x0040A730, "SQ", (nested,))]))
    assert found.reason == (
        "the header has more than 5,000 elements outside of items that are like each other"
    )
