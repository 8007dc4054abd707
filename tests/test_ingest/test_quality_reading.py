"""From files to quality values: what pydicom writes, through the reader, into the lake."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage

from tests.in_process import ingested
from tests.test_ingest.quality_lake import by_series

Header = Mapping[str, Any]
OF_INJECTION = frozenset({
    "RadionuclideTotalDose", "RadionuclideHalfLife", "RadiopharmaceuticalStartTime",
    "RadiopharmaceuticalStartDateTime",
})  # fmt: skip
BASE: Header = {
    "Modality": "PT", "StudyDate": "20240502", "PatientWeight": "80", "AcquisitionDate": "20240502",
    "RadionuclideTotalDose": "300000000",
}  # fmt: skip

CASES: dict[str, tuple[Header, float | None, str]] = {
    # header, uptake in minutes, its status
    "HH": ({"AcquisitionTime": "10", "RadiopharmaceuticalStartTime": "09"}, 60, "ok"),
    "HHMM": ({"AcquisitionTime": "1000", "RadiopharmaceuticalStartTime": "0905"}, 55, "ok"),
    "HHMMSS": ({"AcquisitionTime": "100030", "RadiopharmaceuticalStartTime": "090000"}, 60.5, "ok"),
    "fraction": (
        {"AcquisitionTime": "100000.500000", "RadiopharmaceuticalStartTime": "090000.5"}, 60, "ok"),
    "midnight": ({"AcquisitionTime": "003000", "RadiopharmaceuticalStartTime": "2330"}, 60, "ok"),
    "no time": ({"AcquisitionTime": "100000", "RadiopharmaceuticalStartTime": "9 o'clock"},
                None, "parse_fail"),
    "empty time": ({"AcquisitionTime": "100000", "RadiopharmaceuticalStartTime": ""},
                   None, "missing"),
    "no acquisition time": ({"AcquisitionTime": "10h", "RadiopharmaceuticalStartTime": "0900"},
                            None, "parse_fail"),
    "UTC in a data set of +0200": (
        {"AcquisitionTime": "100000", "TimezoneOffsetFromUTC": "+0200",
         "RadiopharmaceuticalStartDateTime": "20240502070000.000000+0000"}, 60, "ok"),
    "both with offsets": (
        {"AcquisitionDateTime": "20240502080000-0330",
         "RadiopharmaceuticalStartDateTime": "20240502111500+0100"}, 75, "ok"),
    "acquisition with offset, injection in that of the data set": (
        {"AcquisitionDateTime": "20240502080000+0000", "TimezoneOffsetFromUTC": "+0200",
         "RadiopharmaceuticalStartDateTime": "20240502090000"}, 60, "ok"),
    "another day by the clock of the data set": (
        {"AcquisitionDateTime": "20240501233000+0000", "TimezoneOffsetFromUTC": "+0100",
         "RadiopharmaceuticalStartTime": "233000"}, 60, "ok"),
}  # fmt: skip


def write(path: Path, uid: str, header: Header) -> None:
    """A PET file whose texts are written as they are, valid or not."""
    file = FileMetaDataset()
    file.MediaStorageSOPClassUID = PositronEmissionTomographyImageStorage
    file.MediaStorageSOPInstanceUID = UID(f"{uid}.1.1")
    file.TransferSyntaxUID = ExplicitVRLittleEndian
    found = FileDataset(str(path), {}, file_meta=file, preamble=bytes(128))
    given = Dataset()
    found.SOPClassUID, found.SOPInstanceUID = file.MediaStorageSOPClassUID, UID(f"{uid}.1.1")
    found.StudyInstanceUID, found.SeriesInstanceUID = uid, f"{uid}.1"
    for name, value in {**BASE, **header}.items():
        setattr(given if name in OF_INJECTION else found, name, value)
    found.RadiopharmaceuticalInformationSequence = Sequence([given])
    found.save_as(path, enforce_file_format=True)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("files")
    mode = pydicom.config.settings.writing_validation_mode
    reading = pydicom.config.settings.reading_validation_mode
    pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    try:
        for number, (header, _, _) in enumerate(CASES.values(), 1):
            write(folder / f"{number}.dcm", f"1.2.{number}", header)
    finally:
        pydicom.config.settings.writing_validation_mode = mode
        pydicom.config.settings.reading_validation_mode = reading
    root = tmp_path_factory.mktemp("lake") / "bank"
    assert ingested(folder, root).ok == len(CASES)
    rows = by_series(root)
    return {name: rows[f"1.2.{number}.1"] for number, name in enumerate(CASES, 1)}


@pytest.mark.parametrize("name", CASES)
def test_uptake_of_files(name: str, lake: dict[str, dict[str, Any]]) -> None:
    _, minutes, status = CASES[name]
    row = lake[name]
    assert (row["uptake_minutes"], row["uptake_status"]) == (minutes, status)
    assert row["dose_per_kg_MBq"] == 3.75


@pytest.mark.parametrize(("name", "acquisition", "injection"), [
    ("HH", None, None), ("UTC in a data set of +0200", None, 0), ("both with offsets", -210, 60),
])  # fmt: skip
def test_offsets_are_kept(
    name: str, acquisition: int | None, injection: int | None, lake: dict[str, dict[str, Any]]
) -> None:
    row = lake[name]
    assert row["AcquisitionDateTime_offset_minutes"] == acquisition
    assert row["RadiopharmaceuticalStartDateTime_offset_minutes"] == injection
