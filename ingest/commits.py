"""What a run makes part of the lake, and when: batches while they are written, then commits.

A batch is a staging folder until it is committed, which the next run clears; so an interrupted run
keeps what was committed.  While the last units of one batch are in work, further ones go to the
next.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest import runs
from ingest.lake import batch as batches
from ingest.lake import layout, leftovers, snapshot, views
from ingest.lake.errors import DatabankNotWritable
from ingest.lake.errors import writing as changing
from ingest.lake.scans import Scans
from ingest.lake.session import reading, without_tables
from ingest.records import PARTS_OF_A_UNIT, Job, State, Written
from ingest.schema import TABLES

COMMIT_SECONDS = 60.0
"""A batch is committed after this long, or ten times what the last commit took, if that is more."""

Row = Callable[[State, Counter[str]], Mapping[str, object]]
"""The row of ``runs`` as things stand, for how the run ended and what is committed by status."""


@dataclass
class Open:
    """A batch that is being written: what was written of it, and the units still in work."""

    staging: batches.Staging
    began: float
    rows: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    working: int = 0

    def add(self, written: Written) -> None:
        """Count what a worker wrote for it."""
        self.rows.update(written.rows)
        self.counts.update(written.counts)


class Commits:
    """The batches and the snapshot of one run; needs the writer's lock for as long as it is used.

    Everything here raises what ``ingest.lake.errors`` names.
    """

    def __init__(self, root: Path, job: Job, row: Row) -> None:
        """Look what is there; what a run that was cut off had completed becomes part of it."""
        self.root, self.job, self.row = root, job, row
        self.counts: Counter[str] = Counter()
        """Files by status that are committed."""
        self.state = self._recovered()
        self.next_part = self.state.next_part
        self.open: Open | None = None
        """The batch that units go to."""
        self.closing: Open | None = None
        """The one before, while its last units are in work."""
        self.pace = COMMIT_SECONDS
        self.stuck = False
        """Whether a commit failed: what it left is for the next run to clear or to adopt."""

    def batch(self) -> Open:
        """The batch that new units go to."""
        if self.open is None:
            self.open = Open(batches.begin(self.root, self.state), time.monotonic())
        return self.open

    def number(self, parts: int = PARTS_OF_A_UNIT) -> int:
        """The first of so many numbers of parts that nobody else uses."""
        number = self.next_part
        if number + parts > layout.MAX_PART:
            raise DatabankNotWritable("The databank has used up all numbers of parts.")
        self.next_part += parts
        return number

    def when_due(self) -> None:
        """Commit the batch if it has been open long enough, and its last unit is done."""
        current = self.open
        due = current is not None and time.monotonic() - current.began >= self.pace
        if due and self.closing is None:
            self.open, self.closing = None, current
        if self.closing is not None and not self.closing.working:
            self._commit(self.closing, "interrupted")
            self.closing = None

    def finish(self, state: State) -> None:
        """Commit what was read, at least the row of the run; nothing if a commit has failed."""
        rest = [batch for batch in (self.closing, self.open or self.batch()) if batch is not None]
        if self.stuck or any(batch.working for batch in rest):
            return
        for batch in rest:
            self._commit(batch, state)
        if self.counts["ok"]:
            self._count_duplicates(state)

    def _recovered(self) -> snapshot.Snapshot:
        state = leftovers.last_known(self.root)
        adopted = leftovers.recover(self.root, state)
        if not adopted:
            return state
        every = sorted((*state.batches, *adopted))
        state = snapshot.advanced(
            state, every, state.derived, leftovers.part_after(self.root, every, state.next_part)
        )
        return self._derived(state, adopted)

    def _derived(self, state: snapshot.Snapshot, new: Sequence[str]) -> snapshot.Snapshot:
        """Derive what the new batches touch, and make the result the snapshot."""
        from ingest.derive.derivation import derive

        version = derive(self.root, state, new, tables=self.job.tables())
        state = replace(state, derived=version)
        snapshot.write(self.root, state)
        return state

    def _commit(self, current: Open, state: State) -> None:
        """Seal the batch, derive what it touches, and make it part of the snapshot."""
        began, self.stuck = time.monotonic(), True
        # The row is about things as they stand, since nobody knows which commit is the last.
        row = self.row(state, self.counts + current.counts)
        runs.write(row, current.staging, self.number(1))
        current.rows["runs"] += 1
        name = batches.seal(self.root, current.staging, current.rows)
        every = (*self.state.batches, name)
        new = snapshot.advanced(self.state, every, self.state.derived, self.next_part)
        if current.counts or self.state.derived is None:
            self.state = self._derived(new, [name])
        else:
            snapshot.write(self.root, new)
            self.state = new
        self.counts.update(current.counts)
        self._sweep()
        self.stuck = False
        self.pace = max(COMMIT_SECONDS, 10 * (time.monotonic() - began))

    def _sweep(self) -> None:
        """Clear derived versions that no reader can still be on: a long run leaves many."""
        underway = [b.staging.batch for b in (self.open, self.closing) if b is not None]
        with changing():
            keep = [f"{layout.STAGING}{name}" for name in underway]
            leftovers.sweep(self.root, self.state, keep=keep)

    def _count_duplicates(self, state: State) -> None:
        """Which files of this run hold instances that are kept from elsewhere: derivation knows."""
        if Scans.of(self.root, self.state, identifiers=False).dropped is None:
            return
        wanted = {"files": TABLES["files"]}  # a twentieth of all columns
        tables = views.definitions(self.root, self.state, identifiers=False, tables=wanted)
        query = (
            f"SELECT count(*) FROM ({tables['files']}) WHERE run_id = ? AND status = 'duplicate'"
        )
        with reading(), without_tables() as connection:
            row = connection.execute(query, [self.job.run_id]).fetchone()
        found = int(row[0]) if row else 0
        if found:
            self.counts.update(ok=-found, duplicate=found)
            self.closing, self.open = None, None
            self._commit(self.batch(), state)
