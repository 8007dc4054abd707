"""The figures of the overview, from answers: the page and the report draw the same ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app import charts
from app.charts import overview as pictures_of
from app.charts.overview import Bar
from app.charts.period import FAR_YEARS, Period
from app.dashboards.asked import Asked, Palette
from app.filters import MISSING
from app.i18n import Texts

MOST = 8
"""Values that have a bar of their own."""
MOST_DESCRIPTIONS = 10
FACETS = ("modality", "manufacturer", "model", "body_part")
OFFSETS = range(0, 120, 10)


def by_value(asked: Asked, palette: Palette, facet: str) -> go.Figure:
    """The most frequent values of a facet."""
    t = asked.texts
    part = asked.ask("overview_values", most=MOST).filter(facet=facet)
    bars = pictures_of.bars_of(part.filter("named"), t, "value", "series")
    for n_values, series in part.filter(~pl.col("named")).select("n_values", "series").rows():
        bars.append(Bar(t("overview.others", n=t.number(n_values)), series))
    return pictures_of.ranked(bars, palette[0], palette[charts.MAX_KINDS])


def by_date(asked: Asked, palette: Palette, shown: Period) -> go.Figure:
    """Series by study date and modality."""
    frame = shown.near(asked.ask("series_over_time", unit=shown.unit))
    return charts.over_time(frame, asked.texts, shown.unit, looks(asked, palette))


def growth(asked: Asked, palette: Palette, shown: Period) -> go.Figure:
    """The studies so far, those of dates that are not shown included."""
    frame = shown.near(asked.ask("overview_growth", unit=shown.unit))
    return pictures_of.growth(frame, palette[0])


def not_shown(t: Texts, undated: int, far: int) -> str:
    """What the charts over time leave out, as sentences; numbers of series."""
    notes = [t("chart.undated", series=t.count("series", undated))] if undated else []
    notes += [too_far(t, "series", far)] if far else []
    return " ".join(notes)


def too_far(t: Texts, noun: str, n: int) -> str:
    """How many are left out because of their date, as a sentence; nothing if none is."""
    return t("chart.far", series=t.count(noun, n), years=FAR_YEARS) if n else ""


def slices(asked: Asked, palette: Palette) -> go.Figure:
    """Studies by their number of slices."""
    t = asked.texts
    bars, before = [], 0
    for up_to, studies in asked.ask("overview_slices").select("up_to", "studies").iter_rows():
        first = t.number(before + 1)
        label = f"≥ {first}" if up_to is None else f"{first}–{t.number(up_to)}"
        bars.append(Bar(label, studies))
        before = up_to or before
    return pictures_of.steps(bars, palette[0], t("overview.slices_axis"))


def thickness(asked: Asked, palette: Palette) -> go.Figure:
    """Series by slice thickness and modality."""
    t, frame = asked.texts, asked.ask("overview_thickness")
    look = looks(asked, palette)
    return pictures_of.stacked_steps(frame, t, look, t("overview.thickness_axis"))


def sex(asked: Asked, palette: Palette) -> go.Figure:
    """Patients by sex."""
    t = asked.texts
    bars = [
        Bar(t.find(f"sex.{sex}", sex) if sex else t("missing"), n, sex or MISSING)
        for sex, n in asked.ask("overview_sex").select("sex", "patients").iter_rows()
    ]
    return pictures_of.ranked(bars, palette[0])


def descriptions(asked: Asked, palette: Palette) -> go.Figure:
    """The most frequent descriptions of studies."""
    frame = asked.ask("overview_descriptions", most=MOST_DESCRIPTIONS)
    bars = pictures_of.bars_of(frame, asked.texts, "description", "studies")
    return pictures_of.ranked(bars, palette[0])


def makers(asked: Asked, palette: Palette) -> go.Figure:
    """Manufacturers and their modalities."""
    frame = asked.ask("series_by_maker")
    return charts.by_maker(frame, asked.texts, looks(asked, palette))


def offset(asked: Asked, palette: Palette) -> go.Figure:
    """Series by their start after the study began."""
    counted = dict(asked.ask("overview_offsets").select("minutes", "series").iter_rows())
    steps = [(f"{start}–{start + 10}", counted.get(start, 0)) for start in OFFSETS]
    around = [("< 0", counted.get(-10, 0)), *steps, ("≥ 120", counted.get(120, 0))]
    bars = [Bar(label, series) for label, series in around]
    return pictures_of.steps(bars, palette[0], asked.texts("overview.offset_axis"))


REPORTS: dict[str, Callable[[Asked, Palette], go.Figure]] = {
    "slices": slices, "thickness": thickness, "sex": sex, "descriptions": descriptions,
    "makers": makers, "offset": offset,
}  # fmt: skip
"""The reports of a data curator."""


def slice_cards(first: dict[str, Any]) -> dict[str, float]:
    """Numbers of cards, of the first row of the answer to ``overview_slices``."""
    return {
        "slices": first["all_slices"], "slices_median": first["median"] or 0,
        "slices_most": first["most"] or 0, "imageless": first["without_images"],
    }  # fmt: skip


def looks(asked: Asked, palette: Palette) -> charts.Look:
    """Colours of the modalities that are there, as in the whole databank."""
    frame, whole = (one.ask("series_by_maker") for one in (asked, asked.everything()))
    return charts.look(charts.ranking(frame), charts.ranking(whole), palette)
