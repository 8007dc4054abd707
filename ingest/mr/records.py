"""What the files in ``rules`` hold, as frozen records."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ingest.mr.conditions import Condition, InvalidRule, Tree, leaves, tree
from ingest.mr.subjects import KINDS

FOLDER = Path(__file__).parent / "rules"
QUESTIONS = ("class", "family", "fat", "contrast", "dixon", "part", "motion", "bids")
"""What rules decide; each question is answered by the first of its rules that applies."""
KEYS = frozenset(["id", "all", "any", "none", "gives", "show", "prior", "most", "why"])


@dataclass(frozen=True, eq=False)  # itself alone, so that what is made of it can be kept
class Rule:
    """``gives`` is what holds where ``all`` are met, any of ``any``, and none of ``none``.

    ``prior`` is how sure its author is; labelled series change that, but not beyond ``most``: what
    evidence that leaves another kind open allows, however rare that kind is among those labelled.
    """

    id: str
    gives: Mapping[str, Any]
    all: tuple[Tree, ...] = ()
    any: tuple[Tree, ...] = ()
    none: tuple[Tree, ...] = ()
    show: tuple[str, ...] = ()
    prior: float = 0.9
    most: float = 1.0

    @property
    def conditions(self) -> list[Condition]:
        """Everything it asks."""
        return leaves((*self.all, *self.any, *self.none))


@dataclass(frozen=True, eq=False)
class Rules:
    """All rules: facts by name, rules by question in order, thresholds, calibration."""

    facts: Mapping[str, Rule]
    rules: Mapping[str, tuple[Rule, ...]]
    bands: Mapping[str, Mapping[str, float]]
    thresholds: Mapping[str, float]
    tables: Mapping[str, Any] = field(default_factory=dict)
    confidence: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def _rule(written: Mapping[str, Any], kinds: Mapping[str, str]) -> Rule:
    name = str(written.get("id", "?"))
    if unknown := written.keys() - KEYS:
        raise InvalidRule(f"rule {name}: {', '.join(sorted(unknown))} is not a part of a rule")
    try:
        return Rule(
            id=name,
            gives=written.get("gives", {}),
            all=tree(written.get("all", ()), kinds),
            any=tree(written.get("any", ()), kinds),
            none=tree(written.get("none", ()), kinds),
            show=tuple(written.get("show", ())),
            prior=float(written.get("prior", 0.9)),
            most=float(written.get("most", 1.0)),
        )
    except InvalidRule as error:
        raise InvalidRule(f"rule {name}: {error}") from error


def parse(files: Mapping[str, Mapping[str, Any]]) -> Rules:
    """Rules of the parsed TOML ``files``, in the order of their names (InvalidRule)."""
    facts: dict[str, Rule] = {}
    rules: dict[str, list[Rule]] = {question: [] for question in QUESTIONS}
    tables: dict[str, Any] = {}
    thresholds = files.get("thresholds", {})
    for name in sorted(files):
        content = files[name]
        for fact, written in content.get("fact", {}).items():
            facts[fact] = _rule({**written, "id": fact}, KINDS)
        for written in content.get("rule", ()):
            rules[content["question"]].append(_rule(written, KINDS))
        if "table" in content:
            tables.update(content["table"])
    _check_facts(facts, rules, thresholds)
    return Rules(
        facts=facts,
        rules={question: tuple(listed) for question, listed in rules.items()},
        bands=thresholds.get("band", {}),
        thresholds=thresholds.get("threshold", {}),
        tables=tables,
        confidence=files.get("confidence", {}).get("confidence", {}),
    )


def _check_facts(
    facts: Mapping[str, Rule], rules: Mapping[str, list[Rule]], thresholds: Mapping[str, Any]
) -> None:
    _check_circles(facts)
    known = set(thresholds.get("threshold", {}))
    for band in thresholds.get("band", {}).values():
        known |= set(band)
    seen: set[str] = set()
    for rule in (*facts.values(), *(r for listed in rules.values() for r in listed)):
        if rule.id in seen:
            raise InvalidRule(f"there are two rules {rule.id}")
        seen.add(rule.id)
        for condition in rule.conditions:
            if condition.operator == "fact" and condition.subject not in facts:
                raise InvalidRule(f"rule {rule.id}: there is no fact {condition.subject}")
            for value in condition.values:
                if (
                    value.startswith("$")
                    and KINDS.get(condition.subject) == "number"
                    and (value[1:] not in known)
                ):
                    raise InvalidRule(f"rule {rule.id}: there is no threshold {value}")


def _check_circles(facts: Mapping[str, Rule]) -> None:
    settled: set[str] = set()

    def follow(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise InvalidRule(f"fact {name} asks itself")
        if name in settled or name not in facts:
            return
        for condition in facts[name].conditions:
            if condition.operator == "fact":
                follow(condition.subject, (*above, name))
        settled.add(name)

    for name in facts:
        follow(name, ())


@lru_cache(maxsize=1)
def files() -> Mapping[str, Mapping[str, Any]]:
    """The content of the files in ``rules``, by their names without ``.toml``."""
    return {
        path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))
    }


@lru_cache(maxsize=1)
def shipped() -> Rules:
    """The rules that come with Taglake."""
    return parse(files())
