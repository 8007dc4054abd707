"""Long rows to wide columns: each column takes, per instance, the best source that has a value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.flatten.places import Feed
from ingest.flatten.types import typed
from ingest.header.vocabulary import Key

Indices = npt.NDArray[np.int64]


class Long(NamedTuple):
    """Decoded rows: ``owner`` (int64), ``key`` (int64), ``text``, ``number``."""

    frame: pl.DataFrame
    owners: int  # how many there are


class Column(NamedTuple):
    """A column for all instances, the instances whose value did not parse, and the text of those."""

    values: pl.Series
    failed: pl.DataFrame  # shared (bool), owner, key, text
    source: Indices  # priority of the source that was taken, -1 for none


def chosen(
    long: Long, keys: Sequence[Key], feeds: Callable[[Key], Sequence[Feed]]
) -> dict[str, pl.DataFrame]:
    """For each column the rows that feed it: best source of each owner (owner, key, priority...)."""
    table = [
        (number, feed.column, feed.priority)
        for number, key in enumerate(keys)
        for feed in feeds(key)
    ]
    if not table or long.frame.is_empty():
        return {}
    lookup = pl.DataFrame(
        table, schema={"key": pl.Int64, "column": pl.String, "priority": pl.Int64}, orient="row"
    ).with_columns(pl.col("column").cast(pl.Categorical))
    rows = (
        long.frame.filter(pl.col("key").is_in(lookup["key"].unique().implode()))
        .filter(pl.col("text").is_not_null() & (pl.col("text") != ""))
        .join(lookup, on="key")
        .sort("priority", "key", maintain_order=True)
        .unique(["column", "owner"], keep="first", maintain_order=True)
    )
    return {str(name): part for (name,), part in rows.partition_by("column", as_dict=True).items()}


def column(
    shared: pl.DataFrame | None,
    varying: pl.DataFrame | None,
    template_of: Indices,
    n_templates: int,
    dtype: pl.DataType,
) -> Column:
    """One column for all instances from the rows of templates and of instances that feed it."""
    n = len(template_of)
    parts = [part for part in (shared, varying) if part is not None]
    rows = parts[0] if len(parts) == 1 else pl.concat(parts)
    result = typed(rows, dtype)
    priorities = rows["priority"].to_numpy()
    index = np.full(n, -1, dtype=np.int64)
    if shared is not None:
        of_template = np.full(n_templates, -1, dtype=np.int64)
        of_template[shared["owner"].to_numpy()] = np.arange(shared.height)
        index = of_template[template_of]
    if varying is not None:
        own = np.full(n, -1, dtype=np.int64)
        own[varying["owner"].to_numpy()] = np.arange(varying.height) + (rows.height - varying.height)
        both = (index >= 0) & (own >= 0)
        better = np.where(both, priorities[own] <= priorities[index], own >= 0)
        index = np.where(better, own, index)
    values = result.values.gather(pl.Series(index).set(pl.Series(index < 0), None))
    is_shared = pl.Series("shared", np.arange(rows.height) < (shared.height if shared is not None else 0))
    failed = rows.select("owner", "key", "text").with_columns(is_shared).filter(result.failed)
    source = np.where(index >= 0, priorities[index], -1)
    return Column(values, failed, source)
