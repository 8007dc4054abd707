"""A short way to write a column that holds a DICOM attribute, so that the lists read as tables."""

from __future__ import annotations

import polars as pl

from ingest.schema.records import Aggregation, Column, Level

S = pl.String()
I = pl.Int64()  # noqa: E741 - the lists read as tables; these letters are their legend
F = pl.Float64()
B = pl.Boolean()
D = pl.Date()
T = pl.Time()
TS = pl.Datetime("us")
LS = pl.List(pl.String)
LI = pl.List(pl.Int64)
LF = pl.List(pl.Float64)

AGGREGATIONS: dict[str, tuple[Aggregation, ...]] = {
    "": (),
    "constant": ("constant",),
    "first": ("first",),
    "varying": ("first", "distinct"),
    "range": ("first", "minmax"),
    "minmax": ("minmax",),
    "distinct": ("distinct",),
    "sum": ("sum",),
    "any": ("any",),
}


def attribute(
    name: str,
    tag: str,
    dtype: pl.DataType,
    description: str,
    series: str = "constant",
    *,
    unit: str = "",
    level: Level = "instance",
    phi: bool = False,
    also: tuple[str, ...] = (),
    label: str = "",
) -> Column:
    """A column read from ``tag``, or from the places in ``also`` when that is absent.

    ``series`` names how the series table shows it: a key of ``AGGREGATIONS``.
    """
    return Column(
        name=name,
        dtype=dtype,
        description=description,
        unit=unit,
        source=(tag, *also),
        level=level,
        aggregation=AGGREGATIONS[series],
        phi=phi,
        label=label,
    )


def functional(sequence: str, tag: str) -> str:
    """Where an enhanced object keeps ``tag``: in the functional group ``sequence``."""
    return f"FG {sequence}/{tag}"
