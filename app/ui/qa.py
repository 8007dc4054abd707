"""The quality page: its sections, their cards, and the measures on them.

Every number is a button that shows its rows below the card. What cannot be said of a databank,
such as the uptake where nothing was injected, is called not applicable, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from app import quality, queries, questions
from app.charts.period import period
from app.dashboards import dose
from app.dashboards import qa as figures
from app.quality import Measure, measured, thresholds
from app.quality.measured import Counted
from app.ui import qa_charts, qa_rows, qa_tables
from app.ui.text import plain
from app.ui.view import View

Card = Callable[["Page"], None]


class Page(NamedTuple):
    """What the cards of a run look at."""

    view: View
    found: dict[str, Counted]
    limits: dict[str, float]
    period: str

    @property
    def nuclear(self) -> int:
        """Radiopharmaceutical studies there are."""
        return self.found["missing_activity"].total


def load(view: View) -> Page:
    """Ask what the page is going to ask, side by side."""
    assert view.databank is not None
    limits = thresholds.of(view.databank.root)
    totals = view.ask("totals").row(0, named=True)
    step = period(totals).unit
    asked: dict[str, dict[str, queries.Value]] = {
        name: {**quality.needed(questions.text(name), limits)}
        for name in ("qa_studies_counted", "qa_series_counted", "qa_adherence",
                     "qa_statistics")
    }  # fmt: skip
    asked |= {"qa_findings_counted": {}, "qa_kinds": {"period": step}, "qa_scanners": {},
              "qa_protocols": {}}  # fmt: skip
    steps = [("qa_histogram", {"number": number}) for number in figures.HISTOGRAMS.values()]
    view.prepare({**asked, **dose.asked_by_protocol()}, *steps)
    found = measured.counted(view.databank, view.filters)
    return Page(view, found, limits, step)


def draw(page: Page) -> None:
    """The way to the sections, and all of them in their order."""
    t = page.view.texts
    ways = [f"[{plain(t(f'qa_section.{one.name}'))}](#{one.name})" for one in quality.SECTIONS]
    st.caption(f":material/touch_app: {t('qa.open_numbers')} {' · '.join(ways)}")
    for section in quality.SECTIONS:
        st.subheader(t(f"qa_section.{section.name}"), anchor=section.name)
        if section.name in CLICKED:
            st.caption(f":material/touch_app: {t('qa.open_rows')}")
        with st.container(key=f"qa_{section.name}"):
            for cards in _beside(section.cards):
                cells = st.columns(len(cards), gap="small") if len(cards) > 1 else [st.container()]
                for card, cell in zip(cards, cells, strict=True):
                    with cell:
                        _card(page, card)
                qa_rows.draw(page.view, cards)


def _beside(cards: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Cards with one chart beside each other, the others below each other."""
    charts_of = tuple(card for card in cards if card in HALF)
    others: list[tuple[int, ...]] = [(card,) for card in cards if card not in HALF]
    if not charts_of:
        return others
    return [charts_of, *others] if cards[0] in HALF else [*others, charts_of]


def _card(page: Page, card: int) -> None:
    t = page.view.texts
    with st.container(border=True, key=f"qa_card_{card}", height="stretch"):
        st.markdown(f"**{t(f'qa_card.{card}')}**")
        st.caption(t(f"qa_card_help.{card}"))
        if card in figures.NUCLEAR and not page.nuclear:
            st.markdown(f":material/block: {t('qa.no_nuclear')}")
            return
        if card == SHIFTED:
            _shifted(page)
        _measures(page, quality.of_card(card))
        qa_charts.draw(page.view, page.limits, page.period, card)
        if card in qa_tables.CARDS:
            qa_tables.CARDS[card](page.view, page.limits, card)


HALF = {2, 3, 4, 5}
"""Cards that are one chart."""
CLICKED = {"cohort", "deidentification", "score"}
"""Sections with charts whose bars show their studies."""
SHIFTED = 9


def _measures(page: Page, measures: tuple[Measure, ...]) -> None:
    if not measures:
        return
    with st.grid(columns=min(len(measures), 4), min_column_width=210, gap="small"):
        for measure in measures:
            with st.container(key=f"qa_cell_{measure.id}", gap=None):
                _measure(page.view, page.found[measure.id], page.limits)


def _measure(view: View, one: Counted, limits: dict[str, float]) -> None:
    """Name, number, what it is counted of, and what it means with its thresholds."""
    t = view.texts
    measure = one.measure
    st.markdown(plain(figures.title(t, measure)), help=t(f"measure_help.{measure.id}"))
    if one.share is None:
        st.caption(figures.of_whole(t, one))
        return
    st.button(
        t.number(one.n), type="tertiary", key=f"qa_n_{measure.id}", disabled=not one.n,
        on_click=qa_rows.show, args=(qa_rows.Behind(measure.card, measure.id),),
        help=t("qa.show_rows"),
    )  # fmt: skip
    st.caption(figures.of_whole(t, one))
    told = figures.limits_said(t, measure, limits)
    if told:
        st.caption(told)


def _shifted(page: Page) -> None:
    """Say that dates were moved unevenly, if that is what it looks like."""
    if measured.is_shifted(page.found, page.limits):
        odd = page.found["timing_shifted"]
        t = page.view.texts
        st.warning(
            t("qa.shifted", share=figures.percent(t, odd.share or 0.0), n=t.number(odd.n)),
            icon=":material/event_repeat:",
        )  # fmt: skip
