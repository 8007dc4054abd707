"""The records that describe the demo cohort: scanners, protocols, series, studies, patients.

The cohort is data: tables of these records say what exists, and a small engine turns them into
files. A test that needs to know "the PET with the injection before midnight" reads the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Attributes = Mapping[Any, Any]
"""Keyword (or, with an `Element` as value, tag number) -> value; a list of these is a sequence."""

ABSENT: Final = object()
"""As the value of an attribute: the attribute is left out of the file."""


@dataclass(frozen=True)
class Scanner:
    """A machine: what every file it makes says about it, and which private blocks it writes."""

    attributes: Attributes
    private: str = ""
    """Key of `app.demo.private.FAMILIES`."""
    undefined_lengths: bool = False
    """Sequences and items are written with undefined length and delimiters (PS3.5 section 7.5)."""
    implementation: str = ""
    """ImplementationVersionName (0002,0013) of its files, where the software leaves its name."""


@dataclass(frozen=True)
class Step:
    """What is special about one volume of a series: an echo, a b-value, a phase, a time point."""

    attributes: Attributes = field(default_factory=dict)
    b_value: float | None = None
    """s/mm2; the maker of the scanner decides where it is written."""
    direction: tuple[float, float, float] | None = None
    """Of the diffusion gradient, in patient coordinates."""
    gain: float = 1.0
    """Contrast of its pixels."""


@dataclass(frozen=True)
class Protocol:
    """What a scanner does in one series, and the kind of object that comes out of it."""

    sop_class: str
    """Keyword of the SOP class in PS3.6, such as `MRImageStorage`."""
    modality: str
    description: str
    attributes: Attributes = field(default_factory=dict)
    content: str = "image"
    """Key of `app.demo.contents.CONTENTS`."""
    grouping: str = "slice"
    """Frames of one instance: one `slice`, one `volume` (all slices of a step), or the `series`."""
    steps: tuple[Step, ...] = (Step(),)
    """Volumes; each has all slices."""
    slices: int = 1
    rows: int = 64
    columns: int = 64
    spacing: tuple[float, float, float] = (3.75, 3.75, 5.0)
    """Millimetres: between rows, between columns, between slices."""
    plane: str = "AX"
    seconds: float = 120.0
    """From the first acquisition to the last."""
    phantom: str = "head"


@dataclass(frozen=True)
class Injection:
    """A radiopharmaceutical given to the patient, and how its header writes that down."""

    agent: str
    """Key of `app.demo.radiopharmacy.AGENTS`."""
    activity: float
    """As written to RadionuclideTotalDose (0018,1074): Bq by the standard, MBq in some NM files."""
    minutes: float
    """Before the first acquisition of the series."""
    written: str = "datetime"
    """`datetime`, `time` (no date), `hhmm` (time without seconds), `hh` (hour alone), `utc` (date
    and time with an offset of their own), `none`, `unreadable`."""
    volume: float = 5.0
    changes: Attributes = field(default_factory=dict)
    """Attributes of the item that differ from what agent, activity and time say."""


@dataclass(frozen=True)
class DoseEvent:
    """One irradiation event of a CT dose report: mGy, mGy.cm, kV, mA, s, mm."""

    protocol: str
    ctdi_vol: float
    dlp: float
    kvp: float = 120.0
    current: float = 180.0
    exposure_time: float = 4.2
    length: float = 350.0
    spiral: bool = True


@dataclass(frozen=True)
class Series:
    """One series of a study; `key` is unique in the study and names its UIDs."""

    key: str
    protocol: str
    """Key of `app.demo.protocols.PROTOCOLS`."""
    changes: Attributes = field(default_factory=dict)
    """Attributes that differ from what scanner, protocol, study and patient say."""
    at: float | None = None
    """Minutes after the study's time; by default half a minute after the previous series ended."""
    scanner: str | None = None
    """Another one than the study's: workstations and archives write into a study as well."""
    slices: int | None = None
    syntax: str = "explicit"
    """Key of `app.demo.elements.SYNTAXES`."""
    private_block: int = 0x10
    injections: tuple[Injection, ...] = ()
    doses: tuple[DoseEvent, ...] = ()
    csa: Mapping[str, float | int | str] = field(default_factory=dict)
    """Entries of the Siemens protocol text that differ from what the header says."""
    source: str | None = None
    """Key of the series of the same study that a derived object refers to."""
    damage: str = ""
    """Key of `app.demo.damage.DAMAGES`: how the finished file is broken."""
    expect: Mapping[str, Any] = field(default_factory=dict)
    """What a right reading gives, under the names of the product's own columns."""


@dataclass(frozen=True)
class Study:
    """One study; `key` is unique in the cohort."""

    key: str
    scanner: str
    """Key of `app.demo.scanners.SCANNERS`."""
    date: str
    time: str
    description: str
    series: tuple[Series, ...]
    changes: Attributes = field(default_factory=dict)
    layout: str = "tree"
    """Key of `app.demo.layout.LAYOUTS`: how its files are named, or `zip`."""
    oddity: str = ""
    """In words: what is unusual in this study on purpose."""
    expect: Mapping[str, Any] = field(default_factory=dict)
    """What a right derivation gives for the study, worked out by hand."""


@dataclass(frozen=True)
class Patient:
    """One invented patient."""

    name: str
    sex: str
    birth_date: str
    size: float | None
    """Metres."""
    weight: float | None
    """Kilograms."""
    studies: tuple[Study, ...]
    character_set: tuple[str, ...] = ("ISO_IR 100",)
    """Defined terms of SpecificCharacterSet (0008,0005)."""
