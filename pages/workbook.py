"""The Excel workbook of these series: what will be in it, and the file?"""

from __future__ import annotations

import streamlit as st

from app.ui import frame, workbook

view = frame.begin("workbook")
t = view.texts

st.markdown(t("workbook.intro"))
made = workbook.ready(view, workbook.chosen(view))
workbook.numbers(view, made)
workbook.build(view, made)
workbook.previews(view, made)
