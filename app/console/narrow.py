"""The global filters as views, so that any statement can be asked under them.

Values are written into the views as literals, because a view has no parameters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from app.export.selection import PASSING
from app.filters import Filters
from app.lake import WHOLE
from app.quality import thresholds
from ingest.lake.sql import literal

ABOVE_AND_BELOW = {
    "studies": "coalesce(StudyInstanceUID, '')",
    "patients": "coalesce(patient_key, '')",
    "instances": "(coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, ''))",
}
"""What hangs on the filtered series, and by which of its columns; as ``queries.FILTERED``."""


def views(
    filters: Filters, identifiers: bool, limits: Mapping[str, float] = thresholds.DEFAULTS
) -> tuple[tuple[str, str], ...]:
    """The SELECT of each view that the filters narrow; () without filters."""
    if not filters:
        return ()
    condition, values = filters.condition(identifiers, limits, WHOLE)
    conditions = {
        "series": re.sub(r"\$(\w+)", lambda match: _literal(values[match[1]]), condition),
        **{t: f"{key} IN (SELECT {key} FROM series)" for t, key in ABOVE_AND_BELOW.items()},
        **PASSING,
    }
    return tuple(
        (table, f"SELECT * FROM {WHOLE}.{table} WHERE {text}") for table, text in conditions.items()
    )


def _literal(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, int | float):
        return str(value)
    return literal(str(value))
