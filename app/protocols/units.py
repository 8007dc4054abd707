"""Units of protocol parameters as a part of SQL: one definition for tables and exports.

A text that names a parameter ("RepetitionTime: 2000 → 2500 ms") needs its unit in the question
itself, not only where a page shows it.
"""

from __future__ import annotations

from ingest.derive.protocols import FAMILIES
from ingest.lake.sql import literal


def case() -> str:
    """SQL for the unit of the parameter in the column ``name``, NULL where it has none."""
    columns = [parameter.column for family in FAMILIES for parameter in family.parameters]
    units = sorted({(column.name, column.unit) for column in columns if column.unit})
    branches = [f"    WHEN {literal(name)} THEN {literal(unit)}" for name, unit in units]
    return "\n".join(["CASE name", *branches, "END"])
