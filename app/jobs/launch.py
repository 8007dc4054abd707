"""Starting and stopping a job, and forgetting old ones."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.jobs import record, uploads
from app.jobs.record import Kind

ROOT = Path(__file__).resolve().parents[2]
KEPT = 30


def start(
    kind: Kind,
    databank: str,
    sources: Sequence[str],
    *,
    force: bool = False,
    workers: int | None = None,
    run: str = "",
) -> str:
    """Start an ingest in a process of its own; gives the job's name. OSError if that is impossible.

    ``databank`` is a name; ``sources`` are paths. The demo needs none, as they are made; the kinds
    ``run`` and ``unread`` find theirs by ``run``, which for ``unread`` may be "" for all runs.
    """
    _forget_old()
    name = record.new_name()
    place = record.folder() / name
    place.mkdir(parents=True)
    record.folder().chmod(0o700)  # the sources of a job are paths, which may name patients
    asked = {
        "kind": kind, "databank": databank, "sources": list(sources), "force": force,
        "workers": workers, "run": run, "started": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    (place / record.ASKED).write_text(json.dumps(asked), "utf-8")
    with open(place / "errors.txt", "wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.jobs.runner", str(place)],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
            **_detached(),
        )  # fmt: skip
    threading.Thread(target=process.wait, daemon=True).start()  # else it stays as a zombie
    return name


def cancel(name: str) -> None:
    """Ask a job to stop; what it has committed is kept."""
    place = record.folder() / name
    if record.NAME.fullmatch(name) and place.is_dir():
        (place / record.STOP).touch()


def _detached() -> dict[str, Any]:
    """Out of the server's process group, so that Ctrl-C there does not reach the job."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _forget_old() -> None:
    """Forget jobs that ended long ago, and what was uploaded for them and not asked to be kept."""
    for job in record.latest()[KEPT:]:
        if not job.running:
            shutil.rmtree(record.folder() / job.name, ignore_errors=True)
            if job.kind == "upload" and job.sources:
                uploads.release(Path(job.sources[0]), besides=job.name)
