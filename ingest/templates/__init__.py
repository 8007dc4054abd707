"""Modality templates: which columns a table about series or images of a modality has.

A template is a JSON file, here or in the folder ``templates`` of a databank; what it names is held
against the DICOM dictionary and the tables of the databank before anybody relies on it.
"""

from __future__ import annotations

from ingest.templates.entry import FILE_COLUMNS, Entry, entry
from ingest.templates.library import (
    COMMON,
    Library,
    default,
    defaults,
    edition,
    read,
    remove,
    write,
)
from ingest.templates.template import NAME, Template, TemplateInvalid, parse, text

__all__ = [
    "COMMON", "FILE_COLUMNS", "NAME", "Entry", "Library", "Template", "TemplateInvalid", "default",
    "defaults", "edition", "entry", "parse", "read", "remove", "text", "write",
]  # fmt: skip
