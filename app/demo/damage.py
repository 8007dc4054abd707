"""Files that are broken on purpose, and what a good reader makes of each.

`OUTCOME` words are those of the lake's table `files`: `ok`, `duplicate`, `not_dicom`, `error`. A
file counts as an instance as soon as its SOP class and instance UID can be read.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from app.demo.elements import Element, Encoding, elements_of, encode_elements
from app.demo.identity import uid
from app.demo.records import Attributes
from app.demo.template import PREAMBLE, file_meta

EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"


class Damage(NamedTuple):
    """What happens to a finished file, and what a reader should say."""

    outcome: str
    apply: Callable[[bytes], bytes]


class Stray(NamedTuple):
    """A file that is no DICOM instance at all."""

    path: str
    content: bytes


class Copy(NamedTuple):
    """Another file with the SOPInstanceUID of an instance of the cohort."""

    study: str
    series: str
    number: int
    path: str
    apply: Callable[[bytes], bytes]


def _tag_and_vr(tag: int, vr: str) -> bytes:
    return struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())


def _cut_inside(tag: int, vr: str) -> Callable[[bytes], bytes]:
    """Cuts an explicit little endian file inside the head of an element."""

    def cut(file: bytes) -> bytes:
        return file[: file.index(_tag_and_vr(tag, vr)) + 7]

    return cut


def _without_last_pixels(file: bytes) -> bytes:
    return file[:-500]


def without_meta(file: bytes) -> bytes:
    """The data set alone, without preamble and file meta group."""
    (group_length,) = struct.unpack_from("<I", file, len(PREAMBLE) + 8)
    return file[len(PREAMBLE) + 12 + group_length :]


def _other_window(file: bytes) -> bytes:
    """The same instance with another WindowWidth (0028,1051): a difference in the header."""
    at = file.index(_tag_and_vr(0x00281051, "DS")) + 8
    return file[:at] + b"77" + file[at + 2 :]


DAMAGES: Final[Mapping[str, Damage]] = {
    "": Damage("ok", bytes),
    "cut before SOPInstanceUID": Damage("error", _cut_inside(0x00080018, "UI")),
    "cut after the UIDs": Damage("ok", _cut_inside(0x00280030, "DS")),
    "cut in the pixels": Damage("ok", _without_last_pixels),
    "no meta": Damage("ok", without_meta),
}

COPIES: Final = (
    Copy("ct-thorax", "native", 1, "unsorted/copy of a slice.dcm", bytes),
    Copy("ct-thorax", "native", 2, "unsorted/same UID other content.dcm", _other_window),
    Copy("si3t-research", "t2", 3, "unsorted/backup/IM000003", bytes),
)
"""One more file each; the first two of a CT, one of them with other content."""

README: Final = b"""Taglake demo cohort: synthetic DICOM files made by app.demo.
Names, dates and images are invented; some files are broken on purpose.
"""


def strays(seed: int) -> tuple[Stray, ...]:
    """Everything in the cohort's folder that is not an instance."""
    return (
        Stray("README.txt", README),
        Stray("DICOMDIR", dicomdir(seed)),
        Stray("unsorted/empty.dcm", b""),
        Stray("unsorted/text.dcm", b"PatientName,Modality\nDemo^Text,CT\n" * 8),
        Stray("unsorted/preamble only.dcm", PREAMBLE),
        Stray("unsorted/picture.png", png()),
    )


def dicomdir(seed: int) -> bytes:
    """A Media Storage Directory (PS3.10 section 8) with one patient record."""
    patient = elements_of(
        {
            "OffsetOfTheNextDirectoryRecord": 0,
            "RecordInUseFlag": 0xFFFF,
            "OffsetOfReferencedLowerLevelDirectoryEntity": 0,
            "DirectoryRecordType": "PATIENT",
            "PatientName": "Demo^Directory",
            "PatientID": "DEMO-DIR",
        }
    )
    instance = uid(seed, "dicomdir")
    meta = file_meta(MEDIA_STORAGE_DIRECTORY, instance, EXPLICIT_LITTLE)
    head: Attributes = {
        "FileSetID": "TAGLAKEDEMO",
        "FileSetConsistencyFlag": 0,
        "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity": 0,
        "OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity": 0,
    }
    before_item = len(PREAMBLE) + len(meta) + len(encode_elements(elements_of(head), Encoding()))
    first = before_item + 12  # the head of the sequence
    offsets: Attributes = {
        "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity": first,
        "OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity": first,
    }
    directory = elements_of(head, offsets) | {0x00041220: Element("SQ", [patient])}
    return PREAMBLE + meta + encode_elements(directory, Encoding())


def png() -> bytes:
    """A grey PNG of one pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\x80")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
