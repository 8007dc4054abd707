"""Running `taglake` inside the test's process, with its two streams apart."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from typer.main import get_command
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


command = cache(lambda: get_command(build()))
"""All commands: asking them for their parameters takes longer than most of them run."""


def taglake(*arguments: str | Path, stdin: str | None = None) -> Ended:
    """Run a command; an exception that is no exit is raised as it is."""
    with CliRunner().isolation(input=stdin) as (out, err, _):
        with pytest.raises(SystemExit) as ended:
            command().main([str(one) for one in arguments], prog_name="taglake")
        sys.stdout.flush()
        sys.stderr.flush()
        assert isinstance(ended.value.code, int)
        return Ended(ended.value.code, out.getvalue(), err.getvalue().decode())


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
