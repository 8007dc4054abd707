"""Which attributes should not vary, how grave it is if they do, and whether values may be shown.

Data for the rules ``value_not_constant`` and ``value_not_constant_in_study``, read off the schema
with the exceptions stated here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ingest.schema import Column, Table

SEPARATE = frozenset({"StudyInstanceUID", "SeriesInstanceUID", "patient_key"})
"""What rows are grouped by, and what follows from attributes that are compared themselves."""

GRAVE = frozenset({
    # Values of these decide what a series is, or how its pixels are placed and read.
    "Modality", "Laterality", "PatientPosition", "PositionReferenceIndicator", "SamplesPerPixel",
    "PhotometricInterpretation", "BitsAllocated", "BitsStored", "PixelRepresentation",
    "ReconstructionDiameter", "MagneticFieldStrength", "Units",
    # These name the study.
    "StudyDate", "AccessionNumber", "StudyID", "PatientIdentityRemoved",
})  # fmt: skip

DIFFERS_IN_STUDY = frozenset({
    # Each step of a study has its own: PS3.4 F.7.2, PS3.3 C.4.14 to C.4.16.
    "PerformedProcedureStepDescription", "PerformedProcedureStepStartDate",
    "PerformedProcedureStepStartTime", "RequestedProcedureDescription",
    # Grows while the study does: PS3.4 C.3.4.
    "ModalitiesInStudy",
})  # fmt: skip

_PLAIN_SOURCE = re.compile(r"[0-9A-F]{8}(/[0-9A-F]{8})*")


class Attribute(NamedTuple):
    """One attribute of the rules; ``severity_in_study`` is NULL where a study need not share it."""

    attribute: str
    path: str
    severity: str
    severity_in_study: str | None


def attributes(instances: Table) -> list[Attribute]:
    """All attributes that the instances of a series should share, as rows."""
    return [
        Attribute(
            column.name,
            element_path(column),
            _severity(column),
            _severity(column) if is_of_study(column) else None,
        )
        for column in compared_in_series(instances.columns)
    ]


def compared_in_series(columns: Iterable[Column]) -> list[Column]:
    """Those of some columns of instances that should be the same throughout a series."""
    return [c for c in columns if "constant" in c.aggregation and c.name not in SEPARATE]


def compared_in_study(instances: Table) -> list[Column]:
    """Columns of instances that should be the same throughout a study."""
    return [column for column in compared_in_series(instances.columns) if is_of_study(column)]


def is_of_study(column: Column) -> bool:
    """Whether the value belongs to the patient or to the study as a whole."""
    return column.level in ("patient", "study") and column.name not in DIFFERS_IN_STUDY


def may_be_shown(column: Column) -> bool:
    """Whether a value may stand in a finding: not if it is identifying, or a UID."""
    return not column.phi and not column.name.endswith("UID")


def element_path(column: Column) -> str:
    """Path in ``elements`` of the place the column is read from first, else the column's name."""
    first = column.source[0] if column.source else ""
    return first.replace("/", "[0].") if _PLAIN_SOURCE.fullmatch(first) else column.name


def _severity(column: Column) -> str:
    return "warning" if column.level == "patient" or column.name in GRAVE else "info"
