"""The small language rules are written in, and the Polars expressions it is compiled to.

A condition is one line: ``[not] SUBJECT OPERATOR VALUE``, or the name of a fact:

    ImageType has ADC, APPARENT DIFFUSION     an element of the list, whole
    name has field map, fmap                  words of the names, whole and in this order
    SequenceName ~ ^fl2d                      a regular expression; case does not matter
    MRAcquisitionType = 3D                    the whole text; case does not matter
    EchoTime >= $t2_te                        a number, or a threshold of thresholds.toml
    InversionTime present
    not epi

A list of conditions inside a list means all of them.  A value that is missing meets no condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from ingest.mr.tokens import phrase

COMPARISONS = (">=", "<=", ">", "<")
FACT = re.compile(r"(not )?([a-z][a-z0-9_]*)")
TEST = re.compile(r"(not )?([A-Za-z][A-Za-z0-9_]*) (has|=|~|>=|<=|>|<) (.+)")
PRESENT = re.compile(r"(not )?([A-Za-z][A-Za-z0-9_]*) present")


class InvalidRule(Exception):
    """A rule cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Condition:
    """One line of a rule. ``operator`` is has, =, ~, a comparison, present or fact."""

    negated: bool
    subject: str
    operator: str
    values: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of the column that holds the answer, before it is negated."""
        return f"{self.subject} {self.operator} {', '.join(self.values)}"

    @property
    def of_text(self) -> bool:
        """Whether the answer depends on one text alone, and is found once for each."""
        return self.operator in ("has", "=", "~")


Written = str | list["Written"]
"""A condition, or a list of them."""
Tree = Condition | tuple["Tree", ...]


def parse(line: str, subjects: Mapping[str, str]) -> Condition:
    """The condition ``line`` writes; ``subjects`` maps each subject to its kind (InvalidRule)."""
    line = line.strip()
    if match := PRESENT.fullmatch(line):
        negated, subject = match.groups()
        made = Condition(bool(negated), subject, "present")
    elif match := TEST.fullmatch(line):
        negated, subject, operator, value = match.groups()
        values = (value,) if operator == "~" else tuple(v.strip() for v in value.split(","))
        made = Condition(bool(negated), subject, operator, tuple(v for v in values if v))
    elif match := FACT.fullmatch(line):
        return Condition(bool(match[1]), match[2], "fact")
    else:
        raise InvalidRule(f"this is not a condition: {line}")
    _check(made, subjects)
    return made


def _check(made: Condition, subjects: Mapping[str, str]) -> None:
    kind = subjects.get(made.subject)
    allowed = {
        "elements": ("has", "present"),
        "words": ("has",),
        "text": ("=", "~", "present"),
        "number": (*COMPARISONS, "=", "present"),
    }
    if kind is None:
        raise InvalidRule(f"there is nothing called {made.subject}")
    if made.operator not in allowed[kind]:
        raise InvalidRule(f"{made.subject} cannot be asked with {made.operator}")
    if kind == "number" and made.operator != "present":
        for value in made.values:
            if not value.startswith("$") and not re.fullmatch(r"-?\d+(\.\d+)?", value):
                raise InvalidRule(f"{value} is neither a number nor a threshold ($name)")
    if made.operator == "~":
        try:
            pl.Series([""]).str.contains(made.values[0])
        except pl.exceptions.PolarsError as error:
            raise InvalidRule(
                f"this regular expression cannot be used: {made.values[0]}"
            ) from error


def tree(written: Iterable[Written], subjects: Mapping[str, str]) -> tuple[Tree, ...]:
    """Conditions and lists of them, parsed."""
    return tuple(
        parse(one, subjects) if isinstance(one, str) else tree(one, subjects) for one in written
    )


def leaves(trees: Iterable[Tree]) -> list[Condition]:
    """All conditions in ``trees``, in the order they are written."""
    found: list[Condition] = []
    for one in trees:
        found.extend([one] if isinstance(one, Condition) else leaves(one))
    return found


@lru_cache(4096)
def text_test(condition: Condition, kind: str) -> pl.Expr:
    """The answer to a condition about a text, over the column that is named like its subject."""
    column = pl.col(condition.subject)
    if kind == "elements":
        wanted = [f"\\{value.upper()}\\" for value in condition.values]
        made = _any_of(column, wanted)
    elif kind == "words":
        made = _any_of(column, [phrase(value) for value in condition.values])
    elif condition.operator == "=":
        made = column.str.to_lowercase().is_in([value.lower() for value in condition.values])
    else:
        made = column.str.contains(f"(?i){condition.values[0]}")
    return made.fill_null(False).alias(condition.key)


def _any_of(column: pl.Expr, wanted: list[str]) -> pl.Expr:
    if len(wanted) == 1:
        return column.str.contains(wanted[0], literal=True)
    return column.str.contains_any(wanted)


def expression(condition: Condition, kinds: Mapping[str, str]) -> pl.Expr:
    """The answer to ``condition`` as a boolean without NULL, over subjects and answers."""
    if condition.operator == "fact" or (
        condition.of_text and kinds.get(condition.subject) != "number"
    ):
        name = condition.subject if condition.operator == "fact" else condition.key
        made = pl.col(name)
    elif condition.operator == "present":
        made = pl.col(condition.subject).is_not_null()
    else:
        made = _compared(condition).fill_null(False)
    return ~made if condition.negated else made


def _compared(condition: Condition) -> pl.Expr:
    column = pl.col(condition.subject)
    sides = [
        pl.col(value) if value.startswith("$") else pl.lit(float(value))
        for value in condition.values
    ]
    if condition.operator == "=":
        return pl.any_horizontal([column == side for side in sides])
    side = sides[0]
    return {
        ">=": column >= side, "<=": column <= side, ">": column > side, "<": column < side,
    }[condition.operator]  # fmt: skip


def met(trees: Iterable[Tree], kinds: Mapping[str, str], *, every: bool) -> pl.Expr:
    """Whether all (``every``) or any of ``trees`` are met; a tuple within means all of it."""
    parts = [
        expression(one, kinds) if isinstance(one, Condition) else met(one, kinds, every=True)
        for one in trees
    ]
    if not parts:
        return pl.lit(True)
    made = parts[0]
    for part in parts[1:]:
        made = made & part if every else made | part
    return made
