"""The same files give the same tables, whatever the order, the processes and the container."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import py7zr
import pytest

from app.demo import CohortSummary
from ingest import commits, part, plan
from ingest.derive.derivation import derive
from ingest.lake import snapshot
from tests import shared_data
from tests.test_ingest.pipeline_lakes import (
    COMPARED,
    OF_PLACES,
    assert_same,
    assert_sound,
    copied,
    counts,
    created,
    read,
    rows,
    thinned,
    value,
)

ROOT = Path(__file__).resolve().parents[2]
Paths = Callable[[Path, Path], None]


@pytest.fixture(scope="module")
def cohort(
    demo_cohort: tuple[Path, CohortSummary], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return thinned(demo_cohort[0], tmp_path_factory.mktemp("cohort"))


@pytest.fixture(scope="module")
def lake(cohort: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read by the program, by two processes and with as many threads as it has for users; what is
    compared with it is read by one, by three, or by this one, which has one thread."""
    root = created(tmp_path_factory.mktemp("lakes") / "lake")
    command = [sys.executable, "-m", "ingest", str(cohort), "--databank", str(root)]
    subprocess.run([*command, "--workers", "2"], check=True, cwd=ROOT, capture_output=True)
    assert len(snapshot.read(root).batches) == 2  # the last one tells of duplicates
    return root


def test_every_compared_table_has_rows(lake: Path) -> None:
    held = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in COMPARED)
    (found,) = rows(lake, f"SELECT {held}")
    assert [table for table, n in zip(COMPARED, found, strict=True) if not n] == []
    assert_sound(lake)


def test_more_processes_and_commits(
    cohort: Path, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "COMMIT_SECONDS", 0.0)
    monkeypatch.setattr(plan, "SMALLEST_UNIT", 25)
    read(cohort, tmp_path / "lake", workers=3)
    assert len(snapshot.read(tmp_path / "lake").batches) >= 3
    assert_same(lake, tmp_path / "lake")


def test_sources_in_another_order_and_overlapping(cohort: Path, lake: Path, tmp_path: Path) -> None:
    """By one process."""
    sources = sorted(cohort.iterdir(), reverse=True)
    summary = read([*sources, cohort / "unsorted", cohort], tmp_path / "lake", workers=1)
    assert counts(summary)["ok"] == value(lake, "SELECT count(*) FROM instances")
    assert len(snapshot.read(tmp_path / "lake").batches) == 2
    assert_same(lake, tmp_path / "lake")


def test_one_source_after_another_backwards(cohort: Path, lake: Path, tmp_path: Path) -> None:
    patients = sorted((cohort / "patients").iterdir(), reverse=True)
    others = sorted(path for path in cohort.iterdir() if path.name != "patients")
    middle = len(patients) // 2
    groups = [patients[:middle], others, patients[middle:]]
    seen = sum(read(group, tmp_path / "lake").seen for group in groups)
    assert seen == value(lake, "SELECT count(*) FROM files")
    assert_same(lake, tmp_path / "lake")


def test_forced_again_with_no_template_ever_matching(
    cohort: Path, lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What templates give is what reading every header in full gives."""
    root = copied(lake, tmp_path / "lake")
    monkeypatch.setattr(part, "MOST_TEMPLATES", 0)
    monkeypatch.setattr(part.Part, "_candidates", lambda self, head: [])
    before = read(cohort, root, force=True)
    assert before.unchanged == 0
    assert before.seen == value(lake, "SELECT count(*) FROM files")
    assert rows(lake, "SELECT DISTINCT read_by FROM instances ORDER BY 1") == [
        ("pydicom",), ("template",), ("tokens",)
    ]  # fmt: skip
    assert ("template",) not in rows(root, "SELECT DISTINCT read_by FROM instances")
    assert_same(lake, root)


def test_derived_in_steps_and_derived_anew(cohort: Path, lake: Path, tmp_path: Path) -> None:
    root = copied(lake, tmp_path / "lake")
    state = snapshot.read(root)
    version = derive(root, state, None)
    snapshot.write(root, snapshot.advanced(state, state.batches, version, state.next_part))
    assert_same(lake, root)


def test_renamed_copies_in_another_order(cohort: Path, lake: Path, tmp_path: Path) -> None:
    """Of several files with one instance the smallest name decides: that order stays."""
    twins = {"copy of a slice.dcm", "same UID other content.dcm", "IM000003"}
    files = sorted(path for path in cohort.rglob("*") if path.is_file())
    folders = sorted({path.parent for path in files})
    for number, path in enumerate(reversed(files)):
        last = path.name in twins and "unsorted" in path.parts
        folder = f"{9999 if last else len(folders) - folders.index(path.parent):04}"
        (tmp_path / "renamed" / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / "renamed" / folder / f"{number:06}")
    assert read(tmp_path / "renamed", tmp_path / "lake").duplicate == 3
    assert_same(lake, tmp_path / "lake", leaving_out=OF_PLACES)


def _zip(folder: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, path.relative_to(folder))


def _tar_gz(folder: Path, archive: Path) -> None:
    with tarfile.open(archive, "w:gz", compresslevel=1) as file:
        file.add(folder, ".")


def _sevenzip(folder: Path, archive: Path) -> None:
    quick = [{"id": py7zr.FILTER_LZMA2, "preset": 0}]
    with py7zr.SevenZipFile(archive, "w", filters=quick) as file:
        file.writeall(folder, "")


@pytest.mark.parametrize(
    ("name", "pack"), [("a.zip", _zip), ("a.tar.gz", _tar_gz), ("a.7z", _sevenzip)]
)
def test_folder_and_archive_of_it(
    name: str, pack: Paths, cohort: Path, lake: Path, tmp_path: Path
) -> None:
    pack(cohort, tmp_path / name)
    summary = read(tmp_path / name, tmp_path / "lake")
    assert summary.seen == value(lake, "SELECT count(*) FROM files")
    assert_same(lake, tmp_path / "lake", leaving_out=OF_PLACES)
    again = read(tmp_path / name, tmp_path / "lake")
    assert counts(again) == {"unchanged": summary.seen}


def test_whole_cohort_counts_as_its_maker_says(
    demo_cohort: tuple[Path, CohortSummary], tmp_path: Path
) -> None:
    folder, made = demo_cohort
    expected = {
        "ok": made.ok,
        "duplicate": made.duplicates,
        "not_dicom": made.not_dicom,
        "error": made.errors,
    }
    root = tmp_path / "lake"
    summary = read(folder, root, workers=2)
    assert (summary.state, summary.troubles) == ("done", ())
    assert counts(summary) == expected
    assert summary.seen == made.files
    assert dict(rows(root, "SELECT status, count(*) FROM files GROUP BY ALL")) == expected
    columns = "state, seen, ok, duplicate, not_dicom, error, unchanged"
    assert rows(root, f"SELECT {columns} FROM runs") == [
        ("done", made.files, made.ok, made.duplicates, made.not_dicom, made.errors, 0)
    ]
    assert value(root, "SELECT count(*) FROM instances") == made.ok
    assert value(root, "SELECT count(DISTINCT PatientID) FROM instances") == made.patients
    assert value(root, "SELECT count(*) FROM studies") == made.studies
    with_uid = "SELECT count(*) FROM series WHERE SeriesInstanceUID IS NOT NULL"
    assert value(root, with_uid) == made.series
    assert_sound(root)


@shared_data.needs_dicom
def test_real_files_by_templates_and_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two small files of every folder, grouped as they come, then each read on its own."""
    chosen = [
        str(path)
        for folder in shared_data.folders()
        for path in sorted(path for path in folder.iterdir() if path.is_file())[:2]
        if path.stat().st_size < 1_000_000
    ]
    one = read(chosen, tmp_path / "one")
    monkeypatch.setattr(part, "MOST_TEMPLATES", 0)
    monkeypatch.setattr(part.Part, "_candidates", lambda self, head: [])
    other = read(reversed(chosen), tmp_path / "other")
    assert counts(one) == counts(other)
    assert one.ok > 200
    assert_same(tmp_path / "one", tmp_path / "other")
