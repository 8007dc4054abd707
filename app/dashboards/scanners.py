"""Scanners: the fleet, which software and which protocols were used when.

Without identifiers a scanner is its model and a pseudonym; with them its serial number and station
stand beside it.
"""

from __future__ import annotations

import json

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app.charts import scanners as pictures_of
from app.dashboards.asked import Asked, Palette

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


def timeline(asked: Asked, palette: Palette, fleet: pl.DataFrame) -> go.Figure:
    """Which software each scanner ran when, of the first MOST_SCANNERS that have a date."""
    seen = fleet.drop_nulls("first_seen")
    names = dict(seen.head(MOST_SCANNERS).select("scanner_key", "scanner").iter_rows())
    versions = asked.ask("scanners_versions").drop_nulls("first_seen")
    return pictures_of.fleet(versions, names, asked.texts, palette)


def usage(asked: Asked, palette: Palette, used: pl.DataFrame, unit: str) -> go.Figure:
    """Which protocols of a scanner were used when: ``used`` answers scanners_usage."""
    return pictures_of.usage(used, unit, asked.texts, palette[COMMON], palette[OTHER])
