"""How much radiation was used, by protocol: CT, radiography, mammography, fluoroscopy?"""

from __future__ import annotations

import streamlit as st

from app.dashboards.dose import sources, totals
from app.ui import dose, downloads, frame
from app.ui.view import NO_UID, open_page

view = frame.begin("dose")
t = view.texts

found = totals(view)
there = sources(found)
if not there:
    frame.stop(t("dose.nobody"), t("dose.nobody_text"), "studies", t("studies.nav"))
dose.cards_of(view, found)
downloads.report(view)

opened = None
tabs = st.tabs([t(f"dose.{name}") for name in there], key="dose_tabs", on_change="rerun")
for name, tab in zip(there, tabs, strict=True):
    if tab.open:
        with tab:
            opened = dose.draw(view, name, found)
if opened:
    open_page(
        "series", study=opened["StudyInstanceUID"] or NO_UID,
        series=opened["SeriesInstanceUID"] or NO_UID,
    )  # fmt: skip
