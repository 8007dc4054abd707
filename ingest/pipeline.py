"""An ingest: plan, read in parallel, write batches, commit, derive.

The main process plans and commits; workers read units and write the parts of a batch.  A unit that
kills its worker is halved until the file that did it is known, and that file becomes an error row.
"""

from __future__ import annotations

import gc
import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ingest import runs
from ingest.commits import Commits, Open
from ingest.derive import thresholds
from ingest.lake import databank, layout, lock
from ingest.lake.errors import LakeError
from ingest.plan import Known, Plan, known_files
from ingest.pool import Pool, single_threaded
from ingest.records import (
    PARTS_OF_A_UNIT,
    Batch,
    Job,
    Progress,
    State,
    Summary,
    Unit,
    Written,
)
from ingest.schema import promoted
from ingest.sources import Limits, Problem, Walk, printable, walk

REPORT_SECONDS = 0.1
UNITS_AHEAD = 2
"""Units a worker has waiting while it reads one."""
SELDOM = 200_000
"""Objects more before the main process looks for garbage."""
DOUBTFUL_TRIES = 1
"""How often a unit may break its worker before it is read in halves."""

Report = Callable[[Progress], None]


def ingest(
    sources: Sequence[str],
    root: Path,
    *,
    workers: int | None = None,
    force: bool = False,
    limits: Limits | None = None,
    report: Report | None = None,
    stop: threading.Event | None = None,
    executor: Executor | None = None,
    pool: Pool | None = None,
    walk: Walk = walk,
) -> Summary:
    """Read the sources into the databank at ``root``, which is made if it is not there.

    ``workers`` processes read, by default one a core; or those of ``executor`` (any executor that
    runs functions elsewhere, Dask's included); or those of ``pool``, which end with the run.
    ``walk`` finds the files of a source.  ``stop`` ends the run early and keeps what was read.
    Raises what ``ingest.lake.errors`` names if the databank cannot be used.
    """
    if not databank.exists(root):
        databank.create(root)
    thresholds.read(root)  # raises now rather than after hours of reading
    with lock.writer(root):
        pool = pool or Pool(workers, executor)
        return _Run(root, pool, limits or Limits(), report, stop).go(sources, walk, force=force)


@contextmanager
def _garbage_looked_for_seldom() -> Iterator[None]:
    """What a run lists stays and is no garbage: to look through it took a sixth of the time that
    listing 50,000 folders takes (measured)."""
    before = gc.get_threshold()
    gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@dataclass
class _Task:
    """A unit in work, for which batch, and how often it broke a worker."""

    unit: Unit
    into: Open
    number: int
    tries: int = 0


class _Run:
    """One run, from planning to the last commit."""

    def __init__(
        self,
        root: Path,
        pool: Pool,
        limits: Limits,
        report: Report | None,
        stop: threading.Event | None,
    ) -> None:
        self.root, self.pool, self.workers = root, pool, pool.workers
        self.report = report or (lambda progress: None)
        self.stop = stop or threading.Event()
        self.started, self.clock = datetime.now(UTC), time.monotonic()
        self.run_id = f"{self.started:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        self.job = Job(self.run_id, databank.secret_key(root), limits, promoted.load(root))
        self.plan = Plan((), Known.nothing(), pool.workers)
        self.commits = Commits(root, self.job, self._row)
        self.counts: Counter[str] = Counter()
        """Files by status, as they are read."""
        self.bytes = 0
        self.troubles: list[str] = []
        self.failed = False
        self.told = 0.0

    def go(self, sources: Sequence[str], walk: Walk, *, force: bool) -> Summary:
        """Read the sources; whatever goes wrong from here on is told in the summary."""
        known = Known.nothing()
        if not force and self.commits.state.batches:
            known = known_files(self.root, self.commits.state)
        apart = os.path.abspath(self.root)
        self.plan = Plan(sources, known, self.workers, apart, walk)
        try:
            with single_threaded(), _garbage_looked_for_seldom():
                if force or not self.commits.state.batches:  # there is work most likely
                    self.pool.warm()
                self._read()
            self.pool.dismiss()
        except LakeError as error:
            self.pool.close()  # who still writes for a batch must have ended before it is judged
            self._fail(str(error))
        except BaseException:
            self.pool.close()
            raise
        self.plan.known = Known.nothing()  # derivation can use the memory
        try:
            return self._finish()
        finally:
            self.pool.close()

    def _read(self) -> None:
        """Give out units and take in what workers wrote, until there is no more or a stop."""
        units = self.plan.units()
        waiting: dict[Future[Written], _Task] = {}
        doubtful: list[_Task] = []
        exhausted = False
        limit = self.workers * (1 + UNITS_AHEAD)
        while True:
            pause = REPORT_SECONDS
            while not exhausted and not doubtful and len(waiting) < limit and self._going():
                unit = next(units, None)
                if unit is None:
                    exhausted = True
                elif unit.size:
                    self._submit(waiting, unit)
                else:  # the plan is still listing, and there is the rest to look after
                    pause = 0.0
                    break
            if doubtful and not waiting and self._going():  # alone, so that it is known who breaks
                task = doubtful.pop()
                self._submit(waiting, task.unit, task.tries)
            if not waiting and ((exhausted and not doubtful) or not self._going()):
                break
            finished, _ = wait(waiting, timeout=pause, return_when=FIRST_COMPLETED)
            for future in finished:
                doubtful.extend(self._take(future, waiting.pop(future)))
            if not self._going():
                self.pool.stop()
            self._tell()
            self.commits.when_due()

    def _going(self) -> bool:
        return not self.failed and not self.stop.is_set()

    def _submit(self, waiting: dict[Future[Written], _Task], unit: Unit, tries: int = 0) -> None:
        task = _Task(unit, self.commits.batch(), self.commits.number(), tries)
        try:
            future = self.pool.submit(unit, Batch(*task.into.staging), task.number, self.job)
        except BrokenProcessPool as error:  # before anybody knew
            future = Future()
            future.set_exception(error)
        task.into.working += 1
        waiting[future] = task
        from ingest.derive import derivation  # noqa: F401 (50 ms: while others read)

    def _take(self, future: Future[Written], task: _Task) -> list[_Task]:
        """Count what a unit became; returns what has to be read again after a failure."""
        task.into.working -= 1
        try:
            self._add(task.into, future.result())
        except LakeError as error:
            self._clear(task)
            self._fail(str(error))
        except Exception as error:  # a worker died, or a file broke the reader as nothing should
            if isinstance(error, BrokenProcessPool):
                self.pool.mend(sum(self.counts.values()))
            self._clear(task)
            return self._again(task, error)
        return []

    def _add(self, into: Open, written: Written) -> None:
        into.add(written)
        self.counts.update(written.counts)
        self.bytes += written.bytes

    def _again(self, task: _Task, error: Exception) -> list[_Task]:
        """A unit that failed: once more alone, then in halves, then its one file is an error."""
        died = isinstance(error, BrokenProcessPool)
        if died and task.tries < DOUBTFUL_TRIES:
            return [replace(task, tries=task.tries + 1)]
        if died and not self.pool.can_work(Batch(*self.commits.batch().staging), self.job):
            self._fail("The processes that read files cannot be started.")
            return []
        if not task.unit.files:  # nothing was read that could be at fault
            raise error
        if task.unit.size > 1:
            return [replace(task, unit=half) for half in task.unit.halves() if half.size]
        reason = "the process that read it died" if died else type(error).__name__
        file = task.unit.files[0]
        uri = os.path.join(file.directory, file.names[0])
        row = Problem(uri, file.sizes[0], file.mtimes[0], "error",
                      f"the header cannot be read ({reason})")  # fmt: skip
        from ingest import worker  # takes a quarter of a second, and hardly ever needed here

        into = self.commits.batch()
        unit, batch = Unit(problems=(row,)), Batch(*into.staging)
        self._add(into, worker.read_unit(unit, batch, self.commits.number(), self.job))
        return []

    def _clear(self, task: _Task) -> None:
        """Remove what a failed unit wrote."""
        numbers = range(task.number, task.number + PARTS_OF_A_UNIT)
        for folder in (task.into.staging.open_dir, task.into.staging.phi_dir):
            for file in folder.iterdir():
                named = layout.parse_part_file(file.name)
                if named is not None and named[1] in numbers:
                    file.unlink(missing_ok=True)

    def _fail(self, sentence: str) -> None:
        self.failed = True
        if sentence not in self.troubles:
            self.troubles.append(sentence)

    def _tell(self, *, last: bool = False) -> None:
        now = time.monotonic()
        if now - self.told < REPORT_SECONDS and not last:
            return
        self.told = now
        done = sum(self.counts.values())
        if not last:
            done = max(done, self.pool.files)
        unchanged = self.plan.unchanged
        self.report(
            Progress(
                seen=done + unchanged,
                ok=self.counts["ok"],
                duplicate=self.counts["duplicate"],
                not_dicom=self.counts["not_dicom"],
                error=self.counts["error"],
                unchanged=unchanged,
                planned=max(self.plan.planned, done),
                planning=not self.plan.complete,
                seconds=now - self.clock,
                bytes=self.bytes,
            )
        )

    def _row(self, state: State, counts: Counter[str]) -> dict[str, object]:
        return {
            "run_id": self.run_id, "started": self.started,
            "seconds": time.monotonic() - self.clock,
            "sources": [printable(source) for source in self.plan.sources],
            "state": state, "workers": self.workers, "versions": runs.versions(),
            **self._outcomes(counts),
        }  # fmt: skip

    def _outcomes(self, counts: Counter[str]) -> dict[str, int]:
        """Files by outcome, and their sum."""
        outcomes = {name: counts[name] for name in ("ok", "duplicate", "not_dicom", "error")}
        outcomes["unchanged"] = self.plan.unchanged
        return {"seen": sum(outcomes.values()), **outcomes}

    def _finish(self) -> Summary:
        """Commit what was read; the summary counts what the lake holds of it."""
        state: State = "interrupted" if self.stop.is_set() else "done"
        try:
            self.commits.finish("failed" if self.failed else state)
        except LakeError as error:
            self._fail(str(error))
        self.counts = self.commits.counts
        self._tell(last=True)
        return Summary(
            run_id=self.run_id,
            state="failed" if self.failed else state,
            root=self.root,
            **self._outcomes(self.commits.counts),
            seconds=time.monotonic() - self.clock,
            bytes=self.bytes,
            troubles=tuple(self.troubles),
            unreachable=tuple(self.plan.unreachable),
        )
