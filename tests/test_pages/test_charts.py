"""Charts: nothing is lost on the way into a picture, and a modality keeps its colour."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from app import charts
from app.charts.period import period
from app.dashboards import nuclear
from app.i18n import texts

PALETTE = ["#00000a", "#00000b", "#00000c", "#00000d", "#00000e", "#00000f", "#ffffff"]
A, B, C, *_, REST = PALETTE
T = texts("en")


def counts(**columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame(columns).with_columns(pl.col("series").cast(pl.Int64))


def test_a_modality_keeps_its_colour_under_filters() -> None:
    ranking = ["MR", "CT", "PT", "NM", "US", "DX", "MG", "SR"]
    whole = charts.look(ranking, ranking, PALETTE)
    assert dict(whole.colours) == dict(zip(ranking[:6], PALETTE[:6], strict=True))
    assert whole.rest == REST
    some = charts.look(["PT", "MR"], ranking, PALETTE)
    assert dict(some.colours) == {"PT": C, "MR": A}
    rare = charts.look(["SR", "CT", "MG"], ranking, PALETTE)
    assert rare.colours["CT"] == B
    assert {rare.colours["SR"], rare.colours["MG"]} == {A, C}, "the rare ones get what is left"
    assert charts.look([], [], PALETTE).colours == {}


def test_every_series_is_in_the_picture() -> None:
    kinds = [f"M{n}" for n in range(10)] + [""]
    frame = counts(
        period=[date(2020, 1 + n % 3, 1) for n in range(11)],
        modality=kinds,
        series=list(range(1, 12)),
    )
    figure = charts.over_time(frame, T, "month", charts.look(kinds, kinds, PALETTE))
    assert sum(sum(trace.y) for trace in figure.data) == sum(range(1, 12))
    assert [trace.name for trace in figure.data][-1] == T("chart.other")
    assert figure.data[-1].marker.color == REST


def test_manufacturers_are_ranked_and_the_rare_are_together() -> None:
    makers = [f"Maker {n:02}" for n in range(12)] + [""]
    frame = counts(manufacturer=makers, modality=["MR"] * 13, series=[*range(12), 99])
    figure = charts.by_maker(frame, T, charts.look(["MR"], ["MR"], PALETTE))
    order = list(figure.layout.yaxis.categoryarray)
    assert order[0] == T("missing")
    assert order[-1] == T("chart.other")
    assert len(order) == charts.MAX_BARS + 1
    assert sum(figure.data[0].x) == sum(range(12)) + 99


def test_text_from_files_is_no_markup() -> None:
    nasty = '<a href="http://example.com">x</a>'
    frame = counts(manufacturer=[nasty], modality=[nasty], series=[1])
    figure = charts.by_maker(frame, T, charts.look([nasty], [nasty], PALETTE))
    assert "<a" not in figure.to_json().replace("<extra>", "")


@pytest.mark.parametrize(
    ("first", "last", "unit"),
    [(date(2020, 1, 1), date(2020, 2, 1), "day"), (date(2020, 1, 1), date(2024, 1, 1), "month"),
     (date(1999, 1, 1), date(2024, 1, 1), "year"), (None, None, "month")],
)  # fmt: skip
def test_steps_of_time(first: date | None, last: date | None, unit: str) -> None:
    assert charts.time_unit(first, last) == unit


def of_years(**years: int) -> dict[str, Any]:
    """An answer to ``totals`` of series on the 15th of March of these years."""
    known = {int(name[1:]): n for name, n in years.items()}
    return {
        "first_date": date(min(known), 3, 15) if known else None,
        "last_date": date(max(known), 3, 15) if known else None,
        "years": [{"key": year, "value": n} for year, n in known.items()] if known else None,
    }


def test_a_placeholder_for_a_date_does_not_stretch_the_axis() -> None:
    shown = period(of_years(y1900=3, y1=2, y2019=20, y2021=4, y2022=5))
    assert shown == ("month", 1979, 2059, 5)
    frame = counts(period=[date(1, 1, 1), date(1900, 1, 1), date(2019, 1, 1), None],
                   modality=["MR"] * 4, series=[2, 3, 4, 5])  # fmt: skip
    assert shown.near(frame)["series"].to_list() == [4]
    assert shown.far(frame)["series"].to_list() == [2, 3]


@pytest.mark.parametrize(
    ("years", "expected"),
    [({"y2020": 1}, (1980, 2060, 0)), ({}, (1, 9999, 0)),
     ({"y1980": 1, "y2000": 1, "y2020": 1}, (1960, 2040, 0)),
     ({"y1900": 9, "y2020": 1}, (1860, 1940, 1)),  # all dates were moved, one was forgotten
     ({"y1900": 1, "y2020": 1}, (1980, 2060, 1))],
)  # fmt: skip
def test_the_stretch_of_time_is_around_the_middle(
    years: dict[str, int], expected: tuple[int, int, int]
) -> None:
    assert period(of_years(**years))[1:] == expected


def test_studies_of_placeholder_dates_are_counted_beside_the_medians() -> None:
    shown = period(of_years(y1900=1, y2020=3))
    part = pl.DataFrame({"period": [date(1900, 1, 1), date(2020, 1, 1)], "n": [2, 7]})
    assert nuclear.too_far(T, shown, part).startswith("2 studies dated more than 40 years")
    assert nuclear.too_far(T, shown, shown.near(part)) == ""


def test_one_month_alone_is_not_a_millisecond_wide() -> None:
    frame = counts(period=[date(2020, 1, 1)], modality=["MR"], series=[3])
    figure = charts.over_time(frame, T, "month", charts.look(["MR"], ["MR"], PALETTE))
    low, high = figure.layout.xaxis.range
    assert (low, high) == ("2019-07-05", "2020-06-29")
