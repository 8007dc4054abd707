"""Fingerprints of protocols against SHA-256 over lines written by hand, and who deviates."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ingest.derive import protocols
from ingest.lake import databank
from ingest.schema import TABLES
from tests.test_ingest.derive_lake import Reading, add, derive_and_list, table

DAY = dt.datetime(2024, 5, 6, 8)
SCANNER = {
    "Manufacturer": "Siemens", "ManufacturerModelName": "Vida", "DeviceSerialNumber": "77",
    "StationName": "MR1", "Modality": "MR", "ProtocolName": "t1", "SoftwareVersions": ["XA30"],
}  # fmt: skip


def sha(*lines: str) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def series(number: int, **values: Any) -> list[Reading]:
    """A series of one instance, a minute after the one before."""
    at = DAY + dt.timedelta(minutes=number)
    own = {**SCANNER, "acquisition_datetime": at, "patient_key": f"p{number}", **values}
    return [Reading(f"u{number}", f"i{number}", f"s{number:02d}", f"s{number:02d}.1", values=own)]


def derived(root: Path, *readings: Sequence[Reading]) -> pl.DataFrame:
    """The series of a lake of these, by their order; all columns of the schema."""
    add(root, [r for part in readings for r in part])
    derive_and_list(root, None, TABLES)
    return table(root, "series")


MR = {"EchoTime": 4.9999, "RepetitionTime": 2300.0, "FlipAngle": 9.0, "Rows": 256, "Columns": 240}
MR_LINES = (
    "Columns_values=240", "EchoTime_values=5", "FlipAngle_values=9", "RepetitionTime_values=2300",
    "Rows_values=256",
)  # fmt: skip
PT = {
    "Modality": "PT", "Radiopharmaceutical": "FDG", "ReconstructionMethod": "OSEM3D",
    "CorrectedImage": ["DECY", "ATTN"], "PixelSpacing": [4.07283, 4.07283], "Units": "BQML",
    "ActualFrameDuration": 120000.0, "ReconstructionIterations": 3, "PatientWeight": 80.0,
    "NumberOfSlices": 300, "SliceThickness": -0.0,
}  # fmt: skip
PT_LINES = (
    "ActualFrameDuration_max=1.2e+05", "ActualFrameDuration_min=1.2e+05",
    "CorrectedImage=DECY\\ATTN", "PixelSpacing=4.073\\4.073", "ReconstructionIterations=3",
    "ReconstructionMethod=OSEM3D", "SliceThickness_values=0", "Units=BQML",
)  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame]:
    """Nine series, of which 0 to 4 are one group of a scanner."""
    root = tmp_path_factory.mktemp("protocols") / "bank"
    found = derived(
        root,
        series(0, **MR),
        series(1, **{**MR, "EchoTime": 5.0}),  # the same to four digits
        series(2, **{**MR, "EchoTime": 5.04}),  # another fingerprint, within 1 %
        series(3, **{**MR, "EchoTime": 5.06}),  # beyond 1 %
        series(4, **{**MR, "InversionTime": 900.0, "FlipAngle": 9.5}),  # 0.5 degrees are allowed
        series(5, **PT),
        series(6, Modality="SR", SoftwareVersions=None),
        series(7, EchoTime=float("nan"), ProtocolName=None, SeriesDescription="x\ny"),
        series(8, **MR, ImageType=["DERIVED", "PRIMARY", "DIFFUSION", "ADC"]),
    )
    return root, found.sort("StudyInstanceUID")


def test_fingerprints_are_those_of_lines_written_by_hand(lake: tuple[Path, pl.DataFrame]) -> None:
    rows = lake[1]["protocol_fingerprint"].to_list()
    assert rows[0] == rows[1] == rows[8] == sha(*MR_LINES)
    assert rows[2] == sha(*(line.replace("=5", "=5.04") for line in MR_LINES))
    assert rows[5] == sha(*PT_LINES)
    assert rows[6:8] == [None, None]


def test_status_says_why_there_is_none(lake: tuple[Path, pl.DataFrame]) -> None:
    assert lake[1]["protocol_status"].to_list() == ["ok"] * 6 + ["no_fields", "empty", "ok"]


def test_groups_are_named(lake: tuple[Path, pl.DataFrame]) -> None:
    groups = lake[1]["protocol_group"].to_list()
    assert groups[0] == "MR · t1"
    assert groups[5:] == ["PT · FDG", "SR · t1", "MR · x y", "MR · t1 · DERIVED DIFFUSION ADC"]


def test_the_key_of_a_scanner_is_keyed_twice(lake: tuple[Path, pl.DataFrame]) -> None:
    root, found = lake
    key = hashlib.blake2b(b"scanner_key", key=databank.secret_key(root)).hexdigest()
    inner = hashlib.sha256(f"{key}SIEMENS\x1fVIDA\x1f77\x1fMR1".encode()).hexdigest()
    outer = hashlib.sha256((key + inner).encode()).hexdigest()
    assert set(found["scanner_key"]) == {outer[:16]}


def test_majority_and_shares(lake: tuple[Path, pl.DataFrame]) -> None:
    root, found = lake
    made = table(root, "protocols").filter(protocol_group="MR · t1").sort("first_seen")
    assert made["n_series"].to_list() == [2, 1, 1, 1]
    assert made["share"].to_list() == [0.4, 0.2, 0.2, 0.2]
    assert made["is_majority"].to_list() == [True, False, False, False]
    assert made["example_SeriesInstanceUID"].to_list() == ["s00.1", "s02.1", "s03.1", "s04.1"]
    assert made["parameters"][0].to_list() == list(MR_LINES)
    assert found["protocol_share"].to_list() == [0.4, 0.4, 0.2, 0.2, 0.2, 1.0, None, None, 1.0]
    assert found["protocol_is_majority"].to_list() == [
        True, True, False, False, False, True, None, None, True
    ]  # fmt: skip


def test_who_differs_beyond_the_tolerance(lake: tuple[Path, pl.DataFrame]) -> None:
    made = table(lake[0], "protocols").filter(protocol_group="MR · t1").sort("first_seen")
    assert made["differs"].to_list() == [[], [], ["EchoTime_values"], ["InversionTime_values"]]


KINDS: list[tuple[dict[str, Any], list[str] | None]] = [
    ({"Modality": "SEG", "ImplementationVersionName": "highdicom0.23.0"}, ["SEG", "highdicom"]),
    ({"Modality": "SEG", "Manufacturer": "QIICR, compressed"}, ["QIICR", "SEG"]),
    ({"Modality": "CT", "ctp_collection": "LIDC"}, ["CTP"]),
    ({"Modality": "CT", "ctp_flag": "1", "SoftwareVersions": ["dcmqi 1.2"]}, ["CTP", "QIICR"]),
    ({"Modality": "KO"}, ["KO"]),
    ({"Modality": "MR"}, None),
]


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame]:
    """Series of scanners of their own, each of which has a test."""
    common = {**MR, "StationName": "common"}
    later = {**common, "EchoTime": 1.0}
    same = {**MR, "StationName": "again", "patient_key": "p", "acquisition_datetime": DAY}
    several = [
        Reading(f"v{n}", f"v{n}", "v", "v.1", values={**SCANNER, "StationName": "v", "EchoTime": t})
        for n, t in enumerate((10.0, 4.9999, 5.0, 5.00001))
    ]
    root = tmp_path_factory.mktemp("others") / "bank"
    found = derived(
        root,
        several,
        series(3, **later), series(1, **common), series(2, **later), series(4, **common),
        series(10, **same),
        series(11, **same),
        series(12, **{**same, "Rows": 128}),
        series(13, **{**same, "patient_key": "q"}),
        series(14, **{**same, "acquisition_datetime": None}),
        series(15, **{**same, "acquisition_datetime": None}),
        *(series(n, **said) for n, (said, _) in enumerate(KINDS, 20)),
    )  # fmt: skip
    return root, found.sort("StudyInstanceUID")


def of_series(found: pl.DataFrame, first: str, last: str) -> pl.DataFrame:
    between = pl.col("StudyInstanceUID").is_between(pl.lit(f"s{first}"), pl.lit(f"s{last}"))
    return found.filter(between)


def test_of_equally_common_protocols_the_first_seen_is_the_majority(
    others: tuple[Path, pl.DataFrame],
) -> None:
    (scanner,) = set(of_series(others[1], "01", "04")["scanner_key"])
    made = table(others[0], "protocols").filter("is_majority", scanner_key=scanner)
    assert made["protocol_fingerprint"].to_list() == [sha(*MR_LINES)]
    assert made["first_seen"].to_list() == [DAY + dt.timedelta(minutes=1)]
    assert made["last_seen"].to_list() == [DAY + dt.timedelta(minutes=4)]


def test_values_that_agree_to_four_digits_are_one(others: tuple[Path, pl.DataFrame]) -> None:
    found = others[1].filter(StudyInstanceUID="v")
    assert found["protocol_fingerprint"].to_list() == [sha("EchoTime_values=5\\10")]


def test_kinds_of_derived_objects(others: tuple[Path, pl.DataFrame]) -> None:
    kinds = of_series(others[1], "20", "25")["derived_kinds"].to_list()
    assert kinds == [expected for _, expected in KINDS]


def test_an_acquisition_that_comes_twice_is_repeated(others: tuple[Path, pl.DataFrame]) -> None:
    found = of_series(others[1], "10", "15")
    repeated = found["repeated_acquisition"].to_list()
    assert repeated == [True, True, False, False, None, None]
    assert found["acquisition_signature"].null_count() == 2


def test_step_by_step_as_at_once_in_any_order(tmp_path: Path) -> None:
    rng = random.Random(4)
    readings = [
        series(n, **{**MR, "EchoTime": rng.choice([5.0, 5.2, 7.0]), "StationName": f"MR{n % 2}"})
        for n in range(12)
    ]
    results = []
    for root in (tmp_path / "one", tmp_path / "other"):
        rng.shuffle(readings)
        for part in (readings[:7], readings[7:]):
            derive_and_list(root, [add(root, [r for s in part for r in s])], TABLES)
        results.append({name: table(root, name) for name in ("series", "protocols")})
    derive_and_list(tmp_path / "one", None, TABLES)
    for name, frame in results[0].items():
        assert_frame_equal(frame, table(tmp_path / "one", name), check_exact=True)
    of_protocols = [c for c in TABLES["series"].schema() if c.startswith("protocol_")]
    one, other = (
        (
            tables["series"].select(of_protocols),
            tables["protocols"].drop("scanner_key").sort("example_SeriesInstanceUID"),
        )
        for tables in results
    )
    for first, second in zip(one, other, strict=True):
        assert_frame_equal(first, second, check_exact=True)


def test_other_parameters_are_not_carried_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "bank"
    derived(root, series(0, **MR))
    fewer = protocols.families(
        {"MR": {"modalities": ["MR"], "in": {"Rows_values": {"why": "matrix"}}, "out": {}}}
    )
    monkeypatch.setattr(protocols, "FAMILIES", fewer)
    monkeypatch.setattr(protocols, "digest", lambda: "other")
    derive_and_list(root, [add(root, series(1, **MR))], TABLES)
    assert table(root, "series")["protocol_fingerprint"].to_list() == [sha("Rows_values=256")] * 2


def test_every_parameter_is_a_column_that_may_be_shown() -> None:
    for family in protocols.FAMILIES:
        names = [parameter.column.name for parameter in family.parameters]
        assert names == sorted(names)
        assert not set(names) & set(family.left_out)
        assert not any(parameter.column.phi for parameter in family.parameters)
        assert all(parameter.why for parameter in family.parameters)
        assert all(family.left_out.values())
        for parameter in family.parameters:
            assert not parameter.column.name.endswith("UID")
            if parameter.tolerance != protocols.Tolerance():
                assert "Float64" in str(parameter.column.dtype)
    modalities = [m for family in protocols.FAMILIES for m in family.modalities]
    assert len(modalities) == len(set(modalities))
