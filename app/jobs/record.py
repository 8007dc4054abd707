"""A job as its folder tells it: what was asked, how far it is, how it ended.

Whether it still runs is told by the lock that its runner holds, which the system drops with the
process: a process number could have been given to another process since.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock, Timeout

from ingest.lake import databank
from ingest.lake.durable import replace_file
from ingest.records import Progress

ASKED = "job.json"
EVENTS = "events.jsonl"
PROGRESS = "progress.json"
ENDED = "end.json"
STOP = "stop"
LOCK = "running.lock"
NAME = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}", re.ASCII)
MOST_BYTES = 4 * 2**20
"""Of the events of a job that are read; the runner writes less."""
STARTING_SECONDS = 15.0  # until then the runner may not have taken its lock yet
ALL = 10_000

Kind = Literal["path", "upload", "demo", "run", "unread", "derive"]
"""Paths, uploaded files, the demo, the sources of a run once more, its unreadable files again; or
no files at all: what is derived, with other thresholds."""
State = Literal["running", "done", "interrupted", "failed"]


@dataclass(frozen=True)
class Job:
    """One job. ``sources`` are paths, so they are shown only with identifiers.

    ``numbers`` are the latest ones; ``messages`` are sentences about what went wrong; ``made`` is
    how far the making of the demo files is, from 0 to 1, None for other jobs. ``run`` is the run
    that is to be repeated, if that is the job; ``run_id`` the one that the job itself became.
    """

    name: str
    kind: Kind
    databank: str
    sources: tuple[str, ...]
    started: datetime
    state: State
    run: str = ""
    stopping: bool = False
    waiting: bool = False
    made: float | None = None
    numbers: Progress | None = None
    run_id: str = ""
    messages: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether it goes on, be it only that it waits."""
        return self.state == "running"


def folder() -> Path:
    """Where jobs are."""
    return databank.home() / "jobs"


def latest(most: int = ALL) -> list[Job]:
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
        job = Job(
            name, asked["kind"], str(asked["databank"]), tuple(map(str, asked["sources"])),
            datetime.fromisoformat(asked["started"]), "running", str(asked.get("run", "")),
        )  # fmt: skip
        # Asked before it is read what was told: what ends in between is read as running once more.
        running = is_running(place, job.started)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    job = replace(job, numbers=_numbers(_progress(place)))
    return _told(job, _events(place), running, (place / STOP).exists())


def follow(old: str, new: str) -> None:
    """Ended jobs of the databank ``old`` are those of ``new`` from now on, damaged ones not."""
    for job in latest():
        if job.databank == old and not job.running:
            path = folder() / job.name / ASKED
            with suppress(OSError, ValueError):
                asked = json.loads(path.read_text("utf-8")) | {"databank": new}
                replace_file(path, json.dumps(asked).encode())


def is_running(place: Path, started: datetime) -> bool:
    """Whether the job goes on: it has not ended, and its runner lives or has just been started."""
    if (place / ENDED).exists():
        return False
    if not (place / LOCK).exists():
        return (datetime.now(UTC) - started).total_seconds() < STARTING_SECONDS
    return is_locked(place)


def is_locked(place: Path) -> bool:
    """Whether the runner of this job, which has taken its lock, lives."""
    try:
        with FileLock(place / LOCK, timeout=0, thread_local=False):
            return False
    except (Timeout, OSError):
        return True


def _told(job: Job, events: list[dict[str, Any]], running: bool, stop: bool) -> Job:
    messages: list[str] = []
    numbers, run_id, made, waiting = job.numbers, "", None, False
    ended: State = "failed"  # without a word at its end, that is what it did
    for told in events:
        event = told.get("event")
        if event == "demo":
            made = _share(told)
        elif event in ("waiting", "start"):
            waiting = event == "waiting"
        elif event in ("notice", "fail"):
            messages.append(str(told.get("message", "")))
        elif event == "stopped":
            ended = "interrupted"
        elif event == "finish":
            numbers, run_id = _numbers(told) or numbers, str(told.get("run_id", ""))
            troubles = told.get("troubles")
            messages += map(str, troubles if isinstance(troubles, list) else ())
            ended = told["state"] if told.get("state") in get_args(State) else "failed"
    return replace(
        job,
        state="running" if running else ended,
        stopping=stop and running,
        waiting=waiting and running,
        made=made,
        numbers=numbers,
        run_id=run_id,
        messages=tuple(dict.fromkeys(messages)),
    )


def _share(told: Mapping[str, Any]) -> float | None:
    try:
        return max(0.0, min(1.0, float(told["done"]) / max(float(told["total"]), 1.0)))
    except (LookupError, TypeError, ValueError):
        return None


def _numbers(told: object) -> Progress | None:
    """Numbers from JSON; None where they are not all there, or are no numbers."""
    if not isinstance(told, dict):
        return None
    values = {name: told[name] for name in Progress.__dataclass_fields__ if name in told}
    whole = {"seen", "ok", "duplicate", "not_dicom", "error", "unchanged", "seconds"}
    if not whole <= values.keys():
        return None
    return Progress(**values) if all(isinstance(v, int | float) for v in values.values()) else None


def _progress(place: Path) -> object:
    try:
        return json.loads((place / PROGRESS).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _events(place: Path) -> list[dict[str, Any]]:
    """What the runner told; a line that is still being written is left out."""
    try:
        with open(place / EVENTS, "rb") as file:
            content = file.read(MOST_BYTES)
    except OSError:
        return []
    lines = []
    for text in content.split(b"\n")[:-1]:
        with suppress(ValueError):  # damaged
            line = json.loads(text)
            if isinstance(line, dict):
                lines.append(line)
    return lines


def new_name() -> str:
    """A name for a job; names sort by the time at which they were given."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%dT%H%M%S}-{now.microsecond:05x}{secrets.token_hex(2)[:3]}"
