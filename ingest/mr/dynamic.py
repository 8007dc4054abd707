"""Dynamic groups: series of a study that differ in when they were acquired, around an agent.

Repeats without any evidence of contrast agent stay repeats.  Everything is by windows over a study,
so the order of rows never matters: equal times share a phase.
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
    "TriggerTime_min", "TriggerTime", "frame_temporal_positions", *TIMES,
)  # fmt: skip
DECIDED = ("sequenceClass", "weighting", "enhanced", "plane")
DIGITS = 1
"""A tenth of a degree, ms or mm is no other protocol."""


def phases(frame: pl.DataFrame, decided: pl.DataFrame, *, propagate: bool = True) -> pl.DataFrame:
    """``dynamicGroup``, ``dynamicPhase``, and ``after``: a series is after the agent, and why.

    ``decided`` has sequenceClass, weighting, enhanced (true, false, NULL) and plane of each row.
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
    ).with_columns(dynamic=(pl.col("moments") > 1) & pl.col("said"))


def _phased(made: pl.DataFrame, height: int, *, propagate: bool) -> pl.DataFrame:
    post = pl.col("dynamic") & (pl.col("at") >= pl.col("group_agent_at"))
    nth = pl.struct("at", "temporal").rank("dense").over("study", "key", "post").cast(pl.String)
    made = made.with_columns(post=post)
    later = (
        ~pl.col("dynamic") & (pl.col("at") > pl.col("agent_at"))
        & (pl.col("enhanced").is_null()) & pl.lit(propagate)
    )  # fmt: skip
    made = made.with_columns(
        dynamicPhase=pl.when(pl.col("post")).then(pl.lit("POST_") + nth)
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
