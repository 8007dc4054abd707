"""Filters by quality as SQL: the measures that are drilled down to, and the ranges of numbers."""

from __future__ import annotations

from collections.abc import Mapping

from app import quality
from app.filters import ranges
from app.filters.ranges import Span

Chosen = tuple[tuple[str, tuple[str, ...]], ...]
Within = tuple[tuple[str, Span], ...]


def conditions(
    chosen: Chosen, within: Within, limits: Mapping[str, float], schema: str
) -> tuple[list[str], dict[str, object]]:
    """Conditions over the columns of ``series``, and their parameters.

    Those about studies are one, so that studies are read once. ``limits`` are the thresholds of the
    databank, which some measures have; ``schema`` is where its whole tables are.
    """
    of_studies: list[str] = []
    params: dict[str, object] = {}
    for key, span in within:
        for condition, name, bound in ranges.conditions(key, span):
            of_studies.append(condition)
            params[name] = bound
    measures = quality.chosen(chosen)
    of_studies += [measure.behind for measure in measures if measure.of == "studies"]
    parts = [quality.series_condition(m, schema) for m in measures if m.of != "studies"]
    if of_studies:
        parts.append(quality.within_studies(" AND ".join(of_studies), schema))
    return parts, params | quality.needed(" ".join(parts), limits)
