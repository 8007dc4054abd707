"""Processes that answer statements: started, asked, kept for the next one, ended.

A process that has answered is kept for the next statement to the same sight of the same snapshot,
because starting one takes half a second.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Literal, NamedTuple

import polars as pl

from app.console import frames, limits
from app.console.limits import Limits
from ingest.lake import snapshot
from ingest.lake.errors import LakeError
from ingest.lake.snapshot import Snapshot
from ingest.pool import THREADS

ROOT = Path(__file__).resolve().parents[2]
KEPT_IDLE = limits.AT_ONCE

Kind = Literal["refused", "failed", "memory", "too_big", "time", "stopped", "died", "lake"]

SPENT = ("memory", "too_big", "lake")
"""After these a process is not asked again: what it took it may still hold."""


class Sight(NamedTuple):
    """What a statement sees: a databank, its identifiers or not, views narrowed by filters."""

    root: Path
    identifiers: bool = False
    narrowed: tuple[tuple[str, str], ...] = ()


class Answer(NamedTuple):
    """Rows, and whether there are ``more``; of an EXPLAIN the plan as JSON in ``plan``."""

    frame: pl.DataFrame
    more: bool
    plan: list[dict[str, Any]] | None = None


class Failure(NamedTuple):
    """Why there is no answer: a kind, DuckDB's or the check's sentence, and a drawing of where."""

    kind: Kind
    text: str = ""
    place: str = ""


def prepare(sight: Sight) -> None:
    """Start the process for a first statement, so that it is there when it is asked.

    Not where as many wait for others already, which they would take turns to replace.
    """
    try:
        with _idle_lock:
            dropped = [worker for worker in _idle if not worker.fits(worker.sight)]
            _idle[:] = [worker for worker in _idle if worker not in dropped]
            enough = len(_idle) >= KEPT_IDLE or any(worker.fits(sight) for worker in _idle)
        for worker in dropped:
            worker.end()
        if enough:
            return
        keep(Worker(sight, snapshot.read(sight.root)))
    except (LakeError, OSError, frames.Broken):
        pass  # the statement will say so


class Worker:
    """A process, and what it sees."""

    def __init__(self, sight: Sight, state: Snapshot) -> None:
        self.sight = sight
        self.state = state
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.console.process"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "MALLOC_ARENA_MAX": "4", **dict.fromkeys(THREADS, "1")},
            **_detached(),
        )  # fmt: skip
        assert self.process.stdin
        assert self.process.stdout
        self.into, self.out_of = self.process.stdin, self.process.stdout
        opening = {
            "root": str(sight.root), "identifiers": sight.identifiers,
            "narrowed": dict(sight.narrowed), "memory": limits.memory(),
        }  # fmt: skip
        frames.send(self.into, opening)

    def fits(self, sight: Sight) -> bool:
        """Whether it lives and sees this, as it is now."""
        try:
            now = snapshot.read(sight.root)
        except LakeError:
            return False
        return self.sight == sight and self.process.poll() is None and self.state == now

    def ask(self, statement: str, bounds: Limits, plan: bool) -> Answer | Failure:
        """Raises Broken where the process ends before its answer."""
        request = {"rows": bounds.rows, "max_bytes": bounds.bytes, "plan": plan}
        frames.send(self.into, {"statement": statement, **request})
        head, body = frames.receive(self.out_of, bounds.bytes)
        if head["kind"] not in ("rows", "plan"):
            return Failure(head["kind"], str(head["text"]), str(head.get("place", "")))
        frame = pl.read_ipc_stream(io.BytesIO(body)) if body else pl.DataFrame()
        if head["kind"] == "plan":
            return Answer(frame, False, _plan(frame.item()))
        return Answer(frame, bool(head["more"]))

    def end(self) -> None:
        """Kill it; never raises."""
        self.process.kill()
        threading.Thread(target=self._buried, daemon=True).start()

    def _buried(self) -> None:
        self.process.wait()
        for pipe in (self.into, self.out_of):
            try:
                pipe.close()
            except OSError:
                continue


def _plan(text: str) -> list[dict[str, Any]]:
    found = json.loads(text)
    return found if isinstance(found, list) else [found]


_idle: list[Worker] = []
_idle_lock = threading.Lock()


def take(sight: Sight) -> Worker:
    with _idle_lock:
        for worker in _idle:
            if worker.fits(sight):
                _idle.remove(worker)
                return worker
    return Worker(sight, snapshot.read(sight.root))


def keep(worker: Worker) -> None:
    with _idle_lock:
        _idle.append(worker)
        dropped, _idle[:] = _idle[:-KEPT_IDLE], _idle[-KEPT_IDLE:]
    for old in dropped:
        old.end()


def _detached() -> dict[str, Any]:
    """Out of the server's process group, so that Ctrl-C there ends the server first."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
