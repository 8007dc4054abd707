"""Quality values against numbers worked out by hand, one study a case.

Decay of F-18 by hand: T = 6586.2 s, so an hour leaves 2^(-3600/6586.2) = 0.6846329 of the activity.
"""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import pytest

from tests.test_ingest.derive_lake import Reading
from tests.test_ingest.quality_lake import (
    DAY,
    FDG,
    TEN,
    by_series,
    by_study,
    derived,
    series,
    unreadable,
    without,
)

HOUR = 2 ** (-3600 / 6586.2)
TIMED = without("RadiopharmaceuticalStartDateTime")
RIS = "00540016[0]."


def at(hour: int, minute: int = 0, day: int = 2) -> dt.datetime:
    return dt.datetime(2024, 5, day, hour, minute)


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # name -> header, what is expected
    "plain": (without(), {
        "is_radiopharmaceutical": True, "injection_datetime": at(9), "injection_status": "ok",
        "injection_date_inferred": False, "uptake_minutes": 60.0, "uptake_status": "ok",
        "injected_activity_MBq": 300.0, "activity_status": "ok", "activity_unit_assumed": False,
        "weight_kg": 80.0, "weight_status": "own", "dose_per_kg_MBq": 3.75, "dose_status": "ok",
        "activity_at_scan_MBq": 300 * HOUR, "decayed_percent": 100 - 100 * HOUR,
        "activity_at_scan_status": "ok", "suv_bw_factor": 80_000 / (300e6 * HOUR),
        "suv_status": "ok", "bmi_kg_m2": 20.0, "bmi_status": "ok", "PatientAge_years": 45.0,
        "age_status": "ok", "age_bucket": "40-59", "study_time_offset_minutes": 10.0,
        "study_time_status": "ok", "study_time_conflict": False, "shifted_days": None,
        "representative_score": 6, "is_representative": True,
    }),
    # --- injection
    "time on the day of the acquisition": (
        {**TIMED, "RadiopharmaceuticalStartTime": dt.time(9), "StudyDate": dt.date(2024, 5, 1)},
        # The study began the day before: on its date it would be 1,500 minutes.
        {"uptake_minutes": 60.0, "injection_datetime": at(9), "injection_date_inferred": False}),
    "just before midnight": (
        {**TIMED, "RadiopharmaceuticalStartTime": dt.time(23, 30),
         "acquisition_datetime": at(0, 30)},
        {"uptake_minutes": 60.0, "injection_datetime": at(23, 30, day=1),
         "injection_date_inferred": True, "uptake_status": "ok", "shifted_days": None}),
    "a little after the acquisition": (
        {**TIMED, "RadiopharmaceuticalStartTime": dt.time(10, 20)},
        {"uptake_minutes": 1420.0, "uptake_status": "too_long", "injection_date_inferred": True}),
    "at the acquisition": (
        {**TIMED, "RadiopharmaceuticalStartTime": dt.time(10)},
        {"uptake_minutes": 0.0, "uptake_status": "ok", "injection_date_inferred": False,
         "activity_at_scan_MBq": 300.0, "decayed_percent": 0.0}),
    "date and time count first": (
        without(RadiopharmaceuticalStartTime=dt.time(8)), {"uptake_minutes": 60.0}),
    "no injection": (TIMED, {
        "injection_datetime": None, "injection_status": "missing", "uptake_status": "missing",
        "injection_date_inferred": None, "uptake_minutes": None, "representative_score": 4,
        "activity_at_scan_status": "no_uptake", "suv_status": "no_uptake",
    }),
    "unreadable injection": (
        TIMED, {"injection_status": "parse_fail", "uptake_status": "parse_fail"}),
    "unreadable date and time of injection, readable time": (
        {**TIMED, "RadiopharmaceuticalStartTime": dt.time(9)},
        {"injection_status": "ok", "uptake_minutes": 60.0}),
    # --- acquisition
    "no acquisition": (without("acquisition_datetime"), {
        "uptake_status": "missing", "injection_status": "ok", "injection_datetime": at(9)}),
    "unreadable acquisition": (
        without("acquisition_datetime"), {"uptake_status": "parse_fail"}),
    "time of injection, date from the acquisition's": (
        {**TIMED, "acquisition_datetime": None, "AcquisitionDate": dt.date(2024, 5, 3),
         "RadiopharmaceuticalStartTime": dt.time(9)},
        {"injection_datetime": at(9, day=3), "uptake_minutes": None}),
    # --- uptake
    "240 minutes are not too long": (
        without(RadiopharmaceuticalStartDateTime=at(6)),
        {"uptake_minutes": 240.0, "uptake_status": "ok"}),
    "a second more is": (
        without(RadiopharmaceuticalStartDateTime=dt.datetime(2024, 5, 2, 5, 59, 59)),
        {"uptake_status": "too_long", "suv_status": "ok"}),
    "negative": (without(RadiopharmaceuticalStartDateTime=at(10, 5)), {
        "uptake_minutes": -5.0, "uptake_status": "negative", "shifted_days": None,
        "activity_at_scan_MBq": None, "activity_at_scan_status": "no_uptake",
        "suv_status": "no_uptake", "representative_score": 6}),
    "a day early": (without(RadiopharmaceuticalStartDateTime=at(9, day=3)), {
        "uptake_minutes": -1380.0, "uptake_status": "negative", "shifted_days": -1}),
    "a day late": (without(RadiopharmaceuticalStartDateTime=at(9, day=1)), {
        "uptake_minutes": 1500.0, "uptake_status": "too_long", "shifted_days": 1}),
    "whole days and five hours": (
        without(RadiopharmaceuticalStartDateTime=at(5, day=1)), {"shifted_days": None}),
    # --- time zones
    "injection in UTC": (
        without(RadiopharmaceuticalStartDateTime=at(7), TimezoneOffsetFromUTC="+0200",
                RadiopharmaceuticalStartDateTime_offset_minutes=0),
        {"uptake_minutes": 60.0, "injection_datetime": at(9)}),
    "acquisition and injection with offsets": (
        without(acquisition_datetime=at(5), AcquisitionDateTime_offset_minutes=-180,
                RadiopharmaceuticalStartDateTime_offset_minutes=120),
        # 9:00 +0200 is 7:00 UTC, 5:00 -0300 is 8:00 UTC
        {"uptake_minutes": 60.0, "injection_datetime": at(4)}),
    "offset of the acquisition only": (
        without(acquisition_datetime=at(8), AcquisitionDateTime_offset_minutes=0,
                TimezoneOffsetFromUTC="+0200"),
        {"uptake_minutes": 60.0, "injection_datetime": at(7)}),
    "time of injection in the zone of the data set": (
        {**TIMED, "RadiopharmaceuticalStartTime": dt.time(23, 30), "TimezoneOffsetFromUTC": "+0200",
         "acquisition_datetime": at(22, 30, day=1), "AcquisitionDateTime_offset_minutes": 0},
        # 22:30 UTC is half past midnight of the next day there.
        {"uptake_minutes": 60.0, "injection_datetime": at(21, 30, day=1),
         "injection_date_inferred": True}),
    "one offset only": (
        without(RadiopharmaceuticalStartDateTime_offset_minutes=0), {"uptake_minutes": 60.0}),
    "an offset that is none": (
        without(RadiopharmaceuticalStartDateTime_offset_minutes=0, TimezoneOffsetFromUTC="CET"),
        {"uptake_minutes": 60.0}),
    # --- activity
    "MBq": (without(RadionuclideTotalDose=300.0), {
        "injected_activity_MBq": 300.0, "activity_unit_assumed": True, "dose_per_kg_MBq": 3.75}),
    "9999.9 is MBq": (without(RadionuclideTotalDose=9999.9), {
        "injected_activity_MBq": 9999.9, "activity_unit_assumed": True,
        "dose_status": "implausible"}),
    "10000 is Bq": (without(RadionuclideTotalDose=10000.0), {
        "injected_activity_MBq": 0.01, "activity_unit_assumed": False,
        "dose_status": "implausible"}),
    "no activity": (without("RadionuclideTotalDose"), {
        "injected_activity_MBq": None, "activity_status": "missing", "dose_status": "no_activity",
        "activity_unit_assumed": None, "activity_at_scan_status": "no_activity",
        "suv_status": "no_activity", "representative_score": 3}),
    "activity 0": (without(RadionuclideTotalDose=0.0), {
        "injected_activity_MBq": None, "activity_status": "not_positive",
        "dose_status": "no_activity"}),
    "negative activity": (without(RadionuclideTotalDose=-300e6), {
        "injected_activity_MBq": None, "activity_status": "not_positive"}),
    "activity as text": (
        without("RadionuclideTotalDose"), {"activity_status": "parse_fail"}),
    "activity NaN": (without(RadionuclideTotalDose=math.nan), {
        "injected_activity_MBq": None, "activity_status": "missing"}),
    "activity infinite": (without(RadionuclideTotalDose=math.inf), {
        "injected_activity_MBq": None, "dose_per_kg_MBq": None}),
    # --- dose per weight
    "60 MBq at 80 kg": (without(RadionuclideTotalDose=60e6), {"dose_per_kg_MBq": 0.75}),
    "0.1 MBq/kg is plausible": (
        without(RadionuclideTotalDose=8e6), {"dose_per_kg_MBq": 0.1, "dose_status": "ok"}),
    "50 MBq/kg is plausible": (
        without(RadionuclideTotalDose=4e9), {"dose_per_kg_MBq": 50.0, "dose_status": "ok"}),
    "51 MBq/kg is not": (without(RadionuclideTotalDose=4.08e9), {"dose_status": "implausible"}),
    "no weight": (without("PatientWeight"), {
        "weight_kg": None, "weight_status": "missing", "dose_status": "no_weight",
        "bmi_status": "no_weight", "suv_status": "no_weight", "dose_per_kg_MBq": None}),
    "weight 0": (without(PatientWeight=0.0), {"weight_kg": None, "weight_status": "not_positive"}),
    "weight as text": (without("PatientWeight"), {"weight_status": "parse_fail"}),
    "height is no weight": (
        without("PatientWeight", PatientSize=1.8), {"weight_kg": None, "bmi_kg_m2": None}),
    "neither": (without("PatientWeight", "RadionuclideTotalDose"), {"dose_status": "neither"}),
    "a weight next to nothing": (without(PatientWeight=1e-310), {
        "dose_per_kg_MBq": None, "dose_status": "implausible"}),
    # --- activity at scan and SUV
    "no half-life": (without("RadionuclideHalfLife"), {
        "activity_at_scan_MBq": None, "activity_at_scan_status": "no_half_life",
        "decayed_percent": None, "suv_status": "no_half_life"}),
    "half-life 0": (without(RadionuclideHalfLife=0.0), {
        "activity_at_scan_status": "no_half_life"}),
    "corrected to the injection": (
        without("RadionuclideHalfLife", DecayCorrection="ADMIN"),
        {"suv_bw_factor": 80_000 / 300e6, "suv_status": "ok"}),
    "not corrected": (without(DecayCorrection="NONE"), {
        "suv_bw_factor": None, "suv_status": "no_decay_correction"}),
    "correction not told": (without("DecayCorrection"), {"suv_status": "no_decay_correction"}),
    "counts": (without("PatientWeight", Units="CNTS"), {"suv_status": "units"}),
    "no units": (without("Units"), {"suv_status": "units"}),
    "series began before the first bed": (
        without(SeriesTime=dt.time(9, 30)),
        {"suv_bw_factor": 80_000 / (300e6 * math.sqrt(HOUR)), "uptake_minutes": 60.0}),
    "series made afterwards": (
        without(SeriesTime=dt.time(13)), {"suv_bw_factor": 80_000 / (300e6 * HOUR)}),
    "series began before the injection": (
        without(SeriesTime=dt.time(8)), {"suv_status": "no_uptake"}),
    "no series time": (without("SeriesTime", "SeriesDate"), {
        "suv_bw_factor": 80_000 / (300e6 * HOUR), "study_time_status": "no_series_time"}),
    "NM has no SUV": (without(Modality="NM"), {
        "is_radiopharmaceutical": True, "suv_status": None, "suv_bw_factor": None,
        "uptake_minutes": 60.0}),
    "called SPECT/CT": (without(Modality="SPECT/CT"), {"is_radiopharmaceutical": True}),
    "called PET": (without(Modality="PET"), {"suv_status": "ok"}),
    "CT": (without(Modality="CT"), {
        "is_radiopharmaceutical": False, "injection_status": None, "uptake_status": None,
        "injection_datetime": None, "uptake_minutes": None, "injected_activity_MBq": None,
        "activity_status": None, "activity_unit_assumed": None, "dose_status": None,
        "dose_per_kg_MBq": None, "activity_at_scan_status": None, "suv_status": None,
        "injection_date_inferred": None, "weight_kg": 80.0, "representative_score": 0}),
    # --- patient
    "size in cm": (without(PatientSize=165.0), {"bmi_kg_m2": None, "bmi_status": "implausible"}),
    "no size": (without("PatientSize"), {"bmi_status": "no_size"}),
    "18 months": (without(PatientAge="018M"), {"PatientAge_years": 1.5, "age_bucket": "0-17"}),
    "3 weeks": (without(PatientAge="003W"), {"PatientAge_years": 21 / 365.25}),
    "10 days": (without(PatientAge="010D"), {"PatientAge_years": 10 / 365.25}),
    "17 years": (without(PatientAge="017Y"), {"age_bucket": "0-17"}),
    "18 years": (without(PatientAge="018Y"), {"age_bucket": "18-39"}),
    "60 years": (without(PatientAge="060Y"), {"age_bucket": "60-79"}),
    "80 years": (without(PatientAge="080Y"), {"age_bucket": "80+"}),
    "malformed age": (without(PatientAge="45"), {
        "PatientAge_years": None, "age_status": "parse_fail", "age_bucket": None}),
    "malformed age, birth date": (
        without(PatientAge="45", PatientBirthDate=dt.date(1974, 5, 3)),
        {"PatientAge_years": 49.0, "age_status": "birth_date"}),
    "birthday": (
        without("PatientAge", PatientBirthDate=dt.date(1974, 5, 2)), {"PatientAge_years": 50.0}),
    "29 February": (
        without("PatientAge", PatientBirthDate=dt.date(2020, 2, 29),
                StudyDate=dt.date(2021, 2, 28)),
        {"PatientAge_years": 0.0}),
    "born after the study": (
        without("PatientAge", PatientBirthDate=dt.date(2025, 1, 1)),
        {"PatientAge_years": None, "age_status": "missing"}),
    "no age": (without("PatientAge"), {"age_status": "missing"}),
    # --- study and series time
    "120 minutes are no conflict": (
        without(StudyTime=dt.time(8)),
        {"study_time_offset_minutes": 120.0, "study_time_conflict": False}),
    "121 are": (without(StudyTime=dt.time(7, 59)), {"study_time_conflict": True}),
    "study after series": (
        without(StudyTime=dt.time(12, 1)),
        {"study_time_offset_minutes": -121.0, "study_time_conflict": True}),
    "past midnight": (
        without(StudyDate=dt.date(2024, 5, 1), StudyTime=dt.time(23, 50),
                SeriesTime=dt.time(0, 10)),
        {"study_time_offset_minutes": 20.0, "study_time_conflict": False}),
    "times without dates": (
        without("SeriesDate", StudyTime=dt.time(9)), {"study_time_offset_minutes": 60.0}),
    "no study time": (without("StudyTime"), {
        "study_time_offset_minutes": None, "study_time_status": "no_study_time",
        "study_time_conflict": None}),
}  # fmt: skip

UNREADABLE = {
    # name -> paths of values that are text nobody can read
    "unreadable injection": [RIS + "00181072"],
    "unreadable date and time of injection, readable time": [RIS + "00181078"],
    "unreadable acquisition": ["00080032"],
    "activity as text": [RIS + "00181074"],
    "weight as text": ["00101030"],
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    readings = [
        series(name, 1, header, problems=unreadable(*UNREADABLE.get(name, ())))
        for name, (header, _) in CASES.items()
    ]
    return by_series(derived(tmp_path_factory.mktemp("values") / "bank", readings))


@pytest.mark.parametrize("name", CASES)
def test_values_by_hand(name: str, lake: dict[str, dict[str, Any]]) -> None:
    row = lake[f"{name}.1"]
    for column, expected in CASES[name][1].items():
        if isinstance(expected, float):
            assert row[column] == pytest.approx(expected, rel=1e-12), column
        else:
            assert row[column] == expected, column


def test_no_value_is_nan_or_infinite(lake: dict[str, dict[str, Any]]) -> None:
    for row in lake.values():
        for value in row.values():
            assert not isinstance(value, float) or math.isfinite(value)


# --- several series of a study


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    late, no_weight = without(SeriesTime=dt.time(11)), without("PatientWeight")
    ct, pt = {"Modality": "CT"}, without("PatientWeight")

    def weights(study: str, *values: float | None) -> list[Reading]:
        return [
            series(study, n, {"Modality": "CT", "PatientWeight": value})
            for n, value in enumerate(values, 2)
        ]

    readings = [
        series("one weight", 1, no_weight), *weights("one weight", 72.0),
        series("own 0", 1, without(PatientWeight=0.0)), *weights("own 0", 72.0),
        series("commonest", 1, no_weight), *weights("commonest", 70.0, 72.0, 72.0),
        series("tie", 1, no_weight), *weights("tie", 72.0, 70.0),
        series("only zeros", 1, no_weight), *weights("only zeros", 0.0, -1.0),
        Reading("x", "x", None, "s1", values=no_weight),
        Reading("y", "y", None, "s2", values={"PatientWeight": 72.0}),
        # representatives
        series("score", 1, ct), series("score", 2, TIMED), series("score", 3, without()),
        series("instances", 1, without()), series("instances", 2, without()),
        Reading("more", "more", "instances", "instances.2", values=without()),
        series("time", 1, late), series("time", 2, without()),
        series("untimed", 1, without("SeriesTime")), series("untimed", 2, late),
        series("number", 1, without(SeriesNumber=5)), series("number", 2, without(SeriesNumber=4)),
        series("unnumbered", 1, without()), series("unnumbered", 2, without(SeriesNumber=4)),
        series("uid", 2, without()), series("uid", 1, without()),
        # composition
        series("pet/ct", 1, pt), series("pet/ct", 2, ct),
        series("pet", 1, pt),
        series("called pet/ct", 1, without(Modality="PET/CT")),
        series("pet/mr", 1, pt), series("pet/mr", 2, {"Modality": "MR"}),
        series("ct of pet/ct", 1, {**ct, "StudyDescription": "FDG PET/CT whole body"}),
        series("ct of petct", 1, {**ct, "SeriesDescription": "AC for PETCT"}),
        series("ct", 1, {**ct, "StudyDescription": "CT SPECTRAL carpet"}),
        *(series("twenty", n, ct) for n in range(20)),
        *(series("twenty-one", n, ct) for n in range(21)),
        # scores
        series("no time", 1, TIMED),
        series("too long", 1, without(RadiopharmaceuticalStartDateTime=at(5))),
        series("conflict", 1, without(StudyTime=dt.time(1))),
        series("mr", 1, {
            "Modality": "MR", "MagneticFieldStrength": 3.0, "RepetitionTime": 2000.0,
            "EchoTime": 0.0, "FlipAngle": 90.0, "SliceThickness": 1.0, "PixelSpacing_row_mm": 1.0,
            "BodyPartExamined": "BRAIN", "Manufacturer": "Maker", "ManufacturerModelName": "MR 1",
        }),
        series("bare mr", 1, {"Modality": "MR"}),
        series("ct and report", 1, {"Modality": "CT", "KVP": 120.0, "n_frames": 3}),
        Reading("z", "z", "ct and report", "ct and report.1",
                values={"Modality": "CT", "KVP": 120.0}),
        series("ct and report", 2, {"Modality": "SR", "dose_sr_DLP_total_mGycm": 400.0}),
        series("us", 1, {"Modality": "US", "Manufacturer": "Maker",
                         "ManufacturerModelName": "US 1", "SeriesDescription": "Liver"}),
    ]  # fmt: skip
    return derived(tmp_path_factory.mktemp("studies") / "bank", readings)


@pytest.mark.parametrize(("study", "weight", "status"), [
    ("one weight", 72.0, "study"), ("own 0", 72.0, "study"), ("commonest", 72.0, "study"),
    ("tie", 70.0, "study"), ("only zeros", None, "missing"),
])  # fmt: skip
def test_weight_of_another_series(
    study: str, weight: float | None, status: str, studies: Path
) -> None:
    row = by_series(studies)[f"{study}.1"]
    assert (row["weight_kg"], row["weight_status"]) == (weight, status)
    dose = None if weight is None else pytest.approx(300 / weight, rel=1e-11)
    assert row["dose_per_kg_MBq"] == dose


def test_series_without_study_do_not_share_a_weight(studies: Path) -> None:
    assert by_series(studies)["s1"]["weight_status"] == "missing"


@pytest.mark.parametrize(("study", "number"), [
    ("score", 3), ("instances", 2), ("time", 2), ("untimed", 2), ("number", 2), ("unnumbered", 2),
    ("uid", 1),
])  # fmt: skip
def test_representative(study: str, number: int, studies: Path) -> None:
    rows = [row for row in by_series(studies).values() if row["StudyInstanceUID"] == study]
    chosen = [row["SeriesInstanceUID"] for row in rows if row["is_representative"]]
    assert chosen == [f"{study}.{number}"]
    assert by_study(studies)[study]["representative_SeriesInstanceUID"] == chosen[0]


def test_a_study_has_the_values_of_its_representative(studies: Path) -> None:
    row = by_study(studies)["score"]
    assert (row["Modality"], row["uptake_minutes"], row["dose_per_kg_MBq"]) == ("PT", 60.0, 3.75)
    assert row["acquisition_status"] == "ok"
    assert by_study(studies)["ct"]["acquisition_status"] == "missing"


def test_every_study_has_one_representative(studies: Path) -> None:
    rows = by_series(studies).values()
    of = [row["StudyInstanceUID"] for row in rows if row["is_representative"]]
    assert sorted(of, key=str) == sorted({row["StudyInstanceUID"] for row in rows}, key=str)


@pytest.mark.parametrize(("study", "composition"), [
    ("pet/ct", []), ("pet", ["pt_without_ct"]), ("called pet/ct", []), ("pet/mr", []),
    ("ct of pet/ct", ["ct_without_pt"]), ("ct of petct", ["ct_without_pt"]), ("ct", []),
    ("twenty", []), ("twenty-one", ["many_series"]),
])  # fmt: skip
def test_composition(study: str, composition: list[str], studies: Path) -> None:
    assert by_study(studies)[study]["composition"] == composition


@pytest.mark.parametrize(("study", "missed", "of"), [
    ("uid", [], 5), ("pet", ["weight"], 5), ("no time", ["uptake", "timing"], 5),
    ("too long", ["timing"], 5), ("conflict", ["timing"], 5), ("mr", [], 5),
    ("bare mr", ["field_strength", "sequence_parameters", "geometry", "body_part", "protocol"], 5),
    ("ct and report", ["kernel", "slice_thickness", "protocol"], 5),
    ("us", ["acquisition_time"], 3),
])  # fmt: skip
def test_score(study: str, missed: list[str], of: int, studies: Path) -> None:
    row = by_study(studies)[study]
    # Whether a protocol is the usual one is tested with the protocols.
    told = [name for name in row["qa_missed"] if name != "protocol"]
    assert told == [name for name in missed if name != "protocol"]
    assert row["qa_score_max"] == of
    assert row["qa_score"] == of - len(row["qa_missed"])
    for line in by_series(studies).values():
        if line["StudyInstanceUID"] == study:
            assert (line["qa_score"], line["qa_missed"]) == (row["qa_score"], row["qa_missed"])


# --- typical doses


def outliers(root: Path, doses: dict[str, list[float]]) -> dict[str, float | None]:
    """Robust z of studies "agent dose" with these MBq/kg at 80 kg, by study."""
    readings = [
        series(f"{agent} {dose}", 1, {
            **FDG, "Radiopharmaceutical": agent or None, "RadionuclideTotalDose": dose * 80e6})
        for agent, values in doses.items()
        for dose in values
    ]  # fmt: skip
    rows = by_series(derived(root, readings)).values()
    return {row["StudyInstanceUID"]: row["dose_robust_z"] for row in rows}


def test_robust_z_by_hand(tmp_path: Path) -> None:
    # Median of FDG 3.0, absolute deviations 0.3 0.2 0.1 0 0 0.1 0.2 2 -> median 0.15.
    fdg = [2.7, 2.8, 2.9, 3.0, 3.00001, 3.1, 3.2, 5.0]
    found = outliers(tmp_path / "bank", {"FDG": fdg, "Ga-68": [1.0, 1.5]})
    middle = (3.0 + 3.00001) / 2
    deviations = sorted(abs(x - middle) for x in fdg)
    spread = 1.4826 * (deviations[3] + deviations[4]) / 2
    assert found["FDG 5.0"] == pytest.approx((5.0 - middle) / spread, rel=1e-9)
    assert found["FDG 5.0"] == pytest.approx(8.99, abs=0.01)
    # Two studies are no crowd, and other agents have other doses.
    assert found["Ga-68 1.0"] is None


def test_too_few_doses_have_no_typical_one(tmp_path: Path) -> None:
    found = outliers(tmp_path / "bank", {"FDG": [2.0, 2.1, 2.2, 2.3, 2.4, 2.5, 9.0]})
    assert set(found.values()) == {None}


def test_doses_without_spread(tmp_path: Path) -> None:
    names = ["FDG", "fdg", "FDG ", " FDG", "Fdg", "fDG", "FdG"]
    found = outliers(tmp_path / "bank", {**{name: [3.0] for name in names}, "FDG  ": [4.0]})
    assert found["FDG 3.0"] == 0.0
    assert found["FDG   4.0"] is None


def test_doses_of_no_name_are_compared_with_each_other(tmp_path: Path) -> None:
    unnamed = [2.7, 2.8, 2.9, 3.0, 3.1, 3.2, 3.3]
    found = outliers(tmp_path / "bank", {"": [*unnamed, 9.0], "FDG": [3.0]})
    assert found[" 9.0"] == pytest.approx((9.0 - 3.05) / (1.4826 * 0.2), rel=1e-9)
    assert found["FDG 3.0"] is None


def test_times_are_those_of_the_first_acquisition(tmp_path: Path) -> None:
    readings = [
        series("1", 1, without(acquisition_datetime=at(10, 30))),
        Reading("b", "b", "1", "1.1", values=without(acquisition_datetime=TEN)),
    ]
    (row,) = by_series(derived(tmp_path / "bank", readings)).values()
    assert (row["uptake_minutes"], row["scan_duration_minutes"]) == (60.0, 30.0)
    assert row["StudyDate"] == DAY
