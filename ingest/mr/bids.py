"""Where BIDS 1.9 would keep a series, and with which entities: proposals, no names of subjects."""

from __future__ import annotations

import polars as pl

COMPLEX = {"phase": "phase", "real": "real", "imaginary": "imag"}
ANATOMY = ("T1w", "T2w", "PDw", "T2starw", "FLAIR", "angio")
SEVERAL = ("MESE", "MEGRE", "MP2RAGE", "MTS")
"""Suffixes of images that belong together."""
PARTED = ("bold", "dwi", "sbref", *ANATOMY, *SEVERAL)
ECHOED = ("bold", *ANATOMY, *SEVERAL)
DIRECTED = ("bold", "dwi", "sbref", "epi", "asl", "m0scan")
OPPOSITE = {"AP": "PA", "RL": "LR", "SI": "IS"}
ALONG = {
    ("AX", "COL"): "AP", ("AX", "ROW"): "RL", ("COR", "COL"): "SI", ("COR", "ROW"): "RL",
    ("SAG", "COL"): "SI", ("SAG", "ROW"): "AP",
}  # fmt: skip
"""Rows of an image grow to the left or back, columns to the back or feet (PS3.3 C.7.6.2.1.1)."""


def encoded(axis: pl.Expr, positive: pl.Expr, plane: pl.Expr) -> pl.Expr:
    """Where phase is encoded to, as AP, where axis and sign are known; else a word of the name.

    ``axis`` is InPlanePhaseEncodingDirection, ``positive`` 1 where it is encoded the way the axis
    grows and 0 where against it.
    """
    along = (plane + axis.str.to_uppercase().str.head(3)).replace_strict(
        {p + a: way for (p, a), way in ALONG.items()}, default=None, return_dtype=pl.String
    )
    known = (
        pl.when(positive == 1).then(along)
        .when(positive == 0).then(along.replace_strict(OPPOSITE, default=None))
    )  # fmt: skip
    words = [way for pair in OPPOSITE.items() for way in pair]
    said = [pl.col("name").str.contains(f" {way.lower()} ", literal=True) for way in words]
    told = pl.coalesce(pl.when(s).then(pl.lit(w)) for s, w in zip(said, words, strict=True))
    one = pl.sum_horizontal(said) == 1
    return pl.coalesce(known, pl.when(one).then(told))


def inversion_number() -> pl.Expr:
    """1 for the first image of two inversion times, 2 for the second: by the rule that decided."""
    return pl.when(pl.col("weighting") == "PD").then(pl.lit("2")).otherwise(pl.lit("1"))


def columns(rows: pl.DataFrame, derived: pl.Expr, enhanced: pl.Expr) -> pl.DataFrame:
    """``bids_datatype``, ``bids_suffix`` and ``bids_entities`` of decided rows."""
    computed = pl.col("said_computed") | (derived & pl.col("computed"))
    raw = ~computed & ~pl.col("sequenceClass").is_in(["LOCALIZER", "UNKNOWN"])
    mapped = pl.col("fmap").is_not_null()
    suffix = (
        pl.when(mapped).then(_field_map()).otherwise(pl.coalesce("class_suffix", "bids_suffix"))
    )
    datatype = pl.when(mapped).then(pl.lit("fmap")).otherwise("bids_datatype")
    made = rows.with_columns(
        bids_datatype=pl.when(raw).then(datatype), bids_suffix=pl.when(raw).then(suffix)
    ).with_columns(_joined=_entities(pl.col("bids_suffix"), enhanced))
    entities = pl.when(raw & (pl.col("_joined") != "")).then("_joined")
    return made.select("bids_datatype", "bids_suffix", bids_entities=entities)


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


def _entities(suffix: pl.Expr, enhanced: pl.Expr) -> pl.Expr:
    """Entities in the order of BIDS: acq, ce, dir, echo, flip, inv, mt, part; "" without any.

    Which a suffix may have is in ``src/schema/rules/files/raw`` of the standard. It has none for
    parts of Dixon, so they are told apart as acquisitions are.
    """
    directed = suffix.is_in(DIRECTED) & pl.col("encoded").is_not_null()
    inversions = suffix == "MP2RAGE"
    number = pl.col("echo_number").cast(pl.Int64).cast(pl.String)
    several = (pl.col("echo_number") >= 2) & (pl.col("echo_count") == 1)
    of_bold = (suffix == "sbref") & (pl.col("sequenceClass") == "fMRI_BOLD")
    agent = enhanced & pl.col("weighting").is_in(["T1", "T2", "PD"])
    # MT is measured by images of proton density and of T1, which differ in the flip angle
    flip = pl.when(pl.col("weighting") == "T1").then(pl.lit("flip-2")).otherwise(pl.lit("flip-1"))
    parts = [
        pl.when(suffix.is_in([*ANATOMY, *SEVERAL]))
        .then(pl.lit("acq-") + pl.col("dixonPart").str.to_lowercase()),
        pl.when(agent.fill_null(False)).then(pl.lit("ce-agent")),
        pl.when(directed).then(pl.lit("dir-") + pl.col("encoded")),
        pl.when(several & (suffix.is_in(ECHOED) | of_bold)).then(pl.lit("echo-") + number),
        pl.when(suffix == "MTS").then(flip),
        pl.when(inversions).then(pl.lit("inv-") + pl.col("inversion_number")),
        pl.when(suffix == "MTS")
        .then(pl.when(pl.col("mt_said")).then(pl.lit("mt-on")).otherwise(pl.lit("mt-off"))),
        pl.when(suffix.is_in(PARTED))
        .then(pl.lit("part-") + pl.col("partOfComplex").replace_strict(COMPLEX, default=None)),
    ]  # fmt: skip
    return pl.concat_str(parts, separator="_", ignore_nulls=True)
