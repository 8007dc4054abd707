"""Findings: each rule against lakes that it should and should not speak about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ingest.derive import attributes
from ingest.derive.database import SQL
from ingest.derive.rules import FILES, PROBLEMS, RULES
from ingest.schema import TABLES
from tests.test_ingest.derive_cases import Case, Cases, case_of
from tests.test_ingest.derive_lake import Reading, add, derive_and_list, error, table

Row = dict[str, Any]
CASES = Cases()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "bank"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases, derived."""
    root = tmp_path_factory.mktemp("findings") / "bank"
    for parts in CASES.steps():
        add(root, *parts)
    derive_and_list(root, None)
    return root


@pytest.fixture
def case(lake: Path, request: pytest.FixtureRequest) -> Case:
    """The rows of what stands above the test."""
    return Case(lake, case_of(request.function))


@pytest.fixture
def rows(case: Case) -> list[Row]:
    """The findings of what stands above the test."""
    return case.table("findings").to_dicts()


def findings(root: Path, *parts: Sequence[Reading]) -> list[Row]:
    add(root, *parts)
    derive_and_list(root, None)
    return table(root, "findings").to_dicts()


def of_rule(rows: list[Row], rule: str) -> list[Row]:
    return [row for row in rows if row["rule"] == rule]


def only(rows: list[Row], rule: str) -> Row:
    (row,) = of_rule(rows, rule)
    assert row in rows
    return row


def test_a_sound_lake_has_no_findings(root: Path) -> None:
    same = {"Modality": "MR", "PatientID": "P", "ImageType": ["A"], "PatientWeight": 72.57472}
    assert findings(root, [
        Reading("a", "1", values=same | {"EchoTime": 1.0}),
        # A missing value, another rounding and what may vary are no contradictions.
        Reading("b", "2", values={"PatientWeight": 72.5747, "EchoTime": 2.0}),
        Reading("c", "3", series="1.2", values=same | {"Modality": "CT"}),
    ]) == []  # fmt: skip


def odd_value(n: int, observed: str | None, series: str = "1.1") -> Reading:
    problem = ("value_unparsable", "00181030", "a number", observed)
    return Reading(f"f{n}", str(n), series=series, problems=[problem, problem])


@CASES.parts([odd_value(1, "x"), odd_value(2, "abc"), odd_value(3, "9a", "1.2")])
def test_problems_are_summed_by_series_and_element(case: Case, rows: list[Row]) -> None:
    one, two = of_rule(rows, "value_unparsable")
    assert one == {
        "rule": "value_unparsable", "severity": "warning", "level": "instance",
        "StudyInstanceUID": "1", "SeriesInstanceUID": "1.1", "SOPInstanceUID": "1",
        "path": "00181030", "expected": "a number", "observed": "abc", "n_affected": 2,
        "message": "The value of 00181030 does not fit its column and is empty there "
                   "(2 instances). Expected: a number. Found: abc.",
        "reference": "PS3.5 6.2", "first_run": None,
    }  # fmt: skip
    assert (two["SeriesInstanceUID"], two["n_affected"]) == ("1.2", 1)
    assert "(1 instance)" in two["message"]
    assert case.table("series")["n_findings"].to_list() == [1, 1]
    assert case.table("studies")["n_findings"].to_list() == [2]


ODD_CHARSET = [("charset_unknown", "00080005", None, "ISO 9999")]


@CASES.parts(
    [Reading(f"f{n}", str(n), header_problems=ODD_CHARSET) for n in range(4)], [error("f0")]
)
def test_a_problem_of_a_header_concerns_all_its_instances_that_count(rows: list[Row]) -> None:
    row = only(rows, "charset_unknown")
    assert (row["n_affected"], row["SOPInstanceUID"], row["observed"]) == (3, "1", "ISO 9999")


@CASES.parts([Reading("a", "1", problems=[("text_undecodable", "00100010", None, None)])])
def test_what_may_identify_somebody_is_not_in_the_sentence(rows: list[Row]) -> None:
    row = only(rows, "text_undecodable")
    assert row["observed"] is None
    assert row["message"] == (
        "The text of 00100010 cannot be read in the character set of the header (1 instance)."
    )


@CASES.parts([Reading("a", "1", problems=[("brand_new", None, "this", "that")])])
def test_a_rule_that_nobody_knows_comes_through(rows: list[Row]) -> None:
    row = only(rows, "brand_new")
    assert (row["severity"], row["level"], row["reference"]) == ("info", "instance", None)
    sentence = "The reader noticed brand_new (1 instance). Expected: this. Found: that."
    assert row["message"] == sentence


@CASES.parts([
    Reading("a", "1", problems=[("value_unparsable", "00181030", None, "x" * 100_000)])
])  # fmt: skip
def test_long_texts_are_cut(rows: list[Row]) -> None:
    assert only(rows, "value_unparsable")["observed"] == "x" * 200


@CASES.parts([
    Reading("a", "1"), Reading("b", "1"), Reading("c", "1"), Reading("d", "2"),
    Reading("e", "3", series="1.2"),
])  # fmt: skip
def test_duplicates_are_counted_by_the_series_that_has_them(rows: list[Row]) -> None:
    row = only(rows, "duplicate")
    assert (row["SeriesInstanceUID"], row["SOPInstanceUID"], row["n_affected"]) == ("1.1", "1", 2)
    assert (row["severity"], row["level"]) == ("info", "series")
    assert "(2 files)" in row["message"]
    assert of_rule(rows, "duplicate_conflict") == []


SHARED = {"00080060": "MR", "00100010": "Doe^Jane", "00400275[0].00400007": "Brain"}


@CASES.parts(
    # Alone in its part, everything is constant; beside others, the number varies.
    [Reading("a", "1", elements={**SHARED, "00020016": "AE1", "00200013": "1"})],
    [
        Reading("b", "1", elements={**SHARED, "00020016": "AE2", "00200013": "1"}),
        Reading("c", "2", elements={**SHARED, "00020016": "AE2", "00200013": "2"}),
    ],
)
def test_duplicates_with_the_same_elements_do_not_conflict(rows: list[Row]) -> None:
    assert only(rows, "duplicate")["n_affected"] == 1
    assert of_rule(rows, "duplicate_conflict") == []


@CASES.parts(
    [Reading("a", "1", elements={**SHARED, "00200013": "1", "00080005": "ISO_IR 100"})],
    [
        Reading("b", "1", elements={**SHARED, "00100010": "Doe^John", "00200013": "7"}),
        Reading("c", "2", elements={**SHARED, "00200013": "2"}),
    ],
)
def test_duplicates_with_other_elements_conflict(rows: list[Row]) -> None:
    row = only(rows, "duplicate_conflict")
    assert (row["SOPInstanceUID"], row["n_affected"], row["path"]) == ("1", 1, None)
    assert (row["severity"], row["level"]) == ("warning", "series")
    assert row["observed"] == "3 elements differ, such as 00080005, 00100010, 00200013"
    assert "Doe" not in row["message"]


def numbered(name: str, n: int, number: int) -> Reading:
    return Reading(f"{name}{n}", str(n), elements={**SHARED, "00200013": str(number)})


@CASES.parts(
    [numbered("a", n, n) for n in range(9)], [numbered("b", n, n + (n > 6)) for n in range(9)]
)
def test_a_conflict_about_one_element_names_it(rows: list[Row]) -> None:
    row = only(rows, "duplicate_conflict")
    assert (row["path"], row["n_affected"], row["SOPInstanceUID"]) == ("00200013", 2, "7")
    assert row["observed"] == "another value of 00200013"


@CASES.parts([
    Reading("a", "1", values={"PatientID": "Secret1", "Manufacturer": "B", "Modality": "MR"}),
    Reading("b", "2", values={"PatientID": "Secret2", "Manufacturer": "A", "Modality": "CT"}),
    Reading("c", "3", values={"PatientID": "Secret1", "Manufacturer": "C"}),
])  # fmt: skip
def test_values_that_vary_within_a_series(rows: list[Row]) -> None:
    found = {row["path"]: row for row in of_rule(rows, "value_not_constant")}
    assert set(found) == {"00100020", "00080070", "00080060"}
    assert found["00100020"]["severity"] == found["00080060"]["severity"] == "warning"
    assert found["00080070"]["severity"] == "info"
    assert found["00100020"]["observed"] is None
    assert found["00080070"]["observed"] == "A and C"
    assert found["00080070"]["message"] == (
        "Manufacturer should be the same throughout the series and is not (series of 3 instances). "
        "Expected: one value. Found: A and C."
    )
    assert "Secret" not in str(rows)
    # Within the series, not between series: the study has nothing more to say.
    assert of_rule(rows, "value_not_constant_in_study") == []


@CASES.parts([
    Reading("a", "1", "1", None, values={"Modality": "MR"}),
    Reading("b", "2", "1", None, values={"Modality": "CT"}),
])  # fmt: skip
def test_nothing_is_constant_among_instances_without_a_series(rows: list[Row]) -> None:
    assert only(rows, "missing_uid")["n_affected"] == 2
    assert of_rule(rows, "value_not_constant") == []


@CASES.parts([
    Reading("a", "1", series="1.1", values={"PatientID": "Secret1", "PatientSex": "F"}),
    Reading("b", "2", series="1.2", values={"PatientID": "Secret2", "PatientSex": "M"}),
    Reading("c", "3", study="2", series="2.1", values={"PatientID": "Secret3"}),
])  # fmt: skip
def test_two_patients_in_one_study(case: Case, rows: list[Row]) -> None:
    found = {row["path"]: row for row in of_rule(rows, "value_not_constant_in_study")}
    assert set(found) == {"00100020", "00100040"}
    who = found["00100020"]
    assert (who["severity"], who["level"], who["n_affected"]) == ("warning", "study", 2)
    assert (who["StudyInstanceUID"], who["SeriesInstanceUID"]) == ("1", None)
    assert found["00100040"]["observed"] == "F and M"
    assert "Secret" not in str(rows)
    assert case.table("studies")["n_findings"].to_list() == [2, 0]
    assert case.table("series")["n_findings"].to_list() == [0, 0, 0]


def test_no_finding_names_a_patient(lake: Path) -> None:
    """Those of files included, which are of no study and so of no case."""
    everything = table(lake, "findings").to_dicts()
    assert "Secret" not in str(everything)
    of_no_study = {row["rule"] for row in everything if row["StudyInstanceUID"] is None}
    assert of_no_study == {"file_error", "missing_uid"}


def test_missing_uids(root: Path) -> None:
    rows = findings(root, [
        Reading("a", "1", "1", None), Reading("b", "2", "1", None), Reading("c", "3", None, "1.1"),
        Reading("d", "4", None, None), Reading("e", "5"), error("f"),
    ])  # fmt: skip
    assert {
        (row["StudyInstanceUID"], row["SeriesInstanceUID"]): (row["observed"], row["n_affected"])
        for row in of_rule(rows, "missing_uid")
    } == {
        ("1", None): ("no Series Instance UID", 2), (None, "1.1"): ("no Study Instance UID", 1),
        (None, None): ("neither", 1),
    }  # fmt: skip
    # The finding about a file, which has no UIDs either, is not about those without.
    assert table(root, "series")["n_findings"].to_list() == [1, 1, 1, 0]
    assert table(root, "studies")["n_findings"].to_list() == [2, 1]


@CASES.parts([
    Reading("a", "1", "1", "9"), Reading("b", "2", "2", "9"), Reading("c", "3", "2", "9"),
    Reading("d", "4", "2", "8"), Reading("e", "5", None, "8"),
])  # fmt: skip
def test_a_series_in_two_studies(rows: list[Row]) -> None:
    found = of_rule(rows, "series_in_two_studies")
    assert [(r["StudyInstanceUID"], r["SeriesInstanceUID"], r["n_affected"]) for r in found] == [
        ("1", "9", 1), ("2", "9", 2),
    ]  # fmt: skip
    assert found[0]["observed"] == "2 studies"


CUT = {"truncation": "pixel data"}


@CASES.parts([
    Reading("a", "1", values=CUT), Reading("b", "2", values=CUT), Reading("c", "3"),
    Reading("d", "4", values=CUT, problems=[("truncated_pixels", None, None, "10 of 20 bytes")]),
    Reading("e", "5", series="1.2", values={"truncation": "header"},
            header_problems=[("truncated_header", None, None, None)]),
])  # fmt: skip
def test_truncated_files(rows: list[Row]) -> None:
    row = only(rows, "truncated")
    assert (row["n_affected"], row["SOPInstanceUID"]) == (2, "1")
    assert row["observed"] == "the pixel data ends too early"
    assert only(rows, "truncated_pixels")["n_affected"] == 1
    assert only(rows, "truncated_header")["n_affected"] == 1


def test_files_that_could_not_be_read(root: Path) -> None:
    add(root, [error("a", "the file ends at byte 12"), error("b"), error("c", None), error("d")])
    rows = findings(root, [
        error("e", "the file ends at byte 7"), Reading("d", "1"),
        Reading("f", status="not_dicom", reason="no DICOM"),
    ])  # fmt: skip
    found = {row["observed"]: row["n_affected"] for row in of_rule(rows, "file_error")}
    assert found == {
        "the file ends at byte 12": 2, "the header ends too early": 1, "no reason given": 1,
    }  # fmt: skip
    row = of_rule(rows, "file_error")[0]
    assert row["path"] is None
    assert (row["severity"], row["level"], row["StudyInstanceUID"]) == ("error", "file", None)
    assert table(root, "series")["n_findings"].to_list() == [0]


def test_rules_are_complete() -> None:
    for name, rule in RULES.items():
        assert rule.id == name
        assert re.fullmatch(r"[a-z][a-z_]+", name)
        assert all((rule.title, rule.reference, rule.applies))
        assert rule.message.endswith(".")
        assert set(re.findall(r"{(\w*)}", rule.message)) <= {"affected", "subject"}
        assert "{affected}" in rule.message
        if rule.sql != PROBLEMS:
            sql = (SQL / "findings" / f"{rule.sql}.sql").read_text("utf-8")
            assert f"'{name}'" in sql
    assert {path.stem for path in (SQL / "findings").iterdir()} == set(FILES)


READER_RULES = (
    "value_unparsable", "sop_uid_from_meta", "truncated_header", "truncated_pixels",
    "charset_unknown", "text_undecodable", "decoder_failed", "read_by_pydicom", "uid_missing",
    "vr_unexpected", "trailing_bytes", "meta_mismatch",
)  # fmt: skip


@pytest.mark.parametrize("rule", READER_RULES)
def test_rules_of_the_reader_are_known(rule: str) -> None:
    assert RULES[rule].sql == PROBLEMS
    assert RULES[rule].level == "instance"


def test_attributes_have_places_of_their_own() -> None:
    rows = attributes.attributes(TABLES["instances"])
    assert len({row.path for row in rows}) == len(rows)
    known = {column.name for column in TABLES["instances"].columns}
    for named in (attributes.GRAVE, attributes.DIFFERS_IN_STUDY, attributes.SEPARATE):
        assert named <= known
