"""Which way the slices lie: from the geometry, else from a word of the name."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ingest.mr import inputs
from ingest.mr.conditions import Condition
from ingest.mr.deciding import answers

AXES = ("SAG", "COR", "AX")
"""The plane whose normal is nearest to x, y and z of the patient (PS3.3 C.7.6.2.1.1)."""
SHORTEST = 1e-3


def orientation(frame: pl.DataFrame, squared: float) -> pl.DataFrame:
    """``plane`` (NULL without geometry) and ``obliquity_degrees`` of each series."""
    lists = inputs.numbers(frame, "ImageOrientationPatient").alias("iop").to_frame()
    if lists["iop"].null_count() == lists.height:
        return _of_normal(
            inputs.numbers(frame, "slice_normal")
            .alias("n")
            .to_frame()
            .select(*(pl.col("n").list.get(i, null_on_oob=True).alias(f"n{i}") for i in range(3))),
            squared,
        )
    whole = pl.col("iop").list.len() == 6
    row, column = (
        [pl.when(whole).then(pl.col("iop").list.get(at + i, null_on_oob=True)) for i in range(3)]
        for at in (0, 3)
    )
    return _of_normal(lists.select(
        n0=row[1] * column[2] - row[2] * column[1],
        n1=row[2] * column[0] - row[0] * column[2],
        n2=row[0] * column[1] - row[1] * column[0],
    ), squared)  # fmt: skip


def _of_normal(normals: pl.DataFrame, squared: float) -> pl.DataFrame:
    parts = [pl.col(f"n{i}").abs() for i in range(3)]
    made = normals.with_columns(
        largest=pl.max_horizontal(parts), length=pl.sum_horizontal(p**2 for p in parts).sqrt()
    )
    share = (pl.col("largest") / pl.col("length")).clip(0.0, 1.0)
    real = pl.all_horizontal(p.is_finite() for p in parts) & (pl.col("length") > SHORTEST)
    nearest = (
        pl.when(parts[2] >= pl.col("largest")).then(pl.lit(AXES[2]))
        .when(parts[1] >= pl.col("largest")).then(pl.lit(AXES[1]))
        .otherwise(pl.lit(AXES[0]))
    )  # fmt: skip
    return made.select(
        plane=pl.when(real & (share**2 < squared)).then(pl.lit("OBL")).when(real).then(nearest),
        obliquity_degrees=pl.when(real).then(share.arccos().degrees()),
    )


def named(name: pl.Series, table: Mapping[str, list[str]]) -> pl.Series:
    """What of ``table`` words of the name say, where they say one; else NULL."""
    asked = [Condition(False, name.name, "has", tuple(words)) for words in table.values()]
    said = answers(name, asked)
    named_so = dict(zip(table, said, strict=True))
    found = name.to_frame("").with_columns(one.alias(key) for key, one in named_so.items())
    return found.select(
        plane=pl.when(pl.sum_horizontal(list(table)) == 1).then(
            pl.coalesce(pl.when(pl.col(key)).then(pl.lit(key)) for key in table)
        )
    )["plane"]
