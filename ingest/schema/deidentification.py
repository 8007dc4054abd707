"""What becomes of each column when identity is removed: the Basic Profile of PS3.15, as data.

A column that holds elements is treated as table E.1-1 treats them, the strictest action of all
its sources and of the sequences around them; a column of Taglake's own as ``OWN`` says. A column
that neither knows is removed, so nothing new leaves by being forgotten.

Differences from the Basic Profile, each an option of the same Annex: dates and times are shifted
by an offset kept for each patient (E.3.6) rather than removed; private numbers are kept where the
schema or a databank's columns.toml declares them not to identify (E.3.10 and its note 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import polars as pl

from ingest.schema.confidentiality import BASIC_PROFILE, TIMES
from ingest.schema.identifiers import IDENTIFYING
from ingest.schema.records import Column
from ingest.schema.safe_private import SAFE_PRIVATE, PrivateElement

Action = Literal["keep", "remove", "replace", "hash", "uid", "shift"]
"""
keep     as it is
remove   the column is left out (code X, also where it is only the first choice: X/Z, X/D, ...)
replace  the column stays and tells nothing: a dummy for text, NULL for other types (codes Z and D)
hash     a keyed hash, the same for the same value throughout an export
uid      another UID, made by keyed hash, so that tables still join (code U)
shift    moved by the patient's number of whole days, so a time of day stays; removed where an
         export does not shift
"""

STRICTEST: tuple[Action, ...] = ("remove", "replace", "hash", "uid", "shift", "keep")

HASHED: frozenset[int] = frozenset([
    0x00100020,  # PatientID
    0x00080050,  # AccessionNumber
    0x00200010,  # StudyID
    0x00120040,  # ClinicalTrialSubjectID
])  # fmt: skip
"""Codes Z and D allow a dummy: a hash is one by which rows of an export can still be grouped."""

TEMPORAL = (pl.Date, pl.Datetime, pl.Time)

OWN: dict[str, Action] = {
    # A pseudonym already; hashed again, so that an export cannot be joined to the databank it came
    # from, nor to another export.
    "patient_key": "hash",
    # UIDs that stand in tables as references.
    "StudyInstanceUID": "uid", "SeriesInstanceUID": "uid", "SOPInstanceUID": "uid",
    "FirstSOPInstanceUID": "uid", "MiddleSOPInstanceUID": "uid",
    # Surrogate keys: positions in the databank, which tell nothing outside of it.
    "file_id": "keep", "instance_id": "keep", "header_id": "keep", "key_id": "keep",
    "kept_file_id": "keep", "frame": "keep", "item": "keep",
    # When.
    "acquisition_datetime": "shift", "content_datetime": "shift", "StudyDate": "shift",
    # Free text: SeriesDescription is X.
    "SeriesDescriptions": "remove",
    # What equipment and codes say; no row of the table.
    "Modalities": "keep", "Manufacturers": "keep", "ManufacturerModelNames": "keep",
    "BodyParts": "keep",
    # Geometry, counts, sizes, doses: numbers that Taglake computes.
    "PixelSpacing_row_mm": "keep", "PixelSpacing_column_mm": "keep", "position_x_mm": "keep",
    "position_y_mm": "keep", "position_z_mm": "keep", "slice_normal": "keep",
    "slice_position_mm": "keep", "slice_spacing_mm": "keep", "scan_duration_minutes": "keep",
    "b_value": "keep", "n_frames": "keep", "frame_positions": "keep", "frame_orientations": "keep",
    "frame_echo_times": "keep", "frame_b_values": "keep", "frame_temporal_positions": "keep",
    "frame_duration_ms": "keep", "dose_sr_CTDIvol_max_mGy": "keep",
    "dose_sr_DLP_total_mGycm": "keep", "dose_sr_events": "keep",
    "dose_sr_dose_area_product_Gym2": "keep", "dose_sr_administered_activity_MBq": "keep",
    "file_size_bytes": "keep", "header_bytes": "keep", "pixel_data_bytes": "keep",
    "n_elements": "keep", "n_private_elements": "keep", "n_instances": "keep", "n_headers": "keep",
    "n_slice_positions": "keep", "n_series": "keep", "n_studies": "keep", "n_findings": "keep",
    "n_affected": "keep", "n_constant": "keep", "n_varying": "keep", "truncation": "keep",
    "read_by": "keep", "varies": "keep",
    # What kind of element; never its value.
    "path": "keep", "tag": "keep", "keyword": "keep", "name": "keep", "vr": "keep",
    "private_class": "keep", "byte_length": "keep",
    # Somebody may have written himself into the name of a private block.
    "creator": "remove",
    # Values of any element at all, and hashes that can be compared with those of known values.
    "text": "remove", "number": "remove", "sha256": "remove", "private_fingerprint": "remove",
    # Judgements: the rule says what is wrong; values that were found stay behind.
    "rule": "keep", "severity": "keep", "level": "keep", "message": "keep", "reference": "keep",
    "expected": "remove", "observed": "remove",
    # Worked out of doses, times and protocols. What gives an age or a weight, alone or with the
    # activity, goes as PatientAge and PatientWeight go.
    "is_radiopharmaceutical": "keep", "injection_datetime": "shift", "injection_status": "keep",
    "injection_date_inferred": "keep", "uptake_minutes": "keep", "uptake_status": "keep",
    "injected_activity_MBq": "keep", "activity_status": "keep", "activity_unit_assumed": "keep",
    "weight_kg": "remove", "weight_status": "keep", "dose_per_kg_MBq": "remove",
    "dose_status": "keep", "dose_robust_z": "remove", "dose_outlier": "keep",
    "activity_at_scan_MBq": "keep", "decayed_percent": "keep", "activity_at_scan_status": "keep",
    "suv_bw_factor": "remove", "suv_status": "keep", "bmi_kg_m2": "remove", "bmi_status": "keep",
    "PatientAge_years": "remove", "age_status": "keep", "age_bucket": "remove",
    "study_time_offset_minutes": "keep", "study_time_status": "keep",
    "study_time_conflict": "keep", "shifted_days": "keep", "acquisition_status": "keep",
    # TimezoneOffsetFromUTC is X.
    "AcquisitionDateTime_offset_minutes": "remove",
    "RadiopharmaceuticalStartDateTime_offset_minutes": "remove",
    # A pseudonym of the scanner, and hashes that could be compared with those of known values.
    # The group may be named by ProtocolName or SeriesDescription, which are X.
    "scanner_key": "hash", "protocol_group": "remove", "protocol_fingerprint": "hash",
    "siemens_protocol_fingerprint": "hash", "acquisition_signature": "hash",
    # Which private elements there are, by hashes that could be compared as well.
    "private_profile": "hash", "private_block": "hash", "payload": "keep", "element": "keep",
    "field": "keep",
    # Values of elements, texts and that hash among them; names of parameters say nothing.
    "parameters": "remove", "differs": "keep", "protocol_status": "keep", "protocol_share": "keep",
    "protocol_is_majority": "keep", "representative_score": "keep", "is_representative": "keep",
    "study_row": "remove", "equipment": "keep", "is_localizer": "keep",
    "is_derived": "keep", "ct_irradiation": "remove", "ct_reconstruction": "keep",
    # ProtocolName or SeriesDescription, which are X.
    "ct_protocol": "remove",
    "derived_kinds": "keep", "has_derived_objects": "keep", "repeated_acquisition": "keep",
    "qa_score": "keep", "qa_score_max": "keep", "qa_missed": "keep", "composition": "keep",
    "share": "keep", "is_majority": "keep", "first_seen": "remove", "last_seen": "remove",
    "representative_SeriesInstanceUID": "uid", "example_StudyInstanceUID": "uid",
    "example_SeriesInstanceUID": "uid",
    # What the rules of MR say; their reasons quote names and dates, which are X.
    "volume": "keep", "volume_kind": "keep", "volume_frames": "keep", "imageType_lower": "keep",
    "standardOrientation": "keep", "standardDimension": "keep", "isFatSuppressed": "keep",
    "isContrastEnhanced": "keep", "hasMotionCorrection": "keep", "refinedImageType": "keep",
    "standardFieldStrength": "keep", "standardManufacturer": "keep", "cleanedModelName": "keep",
    "sequenceClass": "keep", "dynamicGroup": "keep", "dynamicPhase": "keep",
    "sequenceFamily": "keep", "contrastWeighting": "keep", "classConfidence": "keep",
    "isDerivedImage": "keep", "dixonPart": "keep", "partOfComplex": "keep",
    "diffusion_b_values": "keep", "echo_times_ms": "keep", "n_volumes": "keep", "n_phases": "keep",
    "bids_datatype": "keep", "bids_suffix": "keep", "bids_entities": "keep",
    "obliquity_degrees": "keep", "protocolName_lower": "remove", "classReason": "remove",
    "fatSuppressionReason": "remove", "contrastReason": "remove", "orientationReason": "remove",
    "sequenceClass_by_rules": "keep", "classConfidence_by_rules": "keep",
    "classReason_by_rules": "remove", "corrected_when": "remove", "corrected_by": "remove",
    "corrected_why": "remove",
    # What a study has of its representative series.
    "Modality": "keep", "Manufacturer": "keep", "ManufacturerModelName": "keep",
    "SoftwareVersions": "keep", "Radiopharmaceutical": "keep",
    # Files and runs: where they lie and when they changed tells whose they are.
    "uri": "remove", "container": "remove", "sources": "remove", "mtime": "remove",
    "members": "remove", "size": "keep", "status": "keep", "reason": "keep", "why": "keep",
    "run_id": "remove", "first_run": "remove", "gone_run": "remove", "started": "remove",
    "seconds": "keep", "state": "keep", "seen": "keep",
    "ok": "keep", "duplicate": "keep", "not_dicom": "keep", "error": "keep", "unchanged": "keep",
    "workers": "keep", "versions": "keep",
}  # fmt: skip

_ELEMENT = re.compile(r"(?:FG )?([0-9A-F]{8}(?:/[0-9A-F]{8})*)")
_PRIVATE = re.compile(r"\(([0-9A-F]{4}),xx([0-9A-F]{2})\) (.+)")
_SUFFIX = re.compile(r"_(?:values|min|max|sum|count)$")


def action(column: Column) -> Action:
    """What an export without identity does with a column of any table of the schema."""
    if any(_is_element(source) for source in column.source):
        found: set[Action] = {one for source in column.source for one in _of_source(source, column)}
    else:
        found = {_own(column.name)}
    strictest = min(found, key=STRICTEST.index)
    return "remove" if strictest == "keep" and column.phi else strictest


def action_of_tag(tag: int) -> Action:
    """What becomes of an element wherever it stands; of private ones without asking what they are.

    For a sequence it is meant with all its contents, as in the table.
    """
    if tag >> 16 & 1:
        return "remove"
    if tag in HASHED:
        return "hash"
    code = BASIC_PROFILE.get(tag)
    if code is None:
        return "remove" if tag in IDENTIFYING else "keep"
    if tag in TIMES:
        return "shift"
    if code == "U":
        return "uid"
    return "remove" if code.startswith("X") else "replace"


def _of_source(source: str, column: Column) -> Iterator[Action]:
    element = _ELEMENT.fullmatch(source)
    if element is None:
        yield "keep" if _declared_safe(source, column) else "remove"
        return
    for tag in element[1].split("/"):
        made = action_of_tag(int(tag, 16))
        # A date that is kept as text, or in a list, cannot be shifted.
        fixed = made == "shift" and not isinstance(column.dtype, TEMPORAL)
        yield "remove" if fixed else made


def _declared_safe(source: str, column: Column) -> bool:
    """Whether a private value may be kept: a measure that is declared so, or of table E.3.10-1."""
    inner = column.dtype.inner if isinstance(column.dtype, pl.List) else column.dtype
    if not column.phi and inner in (pl.Int64, pl.Float64):
        return True
    private = _PRIVATE.fullmatch(source)
    return private is not None and (
        PrivateElement(int(private[1], 16), int(private[2], 16), private[3].upper()) in SAFE_PRIVATE
    )


def _own(name: str) -> Action:
    return OWN.get(name) or OWN.get(_SUFFIX.sub("", name)) or "remove"


def _is_element(source: str) -> bool:
    return source.startswith(("CSA ", "(")) or _ELEMENT.fullmatch(source) is not None
