"""How long after the injection was measured, how much was given, and who stands out?"""

from __future__ import annotations

import streamlit as st

from app.ui import downloads, frame, nuclear
from app.ui.view import open_page

view = frame.begin("nuclear")
t = view.texts

numbers = nuclear.numbers(view)
if not numbers.get("all"):
    frame.stop(t("nuclear.nobody"), t("nuclear.nobody_text"), "studies", t("studies.nav"))
nuclear.cards_of(view, numbers)
downloads.report(view)

st.subheader(t("nuclear.spread"), anchor=False)
nuclear.spread(view)

st.subheader(t("nuclear.course"), anchor=False)
nuclear.course(view)

st.subheader(t("nuclear.behind"), anchor=False)
opened = nuclear.rows(view, numbers)

st.subheader(t("nuclear.pet_dose"), anchor=False)
opened = nuclear.pet_dose(view) or opened
if opened:
    open_page("study", study=opened["StudyInstanceUID"])
