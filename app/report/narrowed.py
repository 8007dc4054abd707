"""Filters that a typed condition narrows further, for the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from app.export.condition import checked
from app.filters import Filters
from app.quality import thresholds


@dataclass(frozen=True)
class Narrowed(Filters):
    """Filters, and a condition over the columns of ``series`` as DuckDB writes it."""

    where: str = ""

    def condition(
        self,
        identifiers: bool,
        limits: Mapping[str, float] = thresholds.DEFAULTS,
        schema: str = "memory.main",
    ) -> tuple[str, dict[str, object]]:
        """SQL over the columns of ``series``, and its parameters."""
        condition, values = super().condition(identifiers, limits, schema)
        return f"({condition}) AND ({self.where})", values


def narrowed(filters: Filters, where: str, identifiers: bool) -> Narrowed:
    """``filters`` and the condition that was typed; raises StatementRefused."""
    given = {field.name: getattr(filters, field.name) for field in fields(filters)}
    return Narrowed(**given, where=checked(where, identifiers))
