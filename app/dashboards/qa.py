"""Quality of metadata: what its cards say in words, figures and tables.

Numbers are those of ``app.quality.measured``; doses of CT are those of ``app.dashboards.dose``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app import quality, questions
from app.charts import MAX_KINDS
from app.charts import qa as pictures_of
from app.charts.overview import Bar, ranked
from app.charts.qa import Histogram
from app.dashboards.amounts import NOTHING
from app.dashboards.asked import Asked, Palette
from app.filters import MISSING
from app.filters.said import amount
from app.i18n import Texts
from app.quality import Measure, measured
from app.quality.measured import Counted, Spread

MOST = 10
LONGEST = 24
"""Letters of a name that leave room for its share."""
NUCLEAR = {1, 2, 3, 4}
"""Cards that are about radiopharmaceutical studies alone."""
HISTOGRAMS = {2: "uptake", 3: "dose"}
UNITS = {"uptake": "min", "dose": "MBq/kg"}
DIGITS = {"uptake": 1, "dose": 2}
Limits = Mapping[str, float]


class Kind(NamedTuple):
    """What studies are counted by, as bars: the most frequent ones, or ``upright`` in an order.

    The order is ``order``, or without one as they sort.
    """

    name: str
    upright: bool = False
    order: tuple[str, ...] = ()

    def asked(self, period: str) -> str:
        """What the answer to qa_kinds calls it; ``period`` is year, month or day."""
        return period if self.name == "date" else self.name


_AGES = ("0-17", "18-39", "40-59", "60-79", "80+", MISSING)
_HOURS = (*(str(hour) for hour in range(24)), MISSING)
KINDS: Mapping[int, tuple[Kind, ...]] = {
    4: (Kind("radiopharmaceutical"),),
    5: (Kind("manufacturer"),),
    6: (Kind("sex"), Kind("age", True, _AGES)),
    7: (Kind("date", True), Kind("hour", True, _HOURS)),
    16: (Kind("score", True), Kind("missed")),
    18: (Kind("identity"), Kind("dates"), Kind("method")),
}
"""Cards with charts of what studies are counted by."""


def title(t: Texts, measure: Measure) -> str:
    """What a measure is called where a sentence starts."""
    name = t(f"measure.{measure.id}")
    return name[0].upper() + name[1:]


def of_whole(t: Texts, one: Counted) -> str:
    """What a number is counted of, and its share; why there is none where it is of nothing."""
    whole = t(f"among.{one.measure.whole}")
    if one.share is None:
        return t("qa.not_applicable", whole=whole)
    return f"{t('qa.of', n=t.number(one.total), whole=whole)} · {percent(t, one.share)}"


def percent(t: Texts, share: float) -> str:
    """A share as percent, with one decimal; never 0 for some or 100 for not all."""
    rounded = round(share, 3)
    if share > 0 and not rounded:
        return f"< {t.number(0.1, 1)}\u00a0%"
    if share < 1 and rounded == 1:
        return f"> {t.number(99.9, 1)}\u00a0%"
    return f"{t.number(100 * share, 1)}\u00a0%"


def limits_said(t: Texts, measure: Measure, limits: Limits) -> str:
    """The thresholds that decide a measure, as numbers with their unit; "" for one without."""
    names = measure.thresholds or quality.STORED.get(measure.id, ())
    if not names:
        return ""
    numbers = " – ".join(amount(t, limits[name]) for name in names)
    return t("qa.threshold", limit=f"{numbers} {quality.UNITS.get(measure.id, '')}".rstrip())


def spread(asked: Asked, number: str) -> Spread:
    """The statistics of uptake or dose."""
    return measured.spreads_of(asked.ask("qa_statistics"))[number]


def histogram(asked: Asked, palette: Palette, limits: Limits, number: str) -> go.Figure:
    """Steps of uptake or dose with the ideal range and the median."""
    t, middle = asked.texts, spread(asked, number).median
    low, high = band(limits, number)
    width = measured.STEPS[number]
    steps = measured.steps_of(asked.ask("qa_histogram", number=number), number)
    lines = [] if middle is None else [(t("qa.median"), middle)]
    beyond = round(measured.LAST_STEP * width, 4)
    ideal = t("qa.ideal", low=amount(t, low), high=amount(t, high), unit=UNITS[number])
    told = Histogram(steps, width, (low, high), beyond, lines)
    colours = (palette[0], palette[2], palette[3])
    return pictures_of.histogram(told, t(f"qa.{number}_axis"), ideal, colours)


def band(limits: Limits, number: str) -> tuple[float, float]:
    """The ideal range of uptake or dose."""
    return limits[f"{number}_ideal_from"], limits[f"{number}_ideal_to"]


def spread_said(t: Texts, number: str, found: Spread) -> str:
    """n, mean, median, SD and range in words."""

    def said(value: float | None) -> str:
        return NOTHING if value is None else f"{t.number(value, DIGITS[number])} {UNITS[number]}"

    return t(
        "qa.statistics", n=t.number(found.n), mean=said(found.mean), median=said(found.median),
        sd=said(found.sd), low=said(found.smallest), high=said(found.largest),
    )  # fmt: skip


def counts(asked: Asked, kind: Kind, period: str) -> dict[str, int]:
    """Studies by the values of a kind."""
    found = asked.ask("qa_kinds", period=period).filter(kind=kind.asked(period))
    return dict(found.select("value", "n").iter_rows())


def bars(asked: Asked, palette: Palette, kind: Kind, period: str) -> go.Figure:
    """Studies by a kind, as bars whose ``customdata`` is the value."""
    found = counts(asked, kind, period)
    return (_upright if kind.upright else _ranked)(asked.texts, palette, kind, found)


def _ranked(t: Texts, palette: Palette, kind: Kind, found: Mapping[str, int]) -> go.Figure:
    whole = max(sum(found.values()), 1)
    first = sorted(found.items(), key=lambda item: (-item[1], item[0]))

    def label(name: str, n: int) -> str:
        name = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
        return f"{name} · {t.number(100 * n / whole, 1)} %"

    shown = [Bar(label(value_said(t, value), n), n, value) for value, n in first[:MOST]]
    if rest := sum(n for _, n in first[MOST:]):
        others = t("overview.others", n=t.number(len(first) - MOST))
        shown.append(Bar(label(others, rest), rest))
    return ranked(shown, palette[0], palette[MAX_KINDS])


def _upright(t: Texts, palette: Palette, kind: Kind, found: Mapping[str, int]) -> go.Figure:
    """Those without a value are last, and only where there are any."""
    known = kind.order or tuple(sorted(found, key=lambda value: (value == MISSING, value)))
    shown = [
        Bar(t("missing") if value == MISSING else value, found.get(value, 0), value)
        for value in known
        if value != MISSING or found.get(value)
    ]
    return pictures_of.columns(shown, palette[0])


def value_said(t: Texts, value: str) -> str:
    """A value of a kind in words."""
    if value == MISSING:
        return t("missing")
    return t.find(f"criterion.{value}", t.find(f"sex.{value}", value))


def adherence(asked: Asked, limits: Limits) -> pl.DataFrame:
    """Within the ideal ranges by modality and by radiopharmaceutical; ``kind`` and ``value`` are
    those of the rows behind it."""
    t = asked.texts
    params: dict[str, Any] = {**quality.needed(questions.text("qa_adherence"), limits)}
    kinds = {kind: t(f"filters.{kind}") for kind in ("modality", "radiopharmaceutical")}
    return asked.ask("qa_adherence", **params).with_columns(
        group=pl.when(pl.col("value") == MISSING).then(pl.lit(t("missing"))).otherwise("value"),
        grouped_by=pl.col("kind").replace(kinds),
        uptake_percent=_percent("uptake_ideal", "n_uptake"),
        dose_percent=_percent("dose_ideal", "n_dose"),
    )


def _percent(part: str, whole: str) -> pl.Expr:
    share = 100 * pl.col(part) / pl.col(whole)
    return pl.when(pl.col(whole) > 0).then(share.round(1))


ADHERENCE = (
    "group", "grouped_by", "n_studies", "n_uptake", "uptake_ideal", "uptake_percent",
    "uptake_median", "n_dose", "dose_ideal", "dose_percent", "dose_median",
)  # fmt: skip
SCANNERS = (
    "ManufacturerModelName", "Manufacturer", "SoftwareVersions", "n_series", "n_studies",
    "n_fingerprints", "first_seen", "last_seen",
)  # fmt: skip
PROTOCOLS = (
    "protocol_group", "scanner", "ManufacturerModelName", "n_series", "n_fingerprints",
    "majority_percent", "n_other",
)  # fmt: skip
CT_DOSE = ("ct", "ct_reports")
"""The sources of ``dose.ct_by_protocol``."""
