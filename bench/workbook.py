"""The workbook of 100,000 MR series: seconds, processor time and memory of the command.

    python -m bench.workbook [--series 100000] [--whole]

The lake is the demo cohort over and over (``bench.app_lake``). Measured is ``taglake workbook``, as
a process of its own: first the sheet of 70 columns alone, with ``--whole`` also all sheets.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from app.export.workbook.columns import BEGINNING
from bench import app_lake
from bench.machine import machine
from ingest import templates

COLUMNS = 70
SHARE = 0.42
"""Of the series of the cohort that are MR, rounded down."""
MORE = (
    "n_instances", "n_slice_positions", "slice_spacing_mm", "scan_duration_minutes", "SequenceName",
    "NumberOfAverages", "ImagedNucleus", "ImagingFrequency", "AcquisitionDate", "AcquisitionTime",
    "SoftwareVersions", "SOPClassUID",
)  # fmt: skip
"""Columns by which the template of MR becomes as wide as asked."""


class Measured(NamedTuple):
    """What a run of the command took."""

    seconds: float
    cpu: float
    peak_mib: float
    rows: int
    columns: int
    file_mb: float


class Peak(threading.Thread):
    """The largest resident set of a process, as the system tells it while it runs.

    Not that of ``wait4``, which begins with what its parent had when it was started.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._status, self._kib = Path(f"/proc/{pid}/status"), 0
        self.start()

    def run(self) -> None:
        """Looks until the process has ended."""
        with suppress(OSError, IndexError):
            while True:
                told = self._status.read_text().partition("VmHWM:")[2]
                self._kib = int(told.split()[0])
                time.sleep(0.05)

    def mib(self) -> float:
        """The largest so far."""
        return self._kib / 1024


def wide(folder: Path) -> Path:
    """A template of MR that makes a sheet of COLUMNS columns."""
    names = [one.name for one in templates.Library(templates.defaults()).entries("mr")]
    there = {*names, *BEGINNING}
    more = [name for name in MORE if name not in there][: COLUMNS - len(there)]
    file = folder / "wide.json"
    file.write_text(json.dumps({"modalities": ["MR"], "columns": [*names, *more]}))
    return file


def measured(root: Path, sheets: tuple[str, ...]) -> Measured:
    """Runs the command on the MR series of a lake."""
    file, template = root.parent / "bench.xlsx", wide(root.parent)
    line = [
        sys.executable, "-m", "app", "workbook", "-d", str(root), "-o", str(file),
        "--filter", "modality=MR", "--template", f"mr={template}", "--identifiers",
        *(part for sheet in sheets for part in ("--sheet", sheet)),
    ]  # fmt: skip
    began = time.perf_counter()
    process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True)
    peak = Peak(process.pid)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(said)
    with zipfile.ZipFile(file) as book, book.open("xl/worksheets/sheet1.xml") as page:
        columns = page.read(1 << 20).partition(b"</row>")[0].count(b"<c r=")
    rows = next(one for one in said.splitlines() if one.startswith("  DICOM_Metadata")).split()[1]
    size = file.stat().st_size / 1e6
    file.unlink()
    return Measured(
        seconds, used.ru_utime + used.ru_stime, peak.mib(),
        int(rows.replace(",", "")), columns, size,
    )  # fmt: skip


def main() -> None:
    """Prints a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=100_000, help="MR series, about")
    parser.add_argument("--whole", action="store_true", help="also all sheets")
    asked = parser.parse_args()
    n = int(asked.series / SHARE)
    root = app_lake.lake(f"workbook-{n}", series=n)
    print(machine())
    runs = [("one sheet", ("DICOM_Metadata",)), *([("all sheets", ())] if asked.whole else [])]
    for name, sheets in runs:
        found = measured(root, sheets)
        print(
            f"{name}: {found.rows:,} rows of {found.columns} columns, {found.seconds:.1f} s, "
            f"{found.cpu:.1f} s of processor time, {found.peak_mib:.0f} MiB, "
            f"{found.file_mb:.1f} MB"
        )


if __name__ == "__main__":
    main()
