"""Two MR series with private elements, written by pydicom, of which every difference is known.

The second series has its private block elsewhere, another echo time, and one slice more.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage

STUDY = "1.2.3.50"
A, B = f"{STUDY}.1", f"{STUDY}.2"
CREATOR = "SIEMENS MR HEADER"
UNKNOWN = "ACME PRIVATE"


def series(number: int) -> Iterator[bytes]:
    """The instances of series 1 (three slices, block 10) or 2 (four slices, block 2A)."""
    for slice_number in range(3 if number == 1 else 4):
        yield content(number, slice_number)


def content(number: int, slice_number: int) -> bytes:
    """One instance; what depends on ``number`` differs between the series."""
    data = Dataset()
    data.SOPClassUID = MRImageStorage
    data.SOPInstanceUID = f"{STUDY}.{number}.{slice_number + 1}"
    data.StudyInstanceUID, data.SeriesInstanceUID = STUDY, f"{STUDY}.{number}"
    data.PatientID, data.PatientName = "SECRET-ID", "Secret^Name"
    data.Modality, data.Manufacturer = "MR", "SIEMENS"
    data.SoftwareVersions = "syngo MR E11" if number == 1 else "syngo MR XA30"
    data.StudyDate, data.StudyDescription = "20210304", "Brain"
    data.SeriesDescription, data.ProtocolName = "t2_tra", "t2_tra"
    data.SeriesNumber, data.InstanceNumber = number, slice_number + 1
    data.EchoTime = "90" if number == 1 else "90.5"
    data.RepetitionTime = "5000" if number == 1 else "5000.0"
    data.PixelSpacing = [0.5, 0.5] if number == 1 else [0.5, 0.5004]
    data.ImagePositionPatient = [0, 0, 3 * slice_number]
    data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    if number == 2:
        data.FlipAngle = 120
    data.Rows, data.Columns, data.BitsAllocated = 4, 4, 16
    block = 0x10 if number == 1 else 0x2A
    add(data, 0x0019, block, CREATOR, {0x0C: ("IS", str(1000 * (slice_number % 2)))})
    add(data, 0x0019, block + 1, UNKNOWN, {
        0x01: ("LO", "Secret text"), 0x02: ("DS", "1.5"), 0x03: ("OB", bytes([number]) * 40),
    })  # fmt: skip
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    file = io.BytesIO()
    data.save_as(file, enforce_file_format=True)
    return file.getvalue()


def add(
    data: Dataset, group: int, block: int, creator: str, values: dict[int, tuple[str, object]]
) -> None:
    """Reserve a block for ``creator`` and put elements into it, by offset."""
    data.add_new((group, block), "LO", creator)
    for offset, (vr, value) in values.items():
        data.add_new((group, block << 8 | offset), vr, value)


def write(folder: Path) -> Path:
    """Both series in a folder; gives it."""
    folder.mkdir(parents=True)
    for number in (1, 2):
        for n, data in enumerate(series(number)):
            (folder / f"{number}-{n}").write_bytes(data)
    return folder
