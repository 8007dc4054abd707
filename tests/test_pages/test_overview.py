"""The overview: what it counts, and that its bars say what they filter by."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from app import queries
from app.charts import Look, over_time
from app.charts import overview as charts
from app.charts.overview import Bar
from app.filters import MISSING, Filters
from app.i18n import texts as language_texts
from app.queries import Databank
from tests.test_pages.browser import metrics, texts, visit

T = language_texts("en")


@pytest.fixture
def full(home: Path) -> Databank:
    """6 studies (MR, CT, PT, MR, MR, CT) of 4 series of 5 instances each."""
    return Databank(home / "databanks" / "full")


def test_the_page_counts_what_the_lake_holds(home: Path) -> None:
    app = visit("overview", databank="full")
    assert not app.exception
    cards = metrics(app)
    assert (cards["Studies"], cards["Series"], cards["Instances"]) == ("6", "24", "120")
    assert cards["Slices in all"] == "120"
    assert cards["Slices per study (median)"] == "20"
    assert cards["Studies without images"] == "0"
    assert T("overview.curation") in texts(app)


def test_filters_reach_every_part(home: Path) -> None:
    cards = metrics(visit("overview", databank="full", modality="CT"))
    assert (cards["Studies"], cards["Slices in all"]) == ("2", "40")


def test_values_are_ranked_and_the_rest_is_summed(full: Databank) -> None:
    found = queries.ask(full, "overview_values", params={"most": 1}).filter(facet="modality")
    assert found.select("named", "value", "series", "n_values").rows() == [
        (True, "MR", 12, 1), (False, None, 12, 2),
    ]  # fmt: skip


def test_slices_are_counted_by_study(full: Databank) -> None:
    found = queries.ask(full, "overview_slices")
    assert found.select("up_to", "studies", "all_slices", "most").rows() == [(50, 6, 120, 20)]
    one = queries.ask(full, "overview_slices", Filters.of({"modality": ["PT"]}))
    assert one.select("studies", "all_slices", "median").rows() == [(1, 20, 20.0)]


def test_growth_sums_up_all_dated_studies(full: Databank) -> None:
    found = queries.ask(full, "overview_growth", params={"unit": "day"})
    assert found["so_far"].to_list() == found["studies"].cum_sum().to_list()
    assert found["so_far"].max() == 6


def test_a_missing_value_is_said_and_filters_as_missing() -> None:
    frame = pl.DataFrame({"value": ["MR", None], "series": [3, 2]})
    assert charts.bars_of(frame, T, "value", "series") == [
        Bar("MR", 3, "MR"), Bar(T("missing"), 2, MISSING),
    ]  # fmt: skip


def test_bars_carry_raw_values_and_show_escaped_ones() -> None:
    figure = charts.ranked([Bar("<b>A&B</b>", 1, "<b>A&B</b>"), Bar("2 others", 5)], "#111", "#999")
    bar = figure.data[0]
    assert list(bar.customdata) == ["<b>A&B</b>", None]
    assert bar.text[0] == "&lt;b&gt;A&amp;B&lt;/b&gt;"
    assert list(bar.marker.color) == ["#111", "#999"]


def test_thickness_is_stacked_in_the_colours_of_the_modalities() -> None:
    frame = pl.DataFrame(
        {"thickness_mm": [1.0, 1.0, 5.0], "modality": ["MR", "XX", "MR"], "series": [2, 3, 4]}
    )
    figure = charts.stacked_steps(frame, T, Look({"MR": "#123456"}, "#999999"), "mm")
    assert [(d.name, list(d.x), list(d.y)) for d in figure.data] == [
        ("MR", [1.0, 5.0], [2, 4]), (T("chart.other"), [1.0], [3]),
    ]  # fmt: skip


@pytest.mark.parametrize("databank", ["empty", "errors"])
def test_without_series_it_says_what_to_do(home: Path, databank: str) -> None:
    app = visit("overview", databank=databank)
    assert not app.exception
    assert not app.metric


def test_a_bar_of_a_period_names_its_days() -> None:
    frame = pl.DataFrame({"period": [date(2024, 2, 1)], "modality": ["MR"], "series": [3]})
    figure = over_time(frame, T, "month", Look({"MR": "#123456"}, "#999999"))
    assert list(figure.data[0].customdata) == ["2024-02-01/2024-02-29"]
