"""The ingest as a command: options in, sentences and exit codes out, whatever the pipeline does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import job, progress
from ingest.exits import Exit
from ingest.lake import databank
from ingest.lake.errors import (
    BadName,
    DatabankBusy,
    DatabankNotWritable,
    FormatTooNew,
    LakeError,
    NotADatabank,
)
from ingest.records import Progress, Summary
from ingest.sources import SourceUnreachable
from tests.test_app.command_line import Ended, taglake, write_instance

ROOT = Path(__file__).resolve().parents[2]
DONE = Summary("run", "done", Path("bank"), 15, 5, 4, 3, 2, 1, 2.5, 1000)


class StandIn:
    """In place of the pipeline: notes what it is called with, ends as it is told."""

    def __init__(self) -> None:
        self.summary = DONE
        self.error: Exception | None = None
        self.sources: list[str] = []
        self.root = Path()
        self.options: dict[str, Any] = {}

    def ingest(self, sources: list[str], root: Path, **options: Any) -> Summary:
        self.sources, self.root, self.options = sources, root, options
        if self.error:
            raise self.error
        report: Callable[[Progress], None] = options["report"]
        report(Progress(seen=3, ok=2, error=1, planned=15, seconds=1.0))
        report(replace(Progress(), seen=15, ok=5, planned=14, planning=False, seconds=2.0))
        return self.summary


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("ingest.pipeline.ingest", stand_in.ingest)
    monkeypatch.setattr("ingest.pool.Pool.warm", lambda self: None)  # nobody reads
    return stand_in


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "Heart Study"
    folder.mkdir()
    return folder


def events(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.text.splitlines()]


def test_the_options_reach_the_pipeline(pipeline: StandIn, source: Path, tmp_path: Path) -> None:
    options = "--workers 3 --force --max-members 7 --max-bytes 2K --max-ratio 9 --max-depth 1"
    ended = taglake("ingest", source, "--databank", tmp_path / "bank", *options.split())
    assert ended.code == 0
    assert (pipeline.sources, pipeline.root) == ([str(source)], tmp_path / "bank")
    limits = pipeline.options["limits"]
    assert (pipeline.options["pool"].workers, pipeline.options["force"]) == (3, True)
    assert (limits.max_members, limits.max_bytes, limits.max_ratio) == (7, 2048, 9)
    assert (limits.max_depth, limits.max_window) == (1, job.LIMITS.max_window)


def test_defaults(pipeline: StandIn, source: Path, tmp_path: Path) -> None:
    taglake("ingest", source)
    assert pipeline.root == tmp_path / "home" / "databanks" / "Heart Study"
    assert pipeline.options["pool"].workers == os.cpu_count()
    assert pipeline.options["limits"] == job.LIMITS


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("/data/Brain Study", "Brain Study"),
        ("/data/Brain Study/", "Brain Study"),
        ("/data/scan.tar.gz", "scan"),
        ("/data/scan.ZIP", "scan"),
        ("/data/scan.7z", "scan"),
        ("/data/IM0001.dcm", "IM0001"),
        ("/data/v1.2", "v1.2"),
        ("/data/.hidden", "hidden"),
        ("/data/Müller 頭部", "Müller 頭部"),
        ("/data/a:b*c?", "a_b_c_"),
        ("/data/con.zip", "con_"),
        ("/data/" + "ä" * 100, "ä" * 59),
        ("/", "databank"),
        ("/...", "databank"),
        ("s3://bucket/trial 7/", "trial 7"),
    ],
)
def test_a_databank_is_named_after_its_source(given: str, name: str) -> None:
    assert job.name_after(given) == name


@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_any_source_gives_a_possible_name(text: str) -> None:
    name = job.name_after(text)
    assert databank.validate_name(name) == name


@pytest.mark.parametrize(
    ("text", "size"),
    [("1", 1), ("512M", 512 << 20), ("2G", 2 << 30), ("1 TiB", 1 << 40), ("3kb", 3072)],
)
def test_sizes(text: str, size: int) -> None:
    assert job.size(text) == size


def test_json_lines_are_all_of_stdout(pipeline: StandIn, source: Path) -> None:
    ended = taglake("ingest", source, "--json")
    told = events(ended)
    assert [event["event"] for event in told] == ["start", "progress", "finish"]
    finish = told[-1]
    outcomes = ("ok", "duplicate", "not_dicom", "error", "unchanged")
    assert finish["seen"] == sum(finish[name] for name in outcomes) == 15
    assert (finish["adds_up"], finish["exit"], finish["state"]) == (True, 0, "done")
    assert ended.err == ""


def test_the_summary_adds_up(pipeline: StandIn, source: Path) -> None:
    ended = taglake("ingest", source)
    rows = dict(reversed(line.split()[:2]) for line in ended.text.splitlines())
    assert rows.pop("outcome") == "files"
    assert int(rows.pop("seen")) == sum(map(int, rows.values())) == 15


def test_a_summary_that_does_not_add_up_is_an_error(pipeline: StandIn, source: Path) -> None:
    pipeline.summary = replace(DONE, seen=16)
    ended = taglake("ingest", source)
    assert ended.code == 1
    assert "do not add up" in ended.err
    assert events(taglake("ingest", source, "--json"))[-1]["adds_up"] is False


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, Exit.DONE),
        ({"seen": 1, "ok": 0, "duplicate": 0, "not_dicom": 0, "error": 0}, Exit.DONE),
        ({"seen": 5, "ok": 0, "duplicate": 0, "unchanged": 0}, Exit.NOTHING),
        ({"state": "failed"}, Exit.NOT_WRITABLE),
        ({"state": "interrupted"}, Exit.INTERRUPTED),
        ({"unreachable": ("It went away.",)}, Exit.UNREACHABLE),
    ],
)
def test_how_it_ended_is_the_exit_code(
    pipeline: StandIn, source: Path, changes: dict[str, Any], code: Exit
) -> None:
    pipeline.summary = replace(DONE, **changes)
    assert taglake("ingest", source).code == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DatabankNotWritable(), Exit.NOT_WRITABLE),
        (DatabankBusy(), Exit.NOT_WRITABLE),
        (NotADatabank(), Exit.NOT_WRITABLE),
        (FormatTooNew(), Exit.NOT_WRITABLE),
        (BadName(), Exit.USAGE),
        (SourceUnreachable("It is gone."), Exit.UNREACHABLE),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_are_a_sentence_and_an_exit_code(
    pipeline: StandIn, source: Path, error: LakeError | SourceUnreachable, code: Exit
) -> None:
    pipeline.error = error
    ended = taglake("ingest", source)
    assert (ended.code, ended.out) == (code, b"")
    assert ended.err.endswith(f"Error: {error}\n")
    last = events(taglake("ingest", source, "--json"))[-1]
    assert last == {"event": "fail", "message": str(error), "exit": int(code)}


def test_an_error_of_its_own_is_told_to_programs_too(pipeline: StandIn, source: Path) -> None:
    pipeline.error = ZeroDivisionError("Roe^Jane")
    voice = Kept()
    with pytest.raises(ZeroDivisionError):
        job.run([str(source)], "", workers=1, force=False, caps=job.LIMITS, voice=voice)
    assert voice.failed == ["Taglake stopped on an error of its own (ZeroDivisionError)."]


class Kept(progress.Lines):
    def __init__(self) -> None:
        super().__init__()
        self.failed: list[str] = []

    def fail(self, sentence: str, code: Exit) -> None:
        self.failed.append(sentence)


def test_a_missing_source_does_not_stop_the_others(pipeline: StandIn, source: Path) -> None:
    ended = taglake("ingest", source.parent / "missing", source)
    assert ended.code == Exit.UNREACHABLE
    assert pipeline.sources == [str(source)]
    assert "missing: The source cannot be opened" in ended.err
    assert "became instances" in ended.text


def test_without_any_source_no_databank_is_made(pipeline: StandIn, tmp_path: Path) -> None:
    ended = taglake("ingest", tmp_path / "missing", "ftp://example.invalid/x")
    assert (ended.code, ended.out) == (Exit.UNREACHABLE, b"")
    assert not pipeline.options
    assert taglake("ingest", "").code == Exit.USAGE
    assert taglake("ingest").code == Exit.USAGE


def test_progress_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """The bar draws on stderr and is gone at the end; the summary alone is on stdout."""
    voice = progress.Terminal()
    voice.start("bank", 1)
    voice.progress(Progress(seen=500, ok=498, error=2, planned=1500, planning=False, seconds=2.0))
    voice.notice("One [bold]moment[/]\x1b[2J.")
    voice.finish(replace(DONE, troubles=("A worker died.",)), Exit.DONE)
    out, err = capsys.readouterr()
    assert "became instances" in out
    assert "One [bold]moment[/]\\x1b[2J." in err
    assert "A worker died." in err


def test_what_a_line_of_progress_says() -> None:
    now = Progress(
        seen=600, ok=398, error=2, unchanged=200, planned=1400, planning=False, seconds=2.0
    )
    assert progress.sentence(now) == "600 of 1,600 files, 300 files/s, 2 errors, 5.0 s left"
    early = replace(now, planning=True)
    assert progress.sentence(early) == "600 of 1,600+ files, 300 files/s, 2 errors"
    assert progress.seconds_left(Progress()) is None
    assert progress.files_per_second(Progress()) == 0.0


WAITING = """
import sys, time
from ingest import pipeline, records
from pathlib import Path
def ingest(sources, root, *, stop, **options):
    print("ready", file=sys.stderr, flush=True)
    while not stop.is_set() or {deaf}:
        time.sleep(0.01)
    return records.Summary("r", "interrupted", Path("b"), 0, 0, 0, 0, 0, 0, 0.1, 0)
pipeline.ingest = ingest
from ingest.__main__ import main
main()
"""


def started(source: Path, *, deaf: bool = False) -> subprocess.Popen[str]:
    program = WAITING.format(deaf=deaf)
    process = subprocess.Popen(  # one reader, since each imports for half a second
        [sys.executable, "-c", program, str(source), "--json", "--workers", "1"],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    return process


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_finishes_what_is_begun(source: Path, number: signal.Signals) -> None:
    process = started(source)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == Exit.INTERRUPTED
    told = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in told] == ["start", "notice", "finish"]
    assert (told[-1]["state"], told[-1]["exit"], err) == ("interrupted", 130, "")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_second_signal_ends_at_once(source: Path) -> None:
    process = started(source, deaf=True)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert json.loads(process.stdout.readline())["event"] == "notice"
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    process.communicate(timeout=20)
    assert process.returncode == Exit.INTERRUPTED
    assert time.monotonic() - began < 5


def test_the_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with job.stopping(lambda sentence: None) as stop:
        assert not stop.is_set()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_real_ingest_from_folder_to_table(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two instances, a copy, a broken file, a text and a ZIP: all accounted for, twice."""
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path / "home"))
    for number in (1, 2):
        write_instance(source / f"Roe^Jane {number}.dcm", number)
    shutil.copy(source / "Roe^Jane 1.dcm", source / "copy")
    (source / "cut.dcm").write_bytes((source / "copy").read_bytes()[:200])
    (source / "notes.txt").write_text("x", "utf-8")
    write_instance(tmp_path / "three.dcm", 3)
    with zipfile.ZipFile(source / "more.zip", "w") as archive:
        archive.write(tmp_path / "three.dcm", "a/b")
    first = taglake("ingest", source, "--workers", "1", "--json")
    finish = events(first)[-1]
    counts = {name: finish[name] for name in ("seen", *progress.OUTCOMES)}
    assert (first.code, first.err) == (0, "")
    assert counts == {
        "seen": 6, "ok": 3, "duplicate": 1, "not_dicom": 1, "error": 1, "unchanged": 0
    }  # fmt: skip
    assert "Roe" not in first.text  # no file's name, no patient's
    second = taglake("ingest", source, "--workers", "1")
    assert second.code == 0
    assert "Roe" not in second.text + second.err
    status = "SELECT status, count(*) AS n FROM files GROUP BY 1 ORDER BY 1"
    shown = taglake("sql", status, "--format", "csv")
    assert shown.text == "status,n\nduplicate,1\nerror,1\nnot_dicom,1\nok,3\n"
    run = taglake(
        "sql", "SELECT unchanged, seen FROM runs ORDER BY started DESC LIMIT 1", "-f", "csv"
    )
    assert run.text == "unchanged,seen\n6,6\n"
    assert taglake("check").code == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_of_folders_that_are_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As old systems wrote them: M\xfcller in Latin-1. A databank cannot be in one."""
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path / "home"))
    source = Path(os.fsdecode(os.fsencode(tmp_path) + b"/M\xfcller"))
    write_instance(source / "1.dcm")
    assert taglake("ingest", source, "-d", "bank", "--workers", "1").code == 0
    asked = "SELECT uri, sources[1] AS source FROM files JOIN runs USING (run_id)"
    shown = taglake("sql", asked, "--identifiers", "-f", "csv").text
    assert shown == f"uri,source\n{tmp_path}/M%FCller/1.dcm,{tmp_path}/M%FCller\n"
    ended = taglake("ingest", source, "-d", source / "bank")
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err == "Error: The path of a databank has to be valid UTF-8.\n"
