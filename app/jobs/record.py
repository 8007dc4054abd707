"""A job as its folder tells it: what was asked, how far it is, how it ended.

Whether it still runs is told by the lock that its runner holds, which the system drops with the
process: a process number could have been given to another process since.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock, Timeout

from ingest.lake import databank

ASKED = "job.json"
LINES = "progress.jsonl"
ENDED = "end.json"
STOP = "stop"
LOCK = "running.lock"
NAME = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}", re.ASCII)
TAIL = 256 * 2**10
STARTING_SECONDS = 15.0  # until then the runner may not have taken its lock yet

Kind = Literal["path", "upload", "demo"]
State = Literal["running", "done", "interrupted", "failed"]


@dataclass(frozen=True)
class Job:
    """One job. ``sources`` are paths, so they are shown only with identifiers.

    ``last`` is the latest line that has numbers; ``messages`` are sentences about what went wrong;
    ``made`` is how far the making of the demo files is, from 0 to 1, None for other jobs.
    """

    name: str
    kind: Kind
    databank: str
    sources: tuple[str, ...]
    started: datetime
    state: State
    stopping: bool = False
    made: float | None = None
    last: dict[str, Any] = field(default_factory=dict)
    messages: tuple[str, ...] = ()


def folder() -> Path:
    """Where jobs are."""
    return databank.home() / "jobs"


def latest(most: int) -> list[Job]:
    """The latest jobs, the newest first."""
    try:
        names = sorted((p.name for p in folder().iterdir() if NAME.fullmatch(p.name)), reverse=True)
    except OSError:
        return []
    return [job for job in map(read, names[:most]) if job]


def read(name: str) -> Job | None:
    """A job by its name; None if there is none, or its folder is damaged."""
    place = folder() / name
    try:
        asked = json.loads((place / ASKED).read_text("utf-8"))
        started = datetime.fromisoformat(asked["started"])
        job = Job(
            name, asked["kind"], asked["databank"], tuple(asked["sources"]), started, "running"
        )
    except (OSError, ValueError, LookupError, TypeError):
        return None
    # Asked before the lines are read: a job that ends in between is read as running once more.
    running = is_running(place, started)
    return _told(job, _lines(place), running, (place / STOP).exists())


def is_running(place: Path, started: datetime) -> bool:
    """Whether the job goes on: it has not ended, and its runner lives or has just been started."""
    if (place / ENDED).exists():
        return False
    age = (datetime.now(UTC) - started).total_seconds()
    return is_locked(place) or age < STARTING_SECONDS


def is_locked(place: Path) -> bool:
    """Whether the runner of this job lives."""
    if not (place / LOCK).exists():
        return False
    try:
        with FileLock(place / LOCK, timeout=0, thread_local=False):
            return False
    except (Timeout, OSError):
        return True


def _told(job: Job, lines: list[dict[str, Any]], running: bool, stop: bool) -> Job:
    last: dict[str, Any] = {}
    messages: list[str] = []
    made: float | None = None
    ended: State = "failed"  # without a word at its end, that is what it did
    for line in lines:
        event = line.get("event")
        if event == "demo":
            made = min(1.0, line["done"] / max(line["total"], 1))
        elif event in ("progress", "finish"):
            last = line
        elif event in ("notice", "fail"):
            messages.append(str(line.get("message", "")))
        if event == "finish":
            messages += map(str, line.get("troubles", ()))
            ended = line["state"] if line.get("state") in get_args(State) else "failed"
        elif event == "stopped":
            ended = "interrupted"
    return replace(
        job,
        state="running" if running else ended,
        stopping=stop and running,
        made=made,
        last=last,
        messages=tuple(dict.fromkeys(messages)),
    )


def _lines(place: Path) -> list[dict[str, Any]]:
    """The JSON lines at the end of the file; a line that is still being written is left out."""
    try:
        with open(place / LINES, "rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL))
            content = file.read(TAIL)
    except OSError:
        return []
    lines = []
    for text in content.split(b"\n")[:-1]:
        try:
            line = json.loads(text)
        except ValueError:  # cut at the start of the tail
            continue
        if isinstance(line, dict):
            lines.append(line)
    return lines


def stamp() -> str:
    """The time now, as names of jobs start."""
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime())
