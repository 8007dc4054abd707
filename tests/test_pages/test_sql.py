"""The SQL page: asked by a person, refused in a sentence, stopped, saved, drawn."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from app.charts import quick
from app.charts.quick import Wanted
from app.console import examples, saved
from app.console.question import Question
from app.console.workers import Failure
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.statement import check_statement
from app.ui import downloads, editor, sql, sql_reference
from ingest.schema import TABLES
from tests.test_pages.browser import go, texts, view, visit

T = language_texts("en")
ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range = -b.range"
WORDS = ("missing", "rows", "others")
languages = pytest.mark.parametrize("language", LANGUAGES)
pytestmark = pytest.mark.usefixtures("statement_processes")


def press(app: AppTest, button: str, statement: str) -> AppTest:
    """Type a statement, press a button, wait for what comes of it."""
    app.session_state[editor.TEXT] = statement
    app.button(key=button).click().run()
    assert asked(app).wait(60)
    return app.run()


def ask(app: AppTest, statement: str) -> AppTest:
    return press(app, "sql_run", statement)


def asked(app: AppTest) -> Question:
    found = app.session_state[sql.ASKED].question
    assert isinstance(found, Question)
    return found


def rows(app: AppTest) -> Any:
    """The answer: what is drawn after the columns of the browsed table."""
    assert len(app.dataframe) == 2
    return app.dataframe[-1].value


@languages
def test_in_every_language_and_state(home: Path, language: str) -> None:
    t = language_texts(language)
    for databank, series in (("full", 24), ("empty", 0), ("errors", 0)):
        app = visit("sql", language, databank=databank)
        assert not app.exception
        assert app.title[0].value == t("sql.title")
        ask(app, "SELECT count(*) AS n FROM series")
        assert not app.exception
        assert rows(app)["n"].to_list() == [series]
        assert t.count("rows", 1) in texts(app)


def test_filters_apply_only_where_they_are_asked_for(home: Path) -> None:
    app = visit("sql", databank="full", modality="CT")
    assert T("sql.unfiltered") in texts(app)
    statement = "SELECT DISTINCT Modality AS m FROM series ORDER BY m"
    assert rows(ask(app, statement))["m"].to_list() == ["CT", "MR", "PT"]
    app.toggle(key="sql_filtered").set_value(True).run()
    assert not app.exception
    assert sql.ASKED not in app.session_state, "what was asked of everything is no answer now"
    assert rows(ask(app, statement))["m"].to_list() == ["CT"]
    nothing = visit("sql", databank="full", since="1950-01-01", until="1950-12-31")
    nothing.toggle(key="sql_filtered").set_value(True).run()
    assert T("sql.no_rows") in texts(ask(nothing, statement))
    assert not nothing.exception


WRONG = (
    ("SELEKT 1", r"syntax error.*LINE 1: SELEKT 1\n *\^{6}"),
    ("SELECT Modalty\nFROM series", r"Names that exist: `Modality` \(instances, series"),
    ("SELECT 1,\n Modalty FROM series", r"LINE 2:  Modalty FROM series\n         \^{7}"),
    ("FROM seris", r"Names that exist: `series`"),
    ("COPY series TO '/tmp/stolen.csv'", r"COPY is not allowed"),
    ("SELECT 1; SELECT 2", r"One statement at a time"),
    ("FROM read_text('/etc/passwd')", r"read_text is not allowed"),
    ("FROM read_parquet('PHI/**/*.parquet')", r"read_parquet is not allowed"),
    ("SELECT getenv('HOME')", r"getenv is not allowed"),
    ("SELECT '**[x](http://x)**'::INT", r"\*\*\[x\]\(http://x\)\*\*"),
)


def test_what_is_wrong_is_told(home: Path) -> None:
    app = visit("sql", databank="full")
    for statement, told in WRONG:
        ask(app, statement.replace("PHI", "/bank/phi"))
        assert not app.exception, statement
        assert re.search(told, texts(app), re.DOTALL), texts(app)
        (failure,) = app.error
        assert not re.search(r"[*\[<]", failure.value), "text of a statement is not markup"
        assert str(home) not in texts(app)


def test_hidden_identifiers_stay_hidden(home: Path) -> None:
    app = visit("sql", databank="full")
    statement = "SELECT DISTINCT PatientName AS p FROM studies WHERE PatientName IS NOT NULL"
    assert T("sql.no_rows") in texts(ask(app, statement))
    app.sidebar.toggle(key="identifiers").set_value(True).run()
    assert len(rows(ask(app, statement))) == 3
    app.sidebar.toggle(key="identifiers").set_value(False).run()
    assert not [table for table in app.dataframe if "Test0" in str(table.value)]
    assert sql.ASKED not in app.session_state


def test_rows_of_more_are_marked(home: Path) -> None:
    app = visit("sql", databank="full")
    app.select_slider(key="sql_rows").set_value(1_000).run()
    ask(app, "FROM range(5000)")
    assert T("sql.more", rows=T.count("rows", 1_000)) in [w.value for w in app.warning]
    assert len(rows(app)) == 1_000


def test_a_running_statement_can_be_stopped(home: Path) -> None:
    app = visit("sql", databank="full")
    app.session_state[editor.TEXT] = ENDLESS
    app.button(key="sql_run").click().run()
    assert not app.exception
    running = asked(app)
    assert running.state in ("waiting", "running")
    app.button(key="sql_stop").click().run()
    assert running.wait(10)
    app.run()
    assert running.outcome == Failure("stopped")
    assert T("sql_failed.stopped") in texts(app)


def test_another_statement_or_page_ends_the_one_that_runs(home: Path) -> None:
    app = visit("sql", databank="full")
    app.session_state[editor.TEXT] = ENDLESS
    app.button(key="sql_run").click().run()
    first = asked(app)
    app.session_state[editor.TEXT] = ENDLESS + " AND true"
    app.button(key="sql_run").click().run()
    assert first.wait(10)
    second = asked(app)
    assert second is not first
    go(app, "studies")
    assert second.wait(10)
    assert second.outcome == Failure("stopped")
    go(app, "sql")
    assert not app.exception
    assert editor.TEXT in app.session_state
    assert app.session_state[editor.TEXT].endswith("AND true")


def test_the_plan(home: Path) -> None:
    app = press(visit("sql", databank="full"), "sql_explain", "SELECT max(EchoTime) FROM series")
    assert not app.exception
    assert app.subheader[0].value == T("sql.plan")
    drawn = app.code[-1].value
    assert drawn.splitlines()[0].startswith("UNGROUPED_AGGREGATE")
    assert str(home) not in drawn


def test_saved_statements(home: Path, tmp_path: Path) -> None:
    root = home / "databanks" / "full"
    app = visit("sql", databank="full")
    app.session_state[editor.TEXT] = "SELECT 42"

    def save(name: str) -> None:
        app.text_input(key="sql_save_name").set_value(name)
        (button,) = [b for b in app.button if b.label == T("saved.save")]
        button.click().run()

    try:
        save("The *answer*")
        assert T("saved.done") in [found.value for found in app.success]
        save("The *answer*")
        assert T("saved.taken") in [found.value for found in app.error]
        app.session_state[editor.TEXT] = "SELECT 43"
        app.button(key="sql_saved_0").click().run()
        assert app.session_state[editor.TEXT] == "SELECT 42"
        assert "*" not in app.button(key="sql_saved_0").label
        app.sidebar.toggle(key="identifiers").set_value(True).run()
        save("Names")
        app.sidebar.toggle(key="identifiers").set_value(False).run()
        assert [one.name for one in saved.load(root, False)] == ["The *answer*"]
        assert "Names" not in texts(app)
        app.button(key="sql_forget_0").click().run()
        assert saved.load(root, False) == []
    finally:
        for one in saved.load(root, True):
            saved.delete(root, one)


def test_what_was_asked_is_in_the_history(home: Path) -> None:
    app = visit("sql", databank="full")
    for statement in ("SELECT 1", "SELECT nope"):
        ask(app, statement)
    app.run()
    labels = [app.button(key=f"sql_past_{n}").label for n in range(2)]
    assert labels == ["SELECT nope", "SELECT 1"]
    app.button(key="sql_past_1").click().run()
    assert app.session_state[editor.TEXT] == "SELECT 1"
    assert "sql_past_2" not in [button.key for button in app.button]


def test_examples_have_titles_and_can_be_taken(home: Path) -> None:
    app = visit("sql", databank="full")
    for language in LANGUAGES:
        titles = language_texts(language).entries
        assert {f"example.{name}" for name in examples.statements()} == {
            key for key in titles if key.startswith("example.")
        }
    app.button(key="sql_example_thin_slices").click().run()
    assert app.session_state[editor.TEXT] == examples.statements()["thin_slices"]


def test_a_column_of_each_type_has_a_statement_that_runs(home: Path) -> None:
    with question_lake(home) as lake:
        for table in TABLES.values():
            kinds = {str(column.dtype): column for column in table.columns}
            for column in kinds.values():
                statement = sql_reference.example_of(table, column)
                assert lake.query(f"DESCRIBE {check_statement(statement)}").height in (2, 3, 4)


def test_names_of_columns_need_no_quotes() -> None:
    with duckdb.connect() as connection:
        for table in TABLES.values():
            names = ", ".join(column.name for column in table.columns)
            connection.execute(f"SELECT json_serialize_sql('SELECT {names} FROM {table.name}')")
            (found,) = connection.fetchone() or ("",)
            assert '"error":false' in found, table.name


def question_lake(home: Path) -> Any:
    from app.lake import open_lake

    return open_lake(home / "databanks" / "full")


def test_a_file_says_what_was_asked(home: Path) -> None:
    statement = "SELECT 1 AS a -- for the *file*"
    app = ask(visit("sql", databank="full"), statement)
    made = downloads._encoded(
        view(app), "x", lambda: pl.DataFrame({"a": [1]}), "parquet", statement
    )
    told = pq.read_metadata(io.BytesIO(made)).metadata
    assert any(statement.encode() in value for value in told.values())


def test_the_editor_knows_the_words() -> None:
    known = {word: (hint, kind) for word, hint, kind in editor.words(TABLES)}
    assert known["series"] == ("", "table")
    assert known["EchoTime"] == ("instances, series, frames", "column")
    assert known["SELECT"][1] == "keyword"
    assert "fetch(" not in editor._asset("editor.js")
    assert "http" not in editor._asset("editor.js") + editor._asset("editor.css")
    assert "innerHTML" not in editor._asset("editor.js"), "text is never markup"


DAYS = pl.DataFrame(
    {"day": ["2024-01-02", "2024-01-01"], "n": [2, 1], "who": ["b", "a"]}
).with_columns(pl.col("day").str.to_date())


@pytest.mark.parametrize(
    ("frame", "wanted"),
    [
        (DAYS, Wanted("line", "day", "n")),
        (DAYS.select("who", "n"), Wanted("bar", "who", "n")),
        (DAYS.select("who"), Wanted("bar", "who")),
        (DAYS.select("n"), Wanted("histogram", "n")),
        (pl.DataFrame({"a": [1, 2, 3], "b": [3.0, 1.0, 2.0]}), Wanted("line", "a", "b")),
        (pl.DataFrame({"a": [2, 1, 1], "b": [3.0, 1.0, 2.0]}), Wanted("scatter", "a", "b")),
        (pl.DataFrame({"a": [[1]]}), None),
    ],
)
def test_the_chart_that_fits(frame: pl.DataFrame, wanted: Wanted | None) -> None:
    assert quick.default(frame) == wanted


def drawn(frame: pl.DataFrame, wanted: Wanted) -> tuple[Any, bool]:
    return quick.figure(frame, wanted, ["#111111", "#222222"], WORDS)


def test_charts_draw_what_they_say() -> None:
    figure, cut = drawn(DAYS, Wanted("line", "day", "n"))
    assert list(figure.data[0].y) == [1, 2], "along a line in the order of x"
    assert not cut
    twice = pl.DataFrame({"who": ["a", "b", "a", None], "n": [1, 2, 3, 4]})
    figure, _ = drawn(twice, Wanted("bar", "who", "n"))
    assert dict(zip(figure.data[0].x, figure.data[0].y, strict=True)) == {
        "a": 4,
        "b": 2,
        "missing": 4,
    }
    figure, _ = drawn(twice, Wanted("bar", "who"))
    assert list(figure.data[0].y) == [2, 1, 1]
    figure, _ = drawn(twice, Wanted("bar", "n", "n", "who"))
    assert {trace.name for trace in figure.data} == {"a", "b", "missing"}
    figure, cut = drawn(pl.DataFrame({"x": range(60)}), Wanted("bar", "x"))
    assert (len(figure.data[0].x), cut) == (quick.MAX_BARS, True)
    many = pl.DataFrame({"x": range(9), "y": range(9), "c": list("abcdefghi")})
    figure, _ = drawn(many, Wanted("scatter", "x", "y", "c"))
    assert [trace.name for trace in figure.data][-1] == "others"
    assert sum(len(trace.x) for trace in figure.data) == 9
    figure, _ = drawn(pl.DataFrame({"a": ["<b>x</b>"]}), Wanted("histogram", "a"))
    assert list(figure.data[0].x) == ["&lt;b&gt;x&lt;/b&gt;"]


def test_a_chart_on_the_page(home: Path) -> None:
    app = ask(
        visit("sql", databank="full"), "SELECT Modality, count(*) AS n FROM series GROUP BY 1"
    )
    app.session_state["sql_tabs"] = T("sql.chart")
    app.run()
    assert not app.exception
    assert [box.value for box in app.selectbox if box.label == T("plot.kind")] == ["bar"]
    app.session_state["sql_reference"] = T("sql.examples")
    app.run()
    app.session_state["lang"] = LANGUAGES["de"]
    app.run()
    assert not app.exception
    german = language_texts("de")
    assert app.session_state["sql_tabs"] == german("sql.chart")
    assert app.session_state["sql_reference"] == german("sql.examples")
    app.session_state["lang"] = LANGUAGES["en"]
    app.run()
    ask(app, "SELECT [1] AS a")
    assert not app.exception
    assert T("plot.nothing") in [info.value for info in app.info]
