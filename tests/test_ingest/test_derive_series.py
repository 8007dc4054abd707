"""Series, studies and patients against values worked out by hand from a few instances."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.schema import TABLES
from tests.test_ingest.derive_cases import Case, Cases, Test, case_of
from tests.test_ingest.derive_lake import Reading, Row, add, derive_and_list, table

CASES = Cases()
NOON = dt.datetime(2024, 5, 17, 12)
NAN, INFINITY = math.nan, math.inf


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "bank"


def made_of(*values: Mapping[str, Any]) -> Callable[[Test], Test]:
    """The test is about the series that instances with these values make: 1, 2, 3, ..."""
    return CASES.parts([Reading(f"f{n}", str(n), values=v) for n, v in enumerate(values, 1)])


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases, derived."""
    root = tmp_path_factory.mktemp("series") / "bank"
    for parts in CASES.steps():
        add(root, *parts)
    derive_and_list(root, None)
    return root


@pytest.fixture
def row(lake: Path, request: pytest.FixtureRequest) -> Row:
    """The one series of what stands above the test."""
    (row,) = Case(lake, case_of(request.function)).table("series").to_dicts()
    return row


def at(*positions: float | None) -> list[dict[str, Any]]:
    return [{"slice_position_mm": position} for position in positions]


@made_of(*at(3.0, -1.0, 2.0, 0.0))  # order: 2 (-1), 4 (0), 3 (2), 1 (3)
def test_first_and_middle_instance_in_slice_order(row: Row) -> None:
    assert row["FirstSOPInstanceUID"] == "2"
    assert row["MiddleSOPInstanceUID"] == "3"  # two of four come before
    assert (row["slice_position_mm_min"], row["slice_position_mm_max"]) == (-1.0, 3.0)


@made_of(*at(3.0, 1.0, 2.0))
def test_middle_of_an_odd_number(row: Row) -> None:
    assert row["MiddleSOPInstanceUID"] == "3"


AT_NOON = {"acquisition_datetime": NOON}


@made_of(
    {"slice_position_mm": None, "EchoTime": 1.0},
    AT_NOON | {"slice_position_mm": NAN, "InstanceNumber": 2, "EchoTime": 2.0},
    AT_NOON | {"slice_position_mm": INFINITY, "InstanceNumber": 1, "EchoTime": 3.0},
    AT_NOON | {"InstanceNumber": 1, "EchoTime": 4.0},
)
def test_slice_order_falls_back_to_time_number_and_uid(row: Row) -> None:
    # Without a finite position all are equal there; then by time, number, UID; NULL comes last.
    assert row["FirstSOPInstanceUID"] == "3"
    assert row["MiddleSOPInstanceUID"] == "2"
    assert row["EchoTime"] == 3.0
    assert row["EchoTime_values"] == [1.0, 2.0, 3.0, 4.0]
    assert row["slice_position_mm_max"] is None
    assert row["n_slice_positions"] == 0
    assert row["slice_spacing_mm"] is None


@made_of(*at(0.0, 0.001, 2.5, 5.0, 5.001, 7.5, 17.5))
def test_spacing_is_the_median_step_between_distinct_positions(row: Row) -> None:
    assert row["n_slice_positions"] == 5  # 0, 2.5, 5, 7.5 and 17.5 to 0.01 mm
    assert row["slice_spacing_mm"] == 2.5  # of 2.5, 2.5, 2.5, 10


@made_of(*at(0.0, 1.0, 4.0))
def test_spacing_of_an_even_number_of_steps(row: Row) -> None:
    assert row["slice_spacing_mm"] == 2.0  # between 1 and 3


@made_of(*at(4.0, 4.0))
def test_one_position_has_no_spacing(row: Row) -> None:
    assert (row["n_slice_positions"], row["slice_spacing_mm"]) == (1, None)


@made_of(*at(-1.7e308, 1.7e308))
def test_positions_beyond_all_measure(row: Row) -> None:
    assert row["n_slice_positions"] == 2
    assert row["slice_spacing_mm"] is None  # the step is infinite


def test_frames_count_where_they_have_positions(root: Path) -> None:
    frames = [{"slice_position_mm": float(p)} for p in (0, 3, 6, 0, 3, 6)]
    unplaced: list[dict[str, float | None]] = [
        {"slice_position_mm": None},
        {"slice_position_mm": NAN},
    ]
    values = {"slice_position_mm": 100.0, "n_frames": 6}
    add(root, [Reading("a", "1", frames=frames, values=values)])
    add(root, [Reading("b", "2", frames=unplaced, values={"slice_position_mm": 9.0})])
    derive_and_list(root, None)
    (row,) = table(root, "series").to_dicts()
    assert row["n_slice_positions"] == 4  # 0, 3, 6 of frames; 9 of the instance
    assert row["slice_spacing_mm"] == 3.0
    assert row["n_frames_sum"] == 7
    assert row["n_headers"] == 2


@made_of(
    {"PatientWeight": NAN, "EchoTime": NAN, "slice_position_mm": 1.0},
    {"PatientWeight": 70.0, "EchoTime": 2.0, "slice_position_mm": 2.0},
    {"PatientWeight": -INFINITY, "EchoTime": INFINITY, "slice_position_mm": 3.0},
)
def test_nan_and_infinity_win_nothing(row: Row) -> None:
    assert row["PatientWeight"] == 70.0
    assert row["EchoTime_values"] == [2.0]
    assert math.isnan(row["EchoTime"])  # the first instance has it


@made_of({"EchoTime": -0.0}, {"EchoTime": 0.0})
def test_negative_zero_is_zero(row: Row) -> None:
    assert row["EchoTime_values"] == [0.0]
    assert math.copysign(1.0, row["EchoTime_values"][0]) == 1.0


@made_of(
    {"slice_position_mm": 2.0, "FlipAngle": 30.0, "ImageType": ["B"]},
    {"slice_position_mm": 1.0, "FlipAngle": None, "ImageType": ["A", "", "C"]},
)
def test_first_is_the_first_instance_even_where_it_has_no_value(row: Row) -> None:
    assert row["FlipAngle"] is None
    assert row["FlipAngle_values"] == [30.0]
    assert row["ImageType"] == ["A", "", "C"]
    assert row["ImageType_values"] == ["A\\\\C", "B"]


def test_absent_everywhere_is_null(root: Path) -> None:
    """In a lake of its own: elsewhere there are values."""
    add(root, [Reading("a", "1", values={"ImageType": []}), Reading("b", "2")])
    derive_and_list(root, None)
    (row,) = table(root, "series").to_dicts()
    assert row["FlipAngle_values"] is None
    assert row["ImageType_values"] is None
    assert row["acquisition_datetime_min"] is None
    assert row["scan_duration_minutes"] is None
    assert row["file_size_bytes_sum"] is None


EARLY, LATE = dt.date(2024, 1, 1), dt.date(2024, 1, 2)


@made_of(
    {"SeriesDescription": "b", "SoftwareVersions": ["2", "1"], "StudyDate": LATE},
    {"SeriesDescription": "a", "SoftwareVersions": ["1", "9"], "StudyDate": EARLY},
    {"SeriesDescription": None, "SoftwareVersions": None, "StudyDate": None},
)
def test_constants_are_the_smallest_where_they_differ(row: Row) -> None:
    assert row["SeriesDescription"] == "a"
    assert row["SoftwareVersions"] == ["1", "9"]
    assert row["StudyDate"] == EARLY


DOSE = "ImageAndFluoroscopyAreaDoseProduct"


@made_of(
    {"file_size_bytes": 2**62, "n_frames": 2, DOSE: 0.1},
    {"file_size_bytes": 2**62, "n_frames": None, DOSE: NAN},
    {"file_size_bytes": 1, "n_frames": 3, DOSE: 0.2},
)
def test_sums(row: Row) -> None:
    assert row["file_size_bytes_sum"] is None  # more than 64 bits hold
    assert row["n_frames_sum"] == 5
    assert row[f"{DOSE}_sum"] == pytest.approx(0.3)


LATER = NOON + dt.timedelta(minutes=7, seconds=30)


@made_of(*({"acquisition_datetime": time} for time in (LATER, NOON, None)))
def test_duration(row: Row) -> None:
    assert row["scan_duration_minutes"] == 7.5
    assert row["acquisition_datetime_max"] == LATER


ALL_TIME = (dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59))


@made_of(*({"acquisition_datetime": time} for time in ALL_TIME))
def test_duration_of_all_time(row: Row) -> None:
    assert row["scan_duration_minutes"] == (ALL_TIME[1] - ALL_TIME[0]).total_seconds() / 60


def test_instances_without_uids_form_groups_of_their_own(root: Path) -> None:
    uids = [("1", "1.1"), ("1", None), ("1", None), (None, "1.1"), (None, None), ("2", "1.1")]
    add(root, [Reading(f"f{n}", str(n), *uid) for n, uid in enumerate(uids)])
    derive_and_list(root, None)
    series = table(root, "series").select("StudyInstanceUID", "SeriesInstanceUID", "n_instances")
    assert set(series.rows()) == {
        ("1", "1.1", 1), ("1", None, 2), (None, "1.1", 1), (None, None, 1), ("2", "1.1", 1),
    }  # fmt: skip
    studies = table(root, "studies").select("StudyInstanceUID", "n_series", "n_instances")
    assert set(studies.rows()) == {("1", 2, 3), (None, 2, 2), ("2", 1, 1)}
    # Another instance of a group that has no UID is added to it.
    new = add(root, [Reading("more", "99", None, None)])
    derive_and_list(root, [new])
    assert table(root, "series")["n_instances"].sum() == 7
    assert table(root, "series").height == 5


def test_studies_and_patients(root: Path) -> None:
    def reading(n: int, study: str, series: str, key: str, **values: Any) -> Reading:
        return Reading(f"f{n}", str(n), study, series, values={"patient_key": key, **values})

    day, before = dt.date(2024, 5, 17), dt.date(2024, 5, 16)
    add(root, [
        reading(1, "1", "1.1", "p", Modality="PT", PatientID="ID1", StudyDate=day, Manufacturer="B",
                SeriesDescription="z", acquisition_datetime=NOON, n_frames=4, file_size_bytes=10),
        reading(2, "1", "1.1", "p", Modality="PT", PatientID="ID1", StudyDate=day, Manufacturer="B",
                SeriesDescription="z", acquisition_datetime=NOON + dt.timedelta(hours=1)),
        reading(3, "1", "1.2", "p", Modality="CT", PatientID="ID0", StudyDate=day, Manufacturer="A",
                BodyPartExamined="CHEST", n_frames=0, file_size_bytes=5),
        reading(4, "2", "2.1", "p", Modality="CT", PatientID="ID1", StudyDate=before),
        reading(5, "3", "3.1", "q", n_frames=None),
    ])  # fmt: skip
    derive_and_list(root, None)
    one, two, three = table(root, "studies").to_dicts()
    assert one["Modalities"] == ["CT", "PT"]
    assert one["Manufacturers"] == ["A", "B"]
    assert one["BodyParts"] == ["CHEST"]
    assert one["SeriesDescriptions"] == ["z"]
    assert one["PatientID"] == "ID0"
    assert (one["n_series"], one["n_instances"]) == (2, 3)
    assert (one["n_frames"], one["file_size_bytes"]) == (5, 15)
    assert one["acquisition_datetime_min"] == NOON
    assert one["acquisition_datetime_max"] == NOON + dt.timedelta(hours=1)
    assert (two["n_series"], two["Modalities"], two["ManufacturerModelNames"]) == (1, ["CT"], None)
    assert (three["Modalities"], three["n_frames"]) == (None, None)
    p, q = table(root, "patients").to_dicts()
    assert (p["patient_key"], p["n_studies"], p["n_series"], p["n_instances"]) == ("p", 2, 3, 4)
    assert (p["StudyDate_min"], p["StudyDate_max"]) == (before, day)
    assert (p["Modalities"], p["PatientID"]) == (["CT", "PT"], "ID0")
    assert (q["n_studies"], q["Modalities"], q["StudyDate_min"]) == (1, None, None)


def test_the_patient_of_a_study_with_several(root: Path) -> None:
    """That of most instances, then of the smallest series: neither depends on the secret."""

    def of(uri: str, study: str | None, series: str | None, key: str | None, at: float) -> Reading:
        values = {"patient_key": key, "slice_position_mm": at}
        return Reading(uri, uri, study, series, values=values)

    add(root, [
        of("1", "1", "1.1", "a", 0), of("2", "1", "1.2", "z", 0), of("3", "1", "1.2", "z", 1),
        of("4", "2", "2.1", "z", 0), of("5", "2", "2.2", "a", 0), of("6", "2", "2.3", None, 0),
        of("7", "3", "3.1", "a", 2), of("8", "3", "3.1", "z", 1), of("9", "3", "3.1", None, 0),
        of("10", None, "4.1", "z", 0), of("11", None, None, "a", 0), of("12", "5", "5.1", None, 0),
    ])  # fmt: skip
    derive_and_list(root, None)
    found = dict(table(root, "studies").select("StudyInstanceUID", "patient_key").rows())
    assert found == {"1": "z", "2": "z", "3": "z", None: "z", "5": None}
    of_series = dict(table(root, "series").select("SeriesInstanceUID", "patient_key").rows())
    assert of_series["3.1"] == "z"


def test_series_of_one_and_of_several_have_the_same_columns(root: Path) -> None:
    """What is made of one instance is what is made of two that are alike."""
    values = {
        "PatientWeight": -0.0, "FlipAngle": float("nan"), "ImageType": [], "Modality": "MR",
        "SoftwareVersions": ["a", ""], "slice_position_mm": 2.0, "acquisition_datetime": NOON,
        "n_frames": 2,
    }  # fmt: skip
    add(root, [Reading("1", "1", series="1.1", values=values)])
    add(root, [Reading(n, "1" + n, series="1.2", values=values) for n in ("2", "3")])
    derive_and_list(root, None)
    one, two = table(root, "series").to_dicts()
    unlike = {k for k in one if repr(one[k]) != repr(two[k])}
    assert unlike == {
        "SeriesInstanceUID", "n_instances", "FirstSOPInstanceUID", "MiddleSOPInstanceUID",
        "n_frames_sum", "is_representative", "acquisition_signature",
    }  # fmt: skip
    assert (two["n_frames_sum"], one["n_frames_sum"]) == (4, 2)
    assert repr(one["PatientWeight"]) == "0.0"
    assert one["SoftwareVersions"] == ["a", ""]


TEXTS = ("it's", 'a "quote"', "{subject}", "\x00NUL", "Größe 頭部", "back\\slash", "")


@made_of(*({"SeriesDescription": text, "ImageType": [text]} for text in TEXTS))
def test_text_with_anything_in_it(row: Row) -> None:
    assert row["SeriesDescription"] == ""
    assert row["ImageType_values"] == sorted(text for text in TEXTS if text)


def test_every_aggregation_of_the_schema_is_tried_here() -> None:
    tried = {"constant", "first", "distinct", "minmax", "sum"}
    assert {a for c in TABLES["instances"].columns for a in c.aggregation} <= tried
