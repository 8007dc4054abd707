"""Filters: the SQL does what they say, the sentence says them, the address holds them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import charts, queries
from app import filters as module
from app.filters import AGES, DATES, FACETS, MISSING, NONE, TEXT, Filters, said
from app.i18n import LANGUAGES, texts
from app.queries import Databank
from app.ui import filtering, sidebar
from tests.test_pages.browser import go, metrics, view, visit
from tests.test_pages.browser import texts as written

MODALITIES = [None, "MR", "CT", "PT", "o'Neil"]
MAKERS = [None, "SIEMENS", "GE MEDICAL SYSTEMS", 'say "x"', "联影"]
DAYS = [None, date(2019, 12, 31), date(2020, 1, 1), date(2021, 6, 15)]
TEXTS = [None, "T1 mprage", "Größe", "100%_sure", "a\\b"]
UIDS = [None, "1.2.840.10008", "2.25.12345678"]
AGED: dict[float | None, Any] = {None: None, 34.0: 34, 1.5: 1, 0.92: 0, 1.15: 1, 0.0: 0, 120.0: 120}
"""Values of PatientAge_years, and the completed years that a person reads in them."""

WORDS = (
    "", "t1", "T1 MPRAGE", "größe", "%", "_", "\\", "müller", "t1 eva", "1.2.840", "2.25.",
    "840.10008",
)  # fmt: skip

rows = st.lists(
    st.fixed_dictionaries(
        {
            "Modality": st.sampled_from(MODALITIES), "Manufacturer": st.sampled_from(MAKERS),
            "PatientSex": st.sampled_from([None, "F", "M"]),
            "StudyDate": st.sampled_from(DAYS), "SeriesDescription": st.sampled_from(TEXTS),
            "PatientAge_years": st.sampled_from(list(AGED)),
            "StudyInstanceUID": st.sampled_from(UIDS),
            "PatientName": st.sampled_from([None, "Müller^Eva", "T1^x"]),
        }
    ),
    max_size=12,
)  # fmt: skip
some_filters = st.builds(
    Filters.of,
    st.fixed_dictionaries(
        {
            "modality": st.sets(st.sampled_from([MISSING, "MR", "CT", "o'Neil"]), max_size=3),
            "manufacturer": st.sets(st.sampled_from([MISSING, "联影", 'say "x"']), max_size=2),
            "sex": st.sets(st.sampled_from([MISSING, "F"]), max_size=2),
        }
    ),
    st.sampled_from(DAYS),
    st.sampled_from(DAYS),
    st.sampled_from(WORDS),
    age_from=st.sampled_from([None, 0, 1, 34, 35]),
    age_to=st.sampled_from([None, 0, 1, 34]),
)


def passes(row: dict[str, Any], filters: Filters, identifiers: bool) -> bool:
    """The filters as a person reads them."""
    chosen = dict(filters.chosen)
    for facet in FACETS:
        value = row[facet.column] if row.get(facet.column) is not None else MISSING
        if facet.key in chosen and value not in chosen[facet.key]:
            return False
    for value, low, high in (
        (row["StudyDate"], filters.since, filters.until),
        (AGED[row["PatientAge_years"]], filters.age_from, filters.age_to),
    ):
        if low is not None and (value is None or value < low):
            return False
        if high is not None and (value is None or value > high):
            return False
    said = " ".join(v for v in (row["SeriesDescription"], identifiers and row["PatientName"]) if v)
    uid = row["StudyInstanceUID"] or ""
    return all(
        term in said.lower() or (len(term) >= 6 and uid.startswith(term)) for term in filters.terms
    )


@pytest.fixture(scope="module")
def table() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    names = (*module.SEARCHED, *module.SEARCHED_UIDS, *module.SEARCHED_IDENTIFIERS)
    columns = dict.fromkeys((*(f.column for f in FACETS), *names), "VARCHAR")
    columns["PatientAge_years"] = "DOUBLE"
    columns["StudyDate"] = "DATE"
    body = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(f"CREATE TABLE series (n INTEGER, {body})")
    return connection


@settings(deadline=None, max_examples=80)
@given(rows, some_filters, st.booleans())
def test_sql_agrees_with_a_plain_reading(
    table: duckdb.DuckDBPyConnection,
    rows: list[dict[str, Any]],
    filters: Filters,
    identifiers: bool,
) -> None:
    table.execute("DELETE FROM series")
    for n, row in enumerate(rows):
        marks = ", ".join("?" for _ in row)
        table.execute(
            f"INSERT INTO series (n, {', '.join(row)}) VALUES (?, {marks})", [n, *row.values()]
        )
    condition, params = filters.condition(identifiers)
    sql = f"SELECT n FROM series WHERE {condition} ORDER BY n"
    found = [n for (n,) in table.execute(sql, params or None).fetchall()]
    assert found == [n for n, row in enumerate(rows) if passes(row, filters, identifiers)]


def again(filters: Filters, text: str) -> Filters:
    return Filters.of(
        dict(filters.chosen), filters.since, filters.until, text,
        age_from=filters.age_from, age_to=filters.age_to,
    )  # fmt: skip


@settings(deadline=None)
@given(some_filters)
def test_filters_are_in_normal_form(filters: Filters) -> None:
    same = again(filters, " ".join(filters.terms))
    assert same == filters
    assert hash(same) == hash(filters)
    assert bool(filters) == (filters != NONE)
    assert (filters.since or date.min) <= (filters.until or date.max)
    assert (filters.age_from or 0) <= (200 if filters.age_to is None else filters.age_to)


@settings(deadline=None)
@given(some_filters)
def test_the_address_holds_all_but_the_words(filters: Filters) -> None:
    address = filters.address()
    assert Filters.from_address(address) == again(filters, "")
    ranges = {f"{key}_{end}" for key in module.NUMBERS for end in ("from", "to", "below")}
    ranges |= {"since", "until", "age_from", "age_to"}
    assert set(address) == set(module.CHOICES) | ranges
    written = " ".join(value for values in address.values() for value in values)
    assert all(t not in written for t in filters.terms if t in ("müller", "größe", "eva"))


hostile = st.dictionaries(
    st.sampled_from(["modality", "sex", "since", "until", "age_from", "age_to", "search", "x"]),
    st.lists(st.text() | st.sampled_from(["9" * 99, "-1", "²", "1e3", "2020-13-01", "0001-01-01",
                                          "2020-W01", "\ud800", "x" * 5000, ""]), max_size=4),
)  # fmt: skip


@settings(deadline=None)
@given(hostile)
def test_malformed_addresses_are_ignored(
    table: duckdb.DuckDBPyConnection, values: dict[str, list[str]]
) -> None:
    filters = Filters.from_address(values)
    assert filters.terms == ()
    for day in (filters.since, filters.until):
        assert day is None or module.FIRST_DAY <= day <= module.LAST_DAY
    for age in (filters.age_from, filters.age_to):
        assert age is None or 0 <= age <= module.OLDEST
    condition, params = filters.condition(True)
    table.execute(f"SELECT count(*) FROM series WHERE {condition}", params or None).fetchall()
    assert Filters.from_address(filters.address()) == filters


@settings(deadline=None)
@given(some_filters)
def test_values_go_in_and_out(filters: Filters) -> None:
    for key, value in (("modality", "XA"), ("sex", MISSING)):
        other = filters.toggled(key, value)
        assert (value in other.values(key)) != (value in filters.values(key))
        assert other.toggled(key, value) == filters
    empty = filters
    for key in (*(f.key for f in FACETS), DATES, AGES, TEXT):
        empty = empty.without(key)
    assert empty == NONE
    late, early = date(2021, 1, 1), date(2020, 1, 1)
    ranged = filters.ranged(DATES, late, early)
    assert (ranged.since, ranged.until) == (early, late)
    assert ranged.without(DATES) == filters.without(DATES)


@pytest.mark.parametrize("code", LANGUAGES)
@settings(deadline=None)
@given(filters=some_filters)
def test_the_sentence_says_everything(code: str, filters: Filters) -> None:
    t = texts(code)
    sentence = said.sentence(filters, t)
    assert sentence.endswith((".", "。"))
    for key, values in filters.chosen:
        for value in values:
            assert said.value(t, key, value) in sentence
    for bound in (filters.since, filters.until, filters.age_from, filters.age_to):
        assert bound is None or str(bound) in sentence
    assert all(term in sentence for term in filters.terms)
    assert (sentence == t("sentence.everything")) == (not filters)
    assert "{" not in sentence


@pytest.mark.parametrize("code", LANGUAGES)
@settings(deadline=None)
@given(filters=some_filters)
def test_every_filter_is_a_piece_that_can_be_removed(code: str, filters: Filters) -> None:
    left = filters
    for piece in said.pieces(filters, texts(code)):
        if piece.value:
            assert piece.value in left.values(piece.key)
            left = left.toggled(piece.key, piece.value)
        elif piece.key:
            assert left.without(piece.key) != left
            left = left.without(piece.key)
    assert left == NONE


def test_sentences_as_people_say_them() -> None:
    filters = Filters.of({"modality": ["MR", "CT"]}, date(2020, 1, 1), None, "t1 sag")
    assert said.sentence(filters, texts("en")) == (
        "Only series with modality CT or MR, study date from 2020-01-01, “t1 sag” in their texts."
    )
    assert said.sentence(filters, texts("de")) == (
        "Nur Serien mit Modalität CT oder MR, Studiendatum ab 2020-01-01, „t1 sag“ in ihren Texten."
    )
    ages = Filters.of({"sex": ["F", "M", MISSING]}, age_from=60, age_to=40)
    assert said.sentence(ages, texts("en")) == (
        "Only series with sex female, male or not stated, age from 40 to 60 years."
    )


def test_unknown_facets_and_too_much_are_left_out() -> None:
    many = Filters.of({"patient": ["x"], "modality": map(str, range(1000))}, text="w " * 500 + "x")
    assert [key for key, _ in many.chosen] == ["modality"]
    assert len(dict(many.chosen)["modality"]) == module.MAX_VALUES
    assert len(many.terms) <= module.MAX_TERMS


def test_a_day_a_month_and_a_year_end_where_the_next_one_starts() -> None:
    assert charts.days(date(2020, 2, 29), "day") == "2020-02-29/2020-02-29"
    assert charts.days(date(2020, 2, 10), "month") == "2020-02-01/2020-02-29"
    for month in range(1, 13):
        first, last = charts.days(date(2021, month, 1), "month").split("/")
        assert first == f"2021-{month:02}-01"
        assert (date.fromisoformat(last) + timedelta(days=1)).day == 1
    for year in (1999, 2000, 2023, 2024):
        assert charts.days(date(year, 7, 1), "year") == f"{year}-01-01/{year}-12-31"


def test_counts_of_facets_are_those_of_the_series(home: Path) -> None:
    databank = Databank(home / "databanks" / "full")
    series = pl.read_parquet(home / "databanks/full/open/derived/*/series.parquet")
    for filters in (NONE, Filters.of({"modality": ["CT", "MR"]}), Filters.of(text="brain")):
        condition, params = filters.condition(False)
        with duckdb.connect() as connection:
            connection.register("series", series.to_arrow())
            for name in module.SEARCHED_IDENTIFIERS:
                condition = condition.replace(name, "NULL")
            left = connection.sql(f"SELECT * FROM series WHERE {condition}", params=params).pl()
        found = queries.ask(databank, "facets", filters)
        for facet in FACETS:
            expected = left[facet.column].fill_null(MISSING).value_counts()
            counted = found.filter(pl.col("facet") == facet.key).select("value", "n")
            assert dict(counted.iter_rows()) == dict(expected.iter_rows()), facet.key


def options(app: Any, key: str) -> list[str]:
    return list(app.multiselect(key=key).options)


def test_counts_follow_the_other_filters(home: Path) -> None:
    app = visit("studies", databank="full")
    assert options(app, "modality") == ["MR · 12", "CT · 8", "PT · 4"]
    app.multiselect(key="manufacturer").set_value(["GE MEDICAL SYSTEMS"]).run()
    assert options(app, "modality") == ["CT · 8"], "counted under the other filters"
    assert len(options(app, "manufacturer")) == 4, "but not under its own"
    app.multiselect(key="modality").set_value(["CT"]).run()
    assert view(app).filters.chosen == (
        ("modality", ("CT",)), ("manufacturer", ("GE MEDICAL SYSTEMS",)),
    )  # fmt: skip
    assert options(app, "manufacturer") == ["GE MEDICAL SYSTEMS · 8"]
    app.multiselect(key="manufacturer").set_value([]).run()
    assert view(app).filters == Filters.of({"modality": ["CT"]})
    assert options(app, "modality") == ["MR · 12", "CT · 8", "PT · 4"]


def test_a_chosen_value_of_which_nothing_is_left_stays(home: Path) -> None:
    app = visit("studies", databank="full", modality="CT", manufacturer="UIH")
    assert options(app, "modality") == ["MR · 4", "CT · 0"]
    assert app.multiselect(key="modality").value == ["CT"]
    assert texts("en")("empty.nothing_left") in written(app)
    app.button(key="chip_modality_CT").click().run()
    assert view(app).filters == Filters.of({"manufacturer": ["UIH"]})
    assert metrics(app)["Series"] == "4"


def test_radiopharmaceuticals_are_offered_where_there_are_any(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visit("studies", databank="full")
    assert "radiopharmaceutical" not in [facet.key for facet in app.multiselect]
    app = visit("studies", databank="full", radiopharmaceutical="FDG")
    assert "FDG · 0" in options(app, "radiopharmaceutical"), "what is chosen can be removed"
    counted = {"radiopharmaceutical": {MISSING: 3, "FDG": 2}}
    monkeypatch.setattr(sidebar, "_counted", lambda databank, filters: counted)
    app = visit("studies", databank="full")
    assert options(app, "radiopharmaceutical") == ["not stated · 3", "FDG · 2"]


def test_the_address_restores_the_filters(home: Path) -> None:
    app = visit(
        databank="full", modality=["CT", "PT"], manufacturer="GE MEDICAL SYSTEMS",
        since="2020-01-15", until="2021-01-01", age_from="1", lang="Deutsch",
    )  # fmt: skip
    expected = Filters.of(
        {"modality": ["CT", "PT"], "manufacturer": ["GE MEDICAL SYSTEMS"]},
        date(2020, 1, 15), date(2021, 1, 1), age_from=1,
    )  # fmt: skip
    assert view(app).filters == expected
    assert view(app).texts.language == "de"


def test_what_is_filtered_is_in_the_address(home: Path) -> None:
    app = visit("studies", databank="full")
    app.multiselect(key="modality").set_value(["CT", "MR"]).run()
    app.date_input(key="until").set_value(date(2021, 1, 1)).run()
    app.number_input(key="age_to").set_value(80).run()
    app.text_input(key="search").set_value("müller").run()
    assert view(app).filters.terms == ("müller",)
    address = dict(app.query_params)
    assert address["modality"] == ["CT", "MR"]
    assert (address["until"], address["age_to"]) == ("2021-01-01", "80")
    assert "müller" not in str(address)
    again = visit(**{k: v for k, v in address.items() if v})
    assert view(again).filters == view(app).filters.without(TEXT)


def test_filters_survive_other_pages_and_languages(home: Path) -> None:
    app = visit("studies", databank="full")
    app.multiselect(key="modality").set_value(["MR"]).run()
    app.date_input(key="since").set_value(date(2020, 2, 1)).run()
    app.text_input(key="search").set_value("knee").run()
    expected = Filters.of({"modality": ["MR"]}, date(2020, 2, 1), text="knee")
    assert view(app).filters == expected
    for page in ("runs", "ingest", "studies"):
        go(app, page)
        assert view(app).filters == expected
        aside = texts("en")("filters.set_aside") in written(app)
        assert aside == (page != "studies"), "pages without filters say so"
    for code, language in LANGUAGES.items():
        app.segmented_control(key="lang").set_value(language).run()
        assert view(app).filters == expected
        assert view(app).texts.language == code
    app.segmented_control(key="lang").set_value("English").run()
    assert metrics(app)["Studies"] == "1"
    app.button(key="clear_filters").click().run()
    assert view(app).filters == NONE
    assert metrics(app)["Studies"] == "6"


def test_chips_take_out_one_filter_each(home: Path) -> None:
    app = visit("studies", databank="full", modality=["CT", "MR"], since="2020-01-01", age_from="1")
    app.text_input(key="search").set_value("chest brain").run()
    labels = {key: app.button(key=key).label for key in (
        "chip_modality_CT", "chip_modality_MR", "chip_dates_", "chip_ages_", "chip_search_",
    )}  # fmt: skip
    assert labels["chip_modality_CT"] == "CT"
    for key in labels:
        app.button(key=key).click().run()
        assert key not in [button.key for button in app.button]
    assert view(app).filters == NONE
    assert app.text_input(key="search").value == ""


def test_many_values_do_not_bury_the_page(home: Path) -> None:
    values = [f"M{n:03}" for n in range(40)]
    app = visit("studies", databank="full", modality=values)
    chips = [button for button in app.button if str(button.key).startswith("chip_")]
    assert len(chips) == 12
    assert "and 28 more" in written(app)
    assert len(view(app).filters.values("modality")) == 40


def click(monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], key: str, data: Any) -> None:
    monkeypatch.setattr(filtering.st, "session_state", state)
    point = {"curve_number": 1, "x": 5, "y": "A", "customdata": data}
    state[filtering.widget_of("bars")] = {"selection": {"points": [point]}}
    filtering.clicked(key, "bars")()


def test_a_click_on_a_bar_toggles_what_it_stands_for(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {}
    steps = (
        ("modality", "CT", Filters.of({"modality": ["CT"]})),
        ("modality", ["MR", 3], Filters.of({"modality": ["CT", "MR"]})),
        ("modality", "CT", Filters.of({"modality": ["MR"]})),
        ("modality", None, Filters.of({"modality": ["MR"]})),
        ("modality", 7, Filters.of({"modality": ["MR"]})),
        ("dates", "2020-01-01/2020-01-31",
         Filters.of({"modality": ["MR"]}, date(2020, 1, 1), date(2020, 1, 31))),
        ("dates", "nonsense",
         Filters.of({"modality": ["MR"]}, date(2020, 1, 1), date(2020, 1, 31))),
        ("dates", "2020-01-01/2020-01-31", Filters.of({"modality": ["MR"]})),
    )  # fmt: skip
    names = set()
    for key, data, expected in steps:
        names.add(filtering.widget_of("bars")) if state else None
        click(monkeypatch, state, key, data)
        assert filtering.kept() == expected, data
    assert len(names) == len(steps) - 1, "each click has a chart of its own, without a selection"


def test_another_databank_starts_without_filters(home: Path) -> None:
    app = visit(databank="full", modality="CT")
    app.text_input(key="search").set_value("chest").run()
    app.sidebar.selectbox(key="databank").set_value("errors").run()
    assert view(app).name == "errors"
    assert view(app).filters == NONE


def test_odd_addresses_do_no_harm(home: Path) -> None:
    app = visit(
        databank="../../etc", modality="<script>", since="2020-99-99", lang="xx", study="x" * 999,
        age_from="old", age_to="-3", sex=["", "M" * 2000],
    )  # fmt: skip
    assert not app.exception
    assert view(app).name == "empty"  # the first there is
    assert view(app).filters == Filters.of({"modality": ["<script>"]})
