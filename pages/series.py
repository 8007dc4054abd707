"""What is in this series, what varies in it, and what do its headers say?"""

from __future__ import annotations

import streamlit as st

from app.ui import cards, facts, frame, geometry, header, instances, preview, trail
from app.ui.text import plain
from app.ui.view import chosen

view = frame.begin_detail()
t = view.texts
uids = {"study": chosen("study"), "series": chosen("series")}
if not all(uids.values()):
    frame.stop(t("series.none"), t("series.none_hint"), "studies", t("studies.nav"))
found = view.ask("one_series", **uids)
if found.is_empty():
    frame.stop(t("series.gone"), t("series.gone_hint"), "studies", t("studies.nav"))
series = found.row(0, named=True)

trail.draw(view, series, series=True)
st.title(plain(series["SeriesDescription"] or t("series.untitled")), anchor=False)
trail.of_study(view, **uids)
cards.row(
    view,
    {
        "instances": series["n_instances"],
        "frames": series["n_frames_sum"] or 0,
        "bytes": series["file_size_bytes_sum"] or 0,
        "findings": series["n_findings"] or 0,
    },
)
facts.show(view, series, facts.SERIES)

members = view.ask("series_instances", **uids)
which = st.container(key="which_instance")
labels = ("series.header", "series.instances", "series.varying", "chart.slices", "series.picture")
tabs = st.tabs([t(label) for label in labels], key="series_tabs", on_change="rerun")
header_tab, instances_tab, varying_tab, geometry_tab, picture_tab = tabs
if instances_tab.open:
    with instances_tab:
        instances.table(view, members)
with which:  # after the table, a row of which moves the slider
    instance = instances.choose(view, members, str(series["MiddleSOPInstanceUID"]))
if header_tab.open:
    with header_tab:
        header.browse(view, *header.of_instance(view, uids, members, instance))
if varying_tab.open:
    with varying_tab:
        instances.varying(view, view.ask("varying", **uids), members.height)
if geometry_tab.open:
    with geometry_tab:
        geometry.of_series(view, series, members)
if picture_tab.open:
    with picture_tab:
        preview.show(view, uids["series"], instance)
trail.uids(
    view, StudyInstanceUID=series["StudyInstanceUID"],
    SeriesInstanceUID=series["SeriesInstanceUID"], SOPInstanceUID=instance["SOPInstanceUID"],
)  # fmt: skip
