"""What is told of findings and their rules, wherever they are shown: words, sources, comparison.

Rules say in English what they look at; the texts of the app say it in the language of the view, and
a rule that is newer than they are is told in its own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from app.charts.findings import SEVERITIES, Count
from app.charts.period import FAR_YEARS, Period
from app.filters import MISSING
from app.i18n import Texts
from ingest.derive.rules import RULES

STANDARD = "https://dicom.nema.org/medical/dicom/current/output/html/part{part:02d}.html#{anchor}"
SECTION = re.compile(
    r"PS3\.(?P<part>\d{1,2}) (?:Annex )?(?P<section>[A-Z]{1,2}(?:\.\d+)*|\d+(?:\.\d+)*)"
)
MOST_SCANNERS = 10


class Told(NamedTuple):
    """What is said of a rule; ``sources`` are places in the standard and their addresses."""

    title: str
    looks_at: str
    advice: str
    reference: str
    sources: tuple[tuple[str, str], ...]


class Compared(NamedTuple):
    """The latest run, "" where there is none to compare it with; when the one before began."""

    run: str
    before: datetime | None


def rule(t: Texts, name: str, reference: str = "") -> Told:
    """A rule in words, known or not."""
    known = RULES.get(name)
    reference = known.reference if known else reference
    return Told(
        t.find(f"finding.{name}", known.title if known else name),
        t.find(f"looks_at.{name}", known.applies if known else ""),
        t.find(f"todo.{name}", ""),
        reference,
        sources(reference),
    )


def sources(reference: str) -> tuple[tuple[str, str], ...]:
    """The sections of the standard that a reference names, each with its address."""
    return tuple(
        (found[0], STANDARD.format(part=int(found["part"]), anchor=_anchor(found["section"])))
        for found in SECTION.finditer(reference)
    )


def _anchor(section: str) -> str:
    """The DocBook id: PS3.5 8 is a chapter, PS3.15 E an annex, which has one, too."""
    return f"sect_{section}" if "." in section else f"chapter_{section}"


def compared(runs: pl.DataFrame) -> Compared:
    """What findings are compared with, of all runs, the latest first."""
    if runs.height < 2:
        return Compared("", None)
    return Compared(runs["run_id"][0], runs["started"][1])


def totals(rules: pl.DataFrame) -> dict[str, int]:
    """Numbers of cards, of the answer to ``findings_rules``."""
    by = dict(rules.group_by("severity").agg(pl.col("n_findings").sum()).iter_rows())
    grave, warnings = (by.pop(name, 0) for name in SEVERITIES[:2])
    return {
        "findings": int(rules["n_findings"].sum()), "grave": grave, "warnings": warnings,
        "notes": sum(by.values()),
        "rules": rules.filter(pl.col("n_findings") > 0)["rule"].n_unique(),
        "new_since": int(rules["n_new"].sum()), "gone_since": int(rules["n_gone"].sum()),
    }  # fmt: skip


def sentence(t: Texts, run: Compared, numbers: Mapping[str, int], when: str) -> str:
    """What is new and gone since the run before, which began ``when``."""
    if not run.run:
        return t("findings.first")
    new, gone = numbers["new_since"], numbers["gone_since"]
    if not new and not gone:
        return t("findings.unchanged", when=when)
    said = {"new": t.count("new_findings", new), "gone": t.count("gone_findings", gone)}
    return t("findings.changed", when=when, **said)


def by_rule(t: Texts, rules: pl.DataFrame) -> list[Count]:
    """Findings of each rule, the gravest first."""
    rows = rules.filter(pl.col("n_findings") > 0).select("rule", "severity", "n_findings")
    return [Count(rule(t, name).title, severity, n) for name, severity, n in rows.iter_rows()]


def by_level(t: Texts, counts: pl.DataFrame) -> list[Count]:
    """Findings by what they are about."""
    rows = counts.filter(facet="level").select("level", "severity", "n_findings")
    return [
        Count(t.find(f"level.{level}", level), severity, n)
        for level, severity, n in rows.iter_rows()
    ]


def by_scanner(t: Texts, counts: pl.DataFrame) -> list[Count]:
    """Findings by maker and model, most first; a click filters by the model."""
    rows = counts.filter(facet="scanner")
    scanner = ["Manufacturer", "ManufacturerModelName"]
    ranks = rows.group_by(scanner).agg(total=pl.col("n_findings").sum())
    ranks = ranks.sort(-pl.col("total"), *scanner).head(MOST_SCANNERS).with_row_index("place")
    joined = rows.join(ranks, on=scanner, nulls_equal=True).sort("place")
    made = []
    for maker, model, severity, n in joined.select(*scanner, "severity", "n_findings").iter_rows():
        label = " ".join(text for text in (maker, model) if text) or t("missing")
        made.append(Count(label, severity, n, model or MISSING))
    return made


def by_date(counts: pl.DataFrame, days: Callable[[Any], str]) -> list[Count]:
    """Findings by step of the study date; ``days`` says the first and last day of a step."""
    rows = counts.filter(pl.col("facet") == "period", pl.col("period").is_not_null())
    return [
        Count(f"{period}", severity, n, days(period))
        for period, severity, n in rows.select("period", "severity", "n_findings").iter_rows()
    ]


def undated(counts: pl.DataFrame) -> int:
    """Findings that have no study date."""
    return int(
        counts.filter(pl.col("facet") == "period", pl.col("period").is_null())["n_findings"].sum()
    )


def not_shown(t: Texts, counts: pl.DataFrame, shown: Period) -> str:
    """What the chart by date leaves out, as sentences."""
    without, far = undated(counts), int(shown.far(counts)["n_findings"].sum())
    notes = [t("findings.undated", findings=t.count("findings", without))] if without else []
    notes += [t("findings.far", findings=t.count("findings", far), years=FAR_YEARS)] if far else []
    return " ".join(notes)


def by_run(
    t: Texts, counts: pl.DataFrame, runs: pl.DataFrame, local: Callable[[datetime], str]
) -> list[Count]:
    """Findings by the run that first had them, the earliest first; before them of unknown age."""
    began = dict(runs.select("run_id", "started").iter_rows())
    rows = counts.filter(facet="run").select("first_run", "severity", "n_findings").rows()
    order = sorted(rows, key=lambda row: (row[0] in began, str(began.get(row[0], ""))))
    return [
        Count(local(began[run]) if run in began else t("findings.unknown_run"), severity, n)
        for run, severity, n in order
    ]
