"""Deriving again without anything new: what follows from the thresholds follows from new ones."""

from __future__ import annotations

from pathlib import Path

from ingest.derive.derivation import derive
from ingest.lake import leftovers, lock, snapshot
from ingest.lake.tables import tables_of


def again(root: Path, *, timeout: float = 0.0) -> str:
    """Make the derived tables anew with the databank's thresholds; returns the version's name.

    Rows of series are carried over, so it takes about as long as a small ingest. ``timeout`` is how
    many seconds to wait for another writer. Takes the writer's lock. Raises DatabankBusy,
    DerivationFailed, DatabankNotWritable, BatchDamaged, ThresholdsInvalid, ColumnsInvalid and what
    ``snapshot.read`` raises, and then the lake is as it was.
    """
    with lock.writer(root, timeout):
        state = snapshot.read(root)
        adoptable = leftovers.recover(root, state)
        version = derive(root, state, (), tables=tables_of(root))
        after = snapshot.advanced(state, state.batches, version, state.next_part)
        snapshot.write(root, after)
        leftovers.sweep(root, after, keep=adoptable)
    return version
