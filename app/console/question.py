"""One statement being answered, in a process that is ended when nobody waits for it any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal

from app.console import frames, limits
from app.console.limits import USUAL, Limits
from app.console.workers import SPENT, Answer, Failure, Kind, Sight, Worker, keep, take
from ingest.lake.errors import LakeError

GUARD_SECONDS = 0.2

State = Literal["waiting", "running", "ended"]

_places = threading.BoundedSemaphore(limits.AT_ONCE)


class Question:
    """A statement, answered in the background; ``wanted`` is asked five times a second.

    The process is ended by ``stop``, when the time is up, and when ``wanted`` says no.
    """

    def __init__(
        self,
        sight: Sight,
        statement: str,
        bounds: Limits = USUAL,
        *,
        plan: bool = False,
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        self.sight = sight
        self.statement = statement
        self.bounds = bounds
        self.outcome: Answer | Failure | None = None
        self.seconds = 0.0
        self._plan = plan
        self._wanted = wanted
        self._worker: Worker | None = None
        self._asked = time.monotonic()
        self._began = 0.0
        self._why: Kind | None = None
        self._lock = threading.Lock()
        self._ended = threading.Event()
        for target in (self._run, self._guard):
            threading.Thread(target=target, daemon=True).start()

    @property
    def state(self) -> State:
        """Waiting for others to be answered, running, or ended."""
        if self._ended.is_set():
            return "ended"
        return "running" if self._began else "waiting"

    @property
    def elapsed(self) -> float:
        """Seconds since it was asked; of one that ended, until then."""
        return self.seconds if self._ended.is_set() else time.monotonic() - self._asked

    def wait(self, seconds: float) -> bool:
        """Wait for the end; whether it has come."""
        return self._ended.wait(seconds)

    def stop(self) -> None:
        """End it now; what has ended stays as it is."""
        self._end("stopped")

    def _run(self) -> None:
        try:
            while not self._why:
                if _places.acquire(timeout=GUARD_SECONDS):
                    try:
                        self.outcome = self._answered()
                    finally:
                        _places.release()
                    break
        finally:
            self.outcome = self.outcome or Failure(self._why or "died")
            self.seconds = time.monotonic() - self._asked
            self._ended.set()

    def _answered(self) -> Answer | Failure | None:
        """None where the process ended before it could answer."""
        try:
            with self._lock:
                if self._why:
                    return None
                self._began = time.monotonic()
                self._worker = take(self.sight)
            answer = self._worker.ask(self.statement, self.bounds, self._plan)
        except LakeError as error:
            return Failure("lake", type(error).__name__)
        except (frames.Broken, OSError):
            if self._worker:
                self._worker.end()
            return None
        with self._lock:
            if self._why or (isinstance(answer, Failure) and answer.kind in SPENT):
                self._worker.end()
            else:
                keep(self._worker)
            self._worker = None
        return answer

    def _guard(self) -> None:
        while not self._ended.wait(GUARD_SECONDS):
            if not self._wanted():
                self._end("stopped")
            elif self._began and time.monotonic() - self._began > self.bounds.seconds:
                self._end("time")

    def _end(self, why: Kind) -> None:
        with self._lock:
            self._why = self._why or why
            if self._worker:
                self._worker.end()
