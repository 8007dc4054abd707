"""Filters: the SQL does what they say, the sentence says them, the address holds them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import filters as module
from app.filters import FACETS, MISSING, NONE, Filters
from app.i18n import LANGUAGES, texts
from tests.test_pages.browser import go, metrics, view, visit
from tests.test_pages.browser import texts as written

MODALITIES = [None, "MR", "CT", "PT", "o'Neil"]
MAKERS = [None, "SIEMENS", "GE MEDICAL SYSTEMS", 'say "x"', "联影"]
DAYS = [None, date(2019, 12, 31), date(2020, 1, 1), date(2021, 6, 15)]
TEXTS = [None, "T1 mprage", "Größe", "100%_sure", "a\\b"]

rows = st.lists(
    st.fixed_dictionaries(
        {
            "Modality": st.sampled_from(MODALITIES), "Manufacturer": st.sampled_from(MAKERS),
            "StudyDate": st.sampled_from(DAYS), "SeriesDescription": st.sampled_from(TEXTS),
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
        }
    ),
    st.sampled_from(DAYS),
    st.sampled_from(DAYS),
    st.sampled_from(["", "t1", "T1 MPRAGE", "größe", "%", "_", "\\", "müller", "t1 eva"]),
)  # fmt: skip


def passes(row: dict[str, Any], filters: Filters, identifiers: bool) -> bool:
    """The filters as a person reads them."""
    chosen = dict(filters.chosen)
    for facet in FACETS:
        value = row[facet.column] if row[facet.column] is not None else MISSING
        if facet.key in chosen and value not in chosen[facet.key]:
            return False
    day = row["StudyDate"]
    if filters.since and (day is None or day < filters.since):
        return False
    if filters.until and (day is None or day > filters.until):
        return False
    said = " ".join(v for v in (row["SeriesDescription"], identifiers and row["PatientName"]) if v)
    return all(term in said.lower() for term in filters.terms)


@pytest.fixture(scope="module")
def table() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    names = (*module.SEARCHED, *module.SEARCHED_UIDS, *module.SEARCHED_IDENTIFIERS)
    columns = dict.fromkeys((*(f.column for f in FACETS), *names), "VARCHAR") | {
        "StudyDate": "DATE"
    }
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


@settings(deadline=None)
@given(some_filters)
def test_filters_are_in_normal_form(filters: Filters) -> None:
    again = Filters.of(dict(filters.chosen), filters.since, filters.until, " ".join(filters.terms))
    assert again == filters
    assert hash(again) == hash(filters)
    assert bool(filters) == (filters != NONE)
    assert (filters.since or date.min) <= (filters.until or date.max)


@pytest.mark.parametrize("code", LANGUAGES)
@settings(deadline=None)
@given(filters=some_filters)
def test_the_sentence_says_everything(code: str, filters: Filters) -> None:
    t = texts(code)
    sentence = filters.sentence(t)
    assert sentence.endswith((".", "。"))
    for _, values in filters.chosen:
        for value in values:
            assert (t("missing") if value == MISSING else value) in sentence
    for day in (filters.since, filters.until):
        assert day is None or day.isoformat() in sentence
    assert all(term in sentence for term in filters.terms)
    assert (sentence == t("sentence.everything")) == (not filters)


def test_sentences_as_people_say_them() -> None:
    filters = Filters.of({"modality": ["MR", "CT"]}, date(2020, 1, 1), None, "t1 sag")
    assert filters.sentence(texts("en")) == (
        "Only series with modality CT or MR, study date from 2020-01-01, “t1 sag” in their texts."
    )
    assert filters.sentence(texts("de")) == (
        "Nur Serien mit Modalität CT oder MR, Studiendatum ab 2020-01-01, „t1 sag“ in ihren Texten."
    )


def test_unknown_facets_and_too_much_are_left_out() -> None:
    many = Filters.of({"patient": ["x"], "modality": map(str, range(1000))}, text="w " * 500 + "x")
    assert [key for key, _ in many.chosen] == ["modality"]
    assert len(dict(many.chosen)["modality"]) == module.MAX_VALUES
    assert len(many.terms) <= module.MAX_TERMS


def test_the_address_restores_the_filters(home: Path) -> None:
    app = visit(
        databank="full", modality=["CT", "PT"], manufacturer="GE MEDICAL SYSTEMS",
        since="2020-01-15", until="2021-01-01", lang="Deutsch",
    )  # fmt: skip
    expected = Filters.of(
        {"modality": ["CT", "PT"], "manufacturer": ["GE MEDICAL SYSTEMS"]},
        date(2020, 1, 15), date(2021, 1, 1),
    )  # fmt: skip
    assert view(app).filters == expected
    assert view(app).texts.language == "de"
    assert expected.sentence(texts("de")) in written(app)
    assert metrics(app)["Studien"] == "2"


def test_filters_survive_other_pages(home: Path) -> None:
    app = visit(databank="full")
    app.multiselect(key="modality").set_value(["MR"]).run()
    app.date_input(key="since").set_value(date(2020, 2, 1)).run()
    app.text_input(key="search").set_value("knee").run()
    expected = Filters.of({"modality": ["MR"]}, date(2020, 2, 1), text="knee")
    assert view(app).filters == expected
    for page in ("runs", "ingest", "studies"):
        go(app, page)
        assert view(app).filters == expected
    assert metrics(app)["Studies"] == "1"
    app.button(key="clear_filters").click().run()
    assert view(app).filters == NONE
    assert metrics(app)["Studies"] == "6"


def test_another_databank_starts_without_filters(home: Path) -> None:
    app = visit(databank="full", modality="CT")
    app.sidebar.selectbox(key="databank").set_value("errors").run()
    assert view(app).name == "errors"
    assert view(app).filters == NONE


def test_odd_addresses_do_no_harm(home: Path) -> None:
    app = visit(
        databank="../../etc", modality="<script>", since="2020-99-99", lang="xx", study="x" * 999
    )
    assert not app.exception
    assert view(app).name == "empty"  # the first there is
