"""What was ingested when, and what became of every file?"""

from __future__ import annotations

import streamlit as st

from app.queries import Order
from app.ui import cards, frame, tables
from app.ui.tables import Shown

view = frame.begin_files("runs")
t = view.texts

status = {row["status"]: row for row in view.ask("files_by_status").rows(named=True)}
if not status:
    frame.stop(t("runs.none"), t("runs.none_hint"), "ingest", t("ingest.nav"))
outcomes = ("ok", "duplicate", "not_dicom", "error")
counts = {name: status.get(name, {}).get("files", 0) for name in outcomes}
total = sum(row["bytes"] for row in status.values())
cards.row(view, {"files": sum(counts.values()), **counts, "bytes": total})

st.subheader(t("runs.reasons"), anchor=False)
reasons = view.ask("file_reasons")
if reasons.is_empty():
    st.success(t("runs.no_reasons"), icon=":material/check:")
else:
    tables.whole(view, reasons, "reasons")
    st.subheader(t("runs.files"), anchor=False)
    if not view.identifiers:
        st.caption(t("runs.hidden_paths"))
    by_reason = Order("reason", then=("file_id",))
    tables.paged(view, "problem_files", by_reason, Shown(hidden=("file_id", "run_id")))

st.subheader(t("runs.runs"), anchor=False)
tables.whole(view, view.ask("runs"), "runs", Shown(hidden=("run_id",)))
