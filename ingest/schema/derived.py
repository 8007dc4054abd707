"""The tables SQL derives from the batches: what pages read."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from ingest.schema.attributes.notation import F, I, S
from ingest.schema.instances import INSTANCES
from ingest.schema.private import PRIVATE_PROFILE
from ingest.schema.quality import PROTOCOLS as PROTOCOL_COLUMNS
from ingest.schema.quality import SERIES_QUALITY, STUDY_QUALITY
from ingest.schema.reading import RUN_ID
from ingest.schema.records import Aggregation, Column, Table

SUFFIX: dict[Aggregation, tuple[tuple[str, str], ...]] = {
    # aggregation -> (suffix of the column, what it means)
    "constant": (("", "the value its instances share; the smallest where they differ"),),
    "first": (("", "of the first instance in slice order"),),
    "distinct": (("_values", "all values, ascending"),),
    "minmax": (("_min", "smallest value"), ("_max", "largest value")),
    "sum": (("_sum", "sum over the instances"),),
    "count": (("_count", "instances that have a value"),),
    "any": (("", "true where any instance is"),),
}


def series_columns(column: Column) -> tuple[Column, ...]:
    """The columns of ``series`` that ``column`` of ``instances`` becomes, as its aggregation says."""
    made = []
    for aggregation in column.aggregation:
        for suffix, meaning in SUFFIX[aggregation]:
            dtype = column.dtype
            if aggregation == "distinct":
                # A list attribute is compared as one value: its parts joined by a backslash.
                dtype = pl.List(pl.String) if isinstance(dtype, pl.List) else pl.List(dtype)
            made.append(
                replace(
                    column,
                    name=column.name + suffix,
                    dtype=dtype,
                    description=f"{column.description}: {meaning}"
                    if aggregation != "constant"
                    else column.description,
                    aggregation=(aggregation,),
                )
            )
    return tuple(made)


SERIES_OWN: tuple[Column, ...] = (
    Column("n_instances", I, "Instances", "instances", ("count of instances",), "series"),
    Column("n_headers", I, "Headers they share", "headers", ("count of distinct header_id",), "series", stable=False),
    Column("FirstSOPInstanceUID", S, "First instance in slice order", "",
           ("slice_position_mm, acquisition_datetime, InstanceNumber, SOPInstanceUID",), "series"),
    Column("MiddleSOPInstanceUID", S, "Middle instance in slice order", "",
           ("the instance after half of the others, in the same order",), "series"),
    Column("n_slice_positions", I, "Different slice positions", "positions",
           ("count of distinct slice_position_mm, rounded to 0.01 mm; of frames for multi-frame instances",), "series"),
    Column("slice_spacing_mm", F, "Typical distance between neighbouring slice positions", "mm",
           ("median difference of the ordered distinct slice positions",), "series"),
    Column("scan_duration_minutes", F, "From the first to the last acquisition", "minutes",
           ("acquisition_datetime_max - acquisition_datetime_min",), "series"),
    Column("n_findings", I, "Findings about the series or its instances", "findings", ("count of findings",), "series"),
    PRIVATE_PROFILE,
)  # fmt: skip

SERIES = Table(
    name="series",
    row="series of a study",
    description="A row for every series: what its instances share, and the range of what varies.",
    columns=(
        *SERIES_OWN,
        *SERIES_QUALITY,
        *(made for column in INSTANCES.columns for made in series_columns(column)),
    ),
    key=("StudyInstanceUID", "SeriesInstanceUID"),
    stored="derived",
)

_STUDY_LEVEL = tuple(
    replace(column, aggregation=("constant",))
    for column in INSTANCES.columns
    if column.level in ("patient", "study")
)
PATIENT_OF_STUDY = replace(
    INSTANCES.column("patient_key"),
    description="Pseudonym of the patient; of several the one with the most instances, then the one "
    "that has the smallest SeriesInstanceUID",
    aggregation=("constant",),
)

STUDIES = Table(
    name="studies",
    row="study",
    description="A row for every study.",
    columns=(
        *_STUDY_LEVEL,
        PATIENT_OF_STUDY,
        Column("Modalities", pl.List(pl.String), "Modalities of its series, ascending", level="study"),
        Column("Manufacturers", pl.List(pl.String), "Makers of the equipment, ascending", level="study"),
        Column("ManufacturerModelNames", pl.List(pl.String), "Models of the equipment, ascending", level="study"),
        Column("BodyParts", pl.List(pl.String), "Body parts examined, ascending", level="study"),
        Column("SeriesDescriptions", pl.List(pl.String), "Descriptions of its series, ascending", level="study"),
        Column("n_series", I, "Series", "series", ("count of series",), "study"),
        Column("n_instances", I, "Instances", "instances", ("sum over its series",), "study"),
        Column("n_frames", I, "Frames", "frames", ("sum over its series",), "study"),
        Column("file_size_bytes", I, "Size of its files", "bytes", ("sum over its series",), "study"),
        Column("acquisition_datetime_min", pl.Datetime("us"), "First acquisition, local time", level="study"),
        Column("acquisition_datetime_max", pl.Datetime("us"), "Last acquisition, local time", level="study"),
        Column("n_findings", I, "Findings about the study, its series or instances", "findings", level="study"),
        *STUDY_QUALITY,
    ),
    key=("StudyInstanceUID",),
    stored="derived",
)  # fmt: skip

PATIENTS = Table(
    name="patients",
    row="patient",
    description="A row for every patient, known by a pseudonym.",
    columns=(
        *(column for column in STUDIES.columns if column.level == "patient" and column != PATIENT_OF_STUDY),
        INSTANCES.column("patient_key"),
        Column("n_studies", I, "Studies", "studies", ("count of studies",), "patient"),
        Column("n_series", I, "Series", "series", ("sum over the studies",), "patient"),
        Column("n_instances", I, "Instances", "instances", ("sum over the studies",), "patient"),
        Column("Modalities", pl.List(pl.String), "Modalities of the studies, ascending", level="patient"),
        Column("StudyDate_min", pl.Date(), "First study", level="patient"),
        Column("StudyDate_max", pl.Date(), "Last study", level="patient"),
    ),
    key=("patient_key",),
    stored="derived",
)  # fmt: skip

PROTOCOLS = Table(
    name="protocols",
    row="protocol of a scanner",
    description="A row for every scanner, group of series and fingerprint of their parameters.",
    columns=PROTOCOL_COLUMNS,
    key=("scanner_key", "protocol_group", "protocol_fingerprint"),
    stored="derived",
)

FINDINGS = Table(
    name="findings",
    row="judgement about data",
    description="Every judgement of the product, with the rule that made it.",
    columns=(
        Column("rule", S, "Stable name of the rule", level="lake"),
        Column("severity", S, "error, warning or info", level="lake"),
        Column("level", S, "What it is about: patient, study, series, instance or file", level="lake"),
        Column("StudyInstanceUID", S, "The study, or NULL", level="lake"),
        Column("SeriesInstanceUID", S, "The series, or NULL", level="lake"),
        Column("SOPInstanceUID", S, "The instance, or one example of several; NULL for a series", level="lake"),
        Column("path", S, "The element it is about, or NULL", level="lake"),
        Column("expected", S, "What was expected", level="lake"),
        Column("observed", S, "What was found; one example of several", level="lake"),
        Column("n_affected", I, "How many instances, files or (of the whole databank) studies are affected", level="lake"),
        Column("message", S, "The judgement as a sentence", level="lake"),
        Column("reference", S, "Section of the standard, or other source", level="lake"),
        Column("first_run", S, "The run that was the latest when it was first found; NULL if that is not known, "
               "as of findings that are older than this column", level="lake", stable=False),
    ),
    key=("rule", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "path", "observed"),
    stored="derived",
)  # fmt: skip

FINDINGS_GONE = Table(
    name="findings_gone",
    row="finding that is there no more",
    description="Findings of earlier runs that a later one no longer had, as they were last; they may have come "
    "back since. It is history: it depends on the order of the ingests, and a databank that is made anew has none.",
    columns=(
        *(replace(column, stable=False) for column in FINDINGS.columns),
        Column("gone_run", S, "The run that was the latest when it was found no more", level="lake", stable=False),
    ),
    key=FINDINGS.key,
    stored="derived",
)  # fmt: skip

DROPPED = Table(
    name="dropped",
    row="file that was read and no longer counts as an instance",
    description="Files whose instance is shown from elsewhere: read again since, or a duplicate.",
    columns=(
        Column("file_id", I, "The file", level="file", stable=False),
        Column(
            "why",
            S,
            "changed: the file was read again; duplicate: another file holds the instance",
            level="file",
        ),
        Column("kept_file_id", I, "The file that counts instead", level="file", stable=False),
    ),
    key=("file_id",),
    stored="derived",
)

RUNS = Table(
    name="runs",
    row="ingest run",
    description="Every ingest: when, of what, with which versions, and how it ended.",
    columns=(
        RUN_ID,
        Column("started", pl.Datetime("us", "UTC"), "When it started", level="run", stable=False),
        Column("seconds", F, "How long it took", "s", level="run", stable=False),
        Column("sources", pl.List(pl.String), "What was ingested", level="run", phi=True),
        Column("state", S, "done, interrupted or failed", level="run"),
        Column("seen", I, "Files seen", "files", level="run"),
        Column("ok", I, "Files that became instances", "files", level="run"),
        Column("duplicate", I, "Files whose instance is already there", "files", level="run"),
        Column("not_dicom", I, "Files that are not DICOM, and DICOMDIR", "files", level="run"),
        Column("error", I, "Files that could not be read", "files", level="run"),
        Column("unchanged", I, "Files read before and not changed since", "files", level="run"),
        Column("workers", I, "Processes that read", level="run", stable=False),
        Column(
            "versions",
            S,
            "Versions of Taglake, Python, Polars, DuckDB and pydicom",
            level="run",
            stable=False,
        ),
    ),
    key=("run_id",),
    stored="batch",
)
