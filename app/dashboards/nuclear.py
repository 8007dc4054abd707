"""Nuclear medicine: how long after the injection was measured, how much was given, who stands out.

Values are those of the representative series of each study, as derived; what is ideal is a
threshold of the databank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app.charts import nuclear as pictures_of
from app.charts.nuclear import Group, Looks, Range
from app.charts.period import Period
from app.dashboards import overview
from app.dashboards.amounts import figure, part_of
from app.dashboards.asked import Asked, Palette
from app.i18n import Texts
from app.quality import thresholds

IDEAL = ("uptake_ideal_from", "uptake_ideal_to", "dose_ideal_from", "dose_ideal_to")
UNITS = {"uptake": "min", "dose": "MBq/kg"}
DIGITS = {"uptake": 1, "dose": 2}
WIDTHS = {"uptake": 5.0, "dose": 0.1}
"""Widths of the steps of histograms; those of nuclear_bins.sql."""
LEVELS = ("all", "radiopharmaceutical", "scanner")
MOST_GROUPS = 6
MOST_SCANNERS = 4
MOST_POINTS = 3_000
CLASSES = ("all", "uptake", "uptake_ideal", "dose", "dose_ideal")
REASONS = (
    "any", "uptake_negative", "uptake_too_long", "uptake_not_ideal", "dose_implausible",
    "dose_outlier", "dose_not_ideal",
)  # fmt: skip
"""Of what a study stands out; "any" of these."""

Ideal = Mapping[str, float]


def ideal(root: Path) -> dict[str, float]:
    """The ideal ranges of a databank, as questions want them."""
    limits = thresholds.of(root)
    return {name: limits[name] for name in IDEAL}


def range_of(limits: Ideal, measure: str) -> Range:
    """The ideal range of uptake or dose."""
    low, high = limits[f"{measure}_ideal_from"], limits[f"{measure}_ideal_to"]
    return Range(low, high, WIDTHS[measure])


def ideal_said(t: Texts, limits: Ideal) -> str:
    """The ideal ranges in words."""
    return t("nuclear.ideal", **{name: figure(t, limits[name]) for name in IDEAL})


def numbers(asked: Asked, limits: Ideal) -> dict[str, int]:
    """How many studies are in each class and have each reason, those with none left out."""
    found = asked.ask("nuclear_numbers", **limits)
    return dict(found.select("class", "studies").iter_rows())


def cards(asked: Asked, found: Mapping[str, int], limits: Ideal) -> list[dict[str, float | str]]:
    """The cards, a row for uptake and a row for dose."""
    t = asked.texts
    whole = statistics(asked, limits).filter(level="all")
    medians = dict(whole.select("measure", "median").iter_rows())
    total = found.get("all", 0)
    rows = []
    for measure, unit in UNITS.items():
        n, middle = found.get(measure, 0), medians.get(measure)
        first: dict[str, float | str] = {"nuclear_studies": total} if measure == "uptake" else {}
        median = "–" if middle is None else f"{t.number(middle, DIGITS[measure])} {unit}"
        rows.append(first | {
            f"nuclear_{measure}": part_of(t, n, total),
            f"nuclear_{measure}_ideal": part_of(t, found.get(f"{measure}_ideal", 0), n),
            f"nuclear_{measure}_median": median,
        })  # fmt: skip
    return rows


def statistics(asked: Asked, limits: Ideal) -> pl.DataFrame:
    """n, mean, median, SD, range and what is ideal, of each measure, level and group."""
    return asked.ask("nuclear_statistics", **limits)


def table(t: Texts, frame: pl.DataFrame) -> pl.DataFrame:
    """``statistics`` as a person reads it, uptake first."""
    words = {measure: f"{t(f'nuclear.{measure}')} ({unit})" for measure, unit in UNITS.items()}
    everything = pl.lit(t("nuclear.by_all"))
    named = pl.col("named").fill_null(t("missing"))
    return frame.sort(
        pl.col("measure") == "dose", pl.col("level") != "all", -pl.col("n"), "named"
    ).select(
        pl.when(pl.col("level") == "all").then(everything).otherwise(named).alias("named"),
        pl.col("measure").replace(words).alias("nuclear_measure"),
        "n",
        pl.col("mean", "median", "sd", "smallest", "largest").round(3),
        "n_ideal",
        pl.col("percent_ideal").round(1),
    )  # fmt: skip


def said(t: Texts, measure: str, part: pl.DataFrame) -> str:
    """The numbers of the only row of ``part`` in words, for below a histogram."""
    row = part.row(0, named=True)
    return t(
        "nuclear.numbers", n=t.number(row["n"]), unit=UNITS[measure],
        ideal=part_of(t, row["n_ideal"], row["n"]),
        **{k: figure(t, row[k], 3) for k in ("mean", "median", "sd", "smallest", "largest")},
    )  # fmt: skip


def groups(asked: Asked, limits: Ideal, measure: str, by: str = "all") -> list[Group]:
    """The steps of uptake or dose, in all or of each of the most frequent groups."""
    t = asked.texts
    found = statistics(asked, limits).filter(measure=measure, level=by).head(MOST_GROUPS)
    bins = asked.ask("nuclear_bins", **limits).filter(measure=measure, level=by)
    made = []
    for name, mean, median in found.select("named", "mean", "median").iter_rows():
        part = bins.filter(pl.col("named").eq_missing(pl.lit(name, pl.String)))
        called = name or (t("missing") if by != "all" else t("nuclear.by_all"))
        made.append(Group(called, part.select("step", "n").rows(), mean, median))
    return made


def histograms(
    asked: Asked, palette: Palette, limits: Ideal, measure: str, shown: Sequence[Group]
) -> go.Figure:
    """``groups`` above each other, with the ideal range, medians and means."""
    looks = Looks(palette[0], palette[1], palette[4])
    title = asked.texts(f"nuclear.axis_{measure}")
    return pictures_of.histograms(shown, range_of(limits, measure), title, looks, UNITS[measure])


def timeline(asked: Asked, limits: Ideal, unit: str) -> pl.DataFrame:
    """Medians by day, month or year (``unit``) and scanner."""
    return asked.ask("nuclear_timeline", unit=unit, most=MOST_SCANNERS, **limits)


def too_far(t: Texts, shown: Period, part: pl.DataFrame) -> str:
    """What is left out of one measure of ``timeline``, as a sentence; nothing if all is shown."""
    return overview.too_far(t, "studies", int(shown.far(part)["n"].sum()))


def course(
    asked: Asked, palette: Palette, limits: Ideal, measure: str, unit: str, part: pl.DataFrame
) -> go.Figure:
    """The medians of one measure of ``timeline``."""
    line = [palette[0], palette[1], palette[2], palette[3], palette[6]]
    title = asked.texts(f"nuclear.axis_{measure}")
    return pictures_of.course(part, range_of(limits, measure), title, asked.texts, line, unit)


def points(asked: Asked) -> tuple[pl.DataFrame, str]:
    """Activity and weight of studies, and what is said where not all of them are drawn."""
    t = asked.texts
    found = asked.ask("nuclear_scatter", most=MOST_POINTS)
    n_all = 0 if found.is_empty() else found["n_all"][0]
    if n_all <= found.height:
        return found, ""
    return found, t("nuclear.sampled", shown=t.number(found.height), n=t.number(n_all))


def scatter(asked: Asked, palette: Palette, limits: Ideal, drawn: pl.DataFrame) -> go.Figure:
    """Activity against weight, with a colour for each of the most frequent agents."""
    counted = drawn.group_by("radiopharmaceutical").agg(n=pl.len())
    ranked = counted.sort(-pl.col("n").cast(pl.Int64), "radiopharmaceutical", nulls_last=True)
    names = ranked["radiopharmaceutical"].head(MOST_GROUPS).to_list()
    own = dict(zip(names, palette, strict=False))
    return pictures_of.activity_by_weight(
        drawn, range_of(limits, "dose"), asked.texts, own, palette[6]
    )
