"""Which studies and series are in the databank?"""

from __future__ import annotations

import streamlit as st

from app import charts
from app.queries import Order
from app.ui import cards, frame, tables
from app.ui.pictures import modality_colours, picture
from app.ui.tables import Shown
from app.ui.view import open_page

BY_DATE = Order("StudyDate", descending=True, then=("StudyInstanceUID",))
SERIES_BY_DATE = Order(
    "StudyDate", descending=True, then=("StudyInstanceUID", "SeriesNumber", "SeriesInstanceUID")
)

view = frame.begin("studies")
t = view.texts

totals = view.ask("totals").row(0, named=True)
cards.row(view, {k: totals[k] for k in ("patients", "studies", "series", "instances", "bytes")})

makers = view.ask("series_by_maker")
colours = modality_colours(view, makers)
left, right = st.columns(2, gap="medium")
with left:
    unit = charts.time_unit(totals["first_date"], totals["last_date"])
    undated = t.count("series", totals["undated_series"])
    figure = charts.over_time(view.ask("series_over_time", unit=unit), t, unit, colours)
    note = t("chart.undated", series=undated) if totals["undated_series"] else ""
    picture(t("chart.over_time"), figure, "over_time", note)
with right:
    picture(t("chart.by_maker"), charts.by_maker(makers, t, colours), "by_maker")

rows = st.segmented_control(
    t("studies.rows"), ("studies", "series"), default="studies", required=True, key="rows",
    format_func=lambda rows: t.count(rows, totals[rows]), label_visibility="collapsed",
    persist_state="session",
)  # fmt: skip
if rows == "series":
    opened = tables.paged(
        view, "series", SERIES_BY_DATE,
        Shown("SeriesDescription", hidden=("StudyInstanceUID", "SeriesInstanceUID")),
    )  # fmt: skip
    if opened:
        open_page("series", study=opened["StudyInstanceUID"], series=opened["SeriesInstanceUID"])
else:
    opened = tables.paged(
        view, "studies", BY_DATE, Shown("StudyDescription", ("StudyInstanceUID",))
    )
    if opened:
        open_page("study", study=opened["StudyInstanceUID"])
