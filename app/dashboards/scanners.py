"""Scanners: the fleet, which software and which protocols were used when.

Without identifiers a scanner is its model and a pseudonym; with them its serial number and station
stand beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app import queries
from app.charts import scanners as pictures_of
from app.charts import time_unit
from app.charts.period import Period
from app.dashboards.asked import Asked, Palette
from app.dashboards.overview import too_far
from app.i18n import Texts

EXAMPLE = "example_SeriesInstanceUID"
MOST_SCANNERS = pictures_of.MOST_SCANNERS
MOST_LANES = pictures_of.MOST_LANES
COMMON, OTHER = 0, 4
"""Places in the palette of the commonest protocol and of others."""


def fleet(asked: Asked) -> pl.DataFrame:
    """All scanners, those of the most series first; with identifiers their numbers and stations."""
    found = asked.ask("scanners_fleet")
    if not asked.identifiers or found.is_empty():
        return found
    examples = json.dumps(found[EXAMPLE].to_list())
    named = found.join(
        asked.everything().ask("scanners_named", examples=examples), on="scanner_key", how="left",
        maintain_order="left",
    )  # fmt: skip
    place = found.columns.index("ManufacturerModelName") + 1
    new = [name for name in named.columns if name not in found.columns]
    return named.select(*found.columns[:place], *new, *found.columns[place:])


def cards(fleet: pl.DataFrame) -> dict[str, float]:
    """The fleet on cards."""
    return {
        "scanners": fleet.height,
        "models": fleet.select("Manufacturer", "ManufacturerModelName").n_unique(),
        "software": fleet.select(pl.col("software").explode()).drop_nulls().n_unique(),
        "protocols": int(fleet["n_protocols"].sum()),
        "deviating": int(fleet["n_deviating"].sum()),
    }


def unknown(asked: Asked, fleet: pl.DataFrame) -> int:
    """How many series name no scanner."""
    return int(asked.ask("totals")["series"].item()) - int(fleet["n_series"].sum())


def timeline(asked: Asked, palette: Palette, fleet: pl.DataFrame, shown: Period) -> go.Figure:
    """Which software each scanner ran when, of the first MOST_SCANNERS that have a date."""
    seen = fleet.drop_nulls("first_seen")
    names = dict(seen.head(MOST_SCANNERS).select("scanner_key", "scanner").iter_rows())
    versions = _versions(asked, shown).drop_nulls("first_seen")
    return pictures_of.fleet(versions, names, asked.texts, palette)


def asked_of(shown: Period) -> dict[str, queries.Value]:
    """What ``scanners_versions`` is asked for."""
    return {"first": shown.first, "last": shown.last}


def _versions(asked: Asked, shown: Period) -> pl.DataFrame:
    return asked.ask("scanners_versions", **asked_of(shown))


def timeline_note(asked: Asked, fleet: pl.DataFrame, shown: Period) -> str:
    """What the timeline leaves out, as sentences."""
    more = fleet.drop_nulls("first_seen").height - MOST_SCANNERS
    far = int(fleet["n_series"].sum()) - int(_versions(asked, shown)["n_series"].sum())
    t = asked.texts
    return _sentences(
        t("scanners.more", n=t.number(more)) if more > 0 else "", too_far(t, "series", far)
    )


class Used(NamedTuple):
    """Which protocols of a scanner were used when, in steps of ``unit``: rows of a lane each, the
    number of protocols asked for, and of series that are too far from all others to be shown."""

    rows: pl.DataFrame
    unit: str
    n_protocols: int
    n_far: int


def used(asked: Asked, scanner: Mapping[str, Any], shown: Period) -> Used:
    """The protocols of a row of the fleet, those of the most series first."""
    versions = _versions(asked, shown).filter(scanner_key=scanner["scanner_key"])
    unit = time_unit(versions["first_seen"].min(), versions["last_seen"].max())  # type: ignore[arg-type]
    every = asked.ask(
        "scanners_usage", scanner=scanner["scanner_key"], unit=unit, most=MOST_LANES
    )  # fmt: skip
    near = shown.near(every).with_columns(pl.col("lane").rank("dense") - 1)
    return Used(near, unit, every["lane"].n_unique(), int(shown.far(every)["series"].sum()))


def usage(asked: Asked, palette: Palette, found: Used) -> go.Figure:
    """A picture of them."""
    colours = palette[COMMON], palette[OTHER]
    return pictures_of.usage(found.rows, found.unit, asked.texts, *colours)


def usage_note(t: Texts, n_protocols: int, found: Used) -> str:
    """What that picture leaves out, of ``n_protocols`` in all, as sentences."""
    more = n_protocols - found.n_protocols
    first = t("scanners.more_protocols", n=t.number(more)) if more > 0 else ""
    return _sentences(first, too_far(t, "series", found.n_far))


def _sentences(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
