"""Running `taglake` inside the test's process, with its two streams apart."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from typer.testing import CliRunner

from app.command_line import build


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


def taglake(*arguments: str | Path, stdin: str | None = None) -> Ended:
    """Run a command; an exception that is no exit is raised as it is."""
    ran = CliRunner().invoke(build(), [str(one) for one in arguments], input=stdin)
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return Ended(ran.exit_code, ran.stdout_bytes, ran.stderr)


def write_instance(path: Path, number: int = 1, **attributes: object) -> Dataset:
    """A small CT instance; its number decides the UIDs below the series."""
    found = Dataset()
    found.SOPClassUID, found.SOPInstanceUID = CTImageStorage, f"1.2.3.4.{number}"
    found.StudyInstanceUID, found.SeriesInstanceUID = "1.2.3", "1.2.3.4"
    found.Modality, found.InstanceNumber = "CT", number
    found.PatientName, found.PatientID = "Roe^Jane", "ID-4711"
    for keyword, value in attributes.items():
        setattr(found, keyword, value)
    found.file_meta = FileMetaDataset()
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path.parent.mkdir(parents=True, exist_ok=True)
    found.save_as(path, enforce_file_format=True)
    return found
