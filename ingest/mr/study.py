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
    "prepared", "three_d",
)  # fmt: skip
LONGEST_SATURATION_TR = 100.0
PHASES = ["\\P\\", "\\PHASE\\", "\\PHASE MAP\\", "\\P_FFE\\"]


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
    types = pl.col("ImageType").fill_null("")
    gradient = pl.col("gradient") & ~pl.col("echo_planar") & ~pl.col("three_d")
    multiband, mosaic = (
        types.str.contains(f"\\{word}\\", literal=True) for word in ("MB", "MOSAIC")
    )
    return facts.select(
        diffusion=pl.col("diffusion_said") & pl.col("echo_planar"),
        mt=(pl.col("mt_said") | (pl.col("mt_named") & pl.col("gradient"))) & ~pl.col("echo_planar"),
        echo_planar="echo_planar",
        density=(alike & (ratio < pl.col("$pd_ernst"))).fill_null(False),
        relaxed=(alike & (ratio >= pl.col("$t1_ernst"))).fill_null(False),
        volumes=pl.when(pl.col("echo_planar")).then(pl.col("n_volumes")),
        te=pl.col("EchoTime").round(2),
        tr=pl.col("RepetitionTime").round(1),
        multiband=pl.col("echo_planar") & multiband,
        mosaic=pl.col("diffusion_said") & mosaic,
        last_te=pl.when(gradient).then(pl.col("echo_max").round(2)),
        phase=types.str.contains_any(PHASES),
        ti=pl.when(~pl.col("echo_planar")).then("InversionTime"),
        flip=pl.when(alike & pl.col("three_d")).then("FlipAngle"),
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


def flags(study: pl.Series, found: pl.DataFrame, positive: pl.Series) -> pl.DataFrame:
    """For each series what ``OF_STUDY`` names: numbers, 1 or 0 where nothing else is said.

    ``found`` as ``evidence`` gives it, ``positive`` as CSA's PhaseEncodingDirectionPositive.

    ``study_mt``: another series has magnetisation transfer, or two spoiled gradient echoes of one
    echo time differ in TR, one weighted by proton density and one by T1: they measure saturation.

    ``study_diffusion_timing``: another echo planar series of the study has its TE and TR, and is
    diffusion; so the reference of a diffusion series is told from that of another.
    """
    number = study.to_frame("study").select(
        pl.when(pl.col("study").is_not_null()).then(pl.col("study").hash())
    )
    rows = found.with_columns(number, positive=positive)  # a number is quicker to group by
    known = pl.col("study").is_not_null()
    return rows.select(
        study_diffusion_timing=_beside(rows, "diffusion", "echo_planar"),
        study_mosaic=_beside(rows, "mosaic", "diffusion"),
        study_multiband=_beside(rows, "multiband", "echo_planar"),
        study_phase_difference=_phase_difference(rows),
        study_opposed=_opposed(rows),
        study_inversions=_different(rows, "ti"),
        study_flips=_different(rows, "flip"),
        study_volumes=_most_volumes(rows),
        # the shortest echo of its study with the same TR: which magnitude of a field map it is
        study_first_echo=pl.when(known).then(pl.col("te").min().over("study", "tr")),
        study_mt=_saturation(rows),
    )


TIMING = ("study", "te", "tr")


def _at(rows: pl.DataFrame, found: pl.Series) -> pl.Series:
    """1 at the numbers of rows in ``found``, else 0."""
    return pl.Series("found", [0.0]).new_from_index(0, rows.height).scatter(found, 1.0)


def _beside(rows: pl.DataFrame, kind: str, of: str) -> pl.Series:
    """1 where a row is ``of`` and not ``kind``, and another of its study, TE and TR is ``kind``.

    Of diffusion; of programs for many directions of it, which write mosaics; and of slices that
    fit in such a TR only several at once.
    """
    with_kind = rows.filter(kind).select(TIMING).unique()
    some = rows.with_row_index("row").filter(pl.col(of) & ~pl.col(kind))
    return _at(rows, some.join(with_kind, on=TIMING, how="semi")["row"])


def _most_volumes(rows: pl.DataFrame) -> pl.Series:
    """The volumes of the longest echo planar series of its study, TE and TR."""
    some = rows.with_row_index("row").filter("echo_planar")
    most = some.group_by(TIMING).agg(most=pl.col("volumes").max()).drop_nulls()
    some = some.join(most, on=TIMING)
    made = pl.Series("most", [None], pl.Float64).new_from_index(0, rows.height)
    return made.scatter(some["row"], some["most"].cast(pl.Float64))


def _saturation(rows: pl.DataFrame) -> pl.Series:
    """1 in a study with magnetisation transfer, and at images that measure it without its pulse."""
    with_pulse = rows.filter(pl.col("mt"))["study"].drop_nulls().unique()
    alike = (
        rows.with_row_index("row").filter(pl.col("density") | pl.col("relaxed"))
        .with_columns(echo=pl.col("te").round(1))
    )  # fmt: skip
    measured = alike.group_by("study", "echo").agg(
        pl.col("density", "relaxed").any(), pl.col("tr").n_unique()
    ).filter(pl.col("density") & pl.col("relaxed") & (pl.col("tr") > 1))  # fmt: skip
    found = alike.join(measured, on=("study", "echo"), how="semi")["row"]
    of_study = rows["study"].is_in(with_pulse.implode()).fill_null(False).arg_true()
    return _at(rows, pl.concat([found, of_study.cast(found.dtype)]))


ECHOES_APART_MS = (0.8, 6.0)
"""Of a field map: a turn of water and fat at 1.5 T takes 4.6 ms, at 7 T 1 ms."""
LATEST_ECHO_MS = 15.0
A_FIFTH = 1.2


def _phase_difference(rows: pl.DataFrame) -> pl.Series:
    """Whether a gradient echo is of a study's pair of close echoes with one phase image for both.

    Jezzard 1995, Magn Reson Med 34:65: the phase that is kept is the difference of the two.
    """
    some = rows.with_row_index("row").filter(
        pl.col("study").is_not_null() & pl.col("tr").is_not_null()
        & (pl.col("last_te") <= LATEST_ECHO_MS)
    )  # fmt: skip
    phase = pl.col("phase")
    pairs = some.group_by("study", "tr").agg(
        first=pl.col("te").filter(~phase).min(), last=pl.col("last_te").filter(~phase).max(),
        early=pl.col("te").filter(phase).min(), late=pl.col("last_te").filter(phase).max(),
    )  # fmt: skip
    pairs = pairs.filter(
        (pl.col("last") - pl.col("first")).is_between(*ECHOES_APART_MS)
        & (pl.col("early") == pl.col("late"))
        & (pl.col("late") == pl.col("last"))
    )
    return _at(rows, some.join(pairs, on=("study", "tr"), how="semi")["row"])


def _different(rows: pl.DataFrame, name: str) -> pl.Series:
    """How many values of ``name`` the series of one study, TE and TR have; NULL where it has one.

    Values within a fifth of each other are one: scanners fit them to the other timing.

    Several measure what depends on it: T1 by inversion times, or by flip angles.
    """
    some = rows.with_row_index("row").filter(pl.all_horizontal(pl.col(*TIMING, name).is_not_null()))
    steps = pl.col(name).log(A_FIFTH).round().cast(pl.Int32)
    counted = some.group_by(TIMING).agg(n=steps.n_unique().cast(pl.Float64))
    some = some.join(counted.filter(pl.col("n") > 1), on=TIMING)
    made = pl.Series("n", [None], pl.Float64).new_from_index(0, rows.height)
    return made.scatter(some["row"], some["n"])


MUCH_LONGER = 3.0


def _opposed(rows: pl.DataFrame) -> pl.Series:
    """Whether phase is encoded against the way of a much longer series of its study, TE and TR.

    ``positive`` is CSA PhaseEncodingDirectionPositive, 1 or 0.
    """
    some = rows.with_row_index("row").filter(
        pl.all_horizontal(pl.col(*TIMING, "volumes", "positive").is_not_null())
    )
    longest = some.group_by(TIMING).agg(
        most=pl.col("volumes").max(), way=pl.col("positive").sort_by("volumes", "positive").last()
    )
    found = some.join(longest, on=TIMING).filter(
        (pl.col("way") != pl.col("positive")) & (pl.col("volumes") * MUCH_LONGER <= pl.col("most"))
    )
    return _at(rows, found["row"])
