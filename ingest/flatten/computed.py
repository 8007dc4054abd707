"""The columns of ``instances`` that Taglake computes from the attributes."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import polars as pl

from ingest.schema import TABLES

C = pl.col
AS_TEXT = tuple(
    replace(TABLES["instances"].column(name), name=f"{name} as text", dtype=pl.String())
    for name in ("AcquisitionDateTime", "RadiopharmaceuticalStartDateTime")
)
"""Columns that are assembled beside the attributes and of which only the offset is kept."""
OFFSET = r"([+-])(\d{2})(\d{2})\s*$"


def with_computed(frame: pl.DataFrame, secret: bytes) -> pl.DataFrame:
    """``frame`` (all attribute columns, and those ``AS_TEXT``, which go) with pseudonym, times,
    geometry and b-value."""
    return (
        _with_patient_key(_with_offsets(frame), secret)
        .with_columns(
            acquisition_datetime=pl.coalesce(
                C("AcquisitionDateTime"), _moment("AcquisitionDate", "AcquisitionTime")
            ),
            content_datetime=_moment("ContentDate", "ContentTime"),
            PixelSpacing_row_mm=pl.coalesce(_at("PixelSpacing", 0), _at("ImagerPixelSpacing", 0)),
            PixelSpacing_column_mm=pl.coalesce(
                _at("PixelSpacing", 1), _at("ImagerPixelSpacing", 1)
            ),
            position_x_mm=_at("ImagePositionPatient", 0),
            position_y_mm=_at("ImagePositionPatient", 1),
            position_z_mm=_at("ImagePositionPatient", 2),
            b_value=pl.coalesce(
                "DiffusionBValue", "csa_B_value", "philips_b_value", "ge_b_value", "uih_b_value"
            ),
            n_frames=pl.coalesce(C("NumberOfFrames"), C("Rows").is_not_null().cast(pl.Int64)),
        )
        .with_columns(slice_normal=_normal())
        .with_columns(
            slice_position_mm=dot("ImagePositionPatient", "slice_normal"),
        )
    )


def _with_offsets(frame: pl.DataFrame) -> pl.DataFrame:
    """The offsets from UTC of DT values, in minutes: -1200 to +1400 (PS3.5 6.2)."""
    texts = [column.name for column in AS_TEXT]
    made = {text.removesuffix(" as text") + "_offset_minutes": _offset(C(text)) for text in texts}
    # Most headers state none, and then there is nothing to take apart.
    if all(frame[text].null_count() == frame.height for text in texts):
        made = {name: pl.lit(None, dtype=pl.Int64) for name in made}
    return frame.with_columns(**made).drop(texts)


def _offset(text: pl.Expr) -> pl.Expr:
    parts = text.str.extract(r"^([^\\]*)", 1).str.extract_groups(OFFSET)
    hours, minutes = (parts.struct.field(n).cast(pl.Int64, strict=False) for n in ("2", "3"))
    total = hours * 60 + minutes
    signed = pl.when(parts.struct.field("1") == "-").then(-total).otherwise(total)
    return pl.when((minutes < 60) & signed.is_between(-720, 840)).then(signed)


def _moment(date: str, time: str) -> pl.Expr:
    return C(date).dt.combine(C(time), "us")


def _at(name: str, index: int) -> pl.Expr:
    return C(name).list.get(index, null_on_oob=True)


def _normal() -> pl.Expr:
    """Cross product of row and column direction; NULL unless it is about a unit vector.

    Directions that are not perpendicular unit vectors give no plane, so no position either.
    """
    r, c = ([_at("ImageOrientationPatient", i + o) for i in range(3)] for o in (0, 3))
    x, y, z = (r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0])
    length = (x * x + y * y + z * z).sqrt()
    return pl.when((length - 1).abs() < 0.01).then(pl.concat_list(x, y, z))


def dot(a: str, b: str) -> pl.Expr:
    """The dot product of two columns of three numbers."""
    return pl.sum_horizontal(*(_at(a, i) * _at(b, i) for i in range(3)), ignore_nulls=False)


def _with_patient_key(frame: pl.DataFrame, secret: bytes) -> pl.DataFrame:
    who = ["PatientID", "IssuerOfPatientID", "StudyInstanceUID", "SOPInstanceUID"]
    known = pl.struct(
        C("PatientID"),
        C("IssuerOfPatientID"),
        pl.when(C("PatientID").is_null()).then(C("StudyInstanceUID")).alias("StudyInstanceUID"),
        pl.when(C("PatientID").is_null() & C("StudyInstanceUID").is_null())
        .then(C("SOPInstanceUID"))
        .alias("SOPInstanceUID"),
    ).alias("who")
    people = frame.select(known)
    distinct = people.unique()
    keys = [
        patient_key(secret, *(person[name] for name in who)) for person in distinct["who"].to_list()
    ]
    named = distinct.with_columns(patient_key=pl.Series(keys, dtype=pl.String))
    joined = people.join(named, on="who", how="left", maintain_order="left", nulls_equal=True)
    return frame.with_columns(joined["patient_key"])


def patient_key(
    secret: bytes, patient: str | None, issuer: str | None, study: str | None, instance: str | None
) -> str:
    """The pseudonym of a patient: a keyed hash of identifier and issuer.

    Without an identifier every study is a patient of its own, and without a study every instance:
    merging strangers would be worse than splitting one person.
    """
    if patient:
        person = f"patient\0{patient}\0{issuer or ''}"
    else:
        person = f"study\0{study}" if study else f"instance\0{instance}"
    return hashlib.blake2b(person.encode(), key=secret, digest_size=8).hexdigest()
