"""What a run counts, and what it reads again: every file that is seen has exactly one outcome."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pydicom
import pytest

from ingest import part, plan
from ingest.records import Progress, Summary
from ingest.sources import Limits
from tests.test_ingest.pipeline_lakes import (
    assert_same,
    assert_sound,
    copied,
    counts,
    read,
    rows,
    series,
    value,
)


class Watch:
    """The paths that Python opens while it is on; hooks for audits cannot be taken away again."""

    def __init__(self) -> None:
        self.on = False
        self.opened: set[str] = set()
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event == "open" and isinstance(arguments[0], (str, bytes)):
            self.opened.add(os.fsdecode(arguments[0]))

    def begin(self) -> None:
        self.opened.clear()
        self.on = True

    def files(self, folder: Path) -> list[str]:
        """Files below the folder that were opened since the last question."""
        found = sorted(p for p in self.opened if folder in Path(p).parents and Path(p).is_file())
        self.opened.clear()
        return found


WATCH = Watch()


@pytest.fixture
def watch() -> Iterator[Watch]:
    WATCH.begin()
    yield WATCH
    WATCH.on = False


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two series of three files, a text and an empty file."""
    folder = series(tmp_path_factory.mktemp("original"))
    (folder / "notes.txt").write_text("no DICOM here")
    (folder / "empty").touch()
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the source of every test is: a lake knows files by their paths."""
    return tmp_path_factory.mktemp("place") / "source"


@contextmanager
def laid(original: Path, place: Path) -> Iterator[Path]:
    """A copy, times of files included, that is there for a while."""
    shutil.copytree(original, place)
    try:
        yield place
    finally:
        shutil.rmtree(place)


@pytest.fixture
def source(original: Path, place: Path) -> Iterator[Path]:
    with laid(original, place) as folder:
        yield folder


class Run(NamedTuple):
    """What came of a run, for tests that go on from there in copies of the lake."""

    root: Path
    summary: Summary
    told: list[Progress]
    opened: list[str]


@pytest.fixture(scope="module")
def first_run(original: Path, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Of the source as it is."""
    with laid(original, place) as source:
        return run(source, tmp_path_factory.mktemp("first") / "lake")


@pytest.fixture(scope="module")
def copy_run(original: Path, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Of the source with ``a copy`` of a file."""
    with laid(original, place) as source:
        with_copy(source)
        return run(source, tmp_path_factory.mktemp("copy") / "lake")


def run(source: Path, root: Path) -> Run:
    told: list[Progress] = []
    WATCH.begin()
    summary = read(source, root, report=told.append)
    WATCH.on = False
    return Run(root, summary, told, WATCH.files(source))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def known(first_run: Run, root: Path) -> Path:
    """A lake that has read the source."""
    return copied(first_run.root, root)


def first(source: Path) -> Path:
    return source / "S00000" / "I00000.dcm"


def changed(path: Path, **values: object) -> None:
    """Write the file again with other values of elements, a second later."""
    data = pydicom.dcmread(path)
    for keyword, new in values.items():
        setattr(data, keyword, new)
    stat = path.stat()
    data.save_as(path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 10**9))


def with_copy(source: Path) -> None:
    """Put a copy of a file where it is read after the file, so that the copy loses."""
    shutil.copy2(first(source), source / "a copy")


def touched(path: Path) -> None:
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 10**9))


def statuses(root: Path) -> dict[str, int]:
    return dict(rows(root, "SELECT status, count(*) FROM files GROUP BY ALL"))


def last_run(root: Path) -> dict[str, int]:
    names = ("ok", "duplicate", "not_dicom", "error", "unchanged")
    found = rows(root, f"SELECT {', '.join(names)} FROM runs ORDER BY started DESC LIMIT 1")
    return {name: n for name, n in zip(names, found[0], strict=True) if n}


def test_again_nothing_is_opened(source: Path, first_run: Run, known: Path, watch: Watch) -> None:
    everything = {"ok": 6, "not_dicom": 2}
    assert counts(first_run.summary) == everything
    assert len(first_run.opened) == 8
    summary = read(source, known)
    assert watch.files(source) == []
    assert counts(summary) == {"unchanged": 8} == last_run(known)
    assert summary.bytes == 0
    assert statuses(known) == everything
    assert counts(read(source, known, force=True)) == everything == last_run(known)
    assert len(watch.files(source)) == 8
    assert statuses(known) == everything
    assert_sound(known)


def test_changed_touched_added_removed(source: Path, known: Path, tmp_path: Path) -> None:
    root = known
    changed(first(source), EchoTime="123.5")
    touched(source / "S00001" / "I00000.dcm")  # read, and the same
    assert counts(read(source, root)) == {"ok": 2, "unchanged": 6} == last_run(root)
    uid = pydicom.dcmread(first(source)).SOPInstanceUID
    assert rows(root, "SELECT EchoTime FROM instances WHERE SOPInstanceUID = ?", uid) == [(123.5,)]
    query = "SELECT text FROM elements WHERE SOPInstanceUID = ? AND path = '00180081'"
    assert rows(root, query, uid) == [("123.5",)]
    query = "SELECT n_instances FROM series WHERE list_contains(EchoTime_values, 123.5)"
    assert value(root, query) == 3
    assert value(root, "SELECT count(*) FROM instances") == 6

    shutil.copytree(source / "S00001", source / "S00002")
    for number, path in enumerate(sorted((source / "S00002").iterdir())):
        changed(path, SOPInstanceUID=f"1.2.3.{number}", SeriesInstanceUID="1.2.3")
    assert counts(read(source, root)) == {"ok": 3, "unchanged": 8}
    read(source, tmp_path / "fresh")
    assert_same(root, tmp_path / "fresh")

    shutil.rmtree(source / "S00001")  # what is gone stays in the lake
    (source / "S00000" / "I00001.dcm").write_text("another thing")  # and what changed does not
    assert counts(read(source, root)) == {"not_dicom": 1, "unchanged": 7}
    assert statuses(root) == {"ok": 8, "not_dicom": 3}
    assert value(root, "SELECT count(*) FROM instances") == 8
    assert rows(root, "SELECT n_instances FROM series ORDER BY 1") == [(2,), (3,), (3,)]
    assert_sound(root)


def test_a_duplicate_in_one_run(source: Path, copy_run: Run, root: Path) -> None:
    copied(copy_run.root, root)
    assert counts(copy_run.summary) == {"ok": 6, "duplicate": 1, "not_dicom": 2}
    assert last_run(root) == {"ok": 6, "duplicate": 1, "not_dicom": 2}
    found = rows(root, "SELECT uri, reason FROM files WHERE status = 'duplicate'")
    assert found == [(str(source / "a copy"), "same SOPInstanceUID as another file")]
    # The two series of this source are alike but for their UIDs, which is a finding of its own.
    of_copies = "FROM findings WHERE rule LIKE 'duplicate%'"
    assert rows(root, f"SELECT rule, n_affected {of_copies}") == [("duplicate", 1)]
    with_copy(source)
    assert counts(read(source, root)) == {"unchanged": 9}


class Twin(NamedTuple):
    """A copy of a file with another value, and a lake that has read it and the source at once."""

    path: Path
    root: Path


@pytest.fixture(scope="module")
def twin(original: Path, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Twin:
    folder = tmp_path_factory.mktemp("twin")
    path = folder / "copy" / "file"
    path.parent.mkdir()
    with laid(original, place) as source:
        shutil.copy(first(source), path)
        changed(path, WindowWidth="7777")
        read([path.parent, source], folder / "lake")
    return Twin(path, folder / "lake")


@pytest.mark.parametrize("copy_first", [False, True])
def test_duplicates_in_two_runs(
    copy_first: bool, source: Path, first_run: Run, twin: Twin, root: Path
) -> None:
    """Which file counts does not depend on which was read first, but the run's numbers do."""
    if copy_first:  # the file in `source`, whose path is smaller, takes over
        assert counts(read(twin.path.parent, root)) == {"ok": 1}
        assert counts(read(source, root)) == {"ok": 6, "not_dicom": 2}
    else:
        copied(first_run.root, root)
        assert counts(first_run.summary) == {"ok": 6, "not_dicom": 2}
        assert counts(read(twin.path.parent, root)) == {"duplicate": 1}
    assert rows(root, "SELECT uri FROM files WHERE status = 'duplicate'") == [(str(twin.path),)]
    of_copies = "FROM findings WHERE rule LIKE 'duplicate%' ORDER BY ALL"
    assert rows(root, f"SELECT rule, path {of_copies}") == [
        ("duplicate", None), ("duplicate_conflict", "00281051")
    ]  # fmt: skip
    assert value(root, "SELECT count(*) FROM elements WHERE text = '7777'") == 0
    assert_same(twin.root, root)


def test_overlapping_sources(source: Path, root: Path, tmp_path: Path) -> None:
    whole = {"ok": 6, "not_dicom": 2}
    overlapping = [source / "S00000", source, source, first(source), source / "S00001" / ".."]
    assert counts(read(overlapping, root)) == whole
    assert statuses(root) == whole
    (tmp_path / "way").symlink_to(source)  # another way to the same files gives other uris
    assert counts(read(tmp_path / "way", root)) == {"duplicate": 6, "not_dicom": 2}
    assert value(root, "SELECT count(*) FROM instances") == 6
    (source / "loop").symlink_to(source)  # but a folder is visited once
    assert counts(read(source, root)) == {"unchanged": 8}
    assert_sound(root)


def test_what_could_not_be_read_is_tried_again(
    source: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions do not stop root, so the system's refusal is staged."""
    os.mkfifo(source / "fifo")
    (source / "broken link").symlink_to("nowhere")
    add_path = part.Part.add_path

    def refused(self: part.Part, path: str, *arguments: Any) -> Any:
        if path.endswith("S00000/I00000.dcm"):
            raise PermissionError(13, "Permission denied", path)
        if path.endswith("S00000/I00001.dcm"):
            Path(path).unlink()
        return add_path(self, path, *arguments)

    monkeypatch.setattr(part.Part, "add_path", refused)
    assert counts(read(source, root)) == {"ok": 4, "not_dicom": 3, "error": 3}
    query = "SELECT status, reason FROM files WHERE reason NOT LIKE '%DICOM%' ORDER BY ALL"
    assert rows(root, query) == [
        ("error", "No such file or directory"), ("error", "Permission denied"),
        ("error", "broken symbolic link"), ("not_dicom", "not a regular file"),
        ("not_dicom", "the file is empty"),
    ]  # fmt: skip
    monkeypatch.undo()
    again = counts(read(source, root))  # a broken link is tried again, a FIFO never opened
    assert again == {"ok": 1, "unchanged": 7, "error": 1}
    assert statuses(root) == {"ok": 5, "not_dicom": 3, "error": 2}
    (source / "broken link").unlink()
    shutil.copy(first(source), source / "broken link")
    assert counts(read(source, root)) == {"unchanged": 8, "duplicate": 1}
    assert statuses(root) == {"ok": 5, "not_dicom": 3, "duplicate": 1, "error": 1}
    assert_sound(root)


def test_a_file_that_cannot_be_opened_or_read(root: Path) -> None:
    """Files of the kernel that say no to everybody, root included."""
    path = Path("/proc/self/mem")  # a regular file of 0 bytes whose reading fails
    if not path.exists():
        pytest.skip("no /proc here")
    summary = read([path], root)
    assert counts(summary) == {"error": 1}
    assert rows(root, "SELECT reason FROM files") == [("Input/output error",)]


def test_an_archive(source: Path, root: Path, watch: Watch) -> None:
    archive = source / "of.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for number, path in enumerate(sorted((source / "S00001").iterdir())):
            file.write(path, f"{number}")
        file.writestr("text", "no DICOM")
    with zipfile.ZipFile(source / "nothing.zip", "w"):
        pass
    shutil.rmtree(source / "S00001")
    assert counts(read(source, root)) == {"ok": 6, "not_dicom": 4}
    assert str(archive) in watch.files(source)
    assert counts(read(source, root)) == {"unchanged": 10}
    assert watch.files(source) == []
    query = "SELECT container, count(*) FROM files GROUP BY ALL ORDER BY ALL NULLS FIRST"
    inside = [(None, 5), (str(source / "nothing.zip"), 1), (str(archive), 4)]
    assert rows(root, query) == inside

    with zipfile.ZipFile(archive, "a") as file:
        file.write(first(source), "twin")
    touched(archive)
    assert counts(read(source, root)) == {"ok": 3, "duplicate": 1, "not_dicom": 1, "unchanged": 6}
    assert counts(read(source, root)) == {"unchanged": 11}
    assert value(root, "SELECT members FROM containers WHERE uri = ?", str(archive)) == 5
    assert_sound(root)


def test_an_archive_cut_short_then_completed(source: Path, root: Path) -> None:
    archive = source / "of.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted((source / "S00001").iterdir()):
            file.write(path, path.name)
    shutil.rmtree(source / "S00001")
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2])
    summary = read(source, root)
    assert summary.error >= 1
    assert summary.ok < 6
    assert counts(summary) == last_run(root)
    again = read(source, root)  # what is damaged is looked at again
    assert (again.seen, again.error) == (summary.seen, summary.error)
    assert again.unchanged == 5  # the others
    archive.write_bytes(whole)
    assert counts(read(source, root)) == {"ok": 3, "unchanged": 5}
    assert counts(read(source, root)) == {"unchanged": 8}
    assert value(root, "SELECT count(*) FROM instances") == 6
    assert_sound(root)


def test_an_archive_that_is_whole_now_is_no_error_any_more(tmp_path: Path, root: Path) -> None:
    archive = tmp_path / "of.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("text", "no DICOM" * 9)
    whole = archive.read_bytes()
    archive.write_bytes(whole[:60])
    read(archive, root)
    archive.write_bytes(whole)
    assert counts(read(archive, root)) == {"not_dicom": 1}
    assert statuses(root) == {"not_dicom": 1}
    archive.write_bytes(whole[:60])  # and the reverse: it is damaged again
    assert counts(read(archive, root)) == {"error": 1}
    assert statuses(root) == {"not_dicom": 1, "error": 1}
    assert_sound(root)


def test_a_file_that_becomes_an_archive_and_back(source: Path, root: Path) -> None:
    place = source / "of.zip"
    shutil.copy(first(source), place)
    changed(place, SOPInstanceUID="1.2.3")
    read(source, root)
    assert statuses(root) == {"ok": 7, "not_dicom": 2}
    with zipfile.ZipFile(place, "w") as file:
        file.write(first(source), "copy")
        file.writestr("text", "no DICOM")
    archive, stat = place.read_bytes(), place.stat()
    assert counts(read(source, root)) == {"duplicate": 1, "not_dicom": 1, "unchanged": 8}
    assert statuses(root) == {"ok": 6, "duplicate": 1, "not_dicom": 3}
    place.write_text("no archive any more")
    assert counts(read(source, root)) == {"not_dicom": 1, "unchanged": 8}
    assert statuses(root) == {"ok": 6, "not_dicom": 3}
    assert value(root, "SELECT count(*) FROM containers") == 0
    place.write_bytes(archive)  # what it was, to the nanosecond, and yet not unchanged
    os.utime(place, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert counts(read(source, root)) == {"duplicate": 1, "not_dicom": 1, "unchanged": 8}
    assert statuses(root) == {"ok": 6, "duplicate": 1, "not_dicom": 3}
    assert counts(read(source, root)) == {"unchanged": 10}
    assert_sound(root)


def test_an_archive_beyond_the_limits_is_read_on_when_they_are_raised(
    source: Path, root: Path
) -> None:
    with zipfile.ZipFile(source / "of.zip", "w") as file:
        for path in sorted((source / "S00001").iterdir()):
            file.write(path, path.name)
    shutil.rmtree(source / "S00001")
    summary = read(source, root, limits=Limits(max_members=2))
    assert counts(summary) == {"ok": 5, "not_dicom": 2, "error": 1}
    assert counts(read(source, root)) == {"ok": 3, "unchanged": 5}
    assert value(root, "SELECT count(*) FROM instances") == 6


def test_nothing_there_and_nothing_dicom(tmp_path: Path, root: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert counts(read(tmp_path / "empty", root)) == {}
    assert value(root, "SELECT count(*) FROM runs") == 1
    (tmp_path / "texts").mkdir()
    for number in range(3):
        (tmp_path / "texts" / f"{number}.txt").write_text(f"text {number}")
    assert counts(read(tmp_path / "texts", root)) == {"not_dicom": 3}
    assert counts(read(tmp_path / "texts", root)) == {"unchanged": 3}
    missing = read([tmp_path / "missing", tmp_path / "texts"], root)
    assert counts(missing) == {"unchanged": 3}
    assert missing.unreachable == ("The source cannot be opened: No such file or directory.",)
    assert_sound(root)


def test_the_databank_may_lie_in_its_source(source: Path) -> None:
    root = source / "taglake" / "lake"
    assert counts(read(source, root)) == {"ok": 6, "not_dicom": 2}
    assert counts(read([source, source / "taglake"], root)) == {"unchanged": 8}


def test_listing_tells_and_can_be_stopped(
    source: Path, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nothing is new, so that no unit is ever given out."""
    monkeypatch.setattr(plan, "BREATH_SECONDS", 0.0)
    stop = threading.Event()
    told: list[Progress] = []

    def report(progress: Progress) -> None:
        told.append(progress)
        stop.set()

    summary = read(source, known, report=report, stop=stop)
    assert summary.state == "interrupted"
    assert told[0].planning
    assert counts(summary) == {}
    assert counts(read(source, known)) == {"unchanged": 8}


def test_progress_ends_with_the_summary(copy_run: Run) -> None:
    last, summary = copy_run.told[-1], copy_run.summary
    for name in ("seen", "ok", "duplicate", "not_dicom", "error", "unchanged", "bytes"):
        assert getattr(last, name) == getattr(summary, name)
    assert summary.duplicate == 1
    assert not last.planning
    assert last.planned == 9
    assert all(one.seen <= other.seen for one, other in pairwise(copy_run.told))
