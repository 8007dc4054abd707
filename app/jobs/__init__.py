"""Ingests that the app starts: processes of their own that outlive the browser and the server.

A job is a folder under ``<home>/jobs``. The runner writes into it, the app reads it, and a wish to
stop is a file in it; so no process needs to know another one, and a restarted server finds all.
"""

from __future__ import annotations

from app.jobs.launch import cancel, start
from app.jobs.record import Job, latest, read

__all__ = ["Job", "cancel", "latest", "read", "start"]
