"""The dictionary page: everything declared is there, found, and shown with what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app import contents
from app.charts import spread
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.ui import dictionary
from ingest.schema import TABLES
from tests.test_pages.browser import texts, view, visit

T = language_texts("en")
COLUMNS = sum(len(table.columns) for table in TABLES.values())


def listed(app: AppTest) -> Any:
    return app.dataframe[0].value


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language_and_state(home: Path, language: str) -> None:
    t = language_texts(language)
    for databank in ("full", "empty", "errors"):
        app = visit("dictionary", language, databank=databank)
        assert not app.exception
        assert app.title[0].value == t("dictionary.title")
        assert len(listed(app)) == COLUMNS
        assert ("filled" in listed(app).columns) == (databank != "empty")
    filtered = visit(
        "dictionary", language, databank="full", since="1950-01-01", until="1950-01-02"
    )
    assert len(listed(filtered)) == COLUMNS


def test_search_and_choice(home: Path) -> None:
    app = visit("dictionary", databank="full")
    app.text_input(key="dictionary_search").set_value("0018,0081 series").run()
    assert set(listed(app)["column_name"]) >= {"EchoTime"}
    assert set(listed(app)["table_name"]) == {"series"}
    app.text_input(key="dictionary_search").set_value("").run()
    app.selectbox(key="dictionary_table").set_value("findings").run()
    assert listed(app)["column_name"].to_list() == [c.name for c in TABLES["findings"].columns]
    assert "One row per judgement about data." in texts(app)
    app.text_input(key="dictionary_search").set_value("no such thing").run()
    assert T("dictionary.nothing") in [info.value for info in app.info]
    app.text_input(key="dictionary_search").set_value("").run()
    app.selectbox(key="dictionary_table").set_value("series").run()
    everything = len(listed(app))
    app.toggle(key="dictionary_filled").set_value(True).run()
    assert 0 < len(listed(app)) < everything
    assert listed(app)["filled"].min() > 0
    assert not app.exception


def entries(app: AppTest) -> pl.DataFrame:
    return dictionary.entries(view(app), TABLES)


def test_what_is_told_of_a_column(home: Path) -> None:
    known = entries(visit("dictionary", databank="full"))
    of_series = known.filter(pl.col("table_name") == "series")
    (row,) = of_series.filter(pl.col("column_name") == "EchoTime").to_dicts()
    assert (row["unit"], row["column_type"], row["identity"]) == ("ms", "DOUBLE", None)
    assert row["dicom_source"].startswith("(0018,0081)")
    found = dictionary.search(known, "00180081")
    assert "EchoTime" in found["column_name"].to_list()
    assert dictionary.search(known, "(0018,0081)").equals(found)
    assert dictionary.search(known, "no.thing").is_empty(), "words are not patterns"
    names = known.filter(pl.col("column_name") == "PatientName")
    assert names["identity"].unique().to_list() == [T("dictionary.identifies")]
    assert names["examples"].null_count() == names.height


def details(home: Path, table: str, column: str, identifiers: bool) -> AppTest:
    """The part of the page about one column, as for a row that was clicked."""

    def page(table: str, column: str, identifiers: bool) -> None:
        from app.i18n import texts
        from app.queries import Databank
        from app.ui import dictionary
        from app.ui import view as views
        from ingest.lake.databank import path_of

        bank = Databank(path_of("full"), identifiers)
        shown = views.View(texts("en"), identifiers, "full", bank)
        dictionary.detail(shown, {"table_name": table, "column_name": column})

    app = AppTest.from_function(page, args=(table, column, identifiers), default_timeout=30).run()
    assert not app.exception
    return app


def counts(n: int, distinct: int) -> str:
    told = {"filled": str(n), "rows": f"{n} rows", "percent": "100.0", "distinct": str(distinct)}
    return T("dictionary.counts", **told)


def test_the_values_of_a_column(home: Path) -> None:
    modality = texts(details(home, "series", "Modality", False))
    assert counts(24, 3) in modality
    assert T("dictionary.frequent") in modality
    assert T("dictionary.empty") in texts(details(home, "series", "PatientComments", True))
    assert T("dictionary.too_large") in texts(details(home, "elements", "text", False))


def test_values_that_identify_are_shown_only_with_identifiers(home: Path) -> None:
    assert T("dictionary.hidden") in texts(details(home, "studies", "PatientName", False))
    assert counts(6, 3) in texts(details(home, "studies", "PatientName", True))


def test_pictures_of_values() -> None:
    values = pl.DataFrame({"value": ["<b>", "x" * 90, "x" * 91], "n": [5, 2, 1]})
    figure = spread.figure("values", values, "axis", "rows", "#111111")
    assert list(figure.data[0].x) == [5, 2, 1]
    assert len(set(figure.data[0].y)) == 3, "values with the same beginning keep a bar each"
    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;"
    bins = contents._bins(pl.DataFrame({"value": [0.0, 30.0], "n": [3, 4]}))
    figure = spread.figure("bins", bins, "Echo <time> (ms)", "rows", "#111111")
    assert sum(figure.data[0].y) == 7
    assert (figure.data[0].x[0], figure.data[0].customdata[0]) == (0.5, "0 – 1")
    assert figure.layout.xaxis.title.text == "Echo &lt;time&gt; (ms)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_row_of_each_table_is(language: str) -> None:
    t = language_texts(language)
    told = {name: t(f"row.{name}") for name in TABLES}
    assert len(set(told.values())) == len(TABLES)
    if language == "en":
        assert told == {name: f"One row per {table.row}." for name, table in TABLES.items()}
