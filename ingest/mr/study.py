"""What the other series of a study say about a series: the last evidence, after its header."""

from __future__ import annotations

import polars as pl

from ingest.mr import inputs
from ingest.mr.conditions import tree
from ingest.mr.deciding import with_facts
from ingest.mr.records import Rule, Rules
from ingest.mr.subjects import KINDS

READ = (
    *(f"position_{axis}_mm_{end}" for axis in "xyz" for end in ("min", "max")),
    "slice_position_mm_min", "slice_position_mm_max",
)  # fmt: skip
ASKED = ("diffusion_said", "echo_planar", "mt_said", "mt_named", "gradient")


def evidence(prepared: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Of each prepared row what other rows of its study may need: facts, TE and TR."""
    asking = Rule("study", {}, all=tree(ASKED, KINDS))
    facts = with_facts(prepared, rules, [asking])
    return facts.select(
        diffusion=pl.col("diffusion_said") & pl.col("echo_planar"),
        mt=(pl.col("mt_said") | (pl.col("mt_named") & pl.col("gradient"))) & ~pl.col("echo_planar"),
        echo_planar="echo_planar",
        te=pl.col("EchoTime").round(2),
        tr=pl.col("RepetitionTime").round(1),
    )


APART_MM = 80.0
"""Images of 240 mm at right angles lie further apart; those along the discs of a spine do not."""


def planes_differ(frame: pl.DataFrame) -> pl.Series:
    """1 where the slices of a series are no stack, as those of a localizer of three planes.

    Positions of a stack lie on one line, so their extent is that of the positions along the normal.
    """
    extent = [
        inputs.number(frame, f"position_{axis}_mm_max")
        - inputs.number(frame, f"position_{axis}_mm_min")
        for axis in "xyz"
    ]
    along = inputs.number(frame, "slice_position_mm_max") - inputs.number(
        frame, "slice_position_mm_min"
    )
    rows = pl.DataFrame([*(e.alias(str(i)) for i, e in enumerate(extent)), along.alias("along")])
    length = pl.sum_horizontal(pl.col(str(i)) ** 2 for i in range(3)).sqrt()
    known = pl.all_horizontal(pl.all().is_not_null())
    return rows.select(
        planes_differ=(known & ((length - pl.col("along").abs()).abs() > APART_MM))
        .fill_null(False).cast(pl.Float64)
    )["planes_differ"]  # fmt: skip


def flags(study: pl.Series, found: pl.DataFrame) -> pl.DataFrame:
    """For each series ``study_diffusion_timing`` and ``study_mt``, 1 or 0; ``found`` as evidence.

    The first: another echo planar series of the study has its TE and TR, and is diffusion; so the
    reference of a diffusion series is told from that of another.
    """
    rows = found.with_columns(study=study)
    known = pl.col("study").is_not_null()
    timed = pl.col("te").is_not_null() & pl.col("tr").is_not_null()
    like_diffusion = (
        pl.col("diffusion").any().over("study", "te", "tr")
        & pl.col("echo_planar") & ~pl.col("diffusion") & known & timed
    )  # fmt: skip
    return rows.select(
        study_diffusion_timing=like_diffusion.fill_null(False).cast(pl.Float64),
        # the shortest echo of its study with the same TR: which magnitude of a field map it is
        study_first_echo=pl.when(known).then(pl.col("te").min().over("study", "tr")),
        study_mt=(pl.col("mt").any().over("study") & known).fill_null(False).cast(pl.Float64),
    )
