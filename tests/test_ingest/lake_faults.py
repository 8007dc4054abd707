"""Dying on purpose: the n-th step that changes the disk fails, and so does every one after it.

A process that is killed and one whose step raises leave the same files, as nothing is written after
the step; ``power_cut`` also empties every file whose content was never forced to the disk.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

GONE = "No such file|No files found"
"""What DuckDB says to a reader whose snapshot's files are gone."""


class Killed(BaseException):
    """Not an Exception, so that nothing handles it as one."""


class Steps:
    """Counts the steps that change the disk, and fails from number ``last`` on."""

    def __init__(self, last: int) -> None:
        self.last, self.count = last, 0
        self.synced: set[int] = set()

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            if self.count > self.last:
                raise Killed
            if function is os_fsync:
                self.synced.add(os.fstat(args[0]).st_ino)
            return function(*args, **kwargs)

        return step


os_fsync = os.fsync


@contextmanager
def dying(after: int) -> Iterator[Steps]:
    """Within the block only ``after`` steps succeed; Killed ends the block quietly."""
    steps = Steps(after)
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in (
            (os, "fsync"), (Path, "rename"), (Path, "replace"), (Path, "mkdir"), (Path, "touch"),
            (Path, "unlink"), (Path, "rmdir"), (shutil, "rmtree"),
        ):  # fmt: skip
            patch.setattr(owner, name, steps.wrap(getattr(owner, name)))
        try:
            yield steps
        except Killed:
            return


def power_cut(root: Path, before: dict[int, int], synced: set[int]) -> None:
    """Empty the files that are new or changed since ``before`` and were not forced to the disk."""
    for path in root.rglob("*"):
        stat = path.stat()
        is_new = path.is_file() and before.get(stat.st_ino) != stat.st_mtime_ns
        if is_new and stat.st_ino not in synced:
            os.truncate(path, 0)


def times(root: Path) -> dict[int, int]:
    """Inode -> time of the last change, of all files."""
    return {p.stat().st_ino: p.stat().st_mtime_ns for p in root.rglob("*") if p.is_file()}
