"""The PetDoseReportData document of Siemens PET scanners: statistics as parallel lists.

Names stand in repeated `m_StatisticsNameVector` elements and their values, at the same place in the
list, in `m_StatisticsValueVector1` (and 2, a second unit). The layout is known from what public
tools read out of such files; no file of the test data has one. Everything else in the document is
given by its path.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ingest.decoders.payloads.markup import Leaf, leaves
from ingest.decoders.payloads.plain import joined, vr_of
from ingest.decoders.records import Field

ROOT = "PetDoseReportData"
_MARK = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,63}:)?PetDoseReportData[\s/>]")
_NAMES = "m_StatisticsNameVector"
_VALUES = ("m_StatisticsValueVector", "m_StatisticsValueVector1", "m_StatisticsValueVector2")
_LOOK_AHEAD = 4096


def is_report(data: bytes) -> bool:
    """Whether `data` is such a document (its root stands within the first 4 KiB)."""
    head = data[:_LOOK_AHEAD]
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _MARK.search(head) is not None


def _list_of(leaf: Leaf) -> str | None:
    """Which of the parallel lists a leaf belongs to: its own or an enclosing element's name."""
    return next((name for name in leaf.path if name == _NAMES or name in _VALUES), None)


def _statistics(lists: dict[str, list[str]]) -> Iterator[Field]:
    """One field per named statistic, its values joined with a backslash."""
    columns = [lists[name] for name in _VALUES if name in lists]
    for index, name in enumerate(lists[_NAMES]):
        values = [column[index] if index < len(column) else "" for column in columns]
        text = joined(values)
        yield Field(f"{ROOT}/{name}", vr_of(text.partition("\\")[0]), text)


def _others(rest: list[Leaf]) -> Iterator[Field]:
    """The other leaves by path, numbered where a path occurs more than once."""
    times = Counter(leaf.path for leaf in rest)
    seen: Counter[tuple[str, ...]] = Counter()
    for leaf in rest:
        name = "/".join(leaf.path)
        if times[leaf.path] > 1:
            name += f"[{seen[leaf.path]}]"
            seen[leaf.path] += 1
        yield Field(name, vr_of(leaf.text), leaf.text)


def fields(data: bytes) -> tuple[list[Field], str | None]:
    """The statistics by name, then everything else by path; what was wrong, if anything."""
    found, problem = leaves(data)
    lists: dict[str, list[str]] = {}
    rest: list[Leaf] = []
    for leaf in found:
        name = _list_of(leaf)
        if name is None:
            rest.append(leaf)
        else:
            lists.setdefault(name, []).append(leaf.text)
    statistics = list(_statistics(lists)) if _NAMES in lists else []
    return statistics + list(_others(rest)), problem
