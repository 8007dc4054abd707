"""Cases that share a lake, each with files, studies and patients of its own: derived at once.

What a case reads stands above its test. Its rows are told apart by their UIDs, which begin with
the name of the case, and are given back as the case wrote them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from tests.test_ingest.derive_lake import Told, Whole, table

Test = TypeVar("Test", bound=Callable[..., None])


def within(name: str, told: Told) -> Told:
    """The same file at a place of its own: its uri, UIDs and patient begin with ``name``."""
    if isinstance(told, Whole):
        return Whole(f"{name}/{told.uri}")

    def own(text: str | None, mark: str = ".") -> str | None:
        return None if text is None else f"{name}{mark}{text}"

    patient = own(told.values.get("patient_key", "k"))
    return replace(
        told, uri=f"{name}/{told.uri}", container=own(told.container, "/"), sop=own(told.sop),
        study=own(told.study), series=own(told.series),
        values={**told.values, "patient_key": patient},
    )  # fmt: skip


def side_by_side(batches: Sequence[Sequence[Sequence[Told]]]) -> list[list[Told]]:
    """Batches, each of parts, as one batch: of all first parts, all second parts, and so on."""
    return [list(chain(*parts)) for parts in zip_longest(*batches, fillvalue=())]


class Cases:
    """What the tests of a module read, by the name of their case."""

    def __init__(self) -> None:
        self.told: dict[str, list[list[list[Told]]]] = {}

    def parts(self, *parts: Sequence[Told]) -> Callable[[Test], Test]:
        """The test is about these parts of one batch."""
        return self._keep([[list(part) for part in parts]])

    def batches(self, *batches: Sequence[Told]) -> Callable[[Test], Test]:
        """The test is about these batches, of a part each."""
        return self._keep([[list(batch)] for batch in batches])

    def _keep(self, batches: list[list[list[Told]]]) -> Callable[[Test], Test]:
        def keep(test: Test) -> Test:
            name = case_of(test)
            assert name not in self.told
            self.told[name] = [
                [[within(name, told) for told in part] for part in parts] for parts in batches
            ]
            return test

        return keep

    def steps(self) -> list[list[list[Told]]]:
        """Batches of parts; the last one of every case is in the last of all."""
        n = max(map(len, self.told.values()))
        return [
            side_by_side([case[-left] for case in self.told.values() if len(case) >= left])
            for left in range(n, 0, -1)
        ]


def case_of(test: Callable[..., Any]) -> str:
    return test.__name__.removeprefix("test_")


@dataclass(frozen=True)
class Case:
    """The rows of one case in a lake."""

    root: Path
    name: str

    def table(self, name: str, version: str | None = None) -> pl.DataFrame:
        """A derived table of the case, with UIDs as it wrote them."""
        start = f"{self.name}."
        rows = table(self.root, name, version)
        uids = pl.col(uid for uid in rows.columns if uid.endswith("InstanceUID"))
        of_case = [
            pl.col(uid).str.starts_with(start).fill_null(False)
            for uid in ("StudyInstanceUID", "SeriesInstanceUID")
            if uid in rows.columns
        ]
        return rows.filter(pl.any_horizontal(of_case)).with_columns(uids.str.strip_prefix(start))
