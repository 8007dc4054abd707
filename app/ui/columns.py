"""How a column of an answer is shown: its title, format and width, from the schema and the texts.

Titles carry the unit. What the schema does not know (counts, positions in an order) is known by
name; everything else follows from its type.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from app.i18n import Texts
from ingest.schema import TABLES, Column

_KNOWN: dict[str, Column] = {
    column.name: column
    for table in ("files", "runs", "studies", "series", "instances")
    for column in TABLES[table].columns
}
SIZES = {"file_size_bytes", "file_size_bytes_sum", "size", "bytes"}
COUNTS = {
    "seen", "ok", "duplicate", "not_dicom", "error", "unchanged", "files", "n_series",
    "n_instances", "n_frames_sum", "n_frames", "n_values", "n_present", "n_findings",
    "n_slice_positions", "n_kinds", "n_occurrences", "n_studies", "n_protocols", "n_deviating",
    "n_affected", "n_new", "n_gone",
}  # fmt: skip
WORDS = {
    "status": "status", "state": "job", "match": "match", "severity": "graded", "rule": "finding",
    "level": "level", "since": "since", "nuclear_reasons": "nuclear_reason",
    "uptake_status": "value_status",
    "activity_status": "value_status", "weight_status": "value_status",
    "dose_status": "value_status", "injection_status": "value_status",
    "activity_at_scan_status": "value_status", "suv_status": "value_status",
}  # fmt: skip
"""Columns of codes, and the texts that say them in words."""
SAID_BY_TITLE = {
    "instances", "series", "frames", "files", "findings", "positions", "bytes", "headers",
}  # fmt: skip
WRITTEN = {
    "s/mm2": "s/mm²", "degrees": "°", "minutes": "min", "pixels": "px", "bits": "bit", "us": "µs",
    "Hz/pixel": "Hz/px", "uAs": "µAs", "Gy.m2": "Gy·m²", "mGy.cm": "mGy·cm", "dGy.cm2": "dGy·cm²",
    "Bq/umol": "Bq/µmol",
}  # fmt: skip
"""Units of the schema as people write them, the same in all languages."""
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


def title(t: Texts, name: str, with_unit: bool = True) -> str:
    """What a column is called, with its unit."""
    label = t.find(f"column.{name}", name)
    return f"{label} ({unit(name)})" if with_unit and unit(name) else label


def unit(name: str) -> str:
    """The unit of a column as people write it; "" where the title says it, or there is none."""
    known = _KNOWN.get(name)
    if known is None or known.unit in SAID_BY_TITLE:
        return ""
    return WRITTEN.get(known.unit, known.unit)


def hint(name: str) -> str | None:
    """The keyword and tag of a column that is a DICOM attribute, else nothing."""
    known = _KNOWN.get(name)
    if known is None or not name[0].isupper():
        return None
    tag = next((s for s in known.source if len(s) == 8 and s.isalnum()), "")
    return f"{name} ({tag[:4]},{tag[4:]})" if tag else name


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


def worded(t: Texts, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with codes of our own in words."""
    for name, texts in WORDS.items():
        if name in frame.columns:
            codes = frame[name].explode().unique().drop_nulls().to_list()
            words = {code: t.find(f"{texts}.{code}", code) for code in codes}
            one = pl.element().replace(words)
            is_list = isinstance(frame.schema[name], pl.List)
            said = pl.col(name).list.eval(one) if is_list else pl.col(name).replace(words)
            frame = frame.with_columns(said)
    return frame


def rounded(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers to six significant digits: what a person can read, and what a scanner can mean."""
    # Not round_sig_figs of Polars 2.1, of which 0.3 comes back as 0.30000000000000004; and not
    # map_elements: its threads wait for Python while to_pandas of another session holds Python
    # and waits for them, and with twenty sessions the server stood still.
    return frame.with_columns(
        pl.Series(
            name,
            [None if number is None else six_digits(number) for number in frame[name].to_list()],
            pl.Float64,
        )
        for name, dtype in frame.schema.items()
        if dtype.is_float()
    )


def six_digits(number: float) -> float:
    """A number with its first six significant digits."""
    return float(f"{number:.6g}")
