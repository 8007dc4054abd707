"""Functional groups: a row per frame, and what an instance says of its frames as a whole.

An element in a frame's own group counts for that frame, one in the shared groups for all of them
(PS3.3 C.7.6.16).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.flatten.assemble import Long
from ingest.flatten.computed import dot
from ingest.flatten.places import PER_FRAME, frames_of
from ingest.flatten.types import typed
from ingest.header.vocabulary import Key
from ingest.schema import TABLES

FRAME = re.compile(re.escape(PER_FRAME) + r"(\d+)\]\.")
COLUMNS = {c.name: c for c in TABLES["frames"].columns if "".join(c.source).startswith("FG ")}
EMPTY: dict[str, pl.DataType] = {
    "instance": pl.Int64(), "frame": pl.Int64(), **{n: c.dtype for n, c in COLUMNS.items()},
    "slice_position_mm": pl.Float64(),
}  # fmt: skip


def frames(
    shared: Long, varying: Long, keys: Sequence[Key], template_of: npt.NDArray[np.int64]
) -> pl.DataFrame:
    """A row per frame: ``instance``, ``frame`` and the columns of the table ``frames``."""
    lookup = _lookup(keys)
    if lookup.is_empty():
        return pl.DataFrame(schema=EMPTY)
    of_template = shared.frame.join(lookup, on="key")
    instances = pl.DataFrame(
        {"instance": np.arange(len(template_of)), "owner": template_of},
        schema={"instance": pl.Int64, "owner": pl.Int64},
    )
    rows = pl.concat(
        [
            of_template.join(instances, on="owner").drop("owner"),
            varying.frame.join(lookup, on="key").rename({"owner": "instance"}),
        ],
        how="diagonal",
    )
    index = rows.filter(C("frame") > 0).select("instance", "frame").unique()
    if index.is_empty():
        return pl.DataFrame(schema=EMPTY)
    result = index.sort("instance", "frame")
    values = rows.filter(C("column") != "")
    for name, column in COLUMNS.items():
        result = _with_column(result, values.filter(C("column") == name), name, column.dtype)
    return _with_position(result)


C = pl.col


def _lookup(keys: Sequence[Key]) -> pl.DataFrame:
    """Key, column (empty for what only tells that a frame exists), priority, frame."""
    found: list[tuple[int, str, int, int]] = []
    for number, key in enumerate(keys):
        if not key.scope.startswith("5200922") and not key.scope.startswith(PER_FRAME):
            continue
        found.extend((number, *feed) for feed in frames_of(key))
        match = FRAME.match(key.scope)
        if match:
            found.append((number, "", 0, int(match[1]) + 1))
    schema = {"key": pl.Int64, "column": pl.String, "priority": pl.Int64, "frame": pl.Int64}
    return pl.DataFrame(found, schema=schema, orient="row")


def _with_column(
    result: pl.DataFrame, rows: pl.DataFrame, name: str, dtype: pl.DataType
) -> pl.DataFrame:
    if rows.is_empty():
        return result.with_columns(pl.lit(None, dtype=dtype).alias(name))
    best = rows.sort("priority", maintain_order=True).unique(
        ["instance", "frame"], keep="first", maintain_order=True
    )
    best = best.select("instance", "frame", typed(best, dtype).values.alias(name))
    own, common = best.filter(C("frame") > 0), best.filter(C("frame") == 0).drop("frame")
    result = result.join(own, on=["instance", "frame"], how="left", maintain_order="left")
    if common.is_empty():
        return result
    result = result.join(
        common.rename({name: "shared"}), on="instance", how="left", maintain_order="left"
    )
    return result.with_columns(pl.coalesce(name, "shared").alias(name)).drop("shared")


def _with_position(result: pl.DataFrame) -> pl.DataFrame:
    at = C("ImageOrientationPatient").list
    r, c = ([at.get(i + o, null_on_oob=True) for i in range(3)] for o in (0, 3))
    normal = pl.concat_list(
        r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0]
    )
    return (
        result.with_columns(_normal=normal)
        .with_columns(slice_position_mm=dot("ImagePositionPatient", "_normal"))
        .drop("_normal")
    )


def summaries(found: pl.DataFrame) -> pl.DataFrame:
    """Per instance: the ``frame_...`` columns of ``instances``."""
    def values(name: str) -> pl.Expr:
        distinct = C(name).drop_nulls().unique().sort()
        return pl.when(C(name).count() > 0).then(distinct.implode())

    def count(name: str) -> pl.Expr:
        return pl.when(C(name).count() > 0).then(C(name).drop_nulls().n_unique().cast(pl.Int64))

    return found.group_by("instance").agg(
        frame_positions=count("ImagePositionPatient"),
        frame_orientations=count("ImageOrientationPatient"),
        frame_echo_times=values("EchoTime"),
        frame_b_values=values("b_value"),
        frame_temporal_positions=count("TemporalPositionIndex"),
        frame_duration_ms=pl.when(C("FrameAcquisitionDuration").count() > 0).then(
            C("FrameAcquisitionDuration").sum()
        ),
    )
