"""Where a study or series stands: the way back, its neighbours, the UIDs."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from app.ui.text import plain
from app.ui.view import NO_UID, View, open_page, path

LONGEST = 60
LONGEST_NEIGHBOUR = 36


def draw(view: View, row: dict[str, Any], series: bool = False) -> None:
    """Links to the list and, for a series, to its study."""
    t = view.texts
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="trail"):
        st.page_link(path("studies"), label=t("studies.nav"), icon=":material/arrow_back:")
        if series:
            name = row["StudyDescription"] or t("study.untitled")
            when = f" · {row['StudyDate']}" if row["StudyDate"] else ""
            st.page_link(
                path("study"), label=plain(name[:LONGEST] + when), icon=":material/chevron_right:",
                query_params={"study": row["StudyInstanceUID"] or NO_UID},
            )  # fmt: skip


def of_patient(view: View, uid: str) -> None:
    """Links to the patient's study before and after this one, where there are any."""
    rows = view.ask("neighbours", study=uid).with_columns(label=pl.col("StudyDate").cast(pl.String))
    before, after = beside(rows, "StudyInstanceUID", uid)
    with st.container(horizontal=True, gap="small", key="neighbours"):
        if before is not None and _button(view, "study.previous", "chevron_left", before):
            open_page("study", study=before["StudyInstanceUID"])
        if after is not None and _button(view, "study.next", "chevron_right", after):
            open_page("study", study=after["StudyInstanceUID"])


def of_study(view: View, study: str, series: str) -> None:
    """Links to the series before and after this one in its study, and to a comparison with it."""
    t = view.texts
    rows = view.ask("series_neighbours", study=study).with_columns(
        label=pl.concat_str(
            [pl.col("SeriesNumber").cast(pl.String), pl.col("SeriesDescription")],
            separator=" ", ignore_nulls=True,
        )
    )  # fmt: skip
    before, after = beside(rows, "SeriesInstanceUID", series)
    with st.container(horizontal=True, gap="small", key="neighbours"):
        if before is not None and _button(view, "series.previous", "chevron_left", before):
            open_page("series", study=study, series=before["SeriesInstanceUID"])
        if after is not None and _button(view, "series.next", "chevron_right", after):
            open_page("series", study=study, series=after["SeriesInstanceUID"])
        if series != NO_UID and st.button(
            t("series.compare"), type="tertiary", icon=":material/difference:", key="compare_with",
            help=t("series.compare_help"),
        ):  # fmt: skip
            open_page("compare", a=series)


def beside(
    rows: pl.DataFrame, key: str, uid: str
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The rows before and after that of ``uid`` (or of no UID), None where there is none."""
    uids = [value or NO_UID for value in rows[key].to_list()]
    if uid not in uids:
        return None, None
    here = uids.index(uid)
    before = rows.row(here - 1, named=True) if here else None
    return before, rows.row(here + 1, named=True) if here + 1 < rows.height else None


def _button(view: View, label: str, icon: str, row: dict[str, Any]) -> bool:
    told = " ".join((row["label"] or "").split())
    if len(told) > LONGEST_NEIGHBOUR:
        told = told[: LONGEST_NEIGHBOUR - 1] + "…"
    return st.button(
        plain(f"{view.texts(label)} · {told}" if told else view.texts(label)), type="tertiary",
        icon=f":material/{icon}:", key=label,
    )  # fmt: skip


def uids(view: View, **values: str | None) -> None:
    """The UIDs, put away where they can be copied."""
    with st.expander(view.texts("study.uids"), icon=":material/fingerprint:"):
        for name, value in values.items():
            if value:
                st.caption(view.texts(f"column.{name}"))
                st.code(value, language=None)
