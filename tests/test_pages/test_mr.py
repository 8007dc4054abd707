"""MR series: filters, evidence, corrections, who has what, phases, names of files.

The databank is written by hand (tests/mr_lake.py), so every number is known beforehand.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app.charts import mr as charts
from app.dashboards import mr
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.queries import Databank, ask
from ingest.derive import corrections
from ingest.lake import databank as databanks
from tests import mr_lake
from tests.test_pages.browser import go, metrics, texts, visit
from tests.test_pages.test_identifiers import sent

T = language_texts("en")
PALETTE = ["#00000a", "#00000b", "#00000c", "#00000d", "#00000e", "#00000f", "#ffffff"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("mr")
    mr_lake.make(home / "databanks" / "mr")
    mr_lake.alone(home / "databanks" / "ct")
    databanks.create(home / "databanks" / "empty")
    return home


@pytest.fixture
def mr_home(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TAGLAKE_HOME", str(made))
    return made


@pytest.fixture
def own_home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, for what corrects series."""
    home = tmp_path / "home"
    shutil.copytree(made, home)
    monkeypatch.setenv("TAGLAKE_HOME", str(home))
    return home


def opened(part: str, **address: str) -> AppTest:
    """The page at one of its tabs."""
    app = visit("mr", databank="mr", **address)
    app.session_state["mr_tabs"] = T(f"mr.{part}")
    return app.run()


def shown(app: AppTest, column: str) -> pl.DataFrame:
    """The table that has a column."""
    frames = [pl.DataFrame(table.value) for table in app.dataframe]
    return next(frame for frame in frames if column in frame.columns)


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_the_page_has_its_numbers_in_every_language(mr_home: Path, language: str) -> None:
    app = visit("mr", language, databank="mr")
    assert not app.exception
    t = language_texts(language)
    found = metrics(app)
    assert found[t("card.mr_series")] == "17"
    assert found[t("card.mr_kinds")] == str(mr_lake.ROWS)
    assert found[t("card.mr_unknown")] == "3"
    assert found[t("card.mr_corrected")] == "0"
    assert found[t("card.mr_dynamic")] == "6"


@pytest.mark.parametrize("part", ["unknown", "rows", "matrix", "dynamic", "bids"])
def test_every_part_is_drawn(mr_home: Path, part: str) -> None:
    app = opened(part)
    assert not app.exception
    assert app.dataframe


@pytest.mark.parametrize("databank", ["ct", "empty"])
def test_without_mr_it_says_so(mr_home: Path, databank: str) -> None:
    app = visit("mr", databank=databank)
    assert not app.exception
    assert not app.metric
    assert (T("mr.none") in texts(app)) == (databank == "ct")


def test_filters_that_leave_other_series_only(mr_home: Path) -> None:
    app = visit("mr", databank="mr", modality="CT")
    assert T("mr.none_here") in texts(app)


def test_filters_of_the_page_and_back(mr_home: Path) -> None:
    app = visit("mr", databank="mr")
    app.multiselect(key="mr_vendor").set_value(["GE"]).run()
    assert metrics(app)[T("card.mr_kinds")] == "10"
    app.multiselect(key="mr_class").set_value(["FIELD_MAP"]).run()
    assert T("mr.nothing_left") in texts(app)
    assert metrics(app)[T("card.mr_kinds")] == "0"
    go(app, "studies", databank="mr")
    go(app, "mr", databank="mr")
    assert app.multiselect(key="mr_vendor").value == ["GE"]  # kept from page to page
    app.button(key="mr_clear").click().run()
    assert metrics(app)[T("card.mr_kinds")] == str(mr_lake.ROWS)


def test_one_decision_about_a_name_fixes_many(own_home: Path) -> None:
    app = opened("unknown")
    names = shown(app, "mr_unknown")
    assert names["mr_unknown"].to_list() == [3]
    app.session_state["mr_name"] = {"name": "research thing", "StudyInstanceUID": "2",
                                    "SeriesInstanceUID": "2.2"}  # fmt: skip
    app.run()
    app.selectbox(key="mr_group_class").set_value("ASL")
    app.text_input(key="mr_group_who").set_value("Dr. Gray")
    app.text_input(key="mr_group_why").set_value("sequence of our own")
    submit(app, T("mr.correct_all", series=T.count("series", 3)))
    assert not app.exception
    assert T("mr.saved") in texts(app)
    found = metrics(app)
    assert (found[T("card.mr_unknown")], found[T("card.mr_corrected")]) == ("0", "3")
    assert T("mr.none_unknown") in texts(app)
    (decision,) = corrections.read(own_home / "databanks" / "mr")
    assert (decision.wanted, decision.who) == ("ASL", "Dr. Gray")
    assert {one.series for one in decision.about} == {"2.2", "4.6", "5.4"}


def submit(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()


def test_the_evidence_of_a_series_and_its_correction(own_home: Path) -> None:
    app = opened("rows", study="1", series="1.2", volume="1")
    assert not app.exception
    reasons = shown(app, "mr_judgement")
    assert T("column.sequenceClass") in reasons["mr_judgement"].to_list()
    written = texts(app)
    assert "T2_TSE" in written
    assert T("mr.calibrated", n="", sets="", right="")[-12:-3] in written
    app.selectbox(key="mr_row_class").set_value("T2_FLAIR")
    submit(app, T("mr.correct"))
    assert T("mr.correct_incomplete") in texts(app)
    app.text_input(key="mr_row_who").set_value("Dr. Gray")
    app.text_input(key="mr_row_why").set_value("dark fluid")
    submit(app, T("mr.correct"))
    assert not app.exception
    written = texts(app)
    assert T("mr.by_hand") in written
    assert b"Dr. Gray" not in sent(app) or "Dr. Gray" in str(app.text_input(key="mr_row_who").value)
    assert "dark fluid" not in written
    app.toggle(key="identifiers").set_value(True).run()
    assert "dark fluid" in texts(app)
    app.button(key="mr_one_back").click().run()
    assert T("mr.by_hand") not in texts(app)
    assert metrics(app)[T("card.mr_corrected")] == "0"


def test_a_kind_is_corrected_alone_or_with_its_series(own_home: Path) -> None:
    app = opened("rows", study="1", series="1.3", volume="2")
    assert "echo 7.38 ms" in texts(app)
    app.radio(key="mr_row_scope").set_value("series")
    app.selectbox(key="mr_row_class").set_value("SWI")
    app.text_input(key="mr_row_who").set_value("A")
    app.text_input(key="mr_row_why").set_value("b")
    submit(app, T("mr.correct"))
    (decision,) = corrections.read(own_home / "databanks" / "mr")
    assert decision.about == (corrections.Corrected("1.3"),)
    assert metrics(app)[T("card.mr_corrected")] == "2"


@pytest.mark.parametrize(
    "address",
    [{"series": "9.9.9", "volume": "1"}, {"series": "1.1", "volume": "x"},
     {"series": "1.1", "volume": "9" * 30}, {"series": "' OR 1=1", "volume": "1"}],
)  # fmt: skip
def test_an_address_that_means_no_series_shows_none(mr_home: Path, address: dict[str, str]) -> None:
    app = opened("rows", study="1", **address)
    assert not app.exception
    assert T("mr.close") not in texts(app)


def test_who_lacks_what_most_alike_have(mr_home: Path) -> None:
    app = opened("matrix")
    table = shown(app, "mr_scanner")
    # Of the three alike on the GE two have a T2, the third does not.
    lacking = table.filter(pl.col("n_missing") > 0)
    assert lacking.height == 1
    assert lacking["T2_TSE"].to_list() == [mr.LACKING]
    assert T("mr.incomplete", n="1", studies=T.count("studies", 5)) in texts(app)
    app.toggle(key="mr_lacking").set_value(True).run()
    assert shown(app, "mr_scanner").height == 1
    app.multiselect(key="mr_expected_chosen").set_value(["FIELD_MAP"]).run()
    assert shown(app, "mr_scanner").height == 4
    app.multiselect(key="mr_expected_chosen").set_value(["LOCALIZER", "T1_SE"]).run()
    assert shown(app, "mr_scanner").height == 4  # study 1 has both


def test_filters_of_the_page_reach_every_part(mr_home: Path) -> None:
    for part, column, all_rows, left in (
        ("matrix", "mr_scanner", 5, 2), ("bids", "bids_file", mr_lake.ROWS, 8),
    ):  # fmt: skip
        app = opened(part)
        assert shown(app, column).height == all_rows
        app.multiselect(key="mr_vendor").set_value(["Siemens"]).run()
        assert shown(app, column).height == left
    app = opened("dynamic")
    app.multiselect(key="mr_vendor").set_value(["Siemens"]).run()
    assert T("mr.no_dynamic") in texts(app)


def test_phases_are_in_the_order_of_time(mr_home: Path) -> None:
    app = opened("dynamic")
    phases = shown(app, "dynamicGroup")
    assert phases["dynamicPhase"].to_list() == ["PRE", "POST_1"]


def test_a_large_databank_is_not_named_while_one_waits(
    mr_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.mr.MOST_NAMES", 3)
    app = opened("bids")
    assert not app.dataframe
    assert "--bids" in texts(app)


def test_a_job_works_out_what_takes_long(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    def start(kind: str, name: str, sources: list[str]) -> str:
        started.append(f"{kind} {name}")
        return "job"

    monkeypatch.setattr("app.ui.mr_correct.AT_ONCE", 0)
    monkeypatch.setattr("app.ui.mr_correct.jobs.start", start)
    app = opened("rows", study="1", series="1.2", volume="1")
    app.selectbox(key="mr_row_class").set_value("SWI")
    app.text_input(key="mr_row_who").set_value("A")
    app.text_input(key="mr_row_why").set_value("b")
    submit(app, T("mr.correct"))
    assert started == ["derive mr"]
    assert T("mr.saved_derives") in texts(app)


def test_damaged_corrections_are_told(own_home: Path) -> None:
    (own_home / "databanks" / "mr" / "phi" / corrections.FILE).write_text("{", "utf-8")
    app = opened("rows", study="1", series="1.2", volume="1")
    app.selectbox(key="mr_row_class").set_value("SWI")
    app.text_input(key="mr_row_who").set_value("A")
    app.text_input(key="mr_row_why").set_value("b")
    submit(app, T("mr.correct"))
    assert T("error.CorrectionsInvalid") in texts(app)


@pytest.mark.parametrize(
    ("text", "rule", "attributes"),
    [
        ("a.b: EchoTime=10, name=x, y", "a.b", (("EchoTime", "10"), ("name", "x, y"))),
        ("geometry: ImageOrientationPatient", "geometry", (("", "ImageOrientationPatient"),)),
        ("none", "none", ()), (None, "", ()), ("r: ImageType=A\\B", "r", (("ImageType", "A\\B"),)),
    ],
)  # fmt: skip
def test_a_reason_is_taken_apart(
    text: str | None, rule: str, attributes: tuple[tuple[str, str], ...]
) -> None:
    assert mr.reason(text) == (rule, attributes)


def test_the_matrix_has_numbers_and_what_is_lacking() -> None:
    sessions = pl.DataFrame({
        "mr_has": [["T1", "T2"], ["T1"], []], "mr_has_n": [[2, 1], [3], []],
        "mr_missing": [[], ["T2"], ["T1", "T2"]],
    }, schema={"mr_has": pl.List(pl.String), "mr_has_n": pl.List(pl.Int64),
               "mr_missing": pl.List(pl.String)})  # fmt: skip
    assert mr.matrix(sessions, ["T1", "T2", "X"]).rows() == [
        ("2", "1", None), ("3", "✗", None), ("✗", "✗", None),
    ]  # fmt: skip


def test_bars_beyond_the_most_are_one_that_filters_nothing() -> None:
    rows = [(f"v{n}", f"<b>{n}</b>", 30 - n) for n in range(charts.MOST_BARS + 2)]
    (bars,) = charts.ranked(rows, T, PALETTE).data
    assert list(bars.customdata) == [*(f"v{n}" for n in range(charts.MOST_BARS)), None]
    assert list(bars.x)[-1] == 10 + 9
    assert "<b>" not in "".join(bars.hovertext)


def test_phases_have_a_bar_each_from_first_to_last_acquisition() -> None:
    start = datetime(2024, 5, 2, 10)
    phases = pl.DataFrame({
        "dynamicGroup": [1, 1, 1], "dynamicPhase": ["PRE", "POST_1", None],
        "SeriesNumber": [1, 2, 3], "SeriesDescription": ["<i>", "b", None],
        "sequenceClass": ["T1_GRE"] * 3, "n_phases": [None, 4, None],
        "acquisition_datetime_min": [start, start.replace(minute=5), None],
        "acquisition_datetime_max": [start.replace(minute=2), None, None],
    })  # fmt: skip
    before, after = charts.timeline(phases, T, PALETTE).data
    assert (list(before.y), list(after.y)) == ([0], [1])
    assert list(before.x) == [120_000.0]
    assert before.name == T("mr.phase_pre")
    assert list(after.text) == ["POST_1 ×4"]
    assert "<i>" not in before.hovertext[0]


def test_every_column_that_is_shown_has_a_title(mr_home: Path) -> None:
    bank = Databank(mr_home / "databanks" / "mr", identifiers=True)
    asked = {
        "mr_rows": mr.NOTHING, "mr_names": {**mr.NOTHING, "which": "all"}, "mr_rules": mr.NOTHING,
        "mr_sessions": {**mr.NOTHING, "expected": "", "lacking": False},
        "mr_dynamic": mr.NOTHING, "mr_bids": mr.NOTHING,
        "mr_phases": {"study": "3"}, "mr_had": {"studies": "3|4"},
    }  # fmt: skip
    named = {c for name, params in asked.items() for c in ask(bank, name, params=params).columns}
    for language in LANGUAGES:
        entries = language_texts(language).entries
        assert {name for name in named if f"column.{name}" not in entries} == set()


def test_who_and_why_are_not_there_without_identifiers(own_home: Path) -> None:
    root = own_home / "databanks" / "mr"
    corrections.add(root, [corrections.Corrected("1.1")], "SWI", who="Dr. Gray", why="secret")
    mr_lake.follow(root)
    hidden = ask(Databank(root), "mr_rows", params=mr.NOTHING)
    assert hidden["corrected_why"].null_count() == hidden.height
    seen = ask(Databank(root, identifiers=True), "mr_rows", params=mr.NOTHING)
    assert seen["corrected_why"].drop_nulls().to_list() == ["secret"]
