"""What is in this study?"""

from __future__ import annotations

import streamlit as st

from app.ui import cards, facts, frame, tables, trail
from app.ui.tables import Shown
from app.ui.text import plain
from app.ui.view import chosen, open_page

view = frame.begin_detail()
t = view.texts
uid = chosen("study")
if not uid:
    frame.stop(t("study.none"), t("study.none_hint"), "studies", t("studies.nav"))
found = view.ask("study", study=uid)
if found.is_empty():
    frame.stop(t("study.gone"), t("study.gone_hint"), "studies", t("studies.nav"))
study = found.row(0, named=True)

trail.draw(view, study)
st.title(plain(study["StudyDescription"] or t("study.untitled")), anchor=False)
with st.container(key="sentence"):
    st.markdown(t("study.all_series", series=t.count("series", study["n_series"])))
trail.neighbours(view, uid)

cards.row(
    view,
    {
        "series": study["n_series"],
        "instances": study["n_instances"],
        "frames": study["n_frames"] or 0,
        "bytes": study["file_size_bytes"] or 0,
    },
)
facts.show(view, study, facts.STUDY)

st.subheader(t("study.series"), anchor=False)
series = view.ask("study_series", study=uid)
opened = tables.whole(
    view, series, "study_series", Shown("SeriesDescription", hidden=("SeriesInstanceUID",))
)
if opened:
    open_page("series", study=uid, series=opened["SeriesInstanceUID"])
trail.uids(view, StudyInstanceUID=study["StudyInstanceUID"])
