"""Equal rows worked out once: what a header says repeats from series to series."""

from __future__ import annotations

from collections.abc import Callable, Collection

import polars as pl

SEEDS = (1, 2)
MOST_DIFFERENT = 0.5
"""Share of different rows from which on it is quicker to work out all."""
FEW = 64
"""Rows of which it is quicker to work out all than to tell them apart."""


def numbered(frame: pl.DataFrame, names: Collection[str]) -> tuple[pl.Series, pl.Series]:
    """For each row the number of its kind, and for each kind the first of its rows.

    Rows that agree in the columns ``names`` are of one kind: any may be missing, and one of Python
    objects tells nothing. Kinds are told apart by two numbers of 64 bits.
    """
    some = frame.select(n for n in frame.columns if n in names and frame.schema[n] != pl.Object)
    if not some.width:
        one = pl.Series([0], dtype=pl.UInt32)
        return one.new_from_index(0, frame.height), one
    keys = pl.DataFrame([some.hash_rows(seed=seed).alias(str(seed)) for seed in SEEDS])
    by = keys.columns
    kinds = (
        keys.with_row_index("row").unique(by, keep="first", maintain_order=True)
        .with_row_index("code")
    )  # fmt: skip
    if kinds.height == keys.height:
        return kinds["code"], kinds["row"]
    code = keys.join(kinds, on=by, how="left", nulls_equal=True, maintain_order="left")["code"]
    return code, kinds["row"]


def rows_at(frame: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
    """The rows ``at``; of numbers in the order of their first mention all are the frame itself."""
    return frame if at.len() == frame.height and at.n_unique() == at.len() else frame[at]


def each(
    frame: pl.DataFrame, names: Collection[str], change: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """``change`` of the columns ``names``, worked out once for each different row of them."""
    if frame.height <= FEW:
        return change(frame)
    code, at = numbered(frame, names)
    if at.len() > frame.height * MOST_DIFFERENT:
        return change(frame)
    made = change(frame[at])
    # a value that is the same for all is told once, and so is what expressions make of it
    same = [name for name in made.columns[1:] if made[name].n_unique() == 1]
    return (
        made.drop(same)[code]
        .with_columns(pl.lit(made[name][0], made.schema[name]).alias(name) for name in same)
        .select(made.columns)
    )
