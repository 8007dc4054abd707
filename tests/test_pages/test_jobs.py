"""Jobs: processes of their own that are read from their folder, stopped by a file, and add up."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from app import jobs, queries
from app.i18n import texts as language_texts
from app.jobs import launch, record, runner, uploads
from app.queries import Databank
from app.ui import intake
from app.ui.view import View
from ingest.lake import databank
from ingest.progress import OUTCOMES
from tests.test_pages import dicom_files
from tests.test_pages.browser import go, metrics, texts, visit

T = language_texts("en")
COUNTS = {"seen": 7, "ok": 5, "duplicate": 1, "not_dicom": 1, "error": 0, "unchanged": 0}


def wait(name: str, seconds: float = 60) -> jobs.Job:
    """The job when it has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job = jobs.read(name)
        assert job is not None
        if job.state != "running":
            return job
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def folder_of(name: str, asked: dict[str, Any], lines: list[Any] = [], **files: str) -> Path:  # noqa: B006
    place = record.folder() / name
    place.mkdir(parents=True)
    whole = {"kind": "path", "databank": "x", "sources": ["/a"], "force": False,
             "started": datetime.now(UTC).isoformat()}  # fmt: skip
    (place / record.ASKED).write_text(json.dumps(whole | asked))
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    (place / record.LINES).write_text(text)
    for file, content in files.items():
        (place / file).write_text(content)
    return place


def stub(tmp_path: Path, body: str) -> str:
    """A program to be run instead of ``python -m ingest``."""
    program = tmp_path / "stub"
    program.write_text(f"#!{sys.executable}\nimport json, signal, sys, time\n{body}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


@pytest.mark.slow
def test_a_folder_is_ingested_and_the_numbers_add_up(new_home: Path, tmp_path: Path) -> None:
    source = dicom_files.write(tmp_path / "source")
    job = wait(jobs.start("path", "mine", [str(source)]))
    assert (job.state, job.messages) == ("done", ())
    assert {name: job.last[name] for name in COUNTS} == COUNTS
    assert job.last["seen"] == sum(job.last[outcome] for outcome in OUTCOMES)
    assert queries.ask(Databank(databank.path_of("mine")), "totals")["instances"].item() == 5
    again = wait(jobs.start("path", "mine", [str(source)]))
    assert (again.last["unchanged"], again.last["ok"]) == (7, 0)
    assert [job.name for job in jobs.latest(5)] == sorted([job.name, again.name], reverse=True)


@pytest.mark.slow
def test_uploaded_files_are_ingested_from_the_page(new_home: Path) -> None:
    app = visit("ingest")
    app.segmented_control(key="way").set_value("upload").run()
    packed = dicom_files.archive()
    app.file_uploader[0].set_value([("patients.zip", packed, "application/zip")]).run()
    app.button(key="start").click().run()
    assert not app.exception
    assert T("ingest.started") in texts(app)
    [job] = jobs.latest(5)
    assert (job.kind, job.databank) == ("upload", "patients")
    job = wait(job.name)
    go(app, "ingest")
    assert T("job.done") in " ".join(badge.value for badge in app.get("markdown")) + texts(app)
    cards = metrics(app)
    assert [cards[T(f"card.{name}")] for name in COUNTS] == [str(n) for n in COUNTS.values()]
    told = T("job.adds_up", **{name: str(n) for name, n in COUNTS.items()})
    assert told in texts(app)
    go(app, "studies")
    assert metrics(app)["Studies"] == "1"
    [stored] = (new_home / "uploads" / "patients").rglob("*.zip")
    assert stored.read_bytes() == packed
    assert stat.S_IMODE((new_home / "uploads").stat().st_mode) == 0o700 or os.name == "nt"


def test_the_form_says_what_is_missing(new_home: Path) -> None:
    app = visit("ingest")
    app.button(key="start").click().run()
    assert app.error[0].value == T("ingest.need_source").replace(",", "&#44;").replace(".", "&#46;")
    app.text_area(key="paths").set_value("/no/such/folder").run()
    app.button(key="start").click().run()
    assert T("ingest.path_missing", path="/no/such/folder") in texts(app)
    assert jobs.latest(5) == []
    assert databank.names() == []


def test_a_bad_name_is_refused(new_home: Path, tmp_path: Path) -> None:
    for name in ("a/b", "..", "con"):
        assert intake._start(View(T), [str(tmp_path)], [], name, False) == T("error.BadName")
    assert jobs.latest(5) == []


def test_a_job_is_stopped_by_an_interrupt(
    new_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = """
def end(*_):
    told = {"event": "finish", "state": "interrupted", "seen": 3, "troubles": ["Kept."]}
    print(json.dumps(told), flush=True)
    sys.exit(130)
signal.signal(signal.SIGINT, end)
print(json.dumps({"event": "progress", "seen": 1}), flush=True)
time.sleep(60)
"""
    place = folder_of("20200101T000000-00000000", {})
    monkeypatch.setattr(runner.sys, "executable", stub(tmp_path, body))
    monkeypatch.setattr(runner, "POLL_SECONDS", 0.3)
    jobs.cancel(place.name)
    assert runner.main(place) == 130
    job = jobs.read(place.name)
    assert job is not None
    assert (job.state, job.last["seen"], job.messages) == ("interrupted", 3, ("Kept.",))


def test_a_demo_is_stopped_while_its_files_are_made(new_home: Path) -> None:
    place = folder_of("20200101T000000-00000000", {"kind": "demo", "sources": []}, stop="")
    assert runner.main(place) == 130
    job = jobs.read(place.name)
    assert job is not None
    assert job.state == "interrupted"
    assert not databank.exists(databank.path_of("demo"))


def test_a_program_that_dies_has_failed(
    new_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder_of("20200101T000000-00000000", {})
    monkeypatch.setattr(runner.sys, "executable", stub(tmp_path, "sys.exit('no')"))
    assert runner.main(place) == 1
    app = visit("ingest")
    assert T("job.lost") in texts(app)
    assert T("job.failed") in texts(app)


@pytest.mark.parametrize(
    ("age", "locked", "ended", "lines", "state"),
    [
        (0, False, False, [], "running"),  # the runner has not taken its lock yet
        (60, True, False, [{"event": "progress", "seen": 1}], "running"),
        (60, False, False, [{"event": "progress", "seen": 1}], "failed"),
        (60, False, True, [{"event": "finish", "state": "done", "seen": 1}], "done"),
        (60, False, False, [{"event": "finish", "state": "done", "seen": 1}], "done"),
        (60, False, True, [{"event": "fail", "message": "no", "exit": 4}], "failed"),
        (60, False, True, [{"event": "stopped"}], "interrupted"),
        (60, False, True, [{"event": "finish", "state": "odd", "seen": 1}], "failed"),
        (60, False, True, ["no\n", "[1]\n", {"event": "finish", "state": "done"}, "{\"c"], "done"),
    ],
)  # fmt: skip
def test_states(
    new_home: Path, age: int, locked: bool, ended: bool, lines: list[Any], state: str
) -> None:
    started = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
    place = folder_of("20200101T000000-00000000", {"started": started}, lines)
    if ended:
        (place / record.ENDED).write_text("{}")
    lock = FileLock(place / record.LOCK)
    if locked:
        lock.acquire()
    try:
        job = jobs.read(place.name)
        assert job is not None
        assert job.state == state
    finally:
        lock.release(force=True)


def test_a_running_job_can_be_stopped_on_the_page(new_home: Path) -> None:
    progress = {
        "event": "progress", "seen": 500, "planned": 1000, "planning": False, "seconds": 2.0,
        "ok": 500, "duplicate": 0, "not_dicom": 0, "error": 0, "unchanged": 0,
    }  # fmt: skip
    place = folder_of("20200101T000000-00000000", {}, [progress])
    app = visit("ingest")
    assert T("job.running") in texts(app)
    [bar] = app.progress
    assert (bar.value, bar.text) == (50, "500 of 1,000, 250 files/s, about 2.0 s left")
    app.button(key=f"stop_{place.name}").click().run()
    assert (place / record.STOP).exists()
    assert app.button(key=f"stop_{place.name}").disabled


def test_sources_are_hidden_with_the_identifiers(new_home: Path) -> None:
    started = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    notice = {"event": "notice", "message": "/data/Mueller: cannot be opened"}
    folder_of(
        "20200101T000000-00000000", {"sources": ["/data/Mueller"], "started": started}, [notice]
    )
    app = visit("ingest")
    assert "Mueller" not in texts(app)
    assert T("job.hidden_source") in texts(app)
    app.toggle(key="identifiers").set_value(True).run()
    assert "/data/Mueller: cannot be opened" in texts(app)


def test_old_jobs_are_forgotten_but_never_running_ones(
    new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "KEPT", 3)
    old = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    for n in range(6):
        folder_of(f"2020010{n + 1}T000000-00000000", {"started": old})
    folder_of("20190101T000000-00000000", {})  # just started, says its folder
    (record.folder() / "notes").mkdir()
    launch._forget_old()
    left = {path.name for path in record.folder().iterdir()}
    kept = {f"2020010{n}T000000-00000000" for n in (4, 5, 6)}
    assert left == {*kept, "20190101T000000-00000000", "notes"}


def test_no_other_folder_is_stopped(new_home: Path) -> None:
    (new_home / "elsewhere").mkdir()
    jobs.cancel("../elsewhere")
    assert list((new_home / "elsewhere").iterdir()) == []


@given(st.text())
def test_names_of_uploads_are_harmless(label: str) -> None:
    name = uploads.safe(label)
    assert name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert not name.startswith(".")
    assert len(name) <= 80


def test_names_of_uploads_stay_readable() -> None:
    assert uploads.safe("C:\\data\\Study 1.zip") == "Study_1.zip"
    assert uploads.safe("../../etc/passwd") == "passwd"
