"""The stretch of time that a chart shows, and its steps.

A placeholder for a date that was removed (1900-01-01, 0001-01-01) would squeeze all others into one
bar. What lies far from most is counted beside the chart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from app.charts import time_unit

FAR_YEARS = 40
"""From the year in the middle of all series: longer than any archive of digital images."""


class Period(NamedTuple):
    """The step of time, the years that are near enough, and the series outside of them."""

    unit: str
    first: int
    last: int
    n_far: int

    def near(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows whose ``period`` is shown."""
        return frame.filter(pl.col("period").dt.year().is_between(self.first, self.last))

    def far(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows whose ``period`` is known and not shown."""
        return frame.filter(~pl.col("period").dt.year().is_between(self.first, self.last))


def period(totals: Mapping[str, Any]) -> Period:
    """Of the answer to ``totals``: its first and last date, and how many series each year has."""
    years = {entry["key"]: entry["value"] for entry in totals["years"] or ()}
    if not years:
        return Period(time_unit(None, None), date.min.year, date.max.year, 0)
    middle = _middle(years)
    near = [year for year in years if abs(year - middle) <= FAR_YEARS]
    first, last = totals["first_date"], totals["last_date"]
    if min(near) > first.year:
        first = date(min(near), 1, 1)
    if max(near) < last.year:
        last = date(max(near), 12, 31)
    n_far = sum(years.values()) - sum(years[year] for year in near)
    return Period(time_unit(first, last), middle - FAR_YEARS, middle + FAR_YEARS, n_far)


def _middle(years: Mapping[int, int]) -> int:
    """The year of the series in the middle of all."""
    left = sum(years.values()) // 2
    for year in sorted(years):
        left -= years[year]
        if left < 0:
            return year
    return max(years)
