"""What is in this study?"""

from __future__ import annotations

import streamlit as st

from app.ui import cards, facts, frame, geometry, tables, trail
from app.ui import study as parts
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
trail.of_patient(view, uid)
cards.row(
    view,
    {
        "series": study["n_series"],
        "instances": study["n_instances"],
        "frames": study["n_frames"] or 0,
        "bytes": study["file_size_bytes"] or 0,
        "findings": study["n_findings"] or 0,
    },
)
facts.show(view, study, facts.STUDY)

opened = [parts.nuclear(view, uid, study)]
st.subheader(t("study.series"), anchor=False)
opened.append(tables.whole(view, view.ask("study_series", study=uid), "study_series", parts.OPENS))
parts.dicom_json(view, study)
parts.when(view, uid)

names = ("geometry", "findings", "private", "files")
tabs = st.tabs([t(f"study.{name}") for name in names], key="study_tabs", on_change="rerun")
for name, tab in zip(names, tabs, strict=True):
    if not tab.open:
        continue
    with tab:
        if name == "geometry":
            opened.append(geometry.of_study(view, uid))
        elif name == "findings":
            opened.append(parts.findings(view, uid))
        elif name == "private":
            parts.private(view, uid)
        else:
            parts.files(view, uid)
for row in opened:
    if row:
        open_page("series", study=uid, series=row["SeriesInstanceUID"])
trail.uids(view, StudyInstanceUID=study["StudyInstanceUID"])
