"""The first rows of a sheet: its statement about few series, at one cost in a lake of any size.

Each table is read once, and numbers let whole parts of its files be passed over: to look for UIDs
beside columns of lists takes a second at 1,000,000 series, and to join with all instances 4 GB.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.export.workbook.statements import text
from ingest.lake.sql import literal

KEYS = {"studyinstanceuid", "seriesinstanceuid", "study_row", "instance_id"}
BELOW = (
    ("files", "file_id", "instance_id"), ("header_elements", "header_id", "header_id"),
    ("instance_elements", "instance_id", "instance_id"),
)  # fmt: skip
"""Tables about instances, and by which of their columns."""
BLOCK = 8192
"""Ids of instances count through the rows of a file, so those of a series are near each other."""


@dataclass(frozen=True)
class Few:
    """Some series: UIDs of study and series of each; numbers of their studies, if all are known."""

    keys: Sequence[tuple[str | None, str | None]]
    studies: frozenset[int]

    @property
    def likely(self) -> str:
        """SQL that is true for these series, and perhaps for others; a plain column is fast."""
        known = [one for _, one in self.keys if one is not None]
        if len(known) < len(self.keys):
            return self.condition
        return f"SeriesInstanceUID IN ({', '.join(map(text, known))})" if known else "false"

    @property
    def condition(self) -> str:
        """SQL that is true for these series."""
        pairs = ", ".join(f"({text(study or '')}, {text(one or '')})" for study, one in self.keys)
        key = "(coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, ''))"
        return f"{key} IN ({pairs})" if pairs else "false"


def first_series(rows: int, modality: str | None) -> str:
    """The first series, in the order of the sheets, as ``Few`` tells them."""
    where = f"WHERE Modality = {literal(modality)} " if modality else ""
    return (
        f"SELECT StudyInstanceUID, SeriesInstanceUID, study_row FROM series {where}"
        "ORDER BY StudyDate NULLS LAST, coalesce(StudyInstanceUID, ''), SeriesNumber NULLS LAST, "
        f"coalesce(SeriesInstanceUID, '') LIMIT {rows:d}"
    )


def blocks(few: Few) -> str:
    """Where the instances of some series are in the lake: their ids without the last digits."""
    return f"SELECT DISTINCT instance_id // {BLOCK} FROM instances WHERE {few.likely}"


def of_few(
    sql: str, few: Few, blocks: Iterable[int], narrow: Callable[[str, set[str]], str]
) -> str:
    """A statement of ``statements`` about some series only.

    ``blocks`` are those that ``blocks`` asks for; ``narrow`` gives a table with some columns.
    """
    named = set(re.findall(r"\w+", sql.casefold()))
    places = (f"instance_id BETWEEN {n * BLOCK} AND {n * BLOCK + BLOCK - 1}" for n in blocks)
    studies = ", ".join(str(n) for n in sorted(few.studies))
    near = {
        "series": f"study_row IN ({studies})" if studies else "true",
        "instances": f"({' OR '.join(places) or 'false'})",
        "mr_cleaned": "true",
    }
    these = f"{few.likely} AND {few.condition}"
    found = {
        name: f"FROM ({narrow(name, named | KEYS)}) WHERE {where} AND {these}"
        for name, where in near.items()
        if name in named
    }
    found |= {
        name: f"FROM memory.main.{name} WHERE {key} IN (SELECT {of} FROM instances)"
        for name, key, of in BELOW
        if name in named
    }
    before = ",\n".join(f"{name} AS MATERIALIZED ({rows})" for name, rows in found.items())
    return f"WITH {before}\n{sql}"
