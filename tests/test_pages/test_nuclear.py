"""Nuclear medicine: numbers by hand, rows behind each of them, what the page and the study say."""

from __future__ import annotations

import shutil
import statistics
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from app import columns, queries
from app.charts import nuclear as charts
from app.charts.nuclear import Group, Looks, Range
from app.dashboards import amounts, nuclear
from app.filters import Filters, Span
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.quality import thresholds
from app.queries import Databank
from app.ui import facts
from app.ui import nuclear as page
from ingest.schema import TABLES
from tests.conftest import fill
from tests.test_pages.browser import metrics, texts, visit

T = language_texts("en")
LIMITS = {name: thresholds.DEFAULTS[name] for name in nuclear.IDEAL}
FDG, PSMA = "Fluorodeoxyglucose", "PSMA-1007"
Row = dict[str, Any]


def study(
    uptake: float | None, uptake_status: str, dose: float | None, dose_status: str, **more: Any
) -> Row:
    return {
        "is_radiopharmaceutical": True, "uptake_minutes": uptake, "uptake_status": uptake_status,
        "dose_per_kg_MBq": dose, "dose_status": dose_status, "dose_outlier": False,
        "Radiopharmaceutical": FDG, "ManufacturerModelName": "mCT", "scanner_key": "a" * 32,
        "weight_kg": None if dose is None else 80.0,
        "injected_activity_MBq": None if dose is None else 80.0 * dose,
        "StudyDate": date(2024, 1, 10), **more,
    }  # fmt: skip


STUDIES = (
    study(60.0, "ok", 3.0, "ok"),
    study(45.0, "ok", 2.5, "ok"),
    study(75.0, "ok", 3.5, "ok", StudyDate=date(2024, 2, 1)),
    study(44.9, "ok", 3.6, "ok", Radiopharmaceutical=PSMA, scanner_key="b" * 32),
    study(-30.0, "negative", 60.0, "implausible"),
    study(1500.0, "too_long", None, "no_weight", StudyDate=None),
    study(None, "missing", 0.3, "ok", dose_outlier=True, Radiopharmaceutical=None),
    {"is_radiopharmaceutical": False, "uptake_minutes": 60.0, "uptake_status": "ok"},
)
NUMBERS = {
    "all": 7, "uptake": 4, "uptake_ideal": 3, "dose": 5, "dose_ideal": 3, "uptake_negative": 1,
    "uptake_too_long": 1, "uptake_not_ideal": 1, "dose_implausible": 1, "dose_outlier": 1,
    "dose_not_ideal": 2, "any": 4,
}  # fmt: skip


def put(root: Path, table: str, rows: tuple[Row, ...]) -> None:
    """Give the rows of a derived table, by UID, these values."""
    file = next(root.glob(f"open/derived/*/{table}.parquet"))
    frame = pl.read_parquet(file).sort(*TABLES[table].key)
    schema = TABLES[table].schema()
    names = {name for row in rows for name in row}
    frame.with_columns(
        pl.Series(name, [row.get(name) for row in rows], schema[name]) for name in names
    ).write_parquet(file)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the databank ``own``, whose studies are STUDIES."""
    home = tmp_path_factory.mktemp("nuclear")
    root = home / "databanks" / "own"
    fill(root, studies=len(STUDIES), series_per_study=1, instances_per_series=1)
    put(root, "studies", STUDIES)
    return home


def asked(own: Databank, name: str, **params: Any) -> pl.DataFrame:
    return queries.ask(own, name, params=params | LIMITS)


def test_numbers_and_the_rows_behind_each(own: Databank) -> None:
    found = asked(own, "nuclear_numbers")
    assert dict(found.iter_rows()) == NUMBERS
    for name, n in NUMBERS.items():
        assert queries.count(own, "nuclear_rows", params={"which": name, **LIMITS}) == n, name
    reasons = asked(own, "nuclear_rows", which="any")["nuclear_reasons"].to_list()
    assert sorted(map(sorted, reasons)) == [
        ["dose_implausible", "uptake_negative"], ["dose_not_ideal", "dose_outlier"],
        ["dose_not_ideal", "uptake_not_ideal"], ["uptake_too_long"],
    ]  # fmt: skip
    assert set(NUMBERS) == {*nuclear.CLASSES, *nuclear.REASONS}


def test_the_ideal_range_is_that_of_the_databank(own: Databank) -> None:
    wide = LIMITS | {"uptake_ideal_from": 44.0, "dose_ideal_to": 4.0}
    found = dict(queries.ask(own, "nuclear_numbers", params=wide).iter_rows())
    assert (found["uptake_ideal"], found["dose_ideal"]) == (4, 4)
    assert "uptake_not_ideal" not in found


def test_statistics_by_hand(own: Databank) -> None:
    found = asked(own, "nuclear_statistics")
    uptake = found.filter(measure="uptake", level="all").row(0, named=True)
    values = [60.0, 45.0, 75.0, 44.9]
    assert (uptake["n"], uptake["n_ideal"], uptake["percent_ideal"]) == (4, 3, 75.0)
    assert uptake["mean"] == pytest.approx(56.225)
    assert uptake["median"] == 52.5
    assert uptake["sd"] == pytest.approx(statistics.stdev(values))
    assert (uptake["smallest"], uptake["largest"]) == (44.9, 75.0)
    doses = found.filter(measure="dose", level="radiopharmaceutical")
    by_agent = {row["named"]: (row["n"], row["median"]) for row in doses.iter_rows(named=True)}
    assert by_agent == {FDG: (3, 3.0), PSMA: (1, 3.6), None: (1, 0.3)}
    assert doses.filter(named=PSMA)["sd"].to_list() == [None], "one value does not vary"
    scanners = found.filter(measure="uptake", level="scanner")
    assert dict(scanners.select("named", "n").iter_rows()) == {
        f"mCT · {'a' * 8}": 3, f"mCT · {'b' * 8}": 1,
    }  # fmt: skip
    for level in nuclear.LEVELS:
        assert found.filter(measure="dose", level=level)["n"].sum() == NUMBERS["dose"]


def test_steps_by_hand(own: Databank) -> None:
    found = asked(own, "nuclear_bins")
    whole = found.filter(level="all")
    steps = {m: whole.filter(measure=m).select("step", "n").rows() for m in nuclear.UNITS}
    assert steps["uptake"] == [(8, 1), (9, 1), (12, 1), (15, 1)]
    assert steps["dose"] == [(3, 1), (25, 1), (30, 1), (35, 1), (36, 1)], "0.3 is in 0.3 to 0.4"
    for level in nuclear.LEVELS:
        for measure in nuclear.UNITS:
            part = found.filter(measure=measure, level=level)
            assert part["n"].sum() == NUMBERS[measure]


def test_a_bar_filters_its_studies(own: Databank) -> None:
    group = Group("all", [(9, 1), (12, 1)], 56.2, 52.5)
    figure = charts.histograms(
        [group], Range(45, 75, 5), "x", Looks("#111111", "#222222", "#333333"), "min"
    )
    bar = figure.data[0]
    assert list(bar.customdata) == ["45/50", "60/65"]
    assert list(bar.x) == [47.5, 62.5]
    band, median, mean = figure.layout.shapes
    assert (band.x0, band.x1) == (45, 75)
    assert (median.x0, median.line.dash, mean.line.dash) == (52.5, "solid", "dot")
    low, high = map(float, bar.customdata[1].split("/"))
    filters = Filters.of(within={page.FILTERS["uptake"]: Span(low, high, below=True)})
    left = queries.ask(own, "nuclear_numbers", filters, params=LIMITS)
    assert dict(left.iter_rows())["uptake"] == 1


def test_names_from_files_are_no_markup() -> None:
    group = Group("<b>x</b>", [(1, 1)], None, None)
    looks = Looks("#111111", "#222222", "#333333")
    figure = charts.histograms([group, group], Range(45, 75, 5), "x", looks, "min")
    assert "<b>" not in figure.to_json()
    assert len(figure.data) == 2


def test_the_course_by_month_and_scanner(own: Databank) -> None:
    found = asked(own, "nuclear_timeline", unit="month", most=1).filter(measure="uptake")
    named = found.filter("is_named").select("period", "n", "median", "lower_quartile").rows()
    assert named == [(date(2024, 1, 1), 2, 52.5, 48.75), (date(2024, 2, 1), 1, 75.0, 75.0)]
    others = found.filter(~pl.col("is_named"))
    assert others.select("named", "n", "median").rows() == [(None, 1, 44.9)]
    colours = ["#111111", "#222222", "#333333"]
    figure = charts.course(found, Range(45, 75, 5), "x", T, colours, "month")
    first, rest = figure.data
    assert (first.name, rest.name) == (f"mCT · {'a' * 8}", T("chart.other"))
    assert list(first.error_y.arrayminus) == [3.75, 0.0]
    assert (first.line.color, rest.line.color) == ("#111111", "#333333")


def test_activity_against_weight(own: Databank) -> None:
    found = queries.ask(own, "nuclear_scatter", params={"most": 4})
    assert (found.height, found["n_all"].unique().to_list()) == (4, [5]), (
        "one of six is implausible"
    )
    points = queries.ask(own, "nuclear_scatter", params={"most": 100})
    figure = charts.activity_by_weight(points, Range(2.5, 3.5, 0.1), T, {FDG: "#111111"}, "#999999")
    own_points, others, low, high = figure.data
    assert (len(own_points.x), len(others.x)) == (3, 2)
    assert low.y[1] / low.x[1] == pytest.approx(2.5)
    assert high.y[1] / high.x[1] == pytest.approx(3.5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page(own: Databank, language: str) -> None:
    t = language_texts(language)
    app = visit("nuclear", language, databank="own")
    assert not app.exception
    cards = metrics(app)
    assert cards[t("card.nuclear_studies")] == "7"
    assert cards[t("card.nuclear_uptake")] == "4 / 7 (57 %)"
    assert cards[t("card.nuclear_uptake_ideal")] == "3 / 4 (75 %)"
    assert cards[t("card.nuclear_dose_ideal")] == "3 / 5 (60 %)"
    point = "," if language == "de" else "."
    assert cards[t("card.nuclear_uptake_median")] == f"52{point}5 min"
    assert t("nuclear.no_pet_dose") in texts(app)
    table = app.dataframe[1].value
    assert len(table) == NUMBERS["any"]
    assert t("nuclear_reason.uptake_negative") in str(table["nuclear_reasons"].to_list())


def test_groups_and_other_rows(own: Databank) -> None:
    app = visit("nuclear", databank="own")
    app.session_state["nuclear_by"] = "radiopharmaceutical"
    app.session_state["nuclear_which"] = "dose_not_ideal"
    app.run()
    assert not app.exception
    names = app.dataframe[0].value["named"].to_list()
    assert names.count(T("nuclear.by_all")) == 2
    assert {FDG, PSMA, T("missing")} < set(names)
    assert len(app.dataframe[1].value) == NUMBERS["dose_not_ideal"]


def test_a_databank_of_other_modalities(small: Path, new_home: Path) -> None:
    shutil.copytree(small, new_home / "databanks" / "other")
    app = visit("nuclear", databank="other")
    assert not app.exception
    assert T("nuclear.nobody") in texts(app)
    assert app.page_link


def test_facts_say_why_a_value_is_missing_or_odd() -> None:
    row = {
        "uptake_minutes": -12.0, "uptake_status": "negative", "dose_per_kg_MBq": None,
        "dose_status": "no_weight", "weight_kg": None, "weight_status": "missing",
        "injection_datetime": datetime(2024, 1, 1, 8), "injection_status": "ok",
        "injected_activity_MBq": 240.0, "activity_status": "ok", "activity_unit_assumed": False,
        "suv_bw_factor": None, "suv_status": None,
    }  # fmt: skip
    told = {name: facts.shown(T, row, name) for name in row if not name.endswith("_status")}
    odd = "-12 <small>min</small> <small>(before the injection)</small>"
    assert told["uptake_minutes"] == odd
    assert told["dose_per_kg_MBq"] == "– <small>(no weight)</small>"
    assert told["weight_kg"] == "– <small>(not stated)</small>"
    assert told["injection_datetime"] == "2024-01-01 08:00:00"
    assert told["activity_unit_assumed"] == ""
    assert told["suv_bw_factor"] == ""


def test_lists_of_codes_are_said_in_words() -> None:
    frame = pl.DataFrame({"nuclear_reasons": [["uptake_negative", "dose_outlier"], [], None]})
    said = columns.worded(T, frame)["nuclear_reasons"].to_list()
    words = [T("nuclear_reason.uptake_negative"), T("nuclear_reason.dose_outlier")]
    assert said == [words, [], None]


def test_numbers_in_words() -> None:
    assert amounts.part_of(T, 12, 30) == "12 / 30 (40 %)"
    assert amounts.part_of(T, 0, 0) == "0 / 0"
    told = [amounts.figure(T, value) for value in (None, 45.0, 2.5, 0.5138888, 1368.4, 12345678.0)]
    assert told == ["–", "45", "2.5", "0.5139", "1,368", "12,345,678"]
