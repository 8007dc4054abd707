"""The parts of the page of scanners: the fleet, and of the one that is chosen its protocols, what
changed between two of them, which series deviate, and which studies lack a series.

The chosen scanner is in the address by its pseudonym, never by its serial number.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl
import streamlit as st

from app.charts.period import Period, period
from app.dashboards import scanners as figures
from app.queries import Order
from app.ui import cards, tables
from app.ui.pictures import palette, picture
from app.ui.tables import Row, Shown
from app.ui.view import View, chosen, path

FLEET = Shown("scanner", hidden=("scanner_key", figures.EXAMPLE))
FLEET_TABLE = "table_scanners_fleet"
MARKED = "scanner_rows_marked"
"""The rows of the fleet that were marked in the run before: a mark stays, and chooses only once."""
PARTS = ("protocols", "changed", "deviating", "incomplete")
UIDS = ("StudyInstanceUID", "SeriesInstanceUID")
PROTOCOLS = Shown("protocol_group", hidden=("protocol_fingerprint", *UIDS))
PROTOCOL_ORDER = Order("n_series", True, ("protocol_group", "-n_series", "protocol_fingerprint"))
DEVIATING = Shown("SeriesDescription", hidden=("protocol_fingerprint", *UIDS))
DEVIATING_ORDER = Order("acquisition_datetime_min", True, ("StudyInstanceUID", "SeriesInstanceUID"))
INCOMPLETE = Shown("StudyDescription", hidden=("StudyInstanceUID",))
INCOMPLETE_ORDER = Order("StudyDate", True, ("StudyInstanceUID",))


def fleet(view: View) -> pl.DataFrame:
    """All scanners, those of the most series first; with identifiers their numbers and stations."""
    view.prepare({"scanners_fleet": {}, "scanners_versions": figures.asked_of(_shown(view))})
    return figures.fleet(view)


def numbers(view: View, fleet: pl.DataFrame) -> None:
    """The fleet on cards, and what is known of no scanner."""
    t = view.texts
    cards.row(view, figures.cards(fleet))
    unknown = figures.unknown(view, fleet)
    if unknown:
        st.caption(t("scanners.unknown", series=t.count("series", unknown)))


def timeline(view: View, fleet: pl.DataFrame) -> None:
    """Which software each scanner ran when; a click on a bar chooses the scanner."""
    t = view.texts
    if fleet.drop_nulls("first_seen").is_empty():
        st.info(t("scanners.undated"), icon=":material/event_busy:")
        return
    shown = _shown(view)
    note = figures.timeline_note(view, fleet, shown)
    picture(
        t("scanners.timeline"), partial(_timeline, view, fleet, shown), "fleet_timeline", note,
        help=t("scanners.timeline_help"), opens=take,
    )  # fmt: skip


def _shown(view: View) -> Period:
    return period(view.ask("totals").row(0, named=True))


def _timeline(view: View, fleet: pl.DataFrame, shown: Period) -> go.Figure:
    return figures.timeline(view, palette(), fleet, shown)


def table(view: View, fleet: pl.DataFrame) -> None:
    """The fleet; a click on a name chooses that scanner."""
    st.caption(view.texts("scanners.table_hint"))
    question = "" if view.identifiers else "scanners_fleet"
    row = tables.whole(view, fleet, "scanners_fleet", FLEET, question)
    marked = list(st.session_state.get(FLEET_TABLE, {}).get("selection", {}).get("rows", []))
    clicked = st.session_state.get(f"{FLEET_TABLE}_click") is not None
    is_new = clicked or marked != st.session_state.get(MARKED, [])
    st.session_state[MARKED] = marked
    if row and is_new:
        take(str(row["scanner_key"]))


def choose(view: View, fleet: pl.DataFrame) -> Row:
    """The field in which the scanner is chosen that the rest is about; gives its row."""
    t = view.texts
    rows = {str(row["scanner_key"]): row for row in fleet.iter_rows(named=True)}
    slot = f"scanner_of_{view.name}"
    key = chosen("scanner") or str(st.session_state.get(slot, ""))
    if key not in rows:
        key = next(iter(rows))
    st.session_state[slot] = key
    st.session_state["scanner"] = key
    st.selectbox(
        t("scanners.scanner"), list(rows), key="scanner", on_change=_picked,
        format_func=lambda key: label(view, rows[key]), help=t("scanners.scanner_help"),
    )  # fmt: skip
    return rows[key]


def take(key: str) -> None:
    """Look at this scanner; for callbacks, and before a rerun."""
    st.query_params["scanner"] = key


def _picked() -> None:
    take(str(st.session_state["scanner"]))


def label(view: View, row: Row) -> str:
    """A scanner in one line: model, maker, with identifiers its serial number, and its series."""
    t = view.texts
    parts = [row["scanner"], row["Manufacturer"] if row["ManufacturerModelName"] else None]
    if view.identifiers:
        parts += [row["DeviceSerialNumber"], row["StationName"]]
    parts.append(t.count("series", row["n_series"]))
    return " · ".join(" ".join(str(part).split()) for part in parts if part)


def protocols(view: View, scanner: Row) -> Row | None:
    """Which protocol was used when, and a table of them; gives the one that was opened."""
    t, key = view.texts, scanner["scanner_key"]
    if not scanner["n_protocols"]:
        st.info(t("scanners.no_protocols"), icon=":material/info:")
        return None
    used = figures.used(view, scanner, _shown(view))
    note = figures.usage_note(t, scanner["n_protocols"], used)
    if not used.rows.is_empty():
        picture(
            t("scanners.usage"), figures.usage(view, palette(), used), "protocol_usage", note,
            help=t("scanners.usage_help"),
        )  # fmt: skip
    elif note:
        st.info(note, icon=":material/event_busy:")
    return tables.paged(view, "scanners_protocols", PROTOCOL_ORDER, PROTOCOLS, scanner=key)


def deviating(view: View, scanner: Row) -> Row | None:
    """The series that deviate from the commonest protocol; gives the one that was opened."""
    t, key = view.texts, scanner["scanner_key"]
    st.caption(t("scanners.deviating_help"))
    if not scanner["n_deviating"]:
        st.success(t("scanners.none_deviating"), icon=":material/check:")
        return None
    return tables.paged(view, "scanners_deviating", DEVIATING_ORDER, DEVIATING, scanner=key)


def incomplete(view: View, scanner: Row) -> Row | None:
    """The studies that lack a series that most of their kind have; gives the one opened."""
    t, key = view.texts, scanner["scanner_key"]
    st.caption(t("scanners.incomplete_help"))
    of, judged = view.ask("scanners_sessions", scanner=key).row(0)
    n = view.count("scanners_incomplete", scanner=key)
    told = {
        "lacking": t.number(n), "judged": t.number(judged), "studies": t.count("studies", of)
    }  # fmt: skip
    if not judged:
        st.info(t("scanners.none_judged"), icon=":material/info:")
        return None
    if not n:
        st.success(t("scanners.none_incomplete", **told), icon=":material/check:")
        return None
    st.markdown(t("scanners.some_incomplete", **told))
    return tables.paged(view, "scanners_incomplete", INCOMPLETE_ORDER, INCOMPLETE, scanner=key)


def nothing(view: View) -> None:
    """What is said where no series names a scanner."""
    t = view.texts
    st.info(t("scanners.none"), icon=":material/info:")
    st.page_link(path("ingest"), label=t("empty.own_button"), icon=":material/upload:")


PART: dict[str, Any] = {
    "protocols": protocols, "deviating": deviating, "incomplete": incomplete,
}  # fmt: skip
