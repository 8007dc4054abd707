"""Which studies and series are in the databank?"""

from __future__ import annotations

import streamlit as st

from app.ui import cards, found, frame
from app.ui.view import open_page

view = frame.begin("studies")
t = view.texts

totals = view.ask("totals").row(0, named=True)
cards.row(view, {k: totals[k] for k in ("patients", "studies", "series", "instances", "bytes")})

rows = st.segmented_control(
    t("studies.rows"), ("studies", "series"), default="studies", required=True, key="rows",
    format_func=lambda rows: t.count(rows, totals[rows]), label_visibility="collapsed",
    persist_state="session",
)  # fmt: skip
if rows == "series":
    opened = found.series(view)
    if opened:
        open_page("series", study=opened["StudyInstanceUID"], series=opened["SeriesInstanceUID"])
else:
    opened = found.studies(view)
    if opened:
        open_page("study", study=opened["StudyInstanceUID"])
