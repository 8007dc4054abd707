"""Which scanners made these series, and do they keep to their protocols?"""

from __future__ import annotations

import streamlit as st

from app.ui import downloads, ending, frame, protocol_changes, scanners
from app.ui.text import plain
from app.ui.view import NO_UID, open_page

view = frame.begin("scanners")
t = view.texts
fleet = scanners.fleet(view)
if fleet.is_empty():
    scanners.nothing(view)
    ending.end()

scanners.numbers(view, fleet)
downloads.report(view)
scanners.timeline(view, fleet)
scanners.table(view, fleet)

scanner = scanners.choose(view, fleet)
st.subheader(plain(scanner["scanner"]), anchor=False)
tabs = st.tabs(
    [t(f"scanners.{part}") for part in scanners.PARTS], key="scanner_tabs", on_change="rerun"
)
for part, tab in zip(scanners.PARTS, tabs, strict=True):
    if not tab.open:
        continue
    with tab:
        if part == "changed":
            protocol_changes.draw(view, scanner)
            continue
        row = scanners.PART[part](view, scanner)
    if row:
        uids = {"study": row["StudyInstanceUID"] or NO_UID}
        if row.get("SeriesInstanceUID"):
            uids["series"] = row["SeriesInstanceUID"]
        open_page("series" if "series" in uids else "study", **uids)
