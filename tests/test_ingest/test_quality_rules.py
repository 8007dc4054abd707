"""Rules of quality: which series and studies they name, and what they say."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from app.i18n import LANGUAGES, texts
from ingest.derive import thresholds
from ingest.derive.rules import RULES
from ingest.derive.rules_quality import QUALITY
from tests.test_ingest.derive_lake import Reading, table
from tests.test_ingest.quality_lake import (
    DAY,
    FDG,
    by_series,
    by_study,
    derived,
    findings,
    series,
    without,
)

QUALITY_IDS = {rule.id for rule in QUALITY}


def start(hour: int, day: int = 2) -> dt.datetime:
    return dt.datetime(2024, 5, day, hour)


UNTIMED = without("RadiopharmaceuticalStartDateTime", RadiopharmaceuticalStartTime=dt.time(23))
CASES: dict[str, tuple[dict[str, Any], dict[str, tuple[str | None, str, str]]]] = {
    # header -> rule: path, expected, observed; beside pt_without_ct, which all of them have
    "plain": (without(), {}),
    "MBq": (without(RadionuclideTotalDose=312.5), {
        "activity_unit_assumed": ("00540016[0].00181074", "Bq", "312.5, taken as MBq")}),
    "activity 0": (without(RadionuclideTotalDose=0.0), {
        "activity_not_positive": ("00540016[0].00181074", "an activity above 0 Bq", "0 Bq"),
        "weight_without_activity": ("00540016[0].00181074", "an activity", "not_positive")}),
    "weight 0": (without(PatientWeight=0.0), {
        "weight_not_positive": ("00101030", "a weight above 0 kg", "0 kg"),
        "activity_without_weight": ("00101030", "a weight", "not_positive")}),
    "negative": (without(RadiopharmaceuticalStartDateTime=start(11)), {
        "uptake_negative": (None, "an acquisition after the injection", "-60 minutes")}),
    "long": (without(RadiopharmaceuticalStartDateTime=start(5)), {
        "uptake_too_long": (None, "at most 240 minutes", "300 minutes")}),
    "inferred": ({**UNTIMED, "acquisition_datetime": start(0)}, {
        "injection_date_inferred":
            ("00540016[0].00181072", "Radiopharmaceutical Start DateTime", "a time of day")}),
    "implausible": (without(RadionuclideTotalDose=8e9), {
        "dose_implausible": (None, "0.1 to 50 MBq/kg", "100 MBq/kg")}),
    "conflict": (without(StudyTime=dt.time(5)), {
        "study_time_conflict": ("00080031", "at most 120 minutes", "300 minutes")}),
    "burned in": (without(BurnedInAnnotation="YES"), {
        "burned_in_annotation": ("00280301", "NO", "YES")}),
    "not burned in": (without(BurnedInAnnotation="NO"), {}),
}  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    readings = [series(name, 1, header) for name, (header, _) in CASES.items()]
    return derived(tmp_path_factory.mktemp("rules") / "bank", readings)


@pytest.mark.parametrize("name", CASES)
def test_findings_by_hand(name: str, lake: Path) -> None:
    rows = table(lake, "findings").filter(StudyInstanceUID=name, level="series").to_dicts()
    rows = [row for row in rows if row["rule"] in QUALITY_IDS]
    found = {row["rule"]: (row["path"], row["expected"], row["observed"]) for row in rows}
    # All but one have outliers' doses or protocols of their own; those have their own tests.
    for rule in ("dose_outlier", "protocol_deviates", "repeated_acquisition"):
        found.pop(rule, None)
    assert found == CASES[name][1]
    for row in rows:
        assert row["n_affected"] == 1
        assert row["SeriesInstanceUID"] == f"{name}.1"
        assert "1 instance)" in row["message"]


def test_findings_of_studies_and_their_counts(lake: Path) -> None:
    rows = table(lake, "findings").filter(rule="pt_without_ct").to_dicts()
    assert {row["StudyInstanceUID"] for row in rows} == set(CASES)
    assert {(row["level"], row["expected"], row["observed"]) for row in rows} == {
        ("study", "PET and CT", "PET")
    }
    everything = findings(lake)
    for name, row in by_study(lake).items():
        own = [f for f in everything if f[1] in (name, f"{name}.1")]
        assert row["n_findings"] == len(own)
        assert by_series(lake)[f"{name}.1"]["n_findings"] == len(own) - 1  # one is of the study


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Studies of many series, of no PET, of no identity, and with injections the evening before."""
    removed = {"Modality": "MR", "PatientIdentityRemoved": "YES"}
    late = {**UNTIMED, "acquisition_datetime": start(22), "StudyDate": DAY}
    readings = [
        *(series("many", n, {"Modality": "CT"}) for n in range(21)),
        series("said", 1, {"Modality": "CT", "StudyDescription": "PET-CT"}),
        series("half", 1, removed), series("half", 2, {"Modality": "MR"}),
        series("half", 3, {"Modality": "MR", "PatientIdentityRemoved": "NO"}),
        series("all", 1, removed), series("none", 1, {"Modality": "MR"}),
        Reading("a", "a", None, "u1", values=removed),
        Reading("b", "b", None, "u2", values={"Modality": "MR"}),
        *(series(f"i{n}", 1, late) for n in range(9)),
    ]  # fmt: skip
    return derived(tmp_path_factory.mktemp("others") / "bank", readings)


def test_many_series_and_missing_pet(others: Path) -> None:
    found = {
        (r["rule"], r["StudyInstanceUID"], r["expected"], r["observed"], r["n_affected"])
        for r in table(others, "findings").to_dicts()
        if r["level"] == "study" and r["StudyInstanceUID"] in ("many", "said")
    }
    assert found == {
        ("many_series", "many", "at most 20 series", "21 series", 21),
        ("ct_without_pt", "said", "PET and CT", "CT", 1),
    }


def test_identity_removed_in_parts(others: Path) -> None:
    named = {series for rule, series in findings(others) if rule == "identity_not_removed"}
    assert named == {"half.2", "half.3"}


def test_inferred_dates_are_no_shifted_ones(others: Path) -> None:
    found = findings(others)
    assert {s for rule, s in found if rule == "pt_without_ct"} == {f"i{n}" for n in range(9)}
    assert "dates_shifted" not in {rule for rule, _ in found}


def test_dose_outlier(tmp_path: Path) -> None:
    doses = [2.7, 2.8, 2.9, 3.0, 3.0, 3.1, 3.2, 5.0, 60.0]
    readings = [
        series(f"s{n}", 1, {**FDG, "RadionuclideTotalDose": dose * 80e6})
        for n, dose in enumerate(doses)
    ]
    found = findings(derived(tmp_path / "bank", readings))
    assert {s for rule, s in found if rule == "dose_outlier"} == {"s7.1"}
    assert {s for rule, s in found if rule == "dose_implausible"} == {"s8.1"}


# --- dates that were shifted


def cohort(odd: int, right: int, off: dt.timedelta) -> list[Reading]:
    """Studies of which ``odd`` have injections that are ``off``."""
    injected = FDG["RadiopharmaceuticalStartDateTime"]
    return [
        series(f"c{n}", 1, without(
            RadiopharmaceuticalStartDateTime=injected + (off if n < odd else dt.timedelta())))
        for n in range(odd + right)
    ]  # fmt: skip


@pytest.mark.parametrize(("odd", "right", "off", "observed"), [
    (5, 45, dt.timedelta(days=3), "5 of 50 delays"),
    (5, 45, dt.timedelta(days=-40), "5 of 50 delays"),
    (5, 0, dt.timedelta(hours=2), "5 of 5 delays"),
    (4, 0, dt.timedelta(days=3), None),  # too few
    (5, 46, dt.timedelta(days=3), None),  # too small a share
    (5, 0, dt.timedelta(hours=-9), None),  # long, but no whole days
])  # fmt: skip
def test_shifted_cohort(
    odd: int, right: int, off: dt.timedelta, observed: str | None, tmp_path: Path
) -> None:
    rows = table(derived(tmp_path / "bank", cohort(odd, right, off)), "findings")
    found = rows.filter(rule="dates_shifted").to_dicts()
    assert [row["observed"] for row in found] == ([observed] if observed else [])
    for row in found:
        assert (row["level"], row["n_affected"]) == ("lake", odd)
        assert row["StudyInstanceUID"] is None
        assert row["expected"] == "less than 10 % of the delays"
        assert f"({odd} studies)" in row["message"]


# --- texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_texts(language: str) -> None:
    known = texts(language).entries
    for rule in QUALITY_IDS:
        for kind in ("finding", "todo", "looks_at"):
            assert known[f"{kind}.{rule}"], rule


def test_rules_are_declared_whole() -> None:
    assert RULES.keys() >= QUALITY_IDS
    for rule in QUALITY:
        assert (rule.sql, rule.stage) == ("quality", "lake")
        assert "{affected}" in rule.message
        assert rule.reference
        assert rule.applies
    text = " ".join(rule.applies for rule in QUALITY)
    keys = set(re.findall(r"\b(?:uptake|dose|activity|timing|composition)\.[a-z_]+", text))
    assert len(keys) == 10
    assert keys <= set(thresholds.LIMITS)
