"""What a report is made of: sections of blocks. All of it is text and numbers, none is markup."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app.export.provenance import as_of
from app.filters import NONE, Filters
from app.i18n import Texts
from app.lake import Lake
from app.queries import Databank, Order, Page, Value, ask, count, lake


@dataclass(frozen=True)
class Source:
    """Where a section takes its answers and its words from.

    ``palette`` has the colours of charts; a question is asked as a page asks it, with the filters
    of the report.
    """

    databank: Databank
    filters: Filters
    texts: Texts
    palette: tuple[str, ...]

    def ask(
        self,
        question: str,
        *,
        order: Order | None = None,
        page: Page | None = None,
        columns: tuple[str, ...] = (),
        **params: Value,
    ) -> pl.DataFrame:
        """The answer to a question under the filters of the report."""
        return ask(self.databank, question, self.filters, params, order, page, columns)

    def count(self, question: str, **params: Value) -> int:
        """How many rows the whole answer has."""
        return count(self.databank, question, self.filters, params)

    def everything(self) -> Source:
        """The same without filters."""
        return Source(self.databank, NONE, self.texts, self.palette)

    def lake(self) -> Lake:
        """The databank as it is now."""
        return lake(self.databank)

    @property
    def identifiers(self) -> bool:
        """Whether identifiers may be read and shown."""
        return self.databank.identifiers

    def as_of(self) -> str:
        """When the data are of: the end of the last ingest, in UTC."""
        when = as_of(self.lake())
        return when.strftime("%Y-%m-%d %H:%M:%S UTC") if when else ""


@dataclass(frozen=True)
class Card:
    """A number with what it counts, and what is to be known of it."""

    label: str
    value: str
    help: str = ""


@dataclass(frozen=True)
class Cards:
    """Cards beside each other."""

    cards: Sequence[Card]


@dataclass(frozen=True)
class Chart:
    """A figure of ``app.charts`` under its title; ``note`` says what it leaves out."""

    title: str
    figure: go.Figure
    note: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Rows:
    """A table: columns as they are called, cells as they are read; ``more`` rows are left out."""

    title: str
    columns: Sequence[str]
    cells: Sequence[Sequence[str]]
    more: int = 0
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Note:
    """A sentence; ``title`` stands above it, ``address`` is where it leads."""

    text: str
    title: str = ""


Block = Cards | Chart | Rows | Note


@dataclass(frozen=True)
class Section:
    """A part of a report under a title."""

    title: str
    blocks: Sequence[Block]


Maker = Callable[[Source], Section | None]
"""Makes a section, or None where there is nothing to say."""
