"""What a file says about itself: where its rows come from, and what its columns mean.

Nothing in it depends on when or where the file is made, so the same selection of the same snapshot
is the same file, byte for byte, whoever makes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""When a file of a databank without any run says it was made."""


class Described(NamedTuple):
    """A column: its name, what it means, its unit, where in DICOM it comes from, and its type."""

    name: str
    meaning: str
    unit: str = ""
    source: str = ""
    type: str = ""


@dataclass(frozen=True)
class About:
    """Provenance as name and sentence, and the dictionary of the columns."""

    facts: tuple[tuple[str, str], ...]
    columns: tuple[Described, ...] = ()
    as_of: datetime | None = None

    def lines(self, rows: int, notes: Iterable[str] = ()) -> Sequence[tuple[str, str]]:
        """Provenance with the number of rows, and what happened while the file was written."""
        return [*self.facts, ("Rows", f"{rows:,}"), *(("Note", note) for note in notes)]
