"""Facts about one study or one series: what is known, in groups, in a grid that wraps.

Written as escaped HTML and not as widgets: a page of seventy facts stays one element, and text from
files can't become markup.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import streamlit as st

from app import columns
from app.i18n import Texts
from app.ui.text import html
from app.ui.view import View

STUDY: dict[str, tuple[str, ...]] = {
    "patient": (
        "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "PatientAge", "PatientSize",
        "PatientWeight",
    ),
    "study": (
        "StudyDate", "StudyTime", "AccessionNumber", "StudyID", "RequestedProcedureDescription",
        "PerformedProcedureStepDescription", "ReferringPhysicianName", "BodyParts",
    ),
    "equipment": ("Manufacturers", "ManufacturerModelNames"),
    "provenance": (
        "PatientIdentityRemoved", "DeidentificationMethod",
        "LongitudinalTemporalInformationModified",
    ),
}  # fmt: skip

SERIES: dict[str, tuple[str, ...]] = {
    "series": (
        "SeriesNumber", "Modality", "ProtocolName", "BodyPartExamined", "Laterality",
        "PatientPosition", "acquisition_datetime_min", "scan_duration_minutes",
    ),
    "equipment": (
        "Manufacturer", "ManufacturerModelName", "SoftwareVersions", "StationName",
        "DeviceSerialNumber", "InstitutionName",
    ),
    "geometry": (
        "n_slice_positions", "SliceThickness", "slice_spacing_mm", "SpacingBetweenSlices", "Rows",
        "Columns", "PixelSpacing_row_mm", "BitsStored", "PhotometricInterpretation",
    ),
    "mr": (
        "MagneticFieldStrength", "ScanningSequence", "SequenceName", "MRAcquisitionType",
        "RepetitionTime", "EchoTime", "InversionTime", "FlipAngle", "b_value_values",
        "EchoTrainLength", "PixelBandwidth", "ReceiveCoilName",
    ),
    "ct": (
        "KVP", "XRayTubeCurrent", "ExposureTime", "Exposure", "ConvolutionKernel", "CTDIvol",
        "SpiralPitchFactor",
    ),
    "nuclear": (
        "Radiopharmaceutical", "Radionuclide", "RadionuclideHalfLife", "injection_datetime",
        "uptake_minutes", "injected_activity_MBq", "weight_kg", "dose_per_kg_MBq",
        "activity_at_scan_MBq", "decayed_percent", "suv_bw_factor",
        "RadiopharmaceuticalVolume", "RadiopharmaceuticalRoute", "Units", "DecayCorrection",
        "CorrectedImage", "AttenuationCorrectionMethod", "ScatterCorrectionMethod",
        "ReconstructionMethod", "ReconstructionIterations", "ReconstructionSubsets",
    ),
    "provenance": (
        "ImageType_values", "DerivationDescription", "BurnedInAnnotation_values",
        "LossyImageCompression", "ctp_collection",
    ),
}  # fmt: skip

NUCLEAR: dict[str, tuple[str, ...]] = {
    "given": (
        "Radiopharmaceutical", "injection_datetime", "injection_date_inferred",
        "injected_activity_MBq", "activity_unit_assumed", "weight_kg", "dose_per_kg_MBq",
        "dose_robust_z",
    ),
    "measured": (
        "uptake_minutes", "shifted_days", "activity_at_scan_MBq", "decayed_percent",
        "suv_bw_factor",
    ),
}  # fmt: skip
"""Of a study, the values of its representative series."""

STATUS = {
    "injection_datetime": "injection_status", "uptake_minutes": "uptake_status",
    "injected_activity_MBq": "activity_status", "weight_kg": "weight_status",
    "dose_per_kg_MBq": "dose_status", "activity_at_scan_MBq": "activity_at_scan_status",
    "suv_bw_factor": "suv_status",
}  # fmt: skip
"""Values that have a column which says why they are missing, or what is odd about them."""
FINE = (None, "ok", "own")
ONLY_IF_TRUE = ("injection_date_inferred", "activity_unit_assumed")


def show(view: View, row: dict[str, Any], groups: dict[str, tuple[str, ...]]) -> None:
    """A box for each group that has a fact; what is missing is left out."""
    boxes = [_box(view.texts, group, row, names) for group, names in groups.items()]
    st.html(f'<div class="facts">{"".join(boxes)}</div>')


def value_text(t: Texts, value: Any, name: str = "") -> str:
    """A value as a person reads it."""
    if name == "scan_duration_minutes":
        return t.duration(value * 60)
    if isinstance(value, bool):
        return t("nuclear.yes" if value else "nuclear.no")
    if isinstance(value, list):
        return ", ".join(value_text(t, item) for item in value if item is not None)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.6g}".replace(".", "," if t.language == "de" else ".")
    return str(value)


def shown(t: Texts, row: dict[str, Any], name: str) -> str:
    """A value with its unit and what is odd about it, or why it is missing; "" to leave it out."""
    value, status = row.get(name), row.get(STATUS.get(name, ""))
    words = "" if status in FINE else html(t.find(f"value_status.{status}", str(status)))
    if value is None or value in ("", []) or (name in ONLY_IF_TRUE and not value):
        return f"– <small>({words})</small>" if words else ""
    unit = "" if name == "scan_duration_minutes" else columns.unit(name)
    told = html(value_text(t, value, name)) + (f" <small>{html(unit)}</small>" if unit else "")
    return f"{told} <small>({words})</small>" if words else told


def _box(t: Texts, group: str, row: dict[str, Any], names: tuple[str, ...]) -> str:
    lines = []
    for name in names:
        told = shown(t, row, name)
        if not told:
            continue
        label = html(columns.title(t, name, with_unit=False))
        help_text = html(columns.hint(name) or "")
        lines.append(f'<div><dt title="{help_text}">{label}</dt><dd>{told}</dd></div>')
    if not lines or (group == "nuclear" and not row.get("is_radiopharmaceutical")):
        return ""  # a weight alone is no nuclear medicine
    return f"<section><h3>{html(t(f'facts.{group}'))}</h3><dl>{''.join(lines)}</dl></section>"
