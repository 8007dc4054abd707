"""What the measures of quality come to in a databank, under its filters and thresholds.

The page and the command line ask here, so their numbers are the same; each table is read once for
all of its measures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import polars as pl

from app import quality, queries, questions
from app.filters import NONE, Filters
from app.quality import Measure, thresholds
from app.queries import Databank

STEPS: Mapping[str, float] = {"uptake": 5.0, "dose": 0.1}
"""Width of the steps of the histograms: minutes, MBq/kg."""
LAST_STEP = 60
"""The step of the histograms in which everything beyond is, as in qa_histogram.sql."""


class Counted(NamedTuple):
    """A measure with its number, and the number of what it is counted of."""

    measure: Measure
    n: int
    total: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where there is nothing that it could be counted of."""
        return self.n / self.total if self.total else None


class Spread(NamedTuple):
    """The statistics of a histogram, in minutes or MBq/kg; sd is that of a sample."""

    n: int
    mean: float | None
    median: float | None
    sd: float | None
    smallest: float | None
    largest: float | None


def counted(databank: Databank, filters: Filters = NONE) -> dict[str, Counted]:
    """All measures by their ``id``; QueryFailed, or a LakeError."""
    limits = thresholds.of(databank.root)
    found: dict[tuple[str, str], int] = {}
    row: dict[str, Any] = {}
    for table in ("studies", "series"):
        name = f"qa_{table}_counted"
        params = quality.needed(questions.text(name), limits)
        row = queries.ask(databank, name, filters, params).row(0, named=True)
        for number, condition in enumerate(quality.conditions(table)):
            found[table, condition] = row[f"n_{number}"]
    affected = dict(queries.ask(databank, "qa_findings_counted", filters).iter_rows())
    files = int(row["n_instances"]) + int(affected.get("duplicate", 0))

    def one(measure: Measure) -> Counted:
        if measure.of == "findings":
            return Counted(measure, int(affected.get(quality.rule(measure), 0)), files)
        total = found[measure.of, measure.among or "true"]
        return Counted(measure, found[measure.of, measure.behind], total)

    return {measure.id: one(measure) for measure in quality.MEASURES}


def spreads(databank: Databank, filters: Filters = NONE) -> dict[str, Spread]:
    """The statistics of uptake and dose."""
    return spreads_of(queries.ask(databank, "qa_statistics", filters))


def spreads_of(found: pl.DataFrame) -> dict[str, Spread]:
    """The statistics of the answer to qa_statistics."""
    return {number: Spread(*values) for number, *values in found.iter_rows()}


def histogram(databank: Databank, number: str, filters: Filters = NONE) -> list[tuple[float, int]]:
    """The lower end of each step of ``uptake`` or ``dose`` and its studies, those without too."""
    return steps_of(queries.ask(databank, "qa_histogram", filters, {"number": number}), number)


def steps_of(frame: pl.DataFrame, number: str) -> list[tuple[float, int]]:
    """The steps of the answer to qa_histogram."""
    return steps(frame.select("step", "n").iter_rows(), STEPS[number])


def steps(counts: Iterable[tuple[int, int]], width: float) -> list[tuple[float, int]]:
    """All steps from the first that has any to the last one, with those between that have none."""
    known = dict(counts)
    if not known:
        return []
    return [(round(n * width, 4), known.get(n, 0)) for n in range(min(known), max(known) + 1)]


def rules(databank: Databank, filters: Filters = NONE) -> pl.DataFrame:
    """What the findings say: rule, severity, n_findings, n_studies, n_affected; gravest first."""
    return queries.ask(databank, "qa_rules", filters)


def is_shifted(found: Mapping[str, Counted], limits: Mapping[str, float]) -> bool:
    """Whether so many delays are negative or off by whole days that dates were shifted unevenly."""
    odd = found["timing_shifted"]
    share = odd.share or 0.0
    return odd.n >= limits["timing_shifted_n"] and share >= limits["timing_shifted_share"]
