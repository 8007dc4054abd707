"""Functional groups: a row per frame, and what an instance says of its frames as a whole.

An element in a frame's own group counts for that frame, one in the shared groups for all of them
(PS3.3 C.7.6.16).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ingest.flatten.assemble import assemble, by_instance
from ingest.flatten.computed import dot
from ingest.flatten.long import Indices, Long
from ingest.flatten.places import PER_FRAME, SHARED, frame_columns_of
from ingest.header.vocabulary import Key
from ingest.schema import TABLES

COLUMNS = tuple(c for c in TABLES["frames"].columns if "".join(c.source).startswith("FG "))
EMPTY: dict[str, pl.DataType] = {
    "instance": pl.Int64(), "frame": pl.Int64(), **{c.name: c.dtype for c in COLUMNS},
    "slice_position_mm": pl.Float64(),
}  # fmt: skip
C = pl.col


def frames(shared: Long, varying: Long, keys: Sequence[Key], template_of: Indices) -> pl.DataFrame:
    """A row per frame: ``instance``, ``frame`` and the columns of the table ``frames``."""
    lookup = _frames_of_keys(keys)
    if lookup.is_empty():
        return pl.DataFrame(schema=EMPTY)
    rows = by_instance(shared, varying, lookup, template_of, len(keys))
    index = rows.filter(C("frame") > 0).select("instance", "frame").unique()
    index = index.sort("instance", "frame").with_row_index("owner")
    rows = rows.filter(C("feeds"))
    own = rows.join(index, on=["instance", "frame"]).with_columns(C("owner").cast(pl.Int64))
    common = rows.filter(C("frame") == 0).rename({"instance": "owner"})
    made = assemble(
        _long(common, shared.values, len(template_of)),
        _long(own, shared.values, index.height),
        keys,
        frame_columns_of,
        COLUMNS,
        index["instance"].to_numpy(),
    )
    return _with_position(index.drop("owner").with_columns(made.columns.values()))


def _long(rows: pl.DataFrame, values: pl.DataFrame, owners: int) -> Long:
    owner, key, value = (rows[name].to_numpy() for name in ("owner", "key", "value"))
    return Long(owner, key, value, values, owners)


def _frames_of_keys(keys: Sequence[Key]) -> pl.DataFrame:
    """``key``, ``frame`` (from 1, or 0 for the shared functional groups), and whether it ``feeds``
    a column."""
    numbers, frame, feeds = [], [], []
    for number, key in enumerate(keys):
        scope = key.scope
        if scope.startswith(SHARED):
            frame.append(0)
        elif scope.startswith(PER_FRAME):
            frame.append(int(scope[len(PER_FRAME) : scope.index("]")]) + 1)
        else:
            continue
        numbers.append(number)
        feeds.append(bool(frame_columns_of(key)))
    return pl.DataFrame(
        {"key": numbers, "frame": frame, "feeds": feeds},
        schema={"key": pl.Int64, "frame": pl.Int64, "feeds": pl.Boolean},
    )


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
