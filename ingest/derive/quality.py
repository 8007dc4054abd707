"""Quality values: doses, times, ages, representative series and scores, made anew for all series.

Each may depend on other series of the lake (a weight comes with a late series, a typical dose moves
with every study), so none is carried over: all follow from narrow columns of ``series`` that are.
One file of SQL a step; what changes with the thresholds stands in variables.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest.derive import aggregation
from ingest.derive.aggregation import NAMED
from ingest.derive.database import set_variables, text
from ingest.derive.thresholds import CRITERIA, FAMILIES, LIMITS, SCORED, Thresholds
from ingest.lake.sql import identifier, literal
from ingest.schema.quality import (
    CT_PROTOCOL,
    IRRADIATED,
    IRRADIATION,
    PLACES_MADE,
    RECONSTRUCTIONS,
    SERIES_QUALITY,
)

STEPS = (
    "quality_source", "quality_values", "quality_studies", "quality_doses",
    "quality_irradiations", "quality_score", "series_quality", "study_quality",
)  # fmt: skip
ROW_GROUP = 8192


def make(database: duckdb.DuckDBPyConnection, thresholds: Thresholds) -> None:
    """Create ``series_quality``, a row for every series, and ``study_quality``.

    Needs the relations ``series`` and ``series_protocols``, and the findings of the reader.
    """
    numbers = {key.replace(".", "_"): thresholds.number(key) for key in LIMITS}
    set_variables(database, **numbers)
    lists = {
        "columns": ",\n    ".join(f"s.{identifier(name)}" for name in sorted(NAMED)),
        "families": _families(),
        "missed": _missed(thresholds),
        "equipment": PLACES_MADE["equipment"][1],
        "irradiated": IRRADIATED.format(is_localizer="o.is_localizer"),
        "irradiation": IRRADIATION,
        "ct_protocol": CT_PROTOCOL,
        "reconstructions": RECONSTRUCTIONS.format(is_derived="o.is_derived"),
    }
    for step in STEPS:
        database.execute(text(step, **lists))


def write(database: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the quality columns of ``series``, row by row in the order of its key, as Parquet."""
    rows = text("quality_rows", columns=aggregation.typed(SERIES_QUALITY))
    database.execute(
        f"COPY ({rows}) TO $1 (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE {ROW_GROUP}, "
        "PRESERVE_ORDER true)",
        [str(path)],
    )


def _families() -> str:
    return "\n        ".join(
        f"WHEN upper(trim(Modality)) IN ({', '.join(map(literal, names))}) THEN {literal(family)}"
        for family, names in FAMILIES.items()
    )


def _missed(thresholds: Thresholds) -> str:
    """For each family the names of its criteria, NULL in place of those that are met."""
    return "\n        ".join(
        f"WHEN {literal(family)} THEN ["
        + ", ".join(
            f"CASE WHEN {CRITERIA[name]} THEN NULL ELSE {literal(name)} END"
            for name in thresholds.criteria(family)
        )
        + "]"
        for family in SCORED
    )
