"""What is in the databank, what has changed, and what needs attention?"""

from __future__ import annotations

import streamlit as st

from app.dashboards.overview import slice_cards
from app.ui import cards, downloads, frame, overview

view = frame.begin("overview")
t = view.texts

totals = view.ask("totals").row(0, named=True)
cards.row(view, {k: totals[k] for k in ("patients", "studies", "series", "instances", "bytes")})

downloads.report(view)

overview.prepare(view, totals)
overview.attention(view)

st.subheader(t("overview.breakdown"), anchor=False)
overview.breakdown(view)

st.subheader(t("overview.time"), anchor=False)
overview.over_time(view, totals)

st.subheader(t("overview.curation"), anchor=False)
first = view.ask("overview_slices").row(0, named=True)
cards.row(view, slice_cards(first), key="slice_cards")
overview.curation(view)

st.subheader(t("overview.runs"), anchor=False)
overview.runs(view)
