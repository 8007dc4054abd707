"""The parts of the page of doses: what there is, and of each source the spread and the rows.

Each source is on a tab of its own, so that no number mixes two of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl
import streamlit as st

from app.dashboards import dose as figures
from app.dashboards.dose import SOURCES, UIDS, Measure, Source
from app.filters import MISSING
from app.queries import Order
from app.ui import cards, tables
from app.ui.choice import choose
from app.ui.pictures import palette, picture
from app.ui.tables import Row, Shown
from app.ui.text import plain
from app.ui.view import View

BY_DATE = Order("StudyDate", descending=True, then=("StudyInstanceUID", "SeriesInstanceUID"))


def cards_of(view: View, found: Mapping[str, int]) -> None:
    """The cards: what there is, and how much of it states a dose."""
    cards.row(view, figures.cards(view.texts, found))


def draw(view: View, name: str, found: Mapping[str, int]) -> Row | None:
    """One source: what it counts, how a value spreads, the rows; gives the row that was opened."""
    t, source = view.texts, SOURCES[name]
    st.caption(t(f"dose.{name}_text"))
    if name == "ct" and found["ct_varying"]:
        st.caption(t("dose.varying", series=t.count("series", found["ct_varying"])))
    if name in figures.STATED:
        cards.row(view, figures.exposures(view, name), key=f"dose_{name}_stated")
    measure, by = _chosen(view, name, source)
    _spread(view, name, measure, by)
    group = _group(view, name, by)
    hidden = (*UIDS, *source.ties)
    shown = Shown("SeriesDescription", hidden, columns=source.columns, key=f"dose_{name}")
    order = BY_DATE._replace(then=(*BY_DATE.then, *source.ties))
    return tables.paged(view, source.question, order, shown, group=group, **source.params(by))


def _chosen(view: View, name: str, source: Source) -> tuple[Measure, str]:
    """The value and the grouping that are looked at."""
    t = view.texts
    with st.grid(columns=2, min_column_width=220, gap="small"):
        measure = choose(
            t("dose.measure"), source.measures, f"dose_{name}_measure",
            partial(figures.named, t), persist_state="session",
        )  # fmt: skip
        by = choose(
            t("dose.by"), source.by, f"dose_{name}_by", lambda by: t(f"dose.by_{by}"),
            persist_state="session",
        )  # fmt: skip
    return measure, by


def _spread(view: View, name: str, measure: Measure, by: str) -> None:
    """The spread of a value in each group: cards, boxes, and the numbers as a table."""
    t = view.texts
    found = figures.statistics(view, name, measure.name, by)
    whole = found.filter(level="all").row(0, named=True)
    title = figures.named(t, measure)
    if not whole["n"]:
        nowhere = t("dose.nowhere", n=t.number(whole["n_all"]), measure=title)
        st.info(nowhere, icon=":material/data_alert:")
        return
    cards.row(view, figures.spread_cards(t, measure, whole), key=f"dose_{name}_cards")
    groups, more = figures.drawn(found)
    picture(
        t("dose.spread", measure=title), partial(_boxes, view, groups, measure),
        f"dose_{name}_{measure.name}_{by}", t("dose.more", n=t.number(more)) if more else "",
        help=t("dose.spread_help"),
    )  # fmt: skip
    tables.whole(view, figures.table(t, found), f"dose_{name}_statistics")


def _boxes(view: View, groups: pl.DataFrame, measure: Measure) -> go.Figure:
    return figures.boxes(view.texts, palette(), groups, measure)


def _group(view: View, name: str, by: str) -> str:
    """The group whose rows are shown, chosen above them; "" for all."""
    t, source = view.texts, SOURCES[name]
    found = figures.statistics(view, name, source.measures[0].name, by).filter(level="group")
    counts = {group or MISSING: n for group, n in found.select("dose_group", "n_all").iter_rows()}
    whole = {"": sum(counts.values())} | counts

    def said(group: str) -> str:
        words = {"": t("dose.everything"), MISSING: t("missing")}
        return f"{words.get(group, ' '.join(group.split()))} ({t.number(whole[group])})"

    st.markdown(f"**{plain(t('dose.rows'))}**")
    title = t("dose.rows_of", by=t(f"dose.by_{by}"))
    return choose(title, [str(group) for group in whole], f"dose_{name}_{by}_group", said)
