"""Jobs: processes of their own that are read from their folder, stopped by a file, and add up."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

import ingest.job
from app import jobs, queries
from app.i18n import texts as language_texts
from app.jobs import again, launch, record, runner, uploads, voice
from app.jobs.voice import FolderVoice
from app.queries import Databank
from app.ui import job_words
from ingest.exits import Exit
from ingest.lake import databank
from ingest.lake.errors import DatabankBusy
from ingest.progress import OUTCOMES
from ingest.records import Progress, Summary
from tests.test_pages import dicom_files
from tests.test_pages.browser import texts, visit

T = language_texts("en")
ROOT = Path(__file__).resolve().parents[2]
COUNTS = {"seen": 7, "ok": 5, "duplicate": 1, "not_dicom": 1, "error": 0, "unchanged": 0}
NUMBERS = asdict(Progress(seen=500, ok=500, planned=1000, planning=False, seconds=2.0))
NAME = "20200101T000000-00000000"
LATER = "20200101T000001-00000000"
LONG_AGO = (datetime.now(UTC) - timedelta(hours=1)).isoformat()


def wait(name: str, seconds: float = 60) -> jobs.Job:
    """The job when it has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job = jobs.read(name)
        assert job is not None
        if not job.running:
            return job
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def folder_of(name: str, asked: dict[str, Any] | None = None, *events: Any, **files: Any) -> Path:
    """The folder of a job, with what its runner would have written by now."""
    place = record.folder() / name
    place.mkdir(parents=True)
    whole = {"kind": "path", "databank": "x", "sources": ["/a"], "force": False,
             "started": datetime.now(UTC).isoformat()}  # fmt: skip
    (place / record.ASKED).write_text(json.dumps(whole | (asked or {})))
    lines = [e if isinstance(e, str) else json.dumps(e) + "\n" for e in events]
    (place / record.EVENTS).write_text("".join(lines))
    for file, content in files.items():
        path = (
            place / {"progress": record.PROGRESS, "ended": record.ENDED, "stop": record.STOP}[file]
        )
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return place


@contextmanager
def alive(place: Path) -> Iterator[None]:
    """As if the runner of the job were there."""
    with FileLock(place / record.LOCK):
        yield


def read(place: Path) -> jobs.Job:
    job = jobs.read(place.name)
    assert job is not None
    return job


def summary(state: Any = "done", **counts: int) -> Summary:
    zero = dict.fromkeys(("seen", *OUTCOMES, "bytes"), 0)
    return Summary("run", state, Path("/lake"), **(zero | counts), seconds=1.0)


def ingests(monkeypatch: pytest.MonkeyPatch, act: Callable[..., Exit]) -> list[dict[str, Any]]:
    """Put ``act`` in the place of the ingest; gives what it was called with."""
    calls: list[dict[str, Any]] = []

    def run(given: Any, name: str, **options: Any) -> Exit:
        calls.append({"given": given, "databank": name, **options})
        return act(options["voice"], len(calls))

    monkeypatch.setattr(ingest.job, "run", run)
    return calls


def done(told: FolderVoice, _: int = 1) -> Exit:
    told.finish(summary(seen=1, ok=1), Exit.DONE)
    return Exit.DONE


@pytest.mark.slow
def test_a_job_outlives_who_started_it_and_adds_up(new_home: Path, tmp_path: Path) -> None:
    source = dicom_files.write(tmp_path / 'source ü "1"')
    program = "import sys; from app import jobs; print(jobs.start('path', 'mine', sys.argv[1:]))"
    server = subprocess.run(
        [sys.executable, "-c", program, str(source)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    first = read(record.folder() / server.stdout.strip())
    assert first.running, "whoever started it is gone by now"
    second = jobs.start("path", "mine", [str(source)])
    assert jobs.read(second).running  # type: ignore[union-attr]
    job = wait(first.name)
    assert (job.state, job.messages) == ("done", ())
    assert job.numbers is not None
    assert {name: getattr(job.numbers, name) for name in COUNTS} == COUNTS
    assert queries.ask(Databank(databank.path_of("mine")), "totals")["instances"].item() == 5
    again = wait(second)
    assert again.numbers is not None
    assert (again.state, again.numbers.unchanged, again.numbers.ok) == ("done", 7, 0)
    assert [job.name for job in jobs.latest(5)] == [again.name, first.name]
    runs = queries.ask(Databank(databank.path_of("mine")), "runs")["run_id"].to_list()
    assert runs == [again.run_id, job.run_id]


def test_jobs_have_the_databank_in_the_order_in_which_they_were_asked_for(
    new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, place = folder_of(NAME, {"started": LONG_AGO}), folder_of(LATER)
    folder_of("20200101T000002-00000000", {"started": LONG_AGO, "databank": "other"})
    calls = ingests(monkeypatch, done)
    seen: list[tuple[bool, int]] = []

    def end() -> None:
        with alive(first):
            while not read(place).waiting:
                time.sleep(0.02)
            seen.append((read(place).waiting, len(calls)))
            (first / record.ENDED).write_text("{}")

    holder = threading.Thread(target=end)
    holder.start()
    while not (first / record.LOCK).exists():
        time.sleep(0.01)
    monkeypatch.setattr(runner, "POLL_SECONDS", 0.02)
    assert runner.main(place) == 0
    holder.join()
    assert seen == [(True, 0)]
    assert len(calls) == 1
    assert (read(place).state, read(place).waiting) == ("done", False)


def test_a_job_waits_for_writers_that_are_no_jobs(
    new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "POLL_SECONDS", 0.02)
    place = folder_of(NAME)

    def act(told: FolderVoice, n: int) -> Exit:
        told.start("", 1)
        if n < 3:
            told.fail(DatabankBusy.sentence, Exit.NOT_WRITABLE)
            return Exit.NOT_WRITABLE
        assert read(place).waiting
        told.progress(Progress(seen=1))
        assert not read(place).waiting
        return done(told)

    calls = ingests(monkeypatch, act)
    assert runner.main(place) == 0
    assert len(calls) == 3
    assert (read(place).state, read(place).messages) == ("done", ())


def test_a_waiting_job_is_stopped(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_of(NAME)  # it has just been started
    place = folder_of(LATER, stop="")
    calls = ingests(monkeypatch, done)
    assert runner.main(place) == 130
    assert (read(place).state, calls) == ("interrupted", [])


def test_a_job_is_stopped_by_an_interrupt(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = folder_of(NAME)

    def act(told: FolderVoice, _: int) -> Exit:
        with ingest.job.stopping(told.notice) as stop:
            told.progress(Progress(seen=1))
            jobs.cancel(place.name)
            deadline = time.monotonic() + 30
            while not stop.is_set() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert stop.is_set()
        told.finish(summary("interrupted", seen=3, ok=3), Exit.INTERRUPTED)
        return Exit.INTERRUPTED

    ingests(monkeypatch, act)
    before = signal.getsignal(signal.SIGINT)
    assert runner.main(place) == 130
    assert signal.getsignal(signal.SIGINT) is before
    job = read(place)
    assert job.numbers is not None
    assert (job.state, job.numbers.seen, job.stopping) == ("interrupted", 3, False)
    assert job_words.messages(T, job, identifiers=True) == []
    assert T("job.kept") in texts(visit("ingest"))


def test_a_demo_is_stopped_while_its_files_are_made(new_home: Path) -> None:
    place = folder_of(NAME, {"kind": "demo", "sources": []}, stop="")
    assert runner.main(place) == 130
    assert read(place).state == "interrupted"
    assert not databank.exists(databank.path_of("demo"))


def test_a_job_whose_process_was_killed_says_so(new_home: Path) -> None:
    first, place = folder_of(NAME, {"started": LONG_AGO}), folder_of(LATER)
    with alive(first):
        process = subprocess.Popen([sys.executable, "-m", "app.jobs.runner", str(place)], cwd=ROOT)
        deadline = time.monotonic() + 30
        while not read(place).waiting and time.monotonic() < deadline:
            time.sleep(0.05)
        assert read(place).running
        process.kill()
        process.wait()
        assert read(place).state == "failed", "at once"
    app = visit("ingest")
    assert T("job.lost") in texts(app)
    assert T("job.failed") in texts(app)


def test_an_ingest_that_breaks_has_failed(
    new_home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def act(told: FolderVoice, _: int) -> Exit:
        told.fail("Taglake stopped on an error of its own (KeyError).", Exit.NOTHING)
        raise KeyError("x")

    ingests(monkeypatch, act)
    place = folder_of(NAME)
    assert runner.main(place) == 1
    damaged = folder_of(LATER, {"kind": "run", "databank": 3, "started": LONG_AGO})
    assert runner.main(damaged) == 1
    assert job_words.messages(T, read(damaged), False) == [T("job.own_error", why="TypeError")]
    assert "KeyError" in capfd.readouterr().err, "where the job's errors.txt has it"
    said = job_words.messages(T, read(place), identifiers=False)
    assert said == [T("job.own_error", why="KeyError")]
    assert T("job.lost") not in texts(visit("ingest"))


@pytest.mark.parametrize(
    ("age", "locked", "ended", "events", "state"),
    [
        (0, False, False, [], "running"),  # the runner has not taken its lock yet
        (60, True, False, [{"event": "start"}], "running"),
        (60, False, False, [{"event": "start"}], "failed"),
        (60, False, True, [{"event": "finish", "state": "done"}], "done"),
        (60, False, False, [{"event": "finish", "state": "done"}], "done"),
        (60, False, True, [{"event": "fail", "message": "no", "exit": 4}], "failed"),
        (60, False, True, [{"event": "stopped"}], "interrupted"),
        (60, False, True, [{"event": "finish", "state": "odd"}], "failed"),
        (60, False, True, ["no\n", "[1]\n", {"event": "finish", "state": "done"}, "{\"c"], "done"),
        (60, False, True, [{"event": "demo", "done": "x"}, {"event": "finish", "troubles": 1}],
         "failed"),
    ],
)  # fmt: skip
def test_states(
    new_home: Path, age: int, locked: bool, ended: bool, events: list[Any], state: str
) -> None:
    started = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
    place = folder_of(NAME, {"started": started}, *events)
    if ended:
        (place / record.ENDED).write_text("{}")
    if locked:
        with alive(place):
            assert read(place).state == state
    else:
        assert read(place).state == state


def test_a_damaged_folder_is_no_job_or_one_without_numbers(new_home: Path) -> None:
    for number, damage in enumerate(("", "{", "[]", "1", '{"kind": "path"}', "null")):
        place = folder_of(f"20200101T00000{number}-00000000")
        (place / record.ASKED).write_text(damage)
    assert jobs.latest() == []
    for damage in ("", "[]", '{"seen": 1}', json.dumps({**NUMBERS, "seen": "many"})):
        assert record._numbers(json.loads(damage or "null")) is None
    place = folder_of(LATER.replace("01T", "02T"), progress="{")
    assert (read(place).state, read(place).numbers) == ("running", None)


def test_what_is_told_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path))
    place = folder_of(NAME)
    told = FolderVoice(place)
    numbers = Progress(seen=3, ok=2, error=1, planned=9, planning=False, seconds=1.5, bytes=7)
    told.progress(numbers)
    told.progress(Progress(seen=4))  # half a second has not gone by
    assert read(place).numbers == numbers
    told.finish(summary("failed", seen=5, ok=5), Exit.NOT_WRITABLE)
    job = read(place)
    assert job.numbers is not None
    assert (job.numbers.seen, job.run_id) == (5, "run")
    assert str(Path("/lake")) not in (place / record.EVENTS).read_text()


def test_a_full_disk_does_not_end_the_ingest(
    new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = FolderVoice(new_home / "nowhere")
    told.progress(Progress(seen=1))
    told.notice("no")
    told.finish(summary(), Exit.DONE)
    monkeypatch.setattr(voice, "MOST_NOTICES", 10)
    place = folder_of(NAME)
    talkative = FolderVoice(place)
    for _ in range(10):
        talkative.notice("four")
    assert len((place / record.EVENTS).read_text().splitlines()) == 2


def test_files_that_could_not_be_read_are_found_in_the_lake(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = home / "databanks" / "errors"
    run = queries.ask(Databank(root), "runs")["run_id"].item()
    paths = [f"/data/0/other/{n}" for n in (2, 3, 4)]
    assert again.unread(root) == again.unread(root, run) == paths
    assert again.unread(root, "no such run") == []
    assert again.sources_of(root, run) == ["/data"]
    assert again.sources_of(root, "no such run") == []
    calls = ingests(monkeypatch, done)
    monkeypatch.setattr(record, "folder", lambda: tmp_path)
    asked = {"databank": "errors", "sources": [], "run": run, "started": LONG_AGO, "workers": 3}
    assert runner.main(folder_of(NAME, asked | {"kind": "unread", "force": True})) == 0
    assert runner.main(folder_of(LATER, asked | {"kind": "run"})) == 0
    assert [(call["given"], call["force"]) for call in calls] == [(paths, True), (["/data"], False)]
    assert calls[0]["workers"] == 3
    stored = "".join(file.read_text() for file in tmp_path.glob("*/*.json*"))
    assert "/data" not in stored, "the paths stay in the lake"


def test_nothing_that_is_left_to_be_read_is_said(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "folder", lambda: tmp_path)
    asked = {"databank": "empty", "kind": "unread", "sources": []}
    place = folder_of(NAME, asked)
    assert runner.main(place) == 1
    assert job_words.messages(T, read(place), identifiers=False) == [T("job.nothing_left")]
    missing = folder_of(LATER, asked | {"databank": "no such"})
    assert runner.main(missing) == 1
    assert job_words.messages(T, read(missing), False) == [T("error.DatabankNotFound")]


def test_sentences_are_in_the_language_and_without_paths() -> None:
    gone = "The source cannot be opened: No such file or directory."
    secret = [f"/data/Müller: {n}: {gone}" for n in range(7)]
    known = ["The databank cannot be written: the disk is full.", DatabankBusy.sentence, "Odd."]
    job = jobs.Job(
        NAME, "path", "x", (), datetime.now(UTC), "failed",
        messages=(*secret, "/b: The source cannot be opened: Permission denied.", *known),
    )  # fmt: skip
    de = language_texts("de")
    assert job_words.messages(de, job, identifiers=False) == [
        "7 Quellen: lässt sich nicht öffnen: unter diesem Pfad ist nichts.",
        "1 Quelle: lässt sich nicht öffnen: keine Berechtigung.",
        "Die Datenbank kann nicht geschrieben werden: der Datenträger ist voll.",
        de("error.DatabankBusy"),
        "Odd.",
    ]
    shown = job_words.messages(T, job, identifiers=True)
    assert shown[0] == "/data/Müller: 0: cannot be opened: there is nothing at this path."
    assert shown[job_words.SHOWN] == "And 3 more."


def test_sources_are_hidden_with_the_identifiers(new_home: Path) -> None:
    said = "The source cannot be opened: Permission denied."
    notice = {"event": "notice", "message": f"/data/Mueller: {said}"}
    folder_of(NAME, {"sources": ["/data/Mueller"], "started": LONG_AGO}, notice)
    app = visit("ingest")
    assert "Mueller" not in texts(app)
    assert T("job.hidden_source") in texts(app)
    app.toggle(key="identifiers").set_value(True).run()
    assert "/data/Mueller: cannot be opened: permission denied." in texts(app)


def test_old_jobs_are_forgotten_with_their_uploads_but_never_running_ones(
    new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "KEPT", 3)
    stored = [
        uploads.keep("x", [("a", io.BytesIO(data))], for_good=good)
        for data, good in ((b"1", False), (b"2", True))
    ]
    for n in range(6):
        source = stored[n] if n < 2 else "/a"
        asked = {
            "started": LONG_AGO,
            "kind": "upload" if n < 2 else "path",
            "sources": [str(source)],
        }
        folder_of(f"2020010{n + 1}T000000-00000000", asked)
    folder_of("20190101T000000-00000000")  # just started, says its folder
    (record.folder() / "notes").mkdir()
    launch._forget_old()
    left = {path.name for path in record.folder().iterdir()}
    kept = {f"2020010{n}T000000-00000000" for n in (4, 5, 6)}
    assert left == {*kept, "20190101T000000-00000000", "notes"}
    assert [folder.exists() for folder in stored] == [False, True]


def test_no_other_folder_is_stopped(new_home: Path) -> None:
    (new_home / "elsewhere").mkdir()
    jobs.cancel("../elsewhere")
    assert list((new_home / "elsewhere").iterdir()) == []


def test_names_of_jobs_sort_by_time() -> None:
    names = [record.new_name() for _ in range(200)]
    assert all(record.NAME.fullmatch(name) for name in names)
    assert [name[:21] for name in names] == sorted(name[:21] for name in names)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such bits")
def test_only_the_owner_sees_the_jobs(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Process:
        def __init__(self, *_: Any, **__: Any) -> None: ...

        def wait(self) -> int:
            return 0

    monkeypatch.setattr(launch.subprocess, "Popen", Process)
    place = record.folder() / jobs.start("path", "x", ["/data/Mueller"], force=True, workers=2)
    assert record.folder().stat().st_mode & 0o077 == 0
    asked = json.loads((place / record.ASKED).read_text())
    assert (asked["force"], asked["workers"], asked["sources"]) == (True, 2, ["/data/Mueller"])
