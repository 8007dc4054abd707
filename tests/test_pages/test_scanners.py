"""Scanners: the fleet, protocols that change, series that deviate, studies that lack a series.

Questions are asked of rows written here, so that every number is known beforehand.
"""

from __future__ import annotations

import random
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app import queries, questions
from app.charts import last_day
from app.charts import scanners as charts
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.protocols import compared as protocols
from app.protocols import units as protocol_units
from app.ui import protocol_changes
from tests import fake_lake
from tests.conftest import fill
from tests.test_pages.browser import go, metrics, texts, visit
from tests.test_pages.test_identifiers import sent

T = language_texts("en")
PALETTE = ["#00000a", "#00000b", "#00000c", "#00000d", "#00000e", "#00000f", "#ffffff"]
A, B = "a" * 32, "b" * 32
"""Keys of two scanners."""
P, Q, R = "1" * 64, "2" * 64, "3" * 64
"""Fingerprints: the commonest, one that differs within tolerance, and one that differs beyond."""
IMAGE = "1.2.840.10008.5.1.4.1.1.4"
Row = dict[str, Any]

SERIES: dict[str, Any] = {
    "scanner_key": pl.String, "Manufacturer": pl.String, "ManufacturerModelName": pl.String,
    "DeviceSerialNumber": pl.String, "StationName": pl.String, "Modality": pl.String,
    "SoftwareVersions": pl.List(pl.String), "protocol_group": pl.String,
    "protocol_fingerprint": pl.String, "protocol_is_majority": pl.Boolean,
    "acquisition_datetime_min": pl.Datetime("us"), "StudyDate": pl.Date,
    "StudyInstanceUID": pl.String, "SeriesInstanceUID": pl.String, "SeriesNumber": pl.Int64,
    "SeriesDescription": pl.String, "ProtocolName": pl.String, "StudyDescription": pl.String,
    "PerformedProcedureStepDescription": pl.String, "ImageType": pl.List(pl.String),
    "SOPClassUID": pl.String, "n_frames_sum": pl.Int64,
}  # fmt: skip
PROTOCOLS: dict[str, Any] = {
    "scanner_key": pl.String, "protocol_group": pl.String, "protocol_fingerprint": pl.String,
    "Modality": pl.String, "n_series": pl.Int64, "share": pl.Float64, "is_majority": pl.Boolean,
    "parameters": pl.List(pl.String), "differs": pl.List(pl.String),
    "example_StudyInstanceUID": pl.String, "example_SeriesInstanceUID": pl.String,
}  # fmt: skip


def series(study: int, number: int, name: str, **values: Any) -> Row:
    """One series of scanner A with the commonest protocol of the group MR · t1."""
    day = date(2024, 1, 1 + study)
    return {
        "scanner_key": A, "Manufacturer": "SIEMENS", "ManufacturerModelName": "Prisma",
        "DeviceSerialNumber": "40123", "StationName": "MR1", "Modality": "MR",
        "SoftwareVersions": ["VE11"], "protocol_group": "MR · t1", "protocol_fingerprint": P,
        "protocol_is_majority": True,
        "acquisition_datetime_min": datetime(day.year, day.month, day.day, 9, number),
        "StudyDate": day, "StudyInstanceUID": f"1.{study}",
        "SeriesInstanceUID": f"1.{study}.{number}", "SeriesNumber": number,
        "SeriesDescription": name, "StudyDescription": "Brain", "n_frames_sum": 10,
        "ImageType": ["ORIGINAL", "PRIMARY", "M"], "SOPClassUID": IMAGE,
        **values,
    }  # fmt: skip


def protocol(fingerprint: str, parameters: list[str], *differs: str, **values: Any) -> Row:
    return {
        "scanner_key": A, "protocol_group": "MR · t1", "protocol_fingerprint": fingerprint,
        "Modality": "MR", "share": 0.5, "is_majority": fingerprint == P,
        "parameters": parameters, "differs": list(differs), "n_series": 1,
        "example_StudyInstanceUID": "1.0", "example_SeriesInstanceUID": "1.0.1",
        **values,
    }  # fmt: skip


SAME = ("RepetitionTime_values=2000", "SequenceName_values=tfl3d")
KNOWN = [
    protocol(P, ["EchoTime_values=2.5", *SAME]),
    protocol(Q, ["EchoTime_values=2.51", *SAME]),
    protocol(R, ["EchoTime_values=2.5", "FlipAngle_values=9", "RepetitionTime_values=2500",
                 "SequenceName_values=tse"],
             "FlipAngle_values", "RepetitionTime_values", "SequenceName_values"),
]  # fmt: skip


def ask(question: str, rows: list[Row], known: list[Row] | None = None, **params: Any) -> list[Row]:
    """The answer to a question over these series and protocols."""
    with duckdb.connect() as connection:
        for name, given, schema in (
            ("series", rows, SERIES), ("protocols", KNOWN if known is None else known, PROTOCOLS)
        ):  # fmt: skip
            frame = pl.DataFrame(given, schema=schema, orient="row")
            connection.register(f"{name}_given", frame.to_arrow())
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {name}_given")
        found = connection.sql(questions.text(question), params=params or None)
        names = found.columns
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_a_scanner_is_one_row_with_what_it_ran() -> None:
    rows = [
        series(0, 1, "t1"),
        series(0, 2, "t1", protocol_fingerprint=Q, protocol_is_majority=False),
        series(1, 1, "t1", SoftwareVersions=["VE11", "x"], protocol_fingerprint=R,
               protocol_is_majority=False),
        series(2, 1, "SR", Modality="SR", SoftwareVersions=None, protocol_group=None,
               protocol_fingerprint=None, protocol_is_majority=None,
               acquisition_datetime_min=None),
        series(3, 1, "other", scanner_key=B, ManufacturerModelName=None, StationName=None),
        series(4, 1, "unknown", scanner_key=None),
    ]  # fmt: skip
    first, second = ask("scanners_fleet", rows)
    assert first == {
        "scanner": f"Prisma · {A[:8]}", "Manufacturer": "SIEMENS",
        "ManufacturerModelName": "Prisma",
        "Modalities": ["MR", "SR"], "software": ["VE11", "VE11, x"], "n_series": 4,
        "n_studies": 3, "n_protocols": 3, "n_deviating": 1,
        "first_seen": date(2024, 1, 1), "last_seen": date(2024, 1, 3),
        "scanner_key": A, "example_SeriesInstanceUID": "1.0.1",
    }  # fmt: skip
    assert (second["scanner"], second["n_series"]) == (f"SIEMENS · {B[:8]}", 1)


def test_a_scanner_is_named_by_one_of_its_series() -> None:
    rows = [
        series(0, 1, "t1"), series(0, 2, "t1"),
        series(1, 1, "t1", scanner_key=B, DeviceSerialNumber=None, StationName="CT2"),
        series(2, 1, "t1", scanner_key="c" * 32),
    ]  # fmt: skip
    found = ask("scanners_named", rows, examples='["1.0.1", "1.1.1"]')
    assert [tuple(row.values()) for row in found] == [(A, "40123", "MR1"), (B, None, "CT2")]


def test_software_is_told_by_when_it_was_seen() -> None:
    rows = [
        series(0, 1, "t1"), series(5, 1, "t1"), series(7, 1, "t1", SoftwareVersions=["XA30"]),
        series(8, 1, "t1", SoftwareVersions=None),
    ]  # fmt: skip
    found = ask("scanners_versions", rows, first=1980, last=2060)
    assert [(row["software"], row["n_series"], row["first_seen"].day) for row in found] == [
        ("VE11", 2, 1), ("XA30", 1, 8), (None, 1, 9),
    ]  # fmt: skip


def test_placeholder_dates_do_not_stretch_what_was_seen_when() -> None:
    removed = datetime(1900, 1, 1)
    rows = [
        series(0, 1, "t1"),
        series(1, 1, "t1", acquisition_datetime_min=removed),
        series(2, 1, "t1", acquisition_datetime_min=None, StudyDate=None),
        series(3, 1, "t1", SoftwareVersions=["XA30"], acquisition_datetime_min=removed),
    ]  # fmt: skip
    (found,) = ask("scanners_versions", rows, first=1980, last=2060)
    assert (found["software"], found["n_series"]) == ("VE11", 2), "one of them without a date"
    assert found["first_seen"] == found["last_seen"] != removed


def test_a_series_deviates_beyond_tolerance_only_and_says_in_what() -> None:
    rows = [
        series(0, 1, "common"),
        series(1, 1, "within", protocol_fingerprint=Q, protocol_is_majority=False),
        series(2, 1, "beyond", protocol_fingerprint=R, protocol_is_majority=False),
        series(3, 1, "elsewhere", scanner_key=B, protocol_fingerprint=R),
    ]  # fmt: skip
    (found,) = ask("scanners_deviating", rows, scanner=A)
    assert found["SeriesDescription"] == "beyond"
    assert found["differences"] == [
        "FlipAngle: – → 9 degrees", "RepetitionTime: 2000 → 2500 ms", "SequenceName: tfl3d → tse",
    ]  # fmt: skip
    assert (found["n_differs"], found["SeriesInstanceUID"]) == (3, "1.2.1")


def test_hashes_and_long_lists_are_told_by_their_start() -> None:
    known = [
        protocol(P, ["frame_echo_times=1", f"siemens_protocol_fingerprint={'a' * 64}"]),
        protocol(R, [f"frame_echo_times={'1234567890' * 9}",
                     f"siemens_protocol_fingerprint={'b' * 64}"],
                 "frame_echo_times", "siemens_protocol_fingerprint"),
    ]  # fmt: skip
    rows = [series(2, 1, "beyond", protocol_fingerprint=R, protocol_is_majority=False)]
    known[0]["parameters"].append("ActualFrameDuration_min=1.8e+05")
    known[1]["parameters"].append("ActualFrameDuration_min=9000")
    known[1]["differs"].append("ActualFrameDuration_min")
    (found,) = ask("scanners_deviating", rows, known, scanner=A)
    assert found["differences"] == [
        "ActualFrameDuration_min: 180000 → 9000 ms",
        f"frame_echo_times: 1 → {'1234567890' * 5}123456789… ms",
        "siemens_protocol_fingerprint: aaaaaaaa → bbbbbbbb",
    ]  # fmt: skip


def test_the_fleet_counts_the_series_that_are_listed() -> None:
    rows = [
        series(n, 1, "t1", protocol_fingerprint=[P, Q, R][n % 3], protocol_is_majority=n % 3 == 0)
        for n in range(20)
    ]
    (scanner,) = ask("scanners_fleet", rows)
    assert scanner["n_deviating"] == len(ask("scanners_deviating", rows, scanner=A)) == 6
    used = ask("scanners_protocols", rows, scanner=A)
    assert scanner["n_protocols"] == len(used) == 3
    assert sum(row["n_series"] for row in used) == scanner["n_series"] == 20


def test_parameters_of_two_protocols_stand_beside_each_other() -> None:
    found = ask("scanners_parameters", [], scanner=A, group="MR · t1", a=P, b=R)
    assert [tuple(row.values()) for row in found] == [
        ("EchoTime_values", "2.5", "2.5"), ("FlipAngle_values", None, "9"),
        ("RepetitionTime_values", "2000", "2500"), ("SequenceName_values", "tfl3d", "tse"),
    ]  # fmt: skip


def test_a_value_may_hold_the_sign_between_name_and_value() -> None:
    odd = [protocol(P, ["ScanOptions=a=b"]), protocol(Q, ["ScanOptions="])]
    found = ask("scanners_parameters", [], odd, scanner=A, group="MR · t1", a=P, b=Q)
    assert [tuple(row.values()) for row in found] == [("ScanOptions", "a=b", "")]


def test_groups_with_several_protocols_come_first() -> None:
    rows = [series(n, 1, "x", protocol_group="MR · many") for n in range(9)]
    rows += [
        series(n, 2, "y", protocol_fingerprint=[P, R][n % 2], protocol_is_majority=n % 2 == 0)
        for n in range(3)
    ]
    found = ask("scanners_usage", rows, scanner=A, unit="month", most=2)
    assert [
        (r["lane"], r["protocol_group"], r["is_majority"], r["period"], r["series"]) for r in found
    ] == [
        (0, "MR · t1", True, date(2024, 1, 1), 2), (1, "MR · t1", False, date(2024, 1, 1), 1),
    ]  # fmt: skip
    assert len(ask("scanners_usage", rows, scanner=A, unit="month", most=9)) == 3


def brain(study: int, *names: str, **values: Any) -> list[Row]:
    return [series(study, number, name, **values) for number, name in enumerate(names, 1)]


def test_a_study_lacks_what_most_of_its_kind_have() -> None:
    rows = [
        *brain(0, "t1_mprage", "T2 TSE", "FLAIR"), *brain(1, "T1 MPRAGE", "t2_tse"),
        *brain(2, "t1-mprage", "t2 tse"), *brain(3, "t1 mprage", StudyDescription="BRAIN"),
        *brain(4, "t2_tse"),
    ]  # fmt: skip
    found = {row["StudyInstanceUID"]: row for row in ask("scanners_incomplete", rows, scanner=A)}
    # t1 and t2 are each in four of five; FLAIR is in one, so nobody lacks it.
    assert {uid: row["missing_series"] for uid, row in found.items()} == {
        "1.3": ["T2 TSE (4/4)"], "1.4": ["T1 MPRAGE (4/4)"],
    }  # fmt: skip
    assert found["1.3"]["n_expected"] == 2
    assert found["1.3"]["n_missing"] == 1
    assert ask("scanners_sessions", rows, scanner=A) == [{"n_studies": 5, "n_judged": 5}]


def test_exactly_half_is_no_majority() -> None:
    rows = [*brain(0, "t1", "x"), *brain(1, "t1", "x"), *brain(2, "t1", "x")]
    rows += [*brain(3, "t1"), *brain(4, "t1"), *brain(5, "t1")]
    assert ask("scanners_incomplete", rows, scanner=A) == []
    rows += brain(6, "t1", "x")  # four of seven
    lacking = ask("scanners_incomplete", rows, scanner=A)
    assert sorted(row["StudyInstanceUID"] for row in lacking) == ["1.3", "1.4", "1.5"]
    assert {tuple(row["missing_series"]) for row in lacking} == {("x (4/6)",)}


def test_four_studies_are_too_few_to_expect_anything() -> None:
    rows = [row for n in range(3) for row in brain(n, "t1", "t2")] + brain(3, "t1")
    assert ask("scanners_incomplete", rows, scanner=A) == []
    assert ask("scanners_sessions", rows, scanner=A) == [{"n_studies": 4, "n_judged": 0}]


@pytest.mark.parametrize(
    "extra",
    [
        {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, {"SeriesDescription": "Topogram 0.6"},
        {"SeriesDescription": "3-Plane Localizer"}, {"Modality": "SR", "n_frames_sum": 0},
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, {"n_frames_sum": 0}, {"Modality": "PR"},
        {"SeriesDescription": None}, {"SeriesDescription": "AAHead_Scout"},
    ],
)  # fmt: skip
def test_localizers_and_reports_are_not_expected(extra: Row) -> None:
    rows = [row for n in range(5) for row in brain(n, "t1")]
    rows += [series(n, 9, "extra", **extra) for n in range(4)]
    assert ask("scanners_incomplete", rows, scanner=A) == []
    plain = [series(n, 9, "extra") for n in range(4)]
    assert len(ask("scanners_incomplete", rows + plain, scanner=A)) == 1


def test_studies_are_compared_by_procedure_where_they_have_no_description() -> None:
    step = {"StudyDescription": None, "PerformedProcedureStepDescription": "Head routine"}
    rows = [row for n in range(5) for row in brain(n, "t1", "t2", **step)]
    rows += [series(5, 1, "t1", **step)]
    rows += [series(6, 1, "t1", StudyDescription=" ")]  # says nothing: compared with none
    (lacking,) = ask("scanners_incomplete", rows, scanner=A)
    assert (lacking["StudyInstanceUID"], lacking["missing_series"]) == ("1.5", ["t2 (5/5)"])
    assert ask("scanners_sessions", rows, scanner=A) == [{"n_studies": 7, "n_judged": 6}]


def test_series_of_other_scanners_belong_to_no_session() -> None:
    rows = [row for n in range(5) for row in brain(n, "t1", "t2")]
    rows[-1]["scanner_key"] = B  # the t2 of the last study was made elsewhere
    (lacking,) = ask("scanners_incomplete", rows, scanner=A)
    assert lacking["missing_series"] == ["t2 (4/4)"]


def test_units_come_from_the_schema() -> None:
    with duckdb.connect() as connection:
        found = connection.sql(
            f"SELECT name, {protocol_units.case()} FROM (VALUES ('EchoTime_values'), "
            "('PercentSampling'), ('SequenceName_values')) AS given(name)"
        ).fetchall()
    assert found == [
        ("EchoTime_values", "ms"), ("PercentSampling", "%"), ("SequenceName_values", None),
    ]  # fmt: skip


def versions(*spans: tuple[int, int]) -> pl.DataFrame:
    return pl.DataFrame(
        [(A, f"<b>{first}", 3, datetime(2020 + first, 1, 1), datetime(2020 + last, 1, 1))
         for first, last in spans],
        schema=["scanner_key", "software", "n_series", "first_seen", "last_seen"], orient="row",
    )  # fmt: skip


def test_versions_that_follow_each_other_are_in_one_line() -> None:
    figure = charts.fleet(versions((0, 1), (2, 4)), {A: "Prisma <i>"}, T, PALETTE)
    assert [list(bar.y) for bar in figure.data] == [[0.0], [0.0]]
    assert [list(bar.text) for bar in figure.data] == [["&lt;b&gt;0"], ["&lt;b&gt;2"]]
    assert [bar.marker.color for bar in figure.data] == PALETTE[:2]
    assert [list(bar.customdata) for bar in figure.data] == [[A], [A]]
    assert list(figure.layout.yaxis.ticktext) == ["Prisma &lt;i&gt;"]
    year = 365 * 24 * 3600 * 1000
    assert abs(figure.data[0].x[0] - year) <= 24 * 3600 * 1000


def test_a_version_has_the_same_colour_on_all_scanners() -> None:
    both = pl.concat([
        versions((0, 1), (2, 3), (4, 5)),
        versions((2, 3), (4, 5)).with_columns(scanner_key=pl.lit(B)),
    ])  # fmt: skip
    figure = charts.fleet(both, {A: "a", B: "b"}, T, PALETTE)
    assert {bar.marker.color: (list(bar.text), list(bar.y)) for bar in figure.data} == {
        PALETTE[0]: (["&lt;b&gt;0"], [0.0]),
        PALETTE[1]: (["&lt;b&gt;2"] * 2, [0.0, 1.0]),
        PALETTE[2]: (["&lt;b&gt;4"] * 2, [0.0, 1.0]),
    }  # fmt: skip


def test_neighbours_never_have_the_same_colour() -> None:
    two = [*PALETTE[:2], PALETTE[-1]]
    second = versions((0, 1), (4, 5)).with_columns(scanner_key=pl.lit(B))
    figure = charts.fleet(
        pl.concat([versions((0, 1), (2, 3), (4, 5)), second]), {A: "a", B: "b"}, T, two
    )
    of_b = [bar.marker.color for bar in figure.data for y in bar.y if y == 1.0]
    assert sorted(of_b) == two[:2]


def test_versions_that_overlap_stand_below_each_other() -> None:
    figure = charts.fleet(versions((0, 3), (1, 2), (3, 4)), {A: "Prisma"}, T, PALETTE)
    first, second, third = (bar.y[0] for bar in figure.data)
    assert first < second
    assert first == third
    assert first + figure.data[0].width[0] / 2 <= second - figure.data[1].width[0] / 2 + 1e-9


def test_long_names_keep_both_ends() -> None:
    labels = charts.lane_labels([("MR · Brain Advanced Sequences · DERIVED ADC", "1"), ("MR", "2")])
    assert labels == ["MR · Brain Adv…s · DERIVED ADC", "MR"]
    assert len(labels[0]) == charts.LONGEST


def test_lanes_are_few() -> None:
    days = [datetime(2020, 1, day) for day in range(1, 10)]
    assert charts.lanes_of([(days[0], days[8])] * 5) == [0, 1, 2, 2, 2]
    spans = [(days[0], days[1]), (days[1], days[2]), (days[1], days[3])]
    assert charts.lanes_of(spans) == [0, 0, 1]


def test_protocols_are_told_apart_by_more_than_colour() -> None:
    used = pl.DataFrame(
        {
            "lane": [0, 1], "protocol_group": ["MR · <t1>"] * 2,
            "protocol_short": ["11111111", "33333333"], "is_majority": [True, False],
            "period": [date(2024, 1, 1), date(2024, 12, 1)], "series": [5, 1],
        }
    )  # fmt: skip
    figure = charts.usage(used, "month", T, "#111111", "#222222")
    common, other = figure.data
    assert (common.name, other.name) == (T("scanners.majority"), T("scanners.minority"))
    assert (common.marker.color, other.marker.color) == ("#111111", "#222222")
    assert (common.marker.pattern.shape, other.marker.pattern.shape) == ("", "/")
    assert list(figure.layout.yaxis.ticktext) == ["MR · &lt;t1&gt;", "↳ 33333333"]
    assert common.hovertext[0] == "MR · &lt;t1&gt;<br>11111111 · 2024-01: 5 series"
    days = 24 * 3600 * 1000
    assert [list(bar.x) for bar in figure.data] == [[31 * days], [31 * days]]


@pytest.mark.parametrize(
    ("unit", "first", "last"),
    [("day", date(2024, 2, 29), date(2024, 2, 29)), ("month", date(2024, 2, 1), date(2024, 2, 29)),
     ("year", date(2024, 1, 1), date(2024, 12, 31)), ("month", date(9999, 12, 1), date.max),
     ("year", date(9999, 1, 1), date.max), ("day", date.min, date.min)],
)  # fmt: skip
def test_the_last_day_of_a_step_of_time(unit: str, first: date, last: date) -> None:
    assert last_day(first, unit) == last


STUDIES = 8
CHANGED_FROM = 6
"""The first study that was measured with another repetition time and other software."""


@pytest.fixture(scope="module")
def drifting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the databank ``drift``: 8 studies of 3 series on one scanner.

    From the seventh study on the first series has another TR; the fourth study lacks the last one.
    """
    home = tmp_path_factory.mktemp("drift")
    shared, add_series = fake_lake._shared, fake_lake._add_series

    def of_one_scanner(seed: int, study: int, number: int, rng: random.Random) -> Row:
        values = shared(seed, 4 * study, number, rng)
        new = study >= CHANGED_FROM
        values |= {"StationName": "STATION-7", "DeviceSerialNumber": "SN-4711"}
        values |= {"SoftwareVersions": ["XA30" if new else "VE11"]}
        values |= {"ProtocolName": values["SeriesDescription"]}
        if new and number == 0:
            values["RepetitionTime"] = 2300.0
        return values

    def all_but_one(part: Any, seed: int, study: int, number: int, instances: int) -> None:
        if (study, number) != (3, 2):
            add_series(part, seed, study, number, instances)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fake_lake, "_shared", of_one_scanner)
        patch.setattr(fake_lake, "_add_series", all_but_one)
        fill(
            home / "databanks" / "drift", studies=STUDIES, series_per_study=3,
            instances_per_series=2,
        )  # fmt: skip
    return home


@pytest.fixture
def drift(drifting: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TAGLAKE_HOME", str(drifting))
    return drifting


def opened(part: str, **address: str) -> AppTest:
    """The page with one of its parts open."""
    app = visit(databank="drift", **address)
    app.session_state["scanner_tabs"] = T(f"scanners.{part}")
    return go(app, "scanners", **address)


def shown(app: AppTest, column: str) -> pl.DataFrame:
    """The table on the page that has this column."""
    frames = [pl.from_pandas(table.value) for table in app.dataframe]
    return next(frame for frame in frames if column in frame.columns)


def test_cards_count_the_fleet(drift: Path) -> None:
    app = visit("scanners", databank="drift")
    assert not app.exception
    assert metrics(app) == {
        "Scanners": "1", "Models": "1", "Software versions": "2", "Protocols": "4",
        "Deviating series": "2",
    }  # fmt: skip
    fleet = shown(app, "n_deviating").row(0, named=True)
    assert (fleet["n_series"], fleet["n_studies"], fleet["n_deviating"]) == (23, 8, 2)


def test_filters_reach_the_scanner(drift: Path) -> None:
    app = visit("scanners", databank="drift", until="2020-05-04")  # two studies
    fleet = shown(app, "n_deviating").row(0, named=True)
    assert (fleet["n_series"], fleet["n_studies"], fleet["n_deviating"]) == (6, 2, 0)


def test_what_changed_is_told_of_the_two_latest_protocols(drift: Path) -> None:
    app = opened("changed")
    assert not app.exception
    changes = shown(app, "protocol_a").rows(named=True)
    assert [(row["parameter"], row["protocol_a"], row["protocol_b"]) for row in changes] == [
        ("TR", "500", "2300")
    ]  # fmt: skip
    assert (changes[0]["change"], changes[0]["unit"], changes[0]["tolerance"]) == (
        1800, "ms", "1 %"
    )  # fmt: skip
    assert changes[0]["judged"] == T("scanners.beyond")
    assert T("scanners.n_changed", beyond="1", within="0") in texts(app)
    app.toggle(key="protocol_changes_all").set_value(True).run()
    assert shown(app, "protocol_a").height > 5


def test_the_siemens_protocol_is_compared_where_there_is_one(drift: Path) -> None:
    app = opened("changed")
    app.toggle(key="siemens_lines").set_value(True).run()
    assert not app.exception
    assert T("scanners.no_siemens") in texts(app)


def test_deviating_series_are_listed_with_what_differs(drift: Path) -> None:
    app = opened("deviating")
    found = shown(app, "differences")
    assert found.height == 2
    assert {tuple(text) for text in found["differences"]} == {("RepetitionTime: 500 → 2300 ms",)}


def test_the_study_that_lacks_a_series_is_listed(drift: Path) -> None:
    app = opened("incomplete")
    found = shown(app, "missing_series")
    assert [list(names) for names in found["missing_series"]] == [["ep2d_diff_b1000 (7/7)"]]
    said = T("scanners.some_incomplete", lacking="1", judged="8", studies="8 studies")
    assert said in texts(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_in_every_language(drift: Path, language: str) -> None:
    t = language_texts(language)
    app = visit("scanners", databank="drift", language=language)
    for part in ("changed", "deviating", "incomplete"):
        app.session_state["scanner_tabs"] = t(f"scanners.{part}")
        app.run()
        assert not app.exception
        assert t("scanners.title") in texts(app)


def test_serial_numbers_are_there_with_identifiers_only_and_never_in_the_address(
    drift: Path,
) -> None:
    app = visit("scanners", databank="drift")
    key = shown(app, "n_deviating")["scanner"][0].split(" · ")[1]
    assert b"SN-4711" not in sent(app)
    assert b"STATION-7" not in sent(app)
    app.toggle(key="identifiers").set_value(True).run()
    assert shown(app, "n_deviating")["DeviceSerialNumber"].to_list() == ["SN-4711"]
    assert "SN-4711 · STATION-7" in app.selectbox(key="scanner").options[0]
    picked = app.selectbox(key="scanner").value
    app.selectbox(key="scanner").set_value(picked).run()
    assert "SN-4711" not in str(app.query_params)
    assert str(picked).startswith(key)


def test_a_scanner_of_the_address_is_shown(home: Path) -> None:
    app = visit("scanners", databank="full")
    options = app.selectbox(key="scanner").options
    assert len(options) == 6  # each study of the full databank has a station of its own
    app.selectbox(key="scanner").select_index(3).run()
    key = str(app.selectbox(key="scanner").value)
    assert app.query_params["scanner"] in (key, [key])
    again = visit("scanners", databank="full", scanner=key)
    assert again.selectbox(key="scanner").value == key
    unknown = visit("scanners", databank="full", scanner="f" * 32)
    assert not unknown.exception
    assert unknown.selectbox(key="scanner").value != "f" * 32


@pytest.mark.parametrize("databank", ["empty", "errors"])
def test_without_series_it_says_what_to_do(home: Path, databank: str) -> None:
    app = visit("scanners", databank=databank)
    assert not app.exception
    assert not app.metric


def test_filtered_to_nothing(home: Path) -> None:
    app = visit("scanners", databank="full", modality="XX")
    assert T("empty.nothing_left") in texts(app)


def test_every_column_has_a_title(home: Path) -> None:
    databank = queries.Databank(home / "databanks" / "full", identifiers=True)
    asked = ("scanners_fleet", "scanners_protocols", "scanners_deviating", "scanners_incomplete")
    named = {
        column
        for name in asked
        for column in queries.ask(
            databank, name, params={} if name == "scanners_fleet" else {"scanner": A}
        ).columns
    }
    assert {name for name in named if f"column.{name}" not in T.entries} == set()


@pytest.mark.parametrize(
    ("seen", "places"),
    [(((1, 9), (4, 8)), (0, 1)), (((5, 9), (1, 8)), (1, 0)), (((None, None), (1, 1)), (1, 0))],
)
def test_the_earlier_of_the_two_latest_comes_first(
    seen: tuple[tuple[int | None, int | None], ...], places: tuple[int, int]
) -> None:
    rows = [{"first_seen": first and datetime(2024, 1, first)} for first, _ in seen]
    assert protocol_changes.latest(rows) == places


def test_large_numbers_are_written_out() -> None:
    compared = protocols.differences(
        pl.DataFrame({"parameter": ["ActualFrameDuration_min"], "value": ["1.8e+05"],
                      "unit": ["ms"]}),
        pl.DataFrame({"parameter": ["ActualFrameDuration_min"], "value": ["1.7e+05"],
                      "unit": ["ms"]}),
        protocols.tolerances("PT"),
    )  # fmt: skip
    (row,) = protocol_changes.worded(T, compared).rows(named=True)
    assert (row["protocol_a"], row["protocol_b"], row["change"]) == ("180000", "170000", -10000)
    assert (row["tolerance"], row["judged"]) == ("2 %", T("scanners.beyond"))
