"""Signals in the first second of an ingest: a last line and the exit code, never a traceback."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingest import job, pool, progress
from ingest.exits import Exit

ROOT = Path(__file__).resolve().parents[2]
WHEN_IMPORTED = """
import builtins, os, signal, sys

real, told = builtins.__import__, []


def interrupting(name, globals=None, locals=None, fromlist=(), level=0):
    names = [name, *(f"{{name}}.{{one}}" for one in fromlist or ())]
    if {module!r} in names and not told:
        told.append(name)
        signal.raise_signal(signal.{signal})
    return real(name, globals, locals, fromlist, level)


builtins.__import__ = interrupting
sys.argv[0] = "ingest"
import runpy
runpy.run_module("ingest", run_name="__main__")
"""


def interrupted_at(module: str, number: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m ingest`, with a signal in the moment before a module is imported."""
    return subprocess.run(
        [sys.executable, "-c", WHEN_IMPORTED.format(module=module, signal=number), *arguments],
        cwd=ROOT, env={**os.environ, "TAGLAKE_HOME": arguments[0]}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(("module", "number"), [
    ("typer", "SIGINT"), ("ingest.job", "SIGINT"), ("ingest.progress", "SIGINT"),
    ("ingest.lake.databank", "SIGINT"), ("ingest.pipeline", "SIGINT"),
    ("ingest.pipeline", "SIGTERM"), ("ingest.derive", "SIGINT"),
])  # fmt: skip
def test_a_signal_while_modules_are_imported(tmp_path: Path, module: str, number: str) -> None:
    """With one reader, as each imports for half a second, and with as many as by default."""
    done = interrupted_at(module, number, str(tmp_path), "--json", "--workers", "1")
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["event"], last["exit"]) == ("fail", 130)
    assert last["message"].startswith("Interrupted")
    assert done.returncode == Exit.INTERRUPTED
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []

    plain = interrupted_at(module, number, str(tmp_path))
    assert (plain.returncode, plain.stdout) == (Exit.INTERRUPTED, "")
    assert "Error: Interrupted" in plain.stderr
    assert "Traceback" not in plain.stderr


def test_readers_are_started_before_anything_that_takes_long_to_import() -> None:
    program = "import sys, ingest.job, ingest.pool, ingest.lake.databank; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {"polars", "duckdb", "pydicom", "numpy"}.isdisjoint(done.stdout.split())


def test_readers_that_were_started_ahead_are_gone_when_nothing_comes_of_it() -> None:
    def interrupted() -> None:
        with pool.started(3, ahead=True):
            assert len(multiprocessing.active_children()) == pool.WARM
            assert "POLARS_MAX_THREADS" not in os.environ
            raise job.Interrupted

    with pytest.raises(job.Interrupted):
        interrupted()
    assert multiprocessing.active_children() == []
    with pool.started(3, ahead=False) as none:
        assert multiprocessing.active_children() == []
        assert none.workers == 3


class Kept(progress.Lines):
    """Keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: list[tuple[str, Exit]] = []

    def fail(self, sentence: str, code: Exit) -> None:
        self.failed.append((sentence, code))


def test_an_interrupt_that_no_handler_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "_reachable", raising)
    voice = Kept()
    code = job.run([str(tmp_path)], "", workers=1, force=False, caps=job.LIMITS, voice=voice)
    assert code == Exit.INTERRUPTED
    assert voice.failed == [("Interrupted; what is committed is kept.", Exit.INTERRUPTED)]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
