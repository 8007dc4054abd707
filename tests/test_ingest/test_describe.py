"""A file described without a databank: odd places, any operating system, any byte order."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from app.demo import write_instances
from ingest import positioned
from ingest.describe import Described, Descriptions, Element, describe, describe_source
from ingest.positioned import open_for_reading
from ingest.sources import Limits, SourceUnreachable
from tests import pydicom_oracle
from tests.shared_data import DICOM, needs_dicom
from tests.test_ingest.reader_samples import BIG, E, file_of, identity, text

POSIX = pytest.mark.skipif(os.name == "nt", reason="needs pipes with a name")
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Fails instead of waiting for ever."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def described(source: Path) -> list[Described]:
    """The files of a source, read together."""
    made: list[Described] = []

    def take(found: Descriptions) -> None:
        for file, rows in zip(found.files, found.elements, strict=True):
            own = tuple(map(Element._make, found.rows[rows].rows()))
            made.append(Described(file.uri, file.size, file.status, file.reason, own))

    describe_source(str(source), Limits(), take)
    return made


def test_files_read_together_are_described_as_each_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through templates, through what they have in common, and whatever else there is."""
    write_instances(tmp_path / "some", "siemens_dwi", 3, 9)
    for number in range(3):  # a payload that can be decoded in one file and not in the next
        payload = (b"SV10\x04\x03\x02\x01" + bytes(8), b"nothing of the kind", b"")[number]
        data = file_of([*identity(f"1.9.{number}"), text(0x00290010, "LO", "SIEMENS CSA HEADER"),
                        E(0x00291010, "OB", payload)])  # fmt: skip
        (tmp_path / "some" / f"csa{number}").write_bytes(data)
    (tmp_path / "some" / "notes.txt").write_text("x", "utf-8")
    (tmp_path / "some" / "empty").touch()
    alone = {str(path): describe(path) for path in tmp_path.rglob("*") if path.is_file()}
    assert sum(len(found.elements) > 0 for found in alone.values()) == 30
    for together in (1, 4, 500):
        monkeypatch.setattr("ingest.describe.TOGETHER", together)
        assert {found.uri: found for found in described(tmp_path)} == alone


@needs_dicom
def test_real_files_read_together_are_described_as_each_alone() -> None:
    for folder in sorted(DICOM.iterdir())[::9]:
        for found in described(folder):
            if "!/" not in found.uri and os.path.exists(found.uri):
                assert found == describe(found.uri), found.uri


@POSIX
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with at_most(5):
        found = describe(pipe)
        (listed,) = described(tmp_path)
    assert listed == found
    told = ("not_dicom", "not a regular file", 0, ())
    assert (found.status, found.reason, found.size, found.elements) == told


@POSIX
def test_a_pipe_that_took_the_place_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was listed as a file, and looked like an archive, may be anything when it is opened."""
    place = tmp_path / "a"
    place.write_bytes(b"PK\x03\x04 not an archive in truth")

    def swapped(path: str) -> int:
        descriptor = open_for_reading(path)
        if not place.is_fifo():
            place.unlink()
            os.mkfifo(place)
        return descriptor

    monkeypatch.setattr("ingest.part.open_for_reading", swapped)
    with at_most(5):
        (found,) = described(tmp_path)
    assert (found.status, found.elements) == ("not_dicom", ())


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    assert describe(tmp_path / "gone")[1:4] == (0, "error", "No such file or directory")
    found = describe(tmp_path)
    assert (found.size, found.status) == (0, "error")
    assert found.reason in ("Is a directory", "Permission denied")
    with pytest.raises(SourceUnreachable):
        described(tmp_path / "gone")


def test_a_file_is_described_as_its_bytes_are(tmp_path: Path) -> None:
    noise = bytes(random.Random(5).randrange(256) for _ in range(1000)) * 300
    data = file_of([*identity(), text(0x00100010, "PN", "Roe^Jane"), E(0x7FE00010, "OB", noise),
                    text(0x7FE10010, "LO", "ACME"), text(0x7FE11001, "LO", "behind")])  # fmt: skip
    (tmp_path / "one").write_bytes(data)
    found, expected = describe(tmp_path / "one"), describe(data)
    assert found.elements == expected.elements
    assert (found.size, found.status) == (len(data), "ok")
    assert [e.text for e in found.elements][-1] == "behind"


# --- reading at positions


@pytest.mark.parametrize("read", [positioned.read_at, positioned._seek_and_read])
def test_reading_at_a_position(tmp_path: Path, read: Callable[[int, int, int], bytes]) -> None:
    """Both ways, byte for byte: Windows has no pread, and would read text where it is not told."""
    data = b"0123\r\n\x1a789" * 50
    (tmp_path / "file").write_bytes(data)
    descriptor = open_for_reading(str(tmp_path / "file"))
    try:
        for offset, length in ((0, 10), (495, 10), (3, 4), (0, 500), (500, 5), (10_000, 5)):
            assert read(descriptor, offset, length) == data[offset : offset + length]
    finally:
        os.close(descriptor)


WINDOWS = """
import os
for name in ("pread", "O_NONBLOCK", "O_CLOEXEC"):
    delattr(os, name)
os.O_BINARY = 0
import sys
from ingest.describe import describe
print(describe(sys.argv[1]).elements[-1].text)
"""


@POSIX
def test_without_what_windows_lacks(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(file_of([*identity(), text(0x00204000, "LT", "read")]))
    done = subprocess.run(
        [sys.executable, "-c", WINDOWS, str(tmp_path / "one")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("read\n", "")


# --- the oracle


@pytest.mark.parametrize(("vr", "tag", "width"), [
    ("OW", 0x00281201, 2), ("OF", 0x00640009, 4), ("OL", 0x00660129, 4), ("OD", 0x00701A04, 8),
    ("OV", 0x7FE00001, 8), ("OB", 0x00020102 + 0x00400000, 1),
])  # fmt: skip
def test_words_of_big_endian_files_are_turned(
    tmp_path: Path, vr: str, tag: int, width: int
) -> None:
    """PS3.5 7.3, by hand: 1, 2, 3, ... as the file has it, against reader and oracle."""
    value = bytes(range(16))
    data = file_of([*identity(), E(tag, vr, value)], BIG)
    turned = b"".join(value[i : i + width][::-1] for i in range(0, 16, width))
    assert data.endswith(turned)
    (tmp_path / "one").write_bytes(data)
    path, expected = f"{tag:08X}", (16, hashlib.sha256(value).hexdigest())
    element = {e.path: e for e in describe(tmp_path / "one").elements}[path]
    assert (element.vr, element.byte_length, element.sha256) == (vr, *expected)
    assert pydicom_oracle.elements(tmp_path / "one")[path] == (vr, expected)
