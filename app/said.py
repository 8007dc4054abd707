"""Filters in words: the sentence that a person reads, in pieces that can be taken out one by one.

The pieces come from the same texts as the sentence, so what the chips of a page say and what an
export states as its filters can't differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from app.filters import AGES, DATES, MISSING, TEXT, Filters
from app.i18n import Texts

DATED = ("sentence.dates_between", "sentence.dates_from", "sentence.dates_to")
AGED = ("sentence.ages_between", "sentence.ages_from", "sentence.ages_to")


class Piece(NamedTuple):
    """Some words of the sentence; those of one filter say which, so that it can be removed.

    ``key`` is that of a facet, or DATES, AGES or TEXT, or "" for the words between; ``value`` is
    the value of a facet.
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
    """A value of the facet ``key`` in words: what is not stated and the codes of sex have some."""
    if text == MISSING:
        return t("missing")
    return t.find(f"sex.{text}", text) if key == "sex" else text


def _parts(filters: Filters, t: Texts) -> Iterator[list[Piece]]:
    for key, values in filters.chosen:
        before, after = _around(t(f"sentence.{key}"), "values")
        yield [Piece(before), *_choice(t, key, values), Piece(after)]
    if dates := _range(t, DATED, filters.since, filters.until):
        yield [Piece(dates, DATES)]
    if ages := _range(t, AGED, filters.age_from, filters.age_to):
        yield [Piece(ages, AGES)]
    if filters.terms:
        yield [Piece(t("sentence.text", text=" ".join(filters.terms)), TEXT)]


def _choice(t: Texts, key: str, values: tuple[str, ...]) -> Iterator[Piece]:
    """Values as a choice: "CT, MR or PT"."""
    for n, one in enumerate(values):
        if n:
            yield Piece(t("list.or", first="", last="") if n == len(values) - 1 else ", ")
        yield Piece(value(t, key, one), key, one)


def _range(t: Texts, keys: tuple[str, str, str], low: object, high: object) -> str:
    """A range in words, with the texts for both ends, for the lower one and for the upper one."""
    both, lower, upper = keys
    if low is not None and high is not None:
        return t(both, low=low, high=high)
    if low is not None:
        return t(lower, low=low)
    return t(upper, high=high) if high is not None else ""


def _around(text: str, name: str) -> tuple[str, str]:
    before, _, after = text.partition(f"{{{name}}}")
    return before, after
