"""An ingest: plan, read in parallel, write batches, commit, derive.

The main process plans and commits; workers read units and write the parts of a batch.  A batch is
committed whenever enough time has passed, so an interrupted run keeps what it read; until then a
batch is a staging folder that the next run clears.  A unit that kills its worker is halved until
the file that did it is known, and that file becomes an error row.
"""

from __future__ import annotations

import os
import platform
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingest import __version__, worker
from ingest.derive import derive
from ingest.lake import batch as batches
from ingest.lake import databank, layout, leftovers, lock, parts, snapshot, views
from ingest.lake.errors import DatabankNotWritable
from ingest.plan import Known, Plan, known_files
from ingest.records import Batch, Job, Progress, State, Summary, Unit, Written
from ingest.schema import TABLES, promoted
from ingest.sources import Limits, Problem
from ingest.worker import PARTS_OF_A_UNIT

COMMIT_SECONDS = 60.0
"""A batch is committed after this long, or ten times what the last commit took, if that is more."""
REPORT_SECONDS = 0.1
UNITS_AHEAD = 2
"""Units a worker has waiting while it reads one."""
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
) -> Summary:
    """Read the sources into the databank at ``root``, which is made if it is not there.

    ``workers`` processes read, by default one a core; or those of ``executor`` (any executor that
    runs functions elsewhere, Dask's included).  ``stop`` ends the run early and keeps what was
    read.  Raises what ``ingest.lake.errors`` names if the databank cannot be used.
    """
    if not databank.exists(root):
        databank.create(root)
    with lock.writer(root):
        run = _Run(root, workers or os.cpu_count() or 1, limits or Limits(), report, stop)
        return run.go(sources, force=force, executor=executor)


@dataclass
class _Open:
    """A batch that is being written: what was written of it, and the units still in work."""

    staging: batches.Staging
    began: float
    rows: Counter[str] = field(default_factory=Counter)
    parts: list[int] = field(default_factory=list)
    files: int = 0
    working: int = 0
    closed: bool = False


@dataclass
class _Task:
    """A unit in work, for which batch, and how often it broke a worker."""

    unit: Unit
    into: _Open
    number: int
    tries: int = 0


class _Run:
    """One run, from planning to the last commit."""

    def __init__(
        self,
        root: Path,
        workers: int,
        limits: Limits,
        report: Report | None,
        stop: threading.Event | None,
    ) -> None:
        self.root, self.workers = root, workers
        self.report = report or (lambda progress: None)
        self.stop = stop or threading.Event()
        self.started, self.clock = datetime.now(UTC), time.monotonic()
        self.run_id = f"{self.started:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        self.job = Job(self.run_id, databank.secret_key(root), limits, promoted.load(root))
        self.counts: Counter[str] = Counter()
        self.bytes = 0
        self.troubles: list[str] = []
        self.failed = False
        self.state = self._recovered()
        self.next_part = self.state.next_part
        self.open: _Open | None = None
        self.pace = COMMIT_SECONDS
        self.told = 0.0
        self.shared_done: Any = None
        self.plan = Plan((), Known.nothing(), workers)

    def _recovered(self) -> snapshot.Snapshot:
        """The snapshot, with what a run that was cut off had completed adopted."""
        state = snapshot.read(self.root)
        adopted = leftovers.recover(self.root, state)
        if not adopted:
            return state
        every = (*state.batches, *adopted)
        state = snapshot.advanced(
            state, every, state.derived, leftovers.part_after(self.root, every, state.next_part)
        )
        return self._derived(state, adopted)

    def _derived(self, state: snapshot.Snapshot, new: Sequence[str]) -> snapshot.Snapshot:
        """Derive what the new batches touch, and make the result the snapshot."""
        version = derive(self.root, state, new)
        state = replace(state, derived=version)
        snapshot.write(self.root, state)
        return state

    def go(self, sources: Sequence[str], *, force: bool, executor: Executor | None) -> Summary:
        known = Known.nothing()
        if not force and self.state.batches:
            known = known_files(self.root, self.state)
        self.plan = Plan(sources, known, self.workers)
        try:
            with self._pool(executor) as pool:
                self._read(pool)
        except DatabankNotWritable as error:
            self._fail(str(error))
        return self._finish(sources)

    @contextmanager
    def _pool(self, executor: Executor | None) -> Iterator[Callable[[], Executor]]:
        """A function that gives the executor, a new one after it broke."""
        if executor is not None:
            yield lambda: executor
            return
        context = get_context("spawn")
        done, stop = context.Value("q", 0), context.Event()
        self.shared_done = done
        made: list[ProcessPoolExecutor] = []

        def pool() -> Executor:
            if not made or getattr(made[-1], "_broken", False):
                made.append(
                    ProcessPoolExecutor(
                        self.workers, context, initializer=worker.share, initargs=(done, stop)
                    )
                )
            return made[-1]

        watcher = threading.Thread(target=self._pass_on, args=(stop,), daemon=True)
        watcher.start()
        # Polars in a worker computes in one thread: the processes are the parallelism.
        before = os.environ.get("POLARS_MAX_THREADS")
        os.environ["POLARS_MAX_THREADS"] = "1"
        try:
            yield pool
        finally:
            self.shared_done = None
            if before is None:
                del os.environ["POLARS_MAX_THREADS"]
            else:
                os.environ["POLARS_MAX_THREADS"] = before
            for one in made:
                one.shutdown(wait=True, cancel_futures=True)

    def _pass_on(self, stop: Any) -> None:
        self.stop.wait()
        stop.set()

    def _read(self, pool: Callable[[], Executor]) -> None:
        """Give out units and take in what workers wrote, until there is no more or a stop."""
        units = self.plan.units()
        waiting: dict[Future[Written], _Task] = {}
        doubtful: list[_Task] = []
        exhausted = False
        while True:
            limit = self.workers * (1 + UNITS_AHEAD)
            while not exhausted and not doubtful and len(waiting) < limit and self._going():
                unit = next(units, None)
                if unit is None:
                    exhausted = True
                elif unit.size:
                    self._submit(pool, waiting, _Task(unit, self._batch(), self._number()))
            if doubtful and not waiting and self._going():  # alone, so that it is known who breaks
                task = doubtful.pop()
                task = replace(task, into=self._batch(), number=self._number())
                self._submit(pool, waiting, task)
            if not waiting:
                if (exhausted and not doubtful) or not self._going():
                    break
                continue
            finished, _ = wait(waiting, timeout=REPORT_SECONDS, return_when=FIRST_COMPLETED)
            for future in finished:
                doubtful.extend(self._take(future, waiting.pop(future)))
            self._tell()
            self._commit_when_due()

    def _going(self) -> bool:
        return not self.failed and not self.stop.is_set()

    def _submit(
        self, pool: Callable[[], Executor], waiting: dict[Future[Written], _Task], task: _Task
    ) -> None:
        task.into.working += 1
        into = Batch(*task.into.staging)
        for attempt in (1, 2):
            try:
                future = pool().submit(worker.read_unit, task.unit, into, task.number, self.job)
                break
            except BrokenProcessPool:
                if attempt == 2:
                    raise
        waiting[future] = task

    def _batch(self) -> _Open:
        """The batch that new units go to."""
        if self.open is None:
            staging = batches.begin(self.root, self.state)
            self.open = _Open(staging, time.monotonic())
        return self.open

    def _number(self) -> int:
        number = self.next_part
        self.next_part += PARTS_OF_A_UNIT
        return number

    def _take(self, future: Future[Written], task: _Task) -> list[_Task]:
        """Count what a unit became; returns what has to be read again after a failure."""
        task.into.working -= 1
        try:
            written = future.result()
        except OSError as error:
            self._clear(task)
            what = os.strerror(error.errno) if error.errno else "the parts cannot be written"
            self._fail(f"The databank cannot be written: {what}.")
            return []
        except Exception as error:  # a worker died, or a file broke the reader as nothing should
            self._clear(task)
            return self._again(task, error)
        self._add(task, written)
        return []

    def _add(self, task: _Task, written: Written) -> None:
        task.into.rows.update(written.rows)
        task.into.files += sum(written.counts.values())
        self.counts.update(written.counts)
        self.bytes += written.bytes

    def _again(self, task: _Task, error: Exception) -> list[_Task]:
        """A unit that failed: once more alone, then in halves, then its one file is an error."""
        if isinstance(error, BrokenProcessPool) and task.tries < DOUBTFUL_TRIES:
            return [replace(task, tries=task.tries + 1)]
        if task.unit.size > 1:
            return [replace(task, unit=half, tries=task.tries) for half in task.unit.halves()]
        died = isinstance(error, BrokenProcessPool)
        reason = "the process that read it died" if died else type(error).__name__
        rows = [
            Problem(f"{f.directory}/{f.names[0]}", f.sizes[0], f.mtimes[0], "error",
                    f"the header cannot be read ({reason})")
            for f in task.unit.files
        ]  # fmt: skip
        unit = Unit(problems=tuple(rows))
        into, number = self._batch(), self._number()
        lone = _Task(unit, into, number)
        self._add(lone, worker.read_unit(unit, Batch(*into.staging), number, self.job))
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
        if self.shared_done is not None:
            done = max(done, int(self.shared_done.value))
        unchanged = self.plan.unchanged
        self.report(
            Progress(
                seen=done + unchanged,
                ok=self.counts["ok"],
                not_dicom=self.counts["not_dicom"],
                error=self.counts["error"],
                unchanged=unchanged,
                planned=max(self.plan.planned, done),
                planning=not last,
                seconds=now - self.clock,
                bytes=self.bytes,
            )
        )

    def _commit_when_due(self) -> None:
        current = self.open
        if current is None or time.monotonic() - current.began < self.pace:
            return
        current.closed = True
        if current.working == 0:
            self._commit(current, "interrupted")
            self.open = None

    def _commit(self, current: _Open, state: State) -> None:
        """Seal the batch, derive what it touches, and make it part of the snapshot."""
        began = time.monotonic()
        self._write_run(current, state)
        name = batches.seal(self.root, current.staging, current.rows)
        every = (*self.state.batches, name)
        new = snapshot.advanced(self.state, every, self.state.derived, self.next_part)
        if current.files or self.state.derived is None:
            self.state = self._derived(new, [name])
        else:
            snapshot.write(self.root, new)
            self.state = new
        self.pace = max(COMMIT_SECONDS, 10 * (time.monotonic() - began))

    def _write_run(self, current: _Open, state: State) -> None:
        """The row of ``runs``: as things stand, since nobody knows which commit is the last."""
        number = self._number()
        frame = pl.DataFrame([self._run_row(state)], schema=TABLES["runs"].schema())
        folders = (current.staging.open_dir, current.staging.phi_dir)
        for side, folder in zip(layout.SIDES, folders, strict=True):
            names = layout.stored_columns(TABLES["runs"], side)
            parts.write(frame.select(names), folder, "runs", side, number)
        current.rows["runs"] += 1

    def _run_row(self, state: State) -> dict[str, object]:
        counts, unchanged = self.counts, self.plan.unchanged
        return {
            "run_id": self.run_id, "started": self.started,
            "seconds": time.monotonic() - self.clock, "sources": list(self.plan.sources),
            "state": state, "seen": sum(counts.values()) + unchanged, "ok": counts["ok"],
            "duplicate": counts["duplicate"], "not_dicom": counts["not_dicom"],
            "error": counts["error"], "unchanged": unchanged, "workers": self.workers,
            "versions": versions(),
        }  # fmt: skip

    def _finish(self, sources: Sequence[str]) -> Summary:
        state: State = "interrupted" if self.stop.is_set() else "done"
        try:
            self._commit(self._batch(), "failed" if self.failed else state)
            if self.counts["ok"]:
                self._count_duplicates(state)
        except (DatabankNotWritable, OSError) as error:
            what = str(error) if isinstance(error, DatabankNotWritable) else "The disk refused it."
            self._fail(what)
        self._tell(last=True)
        counts, unchanged = self.counts, self.plan.unchanged
        return Summary(
            run_id=self.run_id,
            state="failed" if self.failed else state,
            root=self.root,
            seen=sum(counts.values()) + unchanged,
            ok=counts["ok"],
            duplicate=counts["duplicate"],
            not_dicom=counts["not_dicom"],
            error=counts["error"],
            unchanged=unchanged,
            seconds=time.monotonic() - self.clock,
            bytes=self.bytes,
            troubles=tuple(self.troubles),
            unreachable=tuple(self.plan.unreachable),
        )

    def _count_duplicates(self, state: State) -> None:
        """Which files of this run hold instances that are kept from elsewhere: derivation knows."""
        with duckdb.connect() as connection:
            views.register(connection, self.root, self.state, identifiers=False)
            query = "SELECT count(*) FROM files WHERE run_id = ? AND status = 'duplicate'"
            row = connection.execute(query, [self.run_id]).fetchone()
        found = int(row[0]) if row else 0
        if not found:
            return
        self.counts["ok"] -= found
        self.counts["duplicate"] += found
        staging = batches.begin(self.root, self.state)
        self.open = _Open(staging, time.monotonic())
        self._commit(self.open, state)


def versions() -> str:
    """What made a run, for its row: the versions of the program and of what it stands on."""
    from pydicom import __version__ as pydicom_version

    return (
        f"Taglake {__version__}, Python {platform.python_version()}, Polars {pl.__version__}, "
        f"DuckDB {duckdb.__version__}, pydicom {pydicom_version}"
    )
