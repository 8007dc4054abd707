"""Which series of one study corresponds to which of another: pure functions over a few rows each.

Rules are tried from the strictest to the loosest; under each, series that are alike and still free
are paired in the order of their numbers.  So the result does not depend on which study is called A,
and a row says which rule made it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Series = Mapping[str, Any]


class Rule(NamedTuple):
    """Series are alike if these columns are equal and the ``needed`` ones are not empty."""

    name: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]


RULES = (
    Rule("all", ("Modality", "ProtocolName", "SeriesDescription", "plane", "ImageType"),
         ("SeriesDescription",)),
    Rule("protocol", ("Modality", "ProtocolName", "SeriesDescription", "plane"),
         ("SeriesDescription",)),
    Rule("description", ("Modality", "SeriesDescription", "plane"), ("SeriesDescription",)),
    Rule("protocol_only", ("Modality", "ProtocolName", "plane", "ImageType"), ("ProtocolName",)),
    Rule("description_only", ("Modality", "SeriesDescription"), ("SeriesDescription",)),
    Rule("kind", ("Modality", "plane", "ImageType"), ("Modality", "plane", "ImageType")),
)  # fmt: skip

PROTOCOL = (
    "n_instances", "n_slice_positions", "SliceThickness", "slice_spacing_mm", "Rows", "Columns",
    "PixelSpacing_row_mm", "RepetitionTime", "EchoTime", "InversionTime", "FlipAngle",
    "EchoTrainLength", "PixelBandwidth", "NumberOfAverages", "b_value_values", "KVP",
    "ConvolutionKernel", "SpiralPitchFactor", "Radiopharmaceutical", "ReconstructionMethod",
)  # fmt: skip
"""What is compared of a pair without reading its headers."""
SAME = 1e-3
"""Share by which numbers of a protocol may differ: scanners write TR 2000 and 2000.01 alike."""


class Pair(NamedTuple):
    """Series of A and of B, one of which may be missing; the rule, and what of PROTOCOL differs."""

    a: Series | None
    b: Series | None
    rule: str = ""
    differs: tuple[str, ...] = ()


def pairs(a: Sequence[Series], b: Sequence[Series]) -> list[Pair]:
    """All series of both studies, each once: pairs in the order of A, then those only in A or B."""
    free_a, free_b = dict(enumerate(a)), dict(enumerate(b))
    found: dict[int, tuple[int, str]] = {}
    for rule in RULES:
        waiting = _alike(rule, free_b)
        for key, members in _alike(rule, free_a).items():
            for left, right in zip(members, waiting.get(key, ()), strict=False):
                found[left] = (right, rule.name)
                del free_a[left], free_b[right]
    paired = [
        Pair(a[left], b[right], rule, differing(a[left], b[right]))
        for left, (right, rule) in sorted(found.items())
    ]
    only_a = [Pair(series, None) for series in free_a.values()]
    return paired + only_a + [Pair(None, series) for series in free_b.values()]


def differing(a: Series, b: Series) -> tuple[str, ...]:
    """The names of PROTOCOL in which two series differ; missing in both is equal."""
    return tuple(name for name in PROTOCOL if not _equal(a.get(name), b.get(name)))


def _alike(rule: Rule, series: Mapping[int, Series]) -> dict[tuple[str, ...], list[int]]:
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, row in sorted(series.items(), key=lambda item: _by_number(item[1])):
        if all(row.get(name) for name in rule.needed):
            groups[tuple(_normal(row.get(name)) for name in rule.columns)].append(place)
    return groups


def _by_number(row: Series) -> tuple[bool, int, str]:
    number = row.get("SeriesNumber")
    return number is None, number or 0, str(row.get("SeriesInstanceUID"))


def _normal(value: Any) -> str:
    """Text without case and punctuation: scanners and people write T2_tse and "T2 TSE"."""
    return " ".join(re.findall(r"\w+", str(value or "").replace("_", " ").lower()))


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, Iterable) and isinstance(b, Iterable) and not isinstance(a, str):
        left, right = list(a), list(b)
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= SAME * max(abs(a), abs(b))
    return bool(a == b)
