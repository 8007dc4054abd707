"""Read DICOM files into a databank, and see how that goes."""

from __future__ import annotations

from app.ui import frame, intake, jobs

view = frame.begin_files("ingest", needs_databank=False)
intake.form(view)
jobs.latest(view)
