"""The tables of the quality page: adherence by group, scanners, protocols, CT dose.

A row opens the rows that it counts, below the card.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import streamlit as st

from app import quality, queries
from app.filters import MISSING
from app.queries import Order
from app.ui import qa_rows, tables
from app.ui.qa_rows import Behind
from app.ui.tables import Shown
from app.ui.view import View

Limits = Mapping[str, float]


def adherence(view: View, limits: Limits, card: int) -> None:
    """Within the ideal ranges by modality and by radiopharmaceutical."""
    t = view.texts
    params: dict[str, Any] = {**quality.needed(queries.text("qa_adherence"), limits)}
    frame = view.ask("qa_adherence", **params).with_columns(
        uptake_percent=_percent("uptake_ideal", "n_uptake"),
        dose_percent=_percent("dose_ideal", "n_dose"),
    )
    named = frame.with_columns(
        group=pl.when(pl.col("value") == MISSING).then(pl.lit(t("missing"))).otherwise("value"),
        grouped_by=pl.col("kind").replace(
            {kind: t(f"filters.{kind}") for kind in ("modality", "radiopharmaceutical")}
        ),
    )
    columns = (
        "grouped_by", "n_studies", "n_uptake", "uptake_ideal", "uptake_percent", "uptake_median",
        "n_dose", "dose_ideal", "dose_percent", "dose_median",
    )  # fmt: skip
    row = tables.whole(view, named, "qa_adherence", Shown("group", columns=columns))
    if _is_new("qa_adherence", row["group"] if row else None):
        assert row is not None
        _show(Behind(card, kind=row["kind"], value=row["value"], label=row["group"]))


def scanners(view: View, limits: Limits, card: int) -> None:
    """Manufacturer, model and software versions, with what they made."""
    order = Order("n_series", descending=True, then=("scanner",))
    columns = ("ManufacturerModelName", "Manufacturer", "SoftwareVersions", "n_series", "n_studies",
               "n_fingerprints", "first_seen", "last_seen")  # fmt: skip
    row = tables.paged(
        view, "qa_scanners", order, Shown("ManufacturerModelName", ("scanner",), columns=columns)
    )
    if _is_new("qa_scanners", row["scanner"] if row else None):
        assert row is not None
        value = row["scanner"]
        _show(Behind(card, kind="scanner", value=value, of="series", label=value))


def protocols(view: View, limits: Limits, card: int) -> None:
    """Groups of protocols by scanner: how many fingerprints, and how common the commonest is."""
    order = Order("n_deviating", descending=True, then=("-n_series", "protocol"))
    columns = ("protocol_group", "scanner", "ManufacturerModelName", "n_series", "n_fingerprints",
               "majority_percent", "n_deviating")  # fmt: skip
    if not view.count("qa_protocols"):
        st.caption(view.texts("qa.no_protocols"))
        return
    shown = Shown("protocol_group", ("protocol",), columns=columns)
    row = tables.paged(view, "qa_protocols", order, shown)
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
    """CTDIvol and DLP by protocol."""
    frame = view.ask("qa_ct_dose")
    if frame.is_empty():
        st.caption(view.texts("qa.no_ct_dose"))
        return
    row = tables.whole(view, frame, "qa_ct_dose", Shown("protocol_group"))
    if _is_new("qa_ct_dose", row["protocol_group"] if row else None):
        assert row is not None
        value = row["protocol_group"]
        _show(Behind(card, kind="ct_dose", value=value, of="series", label=value))


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


def _percent(part: str, whole: str) -> pl.Expr:
    share = 100 * pl.col(part) / pl.col(whole)
    return pl.when(pl.col(whole) > 0).then(share.round(1))


CARDS: dict[int, Callable[[View, Limits, int], None]] = {
    1: adherence, 11: scanners, 12: protocols, 17: ct_dose,
}  # fmt: skip
"""What draws the table of a card."""
