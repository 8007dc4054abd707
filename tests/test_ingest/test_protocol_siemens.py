"""The stable part of Siemens' protocol: fingerprints by hand, and real sessions of one protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pydicom
import pytest

from app.demo.csa import SERIES_FIELDS, encode_csa2, phoenix_protocol
from ingest.decoders.records import Field
from ingest.decoders.siemens_protocol import (
    CHANGING,
    Protocol,
    is_stable,
    normal,
    protocol,
)
from ingest.flatten import flatten
from ingest.part import Part
from tests.shared_data import DICOM, needs_dicom
from tests.test_ingest.reader_samples import E, add, file_of, identity, text

COLUMN = "siemens_protocol_fingerprint"
Entries = Mapping[str, float | int | str]

FIRST: Entries = {
    # a session, in the order of a scanner
    "tSequenceFileName": "%SiemensSeq%\\tfl", "tProtocolName": "t1", "alTR[0]": 2300000,
    "alTE[0]": "2.98e3", "sKSpace.ucDimension": "0x4", "lTotalScanTimeSec": 312,
    "sSliceArray.asSlice[0].dThickness": 176.0, "sSliceArray.asSlice[0].sPosition.dSag": 1.25,
    "sSliceArray.asSlice[0].sNormal.dTra": 0.99, "sSliceArray.lSize": 1, "lDummyScans": 0,
    "sTXSPEC.asNucleusInfo[0].tNucleus": "1H", "sTXSPEC.asNucleusInfo[0].lFrequency": 123247053,
    "sTXSPEC.aRFPULSE[0].flAmplitude": 225.1, "sGRADSPEC.ucMode": "0x1",
    "sGRADSPEC.asGPAData[0].lOffsetX": 2875, "sAdjData.uiAdjShimMode": 2, "lProtID": -273,
    "sCoilSelectMeas.aRxCoilSelectData[0].asList[0].sCoilElementID.tElement": "H42",
    "tReferenceImage0": "1.3.12.2.1107", "lPtabAbsStartPosZ": -1211, "adFlipAngleDegree[0]": 9.0,
}  # fmt: skip
LATER: Entries = {
    # the same protocol on another patient and day
    **FIRST, "sSliceArray.asSlice[0].sPosition.dSag": -3.5, "lTotalScanTimeSec": 320,
    "sSliceArray.asSlice[0].sNormal.dTra": 0.9, "sSliceArray.lSize": 2,
    "sSliceArray.asSlice[1].dThickness": 176.0, "sTXSPEC.asNucleusInfo[0].lFrequency": 123258364,
    "sTXSPEC.aRFPULSE[0].flAmplitude": 248.7, "sGRADSPEC.asGPAData[0].lOffsetX": 2856,
    "sAdjData.uiAdjShimMode": 4, "lProtID": -22, "tReferenceImage0": "1.3.12.2.1108",
    "sCoilSelectMeas.aRxCoilSelectData[0].asList[0].sCoilElementID.tElement": "H33",
    "lPtabAbsStartPosZ": -1244, "adFlipAngleDegree[0]": 9.00001,
}  # fmt: skip
LINES = (
    "adFlipAngleDegree[0]=9",
    "alTE[0]=2980",
    "alTR[0]=2.3e+06",
    "sGRADSPEC.ucMode=1",
    "sKSpace.ucDimension=4",
    "sSliceArray.asSlice[0].dThickness=176",
    "sTXSPEC.asNucleusInfo[0].tNucleus=1H",
    "tSequenceFileName=%SiemensSeq%\\tfl",
)
EXPECTED = hashlib.sha256("\n".join(LINES).encode()).hexdigest()


def mr(number: int, entries: Entries, field: str = "MrPhoenixProtocol") -> bytes:
    """An MR image with a CSA series header that holds this protocol."""
    header = encode_csa2(SERIES_FIELDS, {field: [phoenix_protocol(entries)]})
    uid = f"1.2.3.{number}"
    return file_of(
        [
            *identity(uid), text(0x00290010, "LO", "SIEMENS CSA HEADER"),
            text(0x00200013, "IS", str(number)), E(0x00291020, "OB", header),
        ],
        uid=uid,
    )  # fmt: skip


def column(*files: bytes) -> list[str | None]:
    part = Part()
    for number, data in enumerate(files):
        add(part, data, str(number))
    rows = flatten(part, 0, "run", bytes(32))["instances"].open
    assert rows is not None
    return rows[COLUMN].to_list()


def test_a_fingerprint_is_that_of_lines_written_by_hand() -> None:
    assert column(mr(1, FIRST)) == [EXPECTED]


def test_two_sessions_of_a_protocol_have_the_same() -> None:
    assert column(mr(1, FIRST), mr(2, LATER)) == [EXPECTED] * 2
    assert column(mr(2, LATER)) == [EXPECTED]


def test_a_parameter_makes_another_one() -> None:
    other = {**FIRST, "alTE[0]": 2990}
    assert column(mr(1, FIRST), mr(2, other), mr(3, FIRST))[::2] == [EXPECTED] * 2
    assert column(mr(1, FIRST), mr(2, other))[1] not in (None, EXPECTED)


def test_the_order_of_lines_does_not_matter() -> None:
    assert column(mr(1, {key: FIRST[key] for key in reversed(list(FIRST))})) == [EXPECTED]


def test_the_older_field_counts_where_the_newer_is_missing() -> None:
    assert column(mr(1, FIRST, "MrProtocol")) == [EXPECTED]
    assert column(mr(1, {"tProtocolName": "t1"})) == [None]
    assert column(file_of(identity())) == [None]


def test_an_xa_scanner_has_it_in_an_element_of_its_own() -> None:
    elements = [
        *identity(), text(0x00210010, "LO", "SIEMENS MR SDS 01"),
        E(0x00211019, "OB", phoenix_protocol(FIRST).encode()),
    ]  # fmt: skip
    assert column(file_of(elements)) == [EXPECTED]


def test_the_better_of_two_fields_counts() -> None:
    pairs = [Field("MrProtocol/alTR[0]", "DS", "1"), Field("MrPhoenixProtocol/alTR[0]", "DS", "2")]
    expected = hashlib.sha256(b"alTR[0]=2").hexdigest()
    assert protocol(pairs) == protocol(pairs[::-1]) == Protocol(0, expected)
    assert protocol(pairs[:1]) == Protocol(1, hashlib.sha256(b"alTR[0]=1").hexdigest())
    assert protocol([]) is None
    assert min(Protocol(1, "a"), Protocol(0, "b")) == Protocol(0, "b")


def test_numbers_to_four_digits_and_no_zeros() -> None:
    assert [normal(t) for t in ("4.9999", "5.0", "-0.0", "1e400", "0.00012346", "%a%", "")] == [
        "5", "5", "0", "inf", "0.0001235", "%a%", ""
    ]  # fmt: skip
    pairs = [("lDummyScans", "0"), ("a", "0.0"), ("b", ""), ("", "1")]
    assert protocol([Field(f"MrProtocol/{key}", "DS", text) for key, text in pairs]) is None


@pytest.mark.parametrize("name", FIRST)
def test_keys_are_stable_with_and_without_their_field(name: str) -> None:
    said = any(line.partition("=")[0] == name for line in LINES) or name == "lDummyScans"
    assert is_stable(name) == is_stable(f"MrPhoenixProtocol/{name}") == said


@pytest.mark.parametrize(
    "name",
    [
        "sDiffusion.lDiffWeightings", "sDiffusion.alBValue[1]", "sPat.lAccelFactPE", "alTI[0]",
        "sRSatArray.asElm[0].dThickness", "sWipMemBlock.alFree[14]", "sKSpace.lPartitions",
        "sFastImaging.lEchoSpacing", "sTXSPEC.ucRFPulseType", "sAsl.ulMode", "ucCoilCombineMode",
    ],
)  # fmt: skip
def test_what_was_set_is_a_parameter(name: str) -> None:
    assert is_stable(name)


def test_each_pattern_has_a_reason() -> None:
    assert all(len(reason) > 10 for reason in CHANGING.values())


def real(folder: Path) -> pl.DataFrame:
    """Study, protocol and fingerprint of the real files in a folder."""
    paths = sorted(p for p in (DICOM / folder).rglob("*.dcm") if p.is_file())
    found = column(*(path.read_bytes() for path in paths))
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    return pl.DataFrame(
        {
            "study": [str(header.StudyInstanceUID) for header in headers],
            "name": [str(header.get("ProtocolName")) for header in headers],
            "found": pl.Series(found, dtype=pl.String),
        }
    )


MRDATASET = Path("pypi-mrdataset-0.4.4/MRdataset/tests/resources")
SESSIONS = {
    # folder -> protocols in it of which three sessions on Prisma scanners are there
    "localizer": "test_merge_data.zip_x/test_merge_data/full_data/localizer___64_channel",
    "localizer, uncorrected":
        "test_merge_data.zip_x/test_merge_data/full_data/localizer___64_channel_ND",
    "rsfMRI_LR": "example_dicom_data.zip_x/example_dicom_data/rsfMRI_LR",
}  # fmt: skip


@needs_dicom
def test_real_sessions_of_one_protocol_agree_and_protocols_do_not() -> None:
    prints: dict[str, set[str]] = {}
    for name, folder in SESSIONS.items():
        path = MRDATASET / folder
        if not (DICOM / path).is_dir():
            pytest.skip("the sessions of MRdataset are not among the real files here")
        found = real(path)
        assert found["study"].n_unique() == 3, name
        assert found["found"].null_count() == 0
        prints[name] = set(found["found"])
        assert len(prints[name]) == 1, name
    # corrected for distortion or not: two series of one acquisition
    assert prints["localizer"] == prints["localizer, uncorrected"]
    assert prints["rsfMRI_LR"] != prints["localizer"]


@needs_dicom
def test_real_protocols_of_other_names_differ() -> None:
    folder = MRDATASET / "example_dicom_data.zip_x/example_dicom_data"
    if not (DICOM / folder).is_dir():
        pytest.skip("the protocols of MRdataset are not among the real files here")
    found = real(folder).drop_nulls("found")
    assert found["name"].n_unique() > 5
    names = found.group_by("found").agg(pl.col("name").unique().sort())["name"].to_list()
    # The direction of the phase encoding is a rotation of the slices in their plane, which is
    # planned on the patient; the series has columns that tell it.
    several = [found for found in names if len(found) > 1]
    assert several == [["DTI_LR", "DTI_LR repeat", "DTI_RL"]]
