"""Seven studies whose quality was worked out by hand: six with FDG, and an MR.

| study | activity   | weight | injected            | acquired | uptake (min) | MBq/kg |
|-------|------------|--------|---------------------|----------|--------------|--------|
| 1     | 240e6 Bq   | 80     | 090000              | 100000   | 60           | 3.0    |
| 2     | 60e6 Bq    | 80     | 090000              | 100000   | 60           | 0.75   |
| 3     | 300e6 Bq   | none   | 091500              | 100000   | 45           | none   |
| 4     | none       | 70     | 11:00 the same day  | 100000   | -60          | none   |
| 5     | 210 (MBq)  | 70     | 233000              | 003000   | 60           | 3.0    |
| 6     | 350e6 Bq   | 100    | 0900                | 140000   | 300          | 3.5    |
| 7     | an MR without sex                                                              |
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ExplicitVRLittleEndian,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
)

from ingest.lake import databank
from tests.in_process import ingested

UID = "1.2.826.0.1.4711"


class Given(NamedTuple):
    """What the header of a PET study says."""

    activity: str
    weight: str
    injected: str
    acquired: str = "100000"
    moment: str = ""


PET = (
    Given("240000000", "80", "090000"),
    Given("60000000", "80", "090000"),
    Given("300000000", "", "091500"),
    Given("", "70", "", moment="20240304110000"),
    Given("210", "70", "233000", "003000"),
    Given("350000000", "100", "0900", "140000"),
)


def study(number: int) -> str:
    """The UID of a study, from 1."""
    return f"{UID}.{number}"


def make(home: Path, day: str = "20240304") -> Path:
    """The databank ``cohort`` in a home, of studies of one day; gives its folder."""
    files = home / "files"
    files.mkdir(parents=True)
    for number, given in enumerate(PET, start=1):
        _save(files, number, _of_day(day, _pet(number, given)))
    mr = _common(7, "MR", MRImageStorage, "100000")
    mr.PatientWeight = "60"
    _save(files, 7, _of_day(day, mr))
    root = home / "databanks" / "cohort"
    databank.create(root)
    summary = ingested(files, root)
    assert summary.ok == 7
    return root


def _pet(number: int, given: Given) -> Dataset:
    made = _common(number, "PT", PositronEmissionTomographyImageStorage, given.acquired)
    made.PatientSex = "F" if number % 2 else "M"
    made.PatientWeight = given.weight or None
    made.Units, made.DecayCorrection, made.CorrectedImage = "BQML", "START", ["DECY", "ATTN"]
    item = Dataset()
    item.Radiopharmaceutical, item.RadionuclideHalfLife = "FDG", "6586.2"
    if given.activity:
        item.RadionuclideTotalDose = given.activity
    if given.injected:
        item.RadiopharmaceuticalStartTime = given.injected
    if given.moment:
        item.RadiopharmaceuticalStartDateTime = given.moment
    made.RadiopharmaceuticalInformationSequence = [item]
    return made


def _common(number: int, modality: str, kind: str, time: str) -> Dataset:
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = kind, f"{UID}.{number}.1.1"
    made.StudyInstanceUID, made.SeriesInstanceUID = study(number), f"{UID}.{number}.1"
    made.Modality, made.InstanceNumber, made.SeriesNumber = modality, 1, 1
    made.PatientID, made.PatientName, made.PatientAge = f"ID-{number}", "Roe^Jane", "045Y"
    made.StudyTime = made.SeriesTime = made.AcquisitionTime = time
    made.StudyDescription = f"Study {number}"
    made.Manufacturer, made.ManufacturerModelName = "SIEMENS", "Biograph mCT"
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def _of_day(day: str, made: Dataset) -> Dataset:
    made.StudyDate = made.SeriesDate = made.AcquisitionDate = day
    return made


def _save(folder: Path, number: int, made: Dataset) -> None:
    made.save_as(folder / f"{number}.dcm", enforce_file_format=True)
