"""The sections of a report by name, in order: one line for each page that takes part."""

from __future__ import annotations

from app.report import dose, findings, nuclear, overview, qa, scanners
from app.report.content import Maker

SECTIONS: dict[str, Maker] = {
    "overview": overview.section,
    "qa": qa.section,
    "nuclear": nuclear.section,
    "dose": dose.section,
    "scanners": scanners.section,
    "findings": findings.section,
}
