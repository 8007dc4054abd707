"""The global filters: one frozen record that knows its SQL, its parameters and its sentence.

It is hashable, so it is part of the key under which answers are cached; filters of a kind are rows
of ``FACETS``, so another one is another row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.i18n import Texts

MAX_VALUES = 100
MAX_TERMS = 10
MAX_LENGTH = 200
MISSING = "—"
"""As a value of a facet: rows that have none. The same in all languages, as it is in the URL."""


class Facet(NamedTuple):
    """A column of ``series`` that can be filtered by choosing among its values.

    ``key`` names it in the URL, in texts (``filters.<key>``) and as a parameter.
    """

    key: str
    column: str


FACETS = (Facet("modality", "Modality"), Facet("manufacturer", "Manufacturer"))

SEARCHED = (
    "StudyDescription", "SeriesDescription", "ProtocolName", "BodyPartExamined",
    "ManufacturerModelName", "RequestedProcedureDescription", "PerformedProcedureStepDescription",
)  # fmt: skip
SEARCHED_IDENTIFIERS = ("PatientName", "PatientID", "AccessionNumber", "StudyID")
SEARCHED_UIDS = ("StudyInstanceUID", "SeriesInstanceUID")


@dataclass(frozen=True)
class Filters:
    """What of a databank is looked at; make it with ``Filters.of``, which puts values in order.

    ``chosen`` has the values of each facet that is filtered; ``since`` and ``until`` are the first
    and the last study date; ``terms`` are the words of the free text, all of which must be found.
    """

    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    since: date | None = None
    until: date | None = None
    terms: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        chosen: Mapping[str, Iterable[str]] | None = None,
        since: date | None = None,
        until: date | None = None,
        text: str = "",
    ) -> Filters:
        """Filters in their normal form: known facets, sorted values, dates in order, few words."""
        wanted = {f.key: sorted(set((chosen or {}).get(f.key, ())))[:MAX_VALUES] for f in FACETS}
        if since and until and since > until:
            since, until = until, since
        return cls(
            chosen=tuple((key, tuple(values)) for key, values in wanted.items() if values),
            since=since,
            until=until,
            terms=tuple(dict.fromkeys(text[:MAX_LENGTH].lower().split()))[:MAX_TERMS],
        )

    def __bool__(self) -> bool:
        """Whether anything is filtered at all."""
        return self != Filters()

    def condition(self, identifiers: bool) -> tuple[str, dict[str, object]]:
        """SQL over the columns of ``series``, and its parameters; names and IDs only if shown."""
        parts: list[str] = []
        params: dict[str, object] = {}
        for key, values in self.chosen:
            column = next(f.column for f in FACETS if f.key == key)
            parts.append(f"list_contains($filter_{key}, coalesce({column}, '{MISSING}'))")
            params[f"filter_{key}"] = list(values)
        for name, sign, day in (("since", ">=", self.since), ("until", "<=", self.until)):
            if day:
                parts.append(f"StudyDate {sign} $filter_{name}")
                params[f"filter_{name}"] = day
        searched = (*SEARCHED, *SEARCHED_UIDS, *(SEARCHED_IDENTIFIERS if identifiers else ()))
        for n, term in enumerate(self.terms):
            parts.append(f"contains(lower(concat_ws(' ', {', '.join(searched)})), $filter_term{n})")
            params[f"filter_term{n}"] = term
        return " AND ".join(parts) or "true", params

    def sentence(self, texts: Texts) -> str:
        """What is shown, as a person would say it; without filters: everything."""
        parts = [
            texts(
                f"sentence.{key}",
                values=texts.any_of([texts("missing") if v == MISSING else v for v in values]),
            )
            for key, values in self.chosen
        ]
        if self.since and self.until:
            parts.append(texts("sentence.between", since=self.since, until=self.until))
        elif self.since:
            parts.append(texts("sentence.since", since=self.since))
        elif self.until:
            parts.append(texts("sentence.until", until=self.until))
        if self.terms:
            parts.append(texts("sentence.text", text=" ".join(self.terms)))
        if not parts:
            return texts("sentence.everything")
        return texts("sentence.only", parts=texts("sentence.separator").join(parts))


NONE = Filters()
