"""Long rows to wide columns: each column takes, per owner, the best source that has a value.

Columns of one type are converted together: a part has a few hundred columns of nine types, and a
call of Polars costs more than converting a column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.flatten.places import Feed, places, without_block
from ingest.flatten.types import typed
from ingest.header.vocabulary import Key
from ingest.schema import Column

Indices = npt.NDArray[np.int64]
C = pl.col


class Long(NamedTuple):
    """Decoded rows: ``owner`` (int64), ``key`` (int64), ``text``, ``number``."""

    frame: pl.DataFrame
    owners: int  # how many there are


class Assembled(NamedTuple):
    """Columns by name, and the values that did not parse: shared, owner, key, text, column."""

    columns: dict[str, pl.Series]
    failed: pl.DataFrame


FAILED = {
    "shared": pl.Boolean, "owner": pl.Int64, "key": pl.Int64, "text": pl.String,
    "column": pl.Int64,
}  # fmt: skip


def assemble(
    shared: Long,
    varying: Long,
    keys: Sequence[Key],
    feeds: Callable[[Key], Sequence[Feed]],
    columns: Sequence[Column],
    group_of: Indices,
) -> Assembled:
    """The columns for every owner of ``varying``.

    A row of ``varying`` counts for its owner, one of ``shared`` for all whose ``group_of`` it is.
    """
    n = len(group_of)
    rows = _best(shared, varying, keys, feeds, columns)
    made: dict[str, pl.Series] = {}
    failures = [pl.DataFrame(schema=FAILED)]
    for dtype in dict.fromkeys(column.dtype for column in columns):
        of_type = [number for number, column in enumerate(columns) if column.dtype == dtype]
        own = rows.filter(C("column").is_in(of_type)) if rows.height else rows
        if own.is_empty():
            continue
        result = typed(own, dtype)
        failures.append(own.filter(result.failed).select(*FAILED))
        with_null = result.values.extend_constant(None, 1)
        for number, index in _gathered(own, shared.owners, group_of):
            name = columns[number].name
            made[name] = with_null.gather(index).alias(name)
    for column in columns:
        if column.name not in made:
            nothing = pl.Series(column.name, [None], dtype=column.dtype)
            made[column.name] = nothing.new_from_index(0, n)
    return Assembled({c.name: made[c.name] for c in columns}, pl.concat(failures))


def _best(
    shared: Long,
    varying: Long,
    keys: Sequence[Key],
    feeds: Callable[[Key], Sequence[Feed]],
    columns: Sequence[Column],
) -> pl.DataFrame:
    """The rows that feed a column, the best of each owner; by column, shared ones first."""
    tags = places(columns).tags()
    numbers = {column.name: number for number, column in enumerate(columns)}
    table = [
        (key, numbers[feed.column], feed.priority)
        for key, what in enumerate(keys)
        if what.field is not None or without_block(what.tag) in tags
        for feed in feeds(what)
    ]
    lookup = pl.DataFrame(
        table, schema={"key": pl.Int64, "column": pl.Int64, "priority": pl.Int64}, orient="row"
    )
    parts = [
        long.frame.lazy()
        .select("owner", "key", "text", "number")
        .filter(C("text").is_not_null() & (C("text") != ""))
        .join(lookup.lazy(), on="key")
        .with_columns(shared=pl.lit(is_shared))
        for long, is_shared in ((shared, True), (varying, False))
    ]
    order = ["column", "shared", "owner", "priority", "key"]
    return (
        pl.concat(parts)
        .sort(order, descending=[False, True, False, False, False])
        .unique(["column", "shared", "owner"], keep="first", maintain_order=True)
        .collect()
    )


def _gathered(
    rows: pl.DataFrame, groups: int, group_of: Indices
) -> Iterator[tuple[int, pl.Series]]:
    """Per column: which of ``rows`` each result row takes; the one behind the last for none."""
    columns, owners = rows["column"].to_numpy(), rows["owner"].to_numpy()
    priorities, is_shared = rows["priority"].to_numpy(), rows["shared"].to_numpy()
    bounds = [0, *(np.flatnonzero(np.diff(columns)) + 1).tolist(), len(columns)]
    for start, stop in pairwise(bounds):
        middle = start + int(np.count_nonzero(is_shared[start:stop]))
        index = np.full(len(group_of), len(columns), dtype=np.int64)
        if middle > start:
            of_group = np.full(groups, len(columns), dtype=np.int64)
            of_group[owners[start:middle]] = np.arange(start, middle)
            index = of_group[group_of]
        if stop > middle:
            mine, own = owners[middle:stop], np.arange(middle, stop)
            if middle > start:
                known = index[mine]
                worse = np.append(priorities, 1 << 30)[known] >= priorities[own]
                mine, own = mine[worse], own[worse]
            index[mine] = own
        yield int(columns[start]), pl.Series(index)


def by_instance(
    shared: Long, varying: Long, lookup: pl.DataFrame, template_of: Indices
) -> pl.DataFrame:
    """The rows whose key is in ``lookup``, with its columns, those of templates per instance."""
    instances = pl.DataFrame(
        {"instance": np.arange(len(template_of)), "owner": template_of},
        schema={"instance": pl.Int64, "owner": pl.Int64},
    )
    names = ["instance", "text", "number", *lookup.columns]
    of_templates = shared.frame.join(lookup, on="key").join(instances, on="owner").select(names)
    own = varying.frame.join(lookup, on="key").rename({"owner": "instance"}).select(names)
    return pl.concat([of_templates, own])
