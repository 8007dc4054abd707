"""What a workbook says about itself: the sheets Dictionary and Provenance.

As everywhere the time is that of the data: the same choice of the same snapshot is one file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from app.export import dictionary, provenance
from app.export.workbook.record import Workbook
from app.export.workbook.values import BETWEEN_LISTS
from app.lake import Lake
from ingest.schema import Column
from ingest.schema.deidentification import Action
from ingest.templates import Library, Template

NOT_SAID = ("Table", "Rows are", "Columns", "Order", "Columns removed", "Columns changed")
"""Of the facts of an export: a workbook says them for each of its sheets."""


class Written(NamedTuple):
    """A sheet: the columns it got, and what was done to those without identity."""

    sheet: str
    schema: Mapping[str, pl.DataType]
    meanings: Mapping[str, Column]
    actions: Mapping[str, Action]


def dictionary_of(sheets: Iterable[Written]) -> pl.DataFrame:
    """A row for every column of every sheet."""
    rows = [
        (one.sheet, *described)
        for one in sheets
        for described in dictionary.described(one.schema, one.meanings)
    ]
    names = ("sheet", "column", "meaning", "unit", "tag", "type")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def provenance_of(
    wanted: Workbook,
    opened: Lake,
    templates: Mapping[str, Template],
    found: Library,
    sheets: Sequence[Written],
    rows: Mapping[str, int],
    notes: Iterable[str],
) -> pl.DataFrame:
    """What the workbook is about, what is in it, and how to read it."""
    facts = provenance.facts(wanted.selection(), opened, (), {})
    said = [fact for fact in facts if fact[0] not in NOT_SAID]
    made_by = said.pop()  # the versions come last
    said += [(f"Rows of {sheet}", f"{n:,}") for sheet, n in rows.items()]
    said += [
        (f"Template of {modality}", _template(one, found)) for modality, one in templates.items()
    ]
    said.append((
        "Several values",
        f"joined by a backslash; of attributes that are lists, by {BETWEEN_LISTS.strip()}. Other "
        "values are those that all images of the series share, or of the first in slice order.",
    ))  # fmt: skip
    if not wanted.shows_paths:
        said.append(("Names of files and folders", "made of UIDs, as paths may identify"))
    for one in sheets:
        removed = [name for name, kind in one.actions.items() if kind == "remove"]
        changed = {
            n: provenance.CHANGED[k] for n, k in one.actions.items() if k in provenance.CHANGED
        }
        if removed:
            said.append((f"Removed from {one.sheet}", ", ".join(removed)))
        if changed:
            told = "; ".join(f"{name}: {what}" for name, what in changed.items())
            said.append((f"Changed in {one.sheet}", told))
    said += [("Note", note) for note in notes]
    return pl.DataFrame(
        [*said, made_by], schema=dict.fromkeys(("what", "is"), pl.String), orient="row"
    )


def _template(one: Template, found: Library) -> str:
    if one.name in found.given:
        where = "given"
    else:
        where = "of the databank" if one.name in found.own else "default"
    rows = "image" if one.rows == "instances" else "series"
    return f"{one.name} ({where}), a row for every {rows}"
