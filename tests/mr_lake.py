"""A databank of a few MR series, written from the schema, for the page and the command.

Two studies of one patient on a Siemens (1 and 2), three alike of others on a GE, one of which lacks
a class, with a dynamic group each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.derive import anew
from ingest.lake import snapshot
from ingest.schema import TABLES
from tests.test_ingest.derive_lake import Reading, add, derive_and_list

GE = "GE MEDICAL SYSTEMS"
ROWS = 18
"""Rows of mr_cleaned."""
TEN = dt.datetime(2024, 5, 2, 10)
PLAIN: Mapping[str, Any] = {
    "Modality": "MR", "Manufacturer": "SIEMENS", "ManufacturerModelName": "Prisma",
    "MagneticFieldStrength": 3.0, "MRAcquisitionType": "2D",
    "ImageType": ["ORIGINAL", "PRIMARY", "M"],
    "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0], "Rows": 256, "Columns": 256,
    "SliceThickness": 5.0, "StudyDescription": "Head",
}  # fmt: skip
SE = {"ScanningSequence": ["SE"], "SequenceVariant": ["SK"], "FlipAngle": 90.0}
T1 = {**SE, "SeriesDescription": "t1_se_tra", "ProtocolName": "t1_se_tra", "RepetitionTime": 600.0,
      "EchoTime": 10.0}  # fmt: skip
T2 = {**SE, "SeriesDescription": "t2_tse_tra", "ProtocolName": "t2_tse_tra", "EchoTrainLength": 15,
      "RepetitionTime": 5000.0, "EchoTime": 100.0}  # fmt: skip
FIELD = {"ScanningSequence": ["GR"], "SequenceVariant": ["SP"], "FlipAngle": 60.0,
         "SeriesDescription": "gre_field", "ProtocolName": "gre_field_mapping",
         "RepetitionTime": 400.0}  # fmt: skip
LOCALIZER = {"ScanningSequence": ["GR"], "SeriesDescription": "localizer",
             "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"], "RepetitionTime": 8.0,
             "EchoTime": 3.0}  # fmt: skip
ODD = {"ScanningSequence": ["RM"], "SeriesDescription": "research thing", "ProtocolName": "x",
       "ImageType": ["ORIGINAL", "PRIMARY", "OTHER"]}  # fmt: skip
DYNAMIC = {"ScanningSequence": ["GR"], "SequenceVariant": ["SP"], "SeriesDescription": "LAVA",
           "ProtocolName": "LAVA", "RepetitionTime": 4.0, "EchoTime": 1.5, "FlipAngle": 12.0,
           "MRAcquisitionType": "3D"}  # fmt: skip


def make(root: Path) -> Path:
    """The databank, derived."""
    day = dt.timedelta(days=1)
    files = [
        *_series("1", 1, T1, at=0), *_series("1", 2, T2, at=5),
        *_series("1", 3, {**FIELD, "EchoTime": 4.92}, {**FIELD, "EchoTime": 7.38}, at=10),
        *_series("1", 4, LOCALIZER, at=15), *_series("1", 5, T1, at=20),
        *_series("2", 1, T1, at=0, start=TEN + day), *_series("2", 2, ODD, at=1, start=TEN + day),
    ]  # fmt: skip
    ge = {"Manufacturer": GE, "ManufacturerModelName": "SIGNA Premier",
          "StudyDescription": "Liver"}  # fmt: skip
    for n in (3, 4, 5):
        study, shared = str(n), {**ge, "patient_key": f"k{n}"}
        agent = {"ContrastBolusAgent": "Gd"}
        files += _series(study, 1, {**DYNAMIC, **shared}, at=0)
        files += _series(study, 2, {**DYNAMIC, **shared, **agent}, at=2)
        if n > 3:
            files += _series(study, 3, {**T2, **shared}, at=4)
        files += _series(study, 4, {**ODD, **shared}, at=6) if n == 5 else []
        files += _series(study, 5, {"Modality": "CT", **shared}, at=8)
        files += _series(study, 6, {**ODD, **shared}, at=9) if n == 4 else []
    derive_and_list(root, [add(root, files)], TABLES)
    return root


def follow(root: Path) -> None:
    """Derive again, as after a correction."""
    anew.again(root)


def alone(root: Path) -> Path:
    """A databank without any MR."""
    derive_and_list(root, [add(root, _series("9", 1, {"Modality": "CT"}, at=0))], TABLES)
    assert snapshot.read(root).derived
    return root


def _series(
    study: str, number: int, *images: Mapping[str, Any], at: int, start: dt.datetime = TEN
) -> list[Reading]:
    uid, when = f"{study}.{number}", start + dt.timedelta(minutes=at)
    own = {"acquisition_datetime": when, "StudyDate": when.date(), "SeriesNumber": number,
           "patient_key": "k1"}  # fmt: skip
    return [
        Reading(f"u{uid}.{n}", f"i{uid}.{n}", study, uid, values={**PLAIN, **own, **values})
        for n, values in enumerate(images)
    ]
