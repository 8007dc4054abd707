"""A few small DICOM files, written by pydicom."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

NOT_DICOM = b"just text"


def content(series: int, number: int) -> bytes:
    """An image-like instance without pixels."""
    data = Dataset()
    data.SOPClassUID = CTImageStorage
    data.SOPInstanceUID = f"1.2.3.{series}.{number}"
    data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.3", f"1.2.3.{series}"
    data.PatientID, data.PatientName = "SECRET-ID", "Secret^Name"
    data.Modality, data.Manufacturer = "CT", "ACME"
    data.StudyDate, data.StudyDescription = "20210304", "Uploaded thorax"
    data.SeriesDescription, data.SeriesNumber = f"Part {series}", series
    data.InstanceNumber = number
    data.ImagePositionPatient = [0, 0, 2.5 * number]
    data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    data.Rows, data.Columns, data.BitsAllocated = 4, 4, 16
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    file = io.BytesIO()
    data.save_as(file, enforce_file_format=True)
    return file.getvalue()


def files() -> dict[str, bytes]:
    """Five instances in two series, one of them twice, and a file that is not DICOM."""
    made = {f"s{s}/{n}": content(s, n) for s, n in ((1, 1), (1, 2), (1, 3), (2, 1), (2, 2))}
    return made | {"copy": made["s1/1"], "readme.txt": NOT_DICOM}


def archive() -> bytes:
    """All of ``files`` as a ZIP."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, data in files().items():
            packed.writestr(name, data)
    return target.getvalue()


def write(folder: Path) -> Path:
    """All of ``files`` in a folder; gives it."""
    for name, data in files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder
