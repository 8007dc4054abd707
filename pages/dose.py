"""How much radiation was used, by protocol: CT, radiography, mammography, fluoroscopy?"""

from __future__ import annotations

import streamlit as st

from app.ui import dose, frame
from app.ui.view import NO_UID, open_page

view = frame.begin("dose")
t = view.texts

totals = dose.totals(view)
there = dose.sources(totals)
if not there:
    frame.stop(t("dose.nobody"), t("dose.nobody_text"), "studies", t("studies.nav"))
dose.cards_of(view, totals)

opened = None
tabs = st.tabs([t(f"dose.{name}") for name in there], key="dose_tabs", on_change="rerun")
for name, tab in zip(there, tabs, strict=True):
    if tab.open:
        with tab:
            opened = dose.draw(view, name, totals)
if opened:
    open_page(
        "series", study=opened["StudyInstanceUID"] or NO_UID,
        series=opened["SeriesInstanceUID"] or NO_UID,
    )  # fmt: skip
