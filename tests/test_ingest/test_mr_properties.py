"""Whatever a header holds: a row for each series, no exception, and order does not matter."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.mr import READ, classify
from ingest.mr.deciding import first, reasons, with_thresholds
from ingest.mr.records import QUESTIONS, shipped
from ingest.mr.subjects import KINDS, OF_STUDY, prepare, told
from ingest.mr.tokens import phrase, words
from ingest.schema.mr import MR_CLEANED

SCHEMA = {column.name: column.dtype for column in MR_CLEANED}
TEXT = st.one_of(
    st.sampled_from(["ORIGINAL\\PRIMARY\\M", "GR", "SE\\IR", "EP", "t1_mprage", "DWI b1000",
                     "", " ", "\\",
                     "[1, 2]", "nan", "1e999", "T2*", "压脂", "Gadovist", "NO", "100000",
                     "10:00:00",
                     "1\\0\\0\\0\\1\\0"]),
    st.text(max_size=30),
)  # fmt: skip
NUMBER = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -1.0, 30.0, 90.0, 1000.0, 2500.0, 3.0]),
)
COLUMN = st.sampled_from(
    [
        "text",
        "number",
        "integer",
        "texts",
        "numbers",
        "binary",
        "date",
        "time",
        "null",
        "record",
        "nested",
        "flag",
    ]
)
STRATEGY: dict[str, tuple[pl.DataType, st.SearchStrategy[Any]]] = {
    "text": (pl.String(), TEXT),
    "number": (pl.Float64(), NUMBER),
    "integer": (pl.Int64(), st.integers(-(2**40), 2**40)),
    "texts": (pl.List(pl.String), st.lists(st.one_of(TEXT, st.none()), max_size=6)),
    "numbers": (pl.List(pl.Float64), st.lists(st.one_of(NUMBER, st.none()), max_size=6)),
    "binary": (pl.Binary(), st.binary(max_size=4)),
    "date": (pl.Date(), st.dates(date(1900, 1, 1), date(2100, 1, 1))),
    "time": (pl.Time(), st.times(time(0), time(23, 59))),
    "null": (pl.Null(), st.none()),
    "record": (pl.Struct({"a": pl.Int64}), st.fixed_dictionaries({"a": st.integers(0, 3)})),
    "nested": (pl.List(pl.List(pl.Float64)), st.lists(st.lists(NUMBER, max_size=2), max_size=2)),
    "flag": (pl.Boolean(), st.booleans()),
}


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    height = draw(st.integers(0, 5))
    names = draw(
        st.lists(st.sampled_from([*READ, "Unheard", "x"]), unique=True, min_size=1, max_size=14)
    )
    columns = []
    for name in names:
        dtype, values = STRATEGY[draw(COLUMN)]
        drawn = draw(st.lists(st.one_of(values, st.none()), min_size=height, max_size=height))
        columns.append(pl.Series(name, drawn, dtype=dtype, strict=False))
    return pl.DataFrame(columns)


@settings(
    max_examples=45,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(frames(), st.randoms(use_true_random=False))
def test_one_row_for_each_series_in_any_order(frame: pl.DataFrame, random: Any) -> None:
    made = classify(frame)
    assert made.height == frame.height
    assert made.schema == SCHEMA
    assert made["sequenceClass"].null_count() == 0
    assert made["classConfidence"].is_between(0, 1).all()
    order = list(range(frame.height))
    random.shuffle(order)
    assert len(order) < 2 or classify(frame[order]).equals(made[order])


@pytest.mark.parametrize(
    "frame", [pl.DataFrame(), pl.DataFrame({"SeriesDescription": []}), pl.DataFrame({"x": [1, 2]})]
)
def test_nothing_to_go_by(frame: pl.DataFrame) -> None:
    made = classify(frame)
    assert made.height == frame.height
    assert made.schema == SCHEMA
    assert set(made["sequenceClass"]) <= {"UNKNOWN"}


def test_rows_are_classed_alone_and_together_alike() -> None:
    rows = pl.DataFrame({
        "SeriesDescription": ["t1_mprage", "ep2d_diff_b1000", "t2_tse_tra", None],
        "ScanningSequence": ["GR\\IR", "EP", "SE", "SE"],
        "EchoTime": [3.0, 90.0, 100.0, 20.0],
        "RepetitionTime": [2300.0, 8000.0, 4000.0, 500.0],
    })  # fmt: skip
    together = classify(rows)
    assert pl.concat(classify(rows[i : i + 1]) for i in range(4)).equals(together)
    assert pl.concat([together] * 3).equals(classify(pl.concat([rows] * 3)))


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_rule_can_give_its_reason(question: str) -> None:
    rules = shipped()
    rows = pl.DataFrame({"SeriesDescription": ["a_b", None, ""], "EchoTime": [1.0, None, 2.5]})
    names = ("sequenceClass", "weighting", "family", "dixonPart", "partOfComplex", "rule")
    prepared = with_thresholds(prepare(rows, told(rows)), rules).with_columns(
        *(pl.lit(None, pl.String).alias(name) for name in names),
        *(pl.lit(0.0).alias(name) for name in OF_STUDY),
    )
    prepared, _ = first(prepared, rules, question)
    for i, rule in enumerate(rules.rules[question]):
        texts = reasons(prepared, pl.Series([i, i, None], dtype=pl.UInt16), rules, question)
        assert all(text.startswith(rule.id) for text in texts[:2])
        assert texts[2] is None


@pytest.mark.parametrize(
    ("name", "has", "lacks"),
    [
        ("T1w", ["t1"], []),
        ("t2_tse_tra", ["t2", "tse", "tra"], []),
        ("ep2d_diff_b1000", ["ep", "2d", "diff", "b1000"], []),
        ("subject_01 T1", ["subject", "t1"], ["sub"]),
        ("start", ["start"], ["star"]),
        ("DWITrace", ["dwi trace"], []),
        ("FLAIRsag", ["flair", "sag"], []),
        ("fieldMap", ["field map", "fieldmap"], []),
        ("T12 spine", ["t12"], ["t1", "t2"]),
        ("MP2RAGE", ["mp 2 rage"], ["t2"]),
        ("WIP T1W_3D", ["t1", "3d"], ["wip"]),
        ("3DMPRAGE", ["3d", "mprage"], []),
        ("difusión T2", ["difusión", "t2"], ["difusi", "n"]),
        ("T2強調 拡散", ["t2"], ["t"]),
    ],
)  # fmt: skip
def test_words(name: str, has: list[str], lacks: list[str]) -> None:
    found = words(pl.Series([name]))[0]
    assert all(f" {word} " in found for word in has)
    assert not any(f" {word} " in found for word in lacks)


@pytest.mark.parametrize("said", ["mp2rage", "b1map", "23Na", "4D flow", "t2w", "r2 map", "m0scan"])
def test_what_a_rule_asks_is_found_in_a_name_that_says_it(said: str) -> None:
    """Digits split words, in names as in rules."""
    assert phrase(said) in words(pl.Series([f"x_{said.lower()}_y"]))[0]


def test_every_phrase_of_the_rules_can_be_said() -> None:
    rules = shipped()
    every = (*rules.facts.values(), *(rule for asked in rules.rules.values() for rule in asked))
    asked = {
        value
        for rule in every
        for condition in rule.conditions
        if condition.operator == "has" and KINDS.get(condition.subject) == "words"
        for value in condition.values
    }
    assert len(asked) > 400
    assert [value for value in asked if phrase(value) not in words(pl.Series([value]))[0]] == []


def test_no_rule_is_surer_than_its_evidence_allows() -> None:
    rules = shipped()
    limited = {rule.id: rule.most for rule in rules.rules["class"] if rule.most < 1}
    assert limited
    for name, most in limited.items():
        assert rules.confidence.get(name, {}).get("confidence", 0) <= most
