"""The sections of a report by name, in order: one line for each page that takes part."""

from __future__ import annotations

from app.report import findings, overview, qa
from app.report.content import Maker

SECTIONS: dict[str, Maker] = {
    "overview": overview.section,
    "qa": qa.section,
    "findings": findings.section,
}
