"""The elements of one header in order, and where in it each of them stands.

They are the same records whether they come from a file (`ingest.describe`) or are asked of a
databank, so what is shown of a header need not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from app.lake import Lake
    from ingest.describe import Element

_STEP = re.compile(r"([0-9A-F]{8})(?:\[(\d+)\])?")


class Step(NamedTuple):
    """A part of a path: a tag and, inside a sequence, the item; items count from 0."""

    tag: str
    item: int | None


class Place(NamedTuple):
    """A path taken apart: the steps down to the element, and the name of a decoded value in it."""

    steps: tuple[Step, ...]
    field: str | None


def place(path: str) -> Place:
    """`00540016[0].00181074` as steps; what follows a `/` is the name of a decoded value."""
    element, _, name = path.partition("/")
    steps = tuple(Step(tag, int(item) if item else None) for tag, item in _STEP.findall(element))
    return Place(steps, name or None)


def in_order(element: Element) -> tuple[tuple[tuple[str, int], ...], str]:
    """Sorts elements by tag, with item 10 after item 9 and decoded values after their element."""
    steps, field = place(element.path)
    return tuple((tag, -1 if item is None else item) for tag, item in steps), field or ""


TOGETHER = 200
"""Instances whose elements are asked for at once: for 300 elements each about 60,000 rows."""
IN_ORDER = """SELECT instance_id FROM instances WHERE StudyInstanceUID = ?
ORDER BY SeriesNumber NULLS LAST, SeriesInstanceUID, slice_position_mm NULLS LAST,
    acquisition_datetime NULLS LAST, InstanceNumber NULLS LAST, SOPInstanceUID, instance_id"""


def of_study(lake: Lake, uid: str) -> Iterator[list[Element]]:
    """The elements of each instance of a study: series by number, instances in slice order."""
    from ingest.describe import Element

    columns = ", ".join(f'"{name}"' for name in Element._fields)
    instances = lake.query(IN_ORDER, [uid])["instance_id"].to_list()
    for start in range(0, len(instances), TOGETHER):
        part = instances[start : start + TOGETHER]
        # Written out, as DuckDB then leaves out row groups that have none of them.
        listed = ", ".join(map(str, part))
        frame = lake.query(
            f"SELECT instance_id, {columns} FROM elements WHERE instance_id IN ({listed})"
        )
        found: dict[int, list[Element]] = {number: [] for number in part}
        for number, *values in frame.iter_rows():
            found[number].append(Element(*values))
        for elements in found.values():
            yield sorted(elements, key=in_order)


def of_instance(lake: Lake, uid: str) -> list[Element]:
    """The elements of an instance, in order; none if the databank does not have it."""
    from ingest.describe import Element

    columns = ", ".join(f'"{name}"' for name in Element._fields)
    frame = lake.query(f"SELECT {columns} FROM elements WHERE SOPInstanceUID = ?", [uid])
    return sorted((Element(*row) for row in frame.iter_rows()), key=in_order)
