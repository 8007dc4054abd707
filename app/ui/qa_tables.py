"""The tables of the quality page: adherence by group, scanners, protocols, CT dose.

A row opens the rows that it counts, below the card.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import streamlit as st

from app.dashboards import dose
from app.dashboards import qa as figures
from app.dashboards.qa import Limits
from app.filters import MISSING
from app.ui import qa_rows, tables
from app.ui.qa_rows import Behind
from app.ui.tables import Shown
from app.ui.view import View, path


def adherence(view: View, limits: Limits, card: int) -> None:
    """Within the ideal ranges by modality and by radiopharmaceutical."""
    frame = figures.adherence(view, limits)
    row = tables.whole(view, frame, "qa_adherence", Shown("group", columns=figures.ADHERENCE))
    if _is_new("qa_adherence", row["group"] if row else None):
        assert row is not None
        _show(Behind(card, kind=row["kind"], value=row["value"], label=row["group"]))


def scanners(view: View, limits: Limits, card: int) -> None:
    """Manufacturer, model and software versions, with what they made."""
    shown = Shown("ManufacturerModelName", ("scanner",), columns=figures.SCANNERS)
    row = tables.whole(view, view.ask("qa_scanners"), "qa_scanners", shown, "qa_scanners")
    if _is_new("qa_scanners", row["scanner"] if row else None):
        assert row is not None
        value = row["scanner"]
        _show(Behind(card, kind="scanner", value=value, of="series", label=value))


def protocols(view: View, limits: Limits, card: int) -> None:
    """Groups of protocols by scanner: how many fingerprints, and how common the commonest is."""
    frame = view.ask("qa_protocols")
    if frame.is_empty():
        st.caption(view.texts("qa.no_protocols"))
        return
    shown = Shown("protocol_group", ("protocol",), columns=figures.PROTOCOLS)
    row = tables.whole(view, frame, "qa_protocols", shown, "qa_protocols")
    if _is_new("qa_protocols", row["protocol"] if row else None):
        assert row is not None
        st.session_state[CHOSEN] = row["protocol"]
        label = row["protocol_group"]
        _show(Behind(card, kind="protocol", value=row["protocol"], of="series", label=label))
    _fingerprints(view)


CHOSEN = "qa_protocol"


def _fingerprints(view: View) -> None:
    """The fingerprints of the group that was opened, and what differs from the majority."""
    behind = st.session_state.get(qa_rows.SLOT)
    chosen = st.session_state.get(CHOSEN)
    if chosen is None or not isinstance(behind, Behind) or behind.value != chosen:
        return
    st.caption(view.texts("qa.fingerprints"))
    hidden = ("StudyInstanceUID", "SeriesInstanceUID")
    frame = view.ask("qa_fingerprints", protocol=chosen)
    tables.whole(view, frame, "qa_fingerprints", Shown(hidden=hidden))


def ct_dose(view: View, limits: Limits, card: int) -> None:
    """CTDIvol of the headers, CTDIvol and DLP of dose reports, by protocol."""
    t, nothing = view.texts, True
    for source in figures.CT_DOSE:
        frame = dose.ct_by_protocol(view, source)
        if frame.is_empty():
            continue
        nothing = False
        name = f"qa_{source}"
        named = frame.with_columns(ct_protocol=pl.col("ct_protocol").fill_null(t("missing")))
        st.markdown(f"**{t(f'dose.{source}')}**", help=t(f"dose.{source}_text"))
        row = tables.whole(view, named, name, Shown("ct_protocol"))
        if not _is_new(name, row["ct_protocol"] if row else None):
            continue
        assert row is not None
        place = named["ct_protocol"].to_list().index(row["ct_protocol"])
        value = frame["ct_protocol"][place] or MISSING
        label = f"{t(f'dose.{source}')}: {row['ct_protocol']}"
        _show(Behind(card, kind=source, value=value, of="series", label=label))
    if nothing:
        st.caption(t("qa.no_ct_dose"))
    else:
        st.page_link(path("dose"), label=t("qa.see_doses"), icon=":material/radiology:")


def _show(behind: Behind) -> None:
    """Show rows from now on, on a page drawn anew: others may be shown above already."""
    if st.session_state.get(qa_rows.SLOT) != behind:
        qa_rows.show(behind)
        st.rerun()


def _is_new(table: str, value: str | None) -> bool:
    """Whether a row was opened just now: a box that is ticked stays so in the runs that follow."""
    before = st.session_state.get(f"{table}_opened")
    st.session_state[f"{table}_opened"] = value
    clicked = st.session_state.get(f"table_{table}_click") is not None
    return value is not None and (clicked or value != before)


CARDS: dict[int, Callable[[View, Limits, int], None]] = {
    1: adherence, 11: scanners, 12: protocols, 17: ct_dose,
}  # fmt: skip
"""What draws the table of a card."""
