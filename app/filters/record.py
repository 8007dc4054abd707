"""The global filters: one frozen record that knows its SQL, its parameters and its address.

It is hashable, so it is part of the key under which answers are cached; filters of a kind are rows
of ``FACETS``, so another one is another row. What a person reads about it is in ``said``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple, TypeVar

from app import quality
from app.filters import judged, ranges
from app.filters.ranges import NUMBERS, Span
from app.quality import thresholds

T = TypeVar("T")

MAX_VALUES = 100
MAX_TERMS = 10
MAX_LENGTH = 200
MAX_VALUE_BYTES = 1024  # texts of facets are LO and CS: 64 characters, by the rules
MISSING = "—"
"""As a value of a facet: rows that have none. The same in all languages, as it is in the URL."""


class Facet(NamedTuple):
    """A column of ``series`` that can be filtered by choosing among its values.

    ``key`` names it in the URL, in texts (``filters.<key>``) and as a parameter; a facet that is
    ``optional`` is offered only where a databank has any value of it.
    """

    key: str
    column: str
    optional: bool = False


FACETS = (
    Facet("modality", "Modality"),
    Facet("manufacturer", "Manufacturer"),
    Facet("model", "ManufacturerModelName"),
    Facet("body_part", "BodyPartExamined"),
    Facet("sex", "PatientSex"),
    Facet("radiopharmaceutical", "Radiopharmaceutical", optional=True),
)
COLUMNS = {facet.key: facet.column for facet in FACETS}
CHOICES = (*COLUMNS, *quality.KEYS)
"""Keys of all that is filtered by choosing values: columns, of which any may match, and measures
of quality, of which all must."""


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
OLDEST = 150
DATES, AGES, TEXT = "dates", "ages", "search"
"""Keys of what is filtered otherwise than by choosing values."""
RANGES = {DATES: ("since", "until"), AGES: ("age_from", "age_to")}

SEARCHED = (
    "StudyDescription", "SeriesDescription", "ProtocolName", "BodyPartExamined",
    "ManufacturerModelName", "RequestedProcedureDescription", "PerformedProcedureStepDescription",
)  # fmt: skip
SEARCHED_IDENTIFIERS = ("PatientName", "PatientID", "AccessionNumber", "StudyID")
SEARCHED_UIDS = ("StudyInstanceUID", "SeriesInstanceUID")
_START_OF_UID = re.compile(r"[0-9.]{6,}")
"""A word that may be meant as the start of a UID, where alone it is looked for: UIDs are long and
all different, so looking through them takes six times as long as everything else."""

AGE_YEARS = "floor(PatientAge_years)"
"""Whole years, as people say their age."""


@dataclass(frozen=True)
class Filters:
    """What of a databank is looked at; make it with ``Filters.of``, which puts values in order.

    ``chosen`` has the values of each facet that is filtered; ``since`` and ``until`` are the first
    and the last study date, ``age_from`` and ``age_to`` the lowest and the highest age in completed
    years; ``terms`` are the words of the free text, all of which must be found; ``within`` has the
    range of each number that is filtered.
    """

    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    since: date | None = None
    until: date | None = None
    terms: tuple[str, ...] = ()
    age_from: int | None = None
    age_to: int | None = None
    within: tuple[tuple[str, Span], ...] = ()

    @classmethod
    def of(
        cls,
        chosen: Mapping[str, Iterable[str]] | None = None,
        since: date | None = None,
        until: date | None = None,
        text: str = "",
        *,
        age_from: int | None = None,
        age_to: int | None = None,
        within: Mapping[str, Span] | None = None,
    ) -> Filters:
        """Filters in their normal form: known facets, sorted values, ranges in order, few words."""
        wanted = {key: _choice(key, (chosen or {}).get(key, ())) for key in CHOICES}
        spans = {key: ranges.normal((within or {}).get(key, Span())) for key in NUMBERS}
        since, until = _in_order(since, until)
        age_from, age_to = _in_order(age_from, age_to)
        return cls(
            chosen=tuple((key, tuple(values)) for key, values in wanted.items() if values),
            since=since,
            until=until,
            terms=tuple(dict.fromkeys(text[:MAX_LENGTH].lower().split()))[:MAX_TERMS],
            age_from=age_from,
            age_to=age_to,
            within=tuple((key, span) for key, span in spans.items() if span != Span()),
        )

    @classmethod
    def from_address(cls, values: Mapping[str, list[str]]) -> Filters:
        """Filters from the parameters of a URL; what is unknown or malformed is left out."""
        last = {key: found[-1] for key, found in values.items() if found}
        return cls.of(
            {key: filter(_is_value, values.get(key, ())) for key in CHOICES},
            _read(last, "since", _day),
            _read(last, "until", _day),
            age_from=_read(last, "age_from", _age),
            age_to=_read(last, "age_to", _age),
            within={key: ranges.of_address(last, key) for key in NUMBERS},
        )

    def address(self) -> dict[str, list[str]]:
        """Parameters of a URL, all there may be: those that are not filtered have no values.

        The words of the free text are not among them, because they may name somebody.
        """
        chosen = dict(self.chosen)
        bounds = {name: getattr(self, name) for name in ("since", "until", "age_from", "age_to")}
        for key in NUMBERS:
            bounds |= ranges.address(key, self.span(key))
        return {key: list(chosen.get(key, ())) for key in CHOICES} | {
            name: [] if value is None else [str(value)] for name, value in bounds.items()
        }

    def __bool__(self) -> bool:
        """Whether anything is filtered at all."""
        return self != Filters()

    @property
    def judges(self) -> bool:
        """Whether any filter is a measure of quality, which may depend on thresholds."""
        return any(key not in COLUMNS for key, _ in self.chosen)

    def values(self, key: str) -> tuple[str, ...]:
        """The chosen values of a facet."""
        return dict(self.chosen).get(key, ())

    def span(self, key: str) -> Span:
        """The range of one of NUMBERS."""
        return dict(self.within).get(key, Span())

    def spanning(self, key: str, span: Span) -> Filters:
        """The same filters with another range of one of NUMBERS."""
        return replace(self, within=Filters.of(within=dict(self.within) | {key: span}).within)

    def choosing(self, key: str, values: Iterable[str]) -> Filters:
        """The same filters with other values of one facet; without values it is not filtered."""
        chosen = dict(self.chosen) | {key: tuple(values)}
        return replace(self, chosen=Filters.of(chosen).chosen)

    def toggled(self, key: str, value: str) -> Filters:
        """The same filters with one more value of a facet, or without it if it was chosen."""
        before = self.values(key)
        kept = tuple(v for v in before if v != value)
        return self.choosing(key, kept if value in before else (*before, value))

    def without(self, key: str) -> Filters:
        """The same filters without a facet, a range of NUMBERS, or DATES, AGES or TEXT."""
        if key in NUMBERS:
            return self.spanning(key, Span())
        if key == DATES:
            return replace(self, since=None, until=None)
        if key == AGES:
            return replace(self, age_from=None, age_to=None)
        if key == TEXT:
            return replace(self, terms=())
        return self.choosing(key, ())

    def ranged(self, key: str, low: date | int | None, high: date | int | None) -> Filters:
        """The same filters with another range of DATES or AGES, open where there is None."""
        return replace(self, **dict(zip(RANGES[key], _in_order(low, high), strict=True)))

    def condition(
        self,
        identifiers: bool,
        limits: Mapping[str, float] = thresholds.DEFAULTS,
        schema: str = "memory.main",
    ) -> tuple[str, dict[str, object]]:
        """SQL over the columns of ``series``, and its parameters; names and IDs only if shown.

        ``limits`` are the thresholds of the databank, which some measures have; ``schema`` is where
        its whole tables are.
        """
        parts, params = judged.conditions(self.chosen, self.within, limits, schema)
        for key, values in self.chosen:
            if key not in COLUMNS:
                continue
            parts.append(f"list_contains($filter_{key}, coalesce({COLUMNS[key]}, '{MISSING}'))")
            params[f"filter_{key}"] = list(values)
        for what, sign, name, bound in (
            ("StudyDate", ">=", "since", self.since), ("StudyDate", "<=", "until", self.until),
            (AGE_YEARS, ">=", "age_from", self.age_from), (AGE_YEARS, "<=", "age_to", self.age_to),
        ):  # fmt: skip
            if bound is not None:
                parts.append(f"{what} {sign} $filter_{name}")
                params[f"filter_{name}"] = bound
        for n, term in enumerate(self.terms):
            searched = (*SEARCHED, *(SEARCHED_IDENTIFIERS if identifiers else ()))
            # Column by column: DuckDB then looks at each value of a dictionary once, not each row.
            found = [f"contains(lower({column}), $filter_term{n})" for column in searched]
            if _START_OF_UID.fullmatch(term):
                found += [f"starts_with({column}, $filter_term{n})" for column in SEARCHED_UIDS]
            parts.append(f"({' OR '.join(found)})")
            params[f"filter_term{n}"] = term
        return " AND ".join(parts) or "true", params


NONE = Filters()


def _choice(key: str, values: Iterable[str]) -> list[str]:
    known = {v for v in values if key in COLUMNS or quality.is_measure(key, v)}
    return sorted(known)[:MAX_VALUES]


def _in_order(low: Any, high: Any) -> tuple[Any, Any]:
    """The ends of a range, the lower one first, if both are there."""
    return (high, low) if low is not None and high is not None and low > high else (low, high)


def _read(values: Mapping[str, str], key: str, kind: Callable[[str], T]) -> T | None:
    with suppress(KeyError, ValueError):
        return kind(values[key])
    return None


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError
    return day


def _age(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > OLDEST:
        raise ValueError
    return int(text)


def _is_value(text: str) -> bool:
    """Whether a text of a URL may be a value: one that Unicode has, and no longer than any."""
    with suppress(UnicodeEncodeError):
        return 0 < len(text.encode()) <= MAX_VALUE_BYTES
    return False
