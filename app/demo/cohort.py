"""Writes the demo cohort into a folder, and says what a right ingest of that folder counts.

`cohort.json` in the folder is written last: with it, a second call finds the cohort complete and
returns at once. It lies inside the tree, is a file like any other there, and is counted as
`not_dicom`. The folder belongs to the cohort; a folder with anything else in it is refused.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from app.demo.acquisition import Acquisition
from app.demo.damage import COPIES, DAMAGES, Copy, strays
from app.demo.layout import LAYOUTS, ZIP, archive_path
from app.demo.records import ABSENT
from app.demo.studies import DAMAGED_PATIENTS, PATIENTS
from app.demo.writer import acquisitions, written_instances

VERSION: Final = 2
"""Raised when the same seed no longer gives the same bytes."""
MARKER: Final = "cohort.json"
TOP_LEVEL: Final = ("patients", "archives", "unsorted", "README.txt", "DICOMDIR", MARKER)
"""All that the generator writes, and all that it ever removes."""
DAMAGED_NUMBER: Final = 9001
"""Of the patient of the damaged files: DEMO-9001."""
_ZIP_DATE: Final = (2024, 1, 1, 0, 0, 0)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class CohortSummary:
    """What there is in a cohort; `files` = `ok` + `duplicates` + `not_dicom` + `errors`.

    A file is one on disk or one member of an archive; an archive itself is not counted as a file.
    Patients, studies and series are those of the `ok` instances: distinct PatientID,
    StudyInstanceUID and SeriesInstanceUID, an instance without one adding nothing.
    """

    seed: int
    scale: int
    files: int
    ok: int
    duplicates: int
    not_dicom: int
    errors: int
    archives: int
    patients: int
    studies: int
    series: int
    size_bytes: int
    """On disk, without the marker."""


@dataclass
class _Tally:
    """Counts while the files are written."""

    outcomes: Counter[str] = field(default_factory=Counter)
    patients: set[str] = field(default_factory=set)
    studies: set[str] = field(default_factory=set)
    series: set[str] = field(default_factory=set)
    archives: int = 0

    def add(self, it: Acquisition) -> None:
        """One instance of a series."""
        outcome = DAMAGES[it.series.damage].outcome
        self.outcomes[outcome] += 1
        if outcome == "ok":
            self.patients.add(it.patient_id)
            self.studies.add(it.study_uid)
            if it.series.changes.get("SeriesInstanceUID") is not ABSENT:
                self.series.add(it.series_uid)

    @property
    def files(self) -> int:
        return sum(self.outcomes.values())


def write_cohort(
    folder: Path, *, seed: int = 7, scale: int = 1, progress: Progress | None = None
) -> CohortSummary:
    """Writes the cohort, or finds it complete and does nothing.

    Args:
        folder: made if it does not exist; must be empty or hold an earlier cohort.
        seed: two runs of one seed and scale give the same bytes; UIDs of two seeds differ.
        scale: how many copies of the patients there are, each with IDs, UIDs and dates of its own.
        progress: called with (files written, files in all), once a series.

    Raises:
        ValueError: `scale` below 1.
        FileExistsError: the folder holds something that is no demo cohort.
    """
    if scale < 1:
        raise ValueError("the scale of a demo cohort is a whole number from 1 on")
    found = _complete(folder, seed, scale)
    if found is not None:
        return found
    _make_room(folder)
    tally = _Tally()
    series = list(cohort_series(seed, scale))
    total = sum(len(it.instances) for it in series) + len(COPIES) + len(strays(seed)) + 1
    for _, study in groupby(series, key=lambda it: it.study_uid):
        _write_study(folder, list(study), tally)
        if progress:
            progress(tally.files, total)
    for stray in strays(seed):
        _write(folder / stray.path, stray.content)
    tally.outcomes["not_dicom"] += len(strays(seed)) + 1
    files_on_disk, size = _measured(folder)
    summary = _summary(tally, seed, scale, size)
    _write_marker(folder, summary, files_on_disk)
    if progress:
        progress(tally.files, total)
    return summary


def cohort_series(seed: int = 7, scale: int = 1) -> Iterator[Acquisition]:
    """Every series of the cohort with its UIDs and what its table says, in the order written."""
    for copy in range(scale):
        first = 1 + copy * len(PATIENTS)
        yield from acquisitions(PATIENTS, seed=seed, copy=copy, first_number=first)
    yield from acquisitions(DAMAGED_PATIENTS, seed=seed, first_number=DAMAGED_NUMBER)


def _write_study(folder: Path, study: list[Acquisition], tally: _Tally) -> None:
    if study[0].study.layout == ZIP:
        _write_archive(folder / archive_path(study[0]), study, tally)
        tally.archives += 1
        return
    for it in study:
        path_of = LAYOUTS[it.study.layout]
        copies = _copies_of(it)
        for number, content in ((w.instance.number, w.content) for w in written_instances(it)):
            _write(folder / path_of(it, number), content)
            tally.add(it)
            for copy in copies:
                if copy.number == number:
                    _write(folder / copy.path, copy.apply(content))
                    tally.outcomes["duplicate"] += 1


def _copies_of(it: Acquisition) -> list[Copy]:
    if it.copy > 0:
        return []
    return [c for c in COPIES if (c.study, c.series) == (it.study.key, it.series.key)]


def _write_archive(path: Path, study: Iterable[Acquisition], tally: _Tally) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for it in study:
            for written in written_instances(it):
                name = LAYOUTS[ZIP](it, written.instance.number)
                member = zipfile.ZipInfo(name, _ZIP_DATE)
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, written.content)
                tally.add(it)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _summary(tally: _Tally, seed: int, scale: int, size: int) -> CohortSummary:
    return CohortSummary(
        seed=seed,
        scale=scale,
        files=tally.files,
        ok=tally.outcomes["ok"],
        duplicates=tally.outcomes["duplicate"],
        not_dicom=tally.outcomes["not_dicom"],
        errors=tally.outcomes["error"],
        archives=tally.archives,
        patients=len(tally.patients),
        studies=len(tally.studies),
        series=len(tally.series),
        size_bytes=size,
    )


def _complete(folder: Path, seed: int, scale: int) -> CohortSummary | None:
    """The summary in the marker, if it is of this cohort and nothing went missing since."""
    marker = _read_marker(folder)
    if marker is None or marker.get("version") != VERSION or not marker.get("complete"):
        return None
    try:
        summary = CohortSummary(**marker["summary"])
    except (KeyError, TypeError):
        return None
    wanted = (summary.seed, summary.scale) == (seed, scale)
    whole = (marker.get("files_on_disk"), summary.size_bytes) == _measured(folder)
    return summary if wanted and whole else None


def _make_room(folder: Path) -> None:
    """An empty folder that is marked as ours; an earlier cohort in it is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()) and _read_marker(folder) is None:
        raise FileExistsError("the folder holds files that are no demo cohort; take an empty one")
    _write(folder / MARKER, b'{"generator": "taglake demo cohort", "complete": false}\n')
    for name in TOP_LEVEL:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)


def _read_marker(folder: Path) -> dict[str, Any] | None:
    try:
        marker = json.loads((folder / MARKER).read_bytes())
    except (OSError, ValueError):
        return None
    ours = isinstance(marker, dict) and marker.get("generator") == "taglake demo cohort"
    return marker if ours else None


def _write_marker(folder: Path, summary: CohortSummary, files_on_disk: int) -> None:
    marker = {
        "generator": "taglake demo cohort",
        "version": VERSION,
        "complete": True,
        "files_on_disk": files_on_disk,
        "summary": asdict(summary),
    }
    _write(folder / MARKER, (json.dumps(marker, indent=2) + "\n").encode())


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _measured(folder: Path) -> tuple[int, int]:
    """Number of files on disk, and the bytes of all but the marker."""
    sizes = [0 if path.name == MARKER else path.stat().st_size for path in _files(folder)]
    return len(sizes), sum(sizes)
