"""What stands before a question: the wide tables, filtered, each with the columns that it names.

Planning a question over a view of 500 columns takes DuckDB up to 30 ms, on one core, whatever is
asked of it: so the tables are defined anew for each question, with the columns whose names occur in
its text.  That also spares the join with what identifies, where none of it is named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from app.lake import Lake
from ingest.schema import TABLES

# Filters are about series; what hangs above and below them follows by UID. NOT MATERIALIZED lets
# DuckDB read only the rows that a question touches.
PASSING = {
    "series": "{condition}",
    "studies": "study_row IN (SELECT study_row FROM series)",
    "patients": "coalesce(patient_key, '') IN (SELECT coalesce(patient_key, '') FROM series)",
    "instances": "(coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, '')) IN "
    "(SELECT (coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, '')) FROM series)",
    "mr_cleaned": "(coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, '')) IN "
    "(SELECT (coalesce(StudyInstanceUID, ''), coalesce(SeriesInstanceUID, '')) FROM series)",
}
"""The rows of each wide table that the filters leave."""
KEYS = {"studyinstanceuid", "seriesinstanceuid", "patient_key"}
"""Columns that PASSING names, in small letters, beside the number of the study."""
IDENTIFYING = frozenset(column.name for column in TABLES["series"].columns if column.phi)

COMMENT = re.compile(r"--.*")
WIDE = "|".join(PASSING)
NAMED = re.compile(rf"\b({WIDE})\b")
WHOLE = re.compile(rf"\bmemory\.main\.({WIDE})\b")
"""A table whatever is filtered, as questions name it."""
STAR = re.compile(
    rf"(?:\bSELECT\s+|\bDISTINCT\s+|[,.(]\s*)\*(?:(?!\bSELECT\b).)*?\b(?:{WIDE})\b"
    r"|\bCOLUMNS\s*\(",
    re.DOTALL,
)
"""All columns of a wide table; "count(*)" is taken out before."""
OF_ALL = re.compile(r"\b(?:DISTINCT(?!\s+FROM)|ALL|UNION|EXCEPT|INTERSECT|PIVOT|UNPIVOT)\b")
"""Where further columns of a star may change the rows, or the other columns."""


def concerns(sql: str) -> bool:
    """Whether filters mean anything to a question: whether it names a wide table."""
    return bool(NAMED.search(COMMENT.sub("", sql)))


def stated(opened: Lake, sql: str, condition: str = "", *, every_column: bool = True) -> str:
    """A question that ``concerns`` wide tables, a SELECT, with these before it.

    ``condition`` is about the columns of ``series``. Without ``every_column`` nobody reads what a
    star of the question adds to the columns that are named.
    """
    code = COMMENT.sub("", f"{sql} {condition}").replace("count(*)", "")
    if STAR.search(code) and (every_column or OF_ALL.search(code)):
        return _wide(sql, code, condition)
    named = set(re.findall(r"\w+", code.casefold()))
    tables = _tables(code, condition)
    # Then every row is looked at, on both sides, which should happen once.
    hidden = opened.identifiers and not IDENTIFYING.isdisjoint(re.findall(r"\w+", condition))
    kept = {"series"} if hidden and len(NAMED.findall(code)) > 1 else set()
    keys = KEYS | {"study_row"} if "studies" in tables else KEYS
    whole = {t: f"({opened.narrow(t, named | keys, every_row=hidden)})" for t in tables}
    used = tables if condition else WHOLE.findall(code)
    places = {f"all_{table}": whole[table] for table in tables if table in used}
    places |= {t: _passing(f"all_{t}", t, condition) if condition else whole[t] for t in tables}
    return WHOLE.sub(r"all_\1", _before(places, kept) + sql)


def _wide(sql: str, code: str, condition: str) -> str:
    if not condition:
        return sql
    tables = _tables(code, condition)
    return _before({t: _passing(f"memory.main.{t}", t, condition) for t in tables}) + sql


def _tables(code: str, condition: str) -> list[str]:
    """The wide tables of a question, each behind those that it depends on."""
    named = {*NAMED.findall(code), *(["series"] if condition else [])}
    return [table for table in PASSING if table in named]


def _passing(source: str, table: str, condition: str) -> str:
    return f"(SELECT * FROM {source} WHERE {PASSING[table].format(condition=condition)})"


def _before(places: Mapping[str, str], kept: Set[str] = frozenset()) -> str:
    """The tables by name; ``kept`` are made once for all that follows."""
    named = (
        f"{name} AS {'' if name in kept else 'NOT '}MATERIALIZED {select}"
        for name, select in places.items()
    )
    return "WITH " + ",\n".join(named) + "\n"
