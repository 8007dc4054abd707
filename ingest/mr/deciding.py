"""Facts and rules over a prepared frame: which rule is the first that applies, and its reason.

A test of a text is made once for every different text; everything else is expressions over columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain

import polars as pl

from ingest.different import FEW
from ingest.mr.conditions import COMPARISONS, Condition, expression, met, text_test
from ingest.mr.inputs import nothing, once
from ingest.mr.records import Rule, Rules
from ingest.mr.subjects import KINDS, OF_CLASS
from ingest.mr.tokens import phrase

BAND = "band"
BETWEEN = "\n"
"""Between words that were found: no rule has it."""
MAX_SHOWN = 80
"""Characters of a value that a reason shows."""
MOST_KEPT = 2048
"""Expressions that are kept: to make those of all rules takes longer than to class a few series."""


def with_thresholds(prepared: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """``band`` by field strength, and a column ``$name`` for each threshold."""
    field = pl.col("field")
    edges = rules.thresholds
    prepared = prepared.with_columns(
        pl.when(field < edges["low_field_below"]).then(pl.lit("Low-Field"))
        .when(field < edges["field_15_below"]).then(pl.lit("1.5T"))
        .when(field < edges["field_30_below"]).then(pl.lit("3.0T"))
        .when(field.is_not_null()).then(pl.lit("High-Field"))
        .alias(BAND)
    )  # fmt: skip
    default = rules.bands["default"]
    made = []
    for name, value in default.items():
        bands = {band: float(of.get(name, value)) for band, of in rules.bands.items()}
        made.append(
            pl.col(BAND).replace_strict(bands, default=float(value), return_dtype=pl.Float64)
            .alias(f"${name}")
        )  # fmt: skip
    made.extend(pl.lit(float(value)).alias(f"${name}") for name, value in edges.items())
    return prepared.with_columns(made)


def with_facts(prepared: pl.DataFrame, rules: Rules, asking: Iterable[Rule]) -> pl.DataFrame:
    """The answers to tests of texts, and the facts, that ``asking`` need, as boolean columns."""
    asking = tuple(asking)
    steps = _facts_of(asking, rules)
    prepared = _with_tests(prepared, (*asking, *chain.from_iterable(steps)))
    for facts in steps:
        known = set(prepared.columns)
        missing = [applies(fact).alias(fact.id) for fact in facts if fact.id not in known]
        if missing:
            prepared = prepared.with_columns(missing)
    return prepared


@lru_cache(MOST_KEPT)
def _facts_of(asking: tuple[Rule, ...], rules: Rules) -> tuple[tuple[Rule, ...], ...]:
    """The facts that ``asking`` use, in steps: each after those it uses itself."""
    step_of: dict[str, int] = {}

    def step(rule: Rule, above: tuple[str, ...]) -> int:
        """The step after those of all facts that ``rule`` uses."""
        after = 0
        for condition in rule.conditions:
            name = condition.subject
            if condition.operator == "fact" and name not in above:
                if name not in step_of:
                    step_of[name] = step(rules.facts[name], (*above, name))
                after = max(after, step_of[name] + 1)
        return after

    n_steps = max((step(rule, (rule.id,)) for rule in asking), default=0)
    return tuple(
        tuple(rules.facts[name] for name, at in step_of.items() if at == n) for n in range(n_steps)
    )


def with_tests(prepared: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The answers to all tests of texts that are known before any question, in one go."""
    asking = (*rules.facts.values(), *(rule for asked in rules.rules.values() for rule in asked))
    return _with_tests(prepared, asking)


def _with_tests(prepared: pl.DataFrame, asking: tuple[Rule, ...]) -> pl.DataFrame:
    known = set(prepared.columns)
    made: list[pl.Series | pl.Expr] = []
    for subject, conditions in _tests(asking).items():
        missing = [c for key, c in conditions.items() if key not in known]
        if missing and subject in known:
            made.extend(answers(prepared.get_column(subject), missing))
    return prepared.with_columns(made) if made else prepared


@lru_cache(MOST_KEPT)
def _tests(asking: tuple[Rule, ...]) -> Mapping[str, Mapping[str, Condition]]:
    """What the rules ask of texts: by subject, and by the name of the answer."""
    tests: dict[str, dict[str, Condition]] = {}
    for rule in asking:
        for condition in rule.conditions:
            if condition.of_text and KINDS.get(condition.subject) not in (None, "number"):
                tests.setdefault(condition.subject, {})[condition.key] = condition
    return tests


def answers(column: pl.Series, conditions: Sequence[Condition]) -> list[pl.Series | pl.Expr]:
    """Each test once for every different text; of words, for every different set of words asked."""
    kind = KINDS[column.name]
    if column.null_count() == column.len():
        return [pl.lit(False).alias(condition.key) for condition in conditions]
    if kind == "words":
        phrases = sorted({phrase(value) for c in conditions for value in c.values})
        column = once(
            column, lambda some: some.str.extract_many(phrases, overlapping=True).list.join(BETWEEN)
        )
    tests = [text_test(condition, kind) for condition in conditions]
    if column.len() <= FEW:
        return [*column.to_frame().select(tests).get_columns()]
    different = column.unique().to_frame().with_row_index("code")
    code = column.to_frame().join(
        different, on=column.name, how="left", nulls_equal=True, maintain_order="left"
    )["code"]
    found = different.select(tests)
    if found.height == 1:
        return [pl.lit(found[key][0]).alias(key) for key in found.columns]
    return [*found[code].get_columns()]


@lru_cache(MOST_KEPT)
def applies(rule: Rule) -> pl.Expr:
    """Whether ``rule`` applies, as a boolean without NULL."""
    made = met(rule.all, KINDS, every=True)
    if rule.any:
        made = made & met(rule.any, KINDS, every=False)
    if rule.none:
        made = made & ~met(rule.none, KINDS, every=False)
    return made


def first(prepared: pl.DataFrame, rules: Rules, question: str) -> tuple[pl.DataFrame, pl.Series]:
    """``prepared`` with the facts, and the position of the first rule that applies, or NULL."""
    asked = rules.rules[question]
    prepared = with_facts(prepared, rules, asked)
    if not asked:
        return prepared, nothing(question, prepared.height, pl.UInt16)
    position = prepared.select(_first_of(asked).alias(question))[question]
    return prepared, position


@lru_cache(MOST_KEPT)
def _first_of(asked: tuple[Rule, ...]) -> pl.Expr:
    """The position of the first rule that applies, or NULL."""
    answers = [
        pl.when(applies(rule)).then(pl.lit(i, pl.UInt16)).alias(str(i))
        for i, rule in enumerate(asked)
    ]
    return pl.min_horizontal(answers)


def given(position: pl.Series, asked: Sequence[Rule], key: str) -> pl.Series:
    """What the rules at ``position`` give under ``key``; NULL where they give nothing."""
    values = [rule.gives.get(key) for rule in asked]
    table = pl.Series(key, values, strict=False) if values else pl.Series(key, [None])
    return table.gather(position.cast(pl.UInt32)).alias(key)


def reasons(prepared: pl.DataFrame, position: pl.Series, rules: Rules, question: str) -> pl.Series:
    """The rule's id and the attributes that decided, with their values; NULL without a rule."""
    asked = rules.rules[question]
    texts, places = [pl.Series([], dtype=pl.String)], [pl.Series([], dtype=pl.UInt32)]
    for at in position.unique().drop_nulls():
        where = (position == at).arg_true()
        rule, told = asked[at], _told(asked[at], rules).alias("told")
        # raw_name gives its length to what is the same for all
        needed = list(dict.fromkeys(("raw_name", *told.meta.root_names())))
        some = prepared.select(needed)[where].select("raw_name", told)
        told_so = pl.lit(f"{rule.id}: ") + pl.col("told")
        made = pl.when(pl.col("told") != "").then(told_so).otherwise(pl.lit(rule.id))
        texts.append(some.select(text=made)["text"])
        places.append(where)
    rows = pl.concat(places)
    nth = nothing("", position.len(), pl.UInt32).scatter(
        rows, pl.int_range(rows.len(), dtype=pl.UInt32, eager=True)
    )
    return pl.concat(texts).gather(nth).alias(f"{question}_reason")


@lru_cache(MOST_KEPT)
def _told(rule: Rule, rules: Rules) -> pl.Expr:
    """The attributes that decided, with their values; "" without any."""
    parts: dict[str, pl.Expr] = {}
    for condition in _asked(rule, rules):
        if condition.subject not in OF_CLASS:
            parts.setdefault(condition.subject, _shown(condition, rules))
    for subject in rule.show:
        parts.setdefault(subject, _value(subject))
    if not parts:
        return pl.lit("")
    return pl.concat_str(list(parts.values()), separator=", ", ignore_nulls=True)


def _asked(rule: Rule, rules: Rules, depth: int = 0) -> list[Condition]:
    """What the rule and its facts ask and do not deny, its own conditions first."""
    found = [c for c in rule.conditions if c.operator != "fact" and not c.negated]
    denied = {id(c) for tree in rule.none for c in _flat(tree)}
    found = [c for c in found if id(c) not in denied]
    if depth < 2:
        for condition in rule.conditions:
            if (
                condition.operator == "fact"
                and not condition.negated
                and id(condition) not in denied
            ):
                found.extend(_asked(rules.facts[condition.subject], rules, depth + 1))
    return found


def _flat(tree: object) -> list[Condition]:
    if isinstance(tree, Condition):
        return [tree]
    return [c for one in tree for c in _flat(one)]  # type: ignore[attr-defined]


def _shown(condition: Condition, rules: Rules) -> pl.Expr:
    made = _value(condition.subject)
    if condition.operator in COMPARISONS:
        limit = _limit(condition.values[0], rules)
        met = pl.when(expression(condition, KINDS))
        return made + met.then(pl.lit(f" {condition.operator} ") + limit).otherwise(pl.lit(""))
    if condition.of_text and KINDS[condition.subject] != "number":
        return pl.when(pl.col(condition.key)).then(made)
    return made


def _limit(side: str, rules: Rules) -> pl.Expr:
    """What a number is compared with, as text."""
    if not side.startswith("$"):
        return pl.lit(side)
    name = side[1:]
    default = {**rules.thresholds, **rules.bands["default"]}[name]
    differ = any(of.get(name, default) != default for of in rules.bands.values())
    return number_text(pl.col(side) if differ else pl.lit(float(default)))


EMPTY = {"elements": "\\", "words": " "}
"""What is around nothing."""


def _value(subject: str) -> pl.Expr:
    """``subject=value`` as a person reads it, NULL where there is no value."""
    kind = KINDS[subject]
    column, empty = pl.col(subject), EMPTY.get(kind, "")
    if kind == "number":  # NULL stays NULL
        return pl.lit(f"{subject}=") + number_text(column)
    made = column.str.strip_chars(empty) if empty else column
    if subject == "name":
        column, empty = pl.col("raw_name"), "|, "
        made = column.str.replace_all("|", ", ", literal=True).str.strip_chars(", ")
    # whether it is empty is asked of the column: what is made would be made twice
    there = column.str.strip_chars(empty) != "" if empty else column != ""
    return pl.when(there).then(pl.lit(f"{subject}=") + made.str.head(MAX_SHOWN))


def number_text(column: pl.Expr) -> pl.Expr:
    """A number as a person writes it: 388, not 388.0; four decimals at most."""
    return column.round(4).cast(pl.String).str.strip_suffix(".0")
