"""Quality of metadata: what is measured, what it comes to, and the thresholds that decide it."""

from __future__ import annotations

from app.quality.measures import (
    BY_ID,
    KEYS,
    MEASURES,
    SECTIONS,
    STORED,
    UNITS,
    Measure,
    Section,
    Table,
    chosen,
    conditions,
    counts,
    is_measure,
    needed,
    of_card,
    rule,
    rules,
    section_of,
    series_condition,
    within_studies,
)

__all__ = [
    "BY_ID",
    "KEYS",
    "MEASURES",
    "SECTIONS",
    "STORED",
    "UNITS",
    "Measure",
    "Section",
    "Table",
    "chosen",
    "conditions",
    "counts",
    "is_measure",
    "needed",
    "of_card",
    "rule",
    "rules",
    "section_of",
    "series_condition",
    "within_studies",
]
