"""What a dashboard asks: a view of the app or the source of a report, they are the same to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import polars as pl

from app.i18n import Texts

Palette = Sequence[str]


class Asked(Protocol):
    """Answers questions under its filters, and has the words."""

    @property
    def texts(self) -> Texts: ...

    @property
    def identifiers(self) -> bool: ...

    @property
    def ask(self) -> Callable[..., pl.DataFrame]: ...

    def everything(self) -> Asked: ...
