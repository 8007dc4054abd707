"""Where things are in a databank: names of folders and files, and which table lives on which side.

All other modules get paths from here, so that the layout is stated once; every name read from disk
is matched against the patterns below before it becomes part of a path.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:  # the schema imports Polars: for paths alone that is a long wait
    from ingest.schema import Table

Side = Literal["open", "phi"]
OPEN: Side = "open"
PHI: Side = "phi"
SIDES: tuple[Side, Side] = (OPEN, PHI)

FORMAT_VERSION = 1
"""Of all that is written here; readers refuse a higher one."""
SNAPSHOT = "lake.json"
LOCK = "writer.lock"
SECRET = "secret.key"
MANIFEST = "manifest.json"
RETIRED = "retired"
STAGING = ".new-"

ROW_SPLIT = frozenset({"header_elements", "instance_elements"})
"""Tables of which identifying rows are under phi/ and all others under open/, same columns."""
PHI_ONLY = frozenset({"containers"})
"""Tables that are under phi/ with all their columns."""

BATCH_NAME = re.compile(r"(?P<number>\d{8})(?:-c(?P<generation>\d{1,6}))?", re.ASCII)
VERSION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
PART_FILE = re.compile(r"(?P<table>[a-z][a-z_]{0,40})-(?P<part>\d{1,10})\.parquet", re.ASCII)
MAX_PART = 2**31 - 1  # part << 32 must fit a signed 64-bit integer


class BatchName(NamedTuple):
    """A batch's place in time; of batches that compaction merged, the last one's, and how often."""

    number: int
    generation: int = 0

    def __str__(self) -> str:
        return f"{self.number:08d}" + (f"-c{self.generation}" if self.generation else "")


def batch_name(text: str) -> BatchName | None:
    """The parsed name of a batch, or None if ``text`` is not one."""
    match = BATCH_NAME.fullmatch(text)
    if match is None:
        return None
    return BatchName(int(match["number"]), int(match["generation"] or 0))


def part_file(table: str, part: int) -> str:
    """File name of a table's rows of one part."""
    return f"{table}-{part}.parquet"


def parse_part_file(name: str) -> tuple[str, int] | None:
    """Table and part of a file name, or None if it is not a part's."""
    match = PART_FILE.fullmatch(name)
    if match is None or int(match["part"]) > MAX_PART:
        return None
    return match["table"], int(match["part"])


def is_databank(root: Path) -> bool:
    """Whether a folder is a databank: it has a snapshot, a secret or, of a copy, batches.

    One that this user may not look into is taken for one.
    """
    try:
        return (
            (root / SNAPSHOT).is_file()
            or (root / PHI / SECRET).is_file()
            or batches(root, OPEN).is_dir()
        )
    except PermissionError:
        return True


def phi_is_closed(root: Path) -> bool:
    """Whether what identifies may not be read by this user, or was not copied along."""
    return not os.access(root / PHI, os.R_OK | os.X_OK)


def has_batches(root: Path) -> bool:
    """Whether some batch has its final name, listed or not; raises OSError."""
    folder = batches(root, OPEN)
    return folder.is_dir() and any(batch_name(name) for name in os.listdir(folder))


def batches(root: Path, side: Side) -> Path:
    return root / side / "batches"


def derived(root: Path, side: Side) -> Path:
    return root / side / "derived"


def stored_columns(table: Table, side: Side) -> tuple[str, ...]:
    """Names of the columns that Parquet files of ``table`` hold on ``side``; () if none are there.

    The phi side of a table that is split by column repeats its key, to join by.
    """
    names = tuple(column.name for column in table.columns)
    if table.name in PHI_ONLY:
        return names if side == PHI else ()
    if table.name in ROW_SPLIT:
        return names
    if side == OPEN:
        return tuple(c.name for c in table.columns if not c.phi)
    if not any(c.phi for c in table.columns):
        return ()
    return tuple(c.name for c in table.columns if c.phi or c.name in table.key)
