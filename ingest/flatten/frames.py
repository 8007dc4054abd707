"""Functional groups: a row per frame, and what an instance says of its frames as a whole.

An element in a frame's own group counts for that frame, one in the shared groups for all of them
(PS3.3 C.7.6.16).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ingest.flatten.assemble import Wanted, assemble, by_instance, per_instance
from ingest.flatten.computed import dot
from ingest.flatten.long import Indices, Long
from ingest.flatten.places import PER_FRAME, SHARED, frame_columns_of
from ingest.header.keys import Keys
from ingest.schema import TABLES

COLUMNS = tuple(c for c in TABLES["frames"].columns if "".join(c.source).startswith("FG "))
WANTED = Wanted.of(COLUMNS)
EMPTY: dict[str, pl.DataType] = {
    "instance": pl.Int64(), "frame": pl.Int64(), **{c.name: c.dtype for c in COLUMNS},
    "slice_position_mm": pl.Float64(),
}  # fmt: skip
C = pl.col


def frames(shared: Long, varying: Long, keys: Keys, template_of: Indices) -> pl.DataFrame:
    """A row per frame: ``instance``, ``frame`` and the columns of the table ``frames``."""
    frame_of = _frames_of_keys(keys)
    if not (frame_of > 0).any():
        return pl.DataFrame(schema=EMPTY)
    index = _index(shared, varying, frame_of, template_of)
    feeding = np.flatnonzero(keys.each(lambda key: bool(frame_columns_of(key))))
    lookup = pl.DataFrame({"key": feeding, "frame": frame_of[feeding]})
    rows = by_instance(shared, varying, lookup, template_of, len(keys))
    own = rows.join(index, on=["instance", "frame"]).with_columns(C("owner").cast(pl.Int64))
    common = rows.filter(C("frame") == 0).rename({"instance": "owner"})
    made = assemble(
        _long(common, shared.values, len(template_of)),
        _long(own, shared.values, index.height),
        keys,
        frame_columns_of,
        WANTED,
        index["instance"].to_numpy(),
    )
    return _with_position(index.drop("owner").with_columns(made.columns.values()))


def _long(rows: pl.DataFrame, values: pl.DataFrame, owners: int) -> Long:
    owner, key, value = (rows[name].to_numpy() for name in ("owner", "key", "value"))
    return Long(owner, key, value, values, owners)


def _frames_of_keys(keys: Keys) -> Indices:
    """The frame of each key, from 1; 0 in the shared functional groups, -1 outside of both."""
    if not len(keys):
        return np.empty(0, dtype=np.int64)
    found = []
    for run in keys.runs:
        if run.scope:
            found.append(np.full(len(run.elements), _frame_of(run.scope), dtype=np.int64))
        else:
            found.append(np.array([_frame_of(key.scope) for key in run.elements], dtype=np.int64))
    return np.concatenate(found)


def _frame_of(scope: str) -> int:
    if scope.startswith(PER_FRAME):
        number = len(PER_FRAME)
        return int(scope[number : scope.index("]", number)]) + 1
    return 0 if scope.startswith(SHARED) else -1


def _index(shared: Long, varying: Long, frame_of: Indices, template_of: Indices) -> pl.DataFrame:
    """``owner`` (a number for each), ``instance`` and ``frame`` of all frames there are."""
    common, own = (_frames_of_owners(long, frame_of) for long in (shared, varying))
    found = per_instance(common, own, template_of)
    return found.unique().sort("instance", "frame").with_row_index("owner")


def _frames_of_owners(long: Long, frame_of: Indices) -> pl.DataFrame:
    """``owner`` and ``frame``, some of them more than once."""
    frame = frame_of[long.key]
    rows = np.flatnonzero(frame > 0)
    owner, frame = long.owner[rows], frame[rows]
    # A frame has a hundred rows that follow each other: most are gone before any join.
    begins = (np.diff(owner, prepend=-1) != 0) | (np.diff(frame, prepend=-1) != 0)
    return pl.DataFrame({"owner": owner[begins], "frame": frame[begins]})


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
