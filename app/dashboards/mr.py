"""MR series: what was asked for, the numbers, the figures, and a study x class matrix.

The page, the command and the report ask through this, so they show the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app.charts import mr as pictures_of
from app.dashboards.asked import Asked, Palette
from app.i18n import Texts

AXES = ("class", "orientation", "fat", "contrast", "field", "vendor")
"""What the page filters by; each is a parameter of its questions."""
MISSING = "—"
"""A value that is not there, as the questions have it."""
UNKNOWN = "UNKNOWN"
MOST_CLASSES = 24
"""Columns of the matrix; what more there are is counted."""
WHICH = ("unknown", "doubtful", "all")
NOT_THERE, LACKING = None, "✗"

FAMILIES = ("GRE", "GRE_SPOILED", "GRE_STEADY_STATE", "SE", "TSE", "SE_SingleShot", "EPI")
CLASSES = (
    "LOCALIZER", "T1_MAP", "T2_MAP", "ADC", "FA_MAP", "SUBTRACTION", "MRA", "SWI", "PWI", "MRS",
    "MRCP", "BREATH MOVEMENT", "MIP", "DWI", "DTI", "fMRI_BOLD", "ASL", "FIELD_MAP", "T2_FLAIR",
    "T2_STIR", *(f"{name}_{family}" for name in ("T1", "T2", "PD") for family in FAMILIES),
    "DERIVED", UNKNOWN,
)  # fmt: skip
"""The vocabulary that a correction chooses from, beside what the databank has already."""

Choice = dict[str, Any]
NOTHING: Choice = dict.fromkeys(AXES, "")


class Reason(NamedTuple):
    """What decided: the rule, and what the header says, as (attribute, value)."""

    rule: str
    attributes: tuple[tuple[str, str], ...]


class Calibration(NamedTuple):
    """Of ``n`` labelled series of ``sets`` data sets that a rule classed the share ``right``."""

    n: int
    sets: int
    right: float


def choice(chosen: Mapping[str, Sequence[str]]) -> Choice:
    """The parameters of the questions for chosen values of AXES."""
    return {axis: "|".join(chosen.get(axis, ())) for axis in AXES}


def values(asked: Asked, axis: str) -> list[str]:
    """The values there are of an axis under the filters of the app, the commonest first."""
    counts: pl.DataFrame = asked.ask("mr_counts", **NOTHING)
    return counts.filter(axis=axis)["value"].to_list()


def classes(asked: Asked) -> list[str]:
    """What a series may be corrected to: the vocabulary, and what else there is."""
    there = asked.everything().ask("mr_classes")["sequenceClass"].drop_nulls().to_list()
    return [*CLASSES, *sorted(set(there) - set(CLASSES))]


def said(t: Texts, axis: str, value: str) -> str:
    """A value of an axis in words; classes, planes and makers are names."""
    if value == MISSING:
        return t("mr.not_known" if axis == "contrast" else "missing")
    if axis in ("fat", "contrast"):
        return t(f"mr.{axis}_{value}")
    return t.find(f"mr_value.{value}", value)


def cards(numbers: Mapping[str, int]) -> dict[str, float | str]:
    """The cards, from the answer to mr_numbers."""
    return {
        name: numbers[name]
        for name in (
            "mr_series", "mr_kinds", "mr_unknown", "mr_doubtful", "mr_corrected", "mr_dynamic",
        )
    }  # fmt: skip


def by_axis(asked: Asked, palette: Palette, chosen: Choice, axis: str) -> go.Figure:
    """How many rows each value of an axis has."""
    t = asked.texts
    counts = asked.ask("mr_counts", **chosen).filter(axis=axis)
    rows = [(value, said(t, axis, value), n) for value, n in counts.select("value", "n").rows()]
    return pictures_of.ranked(rows, t, palette)


def timeline(phases: pl.DataFrame, t: Texts, palette: Palette) -> go.Figure:
    """The dynamic groups of a study over time: ``phases`` answers mr_phases."""
    return pictures_of.timeline(phases, t, palette)


def shown_classes(asked: Asked, expected: Sequence[str]) -> tuple[list[str], int]:
    """The columns of the matrix, expected ones first, and how many more classes there are."""
    there = asked.ask("mr_classes")["sequenceClass"].drop_nulls().to_list()
    ordered = list(dict.fromkeys((*expected, *there)))
    return ordered[:MOST_CLASSES], max(0, len(ordered) - MOST_CLASSES)


def matrix(sessions: pl.DataFrame, classes: Sequence[str]) -> pl.DataFrame:
    """A column for each class: how many series of it a study has, LACKING where one is expected
    and not there. ``sessions`` answers mr_sessions and mr_had, row by row."""
    rows = sessions.select("mr_has", "mr_has_n", "mr_missing").rows()
    had = [dict(zip(has or (), n or (), strict=True)) for has, n, _ in rows]
    lacking = [set(missing or ()) for *_, missing in rows]
    return pl.DataFrame(
        {
            name: [
                str(has[name]) if name in has else LACKING if name in gone else NOT_THERE
                for has, gone in zip(had, lacking, strict=True)
            ]
            for name in classes
        },
        schema=dict.fromkeys(classes, pl.String),
    )


def calibration(rule: str) -> Calibration | None:
    """How often a rule was right; None if it classed no labelled series."""
    from ingest.mr.records import shipped

    told = shipped().confidence.get(rule)
    if not told:
        return None
    return Calibration(int(told["n"]), int(told["sets"]), float(told["right"]))


def rules(asked: Asked, chosen: Choice) -> pl.DataFrame:
    """The rules that decided classes here: how many rows, and how often they were right."""
    found = asked.ask("mr_rules", **chosen)
    told = [calibration(rule) for rule in found["mr_rule"]]
    schema = {"mr_labelled": pl.Int64, "mr_sets": pl.Int64, "mr_right_percent": pl.Float64}
    known = [(one.n, one.sets, round(100 * one.right, 1)) if one else (0, 0, None) for one in told]
    return found.hstack(pl.DataFrame(known, schema=schema, orient="row"))


_ATTRIBUTE = re.compile(r"(?:^|, )([A-Za-z_][A-Za-z0-9_ ]{0,60})=")


def reason(text: str | None) -> Reason:
    """``rule: attribute=value, ...`` taken apart; values may hold commas."""
    rule, found, rest = (text or "").partition(": ")
    if not found:
        return Reason(rule, ())
    names = list(_ATTRIBUTE.finditer(rest))
    if not names:
        return Reason(rule, (("", rest.strip()),))
    ends = [*(one.start() for one in names[1:]), len(rest)]
    return Reason(
        rule,
        tuple((o[1], rest[o.end() : end].strip()) for o, end in zip(names, ends, strict=True)),
    )
