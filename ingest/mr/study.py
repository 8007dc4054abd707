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
ASKED = (
    "diffusion_said", "echo_planar", "mt_said", "mt_named", "gradient", "spoiled_or_unsaid",
    "prepared",
)  # fmt: skip
LONGEST_SATURATION_TR = 100.0


def evidence(prepared: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Of each prepared row what other rows of its study may need: facts, TE and TR."""
    asking = Rule("study", {}, all=tree(ASKED, KINDS))
    facts = with_facts(prepared, rules, [asking])
    # Helms 2008, Magn Reson Med 60:1396: images of proton density, of T1 and of MT, alike but for
    # TR, angle and pulse
    alike = (
        pl.col("gradient") & pl.col("spoiled_or_unsaid") & ~pl.col("prepared")
        & ~pl.col("echo_planar")
        & (pl.col("EchoTime") < pl.col("$t2star_te"))
        & (pl.col("RepetitionTime") <= LONGEST_SATURATION_TR)
    )  # fmt: skip
    ratio = pl.col("ernst_ratio")
    return facts.select(
        diffusion=pl.col("diffusion_said") & pl.col("echo_planar"),
        mt=(pl.col("mt_said") | (pl.col("mt_named") & pl.col("gradient"))) & ~pl.col("echo_planar"),
        echo_planar="echo_planar",
        density=(alike & (ratio < pl.col("$pd_ernst"))).fill_null(False),
        relaxed=(alike & (ratio >= pl.col("$t1_ernst"))).fill_null(False),
        volumes=pl.when(pl.col("echo_planar")).then(pl.col("n_volumes")),
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

    ``study_mt``: another series has magnetisation transfer, or two spoiled gradient echoes of one
    echo time differ in TR, one weighted by proton density and one by T1: they measure saturation.

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
    rows = rows.with_columns(
        alike=pl.when(pl.col("density") | pl.col("relaxed")).then(pl.col("te").round(1))
    )
    most_volumes = pl.col("volumes").max().over("study", "te", "tr")
    same_echo = ("study", "alike")
    measured = (
        pl.col("alike").is_not_null() & pl.col("density").any().over(same_echo)
        & pl.col("relaxed").any().over(same_echo) & (pl.col("tr").n_unique().over(same_echo) > 1)
    )  # fmt: skip
    saturation = pl.col("mt").any().over("study") | measured
    return rows.select(
        study_diffusion_timing=like_diffusion.fill_null(False).cast(pl.Float64),
        study_volumes=pl.when(known & timed).then(most_volumes),
        # the shortest echo of its study with the same TR: which magnitude of a field map it is
        study_first_echo=pl.when(known).then(pl.col("te").min().over("study", "tr")),
        study_mt=(saturation & known).fill_null(False).cast(pl.Float64),
    )
