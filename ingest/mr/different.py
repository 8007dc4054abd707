"""Equal rows worked out once: what a header says repeats from series to series."""

from __future__ import annotations

from collections.abc import Callable, Collection

import polars as pl

SEEDS = (1, 2)
MOST_DIFFERENT = 0.5
"""Share of different rows from which on it is quicker to work out all."""


def numbered(rows: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """For each row the number of its kind, and for each kind the first of its rows.

    Kinds are told apart by two numbers of 64 bits, so none of the columns may be of Python objects.
    """
    keys = pl.DataFrame([rows.hash_rows(seed=seed).alias(str(seed)) for seed in SEEDS])
    names = keys.columns
    kinds = (
        keys.with_row_index("row").unique(names, keep="first", maintain_order=True)
        .with_row_index("code")
    )  # fmt: skip
    if kinds.height == keys.height:
        return kinds["code"], kinds["row"]
    code = keys.join(kinds, on=names, how="left", nulls_equal=True, maintain_order="left")["code"]
    return code, kinds["row"]


def rows_at(frame: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
    """The rows ``at``; of numbers in the order of their first mention all are the frame itself."""
    return frame if at.len() == frame.height and at.n_unique() == at.len() else frame[at]


def each(
    frame: pl.DataFrame, names: Collection[str], change: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """``change`` of the columns ``names``, worked out once for each different row of them."""
    some = frame.select(n for n in frame.columns if n in names and frame.schema[n] != pl.Object)
    if not some.width:  # has no rows either
        some = pl.Series("", [0], pl.UInt8).new_from_index(0, frame.height).to_frame()
    code, at = numbered(some)
    if at.len() > frame.height * MOST_DIFFERENT:
        return change(some)
    made = change(some[at])
    # a value that is the same for all is told once, and so is what expressions make of it
    same = [name for name in made.columns[1:] if made[name].n_unique() == 1]
    return (
        made.drop(same)[code]
        .with_columns(pl.lit(made[name][0], made.schema[name]).alias(name) for name in same)
        .select(made.columns)
    )
