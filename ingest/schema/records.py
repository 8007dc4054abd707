"""The two records every table of a lake is declared with.

They are plain frozen data so that the Polars schema, the DuckDB views, the dictionary, the export
headers and the generators of the tests can all be read off one declaration.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

Level = Literal["patient", "study", "series", "instance", "frame", "element", "file", "run", "lake"]
Aggregation = Literal["constant", "first", "distinct", "minmax", "sum", "count", "any"]
Stored = Literal["batch", "derived", "view"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    ``source`` lists where the value comes from, best first: ``00180081`` (a top-level tag),
    ``00540016/00181074`` (in the first item of a sequence), ``FG 00189114/00189082`` (a functional
    group: the first frame's, else the shared one), ``CSA B_value`` (a decoded vendor field),
    ``(2001,xx03) Philips Imaging DD 001`` (a private element by creator), or, for a column that
    Taglake computes, one sentence with the formula.

    ``aggregation`` says how the column reaches the series table; empty means it does not.
    ``stable`` is false for surrogate keys and provenance, which may differ between two ingests of
    the same files; everything else is the same in whatever order and by however many workers.
    """

    name: str
    dtype: pl.DataType
    description: str
    unit: str = ""
    source: tuple[str, ...] = ()
    level: Level = "instance"
    aggregation: tuple[Aggregation, ...] = ()
    phi: bool = False
    label: str = ""
    stable: bool = True


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its columns, the columns that identify a row, and how it is kept.

    ``stored`` is ``batch`` for what is written once by an ingest, ``derived`` for what SQL makes of
    the batches, ``view`` for what is joined when asked.
    """

    name: str
    row: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    stored: Stored

    def schema(self, *, phi: bool | None = None) -> dict[str, pl.DataType]:
        """Column name -> Polars type; ``phi`` picks the open (False) or the phi part (True)."""
        return {c.name: c.dtype for c in self.columns if phi is None or c.phi == phi}

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        try:
            return self._by_name[name]
        except KeyError:
            raise KeyError(f"{self.name} has no column {name}") from None

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}
