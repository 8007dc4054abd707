"""Where a study or series stands: the way back, the patient's other studies, the UIDs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.ui.text import plain
from app.ui.view import NO_UID, View, open_page, path

LONGEST = 60


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


def neighbours(view: View, uid: str) -> None:
    """Links to the patient's study before and after this one, where there are any."""
    t = view.texts
    studies = view.ask("neighbours", study=uid).rows(named=True)
    here = next((n for n, row in enumerate(studies) if row["StudyInstanceUID"] == uid), None)
    if here is None or len(studies) < 2:
        return
    before = (here - 1, "study.previous", "chevron_left")
    places = (before, (here + 1, "study.next", "chevron_right"))
    with st.container(horizontal=True, gap="small", key="neighbours"):
        for place, label, icon in places:
            if 0 <= place < len(studies):
                other = studies[place]
                if st.button(
                    plain(f"{t(label)} · {other['StudyDate'] or ''}"), type="tertiary",
                    icon=f":material/{icon}:", key=label,
                ):  # fmt: skip
                    open_page("study", study=other["StudyInstanceUID"])


def uids(view: View, **values: str | None) -> None:
    """The UIDs, put away where they can be copied."""
    with st.expander(view.texts("study.uids"), icon=":material/fingerprint:"):
        for name, value in values.items():
            if value:
                st.caption(view.texts(f"column.{name}"))
                st.code(value, language=None)
