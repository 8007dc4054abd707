"""`taglake qa`: the numbers of the page in three formats, and its exit code."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from app.quality import measured
from app.queries import Databank
from tests import quality_cohort
from tests.test_app.command_line import taglake


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quality_cohort.make(tmp_path_factory.mktemp("quality"))


@pytest.fixture(autouse=True)
def at_home(cohort: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(cohort.parents[1]))


def test_json_has_the_numbers_of_the_page(cohort: Path) -> None:
    ended = taglake("qa", "--format", "json")
    assert ended.code == 0, ended.err
    told = json.loads(ended.text)
    found = measured.counted(Databank(cohort))
    numbers = {one["measure"]: (one["n"], one["of"]) for one in told["measures"]}
    assert numbers == {name: (one.n, one.total) for name, one in found.items()}
    assert numbers["adherence_dose_low"] == (1, 4)
    assert [s["median"] for s in told["statistics"]] == [60.0, 3.0]
    assert told["thresholds"]["uptake_ideal_from"] == 45
    assert told["shifted_dates"] is False
    for one in told["measures"]:
        assert one["explanation"]
        assert one["share"] == (
            None if not one["of"] else pytest.approx(one["n"] / one["of"], abs=1e-6)
        )


def test_csv_has_a_row_for_each_measure(cohort: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(taglake("qa", "-f", "csv").text)))
    assert [row["measure"] for row in rows] == list(measured.counted(Databank(cohort)))
    assert {row["measure"]: row["n"] for row in rows}["missing_activity"] == "1"


def test_the_table_says_all_measures(cohort: Path) -> None:
    text = taglake("qa").text
    for one in measured.counted(Databank(cohort)).values():
        assert one.measure.id in text
    assert "uptake" in text
    assert "MBq/kg" in text


def test_filters_are_those_of_the_app() -> None:
    told = json.loads(taglake("qa", "-f", "json", "--filter", "timing=negative").text)
    assert {one["measure"]: one["of"] for one in told["measures"]}["missing_weight"] == 1
    assert "negative uptake" in told["filters"]
    assert taglake("qa", "--filter", "timing=nonsense").code == 2


def test_it_fails_on_findings_that_are_grave_enough() -> None:
    told = json.loads(taglake("qa", "-f", "json").text)
    there = {row["severity"] for row in told["findings"]}
    assert there, "the cohort has findings"
    order = ("error", "warning", "info")
    for severity in order:
        graver = order[: order.index(severity) + 1]
        expected = 1 if there & set(graver) else 0
        assert taglake("qa", "--fail-on", severity).code == expected, severity
    assert taglake("qa", "--fail-on", "info").code == 1
    assert taglake("qa", "--fail-on", "nonsense").code == 2


def test_an_unknown_databank_is_a_usage_error() -> None:
    assert taglake("qa", "--databank", "nothing").code == 2
