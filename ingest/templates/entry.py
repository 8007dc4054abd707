"""One entry of a template: what a person wrote, and the column or element of DICOM that is meant.

Forms are a column of Taglake, a DICOM keyword, a tag (``00180081``, ``(0018,0081)``), a private tag
with its creator (``(2001,xx03) Philips Imaging DD 001``), and any of them behind the sequences
around it, each in its first item (``RotationInformationSequence/ScanArc``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingest.header import dictionary
from ingest.schema import Column, Table
from ingest.templates.wrong import Wrong, wrong

FILE_COLUMNS = (
    "SeriesFolder", "FileName", "SampleFileName", "FileIndex", "TotalFilesInSeries",
    "FilesReadForMetadata", "dcm", "metafilename",
)  # fmt: skip
"""Columns about the files of a series, which have no tag."""
SURROGATES = frozenset(["instance_id", "header_id"])
MAX_LETTERS = 256
MAX_DEPTH = 8

PRIVATE = re.compile(r"\(([0-9A-F]{4}),\s*(?:xx|[0-9A-F]{2})([0-9A-F]{2})\)\s+(\S.*)", re.I)
TAG = re.compile(r"\(?([0-9A-F]{4})[,\s]?\s*([0-9A-F]{4})\)?", re.I)


class EntryInvalid(ValueError):
    """An entry means nothing; ``wrong`` says what is wrong with it."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(str(wrong))
        self.wrong = wrong


@dataclass(frozen=True)
class Entry:
    """What an entry means.

    ``name`` is the title of its column: of a tag the keyword. ``column`` is the typed column of
    Taglake that holds it; without one it is about files (``FILE_COLUMNS``) or read from the
    elements: ``source`` is then the tag, tags joined by / or private tag as in a ``Column``, and
    ``vr`` its value representation by the dictionary, UN where nobody says.
    """

    name: str
    column: Column | None = None
    source: str = ""
    vr: str = ""
    meaning: str = ""


def entry(written: str, tables: Mapping[str, Table]) -> Entry:
    """What was written means; raises EntryInvalid. ``tables`` are those of the databank."""
    asked = " ".join(written.split())
    if not asked:
        raise EntryInvalid(wrong("entry_empty"))
    if len(asked) > MAX_LETTERS or not asked.isprintable():
        raise EntryInvalid(wrong("entry_odd", asked=_said(asked)))
    if asked in FILE_COLUMNS:
        return Entry(asked)
    column = columns(tables).get(asked)
    if column:
        return Entry(column.name, column)
    if "/" in asked and not PRIVATE.fullmatch(asked):
        return _nested(asked)
    return _single(asked, tables)


def columns(tables: Mapping[str, Table]) -> dict[str, Column]:
    """The columns of Taglake that an entry can name: of instances first, then of series."""
    found: dict[str, Column] = {}
    for table in ("instances", "series"):
        for column in tables[table].columns:
            if column.name not in SURROGATES:
                found.setdefault(column.name, column)
    return found


def _single(asked: str, tables: Mapping[str, Table]) -> Entry:
    made = _private(asked) or _public(asked, columns(tables))
    column = columns(tables).get(made.name)
    return Entry(column.name, column) if column else made


def _nested(asked: str) -> Entry:
    """An element in sequences: names and tags of all of them."""
    if asked.count("/") > MAX_DEPTH:
        raise EntryInvalid(wrong("too_deep", asked=_said(asked), most=MAX_DEPTH))
    *around, last = (part.strip() for part in asked.split("/"))
    found = [_public(part, ()) for part in around]
    for one, part in zip(found, around, strict=True):
        if one.vr != "SQ":
            raise EntryInvalid(wrong("not_sequence", asked=_said(part)))
    inner = _private(last) or _public(last, ())
    parts = [*found, inner]
    return Entry(
        "/".join(part.name for part in parts), None, "/".join(part.source for part in parts),
        inner.vr, inner.meaning,
    )  # fmt: skip


def _private(asked: str) -> Entry | None:
    found = PRIVATE.fullmatch(asked)
    if found is None:
        return None
    group, offset, creator = int(found[1], 16), int(found[2], 16), found[3]
    if not group & 1:
        tag = f"{group:04X}{offset:04X}"
        raise EntryInvalid(wrong("not_private", asked=_said(asked), group=f"{group:04X}", tag=tag))
    known = dictionary.private(group << 16 | 0x1000 | offset, creator)
    source = f"({group:04X},xx{offset:02X}) {creator}"
    return Entry(source, None, source, known.vr, known.name or "")


def _public(asked: str, taglake: Iterable[str]) -> Entry:
    """A keyword or a tag of the standard."""
    found = TAG.fullmatch(asked)
    if found is None:
        tag = dictionary.keywords().get(asked)
        if tag is None:
            raise EntryInvalid(_unknown(asked, taglake))
    else:
        tag = int(found[1] + found[2], 16)
        if tag >> 16 & 1:
            example = f"({tag >> 16:04X},xx{tag & 0xFF:02X}) CREATOR"
            raise EntryInvalid(wrong("needs_creator", asked=_said(asked), example=example))
    known = dictionary.standard(tag)
    if not known.keyword:
        raise EntryInvalid(wrong("not_in_standard", asked=_said(asked)))
    return Entry(known.keyword, None, f"{tag:08X}", known.vr, known.name or "")


def _unknown(asked: str, taglake: Iterable[str]) -> Wrong:
    if asked.startswith("(") or re.fullmatch(r"[0-9A-Fa-fx,() ]+", asked):
        return wrong("not_tag", asked=_said(asked))
    near = nearest(asked, [*taglake, *dictionary.keywords()])
    if near:
        return wrong("unknown_near", asked=_said(asked), near=tuple(near))
    return wrong("unknown", asked=_said(asked))


def nearest(asked: str, names: Iterable[str]) -> list[str]:
    """Names that look like what was written, the likeliest first; three at most."""
    plain: dict[str, str] = {}
    for name in names:
        plain.setdefault(name.casefold(), name)
    found = difflib.get_close_matches(asked.casefold(), plain, n=3, cutoff=0.75)
    return [plain[one] for one in found]


def _said(asked: str) -> str:
    """What was written, short enough for a sentence."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in asked)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
