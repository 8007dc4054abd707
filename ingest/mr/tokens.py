"""Names as words: split on case, digits and punctuation, never searched for parts of words.

A name becomes ``" t1 tse tra | ..."``: words with a blank on both sides, so that a word, or several
in a row, is found whole.  Names are split in three ways, since case is used in three ways
(``fieldMap``, ``DWITrace``, ``FLAIRsag``); each way adds its own words after a bar.
"""

from __future__ import annotations

import re
from functools import cache

import polars as pl

WORD = r"t\d{2,}|t[12]\*?|b\d+|[23]d\b|m0|\p{Han}+|[\p{L}--\p{Han}]+|\d+|\+|\|"
"""T1 and T2 stay whole (but T12 is a vertebra), so do b0 and b1000, 2d and 3d, M0, and the plus."""
CASED = r"[Tt]\d{2,}|[Tt][12]\*?|[Bb]\d+|[23][dD]\b|M0|\p{Han}+|[A-Z][a-z]+|[A-Z]+|[a-z]+|\d+|\+|\|"
UNDERSCORE = "_"
BAR = "|"
PLAIN = re.compile(r"[a-z]+( [a-z]+)*")
MIXED = r"[a-z][A-Z]|[A-Z]{2}[a-z]"
MAX_NAME = 256
WRITTEN = ((r"(^|\|)WIP ?", "$1"), ("([23]D)([A-Z])", "$1 $2"))
"""Philips puts WIP before names; the D of 2D and 3D belongs to the number."""


def words(names: pl.Series) -> pl.Series:
    """The words of each text: ``" one two | one two "``; a single blank where there are none."""
    column = names.name
    plain = names.str.head(MAX_NAME).str.replace_all(UNDERSCORE, " ", literal=True)
    for pattern, instead in WRITTEN:
        where = plain.str.contains(pattern).arg_true()
        if where.len():
            plain = plain.scatter(where, plain.gather(where).str.replace_all(pattern, instead))
    made = _split(plain.str.to_lowercase(), WORD)
    mixed = plain.str.contains(MIXED).fill_null(False)
    if mixed.any():
        where = mixed.arg_true()
        some = plain.gather(where)
        runs = _split(some, CASED).str.to_lowercase()
        humps = _split(
            some.str.replace_all("([A-Z])([A-Z][a-z])", "$1 $2"), CASED
        ).str.to_lowercase()
        made = made.scatter(where, made.gather(where) + BAR + runs + BAR + humps)
    return made.alias(column)


def _split(texts: pl.Series, pattern: str) -> pl.Series:
    return " " + texts.str.extract_all(pattern).list.join(" ").fill_null("") + " "


@cache
def phrase(written: str) -> str:
    """How the words ``written`` in a rule stand in what ``words`` makes: ``mp2rage`` is three."""
    lowered = written.strip().lower()
    if PLAIN.fullmatch(lowered):
        return f" {lowered} "
    if any("\u4e00" <= letter <= "\u9fff" for letter in lowered):
        return lowered  # Chinese has no blanks between words: a run of characters is searched
    made = str(_split(pl.Series([lowered]), WORD)[0])
    return made if made.strip() else f" {lowered} "
