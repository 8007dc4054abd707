"""What a finding says, in the language of the view.

The lake speaks English, as it is also read without an app.  Its sentences are those of the rules,
and what was expected and found is one of a few phrases: both are recognised by the English texts
and said in the other language.  What is not known is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import polars as pl

from app.i18n import DEFAULT, SEPARATORS, Texts, texts
from ingest.derive.rules import RULES

PLACE = re.compile(r"\\\{(\w+)\\\}")
WHAT_FOLLOWS = r"(?: Expected: (?P<expected>.+?)\.)?(?: Found: (?P<observed>.+)\.)?"
AFFECTED = r"(?P<n>\d+) (?P<noun>instance|file|stud(?:y|ies))s?"
NOUNS = {"instance": "instances", "file": "files", "study": "studies", "studies": "studies"}
NUMBER = re.compile(r"(-?\d+)\.(\d+(?:e[+-]\d+)?)")
WITH_UNIT = re.compile(rf"{NUMBER.pattern}(?: [^\s\d]+)?")
NUMBERS = dict.fromkeys("nabz", r"-?\d[\d.]*(?:e[+-]\d+)?")
"""Places of phrases that hold numbers; any other holds what it may."""


class Known(NamedTuple):
    """An English text as a pattern, and the key of the text in every language."""

    pattern: re.Pattern[str]
    key: str


def worded(t: Texts, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its ``message``, ``expected`` and ``observed`` in the language of ``t``."""
    if t.language == DEFAULT:
        return frame
    says: dict[str, Callable[[Texts, str], str]] = {
        "message": sentence, "expected": phrase, "observed": phrase
    }  # fmt: skip
    made = []
    for name, say in says.items():
        if name in frame.columns:
            words = {text: say(t, text) for text in frame[name].drop_nulls().unique()}
            made.append(pl.col(name).replace(words))
    return frame.with_columns(made)


def sentence(t: Texts, message: str) -> str:
    """The sentence of a finding, with what was expected and found."""
    for pattern, key in _sentences():
        match = pattern.fullmatch(message)
        if match:
            given = match.groupdict()
            values = {"affected": t.count(NOUNS[given["noun"]], int(given["n"]))}
            if given.get("subject") is not None:
                values["subject"] = given["subject"]
            said = [t(key, **values)]
            for what in ("expected", "observed"):
                if given[what] is not None:
                    said.append(t(f"judgement.{what}", what=phrase(t, given[what])))
            return ("" if t.language == "zh" else " ").join(said)
    return message


def phrase(t: Texts, text: str) -> str:
    """What was expected or found."""
    for pattern, key in _phrases():
        match = pattern.fullmatch(text)
        if match:
            places = match.groupdict()
            return t(key, **{
                name: _number(t, value) if name in NUMBERS else value
                for name, value in places.items()
            })  # fmt: skip
    return _number(t, t.find(f"value_status.{text}", text))


def _number(t: Texts, text: str) -> str:
    """A number, with or without its unit, as the language writes it; any other text as it is."""
    _, point = SEPARATORS[t.language]
    return NUMBER.sub(rf"\1{point}\2", text) if WITH_UNIT.fullmatch(text) else text


@cache
def _sentences() -> tuple[Known, ...]:
    return tuple(
        Known(
            _pattern(rule.message, {"affected": AFFECTED}, WHAT_FOLLOWS),
            f"judgement.{name}",
        )
        for name, rule in RULES.items()
    )


@cache
def _phrases() -> tuple[Known, ...]:
    found = ((k, v) for k, v in texts(DEFAULT).entries.items() if k.startswith("found."))
    return tuple(Known(_pattern(text, NUMBERS, ""), key) for key, text in found)


def _pattern(text: str, places: dict[str, str], behind: str) -> re.Pattern[str]:
    """What matches ``text`` with anything in its places, or what ``places`` says of one."""

    def place(found: re.Match[str]) -> str:
        return f"(?P<{found[1]}>{places.get(found[1], '.+?')})"

    inside = PLACE.sub(place, re.escape(text))
    return re.compile(inside + behind, re.DOTALL)
