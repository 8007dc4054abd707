"""Table E.1-1 as the schema has it, against pydicom's dictionary, single rows, and columns.

What the table says of a tag is copied; whether it was copied to the right tag can be checked: each
line carries the keyword, and dates, UIDs and names have VRs of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from pydicom.datadict import DicomDictionary, dictionary_VR, keyword_for_tag, tag_for_keyword

from ingest.schema import TABLES, confidentiality
from ingest.schema.confidentiality import (
    BASIC_PROFILE,
    CHARACTERISTICS,
    CONTAINERS,
    DESCRIPTIONS,
    IDENTITIES,
    TIMES,
    UIDS,
)
from ingest.schema.identifiers import FURTHER, IDENTIFYING, REPEATING

FOLDER = Path(confidentiality.__file__).parent
KINDS = (IDENTITIES, TIMES, UIDS, DESCRIPTIONS, CHARACTERISTICS, CONTAINERS)
LINE = re.compile(r'^    0x([0-9A-F]{8})(?:: "[^"]+")?,  # (\w+)$', re.MULTILINE)


def written() -> list[tuple[int, str]]:
    """Every line of the table, and of what identifies beyond it: tag and keyword."""
    texts = [path.read_text() for path in (*FOLDER.glob("*.py"), FOLDER.parent / "identifiers.py")]
    return [(int(tag, 16), keyword) for text in texts for tag, keyword in LINE.findall(text)]


def vr(tag: int) -> str:
    """The VR in pydicom's dictionary, or '' for what is newer than it."""
    try:
        return str(dictionary_VR(tag))
    except KeyError:
        return ""


def test_every_line_says_which_attribute_it_is() -> None:
    lines = written()
    assert Counter(tag for tag, _ in lines) == Counter([*BASIC_PROFILE, *FURTHER])
    known = {tag: keyword for tag, keyword in lines if keyword_for_tag(tag)}
    assert len(known) > 650
    assert {tag: keyword_for_tag(tag) for tag in known} == known
    newer = {keyword for tag, keyword in lines if tag not in known}
    assert {"NameToUse", "GenderIdentitySequence", "PrincipalDiagnosisCodeSequence"} <= newer
    assert len(newer) < 30


def test_every_row_tells_one_thing() -> None:
    assert sum(map(len, KINDS)) == len(BASIC_PROFILE) == 652
    assert list(map(sorted, KINDS)) == list(map(list, KINDS))
    assert not FURTHER & BASIC_PROFILE.keys()


@pytest.mark.parametrize(("keyword", "code"), [
    # PS3.15 2026c, table E.1-1.
    ("PatientName", "Z"), ("PatientID", "Z/D"), ("PatientSex", "Z"), ("PatientAge", "X"),
    ("PatientBirthDate", "Z"), ("AccessionNumber", "Z"), ("StudyID", "Z"), ("StudyDate", "Z"),
    ("SeriesDate", "X/D"), ("ContentDate", "Z/D"), ("AcquisitionDateTime", "X/Z/D"),
    ("StudyDescription", "X"), ("SeriesDescription", "X"), ("ProtocolName", "X/D"),
    ("StudyInstanceUID", "U"), ("SOPInstanceUID", "U"), ("FrameOfReferenceUID", "U"),
    ("DeviceSerialNumber", "X/Z/D"), ("InstitutionName", "X/Z/D"), ("OperatorsName", "X/Z/D"),
    ("StationName", "X/Z/D"), ("ContrastBolusAgent", "Z/D"), ("ClinicalTrialSubjectID", "D"),
    ("ReferencedImageSequence", "X/Z/U*"), ("ContentSequence", "D"), ("VerifyingOrganization", "D"),
    ("RequestedProcedureDescription", "X/Z"), ("CameraOwnerName", "X"), ("GPSLatitude", "X"),
    ("DigitalSignaturesSequence", "X"), ("TimezoneOffsetFromUTC", "X"), ("ROIName", "Z"),
])  # fmt: skip
def test_codes(keyword: str, code: str) -> None:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    assert BASIC_PROFILE[tag] == code


def test_kinds_agree_with_value_representations() -> None:
    assert {vr(tag) for tag in TIMES} <= {"DA", "TM", "DT", "SH", "OB", ""}
    assert [keyword_for_tag(t) for t in TIMES if vr(t) in ("SH", "OB")] == [
        "TimezoneOffsetFromUTC", "FrameOriginTimestamp",
    ]  # fmt: skip
    assert {vr(tag) for tag in UIDS} == {"UI"}
    assert {tag for tag, code in BASIC_PROFILE.items() if code == "U"} <= UIDS.keys()
    for kind in (DESCRIPTIONS, CHARACTERISTICS, CONTAINERS):
        assert not {vr(tag) for tag in kind} & {"PN", "AE", "UI", "DA", "DT", "TM"}
    assert {vr(tag) for tag in CONTAINERS} == {"SQ", "OB"}
    assert "SQ" not in {vr(tag) for tag in DESCRIPTIONS}


def test_every_name_of_a_person_identifies() -> None:
    names = {tag for tag, entry in DicomDictionary.items() if entry[0] == "PN"}
    assert len(names) > 30
    assert names <= IDENTIFYING


def test_what_identifies_beyond_the_list_of_tags() -> None:
    assert set(IDENTITIES) <= IDENTIFYING
    assert {0x60004000, 0x60024000, 0x601E4000, 0x50000022, 0x501E2500} <= REPEATING
    assert {tag >> 24 for tag in REPEATING} == {0x50, 0x60}
    assert not any(tag >> 16 & 1 for tag in IDENTIFYING)


@pytest.mark.parametrize("tag", [
    # Each was missing once, and is of a different kind.
    0x0008009D, 0x00080407, 0x00081190, 0x00100026, 0x00100034, 0x00101100, 0x00102161, 0x00120022,
    0x00120081, 0x0016004D, 0x00160051, 0x00160072, 0x00181003, 0x00181010, 0x00181803, 0x0018991A,
    0x00284000, 0x00380014, 0x00400400, 0x00400513, 0x00401006, 0x0040A07C, 0x0040A354, 0x0040E001,
    0x00440012, 0x0074100A, 0x21000160, 0x30080105, 0x30100043, 0x3010005A, 0x40080200, 0x4010102A,
    0x40101047, 0xFFFAFFFA,
])  # fmt: skip
def test_these_identify(tag: int) -> None:
    assert tag in IDENTIFYING


def test_what_is_in_the_open_does_not_identify() -> None:
    """The columns that the schema promises without identifiers, of every table."""
    seen = 0
    for table in TABLES.values():
        for column in table.columns:
            for source in column.source:
                tags = re.findall(r"(?<![0-9A-Fx])([0-9A-F]{8})(?![0-9A-F])", source)
                seen += len(tags)
                if not column.phi:
                    assert not [t for t in tags if int(t, 16) in IDENTIFYING], column.name
    assert seen > 500
