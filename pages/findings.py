"""What do the rules say about the data: what is wrong, where, since when, and what to do?"""

from __future__ import annotations

import streamlit as st

from app.ui import downloads, ending, findings, frame
from app.ui.view import open_page

view = frame.begin("findings")
t = view.texts

totals = view.ask("totals").row(0, named=True)
run = findings.prepare(view, totals)
rules = findings.summary(view, run)
if rules.is_empty():
    st.success(t("findings.none"), icon=":material/check:")
    ending.end()
downloads.report(view)
findings.pictures(view, run, totals, rules)
rule = findings.listed(view, run, rules)
opened = findings.rows(view, run, rule)
if opened and opened["level"] == "study":
    open_page("study", study=opened["StudyInstanceUID"])
elif opened:
    open_page("series", study=opened["StudyInstanceUID"], series=opened["SeriesInstanceUID"])
