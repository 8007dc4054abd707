"""Dynamic groups: series of a study that differ in when they were acquired, around an agent.

A series may hold several phases itself: they are counted, and are a group even alone.  Repeats
without any evidence of contrast agent stay repeats.  Everything is by windows over a study, so the
order of rows never matters: equal times share a phase.
"""

from __future__ import annotations

import polars as pl

from ingest.mr import inputs
from ingest.mr.deciding import number_text

GEOMETRY = ("Rows", "Columns", "SliceThickness", "EchoTime", "FlipAngle")
TIMES = (
    "acquisition_datetime_min", "AcquisitionDateTime", "AcquisitionTime_min", "AcquisitionTime",
    "SeriesTime", "ContentTime_min",
)  # fmt: skip
READ = (
    "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber", "Rows", "Columns", "PixelSpacing",
    "PixelSpacing_row_mm", "TemporalPositionIdentifier", "TemporalPositionIdentifier_min",
    "TemporalPositionIdentifier_max", "TriggerTime_min", "TriggerTime_max", "TriggerTime",
    "NumberOfTemporalPositions", "AcquisitionNumber_values", "frame_temporal_positions", *TIMES,
)  # fmt: skip
DECIDED = ("sequenceClass", "weighting", "enhanced", "plane", "n_phases")
NOT_PHASES = ("LOCALIZER", "DWI", "DTI", "ADC", "FA_MAP")
"""Classes whose volumes are planes, directions and b-values."""
DIGITS = 1
"""A tenth of a degree, ms or mm is no other protocol."""


def phases(frame: pl.DataFrame, decided: pl.DataFrame, *, propagate: bool = True) -> pl.DataFrame:
    """``dynamicGroup``, ``dynamicPhase``, and ``after``: a series is after the agent, and why.

    ``decided`` has sequenceClass, weighting, enhanced (true, false, NULL), plane and n_phases of
    each row. A series that holds phases of before and after the agent has no dynamicPhase; of one
    that holds several after it, it is that of the first.
    """
    asked = decided.select(
        inputs.text(frame, "StudyInstanceUID").alias("study"),
        given=(pl.col("weighting") == "T1") & pl.col("enhanced"),
    )
    # only studies where an agent was given are looked at
    near = asked.select(pl.col("given").any().over("study") & pl.col("study").is_not_null())
    where = near.to_series().fill_null(False).arg_true()
    if not where.len():
        return _none(frame.height)
    rows = _rows(frame[where], decided.select(DECIDED)[where])
    some = rows.with_columns(row=where).filter(
        pl.col("at").is_not_null() & (pl.col("weighting") == "T1")
    )
    if not some["enhanced"].any():
        return _none(frame.height)
    made = _grouped(some)
    group_first = pl.when(pl.col("dynamic")).then(pl.col("group_start"))
    numbered = made.with_columns(
        dynamicGroup=pl.when(pl.col("dynamic")).then(
            pl.struct(group_first.alias("s"), pl.when(pl.col("dynamic")).then("key").alias("k"))
            .rank("dense")
            .over("study", "dynamic")
            .cast(pl.Int64)
        )
    )
    return _phased(numbered, frame.height, propagate=propagate)


def counted(frame: pl.DataFrame, decided: pl.DataFrame) -> pl.Series:
    """How many phases each series holds; NULL where nothing tells.

    ``decided`` has n_volumes, sequenceClass and weighting. A series may be one of several that were
    acquired as phases, and some scanners number echoes or directions as if they were time points:
    so there are only as many as there are volumes for. That acquisitions are numbered tells of
    phases where nothing else is acquired again and again.
    """
    first, last, trigger, end = (
        inputs.number(frame, f"{name}_{side}")
        for name in ("TemporalPositionIdentifier", "TriggerTime") for side in ("min", "max")
    )  # fmt: skip
    acquisitions = inputs.numbers(frame, "AcquisitionNumber_values")
    known = pl.DataFrame([
        inputs.number(frame, "frame_temporal_positions").alias("of_frames"),
        (last - first + 1).alias("identified"),
        inputs.number(frame, "NumberOfTemporalPositions").alias("said"),
        (end - trigger).alias("spread"),
        acquisitions.list.n_unique().alias("acquisitions"),
        *decided.select("n_volumes", "sequenceClass", "weighting").get_columns(),
    ])  # fmt: skip
    volumes = pl.col("n_volumes")
    timed = (pl.col("spread") > 0) | (pl.col("acquisitions") == volumes)
    found = pl.coalesce(
        *(
            pl.when((pl.col(name) >= 1) & (volumes % pl.col(name) == 0)).then(name)
            for name in ("of_frames", "identified", "said")
        ),
        pl.when((volumes == 1) | (timed & (pl.col("weighting") == "T1"))).then(volumes),
    )
    found = pl.when(~pl.col("sequenceClass").is_in(NOT_PHASES)).then(found)
    return known.select(n_phases=found.cast(pl.Int64))["n_phases"]


def _rows(frame: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    number = inputs.number(frame, "SeriesNumber")
    temporal = pl.DataFrame(
        [
            inputs.number(frame, "TemporalPositionIdentifier_min").alias("a"),
            inputs.number(frame, "TemporalPositionIdentifier").alias("b"),
            inputs.number(frame, "TriggerTime_min").alias("c"),
            inputs.number(frame, "TriggerTime").alias("d"),
        ]
    ).select(pl.coalesce(pl.all()).fill_null(0.0).alias("temporal"))["temporal"]
    base = pl.DataFrame([
        inputs.text(frame, "StudyInstanceUID").alias("study"),
        inputs.text(frame, "SeriesInstanceUID").alias("series"),
        inputs.moment(frame, *TIMES).alias("time"),
        number.alias("number"),
        temporal,
        *(inputs.number(frame, name).alias(name) for name in GEOMETRY),
        inputs.number(frame, "PixelSpacing_row_mm").alias("spacing_row"),
        inputs.number(frame, "PixelSpacing").alias("spacing"),
        inputs.number(frame, "RepetitionTime").alias("tr"),
        *decided.get_columns(),
    ])  # fmt: skip
    timed = pl.col("time").is_not_null().all().over("study")
    return base.with_columns(
        at=pl.when(timed).then("time").otherwise("number"),
        key=pl.concat_str(
            *(number_text(pl.col(name).round(DIGITS)).fill_null("") for name in GEOMETRY),
            number_text(pl.coalesce("spacing_row", "spacing").round(2)).fill_null(""),
            # TR to three digits: a per mille is no other protocol
            number_text(pl.col("tr").round_sig_figs(3)).fill_null(""),
            pl.col("sequenceClass").fill_null(""),
            pl.col("plane").fill_null(""),
            separator="/",
        ),
    )


def _grouped(some: pl.DataFrame) -> pl.DataFrame:
    over = ("study", "key")
    moment = pl.struct("at", "temporal")
    return some.with_columns(
        group_start=pl.col("at").min().over(over),
        moments=moment.n_unique().over(over),
        said=pl.col("enhanced").any().over(over),
        agent_at=pl.col("at").filter(pl.col("enhanced")).min().over("study"),
        group_agent_at=pl.col("at").filter(pl.col("enhanced")).min().over(over),
        most_phases=pl.col("n_phases").max().over(over),
    ).with_columns(
        dynamic=((pl.col("moments") > 1) | (pl.col("most_phases") > 1).fill_null(False))
        & pl.col("said")
    )


def _phased(made: pl.DataFrame, height: int, *, propagate: bool) -> pl.DataFrame:
    post = pl.col("dynamic") & (pl.col("at") >= pl.col("group_agent_at"))
    group, moment = ("study", "key", "post"), ("study", "key", "post", "at", "temporal")
    # how many phases there are at a moment, counted once where several rows are of it
    made = (
        made.with_columns(post=post)
        .sort("at", "temporal", "row")
        .with_columns(here=pl.max_horizontal(pl.col("n_phases").max().over(moment), 1))
        .with_columns(here_once=pl.when(pl.int_range(pl.len()).over(moment) == 0).then("here"))
        .with_columns(until=pl.col("here_once").fill_null(0).cum_sum().over(group))
        .with_columns(
            # where nothing was acquired before the agent, and the first series holds several
            # phases, it holds that of before, too
            holds_pre=pl.col("post").all().over("study", "key")
            & (pl.col("here").first().over(group) > 1)
        )
    )
    is_first = pl.struct("at", "temporal") == pl.struct("at", "temporal").first().over(group)
    nth = pl.col("until") - pl.col("here") + 1 - pl.col("holds_pre").cast(pl.Int64)
    later = (
        ~pl.col("dynamic") & (pl.col("at") > pl.col("agent_at"))
        & (pl.col("enhanced").is_null()) & pl.lit(propagate)
    )  # fmt: skip
    made = made.with_columns(
        dynamicPhase=pl.when(pl.col("post") & pl.col("holds_pre") & is_first).then(None)
        .when(pl.col("post")).then(pl.lit("POST_") + nth.cast(pl.Int64).cast(pl.String))
        .when(pl.col("dynamic")).then(pl.lit("PRE"))
        .when(later).then(pl.lit("POST_PROPAGATED")),
        after=pl.when(pl.col("enhanced").is_null())
        .then(
            pl.when(pl.col("post")).then(pl.lit("contrast.dynamic_group"))
            .when(pl.col("dynamic")).then(pl.lit("contrast.before_agent"))
            .when(later).then(pl.lit("contrast.later_in_study"))
        ),
    ).select("row", "dynamicGroup", "dynamicPhase", "after")  # fmt: skip
    rows = pl.DataFrame({"row": pl.int_range(height, dtype=pl.UInt32, eager=True)})
    return rows.join(made, on="row", how="left", maintain_order="left").drop("row")


def _none(height: int) -> pl.DataFrame:
    return pl.DataFrame([
        inputs.nothing("dynamicGroup", height, pl.Int64),
        inputs.nothing("dynamicPhase", height, pl.String),
        inputs.nothing("after", height, pl.String),
    ])  # fmt: skip
