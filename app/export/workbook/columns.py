"""The columns of a workbook: those that scripts expect at the beginning, then those of templates.

For each column is said how a row about a series and one about an image get their value. A series
shows all values of what varies in it where the lake keeps them, of everything else the value that
its instances share, or that of the first in slice order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from ingest.lake.sql import identifier
from ingest.schema import Column, Table
from ingest.schema.mr import MR_CONTRACT
from ingest.templates import Entry

Kind = Literal["plain", "distinct", "lists", "element", "file"]
"""
plain     one value
distinct  all values that the instances have, as a list
lists     the same of an attribute that is a list itself: each joined to a text
element   texts of an element, as a list
file      the name of a file or folder, which identifiers may hide
"""

BEGINNING = (
    "SeriesFolder", "FileName", "SampleFileName", "FileIndex", "TotalFilesInSeries",
    "FilesReadForMetadata", "PatientID", "AccessionNumber", "StudyDate", "Modality",
    "SeriesNumber", "SeriesDescription", "InstanceNumber",
)  # fmt: skip
"""The first columns of the sheets about series, in every workbook."""
SUMMARY = (
    "SeriesFolder", "FileCount", "Modality", "SeriesDescription", "PatientID", "AccessionNumber",
    "StudyDate",
)  # fmt: skip

CONTRACT = frozenset(column.name for column in MR_CONTRACT)

KEYS = {
    "taglake study": "StudyInstanceUID", "taglake series": "SeriesInstanceUID",
    "taglake image": "SOPInstanceUID", "taglake sample": "FirstSOPInstanceUID",
}  # fmt: skip
"""Columns that are read to name files where their paths are hidden; never written."""

PATHS = ("taglake path", "taglake sample path")
"""The same, where paths are shown: of the row's file, and of the sample of its series."""

OF_FRAMES = {"EchoTime": "frame_echo_times", "b_value": "frame_b_values"}
"""Attributes that may differ between the frames of one object, and all their values there."""
TEMPORAL = (pl.Date, pl.Time, pl.Datetime)

_I, _S = pl.Int64(), pl.String()


def _own(name: str, dtype: pl.DataType, description: str, formula: str) -> Column:
    return Column(name, dtype, description, "", (formula,), "series")


OWN: dict[str, Column] = {
    column.name: column
    for column in (
        _own("SeriesFolder", _S, "Folder of the file; study and series UID where paths are hidden",
             "path of the file"),
        _own("FileName", _S, "File of the row: of the image, else of the first in slice order; its "
             "SOPInstanceUID where paths are hidden", "path of the file"),
        _own("SampleFileName", _S, "File of the first image of the series in slice order",
             "path of the file"),
        _own("FileIndex", _I, "Place of the file in the series, in slice order, from 1",
             "slice position, acquisition time, InstanceNumber, SOPInstanceUID"),
        _own("TotalFilesInSeries", _I, "Files of the series", "count of instances"),
        _own("FilesReadForMetadata", _I, "Files of the series whose header was read: all",
             "count of instances"),
        _own("FileCount", _I, "Files of the series", "count of instances"),
        _own("dcm", _S, "Path of the file of the row", "path of the file"),
        _own("metafilename", _S, "File that the values of the row were read from",
             "path of the file"),
    )
}  # fmt: skip
NUMBERS_AS = {"Int64": "IS", "Float64": "DS", "String": "LO"}
"""How values of lists are read again that were joined to texts."""
FILES = ("SeriesFolder", "FileName", "SampleFileName", "dcm", "metafilename")
NUMBERS = {
    "FileIndex": ("1", "i.file_index"),
    "TotalFilesInSeries": ("s.n_instances", "s.n_instances"),
    "FilesReadForMetadata": ("s.n_instances", "s.n_instances"),
    "FileCount": ("s.n_instances", "s.n_instances"),
}


@dataclass(frozen=True)
class Planned:
    """A column of a sheet: what it means, and SQL for a row about a series or an image.

    In SQL ``s`` is the series, ``f`` its first instance, ``i`` the instance, ``e`` the elements and
    ``m`` the row of mr_cleaned. ``stays``: scripts expect it, so it is there even without a value.
    """

    column: Column
    kind: Kind
    series: str
    image: str
    stays: bool = False
    vr: str = ""
    alias: str = ""

    @property
    def name(self) -> str:
        """The title of the column."""
        return self.column.name

    @property
    def read(self) -> str:
        """What SQL calls it: a title that somebody typed is no part of a statement."""
        return self.alias or self.name


@dataclass(frozen=True)
class Plan:
    """The columns of a sheet about series or images, and the elements that they ask for."""

    columns: tuple[Planned, ...]
    elements: tuple[Entry, ...] = ()

    @property
    def meanings(self) -> dict[str, Column]:
        """Title -> column."""
        return {one.name: one.column for one in self.columns}


def plan(names: Iterable[str], entries: Iterable[Entry], tables: Mapping[str, Table]) -> Plan:
    """Columns that scripts expect, by name, then those of entries that are not among them."""
    stay = tuple(names)
    by_name = {one.name: one for one in entries}
    asked = [*stay, *(name for name in by_name if name not in stay)]
    elements = tuple(by_name[n] for n in asked if n in by_name and by_name[n].source)
    numbers = {one.name: n for n, one in enumerate(elements)}
    made = (
        _element(by_name[name], numbers[name])
        if name in numbers
        else replace(named(name, tables), stays=name in stay)
        for name in asked
    )
    return Plan(tuple(made), elements)


def named(name: str, tables: Mapping[str, Table]) -> Planned:
    """A column that has no element of its own to be read: of files, or typed."""
    if name in FILES:
        return Planned(OWN[name], "file", "", "")
    if name in NUMBERS:
        return Planned(OWN[name], "plain", *NUMBERS[name])
    return _typed(name, tables)


def cleaned(column: Column) -> Planned:
    """A column of mr_cleaned."""
    stays = column.name in CONTRACT
    return Planned(column, "plain", f"m.{identifier(column.name)}", "NULL", stays)


def _typed(name: str, tables: Mapping[str, Table]) -> Planned:
    series = {column.name: column for column in tables["series"].columns}
    images = {column.name: column for column in tables["instances"].columns}
    quoted = identifier(name)
    column = images.get(name)
    if column is None:  # of series only
        return Planned(series[name], "plain", f"s.{quoted}", f"s.{quoted}")
    if f"{name}_values" in series and not isinstance(column.dtype, TEMPORAL):
        return _varying(column)
    source = f"s.{quoted}" if name in series else f"f.{quoted}"
    return Planned(column, "plain", source, f"i.{quoted}")


def _varying(column: Column) -> Planned:
    """What may differ within a series: all values."""
    quoted, values = identifier(column.name), f"s.{identifier(column.name + '_values')}"
    if isinstance(column.dtype, pl.List):
        texts = f"list_transform(i.{quoted}, lambda x: coalesce(x::VARCHAR, ''))"
        image = _listed(f"array_to_string({texts}, '\\')")
        return Planned(column, "lists", values, image, vr=NUMBERS_AS[str(column.dtype.inner)])
    image = _listed(f"i.{quoted}")
    frames = OF_FRAMES.get(column.name)
    if frames is None:
        return Planned(column, "distinct", values, image)
    return Planned(
        column, "distinct", _united(values, f"s.{frames}"), _united(image, f"i.{frames}")
    )


def _listed(value: str) -> str:
    return f"CASE WHEN {value} IS NOT NULL THEN [{value}] END"


def _united(one: str, other: str) -> str:
    return f"list_sort(list_distinct(list_concat({one}, {other})))"


_PRIVATE = re.compile(r"\(")


def _element(one: Entry, number: int) -> Planned:
    # Read as text: a private number is no measure that anybody has declared to be safe.
    meaning = one.meaning or ("Private element" if _PRIVATE.match(one.source) else one.name)
    column = Column(one.name, pl.List(pl.String), meaning, "", (one.source,), "element")
    return Planned(
        column, "element", f"e.e{number}", f"e.e{number}", vr=one.vr, alias=f"taglake {number}"
    )
