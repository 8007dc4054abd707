"""What questions count by: the number of the study, equipment, localizers, derived images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.lake import layout, snapshot, views
from tests.test_ingest.derive_lake import Reading
from tests.test_ingest.quality_lake import by_series, by_study, derived

PLACES = ("study_row", "equipment", "is_localizer", "is_derived")
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


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return derived(
        tmp_path,
        [Reading(f"u{uid}", f"i{uid}", study, uid, values=values) for study, uid, values in ROWS],
    )


def test_places_are_as_worked_out_by_hand(lake: Path) -> None:
    found = {uid: tuple(row[name] for name in PLACES) for uid, row in by_series(lake).items()}
    assert found == EXPECTED


def test_studies_have_the_numbers_of_their_series(lake: Path) -> None:
    assert {uid: row["study_row"] for uid, row in by_study(lake).items()} == {
        None: 0, "10": 1, "2": 2,
    }  # fmt: skip


@pytest.mark.parametrize("identifiers", [False, True])
def test_a_version_that_was_derived_before_them_gives_the_same(
    lake: Path, identifiers: bool
) -> None:
    folder = layout.derived(lake, layout.OPEN) / str(snapshot.read(lake).derived)
    for table in ("series", "studies"):
        path = folder / f"{table}.parquet"
        pl.read_parquet(path).drop(PLACES, strict=False).write_parquet(path)
    with views.open_reader(lake, identifiers) as reader:
        rows = reader.execute(f"SELECT SeriesInstanceUID, {', '.join(PLACES)} FROM series")
        assert {uid: tuple(places) for uid, *places in rows.fetchall()} == EXPECTED
        studies = reader.execute("SELECT StudyInstanceUID, study_row FROM studies")
        assert dict(studies.fetchall()) == {None: 0, "10": 1, "2": 2}
