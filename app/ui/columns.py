"""How a column of an answer is shown: its format and its width.

Formats follow from the type of a column, but for some that are known by name.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from app.columns import hint, title
from app.i18n import Texts

SIZES = {"file_size_bytes", "file_size_bytes_sum", "size", "bytes"}
COUNTS = {
    "seen", "ok", "duplicate", "not_dicom", "error", "unchanged", "files", "n_series",
    "n_instances", "n_frames_sum", "n_frames", "n_values", "n_present", "n_findings",
    "n_slice_positions", "n_kinds", "n_occurrences", "n_studies", "n_protocols", "n_deviating",
    "n_other", "n_affected", "n_new", "n_gone",
}  # fmt: skip
WIDTHS = {
    "Manufacturer": 150, "ManufacturerModelName": 130, "n_studies": 80, "n_protocols": 85,
    "n_deviating": 90,
    "protocol_group": 240, "differences": 480, "missing_series": 420, "Modalities": 110,
    "table_name": 110, "column_name": 190, "meaning": 330, "column_type": 100, "dicom_source": 170,
    "identity": 90, "filled": 110, "examples": 260, "unit": 70,
    "element_tag": 100, "value_a": 270, "value_b": 270, "verdict": 130, "delta": 90, "source": 260,
    "name": 235, "value": 370, "varies": 70, "creator": 170, "first_text": 170, "last_text": 170,
    "strip": 180, "reason": 330, "advice": 420, "ImageType": 200, "StudyDescription": 240,
    "PatientSex": 85, "PatientAge": 70, "patient": 95, "StudyDate": 105, "SeriesNumber": 60,
    "Modality": 90, "n_series": 80, "n_instances": 95, "file_size_bytes": 90,
    "file_size_bytes_sum": 90, "n_findings": 85, "vr": 50, "tag": 140, "matrix": 100,
    "position": 80, "InstanceNumber": 100, "status": 110, "files": 80, "bytes": 90,
    "named": 230, "nuclear_measure": 220, "nuclear_reasons": 330, "dose_group": 230,
    "severity": 110, "rule": 300, "level": 90, "message": 420, "reference": 200,
}  # fmt: skip


def config(t: Texts, name: str, dtype: pl.DataType, mark: str = "") -> Any:
    """Streamlit's configuration of a column; ``mark`` is put behind the title."""
    kinds = st.column_config
    label = title(t, name) + mark
    shared: dict[str, Any] = {"help": hint(name), "width": WIDTHS.get(name)}
    if name in SIZES:
        return kinds.NumberColumn(label, format="bytes", **shared)
    if name == "scan_duration_minutes":
        return kinds.NumberColumn(label, format="%.1f", **shared)
    if name == "filled":
        # Streamlit writes the number as it is; the bar needs its ends.
        return kinds.ProgressColumn(label, format="%.1f %%", min_value=0, max_value=100, **shared)
    if name == "strip":
        return kinds.LineChartColumn(label, width=shared["width"])
    if name == "seconds":
        return kinds.NumberColumn(label, format="%.1f s", **shared)
    if dtype.is_integer():
        style = "localized" if name in COUNTS else "plain"
        return kinds.NumberColumn(label, format=style, **shared)
    if dtype.is_float():
        # Not "plain" of Streamlit 1.67, of which 1000.0 comes out as 999.9999999999999.
        return kinds.NumberColumn(label, format="%.6g", **shared)
    if dtype == pl.Date:
        return kinds.DateColumn(label, format="YYYY-MM-DD", **shared)
    if isinstance(dtype, pl.Datetime):
        # What has a time zone is ours (runs); a scanner's clock has none and is left as it is.
        zone = st.context.timezone if dtype.time_zone else None
        return kinds.DatetimeColumn(label, format="YYYY-MM-DD HH:mm:ss", timezone=zone, **shared)
    if dtype == pl.Time:
        return kinds.TimeColumn(label, format="HH:mm:ss", **shared)
    if dtype == pl.Boolean:
        return kinds.CheckboxColumn(label, **shared)
    if isinstance(dtype, pl.List):
        return kinds.ListColumn(label, **shared)
    return kinds.TextColumn(label, **shared)
