"""The page of findings: its numbers, rules and rows; what is new and gone; filters and words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app.dashboards import findings
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from ingest.derive.rules import RULES
from ingest.lake import databank, layout, snapshot
from ingest.schema import TABLES
from tests.test_ingest.derive_lake import Reading, add, derive_and_list, error
from tests.test_pages.browser import metrics, texts, visit

T = language_texts("en")
BAD = ("value_unparsable", "00181030", "a number", "x<b>")
ODD = ("vr_unexpected", "00080060", "CS", "LO")


def values(model: str, modality: str) -> dict[str, str]:
    return {"Modality": modality, "Manufacturer": "Maker", "ManufacturerModelName": model}


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the databank ``two``: the second run repaired a series and brought another."""
    home = tmp_path_factory.mktemp("findings")
    root = home / "databanks" / "two"
    databank.create(root)
    first = [
        Reading("a", "1", "1", "1.1", problems=[BAD], values=values("Alpha", "MR")),
        Reading("b", "2", "1", "1.2", problems=[ODD], values=values("Alpha", "MR")),
        Reading("c", "3", "2", "2.1", problems=[BAD], values=values("Beta", "CT")),
        error("e"),
    ]
    derive_and_list(root, [add(root, first, run=1)], TABLES)
    second = [
        Reading("c", "3", "2", "2.1", values=values("Beta", "CT")),
        Reading("d", "4", "2", "2.2", problems=[ODD], values=values("Beta", "CT")),
    ]
    derive_and_list(root, [add(root, second, run=2)], TABLES)
    return home


@pytest.fixture
def two(two_runs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TAGLAKE_HOME", str(two_runs))
    return two_runs / "databanks" / "two"


def stored(root: Path, name: str) -> pl.DataFrame:
    version = snapshot.read(root).derived
    return pl.read_parquet(layout.derived(root, "open") / str(version) / f"{name}.parquet")


def table(app: AppTest, column: str) -> pl.DataFrame:
    """The first table with a column of that name."""
    return pl.from_pandas(next(f.value for f in app.dataframe if column in f.value.columns))


def test_numbers_are_those_of_the_lake(two: Path) -> None:
    app = visit("findings", databank="two")
    assert not app.exception
    rows = stored(two, "findings")
    by = dict(rows.group_by("severity").len().iter_rows())
    cards = metrics(app)
    told = {name: cards[T(f"card.{name}")] for name in ("findings", "grave", "warnings", "notes")}
    assert told == {
        "findings": str(rows.height), "grave": str(by["error"]), "warnings": str(by["warning"]),
        "notes": str(by["info"]),
    }  # fmt: skip
    assert cards[T("card.rules")] == str(rows["rule"].n_unique())
    assert cards[T("card.new_since")] == str(rows.filter(first_run="run 2").height)
    assert cards[T("card.gone_since")] == str(stored(two, "findings_gone").height)
    assert rows.filter(pl.col("rule") == "vr_unexpected", first_run="run 2").height == 1
    assert stored(two, "findings_gone")["rule"].to_list().count("value_unparsable") == 1


def test_what_is_new_and_gone_is_said(two: Path) -> None:
    app = visit("findings", databank="two")
    new = stored(two, "findings").filter(first_run="run 2").height
    gone = stored(two, "findings_gone").height
    said = texts(app)
    assert f"{new} new, {gone} gone." in said
    assert "Since the run of 2024-01-02" in said


def rows_of(app: AppTest) -> pl.DataFrame:
    return table(app, "message")


def test_rows_by_age(two: Path) -> None:
    app = visit("findings", databank="two")
    app.selectbox(key="findings_since").select("gone").run()
    found = rows_of(app)
    assert found.height == stored(two, "findings_gone").height
    assert set(found["since"]) == {T("since.gone")}
    app.selectbox(key="findings_since").select("new").run()
    assert rows_of(app).height == stored(two, "findings").filter(first_run="run 2").height
    app.selectbox(key="findings_severity").select("error").run()
    assert T("findings.no_rows") in texts(app)


def test_a_rule_is_explained_and_has_its_rows(two: Path) -> None:
    app = visit("findings", databank="two", rule="value_unparsable")
    said = texts(app)
    assert T("looks_at.value_unparsable") in said
    assert T("todo.value_unparsable") in said
    assert "part05.html#sect_6.2" in said
    found = rows_of(app)
    assert found.height == stored(two, "findings").filter(rule="value_unparsable").height == 1
    assert found["severity"].to_list() == [T("graded.warning")]
    assert found["rule"].to_list() == [T("finding.value_unparsable")]
    app.button(key="all_rules").click().run()
    assert rows_of(app).height == stored(two, "findings").height


def test_unknown_rules_of_an_address_are_left_out(two: Path) -> None:
    app = visit("findings", databank="two", rule="<b>of_yore")
    assert not app.exception
    assert rows_of(app).height == stored(two, "findings").height


def test_filters_reach_findings_through_series(two: Path) -> None:
    app = visit("findings", databank="two", modality="MR")
    rows = stored(two, "findings")
    mine = rows.filter(
        (pl.col("StudyInstanceUID") == "1") | (pl.col("level").is_in(["file", "lake"]))
    )
    assert rows_of(app).height == mine.height < rows.height
    assert T("findings.files") in texts(app)
    assert metrics(app)[T("card.gone_since")] == "0"  # that was of the other study


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages(two: Path, language: str) -> None:
    t = language_texts(language)
    app = visit("findings", language, databank="two", rule="file_error")
    assert not app.exception
    said = texts(app)
    assert t("looks_at.file_error") in said
    assert t("finding.file_error") in said
    assert t("graded.error") in said


def test_a_first_run_has_nothing_to_compare_with(home: Path) -> None:
    app = visit("findings", databank="full")
    assert T("findings.first") in texts(app)
    assert metrics(app)[T("card.new_since")] == "–"
    assert not [box for box in app.selectbox if box.key == "findings_since"]


def test_every_rule_is_told_in_every_language() -> None:
    for language in LANGUAGES:
        t = language_texts(language)
        for name in RULES:
            told = findings.rule(t, name)
            assert (told.title, told.looks_at, told.advice) == (
                t(f"finding.{name}"), t(f"looks_at.{name}"), t(f"todo.{name}")
            )  # fmt: skip


def test_a_rule_nobody_knows_is_told_by_its_name() -> None:
    told = findings.rule(T, "of_yore", "PS3.3 C.7.1, somebody's paper")
    assert told.title == "of_yore"
    assert [name for name, _ in told.sources] == ["PS3.3 C.7.1"]


@pytest.mark.parametrize(
    ("reference", "anchors"),
    [
        ("PS3.5 6.2", ["part05.html#sect_6.2"]),
        ("PS3.5 7.1, PS3.5 8", ["part05.html#sect_7.1", "part05.html#chapter_8"]),
        ("PS3.3 C.7.1 to C.7.5, PS3.3 A.1.2.4",
         ["part03.html#sect_C.7.1", "part03.html#sect_A.1.2.4"]),
        ("documents of the vendor", []), ("PS3.15 E.1", ["part15.html#sect_E.1"]),
    ],
)  # fmt: skip
def test_sections_of_the_standard_have_addresses(reference: str, anchors: list[str]) -> None:
    assert [address.rsplit("/", 1)[1] for _, address in findings.sources(reference)] == anchors


def test_comparison() -> None:
    started = [datetime(2024, 1, n, tzinfo=UTC) for n in (2, 1)]
    runs = pl.DataFrame({"run_id": ["b", "a"], "started": started})
    assert findings.compared(runs) == ("b", started[1])
    assert findings.compared(runs.head(1)) == ("", None)
    numbers = {"new_since": 0, "gone_since": 0}
    same = findings.sentence(T, findings.compared(runs), numbers, "then")
    assert same == "Since the run of then: nothing new, nothing gone."
