"""What differs between the headers of two series, or between two studies?"""

from __future__ import annotations

import streamlit as st

from app.ui import compare, compare_choice, compare_studies, frame

view = frame.begin("compare")
t = view.texts
kind = compare_choice.kind(view)
a, b = compare_choice.pair(view, kind)
if not a or not b:
    frame.stop(t(f"compare_two.{kind}"), t("compare.two_hint"))

compare_choice.swap_button(view)
everything = view.everything()
if kind == "study":
    compare_studies.draw(view, a["StudyInstanceUID"], b["StudyInstanceUID"])
else:
    headers = [
        everything.ask("compare_elements", series=row["SeriesInstanceUID"]) for row in (a, b)
    ]
    if a == b:
        st.info(t("compare.same"))
    compare.draw(view, *headers)
