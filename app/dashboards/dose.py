"""Doses: what there is, and of each source how a value spreads and what is behind it.

A source is where numbers come from: dose reports, headers of CT images, headers of X-ray images of
one kind; no number mixes two of them. The quality page asks here for CT, so that there is one
definition of an irradiation and of the report that counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app.charts import dose as pictures_of
from app.dashboards.amounts import figure, part_of
from app.dashboards.asked import Asked, Palette
from app.i18n import Texts

MOST_GROUPS = 14
UIDS = ("StudyInstanceUID", "SeriesInstanceUID")
USUAL_DEVIATION = (-1.0, 1.0)
"""What is usual of a deviation index, which IEC 62494-1 defines (AAPM TG-116: no action within)."""
Card = float | str


class Measure(NamedTuple):
    """A value that spreads: its name in questions and texts, and its unit as people write it."""

    name: str
    unit: str = ""


class Source(NamedTuple):
    """What is asked (``<question>`` and ``<question>_statistics``), and what is offered.

    ``kind`` is a parameter of questions that ask for one of several, ``by`` are the groupings,
    ``columns`` those that the table of rows shows at first, ``ties`` what decides the order of
    equal rows.
    """

    question: str
    measures: tuple[Measure, ...]
    by: tuple[str, ...]
    columns: tuple[str, ...]
    kind: str = ""
    ties: tuple[str, ...] = ()

    def params(self, by: str) -> dict[str, str]:
        """What its questions want to know, grouped by one of ``by``."""
        return {"by": by} | ({"kind": self.kind} if self.kind else {})


_WHO = ("SeriesDescription", "StudyDescription", "StudyDate", "patient", "dose_group")
_KVP, _EXPOSURE, _TIME = (
    Measure("kvp", "kV"),
    Measure("exposure", "mAs"),
    Measure("exposure_time", "ms"),
)
_INDEX = (
    Measure("exposure_index"), Measure("deviation_index"), Measure("deviation_computed"),
    Measure("target_index"),
)  # fmt: skip
_AREA = Measure("dap", "Gy·cm²")
_OF_IMAGES = ("dose_group", "ViewPosition", "side", "BodyPartExamined")
SOURCES: Mapping[str, Source] = {
    "ct_reports": Source(
        "dose_reports", (Measure("report_dlp", "mGy·cm"), Measure("report_ctdivol", "mGy")),
        ("protocol", "study", "scanner"),
        (*_WHO, "report_ctdivol", "report_dlp", "dose_sr_events", "scanner"), kind="ct",
    ),
    "ct": Source(
        "dose_ct",
        (Measure("ctdivol", "mGy"), _KVP, Measure("tube_current", "mA"), _TIME, _EXPOSURE),
        ("protocol", "study", "body_part", "scanner"),
        (*_WHO, "CTDIvol_max", "CTDIvol_min", "KVP", "tube_current_mA", "exposure_time_ms",
         "exposure_mAs", "n_reconstructions", "scanner"),
    ),
    "radiography": Source(
        "dose_images", (*_INDEX, _AREA, _KVP, _EXPOSURE, _TIME),
        ("body_part", "protocol", "view", "scanner"),
        (*_WHO[:4], *_OF_IMAGES, "ExposureIndex", "TargetExposureIndex", "DeviationIndex",
         "deviation_computed", "dose_area_product_Gycm2", "KVP", "exposure_mAs", "scanner"),
        "radiography", ("SOPInstanceUID",),
    ),
    "mammography": Source(
        "dose_images",
        (Measure("organ_dose", "mGy"), Measure("entrance_dose", "mGy"), Measure("compression", "N"),
         Measure("thickness", "mm"), _KVP, _EXPOSURE, _TIME),
        ("view", "protocol", "scanner"),
        (*_WHO[:4], *_OF_IMAGES, "organ_dose_mGy", "EntranceDoseInmGy", "CompressionForce",
         "BodyPartThickness", "KVP", "exposure_mAs", "scanner"),
        "mammography", ("SOPInstanceUID",),
    ),
    "fluoroscopy": Source(
        "dose_images", (_AREA, _KVP, _EXPOSURE, _TIME), ("protocol", "study", "scanner"),
        (*_WHO[:4], *_OF_IMAGES, "dose_area_product_Gycm2", "KVP", "exposure_mAs", "scanner"),
        "fluoroscopy", ("SOPInstanceUID",),
    ),
    "projection_reports": Source(
        "dose_reports", (Measure("report_dap", "Gy·cm²"),), ("study", "scanner"),
        (*_WHO, "report_dap_Gycm2", "dose_sr_events", "scanner"), kind="projection",
    ),
}  # fmt: skip
STATED: Mapping[str, tuple[str, ...]] = {
    "radiography": ("with_index", "with_deviation", "with_area_product"),
    "mammography": ("with_compression", "with_organ_dose"),
    "fluoroscopy": ("with_area_product",),
}
"""What exposures of a kind may state."""
CT = ("ct", "ct_reports")
"""The sources of CT doses that the quality page tells by protocol."""


def totals(asked: Asked) -> dict[str, int]:
    """What there is about dose."""
    return asked.ask("dose_totals").row(0, named=True)


def sources(found: Mapping[str, int]) -> list[str]:
    """The sources of which there is anything, in their order."""
    has = {"ct": "ct_series"}
    return [name for name in SOURCES if found[has.get(name, name)]]


def cards(t: Texts, found: Mapping[str, int]) -> dict[str, Card]:
    """The cards of ``totals``: what there is, and how much of it states a dose."""
    shown: dict[str, Card] = {}
    if found["ct_series"] or found["ct_reports"]:
        images = found["ct_series"] - found["ct_localizers"]
        shown["ct_reported"] = part_of(t, found["ct_reported"], found["ct_studies"])
        shown["ct_stated"] = part_of(t, found["ct_stated"], images)
    for name in ("radiography", "mammography", "fluoroscopy"):
        if found[name]:
            shown[f"{name}_images"] = found[name]
    if found["projection_reports"]:
        shown["projection_reports"] = found["projection_reports"]
    return shown


def named(t: Texts, measure: Measure) -> str:
    """What a value is called, with its unit."""
    label = t(f"dose_measure.{measure.name}")
    return f"{label} ({measure.unit})" if measure.unit else label


def statistics(asked: Asked, name: str, measure: str, by: str) -> pl.DataFrame:
    """How a value of a source spreads, in all and in each group."""
    source = SOURCES[name]
    return asked.ask(f"{source.question}_statistics", measure=measure, **source.params(by))


def spread_cards(t: Texts, measure: Measure, whole: Mapping[str, Any]) -> dict[str, Card]:
    """The row of ``statistics`` that is about all, as cards."""
    unit = f" {measure.unit}" if measure.unit else ""
    return {
        "dose_n": part_of(t, whole["n"], whole["n_all"]),
        "dose_median": f"{figure(t, whole['median'])}{unit}",
        "dose_quartiles": _between(t, whole, "lower_quartile", "upper_quartile") + unit,
        "dose_range": _between(t, whole, "smallest", "largest") + unit,
    }


def _between(t: Texts, row: Mapping[str, Any], low: str, high: str) -> str:
    # Without blanks a range fits its card; beside a minus they are needed.
    dash = "–" if row[low] is not None and row[low] >= 0 else " – "
    return f"{figure(t, row[low])}{dash}{figure(t, row[high])}"


def drawn(found: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The groups of ``statistics`` that have a box, and how many more there are."""
    groups = found.filter(pl.col("level") == "group", pl.col("n") > 0)
    return groups.head(MOST_GROUPS), max(groups.height - MOST_GROUPS, 0)


def boxes(t: Texts, palette: Palette, groups: pl.DataFrame, measure: Measure) -> go.Figure:
    """A box for each group."""
    band = USUAL_DEVIATION if measure.name.startswith("deviation") else None
    return pictures_of.spreads(groups, t, named(t, measure), palette[0], band)


def table(t: Texts, found: pl.DataFrame) -> pl.DataFrame:
    """``statistics`` as a person reads it."""
    everything, group = pl.lit(t("dose.everything")), pl.col("dose_group").fill_null(t("missing"))
    named = pl.when(pl.col("level") == "all").then(everything).otherwise(group)
    return found.with_columns(named.alias("dose_group")).drop("level")


def exposures(asked: Asked, kind: str) -> dict[str, Card]:
    """Cards: how many exposures of a kind state what."""
    t = asked.texts
    found: dict[str, Any] = asked.ask("dose_exposures", kind=kind, by="").row(0, named=True)
    total = found["exposures"]
    shown: dict[str, Card] = {"exposures": total}
    for name in STATED[kind]:
        shown[name] = part_of(t, found[name], total)
    if found["with_deviation"]:
        shown["usual"] = part_of(t, found["usual"], found["with_deviation"])
    if found["comparable"]:
        shown["differing"] = part_of(t, found["differing"], found["comparable"])
    return shown


def asked_by_protocol() -> dict[str, dict[str, str]]:
    """The questions that ``ct_by_protocol`` asks, with their parameters."""
    return {
        f"{SOURCES[name].question}_by_protocol": SOURCES[name].params("protocol") for name in CT
    }


def ct_by_protocol(asked: Asked, name: str) -> pl.DataFrame:
    """CT doses of the headers ("ct") or of the dose reports ("ct_reports") by protocol.

    n is how many irradiations or reports there are, all of which are behind the row; then median,
    smallest and largest of each value.
    """
    source = SOURCES[name]
    return asked.ask(f"{source.question}_by_protocol", **source.params("protocol"))
