"""What an ingest passes between its processes and to those who watch it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from ingest.schema import Column, Table
from ingest.schema.promoted import with_promoted
from ingest.sources import Limits, Problem

State = Literal["done", "interrupted", "failed"]

PARTS_OF_A_UNIT = 4096
"""Part numbers set aside for a unit: an archive of a million members may take more than one."""


@dataclass(frozen=True)
class Progress:
    """How far an ingest is. ``planned`` counts the files known so far that are to be read."""

    seen: int = 0
    ok: int = 0
    duplicate: int = 0
    not_dicom: int = 0
    error: int = 0
    unchanged: int = 0
    planned: int = 0
    planning: bool = True
    seconds: float = 0.0
    bytes: int = 0


@dataclass(frozen=True)
class Summary:
    """How an ingest ended: ``seen`` is the sum of ok, duplicate, not_dicom, error and unchanged."""

    run_id: str
    state: State
    root: Path
    seen: int
    ok: int
    duplicate: int
    not_dicom: int
    error: int
    unchanged: int
    seconds: float
    bytes: int
    troubles: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()


def is_plain(name: str) -> bool:
    """Whether ``printable`` leaves a name as it is; quicker than asking it."""
    return name.isascii() and "%" not in name


class Batch(NamedTuple):
    """Where the parts of a batch are written."""

    name: str
    open_dir: Path
    phi_dir: Path


class Files(NamedTuple):
    """Files of one directory to be read; the lists run in parallel."""

    directory: str
    names: list[str]
    sizes: list[int]
    mtimes: list[int]


@dataclass(frozen=True)
class Unit:
    """Work for one call of a worker: files to read and rows that are known without reading."""

    files: tuple[Files, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def size(self) -> int:
        """How many files it is about."""
        return sum(len(f.names) for f in self.files) + len(self.problems)

    def halves(self) -> tuple[Unit, Unit]:
        """Two units with half the files each."""
        single = [
            Files(f.directory, [n], [s], [m])
            for f in self.files
            for n, s, m in zip(f.names, f.sizes, f.mtimes, strict=True)
        ]
        middle = len(single) // 2
        return Unit(tuple(single[:middle]), self.problems), Unit(tuple(single[middle:]))


@dataclass(frozen=True)
class Job:
    """What every worker of a run has to know."""

    run_id: str
    secret: bytes
    limits: Limits
    promoted: tuple[Column, ...] = ()

    def tables(self) -> Mapping[str, Table]:
        """The tables of the schema, ``instances`` with the promoted columns."""
        return with_promoted(self.promoted)


@dataclass(frozen=True)
class Written:
    """What a worker made of a unit: rows by table, files by status, archives read to their end."""

    rows: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    bytes: int = 0
    stopped: bool = False
