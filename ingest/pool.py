"""The processes that read: started when there is work, replaced when one of them dies.

When a process dies, Python fails the work of all its siblings before it ends them, so they may
still be writing.  ``mend`` waits until they are gone.  What processes share is new with each pool
and read without a lock, since a process that was killed may have held one.

Nothing that takes long is imported here, so that the processes can be started first of all and
import at the same moment as the main one.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import get_context, resource_tracker
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.records import Batch, Job, Unit, Written

SPARED = ("SIGINT", "SIGHUP")
"""Signals that a terminal sends to all processes and that the main one answers for all."""
THREADS = ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS")
"""Where Polars and NumPy look up how many threads they may have."""
WARM = 2
"""Processes that are started before it is known how many will have work."""


@contextmanager
def started(workers: int | None, *, ahead: bool) -> Iterator[Pool]:
    """A pool, with ``ahead`` one whose first processes are being started; none is left at the end.

    So they import what they need at the same moment as the main process.
    """
    pool = Pool(workers)
    try:
        if ahead:
            with single_threaded():
                pool.warm()
        yield pool
    finally:
        pool.close()


class Pool:
    """``workers`` processes that read units, one a core by default, or an executor's."""

    def __init__(self, workers: int | None = None, executor: Executor | None = None) -> None:
        self.workers, self._given = workers or os.cpu_count() or 1, executor
        self._context = get_context("spawn")
        self._own: ProcessPoolExecutor | None = None
        self._ending: threading.Thread | None = None
        self._stop: Any = self._context.RawValue("b", 0)
        self._done: Any = None
        self._before = 0

    @property
    def files(self) -> int:
        """Files that are read so far, those of unfinished units included."""
        return self._before + (int(self._done.get_obj().value) if self._done else 0)

    def warm(self) -> None:
        """Start some processes before there is work: importing what they need takes 0.4 s.

        Where some were started before, nothing.
        """
        if self._given is not None or self._own is not None:
            return
        executor = self._executor()
        with spared(), suppress(BrokenProcessPool):  # the first unit will tell
            for _ in range(min(WARM, self.workers)):
                executor.submit(_ready)

    def submit(self, unit: Unit, batch: Batch, number: int, job: Job) -> Future[Written]:
        """Have a unit read; raises BrokenProcessPool where a process died since ``mend``."""
        executor = self._executor()
        with spared():  # a process is started in here, and inherits which signals are blocked
            return executor.submit(_read_unit, unit, batch, number, job)

    def mend(self, files: int) -> None:
        """Make sure that nobody works for a broken pool any more; ``files`` are read for good."""
        self._end()
        if self._ending is not None:
            self._ending.join()
        self._ending, self._done, self._before = None, None, files

    def can_work(self, batch: Batch, job: Job) -> bool:
        """Whether a process can be started that lives through a unit of nothing."""
        from ingest.records import Unit

        try:
            self.submit(Unit(), batch, 0, job).result()
        except BrokenProcessPool:
            self.mend(self._before)
            return False
        return True

    def stop(self) -> None:
        """Have units end early, after the file that is being read."""
        self._stop.value = 1

    def dismiss(self) -> None:
        """Let the processes end; what they are reading ends early.

        They take a quarter of a second to end (measured), in which a run can already commit.
        """
        self.stop()
        self._end()

    def _end(self) -> None:
        """Have the processes end, and a thread wait for it: an executor can be waited for once."""
        if self._own is not None:
            wait = partial(self._own.shutdown, wait=True, cancel_futures=True)
            self._ending = threading.Thread(target=wait)
            self._ending.start()
            self._own = None

    def close(self) -> None:
        """Wait until the processes have ended."""
        self.dismiss()
        self.mend(0)

    def _executor(self) -> Executor:
        if self._given is not None:
            return self._given
        if self._own is None:
            self._done = self._context.Value("q", 0)
            shared = (self._done, self._stop)
            self._own = ProcessPoolExecutor(self.workers, self._context, _share, shared)
        return self._own


def _share(done: Any, stop: Any) -> None:
    """What a process does first; the main one never imports what only readers need."""
    from ingest import worker

    worker.share(done, stop)


def _ready() -> None:
    """Nothing: a process that is asked for it has imported what it needs before."""


def _read_unit(unit: Unit, batch: Batch, number: int, job: Job) -> Written:
    from ingest import worker

    return worker.read_unit(unit, batch, number, job)


@contextmanager
def single_threaded() -> Iterator[None]:
    """Have processes started meanwhile compute in one thread: there is a process for each core.

    The threads that NumPy starts for linear algebra, which nobody here does, wait for work at full
    speed: a third of the processor time that a process needs to start (0.34 to 0.22 s, measured).
    """
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def spared() -> Iterator[None]:
    """Keep the signals of a terminal from processes started meanwhile, from their first moment."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows: worker.share has them ignored
        yield
        return
    resource_tracker.ensure_running()  # started along with a process, it would unblock them
    blocked = [getattr(signal, name) for name in SPARED]
    before = signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
