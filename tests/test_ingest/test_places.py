"""What questions count by: the number of the study, equipment, localizers, irradiations of CT."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.lake import layout, snapshot
from tests.lake_reader import open_reader
from tests.test_ingest.derive_lake import Reading
from tests.test_ingest.quality_lake import TEN, by_series, by_study, derived

PLACES = ("study_row", "equipment", "is_localizer", "is_derived")
OF_IRRADIATIONS = ("ct_irradiation", "ct_reconstruction", "ct_protocol")
CT: dict[str, Any] = {"Modality": "CT", "CTDIvol": 10.0, "AcquisitionNumber": 1, "KVP": 120.0}
START = {"AcquisitionNumber": None, "acquisition_datetime": TEN}
ROWS: tuple[tuple[str | None, str, dict[str, Any]], ...] = (
    ("2", "2.1", {"Modality": "CT", "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"],
                  "Manufacturer": "Maker", "ManufacturerModelName": "One",
                  "SoftwareVersions": ["A", "B 2"]}),
    ("2", "2.2", {"Modality": "CT", "ImageType": ["DERIVED", "SECONDARY", "AXIAL"],
                  "Manufacturer": "Maker"}),
    ("10", "10.1", {"Modality": "MR", "ImageType": ["derived", "PRIMARY", "M"],
                    "SoftwareVersions": ["7"]}),
    (None, "0.1", {"Modality": "CT"}),
)  # fmt: skip
EXPECTED = {
    # UIDs sort as text; what has none is no study and has the number 0.
    "2.1": (2, "Maker · One · A B 2", True, False),
    "2.2": (2, "Maker · — · —", False, True),
    "10.1": (1, "— · — · 7", False, True),
    "0.1": (0, "— · — · —", False, False),
}


SCANS: tuple[tuple[str | None, str, dict[str, Any]], ...] = (
    # One irradiation reconstructed four times: 3.2 has two instances.
    ("3", "3.1", {**CT, "SeriesNumber": 1, "ImageType": ["DERIVED"], "ProtocolName": "B"}),
    ("3", "3.2", {**CT, "SeriesNumber": 5, "CTDIvol": 10.004, "SeriesDescription": "A"}),
    ("3", "3.2", {**CT, "SeriesNumber": 5, "CTDIvol": 10.004, "SeriesDescription": "A"}),
    ("3", "3.3", {**CT, "SeriesNumber": 4}),
    ("3", "3.4", {**CT, "SeriesNumber": 3}),
    ("3", "3.5", {**CT, "SeriesNumber": 3}),
    # Others: another acquisition, dose, voltage, study.
    ("3", "3.6", {**CT, "AcquisitionNumber": 2}),
    ("3", "3.7", {**CT, "CTDIvol": 10.01}),
    ("3", "3.8", {**CT, "KVP": 100.0}),
    ("4", "4.1", CT),
    # Without a number the start counts; without a start, or a study, each is for itself.
    ("4", "4.2", {**CT, **START, "SeriesDescription": "at ten"}),
    ("4", "4.3", {**CT, **START, "ProtocolName": "Z"}),
    ("4", "4.4", {**CT, "AcquisitionNumber": None}),
    ("4", "4.5", {**CT, "AcquisitionNumber": None}),
    (None, "0.2", {**CT, "ProtocolName": "none"}),
    (None, "0.3", CT),
    # No irradiation: a localizer, no dose, a dose of infinity, not CT.
    ("4", "4.6", {**CT, "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"], "ProtocolName": "L"}),
    ("4", "4.7", {**CT, "CTDIvol": 0.0}),
    ("4", "4.8", {**CT, "CTDIvol": None}),
    ("4", "4.9", {**CT, "Modality": "PT", "ProtocolName": "P"}),
)  # fmt: skip
IRRADIATIONS = [
    ["0.2"], ["0.3"], ["3.2", "3.4", "3.5", "3.3", "3.1"], ["3.6"], ["3.7"], ["3.8"], ["4.1"],
    ["4.2", "4.3"], ["4.4"], ["4.5"],
]  # fmt: skip
"""Their series in the order in which they stand for it."""
PROTOCOLS = {"3": "A", "4": "Z", None: None}
"""Of the series with most instances, else of the largest UID that has a name: 4.3."""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return derived(tmp_path, readings(ROWS))


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    return derived(tmp_path, readings(SCANS))


def readings(rows: Iterable[tuple[str | None, str, dict[str, Any]]]) -> list[Reading]:
    return [
        Reading(f"u{uid}/{n}", f"i{uid}.{n}", study, uid, values=values)
        for n, (study, uid, values) in enumerate(rows)
    ]


def test_places_are_as_worked_out_by_hand(lake: Path) -> None:
    found = {uid: tuple(row[name] for name in PLACES) for uid, row in by_series(lake).items()}
    assert found == EXPECTED


def test_studies_have_the_numbers_of_their_series(lake: Path) -> None:
    assert {uid: row["study_row"] for uid, row in by_study(lake).items()} == {
        None: 0, "10": 1, "2": 2,
    }  # fmt: skip


def irradiations(rows: Iterable[tuple[str, int | None, int | None]]) -> list[list[str]]:
    """The series of each irradiation, by (series, irradiation, place among its reconstructions)."""
    found: dict[int, dict[int, str]] = {}
    for uid, irradiation, place in rows:
        assert (irradiation is None) == (place is None)
        if irradiation is not None and place is not None:
            assert place not in found.setdefault(irradiation, {})
            found[irradiation][place] = uid
    assert all(sorted(series) == [*range(1, len(series) + 1)] for series in found.values())
    return sorted([series[place] for place in sorted(series)] for series in found.values())


def test_irradiations_are_as_worked_out_by_hand(scans: Path) -> None:
    found = by_series(scans)
    places = [(uid, row["ct_irradiation"], row["ct_reconstruction"]) for uid, row in found.items()]
    assert irradiations(places) == sorted(IRRADIATIONS)
    assert {row["StudyInstanceUID"]: row["ct_protocol"] for row in found.values()} == PROTOCOLS


def test_a_version_without_irradiations_gives_the_same(scans: Path) -> None:
    folder = layout.derived(scans, layout.OPEN) / str(snapshot.read(scans).derived)
    path = folder / "series.parquet"
    pl.read_parquet(path).drop(OF_IRRADIATIONS, "is_localizer", "is_derived").write_parquet(path)
    with open_reader(scans, True) as reader:
        names = ", ".join(OF_IRRADIATIONS)
        rows = reader.execute(f"SELECT SeriesInstanceUID, StudyInstanceUID, {names} FROM series")
        found = rows.fetchall()
    assert irradiations((uid, number, place) for uid, _, number, place, _ in found) == sorted(
        IRRADIATIONS
    )
    assert {study: protocol for _, study, *_, protocol in found} == PROTOCOLS


@pytest.mark.parametrize("identifiers", [False, True])
def test_a_version_that_was_derived_before_them_gives_the_same(
    lake: Path, identifiers: bool
) -> None:
    folder = layout.derived(lake, layout.OPEN) / str(snapshot.read(lake).derived)
    for table in ("series", "studies"):
        path = folder / f"{table}.parquet"
        pl.read_parquet(path).drop(PLACES, strict=False).write_parquet(path)
    with open_reader(lake, identifiers) as reader:
        rows = reader.execute(f"SELECT SeriesInstanceUID, {', '.join(PLACES)} FROM series")
        assert {uid: tuple(places) for uid, *places in rows.fetchall()} == EXPECTED
        studies = reader.execute("SELECT StudyInstanceUID, study_row FROM studies")
        assert dict(studies.fetchall()) == {None: 0, "10": 1, "2": 2}
