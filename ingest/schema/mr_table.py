"""``mr_cleaned`` as a table of the lake: what ``ingest.mr`` says of series, by kind of volume.

Beside the contract's columns and Taglake's own it has what a person needs to know a series by, so
that pages over a million of them need no join, and what was corrected by hand.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ingest.schema.attributes.notation import F, I, S
from ingest.schema.derived import SERIES
from ingest.schema.mr import MR_CLEANED
from ingest.schema.records import Column, Table

OF_SERIES = (
    "patient_key", "StudyDate", "StudyDescription", "SeriesNumber", "SeriesDescription",
    "ProtocolName", "acquisition_datetime_min", "acquisition_datetime_max",
)  # fmt: skip
"""Columns of ``series`` that are repeated."""

KEYS: tuple[Column, ...] = (
    SERIES.column("StudyInstanceUID"),
    SERIES.column("SeriesInstanceUID"),
    Column("volume", I, "Number of the kind of volume in its series, from 1", "",
           ("kinds by class, derived image, part of complex data, Dixon part, echo time and b-value; in the order of "
            "echo time, b-value, part",), "series"),
)  # fmt: skip
KIND: tuple[Column, ...] = (
    Column("volume_kind", S, "What tells this kind from the others of its series; NULL where a series has one kind", "",
           ("those of echo time, b-value, part of complex data, Dixon part and class that differ in the series",), "series"),
    Column("volume_frames", I, "Frames of this kind; of the whole series where it has one kind", "frames",
           ("count of the instances or frames of the kind",), "series"),
)  # fmt: skip
CORRECTED: tuple[Column, ...] = (
    Column("sequenceClass_by_rules", S, "What the rules say where the class was corrected by hand; else NULL", "",
           ("sequenceClass of ingest.mr",), "series"),
    Column("classReason_by_rules", S, "Why the rules say so where the class was corrected by hand; else NULL", "",
           ("classReason of ingest.mr",), "series"),
    Column("classConfidence_by_rules", F, "Confidence of the rules where the class was corrected by hand; else NULL", "",
           ("classConfidence of ingest.mr",), "series"),
    Column("corrected_when", pl.Datetime("us", "UTC"), "When the class was corrected by hand", level="series"),
    Column("corrected_by", S, "Who corrected the class", level="series", phi=True),
    Column("corrected_why", S, "Why the class was corrected", level="series", phi=True),
)  # fmt: skip

MR_TABLE = Table(
    name="mr_cleaned",
    row="kind of volume of an MR series",
    description="A clean row for every MR series, and for every kind of volume where a series mixes several: what it "
    "shows, how that is known, and what was corrected by hand.",
    columns=(
        *KEYS,
        *(replace(column, level="series") for column in MR_CLEANED),
        *KIND,
        *CORRECTED,
        *(SERIES.column(name) for name in OF_SERIES),
    ),
    key=("StudyInstanceUID", "SeriesInstanceUID", "volume"),
    stored="derived",
)
