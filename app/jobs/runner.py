"""The process of one job: ``python -m app.jobs.runner FOLDER``.

It holds the lock of the folder, waits for its turn at the databank, and ingests as ``python -m
ingest`` does. A wish to stop becomes the interrupt that a person at a terminal would send. What
takes time to import is imported late: the processes that read import this module, too.
"""

from __future__ import annotations

import _thread
import json
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from app.jobs import record
from app.jobs.voice import FolderVoice
from ingest.lake.errors import DatabankBusy, LakeError

POLL_SECONDS = 0.2
DONE, NOTHING, INTERRUPTED = 0, 1, 130  # as in ingest.exits
OWN_ERROR = "Taglake stopped on an error of its own ({})."
"""As in ingest.job."""


class Stopped(Exception):
    """Somebody asked the job to stop."""


def main(place: Path) -> int:
    """Do the job of a folder; the exit code of its ingest."""
    # Started from a shell's background the interrupt would be ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with FileLock(place / record.LOCK, timeout=5):
        voice = FolderVoice(place)
        try:
            code = _work(place, voice)
        except (Stopped, KeyboardInterrupt):
            voice.event("stopped")
            code = INTERRUPTED
        except LakeError as error:
            voice.event("fail", message=str(error))
            code = NOTHING
        except Exception as error:
            traceback.print_exc()
            if not voice.failed:
                voice.event("fail", message=OWN_ERROR.format(type(error).__name__))
            code = NOTHING
        finally:
            signal.signal(signal.SIGINT, before)
        (place / record.ENDED).write_text(json.dumps({"code": code}), "utf-8")
    return code


def _work(place: Path, voice: FolderVoice) -> int:
    asked = json.loads((place / record.ASKED).read_text("utf-8"))
    if asked["kind"] == "demo":
        asked["sources"] = [_demo(place, voice)]
    _wait(place, asked["databank"], voice)
    if asked["kind"] == "derive":
        return _derive(place, asked["databank"], voice)
    if asked["kind"] in ("run", "unread"):
        asked["sources"] = _sources(asked)
        if not asked["sources"]:
            voice.event("fail", message="Nothing is left to be read again.")
            return NOTHING
    code = _ingest(place, asked, voice)
    if asked["kind"] == "upload" and code in (DONE, NOTHING):
        from app.jobs import uploads

        uploads.release(Path(asked["sources"][0]), besides=place.name)
    return code


def _demo(place: Path, voice: FolderVoice) -> str:
    from app.demo.cohort import write_cohort
    from ingest.lake import databank

    told = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal told
        _heed(place)
        if time.monotonic() - told > POLL_SECONDS:
            told = time.monotonic()
            voice.event("demo", done=done, total=total)

    folder = databank.home() / "demo"
    write_cohort(folder, progress=progress)
    voice.event("demo", done=1, total=1)
    return str(folder)


def _sources(asked: dict[str, Any]) -> list[str]:
    from app.jobs import again
    from ingest.lake import databank

    find = again.unread if asked["kind"] == "unread" else again.sources_of
    return find(databank.path_of(asked["databank"]), str(asked.get("run", "")))


def _wait(place: Path, databank: str, voice: FolderVoice) -> None:
    """Let the jobs that were asked for earlier have the databank first. Raises Stopped."""
    told = False
    while any(
        job.running and job.databank == databank and job.name < place.name
        for job in record.latest()
    ):
        if not told:
            voice.event("waiting")
        told = True
        _pause(place)


def _ingest(place: Path, asked: dict[str, Any], voice: FolderVoice) -> int:
    """Ingest, as soon as no other process writes to the databank; the exit code."""
    from ingest import job
    from ingest.sources import Limits

    waiting = False
    while True:
        with _interrupted_by(place / record.STOP):
            code = job.run(
                asked["sources"], asked["databank"], workers=asked.get("workers"),
                force=bool(asked.get("force")), caps=Limits(), voice=voice,
            )  # fmt: skip
        if not voice.busy:
            return int(code)
        if not waiting:
            voice.event("waiting")
        waiting = True
        _pause(place)


def _derive(place: Path, name: str, voice: FolderVoice) -> int:
    """Derive everything again, as soon as no other process writes to the databank; exit code 0."""
    from ingest.derive import anew
    from ingest.lake import databank

    waiting = False
    while True:
        try:
            anew.again(databank.path_of(name))
        except DatabankBusy:
            if not waiting:
                voice.event("waiting")
            waiting = True
            _pause(place)
        else:
            voice.event("finish", exit=DONE, state="done")
            return DONE


def _pause(place: Path) -> None:
    for _ in range(5):
        _heed(place)
        time.sleep(POLL_SECONDS)


def _heed(place: Path) -> None:
    if (place / record.STOP).exists():
        raise Stopped


@contextmanager
def _interrupted_by(stop: Path) -> Iterator[None]:
    """During the block the main thread is interrupted, once, when the file ``stop`` appears."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(POLL_SECONDS):
            if stop.exists():
                _thread.interrupt_main()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
