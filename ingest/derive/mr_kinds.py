"""Kinds of volume in a series of MR: echoes, b-values, Dixon parts, magnitude and phase.

A series whose columns say that it mixes something is asked once more, instance by instance but for
four columns only, which combinations there are.  Each is classed on its own; those that come to the
same are one kind.  So what a kind is follows from the classification, and no rule is written twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import duckdb
import polars as pl

from ingest.derive.database import text
from ingest.lake import arrow
from ingest.schema import Table

MOST = 64
"""Combinations of a series that are told apart; one that has more is left whole."""
SHELL_MM2: Final = 5.0
SHELL_SHARE: Final = 0.02
"""b-values belong together up to a step of 5 s/mm2 and 2 %: scanners list 995, 1000, 1005."""
MOST_MM2: Final = 1e6
"""What is beyond this is no b-value (in vivo scanners reach some 10,000 s/mm2) and tells nothing
apart; sums of such numbers are none, and the words of a kind have to be written."""
LISTS = (
    "EchoTime_values", "b_value_values", "ImageType_values", "ComplexImageComponent_values",
    "frame_echo_times", "frame_b_values",
)  # fmt: skip
"""Columns of series with several values where it may mix kinds."""
STUDY, SERIES = "StudyInstanceUID", "SeriesInstanceUID"
ROW, PART, VOLUME = "row", "part", "volume"
AXES = ("sequenceClass", "isDerivedImage", "partOfComplex", "dixonPart", "echo", "shell")
"""What tells kinds apart: of the classification, and of the instances."""
ORDER = ("echo", "shell", "partOfComplex", "dixonPart", "isDerivedImage", "sequenceClass")
TOLD = ("echo", "shell", "b_values", "volume_frames", "is_part")


def mixed(rows: pl.DataFrame) -> pl.Series:
    """Which series may mix kinds, by their own columns."""
    several = [
        pl.col(name).list.n_unique() > 1
        for name in LISTS
        if isinstance(rows.schema.get(name), pl.List)
    ]
    if "ComplexImageComponent" in rows.columns:
        several.append(pl.col("ComplexImageComponent") == "MIXED")
    if isinstance(rows.schema.get("ImageType"), pl.List):
        several.append(pl.col("ImageType").list.contains("MIXED"))
    told = pl.any_horizontal(pl.lit(False), *(e.fill_null(False) for e in several))
    return rows.with_columns(mixed=told)["mixed"]


def whole(rows: pl.DataFrame) -> pl.DataFrame:
    """The series as one row each, whatever they mix, with PART and TOLD."""
    frames = pl.col("n_frames_sum") if "n_frames_sum" in rows.columns else pl.lit(None)
    return rows.with_columns(
        echo=pl.lit(None, pl.Float64), shell=pl.lit(None, pl.Float64),
        b_values=pl.lit(None, pl.List(pl.Float64)), volume_frames=frames.cast(pl.Int64),
        is_part=pl.lit(False),
    ).with_row_index(PART)  # fmt: skip


def split(
    database: duckdb.DuckDBPyConnection, rows: pl.DataFrame, tables: Mapping[str, Table]
) -> pl.DataFrame:
    """The series as they are to be classed: one row each, or one for each combination.

    ``rows`` are of ``series`` with ROW, their number; the result has PART, its own number, and
    TOLD beside their columns. Needs the relations ``instances``, ``frames`` and ``dropped``.
    """
    chosen = mixed(rows)
    if not chosen.any():
        return whole(rows)
    parts = _shells(_parts(database, rows.filter(chosen), tables))
    parts = parts.filter(pl.len().over(ROW).is_between(2, MOST))
    single = (
        whole(rows)
        .drop(PART)
        .join(parts.select(ROW).unique(), on=ROW, how="anti", maintain_order="left")
    )
    several = parts.join(rows, on=ROW, how="left", maintain_order="left")
    several = several.with_columns(_of_part(several), is_part=pl.lit(True))
    made = pl.concat([single, several.select(single.columns)], how="vertical_relaxed")
    return made.sort(ROW, maintain_order=True).with_row_index(PART)


def kinds(parts: pl.DataFrame, classed: pl.DataFrame) -> pl.DataFrame:
    """Which part is of which kind.

    PART, ROW, VOLUME (from 1), volume_kind, volume_frames, b_values. ``classed`` is what
    the rules say of the parts, row by row.
    """
    told = parts.select(PART, ROW, *TOLD).hstack(classed.select(AXES[:4]))
    single = told.filter(pl.len().over(ROW) == 1)
    alone = single.select(
        PART, ROW, pl.lit(1, pl.Int64).alias(VOLUME), pl.lit(None, pl.String).alias("volume_kind"),
        "volume_frames", "b_values",
    )  # fmt: skip
    if single.height == told.height:
        return alone
    several = told.filter(pl.len().over(ROW) > 1)
    found = (
        several.group_by(ROW, *AXES)
        .agg(
            pl.col("volume_frames").sum(),
            pl.col("b_values").list.explode(keep_nulls=False, empty_as_null=False).unique().sort(),
        )
        .sort(ROW, *ORDER, nulls_last=True)
        .with_columns((pl.int_range(pl.len()).over(ROW) + 1).cast(pl.Int64).alias(VOLUME))
    )
    found = found.with_columns(volume_kind=_label())
    joined = several.select(PART, ROW, *AXES).join(
        found, on=[ROW, *AXES], how="left", nulls_equal=True, maintain_order="left"
    )
    return pl.concat([alone, joined.select(alone.columns)])


def _parts(
    database: duckdb.DuckDBPyConnection, rows: pl.DataFrame, tables: Mapping[str, Table]
) -> pl.DataFrame:
    """The combinations of each series: ROW, image_type, component, echo, b_value, volume_frames."""
    there = {column.name for column in tables["instances"].columns}
    null = "CAST(NULL AS VARCHAR)"
    lists = {
        "image_type": "backslashed(i.ImageType)" if "ImageType" in there else null,
        "component": "i.ComplexImageComponent" if "ComplexImageComponent" in there else null,
        "echo": "i.EchoTime" if "EchoTime" in there else "CAST(NULL AS DOUBLE)",
        "b_value": "i.b_value" if "b_value" in there else "CAST(NULL AS DOUBLE)",
        "frames": "i.n_frames" if "n_frames" in there else "1",
    }
    database.execute(
        "CREATE OR REPLACE TEMP TABLE mr_mixed AS SELECT unnest($1::BIGINT[]) AS row, "
        "unnest($2::VARCHAR[]) AS StudyInstanceUID, unnest($3::VARCHAR[]) AS SeriesInstanceUID",
        [rows[name].to_list() for name in (ROW, STUDY, SERIES)],
    )
    found = arrow.frame(database.sql(text("mr_parts", **lists)))
    return found.cast({ROW: rows.schema[ROW]})


def _shells(parts: pl.DataFrame) -> pl.DataFrame:
    """The same with b-values that belong together as one: ``shell``, ``b_values``."""
    b, before = pl.col("b"), pl.col("b").shift(1).over(ROW)
    value = pl.col("b_value")
    told = parts.with_columns(b=pl.when(value.abs() <= MOST_MM2).then(value))
    ordered = told.sort(ROW, "b", "image_type", "component", "echo", "b_value", nulls_last=True)
    numbered = ordered.with_columns(
        n=((b - before > SHELL_MM2 + SHELL_SHARE * before) | (b.is_null() & before.is_not_null()))
        .fill_null(False)
        .cast(pl.Int64)
        .cum_sum()
        .over(ROW)
    )
    weighed = (b * pl.col("volume_frames")).sum() / pl.col("volume_frames").sum()
    shell = pl.when(b.is_not_null()).then(weighed.over(ROW, "n").round(0))
    return (
        numbered.with_columns(shell=shell)
        .group_by(ROW, "image_type", "component", "echo", "shell")
        .agg(pl.col("volume_frames").sum(), b_values=value.drop_nulls().unique().sort())
        .sort(ROW, "echo", "shell", "image_type", "component", nulls_last=True)
    )


def _of_part(parts: pl.DataFrame) -> list[pl.Expr]:
    """Columns of series as they are of one combination, as far as the frame has them.

    All b-values stay: an image at b = 0 is one of a diffusion series.
    """
    image_type = pl.col("image_type").str.split("\\")
    whole = pl.concat_list("image_type")
    # Where the frame of an enhanced object names itself its type is beside that of the object.
    values = {
        "ImageType": image_type, "ImageType_values": whole, "FrameType": image_type,
        "FrameType_values": whole,
        "ComplexImageComponent": pl.col("component"),
        "ComplexImageComponent_values": pl.concat_list("component"),
        "EchoTime": pl.col("echo"), "EffectiveEchoTime": pl.col("echo"),
        "EchoNumbers": pl.concat_list(pl.col("echo").rank("dense").over(ROW).cast(pl.Int64)),
        "EchoTime_values": pl.concat_list("echo"), "frame_echo_times": pl.concat_list("echo"),
        "n_frames_sum": pl.col("volume_frames"),
    }  # fmt: skip
    needed = {"ImageType": "image_type", "FrameType": "image_type", "Complex": "component"}
    made = []
    for name, value in values.items():
        if name not in parts.columns:
            continue
        source = next((s for start, s in needed.items() if name.startswith(start)), "echo")
        if name == "n_frames_sum":
            source = "volume_frames"
        known = pl.col(source).is_not_null()
        if name == "EchoNumbers":  # of one echo the scanner's own number stays
            known &= pl.col("echo").n_unique().over(ROW) > 1
        made.append(pl.when(known).then(value).otherwise(pl.col(name)).alias(name))
    return made


def _label() -> pl.Expr:
    """What differs within a series, in words: ``echo 4.92 ms, phase``.

    The class is told only where nothing else tells kinds apart: decisions are kept about a kind by
    these words, and other rules must not part them.
    """
    words = {
        "echo": pl.format("echo {} ms", pl.col("echo").cast(pl.String).str.strip_suffix(".0")),
        "shell": pl.format("b {}", pl.col("shell").cast(pl.Int64)),
        "partOfComplex": pl.col("partOfComplex"),
        "dixonPart": pl.col("dixonPart"),
        "isDerivedImage": pl.when("isDerivedImage").then(pl.lit("derived")),
        "sequenceClass": pl.col("sequenceClass"),
    }
    parts = [
        pl.when(pl.col(axis).n_unique().over(ROW) > 1).then(word) for axis, word in words.items()
    ]
    of_images = pl.concat_str(parts[:-1], separator=", ", ignore_nulls=True)
    whole = pl.concat_str(parts, separator=", ", ignore_nulls=True)
    is_told = of_images.n_unique().over(ROW) == pl.len().over(ROW)
    said = pl.when(is_told).then(of_images).otherwise(whole)
    several = pl.len().over(ROW) > 1
    return pl.when(several & (said != "")).then(said).when(several).then(pl.lit("others"))
