"""Any question, in SQL."""

from __future__ import annotations

import streamlit as st

from app.ui import frame, sql, sql_reference
from app.ui.view import current

filters = current().filters
view = frame.begin_files("sql", set_aside=False)

sees = sql.sight(view, filters)
left, right = st.columns([5, 4], gap="medium")
with left:
    sql.asking(view, sees)
    sql.status(view, sees)
with right:
    sql_reference.draw(view)
sql.result(view)
