"""Thresholds: what a databank may change, what it is told, and what changes with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.derive import thresholds
from ingest.derive.anew import again
from ingest.derive.thresholds import CRITERIA, DEFAULTS, LIMITS, SCORED, ThresholdsInvalid
from ingest.lake import lock, snapshot
from ingest.lake.errors import DatabankBusy
from ingest.schema import TABLES
from tests.in_process import ingested
from tests.test_ingest.derive_lake import all_tables, derive_and_list, table
from tests.test_ingest.quality_lake import by_series, by_study, derived, findings, series, without
from tests.test_ingest.test_derive_incremental import assert_same


def test_defaults_are_those_of_the_specification() -> None:
    assert {key: DEFAULTS[key] for key in LIMITS} == {
        "uptake.ideal_from": 45, "uptake.ideal_to": 75, "uptake.too_long": 240,
        "dose.ideal_from": 2.5, "dose.ideal_to": 3.5, "dose.plausible_from": 0.1,
        "dose.plausible_to": 50, "dose.robust_z": 3.5, "dose.robust_n": 8,
        "activity.unit_below": 10000, "timing.study_conflict": 120, "timing.shifted_share": 0.1,
        "timing.shifted_n": 5, "composition.many_series": 20,
    }  # fmt: skip
    assert {key for key in DEFAULTS if key not in LIMITS} == {f"score.{name}" for name in SCORED}


def test_a_databank_without_its_own_has_the_defaults(tmp_path: Path) -> None:
    assert dict(thresholds.read(tmp_path)) == dict(DEFAULTS)


def test_changes_are_kept_and_taken_back(tmp_path: Path) -> None:
    before = thresholds.read(tmp_path)
    made = thresholds.write(tmp_path, {"uptake.ideal_to": 90})
    assert made.number("uptake.ideal_to") == 90
    thresholds.write(tmp_path, {"score.MR": ["protocol", "sex"], "dose.robust_n": 12})
    read = thresholds.read(tmp_path)
    assert read.number("uptake.ideal_to") == 90
    assert read.criteria("MR") == ("protocol", "sex")
    assert read["dose.robust_n"] == 12
    assert read.needs_derivation(before)
    assert not made.needs_derivation(before)
    assert hash(read) == hash(thresholds.read(tmp_path))
    text = (tmp_path / "quality.toml").read_text("utf-8")
    assert "ideal_from" not in text  # only what differs
    thresholds.write(tmp_path, dict.fromkeys(("uptake.ideal_to", "score.MR", "dose.robust_n")))
    assert thresholds.read(tmp_path) == before


@pytest.mark.parametrize(("changes", "key", "said"), [
    ({"uptake.too_long": 0}, "uptake.too_long", "from 1 to 1439"),
    ({"uptake.too_long": float("nan")}, "uptake.too_long", "must be a number"),
    ({"uptake.too_long": True}, "uptake.too_long", "must be a number"),
    ({"uptake.too_long": "240"}, "uptake.too_long", "must be a number"),
    ({"dose.robust_n": 8.5}, "dose.robust_n", "a whole number"),
    ({"timing.shifted_share": 1.5}, "timing.shifted_share", "from 0 to 1"),
    ({"uptake.ideal_from": 80}, "uptake.ideal_from", "not be above uptake.ideal_to"),
    ({"dose.plausible_to": 0.05}, "dose.plausible_from", "not be above"),
    ({"uptake.ideal": 5}, "uptake.ideal", "There is no threshold uptake.ideal"),
    ({"score.MR": ["fun"]}, "score.MR", "there is no fun"),
    ({"score.MR": []}, "score.MR", "at least one"),
    ({"score.MR": ["sex", "sex"]}, "score.MR", "each once"),
    ({"score.MR": "sex"}, "score.MR", "a list of names"),
    ({"score.XX": ["sex"]}, "score.XX", "There is no threshold"),
])  # fmt: skip
def test_what_cannot_be(changes: dict[str, Any], key: str, said: str, tmp_path: Path) -> None:
    thresholds.write(tmp_path, {"dose.robust_z": 4})
    before = (tmp_path / "quality.toml").read_bytes()
    with pytest.raises(ThresholdsInvalid, match=said) as caught:
        thresholds.write(tmp_path, changes)
    assert caught.value.key == key
    assert (tmp_path / "quality.toml").read_bytes() == before


@pytest.mark.parametrize(("content", "said"), [
    (b"uptake = ", "not TOML"), (b"\xff\xfe", "not UTF-8"), (b"x = 1\n", "not in a section"),
    (b"[uptake]\ntoo_long = 1e9\n", "from 1 to 1439"), (b"#" * 70_000, "too large"),
    (b"[uptake]\nideal_from = [1]\n", "must be a number"),
    (b"[uptake.too_long]\nx = 1\n", "must be a number"),
])  # fmt: skip
def test_a_file_that_cannot_be_used(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "quality.toml").write_bytes(content)
    with pytest.raises(ThresholdsInvalid, match=said):
        thresholds.read(tmp_path)
    thresholds.write(tmp_path, {"dose.robust_z": 4})  # which replaces it
    assert thresholds.read(tmp_path)["dose.robust_z"] == 4


def test_every_criterion_can_be_asked_for(tmp_path: Path) -> None:
    """Each is SQL that DuckDB takes, for a study that has nothing and one that is nuclear."""
    root = tmp_path / "bank"
    root.mkdir()
    thresholds.write(root, {"score.other": sorted(CRITERIA), "score.nuclear": sorted(CRITERIA)})
    readings = [series("bare", 1, {"Modality": "US"}), series("pet", 1, without(PatientSex="F"))]
    rows = by_study(derived(root, readings))
    assert rows["bare"]["qa_score"] == 0
    assert rows["bare"]["qa_missed"] == sorted(CRITERIA)
    met = set(CRITERIA) - set(rows["pet"]["qa_missed"])
    assert met >= {"weight", "activity", "uptake", "timing", "radiopharmaceutical", "half_life",
                   "suv", "age", "sex", "scanner", "acquisition_time", "study_time"}  # fmt: skip
    assert met <= {"weight", "activity", "uptake", "timing", "radiopharmaceutical", "half_life",
                   "suv", "age", "sex", "scanner", "acquisition_time", "study_time",
                   "protocol"}  # fmt: skip


# --- deriving again


def test_again_with_other_thresholds(tmp_path: Path) -> None:
    readings = [series("1", 1, without()), series("1", 2, {"Modality": "CT"})]
    root = derived(tmp_path / "bank", readings)
    before = snapshot.read(root)
    assert by_series(root)["1.1"]["uptake_status"] == "ok"
    n = table(root, "findings").height
    thresholds.write(root, {"uptake.too_long": 50, "composition.many_series": 1,
                            "score.nuclear": ["weight", "age"]})  # fmt: skip
    version = again(root)
    after = snapshot.read(root)
    assert (after.derived, after.version) == (version, before.version + 1)
    assert after.batches == before.batches
    assert by_series(root)["1.1"]["uptake_status"] == "too_long"
    assert by_study(root)["1"]["composition"] == ["many_series"]
    assert by_study(root)["1"]["qa_score"] == by_study(root)["1"]["qa_score_max"] == 2
    assert {("uptake_too_long", "1.1"), ("many_series", "1")} <= findings(root)
    assert table(root, "findings").height == n + 2
    step = all_tables(root)
    derive_and_list(root, None, TABLES)
    assert_same(_stable(step), _stable(all_tables(root)))


def test_again_is_for_one_writer(tmp_path: Path) -> None:
    root = derived(tmp_path / "bank", [series("1", 1, without())])
    with lock.writer(root), pytest.raises(DatabankBusy):
        again(root)


def test_again_refuses_a_file_that_cannot_be_used(tmp_path: Path) -> None:
    root = derived(tmp_path / "bank", [series("1", 1, without())])
    before = snapshot.read(root)
    (root / "quality.toml").write_text("[uptake]\ntoo_long = 'x'\n")
    with pytest.raises(ThresholdsInvalid):
        again(root)
    assert snapshot.read(root) == before


def _stable(tables: dict[str, Any]) -> dict[str, Any]:
    return {name: tables[name] for name in ("series", "studies", "protocols")}


def test_an_ingest_refuses_it_before_it_reads(tmp_path: Path) -> None:
    root = derived(tmp_path / "bank", [series("1", 1, without())])
    before = snapshot.read(root)
    (root / "quality.toml").write_text("[uptake]\ntoo_long = 'x'\n")
    with pytest.raises(ThresholdsInvalid):
        ingested(tmp_path, root)
    assert snapshot.read(root) == before
