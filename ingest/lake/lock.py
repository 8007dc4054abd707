"""One writer at a time: an operating system's lock on a file inside the databank.

The system drops the lock with the process that holds it, so a crashed writer blocks nobody.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.lake import layout
from ingest.lake.errors import DatabankBusy, DatabankNotFound, writing


@contextmanager
def writer(root: Path, timeout: float = 0.0) -> Iterator[None]:
    """Be the only writer of a databank for the block.

    ``timeout`` is how many seconds to wait for another writer to finish. Raises DatabankBusy,
    DatabankNotFound or DatabankNotWritable. Not reentrant: a second one is Busy, in any thread.
    """
    before = _identity(root)
    lock = FileLock(root / layout.LOCK, thread_local=False)
    try:
        with writing():
            try:
                lock.acquire(timeout=max(timeout, 0.0))
            except Timeout:  # an OSError of its own
                _check_is_same(root, before)
                raise DatabankBusy from None
        _check_is_same(root, before)
        yield
    except DatabankNotFound:
        _drop_made_anew(root)
        raise
    finally:
        lock.release()


def _check_is_same(root: Path, before: tuple[int, int]) -> None:
    """Raise DatabankNotFound unless the folder still has its name and holds the lock's file."""
    if _identity(root) != before or not (root / layout.LOCK).exists():
        raise DatabankNotFound


def _drop_made_anew(root: Path) -> None:
    """Remove a folder that holds only a lock.

    filelock makes the folder of a lock's file: where a databank got another name between the look
    at it and the opening of its lock, that is an empty folder of the old name.
    """
    with suppress(OSError):
        if [path.name for path in root.iterdir()] == [layout.LOCK]:
            (root / layout.LOCK).unlink()
        root.rmdir()


def _identity(root: Path) -> tuple[int, int]:
    """Tells the folder from another one that has its name later; raises DatabankNotFound."""
    try:
        info = root.stat()
    except OSError:
        raise DatabankNotFound from None
    if not stat.S_ISDIR(info.st_mode):
        raise DatabankNotFound
    return info.st_dev, info.st_ino
