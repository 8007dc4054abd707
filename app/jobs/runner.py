"""The process of one job: ``python -m app.jobs.runner FOLDER``.

It holds the lock of the folder, makes the demo files if that is the job, runs ``python -m ingest``
with its JSON lines going into the folder, and passes a wish to stop on as the interrupt that a
person at a terminal would send.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from filelock import FileLock

from app.jobs import record
from ingest.exits import Exit
from ingest.lake import databank

POLL_SECONDS = 0.2


class Stopped(Exception):
    """Somebody asked the job to stop."""


def main(place: Path) -> int:
    """Run the job of a folder; the exit code of its ingest."""
    with FileLock(place / record.LOCK, timeout=5):
        asked = json.loads((place / record.ASKED).read_text("utf-8"))
        try:
            sources = [_demo(place)] if asked["kind"] == "demo" else asked["sources"]
            code = _ingest(place, asked["databank"], sources, bool(asked["force"]))
        except Stopped:
            _say(place, {"event": "stopped"})
            code = int(Exit.INTERRUPTED)
        except OSError as error:
            _say(place, {"event": "fail", "message": error.strerror or type(error).__name__})
            code = int(Exit.NOTHING)
        (place / record.ENDED).write_text(json.dumps({"code": code}), "utf-8")
    return code


def _demo(place: Path) -> str:
    from app.demo.cohort import write_cohort  # a second of imports that other jobs do without

    told = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal told
        if (place / record.STOP).exists():
            raise Stopped
        if time.monotonic() - told > POLL_SECONDS:
            told = time.monotonic()
            _say(place, {"event": "demo", "done": done, "total": total})

    folder = databank.home() / "demo"
    write_cohort(folder, progress=progress)
    _say(place, {"event": "demo", "done": 1, "total": 1})
    return str(folder)


def _ingest(place: Path, name: str, sources: list[str], force: bool) -> int:
    command = [sys.executable, "-m", "ingest", "--json", "--databank", name]
    command += [*(["--force"] if force else []), "--", *sources]
    with open(place / record.LINES, "ab") as lines, open(place / "errors.txt", "ab") as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=lines, stderr=errors)
        asked = False
        while True:
            try:
                return process.wait(timeout=POLL_SECONDS)
            except subprocess.TimeoutExpired:
                if not asked and (place / record.STOP).exists():
                    asked = True
                    _interrupt(process)


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.terminate()  # a commit is one rename, so the lake survives this as well
    else:
        process.send_signal(signal.SIGINT)


def _say(place: Path, line: dict[str, Any]) -> None:
    with open(place / record.LINES, "a", encoding="utf-8") as lines:
        lines.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
