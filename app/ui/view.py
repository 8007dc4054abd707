"""What one run of the app looks at: language, databank, filters; and which study and series.

``main.py`` makes a ``View`` once per run and pages take it from here, so a page can neither see
another databank than the sidebar shows nor ask a question without the filters.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import streamlit as st

from app import queries
from app.errors import QueryFailed
from app.filters import NONE, Filters
from app.i18n import Texts, texts
from app.queries import Databank, Order, Page, Value
from ingest.lake.errors import LakeError

PAGES = Path(__file__).resolve().parents[2] / "pages"
SLOT = "view"
SIDE_BY_SIDE = 2
"""Questions of a page that are asked at once. With more all are answered at the same time, and the
first cards come as late as the last (1,000,000 series, 2 cores: after 0.5 s instead of 0.25)."""
NO_UID = "none"
"""In the address and in questions: the study or series of instances that lack the UID."""


@dataclass(frozen=True)
class View:
    """Everything a page needs to ask and to speak.

    ``identifiers`` says whether they may be read and shown; ``databank``, called ``name``, is None
    before there is one.
    """

    texts: Texts
    identifiers: bool = False
    name: str = ""
    databank: Databank | None = None
    filters: Filters = NONE

    def everything(self) -> View:
        """The same view without filters: for pages about one study, one series, or files."""
        return replace(self, filters=NONE)

    def ask(
        self,
        question: str,
        *,
        order: Order | None = None,
        page: Page | None = None,
        columns: tuple[str, ...] = (),
        **params: Value,
    ) -> pl.DataFrame:
        """The answer to a question under the filters of this view; ``columns``: only these."""
        return queries.ask(self._databank(), question, self.filters, params, order, page, columns)

    def schema(self, question: str, **params: Value) -> dict[str, pl.DataType]:
        """All columns of the answer to a question and their types; cheap, as nothing is read."""
        return queries.schema(self._databank(), question, params)

    def prepare(
        self,
        questions: Mapping[str, Mapping[str, Value]],
        *more: tuple[str, Mapping[str, Value]],
    ) -> None:
        """Begin to ask several questions, by name with their parameters, side by side.

        ``more`` are further ones, among which a name may occur several times.

        ``ask`` finds their answers or waits for them, so a page is drawn from above while what is
        below is still being asked. A question spends half its time in planning, which uses one
        core; what fails here fails again, and is told, where it is asked.
        """
        databank, filters = self._databank(), self.filters

        def one(asked: tuple[str, Mapping[str, Value]]) -> None:
            with suppress(QueryFailed, LakeError):
                queries.ask(databank, asked[0], filters, asked[1])

        pool = ThreadPoolExecutor(SIDE_BY_SIDE)
        for asked in (*questions.items(), *more):
            pool.submit(one, asked)
        pool.shutdown(wait=False)

    def count(self, question: str, **params: Value) -> int:
        """How many rows the whole answer has."""
        return queries.count(self._databank(), question, self.filters, params)

    def _databank(self) -> Databank:
        assert self.databank is not None, "pages ask after frame.begin, which stops without one"
        return self.databank


def current() -> View:
    """The view of this run."""
    view = st.session_state.get(SLOT)
    return view if isinstance(view, View) else View(texts("en"))


def path(page: str) -> str:
    """The file of a page, as ``st.Page``, ``st.page_link`` and ``st.switch_page`` want it."""
    return str(PAGES / f"{page}.py")


def chosen(key: str) -> str:
    """A UID from the address (``study``, ``series`` or ``instance``), or "" where there is none."""
    uid = st.query_params.get(key, "")
    return uid if len(uid) <= 64 and uid.isprintable() else ""


def open_page(page: str, **uids: str | None) -> None:
    """Go to a page about one study or series; filters stay, and the address says which."""
    st.switch_page(path(page), query_params={key: uid or NO_UID for key, uid in uids.items()})
