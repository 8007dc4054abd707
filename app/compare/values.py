"""What differs between the headers of two series: pure functions from elements to rows.

The value of an element in a series is the set of values that its instances have, to which "none"
belongs where some instances lack the element.  How often and in which order values occur does not
count: two series with the same slices in another order are equal.  So for the usual element, which
is the same in all instances, a set is one value, and two sets are compared alike in every case.

Numbers of two sets agree within a tolerance if each value of one set has a partner in the other,
value by value where an element holds several.  Private elements are the same element where creator,
group and offset are, whatever block the creator reserved in the file (PS3.5 section 7.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from app import element_groups

ONLY_A, ONLY_B, DIFFERS, WITHIN, EQUAL = "only_a", "only_b", "differs", "within", "equal"
VERDICTS = (DIFFERS, ONLY_A, ONLY_B, WITHIN, EQUAL)
DIFFERENCES = (DIFFERS, ONLY_A, ONLY_B)

NUMERIC = ("DS", "IS", "FL", "FD", "SL", "SS", "SV", "UL", "US", "UV")
MOST_PAIRS = 4_000_000
"""Sets of numbers with more pairs to try than this are compared exactly, not within a tolerance."""
ROUNDING = 1e-9
"""Share of a bound that binary numbers may be beyond it: 0.4 is 0.1 away from 0.3."""

KEY = ("element", "creator")
ABOUT = ("path", "tag", "name", "keyword", "payload")
OWN = ("values", "low", "high", "n_values", "n_present", "n_instances", "byte_length", "numeric")

Tuples = Sequence[tuple[float, ...]]


class Tolerance(NamedTuple):
    """How far apart two numbers may be: ``absolute``, in the unit of the element, or ``relative``,
    a share of the larger of the two; whichever allows more."""

    absolute: float = 0.0
    relative: float = 0.0


EXACT = Tolerance()


def compared(a: pl.DataFrame, b: pl.DataFrame, tolerance: Tolerance = EXACT) -> pl.DataFrame:
    """One row per element of either series; ``a`` and ``b`` are answers to ``compare_elements``.

    What one side has ends in ``_a`` or ``_b``: values (sorted set), low and high (of numbers),
    n_values, n_present (instances that have the element), n_instances, byte_length.  ``verdict`` is
    one of VERDICTS; ``delta`` is B minus A where both are one number; ``kind`` and ``section`` say
    where the element belongs.  Equal numbers that are written differently are WITHIN.
    """
    left, right = element_groups.identified(a), element_groups.identified(b)
    crowded = pl.concat([_crowded(left), _crowded(right)]).unique()
    both = _side(left, crowded).join(
        _side(right, crowded), on=KEY, how="full", coalesce=True, suffix="_b"
    )
    rows = both.select(
        *KEY,
        *(pl.coalesce(name, f"{name}_b").alias(name) for name in ABOUT),
        _vr(),
        *(pl.col(name).alias(f"{name}_a") for name in OWN),
        *(f"{name}_b" for name in OWN),
    )
    return element_groups.in_order(element_groups.grouped(_judged(rows, tolerance)))


def close(a: Tuples, b: Tuples, within: Tolerance) -> bool:
    """Whether each tuple of one set has a partner in the other, all of whose numbers are near."""
    if {len(values) for values in a} != {len(values) for values in b} or len({*map(len, a)}) != 1:
        return False
    if len(a) == len(b) == 1:
        return all(_near(x, y, within) for x, y in zip(a[0], b[0], strict=True))
    if len(a) * len(b) * len(a[0]) > MOST_PAIRS:
        return False
    x, y = np.asarray(a)[:, None, :], np.asarray(b)[None, :, :]
    size = np.maximum(np.abs(x), np.abs(y))
    bound = np.maximum(within.absolute, within.relative * size) * (1 + ROUNDING)
    near = (np.abs(x - y) <= bound).all(axis=2)
    return bool(near.any(axis=1).all() and near.any(axis=0).all())


def _near(x: float, y: float, within: Tolerance) -> bool:
    bound = max(within.absolute, within.relative * max(abs(x), abs(y)))
    return abs(x - y) <= bound * (1 + ROUNDING)


def _crowded(rows: pl.DataFrame) -> pl.DataFrame:
    """Elements that stand at several paths: one creator with several blocks in a data set."""
    paths = rows.group_by(KEY).agg(n=pl.col("path").n_unique())
    return paths.filter(pl.col("n") > 1).select(*KEY, crowded=pl.lit(True))


def _side(rows: pl.DataFrame, crowded: pl.DataFrame) -> pl.DataFrame:
    """One row per element; those that are crowded in either series are told apart by their path."""
    number = pl.col("number").cast(pl.Int64, strict=False).cast(pl.String)
    value = pl.coalesce("text", "sha256", number, pl.lit(""))
    parsed = (pl.col("vr") == "UN") & pl.col("number").is_not_null()
    numeric = pl.col("vr").is_in(NUMERIC) | parsed
    by_number = pl.col("value").sort_by("number", "value", nulls_last=True)
    return (
        rows.join(crowded, on=KEY, how="left", nulls_equal=True)
        .with_columns(
            element=pl.when(pl.col("crowded").fill_null(False)).then("path").otherwise("element"),
            value=value,
            numeric=numeric & (value != ""),
        )
        .group_by(KEY)
        .agg(
            *(pl.col(name).min() for name in ABOUT),
            pl.col("vr").unique().sort().str.join("/"),
            values=pl.col("value").unique().sort(),
            low=by_number.first(),
            high=by_number.last(),
            n_values=pl.col("value").n_unique().cast(pl.Int64),
            n_present=pl.col("n").sum(),
            n_instances=pl.col("n_instances").max(),
            byte_length=pl.col("byte_length").max(),
            numeric=pl.col("numeric").all(),
        )
    )


def _vr() -> pl.Expr:
    differ = pl.col("vr") != pl.col("vr_b")
    both = pl.format("{} | {}", "vr", "vr_b")
    return pl.when(differ).then(both).otherwise(pl.coalesce("vr", "vr_b")).alias("vr")


def _judged(rows: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """The rows with verdict, delta, and whether an element varies within a series."""
    gaps = {side: pl.col(f"n_present_{side}") < pl.col(f"n_instances_{side}") for side in "ab"}
    sets = {side: pl.col(f"values_{side}").list.join("\0") for side in "ab"}
    alike = gaps["a"] == gaps["b"]
    one = (pl.col("n_values_a") == 1) & (pl.col("n_values_b") == 1)
    rows = rows.with_columns(
        verdict=pl.when(pl.col("values_a").is_null()).then(pl.lit(ONLY_B))
        .when(pl.col("values_b").is_null()).then(pl.lit(ONLY_A))
        .when(alike & (sets["a"] == sets["b"])).then(pl.lit(EQUAL))
        .otherwise(pl.lit(DIFFERS)),
        numbers=alike & pl.col("numeric_a") & pl.col("numeric_b"),
        delta=pl.when(one & pl.col("numeric_a") & pl.col("numeric_b"))
        .then(_number("low_b") - _number("low_a")),
        varies=gaps["a"].fill_null(False) | gaps["b"].fill_null(False)
        | (pl.max_horizontal("n_values_a", "n_values_b") > 1),
    )  # fmt: skip
    return _within(rows, tolerance).drop("numbers")


def _within(rows: pl.DataFrame, tolerance: Tolerance) -> pl.DataFrame:
    """Numbers that differ, but by no more than ``tolerance``, become WITHIN."""
    rows = rows.with_row_index("row")
    candidates = rows.filter((pl.col("verdict") == DIFFERS) & pl.col("numbers"))
    near = [
        row
        for row, *sides in candidates.select("row", "values_a", "values_b").iter_rows()
        if _agree(sides[0], sides[1], tolerance)
    ]
    is_near = pl.col("row").is_in(near)
    verdict = pl.when(is_near).then(pl.lit(WITHIN)).otherwise("verdict")
    return rows.with_columns(verdict=verdict).drop("row")


def _agree(a: list[str], b: list[str], tolerance: Tolerance) -> bool:
    try:
        numbers = [[tuple(map(float, text.split("\\"))) for text in side] for side in (a, b)]
    except ValueError:
        return False
    return close(numbers[0], numbers[1], tolerance)


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64, strict=False)
