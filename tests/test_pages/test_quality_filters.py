"""Filters of quality: in the address and back, in words, in SQL, and by a click."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import filters as module
from app import quality
from app.filters import NONE, NUMBERS, Filters, Span, said
from app.i18n import LANGUAGES, texts
from app.quality.measures import PARAMETER
from app.ui import filtering
from tests.test_pages.browser import view, visit

measures = st.sets(st.sampled_from([(m.key, m.name) for m in quality.MEASURES]), max_size=4)
ends = st.none() | st.floats(-1e7, 1e7) | st.sampled_from([0.0, -0.0, 45.0, 0.75, 3.5])
spans = st.dictionaries(
    st.sampled_from(list(NUMBERS)), st.builds(Span, ends, ends, st.booleans()), max_size=3
)


def of(chosen: set[tuple[str, str]], within: dict[str, Span]) -> Filters:
    wanted: dict[str, list[str]] = {}
    for key, name in chosen:
        wanted.setdefault(key, []).append(name)
    return Filters.of(wanted, within=within)


@settings(deadline=None)
@given(measures, spans)
def test_the_address_holds_them(chosen: set[tuple[str, str]], within: dict[str, Span]) -> None:
    filters = of(chosen, within)
    assert Filters.from_address(filters.address()) == filters
    assert Filters.of(dict(filters.chosen), within=dict(filters.within)) == filters
    for _, span in filters.within:
        assert span.low is None or span.high is None or span.low <= span.high
    empty = filters
    for key in (*quality.KEYS, *NUMBERS):
        empty = empty.without(key)
    assert empty == NONE


@pytest.mark.parametrize("code", LANGUAGES)
@settings(deadline=None, max_examples=40)
@given(measures, spans)
def test_the_sentence_says_them(
    code: str, chosen: set[tuple[str, str]], within: dict[str, Span]
) -> None:
    t = texts(code)
    filters = of(chosen, within)
    sentence = said.sentence(filters, t)
    for key, name in chosen:
        assert t(f"measure.{key}_{name}") in sentence
    for key, span in filters.within:
        for end in (span.low, span.high):
            assert end is None or said.amount(t, end) in sentence, key
    left = filters
    for piece in said.pieces(filters, t):
        if piece.key:
            left = left.toggled(piece.key, piece.value) if piece.value else left.without(piece.key)
    assert left == NONE


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["missing", "dose", "timing", "uptake_from", "uptake_to", "score_below"]),
        st.lists(st.text() | st.sampled_from(["nan", "inf", "1e9", "--1", "٣", "outlier", "45",
                                              "'; DROP", "9" * 50, "0.1234567891"]), max_size=3),
        max_size=4,
    )
)  # fmt: skip
def test_malformed_ones_are_ignored(values: dict[str, list[str]]) -> None:
    filters = Filters.from_address(values)
    for key, names in filters.chosen:
        assert all(quality.is_measure(key, name) for name in names)
    for _, span in filters.within:
        for end in (span.low, span.high):
            assert end is None or abs(end) <= module.LARGEST
    sql, params = filters.condition(False)
    assert "DROP" not in sql
    assert set(params) == set(PARAMETER.findall(sql))
    assert Filters.from_address(filters.address()) == filters


def test_measures_of_one_key_are_all_wanted() -> None:
    sql, _ = Filters.of({"missing": ["weight", "activity"]}).condition(False)
    assert "(weight_kg IS NULL) AND" in sql.replace("(injected_activity_MBq IS NULL) AND ", "") or (
        "weight_kg IS NULL" in sql and " OR " not in sql
    )
    assert sql.count("memory.main.studies") == 1, "studies are read once for all of them"


def test_only_thresholds_that_are_used_are_given() -> None:
    _, params = Filters.of({"adherence": ["uptake_early"]}).condition(False)
    assert params == {"uptake_ideal_from": 45.0}
    _, params = Filters.of({"timing": ["negative"]}).condition(False)
    assert params == {}
    _, params = Filters.of({"adherence": ["dose_low"]}).condition(
        False, {"dose_ideal_from": 9.0, "uptake_ideal_from": 1.0}
    )
    assert params == {"dose_ideal_from": 9.0}


def test_a_click_on_a_step_filters_by_its_range(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {}
    monkeypatch.setattr("app.ui.filtering.st.session_state", state)
    for data, expected in (
        ("60/65", Filters.of(within={"uptake": Span(60, 65, True)})),
        ("300/", Filters.of(within={"uptake": Span(300)})),
        ("300/", NONE),
        ("nonsense", NONE),
    ):
        point = {"curve_number": 0, "customdata": data}
        state[filtering.widget_of("bars")] = {"selection": {"points": [point]}}
        filtering.clicked("uptake", "bars")()
        assert filtering.kept() == expected, data


def test_ranges_are_offered_where_there_is_something_to_filter(home: Path) -> None:
    app = visit("studies", databank="full", uptake_from="45", uptake_below="60")
    assert view(app).filters == Filters.of(within={"uptake": Span(45, 60, True)})
    assert {"uptake_from", "uptake_to"} <= {number.key for number in app.number_input}
    app.number_input(key="uptake_to").set_value(75.0).run()
    assert view(app).filters == Filters.of(within={"uptake": Span(45, 75)})
    assert (app.query_params["uptake_from"], app.query_params["uptake_to"]) == ("45", "75")
    app.button(key="chip_uptake_").click().run()
    assert view(app).filters == NONE
    assert "uptake_from" not in {number.key for number in app.number_input}
