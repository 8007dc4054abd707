"""What a workbook is made of: one record for the page and the command, so both make the same file.

``templates`` are given for this workbook only and come before those of the databank; ``uses`` says
for a modality which template is meant, where that is not the one that names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.errors import StatementRefused
from app.export.selection import Selection
from app.filters import NONE, Filters
from app.queries import Databank
from ingest.lake.tables import tables_of
from ingest.templates import Library, Template, TemplateInvalid, parse, read
from ingest.templates.wrong import wrong

METADATA, SUMMARY, MR, FINDINGS = "DICOM_Metadata", "Series_Summary", "MR_Cleaned", "Findings"
DICTIONARY, PROVENANCE = "Dictionary", "Provenance"
DATA = (METADATA, SUMMARY, MR, FINDINGS)
SHEETS = (*DATA, DICTIONARY, PROVENANCE)
"""In their order; Provenance is always there."""


@dataclass(frozen=True)
class Workbook:
    """What a workbook holds: the series of ``filters`` and ``where``, a condition over ``series``.

    ``templates`` are names with the text of the file; the other fields are as in a ``Selection``.
    """

    databank: Databank
    filters: Filters = NONE
    where: str = ""
    sheets: tuple[str, ...] = SHEETS
    templates: tuple[tuple[str, str], ...] = ()
    uses: tuple[tuple[str, str], ...] = ()
    deidentified: bool = False
    shift_dates: bool = False

    @property
    def shows_paths(self) -> bool:
        """Whether names of files and folders are told."""
        return self.databank.identifiers and not self.deidentified

    def has(self, sheet: str) -> bool:
        """Whether a sheet is wanted."""
        return sheet == PROVENANCE or sheet in self.sheets

    def selection(self) -> Selection:
        """The same choice of rows, as tables are exported by."""
        return Selection(
            self.databank, "series", self.filters, where=self.where,
            deidentified=self.deidentified, shift_dates=self.shift_dates,
        )  # fmt: skip


def library(wanted: Workbook) -> Library:
    """The templates that a workbook is made by; raises TemplateInvalid, also for the databank's."""
    root = wanted.databank.root
    found = read(root)
    if found.troubles:
        raise found.troubles[0]
    tables = tables_of(root)
    return found.with_given(*(parse(name, text, tables) for name, text in wanted.templates))


def template_of(modality: str | None, wanted: Workbook, found: Library) -> Template:
    """The template of a modality; raises TemplateInvalid where ``uses`` names none there is."""
    name = dict(wanted.uses).get(modality or "")
    if name is None:
        return found.of(modality)
    if name not in found.templates:
        known = ", ".join(sorted(found.templates))
        raise TemplateInvalid(wrong("no_template", name=name[:40], known=known))
    return found.templates[name]


def check_sheets(names: Iterable[str]) -> tuple[str, ...]:
    """Names of sheets in their order; StatementRefused for one that there is not."""
    wanted = set(names)
    for name in wanted - set(SHEETS):
        raise StatementRefused(f"There is no sheet {name}. There are: {', '.join(SHEETS)}.")
    return tuple(name for name in SHEETS if name in wanted)
