"""Folders listed by a process of its own, while the main one imports and reads what is known.

Where nothing is new, a run is imports (0.5 s), what the lake knows (0.15 s) and listing (0.35 s for
50,000 files, measured), and the last needs nothing of the first two.

Nothing depends on the process: what it does not tell is listed by who asks.
"""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import dropwhile
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from threading import Thread

from ingest.sources import Directory, Source, Walk, folder, resolve, walk

FILES = 4096
SECONDS = 0.05
"""Directories are sent when there are so many files in them, or after this long."""
WAITING = 64
"""Sendings that may wait for the main process; then listing pauses."""


@contextmanager
def listed(sources: Sequence[str], *, ahead: bool) -> Iterator[Walk]:
    """A `walk`, with ``ahead`` one for which the folders among the sources are being listed.

    It has to be asked for the sources in the order given, each once.
    """
    if not ahead:
        yield walk
        return
    from ingest.pool import spared  # 13 ms, which the process that lists needs not wait for

    roots = [source.root for source in map(resolve, sources) if source.scheme == "file"]
    context = get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_list, args=(roots, send), daemon=True)
    try:
        with spared(), suppress(OSError):  # where no process can be started, the pipe just ends
            process.start()
        send.close()
        yield _Received(receive).walk
    finally:
        receive.close()
        if process.pid is not None:
            process.kill()
            process.join()


class _Received:
    """What the process tells, root by root."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._broken = connection, False

    def walk(self, source: Source) -> Iterator[Directory]:
        """As `ingest.sources.walk`, in the same order; raises what it raises."""
        if source.scheme != "file":
            yield from walk(source)
            return
        last: tuple[str, ...] = ()
        while not self._broken:
            try:
                told: list[Directory] | None = self._connection.recv()
            except (EOFError, OSError):
                self._broken = True
                break
            if told is None:
                return
            yield from told
            last = _parts(told[-1])
        # Depth first and sorted is the order of the paths' parts: what was told is not told again.
        yield from dropwhile(lambda directory: _parts(directory) <= last, walk(source))


def _parts(directory: Directory) -> tuple[str, ...]:
    return Path(directory.path).parts


def _list(roots: Sequence[str], connection: Connection) -> None:
    """What the process does: list, with a thread that sends, since the pipe holds little."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as every worker; `spared` cannot on Windows
    gc.disable()  # what is listed is no garbage before it is sent, and has no cycles
    waiting: Queue[list[Directory] | None] = Queue(WAITING)
    Thread(target=_send, args=(waiting, connection), daemon=True).start()
    try:
        for root in roots:
            _list_one(root, waiting)
            waiting.put(None)
    except Exception:  # who asks meets it as well, and knows what to say
        return
    finally:
        waiting.join()


def _list_one(root: str, waiting: Queue[list[Directory] | None]) -> None:
    found: list[Directory] = []
    count, due = 0, time.monotonic() + SECONDS
    for directory in folder.walk(root):
        found.append(directory)
        count += len(directory.names)
        if count >= FILES or time.monotonic() >= due:
            waiting.put(found)
            found, count, due = [], 0, time.monotonic() + SECONDS
    if found:
        waiting.put(found)


def _send(waiting: Queue[list[Directory] | None], connection: Connection) -> None:
    while True:
        try:
            connection.send(waiting.get())
        except OSError:  # nobody listens any more
            os._exit(1)
        waiting.task_done()
