"""What are the MR series, how is that known, and which are still to be decided?"""

from __future__ import annotations

import streamlit as st

from app.ui import ending, frame, mr, mr_evidence, mr_names, mr_sessions
from app.ui.view import open_page

view = frame.begin("mr")
t = view.texts
chosen = mr.begin(view)
numbers = view.ask("mr_numbers", **chosen).row(0, named=True)
mr.numbers(view, numbers)
if not numbers["mr_kinds"]:
    mr.nothing_left(view)
    ending.end()

mr.counts(view, chosen)
parts = ("unknown", "rows", "matrix", "dynamic", "bids")
tabs = st.tabs([t(f"mr.{part}") for part in parts], key="mr_tabs", on_change="rerun")
opened = None
for part, tab in zip(parts, tabs, strict=True):
    if not tab.open:
        continue
    with tab:
        if part == "unknown":
            mr_names.draw(view, chosen)
        elif part == "rows":
            mr_evidence.draw(view, chosen)
        elif part == "matrix":
            opened = mr_sessions.matrix(view, chosen)
        elif part == "dynamic":
            mr_sessions.dynamic(view, chosen)
        else:
            opened = mr.bids(view, chosen)
if opened and opened.get("SeriesInstanceUID"):
    open_page("series", study=opened["StudyInstanceUID"], series=opened["SeriesInstanceUID"])
elif opened:
    open_page("study", study=opened["StudyInstanceUID"])
