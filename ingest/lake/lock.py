"""One writer at a time: an operating system's lock on a file inside the databank.

The system drops the lock with the process that holds it, so a crashed writer blocks nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
    if not root.is_dir():
        raise DatabankNotFound
    lock = FileLock(root / layout.LOCK, thread_local=False)
    with writing():
        try:
            lock.acquire(timeout=max(timeout, 0.0))
        except Timeout:  # an OSError of its own
            raise DatabankBusy from None
    try:
        # The file was opened before it was locked: in between the folder may have got another name.
        if not (root / layout.LOCK).exists():
            raise DatabankNotFound
        yield
    finally:
        lock.release()
