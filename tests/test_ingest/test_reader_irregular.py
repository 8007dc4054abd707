"""What the fast reader leaves to pydicom, with pixel data and with elements behind them.

Whatever is the reason, such a file has the elements pydicom reads of it, in a folder as in an
archive, whose members are read forward only; its pixel data are never read.
"""

from __future__ import annotations

import io
import itertools
import random
import tarfile
import zipfile
import zlib
from pathlib import Path

import pydicom.data
import pytest
from hypothesis import assume, given

from ingest.header import reading
from ingest.header.outcome import Header
from ingest.header.stops import Irregular
from tests.shared_data import needs_dicom, sources
from tests.test_ingest.reader_samples import (
    BIG,
    DEFLATED,
    EXPLICIT,
    JPEG,
    UNDEFINED,
    E,
    bare,
    encode,
    head,
    identity,
    meta,
    read,
    read_path,
    text,
    write,
)
from tests.test_ingest.test_elements_against_pydicom import differences
from tests.test_ingest.test_reader_large import described
from tests.test_ingest.test_reader_properties import QUICK, files

PIXELS = bytes(range(251)) * 2400
"""More than is read of a file at first."""
PADDING = E(0xFFFCFFFC, "OB", b"padding ")
REASONS = (
    "big endian", "twice", "twice with another VR", "unknown VR", "twice in an item", "deflated",
)  # fmt: skip
BEHIND = {
    "nothing": b"", "zeros": bytes(1000), "an element": [PADDING],
    "an element twice": [PADDING, PADDING], "pixel data again": [E(0x7FE00010, "OB", b"abcd")],
    "a patient again": [text(0x00100020, "LO", "behind")],
    "a long value": [E(0x7FE10010, "LO", b"ACME"), E(0x7FE11001, "OB", PIXELS)],
}  # fmt: skip


def irregular(why: str, pixels: str, behind: str, *, long: bool = False) -> bytes:
    """A file that is left to pydicom."""
    syntax = BIG if why == "big endian" else JPEG if pixels == "fragments" else EXPLICIT
    name = text(0x00100010, "PN", "A^B")
    code = (text(0x00080100, "SH", "one"), text(0x00080104, "LO", "first"))
    elements = [*identity(), name, text(0x00100020, "LO", "id")]
    if why in ("twice", "deflated"):
        elements.insert(-1, text(0x00100010, "PN", "C^D"))
    if why == "twice with another VR":
        elements.insert(-1, text(0x00100010, "LO", "C^D"))
    if why == "twice in an item":
        code += (text(0x00080104, "ST", "second"),)
    elements += [E(0x00400260, "SQ", (code,) * 4), text(0x00400280, "ST", "x" * 300_000 * long)]
    if long:
        elements[-1] = text(0x00420010, "UT", "x" * 300_000)
    if pixels == "native":
        elements.append(E(0x7FE00010, "OW", PIXELS[:600_000]))
    body = encode(elements, syntax)
    if why == "unknown VR":
        body = body.replace(b"\x10\0\x10\0PN", b"\x10\0\x10\0ZZ")
    if pixels == "fragments":
        body += head(0x7FE00010, "OB", UNDEFINED) + bare(0xFFFEE000, 0)
        for part in (PIXELS[:200_000], PIXELS[:400_000]):
            body += bare(0xFFFEE000, len(part)) + part
        body += bare(0xFFFEE0DD, 0)
    rest = BEHIND[behind]
    body += rest if isinstance(rest, bytes) else encode(rest, syntax)
    if why == "deflated":
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        return meta(DEFLATED) + packer.compress(body) + packer.flush()
    return meta(syntax) + body


CASES = {
    "-".join((why, pixels, behind, "long" * long)): irregular(why, pixels, behind, long=long)
    for why, pixels, behind, long in itertools.product(
        REASONS, ("native", "fragments"), BEHIND, (False, True)
    )
    if pixels == "native" or why not in ("big endian", "deflated")  # PS3.5 A.4
}


@pytest.mark.parametrize("name", CASES)
def test_all_of_an_irregular_file(name: str) -> None:
    data = CASES[name]
    found = read(data)
    assert (found.status, found.truncation) == ("ok", None)
    assert found.part.instances[0].read_by == "pydicom"
    data = CASES[name.replace("zeros", "nothing")]  # pydicom takes them for elements
    assert differences(found.described(), io.BytesIO(data)) == []  # type: ignore[arg-type]
    if "again" not in name:
        stored = 600_000 + (3 * 8 if "fragments" in name else 0)
        assert found.part.instances[0].pixel_data_bytes == stored


def test_irregular_files_of_archives(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    packed = zipfile.ZipFile(tmp_path / "files.zip", "w", zipfile.ZIP_DEFLATED)
    with packed, tarfile.open(tmp_path / "files.tar.gz", "w:gz", compresslevel=1) as together:
        for name, data in CASES.items():
            together.add(write(tmp_path / "folder", data, name), name)
            packed.writestr(name, data)
    alone = {name: (len(data), None, read(data).elements) for name, data in CASES.items()}
    for source in ("folder", "files.zip", "files.tar.gz"):
        assert described(tmp_path / source) == alone


@pytest.mark.parametrize("why", REASONS)
@pytest.mark.parametrize("rest", [b"rubbish, and more of it", head(0xFFFCFFFC, "OB", 1 << 20)])
def test_rubbish_behind_pixel_data_costs_nothing_else(why: str, rest: bytes) -> None:
    data = irregular(why, "native", "nothing")
    alone, found = read(data), read(data + rest)
    assert (found.status, found.truncation) == ("ok", None)
    assert alone.elements.items() <= found.elements.items()


@pytest.mark.parametrize("name", [name for name in CASES if "nothing" in name])
def test_an_irregular_file_that_ends_in_its_pixel_data(name: str) -> None:
    data = CASES[name]
    alone, found = read(data), read(data[:-1000])
    assert (found.status, found.truncation) == ("ok", "pixel data")
    assert alone.elements.keys() == found.elements.keys()


@pytest.mark.parametrize("name", CASES)
def test_an_irregular_file_that_ends_anywhere(name: str) -> None:
    data, chance = CASES[name], random.Random(name)
    for size in [*chance.sample(range(400), 20), *chance.sample(range(len(data)), 10)]:
        found = read(data[:size])
        if found.status == "ok" and not found.flagged:  # it ends behind an element
            assert differences(found.described(), io.BytesIO(data[:size])) == []  # type: ignore[arg-type]


def both_ways(paths: list[Path]) -> int:
    """Files that are left to pydicom have the elements that the fast reader finds; how many."""
    compared = 0
    for path in paths:
        data = path.read_bytes()
        fast = read(data)
        if fast.status != "ok" or fast.part.instances[0].read_by == "pydicom":
            continue
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reading, "_read_regular", left)
            slow = read(data)
        one, other = fast.part.instances[0], slow.part.instances[0]
        assert other.read_by == "pydicom"
        assert one.header_bytes == other.header_bytes
        assert one.pixel_data_bytes == other.pixel_data_bytes
        assert one.truncation == other.truncation
        if one.truncation == "header":  # pydicom leaves out the sequence that the file ends in
            assert slow.elements.items() <= fast.elements.items()
        else:
            assert slow.elements == fast.elements, path
        compared += 1
    return compared


def left(*_: object) -> Header:
    raise Irregular("for once")


@QUICK
@given(files())
def test_made_up_data_sets_are_the_same_when_they_are_left_to_pydicom(data: bytes) -> None:
    fast = read(data)
    assume(fast.part.instances[0].read_by != "pydicom")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_read_regular", left)
        slow = read(data)
    assume(slow.status == "ok")  # pydicom cannot read all that can be made up
    assert slow.elements == fast.elements


def test_files_that_pydicom_brings_are_the_same_when_they_are_left_to_it() -> None:
    brought = Path(pydicom.data.__file__).parent
    assert both_ways([path for path in brought.rglob("*") if path.is_file()]) >= 150


@needs_dicom
@pytest.mark.parametrize("source", sources())
def test_real_files_are_the_same_when_they_are_left_to_pydicom(source: str) -> None:
    both_ways(sources()[source][::3])


@pytest.mark.parametrize("syntax", [EXPLICIT, BIG])
def test_pixel_data_of_an_irregular_file_are_not_read(tmp_path: Path, syntax: str) -> None:
    path, size = tmp_path / "long.dcm", 3 << 30
    elements = [*identity(), text(0x00100010, "PN", "A^B"), text(0x00100010, "PN", "C^D")]
    with path.open("wb") as file:
        file.write(meta(syntax) + encode(elements, syntax) + head(0x7FE00010, "OW", size, syntax))
        file.seek(size, io.SEEK_CUR)  # a hole
        file.write(encode([text(0x7FE10010, "LO", "ACME")], syntax))
    found, peak = read_path(path)
    assert (found.status, found.truncation) == ("ok", None)
    assert found.elements["7FE10010"].text == "ACME"
    assert found.elements["00100010"].text == "C^D"
    assert found.part.instances[0].pixel_data_bytes == size
    assert peak < 8 << 20
