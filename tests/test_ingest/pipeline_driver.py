"""Runs an ingest that something happens to: killed at a step, or with files that break a reader.

Faults that have to happen inside processes of the ingest are put there from here, so the product
needs no hooks. As a program (``python -m``) its faults reach the reading processes too, since those
import it again; what only the main process needs is imported by its functions, as a reader that
dies is replaced by one that imports everything anew.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingest import part, worker

STEPS = ("mkdir", "rename", "replace", "fsync")
"""Functions of os by which the lake changes; Polars and DuckDB write files between them."""


def small_units(files: int = 4) -> None:
    """Have a small source make several units, and each commit as soon as it can."""
    from ingest import commits, plan

    plan.SMALLEST_UNIT = plan.LARGEST_UNIT = files
    commits.COMMIT_SECONDS = 0.0


def run_and_die(source: Path, root: Path, step: str, times: int) -> None:
    """Ingest until a step was done so many times, then be killed."""
    from tests.test_ingest.pipeline_lakes import read

    small_units()
    done: list[str] = []

    def note(what: str) -> None:
        done.append(what)
        if done.count(step) == times:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in STEPS:
        setattr(os, name, _told(getattr(os, name), root, note))
    read(source, root)


def _told(function: Callable[..., Any], root: Path, note: Callable[[str], None]) -> Any:
    """The function, telling afterwards what it did to which path of the databank."""

    def step(what: Any, *arguments: Any, **options: Any) -> Any:
        opened = isinstance(what, int)
        path = Path(f"/proc/self/fd/{what}").readlink() if opened else Path(what)
        result = function(what, *arguments, **options)
        if path.is_relative_to(root):
            place = path.relative_to(root).as_posix()
            note(f"{function.__name__} {re.sub('[0-9]+', 'N', place)}")
        return result

    return step


def break_readers() -> None:
    """Files named ``deadly`` kill their reader, ``once`` only the first; ``poison`` raises."""
    add_path, flatten = part.Part.add_path, worker.flatten

    def deadly(self: part.Part, path: str, *arguments: Any) -> Any:
        mark = Path(f"{os.environ['FAULTS']}/{os.path.basename(path)}")
        if path.endswith("deadly") or (path.endswith("once") and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return add_path(self, path, *arguments)

    def poisoned(read: part.Part, *arguments: Any) -> Any:
        if any(file.uri.endswith("poison") and file.status == "ok" for file in read.files):
            raise ValueError("of what was in the file")
        return flatten(read, *arguments)

    part.Part.add_path = deadly  # type: ignore[method-assign]
    worker.flatten = poisoned


def main(source: str, root: str, workers: str) -> None:
    """Ingest with processes; print the summary and the peak memory of a process, in bytes."""
    from tests.test_ingest.pipeline_lakes import read

    if "FAULTS" in os.environ:
        small_units()
    summary = asdict(read(source, Path(root), workers=int(workers)))
    peaks = {
        name: resource.getrusage(who).ru_maxrss << 10
        for name, who in (("main", resource.RUSAGE_SELF), ("worker", resource.RUSAGE_CHILDREN))
    }
    print(json.dumps({**summary, "root": root, "peaks": peaks}))


if "FAULTS" in os.environ:
    break_readers()

if __name__ == "__main__":
    main(*sys.argv[1:])
