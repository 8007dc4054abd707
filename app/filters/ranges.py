"""Ranges of numbers as filters: uptake, dose per weight, score; their address and their SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

LARGEST = 1e6
DIGITS = 4


class Span(NamedTuple):
    """A range of numbers, open where there is None; with ``below`` its upper end is outside."""

    low: float | None = None
    high: float | None = None
    below: bool = False


class Number(NamedTuple):
    """A column of ``studies`` that can be filtered by a range; ``unit`` as people write it."""

    key: str
    column: str
    unit: str = ""


NUMBERS = {
    number.key: number
    for number in (
        Number("uptake", "uptake_minutes", "min"),
        Number("dose_per_kg", "dose_per_kg_MBq", "MBq/kg"),
        Number("score", "qa_score"),
    )
}
"""Numbers of a study, those of its representative series."""


def normal(span: Span) -> Span:
    """A range with its ends in order and within what is possible."""
    low, high = (None if end is None else _bounded(end) for end in (span.low, span.high))
    below = span.below
    if low is not None and high is not None and (low > high or (below and low == high)):
        low, high, below = high, low, False
    return Span(low, high, below and high is not None)


def of_address(values: Mapping[str, str], key: str) -> Span:
    """The range of one of NUMBERS in the parameters of a URL; what is malformed is left out."""
    below = _number(values.get(f"{key}_below", ""))
    high = _number(values.get(f"{key}_to", "")) if below is None else below
    return Span(_number(values.get(f"{key}_from", "")), high, below is not None)


def address(key: str, span: Span) -> dict[str, str | None]:
    """The parameters of a URL that say a range, None for those that are not said."""
    low, high, below = span
    ends = {"from": low, "to": None if below else high, "below": high if below else None}
    return {
        f"{key}_{end}": None if number is None else written(number) for end, number in ends.items()
    }


def conditions(key: str, span: Span) -> Iterator[tuple[str, str, float]]:
    """SQL over the columns of ``studies``, each with the name and the value of its parameter."""
    for end, sign, bound in (
        ("from", ">=", span.low), ("to", "<" if span.below else "<=", span.high),
    ):  # fmt: skip
        if bound is not None:
            name = f"filter_{key}_{end}"
            yield f"{NUMBERS[key].column} {sign} ${name}", name, bound


def written(number: float) -> str:
    """A number as it is written in an address: 45, 0.75."""
    return f"{number:.{DIGITS}f}".rstrip("0").rstrip(".")


def _bounded(number: float) -> float:
    return max(-LARGEST, min(LARGEST, round(number, DIGITS))) + 0.0  # no minus before 0


def _number(text: str) -> float | None:
    with suppress(ValueError):
        if re.fullmatch(r"-?[0-9]{1,7}([.][0-9]{1,9})?", text):
            return _bounded(float(text))
    return None
