"""The quality page: its numbers, the rows behind them, its thresholds, and empty states."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import jobs, quality
from app.charts import qa as charts
from app.charts.overview import Bar
from app.charts.qa import Histogram
from app.filters import Filters
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.ui import qa_rows
from ingest.derive import thresholds
from tests import quality_cohort
from tests.quality_cohort import study
from tests.test_pages.browser import texts, view, visit

T = language_texts("en")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quality_cohort.make(tmp_path_factory.mktemp("quality"))


@pytest.fixture
def cohort(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TAGLAKE_HOME", str(made.parents[1]))
    return made


@pytest.fixture
def own_cohort(made: Path, new_home: Path) -> Path:
    """The same for a test that changes it."""
    return Path(shutil.copytree(made, new_home / "databanks" / "cohort"))


def number(app: AppTest, measure: str) -> str:
    return str(app.button(key=f"qa_n_{measure}").label)


def shown(app: AppTest) -> list[str]:
    """The studies in the table of rows."""
    found = next(f.value for f in app.dataframe if f.key == "table_qa_studies")
    return sorted(name.split("Study ")[-1] for name in found["StudyDescription"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_cards_are_there(cohort: Path, language: str) -> None:
    app = visit("qa", language=language, databank="cohort")
    assert not app.exception
    t, said = language_texts(language), texts(app)
    for card in range(1, 19):
        assert t(f"qa_card.{card}") in said
        assert t(f"qa_card_help.{card}") in said
    assert number(app, "adherence_uptake_ideal") == "4"
    assert number(app, "adherence_dose_ideal") == "3"
    assert t("qa.of", n="7", whole=t("among.studies")) in said
    assert t("qa.of", n="6", whole=t("among.nuclear")) in said
    assert t("qa.threshold", limit="45 – 75 min") in said


def test_a_number_shows_its_rows_and_hides_them_again(cohort: Path) -> None:
    app = visit("qa", databank="cohort")
    app.button(key="qa_n_timing_negative").click().run()
    assert not app.exception
    assert shown(app) == ["4"]
    app.button(key="qa_n_missing_weight").click().run()
    assert shown(app) == ["3"]
    app.button(key="qa_close").click().run()
    assert "table_qa_studies" not in [frame.key for frame in app.dataframe]


def test_every_number_shows_as_many_rows(cohort: Path) -> None:
    app, told = visit("qa", databank="cohort"), set()
    for measure in quality.MEASURES:
        keys = {button.key: button for button in app.button}
        button = keys.get(f"qa_n_{measure.id}")
        if button is None or button.disabled:
            continue
        n = button.label
        button.click().run()
        assert not app.exception, measure.id
        total = T("table.page_of", first="1", last=n, total=n)
        assert total in texts(app), measure.id
        told.add(measure.id)
    assert len(told) > 15


def test_a_number_becomes_a_filter(cohort: Path) -> None:
    app = visit("qa", databank="cohort")
    app.button(key="qa_n_adherence_dose_low").click().run()
    app.button(key="qa_filter_by").click().run()
    assert view(app).filters == Filters.of({"adherence": ["dose_low"]})
    assert app.query_params["adherence"] == "dose_low"
    assert number(app, "adherence_uptake_ideal") == "1"
    again = visit("studies", databank="cohort", adherence="dose_low")
    assert [c.value for c in again.metric if c.label == "Studies"] == ["1"]


def test_identifiers_are_in_the_rows_only_when_shown(cohort: Path) -> None:
    app = visit("qa", databank="cohort")
    app.button(key="qa_n_timing_negative").click().run()
    columns = next(f.value.columns for f in app.dataframe if f.key == "table_qa_studies")
    assert "PatientID" not in columns
    app.toggle(key="identifiers").set_value(True).run()
    found = next(f.value for f in app.dataframe if f.key == "table_qa_studies")
    assert list(found["PatientID"]) == ["ID-4"]


def test_without_radiopharmaceuticals_it_says_not_applicable(cohort: Path) -> None:
    app = visit("qa", databank="cohort", modality="MR")
    assert not app.exception
    said = texts(app)
    assert said.count(T("qa.no_nuclear")) >= 4
    assert T("qa.not_applicable", whole=T("among.nuclear")) in said
    assert "qa_n_missing_activity" not in {button.key for button in app.button}
    assert number(app, "missing_sex") == "1"


def test_ideal_ranges_act_at_once(own_cohort: Path) -> None:
    app = visit("qa", databank="cohort")
    app.number_input(key="qa_threshold_uptake_ideal_from").set_value(50.0)
    app.button(key="FormSubmitter:qa_thresholds-Save").click().run()
    assert not app.exception
    assert T("qa.saved") in texts(app)
    assert thresholds.read(own_cohort).number("uptake.ideal_from") == 50
    assert number(app, "adherence_uptake_ideal") == "3"
    app.button(key="qa_reset").click().run()
    assert number(app, "adherence_uptake_ideal") == "4"
    assert not jobs.latest()


def test_a_range_the_wrong_way_round_is_refused(cohort: Path) -> None:
    app = visit("qa", databank="cohort")
    app.number_input(key="qa_threshold_dose_ideal_from").set_value(9.0)
    app.button(key="FormSubmitter:qa_thresholds-Save").click().run()
    assert not app.exception
    assert T("threshold.dose_ideal_from") in str([error.value for error in app.error])
    assert thresholds.read(cohort) == thresholds.read(Path("nowhere"))


def test_what_decides_stored_values_starts_a_job(
    own_cohort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[object, ...]] = []

    def start(*asked: object) -> str:
        started.append(asked)
        return "job"

    monkeypatch.setattr(jobs, "start", start)
    app = visit("qa", databank="cohort")
    app.number_input(key="qa_threshold_uptake_too_long").set_value(400.0)
    app.button(key="FormSubmitter:qa_thresholds-Save").click().run()
    assert started == [("derive", "cohort", [])]
    assert T("qa.saved_derives") in texts(app)


def test_a_damaged_file_of_thresholds_is_a_sentence(
    own_cohort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_cohort / thresholds.FILE).write_text("[uptake\n")
    monkeypatch.setattr(jobs, "start", lambda *asked: "job")
    app = visit("qa", databank="cohort")
    assert not app.exception
    assert T("error.ThresholdsInvalid") in texts(app)
    app.button(key="qa_reset").click().run()
    assert number(app, "adherence_uptake_ideal") == "4"


def test_histograms_show_the_ideal_band_and_name_ranges() -> None:
    told = Histogram([(45.0, 1), (50.0, 0), (300.0, 2)], 5, (45, 75), 300, [("median", 60.0)])
    figure = charts.histogram(told, "min", "ideal", ("#111111", "#222222", "#333333"))
    bar = figure.data[0]
    assert list(bar.customdata) == ["45/50", "50/55", "300/"]
    assert list(bar.x) == [47.5, 52.5, 302.5]
    band, line = figure.layout.shapes
    assert (band.x0, band.x1, line.x0) == (45, 75, 60)
    assert [note.text for note in figure.layout.annotations] == ["ideal", "median", "≥ 300"]


def test_columns_show_escaped_labels_and_carry_raw_values() -> None:
    figure = charts.columns([Bar("<b>", 2, "<b>"), Bar("x", 1)], "#111111")
    assert list(figure.data[0].customdata) == ["<b>", None]
    assert figure.data[0].text[0] == "&lt;b&gt;"


def test_rows_of_a_kind_are_shown(cohort: Path) -> None:
    app = visit("qa", databank="cohort")
    behind = qa_rows.Behind(6, kind="sex", value="M", label="Studies by sex: M")
    app.session_state[qa_rows.SLOT] = behind
    app.run()
    assert not app.exception
    assert shown(app) == ["2", "4", "6"]
    assert study(2)  # even numbers are men


@pytest.mark.parametrize("databank", ["empty", "errors"])
def test_without_series_it_says_what_to_do(home: Path, databank: str) -> None:
    app = visit("qa", databank=databank)
    assert not app.exception
    assert not app.dataframe
