"""What is in this series, what varies in it, and what do its headers say?"""

from __future__ import annotations

import streamlit as st

from app import charts
from app.ui import cards, facts, frame, header, instances, trail
from app.ui.pictures import palette, picture
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
cards.row(
    view,
    {
        "instances": series["n_instances"],
        "frames": series["n_frames_sum"] or 0,
        "bytes": series["file_size_bytes_sum"] or 0,
    },
)
facts.show(view, series, facts.SERIES)

members = view.ask("series_instances", **uids)
varying = view.ask("varying", **uids)
header_tab, instances_tab, varying_tab = st.tabs(
    [t("series.header"), f"{t('series.instances')} · {t.number(members.height)}",
     f"{t('series.varying')} · {t.number(varying.height)}"],
    key="series_tabs",
)  # fmt: skip
with instances_tab:
    if members["slice_position_mm"].n_unique() > 1:
        picture(t("chart.slices"), charts.slices(members, t, palette()[0]), "slices")
    instances.table(view, members)
with varying_tab:
    instances.varying(view, varying, members.height)
with header_tab:
    instance = instances.choose(view, members, str(series["MiddleSOPInstanceUID"]))
    header.browse(view, view.ask("header", instance=instance["instance_id"]), set(varying["path"]))
trail.uids(
    view, StudyInstanceUID=series["StudyInstanceUID"],
    SeriesInstanceUID=series["SeriesInstanceUID"], SOPInstanceUID=instance["SOPInstanceUID"],
)  # fmt: skip
