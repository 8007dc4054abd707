"""Known mistakes of classifying MR series, each pinned by a header that once caused it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from ingest.mr import READ, classify
from ingest.schema.mr import MR_CLEANED, MR_CONTRACT

SIEMENS: dict[str, Any] = {"Manufacturer": "SIEMENS", "MagneticFieldStrength": 3.0}
EPI = {**SIEMENS, "ScanningSequence": ["EP"], "SequenceVariant": ["SK"], "MRAcquisitionType": "2D"}
MPRAGE = {
    **SIEMENS, "ScanningSequence": ["GR", "IR"], "SequenceVariant": ["SK", "SP", "MP"],
    "MRAcquisitionType": "3D", "RepetitionTime": 2300.0, "EchoTime": 2.9, "InversionTime": 900.0,
    "FlipAngle": 9.0, "ImageType": ["ORIGINAL", "PRIMARY", "M", "ND"],
}  # fmt: skip
TSE = {
    **SIEMENS, "ScanningSequence": ["SE"], "SequenceVariant": ["SK", "SP"],
    "MRAcquisitionType": "2D", "RepetitionTime": 4000.0, "EchoTime": 95.0,
    "EchoTrainLength": 15, "FlipAngle": 150.0,
}  # fmt: skip
VIBE = {
    **SIEMENS, "ScanningSequence": ["GR"], "SequenceVariant": ["SP"], "MRAcquisitionType": "3D",
    "RepetitionTime": 4.1, "EchoTime": 1.3, "FlipAngle": 12.0, "SliceThickness": 3.0, "Rows": 320,
    "Columns": 260, "ImageOrientationPatient": [1.0, 0, 0, 0, 1, 0], "StudyInstanceUID": "1.2",
}  # fmt: skip


def one(**header: Any) -> dict[str, Any]:
    return classify(pl.DataFrame([header])).row(0, named=True)


def many(*headers: dict[str, Any]) -> pl.DataFrame:
    return classify(pl.DataFrame(list(headers), infer_schema_length=None, strict=False))


def test_the_contract_columns_come_first_and_in_order() -> None:
    made = many(MPRAGE)
    assert made.columns[:14] == [
        "protocolName_lower", "imageType_lower", "standardOrientation", "standardDimension",
        "isFatSuppressed", "isContrastEnhanced", "hasMotionCorrection", "refinedImageType",
        "standardFieldStrength", "standardManufacturer", "cleanedModelName", "sequenceClass",
        "dynamicGroup", "dynamicPhase",
    ]  # fmt: skip
    assert made.columns[:14] == [column.name for column in MR_CONTRACT]
    assert made.schema == {column.name: column.dtype for column in MR_CLEANED}


@pytest.mark.parametrize("b", [1000.0, [0.0, 1000.0], "1000", "0\\1000"])
def test_b_1000_is_diffusion_not_t2(b: Any) -> None:
    made = one(**EPI, EchoTime=90.0, RepetitionTime=6000.0, DiffusionBValue=b)
    assert made["sequenceClass"] == "DWI"
    assert made["diffusion_b_values"][-1] == 1000.0
    assert "b_max=1000" in made["classReason"]


@pytest.mark.parametrize("name", ["csa_B_value", "ge_b_value", "philips_b_value", "uih_b_value"])
def test_vendors_b_values_count(name: str) -> None:
    assert (
        one(**EPI, EchoTime=90.0, RepetitionTime=6000.0, **{name: 800.0})["sequenceClass"] == "DWI"
    )


def test_subject_is_not_subtraction() -> None:
    made = one(**MPRAGE, SeriesDescription="subject_01 T1")
    assert made["sequenceClass"] == "T1_GRE_SPOILED"


def test_subtraction_is() -> None:
    header = {**MPRAGE, "ImageType": ["DERIVED", "PRIMARY", "SUBTRACTION"]}
    assert one(**header)["sequenceClass"] == "SUBTRACTION"


def test_bold_csi_is_no_spectroscopy() -> None:
    made = one(**EPI, EchoTime=30.0, RepetitionTime=2000.0, SeriesDescription="BOLD_CSI1")
    assert made["sequenceClass"] == "fMRI_BOLD"


def test_a_native_t1_is_not_enhanced() -> None:
    assert one(**MPRAGE, SeriesDescription="t1_mprage_sag")["isContrastEnhanced"] is None
    assert one(**MPRAGE, SeriesDescription="T1 nativ")["isContrastEnhanced"] is False
    assert one(**MPRAGE, SeriesDescription="postcentral T1")["isContrastEnhanced"] is None
    assert one(**MPRAGE, SeriesDescription="center gdansk")["isContrastEnhanced"] is None


@pytest.mark.parametrize("agent", ["NO.2", "Gadovist", "No. 2"])
def test_no_2_is_an_agent(agent: str) -> None:
    made = one(**MPRAGE, ContrastBolusAgent=agent)
    assert made["isContrastEnhanced"] is True
    assert agent in made["contrastReason"]


@pytest.mark.parametrize("agent", ["NO", "none", "N/A"])
def test_no_is_no_agent(agent: str) -> None:
    assert one(**MPRAGE, ContrastBolusAgent=agent)["isContrastEnhanced"] is False


@pytest.mark.parametrize("name", ["T1 post", "T1+C", "t1_gd", "T1 mit KM", "T1增强", "T1 enh"])
def test_words_of_contrast(name: str) -> None:
    assert one(**MPRAGE, SeriesDescription=name)["isContrastEnhanced"] is True


@pytest.mark.parametrize(
    ("element", "part"),
    [
        ("W", "WATER"),
        ("F", "FAT"),
        ("IN_PHASE", "INPHASE"),
        ("OUT_PHASE", "OUTPHASE"),
        ("OPP_PHASE", "OUTPHASE"),
    ],
)
def test_dixon_parts_are_elements_of_the_image_type(element: str, part: str) -> None:
    made = one(
        **VIBE,
        ImageType=["DERIVED", "PRIMARY", "DIXON", element],
        SeriesDescription="t1_vibe_dixon_tra",
    )
    assert made["dixonPart"] == part
    assert made["sequenceClass"] == f"T1_GRE_SPOILED_{part}"


def test_an_element_is_not_found_within_another() -> None:
    made = one(
        **VIBE, ImageType=["ORIGINAL", "PRIMARY", "FLAWED", "ADCX"], SeriesDescription="t1_vibe"
    )
    assert made["dixonPart"] is None
    assert made["sequenceClass"] == "T1_GRE_SPOILED"


def test_start_is_not_star() -> None:
    assert not one(**VIBE, SeriesDescription="start T1")["hasMotionCorrection"]
    assert one(**VIBE, SeriesDescription="t1_star_vibe")["hasMotionCorrection"]
    assert one(**TSE, SeriesDescription="t2_blade_tra")["sequenceClass"] == "T2_TSE_MC"


@pytest.mark.parametrize("ti", [1650.0, 1700.0, 1800.0])
def test_flair_at_3_t_has_a_ti_below_2000(ti: float) -> None:
    header = {
        **TSE,
        "ScanningSequence": ["SE", "IR"],
        "InversionTime": ti,
        "RepetitionTime": 5000.0,
        "EchoTime": 388.0,
    }
    made = one(**header)
    assert made["sequenceClass"] == "T2_FLAIR"
    assert made["classReason"].startswith("flair.ti: ")
    assert f"InversionTime={ti:.0f} >= 1500" in made["classReason"]
    assert "EchoTime=388" in made["classReason"]


def test_a_table_of_localizers_without_names() -> None:
    localizer = {
        **SIEMENS,
        "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"],
        "SeriesDescription": None,
    }
    made = many(localizer, localizer)
    assert made["sequenceClass"].to_list() == ["LOCALIZER"] * 2
    assert made["refinedImageType"].to_list() == ["LOCALIZER"] * 2
    assert made["bids_suffix"].null_count() == 2


def test_many_echoes_and_b_values_are_kept() -> None:
    made = many(
        {**VIBE, "EchoTime": 5.0, "EchoTime_values": [5.0, 10.0, 15.0]},
        {
            **EPI,
            "EchoTime": 80.0,
            "DiffusionBValue": [0.0, 50.0, 800.0],
            "frame_b_values": [0.0, 1500.0],
        },
    )
    assert made["echo_times_ms"].to_list() == [[5.0, 10.0, 15.0], [80.0]]
    assert made["diffusion_b_values"].to_list() == [None, [0.0, 50.0, 800.0, 1500.0]]


def test_a_repeat_without_contrast_is_a_repeat() -> None:
    series = [{**VIBE, "SeriesTime": f"10{i}000", "SeriesInstanceUID": f"1.{i}"} for i in range(3)]
    made = many(*series)
    assert made["dynamicPhase"].to_list() == [None] * 3
    assert made["dynamicGroup"].to_list() == [None] * 3


def test_phases_around_an_agent() -> None:
    series = [{**VIBE, "SeriesTime": f"10{i}000", "SeriesInstanceUID": f"1.{i}"} for i in range(4)]
    series[1]["ContrastBolusAgent"] = "Gadovist"
    late = {**MPRAGE, "StudyInstanceUID": "1.2", "SeriesTime": "110000", "SeriesInstanceUID": "1.9"}
    early = {**late, "SeriesTime": "090000", "SeriesInstanceUID": "1.8"}
    other = {**late, "StudyInstanceUID": "1.3", "SeriesInstanceUID": "1.7"}
    made = many(late, series[2], series[0], series[3], series[1], early, other)
    assert made["dynamicPhase"].to_list() == [
        "POST_PROPAGATED", "POST_2", "PRE", "POST_3", "POST_1", None, None,
    ]  # fmt: skip
    assert made["dynamicGroup"].to_list() == [None, 1, 1, 1, 1, None, None]
    assert made["isContrastEnhanced"].to_list() == [True, True, False, True, True, None, None]


def test_names_of_other_languages() -> None:
    made = many(
        {**TSE, "SeriesDescription": "T2加权压脂 横断"}, {**TSE, "SeriesDescription": "T2 压水"}
    )
    assert made["isFatSuppressed"].to_list() == [True, False]
    assert made["standardOrientation"][0] == "AX"


@pytest.mark.parametrize(
    ("iop", "plane"),
    [
        ([1, 0, 0, 0, 1, 0], "AX"), ([0, 1, 0, 0, 0, -1], "SAG"), ([1, 0, 0, 0, 0, -1], "COR"),
        ([1.0, 0.0, 0.0, 0.0, 0.9397, 0.3420], "OBL"), ([1.0, 0.0, 0.0, 0.0, 0.9563, 0.2924], "AX"),
        (["1", "0", "0", "0", "1", "0"], "AX"), ("1\\0\\0\\0\\1\\0", "AX"),
        ([0, 0, 0, 0, 0, 0], "UNKNOWN"),
        ([1, 0], "UNKNOWN"), (None, "UNKNOWN"),
    ],
)  # fmt: skip
def test_orientation(iop: Any, plane: str) -> None:
    """20 degrees off is oblique, 17 is not: the limit is 18.4."""
    made = one(**SIEMENS, ImageOrientationPatient=iop)
    assert made["standardOrientation"] == plane


def test_the_field_decides_the_limits() -> None:
    header = {**TSE, "RepetitionTime": 1500.0, "EchoTime": 15.0}
    made = many({**header, "MagneticFieldStrength": 3.0}, {**header, "MagneticFieldStrength": 1.5})
    assert made["sequenceClass"].to_list() == ["T1_TSE", "UNKNOWN"]
    assert made["standardFieldStrength"].to_list() == ["3.0T", "1.5T"]


@pytest.mark.parametrize(
    ("tesla", "band"),
    [
        (0.55, "Low-Field"),
        (1.0, "1.5T"),
        (1.494, "1.5T"),
        (2.0, "3.0T"),
        (2.89, "3.0T"),
        (7.0, "High-Field"),
        (15000.0, "1.5T"),
        (None, None),
    ],
)
def test_bands_of_field_strength(tesla: float | None, band: str | None) -> None:
    assert one(MagneticFieldStrength=tesla, EchoTime=1.0)["standardFieldStrength"] == band


@pytest.mark.parametrize(
    ("maker", "name"),
    [("SIEMENS", "Siemens"), ("Siemens Healthineers", "Siemens"), ("GE MEDICAL SYSTEMS", "GE"),
     ("Philips Medical Systems", "Philips"), ("TOSHIBA_MEC", "Canon"), ("CANON_MEC", "Canon"),
     ("UIH", "UIH"), ("Agency Generic", "Other"), (None, "Other")],
)  # fmt: skip
def test_makers(maker: str | None, name: str) -> None:
    assert one(Manufacturer=maker, EchoTime=1.0)["standardManufacturer"] == name


@pytest.mark.parametrize(
    "name",
    [
        "APTw CEST",
        "MR Elastography",
        "MRF fingerprinting",
        "B1map",
        "QSM",
        "T1rho",
        "MWF",
        "UTE lung",
        "IDEAL IQ",
    ],
)
def test_kinds_that_no_class_covers_are_not_sure(name: str) -> None:
    made = many(
        *(
            {**base, "SeriesDescription": name}
            for base in (VIBE, {**VIBE, "EchoTime": 20.0, "RepetitionTime": 600.0})
        )
    )
    assert (made["classConfidence"] < 0.8).all()


def test_columns_that_are_read_are_named() -> None:
    assert {"ImageType", "StudyInstanceUID", "EchoTime_values", "csa_B_value", "SeriesTime"} <= set(
        READ
    )


def test_the_name_of_an_examination_is_not_that_of_its_series() -> None:
    """GE and Canon write the examination's protocol into every series."""
    exam = {**VIBE, "ProtocolName": "MRA BRAIN W/WO GD + PERF", "SeriesDescription": "Ax T1"}
    made = many({**exam, "Manufacturer": "GE MEDICAL SYSTEMS"}, exam)
    assert made["sequenceClass"].to_list() == ["T1_GRE_SPOILED", "MRA"]
    assert made["isContrastEnhanced"].to_list() == [None, True]
    assert made["protocolName_lower"].to_list() == ["mra brain w/wo gd + perf"] * 2
    nameless = {**exam, "Manufacturer": "GE MEDICAL SYSTEMS", "SeriesDescription": None}
    assert one(**nameless)["sequenceClass"] == "MRA"
