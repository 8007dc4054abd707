"""A unit of work in one process: read its files, write its parts.

A worker keeps nothing between units, so any executor that maps a function over units will do.
Every file of a unit becomes exactly one row of ``files``, whatever happens while it is read.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import parent_process
from multiprocessing.sharedctypes import Synchronized
from typing import Any

import polars as pl

from ingest.flatten import flatten
from ingest.intake import Intake, add_problem, read_files
from ingest.lake import layout, parts
from ingest.records import PARTS_OF_A_UNIT, Batch, Job, Unit, Written
from ingest.schema import TABLES


@dataclass
class Shared:
    """What a worker process shares with the main one: a count of files, and a wish to stop."""

    done: Synchronized[int] | None = None
    stop: Any = None  # a RawValue, which has no public type; an Event would cost 3 microseconds

    def advance(self, files: int) -> None:
        """Tell of ``files`` more files."""
        if self.done is not None:
            with self.done.get_lock():
                self.done.value += files

    @property
    def stopping(self) -> bool:
        """Whether the run is to end."""
        return self.stop is not None and bool(self.stop.value)


SHARED = Shared()


def share(done: Synchronized[int], stop: Any) -> None:
    """Initialise a worker process: it leaves Ctrl-C to the main one and ends with that."""
    SHARED.done, SHARED.stop = done, stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker that outlived a killed run would write into the staging folder of the next one."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class TooManyParts(Exception):
    """A unit needs more parts than there are numbers for it: it has to be read in pieces."""


@dataclass
class _Writer(Intake):
    """Writes each part into the batch, under a number of its own."""

    batch: Batch
    number: int
    job: Job
    rows: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    left: int = PARTS_OF_A_UNIT

    def advance(self, files: int) -> None:
        """The main process counts the files of all."""
        SHARED.advance(files)

    @property
    def stopping(self) -> bool:
        """Whether the run is to end."""
        return SHARED.stopping

    def take(self) -> None:
        """Write the part's tables; raises TooManyParts or DatabankNotWritable."""
        if not self.left:
            raise TooManyParts
        tables = flatten(
            self.part, self.number, self.job.run_id, self.job.secret, self.job.promoted
        )
        for table, sides in tables.items():
            for side, frame in zip(layout.SIDES, sides, strict=True):
                if frame is not None:
                    self._write(frame, table, side)
        self._write(self._container_rows(), "containers", layout.PHI)
        self.counts.update(tables["files"].open["status"].to_list())  # type: ignore[index]
        self.bytes += sum(row.size for row in self.part.files)
        self.number += 1
        self.left -= 1

    def _write(self, frame: pl.DataFrame, table: str, side: layout.Side) -> None:
        folder = self.batch.open_dir if side == layout.OPEN else self.batch.phi_dir
        with parts.writing(folder):
            written = parts.write(frame, folder, table, side, self.number, tables=self.job.tables())
        if side == layout.OPEN or table in layout.ROW_SPLIT | layout.PHI_ONLY:
            self.rows[table] += written

    def _container_rows(self) -> pl.DataFrame:
        made = [(self.job.run_id, *row) for row in self.containers]
        return pl.DataFrame(made, schema=TABLES["containers"].schema(), orient="row")


def read_unit(unit: Unit, batch: Batch, number: int, job: Job) -> Written:
    """Read a unit and write its parts, numbered from ``number``, into the batch.

    Raises DatabankNotWritable, or TooManyParts.
    """
    # A unit makes millions of small objects and hardly any cycles: looking for some again and
    # again costs a sixth of the time (measured).
    gc.disable()
    try:
        return _read_unit(unit, _Writer(job.limits, batch, number, job))
    finally:
        gc.collect(1)  # of this unit alone: all there is takes ten times as long (measured)
        gc.enable()


def _read_unit(unit: Unit, writer: _Writer) -> Written:
    for problem in unit.problems:
        add_problem(writer, problem, None)
    stopped = False
    for files in unit.files:
        stopped = read_files(writer, files)
        if stopped:
            break
    writer.flush()
    return Written(dict(writer.rows), dict(writer.counts), writer.bytes, stopped)
