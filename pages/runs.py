"""What was ingested when, and what became of every file?"""

from __future__ import annotations

from app.ui import cards, frame, runs

view = frame.begin_files("runs")
t = view.texts

status = {row["status"]: row for row in view.ask("files_by_status").rows(named=True)}
if not status and not view.count("runs"):
    frame.stop(t("runs.none"), t("runs.none_hint"), "ingest", t("ingest.nav"))
outcomes = ("ok", "duplicate", "not_dicom", "error")
counts = {name: status.get(name, {}).get("files", 0) for name in outcomes}
total = sum(row["bytes"] for row in status.values())
cards.row(view, {"files": sum(counts.values()), **counts, "bytes": total})

run = runs.listed(view)
if run:
    runs.one(view, run)
else:
    runs.unread(view, counts["error"])
about = runs.reasons(view, run)
if sum(counts.values()) > counts["ok"]:
    runs.files(view, run, about)
