"""Filters in words: the sentence that a person reads, in pieces that can be taken out one by one.

The pieces come from the same texts as the sentence, so what the chips of a page say and what an
export states as its filters can't differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from app import quality
from app.filters import AGES, DATES, MISSING, NUMBERS, TEXT, Filters, Span, written
from app.i18n import Texts

DATED = ("sentence.dates_between", "sentence.dates_from", "sentence.dates_to")
AGED = ("sentence.ages_between", "sentence.ages_from", "sentence.ages_to")


class Piece(NamedTuple):
    """Some words of the sentence; those of one filter say which, so that it can be removed.

    ``key`` is that of a facet, of measures or of a number, or DATES, AGES or TEXT, or "" for the
    words between; ``value`` is the value of a facet, or the name of a measure.
    """

    text: str
    key: str = ""
    value: str = ""


def sentence(filters: Filters, t: Texts) -> str:
    """What is shown, as a person would say it; without filters: everything."""
    return "".join(piece.text for piece in pieces(filters, t))


def pieces(filters: Filters, t: Texts) -> list[Piece]:
    """The sentence in pieces; joined they are the sentence."""
    if not filters:
        return [Piece(t("sentence.everything"))]
    start, end = _around(t("sentence.only"), "parts")
    made = [Piece(start)]
    for n, part in enumerate(_parts(filters, t)):
        made += [Piece(t("sentence.separator"))] if n else []
        made += part
    return [*made, Piece(end)]


def value(t: Texts, key: str, text: str) -> str:
    """A value of the facet ``key`` in words: measures, what is not stated, and the codes of sex."""
    if key in quality.KEYS:
        return t(f"measure.{key}_{text}")
    if text == MISSING:
        return t("missing")
    return t.find(f"sex.{text}", text) if key == "sex" else text


def _parts(filters: Filters, t: Texts) -> Iterator[list[Piece]]:
    for key, values in filters.chosen:
        text = t("sentence.measures") if key in quality.KEYS else t(f"sentence.{key}")
        before, after = _around(text, "values")
        yield [Piece(before), *_choice(t, key, values), Piece(after)]
    if dates := _range(t, DATED, filters.since, filters.until):
        yield [Piece(dates, DATES)]
    if ages := _range(t, AGED, filters.age_from, filters.age_to):
        yield [Piece(ages, AGES)]
    for key, span in filters.within:
        yield [Piece(number_range(t, key, span), key)]
    if filters.terms:
        yield [Piece(t("sentence.text", text=" ".join(filters.terms)), TEXT)]


def _choice(t: Texts, key: str, values: tuple[str, ...]) -> Iterator[Piece]:
    """Values as a choice, "CT, MR or PT"; measures as a list, all of which hold."""
    last = "list.and" if key in quality.KEYS else "list.or"
    for n, one in enumerate(values):
        if n:
            yield Piece(t(last, first="", last="") if n == len(values) - 1 else ", ")
        yield Piece(value(t, key, one), key, one)


def _range(t: Texts, keys: tuple[str, str, str], low: object, high: object) -> str:
    """A range in words, with the texts for both ends, for the lower one and for the upper one."""
    both, lower, upper = keys
    if low is not None and high is not None:
        return t(both, low=low, high=high)
    if low is not None:
        return t(lower, low=low)
    return t(upper, high=high) if high is not None else ""


def number_range(t: Texts, key: str, span: Span) -> str:
    """The range of one of NUMBERS in words: "uptake from 45 to 75 min"."""
    low, high = (None if end is None else amount(t, end) for end in (span.low, span.high))
    ends = f"{'from' if low else ''}{'_' if low and high else ''}{'to' if high else ''}"
    ends = ends.replace("to", "below") if span.below else ends
    unit = NUMBERS[key].unit
    name = t(f"sentence.{key}")
    return t(f"range.{ends}", name=name, low=low, high=high, unit=unit).rstrip()


def amount(t: Texts, number: float) -> str:
    """A number with the digits that it has, four after the point at most."""
    return t.number(number, len(written(number).partition(".")[2]))


def _around(text: str, name: str) -> tuple[str, str]:
    before, _, after = text.partition(f"{{{name}}}")
    return before, after
