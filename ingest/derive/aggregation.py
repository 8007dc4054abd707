"""Select lists that the schema dictates: how each column of instances reaches series and studies.

There are several hundred of them, so they are written from the declarations; everything else of a
query stands in its .sql file.  Macros (``finite``, ``ascending``, ``backslashed``) are in
``macros.sql``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import polars as pl

from ingest.derive.attributes import compared_in_study, may_be_shown
from ingest.lake.sql import identifier, literal, type_name
from ingest.schema import TABLES, Aggregation, Column, Table
from ingest.schema.derived import SUFFIX, series_columns

EXPRESSIONS: dict[tuple[Aggregation, str], str] = {
    # (aggregation, suffix of the column) -> SQL. {raw} is the column, {finite} the column without
    # NaN and infinity, {single} the column with lists as one text, {total} the sum.
    ("constant", ""): "min({finite})",
    # As it is, NULL included: all columns of "first" tell of the same instance.
    ("first", ""): "arg_min_null({raw}, m.slice_order)",
    ("distinct", "_values"): "ascending({single})",
    ("minmax", "_min"): "min({finite})",
    ("minmax", "_max"): "max({finite})",
    ("sum", "_sum"): "{total}",
    ("count", "_count"): "count({raw})",
    ("any", ""): "bool_or({raw})",
}
OF_ONE: dict[tuple[Aggregation, str], str] = {
    # What these are of one instance: the same values, without states of several hundred aggregates.
    ("constant", ""): "{finite}",
    ("first", ""): "{raw}",
    ("distinct", "_values"): "CASE WHEN {single} IS NOT NULL THEN [{single}] END",
    ("minmax", "_min"): "{finite}",
    ("minmax", "_max"): "{finite}",
    ("sum", "_sum"): "{finite}",
    ("count", "_count"): "CAST({raw} IS NOT NULL AS BIGINT)",
    ("any", ""): "{raw}",
}
PSEUDONYM = "patient_key"
"""Which of several is the smallest depends on the databank's secret: a series has that of its first
instance in slice order."""
LARGEST = " (largest)"
SHOWN_CHARACTERS = 60  # of a value in a finding
DIFFERENCE = "STRUCT(attribute VARCHAR, low VARCHAR, high VARCHAR)"

NAMED = frozenset({
    # Columns of series that .sql files name, beside what they list from the schema.
    "StudyInstanceUID", "SeriesInstanceUID", "FirstSOPInstanceUID", "n_instances", "Modality",
    "Manufacturer", "ManufacturerModelName", "BodyPartExamined", "SeriesDescription",
    "n_frames_sum", "file_size_bytes_sum", "acquisition_datetime_min", "acquisition_datetime_max",
    "patient_key", "StudyDate", "SoftwareVersions", "private_profile",
    # Of protocols: what protocols.py makes of a series.
    "scanner_key", "protocol_group", "protocol_fingerprint", "protocol_status", "derived_kinds",
    "acquisition_signature", "is_localizer", "is_derived",
    # Of irradiations.
    "CTDIvol_max", "AcquisitionNumber",
    # Of quality values.
    "SeriesNumber", "SeriesDate", "SeriesTime", "StudyTime", "AcquisitionDate_min",
    "AcquisitionDateTime_offset_minutes", "TimezoneOffsetFromUTC",
    "RadiopharmaceuticalStartDateTime_offset_minutes", "RadiopharmaceuticalStartDateTime",
    "RadiopharmaceuticalStartTime", "Radiopharmaceutical", "RadionuclideTotalDose",
    "RadionuclideHalfLife", "Units", "DecayCorrection", "PatientWeight", "PatientSize",
    "PatientAge", "PatientBirthDate", "PatientSex", "StudyDescription", "ProtocolName",
    "BurnedInAnnotation", "BurnedInAnnotation_values", "PatientIdentityRemoved",
    # Of the criteria of a score (thresholds.CRITERIA).
    "MagneticFieldStrength", "RepetitionTime", "EchoTime", "FlipAngle", "SliceThickness",
    "PixelSpacing_row_mm", "KVP", "ConvolutionKernel", "CTDIvol", "Exposure", "ExposureInuAs",
    "XRayTubeCurrent", "ExposureTime", "ExposureIndex", "CompressionForce", "OrganDose",
    "EntranceDose", "EntranceDoseInmGy", "ViewPosition", "dose_sr_CTDIvol_max_mGy",
    "dose_sr_DLP_total_mGycm",
})  # fmt: skip


def series_values(columns: Iterable[Column], *, of_one: bool = False) -> str:
    """``expression AS name`` for every column of series that comes from ``columns`` of instances.

    To be used with instances as i, their identifying columns as p, and members as m; ``of_one``
    where every series has one instance.
    """
    return "".join(
        f",\n        {_value(column, made.aggregation[0], suffix, of_one)} "
        f"AS {identifier(made.name)}"
        for column in columns
        for made, suffix in zip(series_columns(column), _suffixes(column), strict=True)
    )


def told_of_series(tables: Mapping[str, Table]) -> list[Column]:
    """Columns of series that studies and findings are made of: few of many, kept in DuckDB.

    SQL may name all of them: what these tables leave out is there as well, and empty.
    """
    series = tables["series"]
    names = NAMED | {c.name for c in tables["studies"].columns if c.aggregation == ("constant",)}
    names |= {column.name for column in compared_in_study(tables["instances"])}
    given = {column.name for column in series.columns}
    return [
        *(column for column in series.columns if column.name in names),
        *(TABLES["series"].column(name) for name in sorted(NAMED - given)),
    ]


def constants(table: Table, keys: Collection[str]) -> str:
    """``expression AS name`` for what a study takes from its series s, or a patient from studies s.

    ``keys`` are the columns by which rows are grouped.
    """
    return ",\n        ".join(
        f"s.{identifier(column.name)}"
        if column.name in keys
        else f"min(s.{identifier(column.name)}) AS {identifier(column.name)}"
        for column in table.columns
        if column.aggregation == ("constant",)
    )


def largest(columns: Iterable[Column]) -> str:
    """``max(column) AS "column (largest)"`` for each column of instances; the least is in series.

    Whether and where they differ is asked later, and of a whole column at once: written out for
    every column, what ``differences`` does takes 60 ms to plan (measured).
    """
    return "".join(
        f",\n        max({_finite(column, _of_instances(column))}) "
        f"AS {identifier(column.name + LARGEST)}"
        for column in columns
    )


def differences_in_series(columns: Iterable[Column]) -> str:
    """``differences`` of columns that have a ``largest`` one beside them."""
    return _differences(
        (column, identifier(column.name), identifier(column.name + LARGEST)) for column in columns
    )


def differences_in_study(columns: Iterable[Column]) -> str:
    """``differences`` of ``columns`` of the relation series."""
    return _differences(
        (column, f"min(series.{name})", f"max(series.{name})")
        for column in columns
        for name in [identifier(column.name)]
    )


def typed(columns: Iterable[Column], *, source: str = "") -> str:
    """``CAST(name AS type) AS name`` for each column: what is written has the schema's types."""
    place = f"{source}." if source else ""
    return ", ".join(
        f"CAST({place}{identifier(c.name)} AS {type_name(c.dtype)}) AS {identifier(c.name)}"
        for c in columns
    )


def definitions(columns: Iterable[Column]) -> str:
    """``name type`` for each column, as CREATE TABLE wants it."""
    return ", ".join(f"{identifier(c.name)} {type_name(c.dtype)}" for c in columns)


def _differences(columns: Iterable[tuple[Column, str, str]]) -> str:
    """A list with a struct (attribute, low, high) for each column whose low and high differ.

    Both as text, NULL where a value may identify somebody.
    """
    structs = ",\n            ".join(_difference(*column) for column in columns)
    return f"list_filter(CAST([{structs}] AS {DIFFERENCE}[]), lambda d: d IS NOT NULL)"


def _difference(column: Column, low: str, high: str) -> str:
    differ = "apart" if column.dtype == pl.Float64 else "unlike"
    return (
        f"CASE WHEN {differ}({low}, {high}) THEN {{'attribute': {literal(column.name)}, "
        f"'low': {_shown(column, low)}, 'high': {_shown(column, high)}}} END"
    )


def _shown(column: Column, value: str) -> str:
    if not may_be_shown(column):
        return "NULL"
    text = f"backslashed({value})" if _is_list(column) else f"CAST({value} AS VARCHAR)"
    return f"left({text}, {SHOWN_CHARACTERS})"


def _value(column: Column, aggregation: Aggregation, suffix: str, of_one: bool) -> str:
    raw = _of_instances(column)
    finite = _finite(column, raw)
    # Adding floating-point numbers in another order may give another sum.
    total = (
        f"finite(sum({finite} ORDER BY m.slice_order))"
        if column.dtype == pl.Float64
        else f"TRY_CAST(sum({raw}) AS BIGINT)"
    )
    if column.name == PSEUDONYM and not of_one:
        return f"arg_min({raw}, m.slice_order)"
    return (OF_ONE if of_one else EXPRESSIONS)[aggregation, suffix].format(
        raw=raw,
        finite=finite,
        single=f"backslashed({raw})" if _is_list(column) else finite,
        total=total,
    )


def _of_instances(column: Column) -> str:
    return f"{'p' if column.phi else 'i'}.{identifier(column.name)}"


def _finite(column: Column, value: str) -> str:
    return f"finite({value})" if column.dtype == pl.Float64 else value


def _is_list(column: Column) -> bool:
    return isinstance(column.dtype, pl.List)


def _suffixes(column: Column) -> list[str]:
    return [suffix for aggregation in column.aggregation for suffix, _ in SUFFIX[aggregation]]
