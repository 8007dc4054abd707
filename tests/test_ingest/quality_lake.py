"""Lakes of explicit series, each one instance, and what is worked out of them.

A case is a study; values are those of the header as the reader types them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ingest.schema import TABLES
from tests.test_ingest.derive_lake import Reading, add, derive_and_list, table

Values = Mapping[str, Any]
DAY = dt.date(2024, 5, 2)
TEN = dt.datetime(2024, 5, 2, 10, 0)
FDG: Values = {
    # 300 MBq at 80 kg, an hour before 10 o'clock; half-life of F-18
    "Modality": "PT", "Radiopharmaceutical": "FDG", "RadionuclideTotalDose": 300e6,
    "RadionuclideHalfLife": 6586.2, "RadiopharmaceuticalStartDateTime": dt.datetime(2024, 5, 2, 9),
    "PatientWeight": 80.0, "PatientSize": 2.0, "PatientAge": "045Y", "StudyDate": DAY,
    "StudyTime": dt.time(9, 50), "SeriesDate": DAY, "SeriesTime": dt.time(10, 0),
    "acquisition_datetime": TEN, "Units": "BQML", "DecayCorrection": "START",
    "Manufacturer": "Maker", "ManufacturerModelName": "PET 1", "ActualFrameDuration": 120000.0,
}  # fmt: skip


def without(*names: str, **changed: Any) -> dict[str, Any]:
    """FDG without some values, and with others changed."""
    return {k: v for k, v in FDG.items() if k not in names} | changed


def series(study: str, number: int, values: Values, **more: Any) -> Reading:
    """A series of one instance; ``more`` goes to Reading."""
    uid = f"{study}.{number}"
    return Reading(f"u{uid}", f"i{uid}", study, uid, values=values, **more)


def unreadable(*paths: str) -> list[tuple[str, str | None, str | None, str | None]]:
    """What the reader says of values that are there and cannot be read."""
    return [("value_unparsable", path, "something", "x") for path in paths]


def derived(root: Path, readings: Iterable[Reading]) -> Path:
    """A lake with all columns, derived."""
    derive_and_list(root, [add(root, list(readings))], TABLES)
    return root


def by_series(root: Path) -> dict[str, dict[str, Any]]:
    return {row["SeriesInstanceUID"]: row for row in table(root, "series").to_dicts()}


def by_study(root: Path) -> dict[str, dict[str, Any]]:
    return {row["StudyInstanceUID"]: row for row in table(root, "studies").to_dicts()}


def findings(root: Path) -> set[tuple[str, str | None]]:
    """(rule, series; else study) of all findings."""
    rows = table(root, "findings").select("rule", "SeriesInstanceUID", "StudyInstanceUID").rows()
    return {(rule, of_series or study) for rule, of_series, study in rows}
