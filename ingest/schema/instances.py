"""``instances``: a row for every SOP instance, attributes of DICOM first, Taglake's own after them."""

from __future__ import annotations

import polars as pl

from ingest.schema.attributes.equipment import CONTRAST, EQUIPMENT, PROVENANCE
from ingest.schema.attributes.geometry import GEOMETRY, PIXELS
from ingest.schema.attributes.mr import MR
from ingest.schema.attributes.notation import LF, F, I, S
from ingest.schema.attributes.nuclear import NUCLEAR
from ingest.schema.attributes.patient_study import INSTANCE, PATIENT, SERIES, STUDY
from ingest.schema.attributes.private import PRIVATE
from ingest.schema.attributes.xray import CT, MAMMOGRAPHY, PROJECTION, ULTRASOUND
from ingest.schema.records import Aggregation, Column, Table

ATTRIBUTES: tuple[Column, ...] = (
    *PATIENT, *STUDY, *SERIES, *INSTANCE, *EQUIPMENT, *CONTRAST, *PROVENANCE, *GEOMETRY, *PIXELS,
    *MR, *CT, *PROJECTION, *MAMMOGRAPHY, *ULTRASOUND, *NUCLEAR, *PRIVATE,
)  # fmt: skip


def _own(
    name: str,
    dtype: pl.DataType,
    description: str,
    formula: str,
    *aggregation: Aggregation,
    unit: str = "",
    stable: bool = True,
) -> Column:
    return Column(
        name, dtype, description, unit, (formula,), aggregation=aggregation, stable=stable
    )


INSTANCE_ID = Column(
    "instance_id", I, "Surrogate key: the file the instance was read from",
    source=("number of the part times 2^32 plus the row in it; equal to files.file_id",),
    stable=False,
)  # fmt: skip
HEADER_ID = Column(
    "header_id", I, "Surrogate key: the header shared with other instances of the series",
    source=("number of the part times 2^32 plus the number of the header in it",),
    stable=False,
)  # fmt: skip

COMPUTED: tuple[Column, ...] = (
    _own("patient_key", S, "Pseudonym of the patient, the same throughout the databank",
         "keyed BLAKE2b of PatientID and IssuerOfPatientID; of StudyInstanceUID where there is no PatientID",
         "constant", stable=False),
    _own("acquisition_datetime", pl.Datetime("us"), "When the data were acquired, local time",
         "AcquisitionDateTime without its offset, else AcquisitionDate and AcquisitionTime", "minmax"),
    _own("AcquisitionDateTime_offset_minutes", I, "Offset from UTC that AcquisitionDateTime states itself",
         "&ZZXX at the end of AcquisitionDateTime; else TimezoneOffsetFromUTC applies", "constant", unit="minutes"),
    _own("RadiopharmaceuticalStartDateTime_offset_minutes", I,
         "Offset from UTC that RadiopharmaceuticalStartDateTime states itself",
         "&ZZXX at the end of RadiopharmaceuticalStartDateTime; else TimezoneOffsetFromUTC applies", "constant",
         unit="minutes"),
    _own("content_datetime", pl.Datetime("us"), "When the image data were created, local time",
         "ContentDate and ContentTime", "minmax"),
    _own("PixelSpacing_row_mm", F, "Distance between rows", "first value of PixelSpacing, else of ImagerPixelSpacing",
         "first", unit="mm"),
    _own("PixelSpacing_column_mm", F, "Distance between columns",
         "second value of PixelSpacing, else of ImagerPixelSpacing", "first", unit="mm"),
    _own("position_x_mm", F, "x of ImagePositionPatient", "first value", "minmax", unit="mm"),
    _own("position_y_mm", F, "y of ImagePositionPatient", "second value", "minmax", unit="mm"),
    _own("position_z_mm", F, "z of ImagePositionPatient", "third value", "minmax", unit="mm"),
    _own("slice_normal", LF, "Direction of the slice normal",
         "cross product of the row and column directions of ImageOrientationPatient", "first"),
    _own("slice_position_mm", F, "Position along the slice normal",
         "dot product of ImagePositionPatient and slice_normal", "minmax", unit="mm"),
    _own("b_value", F, "b-value, from whichever element the vendor uses",
         "DiffusionBValue, else csa_B_value, philips_b_value, ge_b_value, uih_b_value", "first", "distinct",
         unit="s/mm2"),
    _own("n_frames", I, "Frames of the object, 1 where it does not say, 0 without an image",
         "NumberOfFrames, else 1 where Rows is present", "sum", unit="frames"),
    _own("frame_positions", I, "Different positions among the frames", "count of distinct ImagePositionPatient in frames",
         "first"),
    _own("frame_orientations", I, "Different orientations among the frames",
         "count of distinct ImageOrientationPatient in frames", "first"),
    _own("frame_echo_times", LF, "Echo times among the frames, ascending", "distinct EchoTime in frames", "first",
         unit="ms"),
    _own("frame_b_values", LF, "b-values among the frames, ascending", "distinct b_value in frames", "first",
         unit="s/mm2"),
    _own("frame_temporal_positions", I, "Time points among the frames",
         "count of distinct TemporalPositionIndex in frames", "first"),
    _own("frame_duration_ms", F, "Summed acquisition duration of the frames",
         "sum of FrameAcquisitionDuration in frames", "first", unit="ms"),
    _own("dose_sr_CTDIvol_max_mGy", F, "Dose report: largest mean CTDIvol of its irradiation events",
         "numeric content items with the code 113830 (DCM)", "first", unit="mGy"),
    _own("dose_sr_DLP_total_mGycm", F, "Dose report: total dose length product",
         "numeric content item with the code 113813 (DCM), else the sum of those with 113838", "first", unit="mGy.cm"),
    _own("dose_sr_events", I, "Dose report: irradiation events", "containers with the code 113819 or 113706 (DCM)",
         "first"),
    _own("dose_sr_dose_area_product_Gym2", F, "Dose report: total dose area product",
         "sum of the numeric content items with the code 113722 (DCM): one for each plane", "first", unit="Gy.m2"),
    _own("dose_sr_administered_activity_MBq", F, "Radiopharmaceutical dose report: activity given",
         "numeric content item with the code 113507 (DCM)", "first", unit="MBq"),
    _own("siemens_protocol_fingerprint", S, "Siemens: what of the scanner's protocol does not change between sessions",
         "SHA-256 over the ASCCONV pairs key=value but those that ingest/decoders/siemens_protocol.py lists, "
         "numbers to 4 digits", "constant"),
    _own("file_size_bytes", I, "Size of the file", "size of the file or archive member", "sum", unit="bytes"),
    _own("header_bytes", I, "Bytes before the pixel data", "offset of the pixel data, else of the end", "first",
         unit="bytes"),
    _own("pixel_data_bytes", I, "Bytes of the pixel data as stored", "length of the pixel data element", "sum",
         unit="bytes"),
    _own("n_elements", I, "Elements of the header, nested ones included", "count of elements", "first"),
    _own("n_private_elements", I, "Private elements of the header", "count of elements of odd groups", "first"),
    _own("truncation", S, "Where the file ends too early: header or pixel data; NULL for a whole file",
         "comparison of the lengths in the header with the file", "distinct"),
    _own("read_by", S, "Which reader read the header: template, tokens or pydicom",
         "template: only what varies was read; pydicom: encoded in a rare or irregular way", stable=False),
)  # fmt: skip

INSTANCES = Table(
    name="instances",
    row="SOP instance",
    description="A row for every SOP instance that was read and is neither replaced nor a duplicate.",
    columns=(INSTANCE_ID, HEADER_ID, *ATTRIBUTES, *COMPUTED),
    key=("instance_id",),
    stored="batch",
)
