"""Whatever ends a run: what was committed is there, the lake opens, and the next run goes on."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from ingest import commits, pipeline, plan, pool, worker
from ingest.lake import layout, lock, snapshot
from ingest.lake.errors import DatabankBusy
from ingest.pipeline import ingest
from tests.lake_reader import open_reader
from tests.test_ingest import pipeline_driver, pipeline_lakes
from tests.test_ingest.pipeline_lakes import (
    Inline,
    assert_same,
    assert_sound,
    copied,
    counts,
    read,
    rows,
    series,
    value,
)

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are found in /proc"
)
CHECKOUT = Path(__file__).resolve().parents[2]
FORKS = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")


@pytest.fixture(scope="module", autouse=True)
def _preloaded() -> None:
    """Processes to be killed are forked from one that has imported everything."""
    if os.name == "posix":
        FORKS.set_forkserver_preload([pipeline_driver.__name__, pipeline_lakes.__name__])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``old``, which ``lake`` has read; ``new``, which it has not; ``after``, which has both."""
    folder = tmp_path_factory.mktemp("small")
    source = folder / "source"
    series(source / "old", 1, 3)
    read(source, folder / "lake")
    series(source / "new", 2, 4, kind="ge")
    series(source / "new", 1, 4, kind="pet", first_series=7)
    shutil.copy(source / "new" / "S00000" / "I00000.dcm", source / "new" / "copy")
    shutil.copytree(folder / "lake", folder / "after")
    assert counts(read(source, folder / "after")) == {"ok": 12, "duplicate": 1, "unchanged": 3}
    return folder


def assert_goes_on(small: Path, root: Path) -> None:
    """The lake opens, is sound and, after another run, what it would be without the fault."""
    query = "SELECT count(*), (SELECT count(*) FROM instances) FROM files"
    ((held, instances),) = rows(root, query)
    assert instances >= 3
    assert_sound(root)
    summary = read(small / "source", root)
    assert summary.state == "done"
    assert summary.seen == 16
    assert summary.unchanged >= held
    assert_same(small / "after", root)
    # A file that is read twice leaves a 'changed' reading behind.
    dropped = dict(rows(root, "SELECT why, count(*) FROM dropped GROUP BY ALL"))
    assert dropped == {"duplicate": 1}


BATCH = "batches/.new-N"
VERSION = "derived/.new-N"


POINTS = (
    (f"mkdir phi/{BATCH}", 1),  # the batch is begun
    (f"fsync open/{BATCH}/manifest.json", 1),  # all parts are written
    (f"rename phi/{BATCH}", 1),  # half of it has its name
    (f"rename open/{BATCH}", 2),  # it is complete, and nobody knows
    (f"rename open/{BATCH}", 3),  # that batch only tells of duplicates
    (f"mkdir phi/{VERSION}-spill", 1),  # derivation begins
    (f"rename phi/{VERSION}", 2),
    (f"rename open/{VERSION}", 1),  # the version is complete, and nobody knows
    ("fsync .lake.json.new", 1),
    ("replace .lake.json.new", 1),  # everybody knows
)


class Killed(NamedTuple):
    """What a killed run left behind."""

    exitcode: int | None
    root: Path


@pytest.fixture(scope="module")
def killed(small: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], Killed]:
    """For each point a databank whose run was killed there."""
    lakes = tmp_path_factory.mktemp("killed")

    def kill(number: int) -> Killed:
        root = copied(small / "lake", lakes / str(number))
        arguments = (small / "source", root, *POINTS[number])
        process = FORKS.Process(target=pipeline_driver.run_and_die, args=arguments)
        process.start()
        process.join(120)
        return Killed(process.exitcode, root)

    with ThreadPoolExecutor(2) as threads:
        return dict(zip(POINTS, threads.map(kill, range(len(POINTS))), strict=True))


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX")
@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point[0]} {point[1]}")
def test_killed_at_a_step_of_a_commit(
    point: tuple[str, int], killed: dict[tuple[str, int], Killed], small: Path
) -> None:
    exitcode, root = killed[point]
    assert exitcode == -signal.SIGKILL
    is_committed = point[0].startswith("replace") or point[1] > 1
    assert (len(snapshot.read(root).batches) > 1) == is_committed
    assert_goes_on(small, root)


def driver(source: Path, root: Path, workers: int, **environment: str) -> dict[str, Any]:
    """What the driver prints of an ingest with processes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.test_ingest.pipeline_driver", source, root, str(workers)],
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert "Traceback" not in done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX")
def test_readers_that_die_and_files_that_break_them(tmp_path: Path) -> None:
    source, root = series(tmp_path / "source", 3, 3), tmp_path / "lake"
    names = {"I00001.dcm": "deadly", "I00000.dcm": "once", "I00002.dcm": "poison"}
    for folder, (path, name) in zip(sorted(source.iterdir()), names.items(), strict=True):
        (folder / path).rename(folder / name)
    marks = tmp_path / "marks"
    marks.mkdir()
    told = driver(source, root, 2, FAULTS=str(marks))
    assert sorted(path.name for path in marks.iterdir()) == ["deadly", "once"]
    assert (told["state"], told["troubles"]) == ("done", [])
    assert (told["seen"], told["ok"], told["error"]) == (9, 7, 2)
    query = "SELECT parse_filename(uri), reason FROM files WHERE status = 'error' ORDER BY 1"
    assert rows(root, query) == [
        ("deadly", "the header cannot be read (the process that read it died)"),
        ("poison", "the header cannot be read (ValueError)"),
    ]  # fmt: skip
    assert value(root, "SELECT count(*) FROM files") == 9
    assert_sound(root)
    assert counts(read(source, root)) == {"unchanged": 9}
    assert counts(read(source, root, force=True)) == {"ok": 9}


class Broken:
    """A pool whose processes never come up."""

    def submit(self, *arguments: Any) -> Any:
        raise pipeline.BrokenProcessPool


def test_processes_that_cannot_be_started(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copied(small / "lake", tmp_path / "lake")
    with monkeypatch.context() as patched:
        patched.setattr(pool, "ProcessPoolExecutor", lambda *arguments: Broken())
        patched.setattr(Broken, "shutdown", lambda self, **options: None, raising=False)
        summary = read(small / "source", root, workers=2)
    assert (summary.state, counts(summary)) == ("failed", {"unchanged": 3})
    assert summary.troubles == ("The processes that read files cannot be started.",)
    assert counts(read(small / "source", root)) == {"ok": 12, "duplicate": 1, "unchanged": 3}


def test_a_full_disk_as_polars_tells_it(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copied(small / "lake", tmp_path / "lake")
    write = worker.parts.write

    def refusing(frame: pl.DataFrame, folder: Path, table: str, *rest: Any, **options: Any) -> int:
        if table == "instances" and folder.parent.parent.name == layout.PHI:
            raise pl.exceptions.ComputeError("parquet: underlying IO error: (os error 28)")
        return write(frame, folder, table, *rest, **options)

    with monkeypatch.context() as patched:
        patched.setattr(worker.parts, "write", refusing)
        summary = read(small / "source", root)
    assert summary.state == "failed"
    assert summary.troubles == ("The databank cannot be written: the disk is full.",)
    assert counts(summary) == {"unchanged": 3}
    assert_goes_on(small, root)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("free", [60_000, 250_000])
def test_a_full_disk(free: int, small: Path, small_disk: Path) -> None:
    root = copied(small / "lake", small_disk / "lake")
    ballast = small_disk / "ballast"
    with open(ballast, "wb") as file:
        left = os.statvfs(small_disk)
        file.write(bytes(left.f_bavail * left.f_frsize - free))
    summary = read(small / "source", root)
    assert summary.state == "failed"
    assert all("the disk is full" in sentence for sentence in summary.troubles)
    assert summary.troubles
    assert counts(summary)["unchanged"] == 3
    ballast.unlink()
    assert_goes_on(small, root)


def test_two_writers_at_once(small: Path, tmp_path: Path) -> None:
    source, root = small / "source" / "old", copied(small / "lake", tmp_path / "lake")
    state = snapshot.read(root)
    with lock.writer(root), pytest.raises(DatabankBusy):
        read(source, root)
    busy = []

    def second(progress: object) -> None:
        with pytest.raises(DatabankBusy):
            read(source, root)
        busy.append(progress)

    assert counts(read(source, root, report=second, force=True)) == {"ok": 3}
    assert busy
    assert len(snapshot.read(root).batches) == len(state.batches) + 1
    assert_sound(root)


def test_readers_see_whole_states_only(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "COMMIT_SECONDS", 0.0)
    monkeypatch.setattr(plan, "SMALLEST_UNIT", 4)
    root = copied(small / "lake", tmp_path / "lake")
    states: list[tuple[int, ...]] = []
    over = threading.Event()
    sums = (
        "SELECT (SELECT count(*) FROM instances), (SELECT sum(n_instances) FROM series), "
        "(SELECT sum(n_instances) FROM studies), (SELECT sum(n_instances) FROM patients), "
        "(SELECT count(*) FROM files), (SELECT count(DISTINCT SOPInstanceUID) FROM elements)"
    )

    def look() -> None:
        while not over.is_set():
            with open_reader(root) as connection:
                states.extend(connection.sql(sums).fetchall())

    reader = threading.Thread(target=look)
    reader.start()
    read(sorted((small / "source" / "new").glob("S*")), root)  # 12 files, and no copy of one
    deadline = time.monotonic() + 60
    while (not states or states[-1][0] < 15) and time.monotonic() < deadline:
        time.sleep(0.01)
    over.set()
    reader.join()
    assert all(len(set(state)) == 1 for state in states), states
    assert states[-1] == (15,) * 6
    assert len({state[0] for state in states}) >= 2


def test_a_wish_to_stop(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "SMALLEST_UNIT", 4)
    root, stop = copied(small / "lake", tmp_path / "lake"), threading.Event()

    class StopsAfterTwo(Inline):
        units = 0

        def submit(self, fn: Any, /, *arguments: Any, **options: Any) -> Any:
            self.units += 1
            if self.units == 2:
                stop.set()
            return super().submit(fn, *arguments, **options)

    summary = ingest([str(small / "source")], root, workers=1, executor=StopsAfterTwo(), stop=stop)
    assert summary.state == "interrupted"
    assert summary.unchanged == 3
    assert 0 < summary.ok + summary.duplicate < 13
    assert rows(root, "SELECT state, seen FROM runs ORDER BY started DESC LIMIT 1") == [
        ("interrupted", summary.seen)
    ]
    assert_goes_on(small, root)
    stopped = ingest([str(small / "source")], root, workers=1, executor=Inline(), stop=stop)
    assert (stopped.state, stopped.ok) == ("interrupted", 0)


def children_of(group: int) -> set[int]:
    """Processes of a process group that still run."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.add(int(stat.parent.name))
    return found


def remaining(group: int) -> set[int]:
    """Processes of a group that are still there after a while."""
    deadline = time.monotonic() + 20
    while (found := children_of(group)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough files to be in the middle of for a while: 12,000, by links."""
    folder = tmp_path_factory.mktemp("large")
    original = series(folder / "original", 1, 4)
    files = sorted((original / "S00000").iterdir())
    for number in range(12):
        (folder / f"{number:02}").mkdir()
        for copy in range(1000):
            os.link(files[copy % 4], folder / f"{number:02}" / f"{copy:05}")
    return folder


def started(source: Path, root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ingest", str(source), "--databank", str(root)]
    return subprocess.Popen(
        [*command, "--workers", "2", "--json"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(process: subprocess.Popen[str], event: str, seen: int = 0) -> None:
    """Read what a run tells until it tells of an event, or of so many files."""
    assert process.stdout is not None
    for line in process.stdout:
        told = json.loads(line)
        if told["event"] == event and told.get("seen", 0) >= seen:
            return
    raise AssertionError("the run ended too early")


@needs_proc
def test_ctrl_c_before_it_begins(large: Path, tmp_path: Path) -> None:
    process = started(large, tmp_path / "lake")
    wait_for(process, "start")
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert remaining(process.pid) == set()


@needs_proc
@pytest.mark.parametrize("seen", [0, 1])
def test_ctrl_c_at_a_terminal(seen: int, large: Path, tmp_path: Path) -> None:
    """A terminal sends the signal to all processes, be they starting or reading."""
    root = tmp_path / "lake"
    process = started(large, root)
    wait_for(process, "progress", seen)
    assert len(children_of(process.pid)) >= 3
    os.killpg(process.pid, signal.SIGINT)
    out, errors = process.communicate(timeout=120)
    last = json.loads(out.splitlines()[-1])
    assert process.returncode == 130
    assert (last["event"], last["state"], last["adds_up"]) == ("finish", "interrupted", True)
    assert last["seen"] < 12_004
    assert "Traceback" not in errors
    assert "KeyboardInterrupt" not in errors
    assert remaining(process.pid) == set()
    assert value(root, "SELECT count(*) FROM files") == last["seen"]
    assert_sound(root)


@needs_proc
def test_readers_end_with_a_killed_run(large: Path, tmp_path: Path) -> None:
    """Else they would go on writing into the folder that the next run uses."""
    root = tmp_path / "lake"
    process = started(large, root)
    wait_for(process, "progress", seen=1)
    assert len(children_of(process.pid)) >= 3
    process.kill()
    process.communicate(timeout=60)
    assert remaining(process.pid) == set()
    assert value(root, "SELECT count(*) FROM files") == 0
    assert read(large / "00", root).seen == 1000
    assert_sound(root)
