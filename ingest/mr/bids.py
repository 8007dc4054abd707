"""Where BIDS 1.9 would keep a series, and with which entities: proposals, no names of subjects."""

from __future__ import annotations

import polars as pl

COMPLEX = {"phase": "phase", "real": "real", "imaginary": "imag"}
PARTED = ("bold", "dwi", "sbref", "T1w", "T2w", "T2starw", "MP2RAGE", "MESE", "MEGRE")


def columns(rows: pl.DataFrame, derived: pl.Expr) -> list[pl.Expr]:
    """``bids_datatype``, ``bids_suffix`` and ``bids_entities`` of the decided ``rows``."""
    computed = pl.col("said_computed") | (derived & pl.col("computed"))
    raw = ~computed & (pl.col("sequenceClass") != "LOCALIZER")
    field = _field_map()
    suffix = (
        pl.when(pl.col("fmap").is_not_null())
        .then(field)
        .otherwise(pl.coalesce("class_suffix", "bids_suffix"))
    )
    datatype = (
        pl.when(pl.col("fmap").is_not_null())
        .then(pl.lit("fmap"))
        .otherwise(pl.col("bids_datatype"))
    )
    unsettled = pl.col("sequenceClass") == "UNKNOWN"
    made = pl.when(raw & ~unsettled)
    return [
        made.then(datatype).alias("bids_datatype"),
        made.then(suffix).alias("bids_suffix"),
        made.then(_entities(suffix)).alias("bids_entities"),
    ]


def _field_map() -> pl.Expr:
    """Suffix of a field map: one phase of two echoes is their difference."""
    phase = pl.col("partOfComplex") == "phase"
    second = (pl.col("echo_number") >= 2) | (pl.col("EchoTime") > pl.col("study_first_echo"))
    magnitude = (
        pl.when(pl.col("echo_count") > 1).then(pl.lit("magnitude1"))
        .when(second.fill_null(False)).then(pl.lit("magnitude2")).otherwise(pl.lit("magnitude1"))
    )  # fmt: skip
    return (
        pl.when(pl.col("fmap") == "gre")
        .then(pl.when(phase).then(pl.lit("phasediff")).otherwise(magnitude))
        .otherwise(pl.col("fmap"))
    )


def _entities(suffix: pl.Expr) -> pl.Expr:
    """Entities in the order of BIDS: ce, dir, echo, inv, mt, part."""
    number = pl.col("echo_number").cast(pl.Int64).cast(pl.String)
    several = pl.col("echo_number").is_not_null() & (pl.col("echo_number") >= 2)
    agent = pl.col("enhanced").fill_null(False) & pl.col("weighting").is_in(["T1", "T2", "PD"])
    parts = [
        pl.when(agent.fill_null(False)).then(pl.lit("ce-agent")),
        pl.when(several & pl.col("fmap").is_null() & (pl.col("echo_count") == 1))
        .then(pl.lit("echo-") + number),
        pl.when(suffix == "MTS")
        .then(pl.when(pl.col("mt_said")).then(pl.lit("mt-on")).otherwise(pl.lit("mt-off"))),
        pl.when(suffix.is_in(PARTED))
        .then(pl.lit("part-") + pl.col("partOfComplex").replace_strict(COMPLEX, default=None)),
    ]  # fmt: skip
    joined = pl.concat_str(parts, separator="_", ignore_nulls=True)
    return pl.when(joined != "").then(joined)
