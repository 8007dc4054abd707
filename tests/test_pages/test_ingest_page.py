"""The page of ingests: what is typed is checked, jobs are live for all, once more is a click."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app import jobs
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.jobs import launch, places, record
from app.jobs.places import NoSource
from app.ui import intake, job_result
from app.ui.intake import Wanted
from app.ui.view import View
from ingest.lake import databank
from tests.test_pages.browser import metrics, texts, view, visit
from tests.test_pages.test_jobs import LATER, LONG_AGO, NAME, NUMBERS, alive, folder_of

T = language_texts("en")
FINISHED = {"event": "finish", "run_id": "a-run", "state": "done", **NUMBERS}


@pytest.fixture
def unstarted(monkeypatch: pytest.MonkeyPatch) -> None:
    """No processes: jobs are only asked for."""
    monkeypatch.setattr(launch.subprocess, "Popen", lambda *_, **__: SimpleNamespace(wait=int))


def refused(typed: str) -> str:
    with pytest.raises(NoSource) as error:
        places.found(typed)
    return error.value.why


def test_what_is_missing_is_said_before_anything_starts(new_home: Path) -> None:
    app = visit("ingest")
    app.button(key="start").click().run()
    assert T("ingest.need_source") in texts(app)
    lines = [f"/no/such/folder/{n}" for n in range(7)]
    app.text_area(key="paths").set_value("\n".join([*lines, "s3://bucket", str(new_home)])).run()
    app.button(key="start").click().run()
    said = texts(app)
    assert T("ingest.path_missing", path=lines[0]) in said
    assert T("ingest.and_more", n="3") in said, "and one of another kind"
    assert lines[4] in said
    assert lines[5] not in said
    assert jobs.latest(5) == []
    assert databank.names() == []


def test_several_paths_become_one_job(new_home: Path, tmp_path: Path, unstarted: None) -> None:
    names = ("plain", "sp ace ", "qu'o\"te", "ümlaut", "$(x)", "100%25")
    folders = [tmp_path / "in" / name for name in names]
    for folder in folders:
        folder.mkdir(parents=True)
    app = visit("ingest")
    typed = [f'"{folders[0]}"', *map(str, folders), f"  {folders[0]}  "]
    app.text_area(key="paths").set_value("\n\n".join(typed)).run()
    app.toggle(key="force").set_value(True).run()
    app.number_input(key="workers").set_value(1).run()
    app.button(key="start").click().run()
    assert not app.exception
    assert T("ingest.started") in texts(app)
    [job] = jobs.latest()
    assert (job.databank, job.sources) == ("plain", tuple(map(str, folders)))
    asked = (record.folder() / job.name / record.ASKED).read_text()
    assert '"force": true' in asked
    assert f'"workers": {"null" if os.cpu_count() == 1 else 1}' in asked
    app.button(key="start").click().run()
    assert T("ingest.twin") in texts(app)
    assert len(jobs.latest()) == 1


def test_what_is_typed_is_taken_as_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for name in ("a", '"b"', " c ", "d"):
        (tmp_path / name).mkdir()
    (tmp_path / "d" / "file").write_bytes(b"1")
    here = str(tmp_path)
    assert places.found("~/a") == f"{here}/a"
    assert places.found(f"'{here}/a'") == f"{here}/a"
    assert places.found(f'{here}/"b"') == f'{here}/"b"'
    assert places.found(f"{here}/ c ") == f"{here}/ c "
    assert places.found(f" {here}/d/file ") == f"{here}/d/file"
    assert places.found(f"file://{here}/a") == f"{here}/a"
    assert refused("s3://bucket/x") == "scheme"
    assert refused("file://other/x") == "scheme"
    assert refused(f"{here}/none") == refused("\0") == refused("x\0y") == refused('"') == "missing"
    inside = tmp_path / "home" / "databanks" / "x" / "open"
    inside.mkdir(parents=True)
    assert refused(str(inside)) == refused(str(tmp_path / "home" / "databanks")) == "inside"
    assert places.found(f"{here}/home") == f"{here}/home"


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither such names nor FIFOs")
def test_odd_things_at_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path / "home"))
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe")
    os.mkdir(odd)  # noqa: PTH102
    assert places.found(f"{tmp_path}/%FF%FE") == odd, "as paths are shown that are no text"
    os.mkfifo(tmp_path / "fifo")
    assert refused(str(tmp_path / "fifo")) == "irregular"
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert refused(str(tmp_path / "link")) == "missing"

    def closed(_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(places.os, "scandir", closed)
    assert refused(odd) == "unreadable"
    assert {f"ingest.path_{why}" for why in ("missing", "unreadable", "irregular", "scheme",
            "inside")} <= set(T.entries)  # fmt: skip


def test_a_bad_name_is_refused(new_home: Path, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    wrong = {"a/b": "NameHasForbidden", "..": "NameStartsOrEndsOddly", "con": "NameReserved"}
    for name, error in wrong.items():
        wanted = Wanted(lines=(str(source),), name=name)
        assert intake.start(View(T), wanted) == [T(f"error.{error}")]
    assert jobs.latest(5) == []


def test_a_system_that_starts_nothing_is_said(
    new_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(launch.subprocess, "Popen", refuse)
    (tmp_path / "in").mkdir()
    wanted = Wanted(lines=(str(tmp_path / "in"),), name="x")
    assert intake.start(View(T), wanted) == [T("ingest.cannot_start")]


def test_every_session_sees_a_running_job_and_may_stop_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "folder", lambda: tmp_path)
    place = folder_of(NAME, {"databank": "full"}, {"event": "start"}, progress=NUMBERS)
    with alive(place):
        mine, other = visit("ingest", databank="empty"), visit("ingest", databank="errors")
        for app in (mine, other):
            assert T("job.running") in texts(app)
            [bar] = app.progress
            assert (bar.value, bar.text) == (50, "500 of 1,000 files")
            told = "250 files/s · 0 errors · about 2.0 s left · for 2.0 s"
            assert told in texts(app)
        other.button(key=f"stop_{NAME}").click().run()
        assert (place / record.STOP).exists()
        assert other.button(key=f"stop_{NAME}").disabled
        assert T("job.cancelling") in texts(mine.run())
    (place / record.EVENTS).write_text('{"event": "stopped"}\n')
    (place / record.ENDED).write_text("{}")
    assert T("job.interrupted") in texts(mine.run())
    assert view(mine).name == "empty", "only who started it is shown its databank"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("changed", "value", "key"),
    [
        ({"planning": True}, 0, "job.progress_planning"),
        ({"planned": 0}, 100, "job.finishing"),
        ({"planned": 100, "unchanged": 900, "seen": 950}, 95, "job.progress"),
    ],
)
def test_progress(
    new_home: Path, language: str, changed: dict[str, Any], value: int, key: str
) -> None:
    folder_of(NAME, {}, {"event": "start"}, progress=NUMBERS | changed)
    t = language_texts(language)
    app = visit("ingest", language)
    [bar] = app.progress
    seen = t.number((NUMBERS | changed)["seen"])
    values = {"planned": t.number(1000)} if key == "job.progress" else {}
    assert (bar.value, bar.text) == (value, t(key, seen=seen, **values))


def test_a_waiting_job_says_so(new_home: Path) -> None:
    folder_of(NAME, {}, {"event": "waiting"})
    app = visit("ingest")
    assert T("job.waiting") in texts(app)
    assert T("job.waiting_text") in texts(app)


def test_recent_sources_are_offered_only_with_identifiers(new_home: Path) -> None:
    folder_of(NAME, {"sources": ["/data/Mueller", "/data/b"], "started": LONG_AGO})
    folder_of(LATER, {"sources": ["/data/c"], "kind": "upload", "started": LONG_AGO})
    app = visit("ingest")
    assert T("ingest.recent_hidden") in texts(app)
    assert not [m for m in app.get("menu_button") if T("ingest.recent") in str(m.proto)]
    app.toggle(key="identifiers").set_value(True).run()
    [menu] = [m for m in app.get("menu_button") if T("ingest.recent") in str(m.proto)]
    assert len(menu.proto.options) == 2


def test_an_ended_job_leads_on(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unstarted: None
) -> None:
    monkeypatch.setattr(record, "folder", lambda: tmp_path)
    asked = {"databank": "full", "started": LONG_AGO}
    folder_of(NAME, asked, FINISHED | {"error": 2})
    none = FINISHED | dict.fromkeys(("ok", "seen"), 0)
    folder_of(LATER, asked | {"kind": "run", "run": "r", "sources": []}, none)
    app = visit("ingest", databank="empty")
    links = [link.proto.query_string for link in app.page_link]
    run = "databank=full&run=a-run"
    assert links == [run, "databank=full", run], "no studies of an ingest of nothing"
    assert T("job.nothing") in texts(app)
    assert metrics(app)[T("card.seen")] == "0", "cards are those of the latest job"
    assert T("job.of_run") in texts(app)
    second, first = jobs.latest()
    assert job_result._choices(first) == ["new", "all", "unread"]
    assert job_result._choices(second) == ["new", "all"]
    job_result._do(first, "unread")
    job_result._do(first, "all")
    job_result._do(second, "new")
    started = [(job.kind, job.sources, job.run) for job in jobs.latest()[2::-1]]
    assert started == [("unread", (), "a-run"), ("path", ("/a",), ""), ("run", (), "r")]
