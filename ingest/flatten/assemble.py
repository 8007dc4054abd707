"""Long rows to wide columns: each column takes, per owner, the best source that has a value.

Columns of one type are converted together: a part has a few hundred columns of nine types, and a
call of Polars costs more than converting a column.  Until then rows are integers, and a value that
many rows have is converted once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl

from ingest.flatten.long import Indices, Long, Mask
from ingest.flatten.places import Feed, places, without_block
from ingest.flatten.types import typed
from ingest.header.keys import Key, Keys
from ingest.schema import Column

C = pl.col


class Assembled(NamedTuple):
    """Columns by name, and the values that did not parse: shared, owner, key, text, column."""

    columns: dict[str, pl.Series]
    failed: pl.DataFrame


FAILED = {
    "shared": pl.Boolean, "owner": pl.Int64, "key": pl.Int64, "text": pl.String,
    "column": pl.Int64,
}  # fmt: skip


class Wanted(NamedTuple):
    """Columns that are assembled together, and what about them is the same for every part."""

    columns: tuple[Column, ...]
    number: dict[str, int]
    tags: frozenset[int]
    """Of elements that may feed one, of private ones without their block."""
    of_type: dict[pl.DataType, Mask]
    """Which of the columns are of a type."""

    @classmethod
    def of(cls, columns: tuple[Column, ...]) -> Wanted:
        types = {
            dtype: np.array([column.dtype == dtype for column in columns], dtype=np.bool_)
            for dtype in dict.fromkeys(column.dtype for column in columns)
        }
        number = {column.name: number for number, column in enumerate(columns)}
        return cls(columns, number, places(columns).tags(), types)


class _Best(NamedTuple):
    """The rows that feed a column, the best of each owner; by column, shared ones first.

    The arrays run in parallel.
    """

    column: Indices
    shared: Mask
    owner: Indices
    key: Indices
    priority: Indices
    value: Indices

    def where(self, rows: Mask | Indices) -> _Best:
        """Those of the rows."""
        return _Best(
            self.column[rows], self.shared[rows], self.owner[rows],
            self.key[rows], self.priority[rows], self.value[rows],
        )  # fmt: skip


def assemble(
    shared: Long,
    varying: Long,
    keys: Keys,
    feeds: Callable[[Key], Sequence[Feed]],
    wanted: Wanted,
    group_of: Indices,
) -> Assembled:
    """The columns for every owner of ``varying``, whose values are those of ``shared``, too.

    A row of ``varying`` counts for its owner, one of ``shared`` for all whose ``group_of`` it is.
    """
    n = len(group_of)
    rows = _best(shared, varying, keys, feeds, wanted)
    columns = wanted.columns
    made: dict[str, pl.Series] = {}
    failures = [pl.DataFrame(schema=FAILED)]
    for dtype, of_type in wanted.of_type.items():
        own = rows.where(of_type[rows.column])
        if not len(own.column):
            continue
        distinct, place = _distinct(own.value, shared.values.height)
        result = typed(shared.values[distinct], dtype)
        if result.failed.any():
            failures.append(_failures(own, result.failed.to_numpy()[place], shared.values))
        with_null = result.values.extend_constant(None, 1)
        place = np.append(place, len(distinct)).astype(np.uint32)
        for number, index in _gathered(own, shared.owners, group_of):
            name = columns[number].name
            # a quarter of what gather() costs, and there are a hundred columns a part (measured)
            made[name] = with_null[pl.Series(place[index])].alias(name)
    empty = {t: pl.Series([None], dtype=t).new_from_index(0, n) for t in wanted.of_type}
    for column in columns:
        if column.name not in made:
            made[column.name] = empty[column.dtype].alias(column.name)
    return Assembled({c.name: made[c.name] for c in columns}, pl.concat(failures))


def _distinct(values: Indices, n: int) -> tuple[Indices, Indices]:
    """The distinct ones of numbers below ``n``, ascending, and which of them each is."""
    used = np.zeros(n, dtype=np.bool_)
    used[values] = True
    return np.flatnonzero(used), (np.cumsum(used) - 1)[values]


def _failures(rows: _Best, failed: Mask, values: pl.DataFrame) -> pl.DataFrame:
    own = rows.where(failed)
    texts = values["text"].gather(own.value)
    return pl.DataFrame([own.shared, own.owner, own.key, texts, own.column], schema=FAILED)


def _best(
    shared: Long,
    varying: Long,
    keys: Keys,
    feeds: Callable[[Key], Sequence[Feed]],
    wanted: Wanted,
) -> _Best:
    def fed_by(key: Key) -> Sequence[Feed]:
        may = key.field is not None or without_block(key.tag) in wanted.tags
        return feeds(key) if may else ()

    fed = [
        (key, wanted.number[feed.column], feed.priority)
        for key, columns_fed in enumerate(keys.each(fed_by))
        for feed in columns_fed
    ]
    key_of, column_of, priority_of = np.array(fed, dtype=np.int64).reshape(-1, 3).T
    count = np.bincount(key_of, minlength=len(keys))
    first = np.cumsum(count) - count
    has_text = ((C("text") != "") & C("text").is_not_null()).alias("has_text")
    known = shared.values.select(has_text)["has_text"].to_numpy()
    found = []
    for long in (shared, varying):
        rows = np.flatnonzero((count > 0)[long.key] & known[long.value])
        times = count[long.key[rows]]
        of_row = np.repeat(rows, times)
        nth = np.arange(len(of_row)) - np.repeat(np.cumsum(times) - times, times)
        feed = first[long.key[of_row]] + nth
        found.append(
            _Best(
                column_of[feed],
                np.full(len(feed), long is shared),
                long.owner[of_row],
                long.key[of_row],
                priority_of[feed],
                long.value[of_row],
            )
        )
    every = _Best(*map(np.concatenate, zip(*found, strict=True)))
    # One number to sort by takes a fraction of the time of five columns (measured).
    owner = (every.column * 2 + ~every.shared) * max(shared.owners, varying.owners) + every.owner
    rank = (owner * (priority_of.max(initial=0) + 1) + every.priority) * len(keys) + every.key
    order = np.argsort(rank, kind="stable")
    is_best = np.diff(owner[order], prepend=-1) != 0
    return every.where(order[is_best])


def _gathered(rows: _Best, groups: int, group_of: Indices) -> Iterator[tuple[int, Indices]]:
    """Per column: which of ``rows`` each result row takes; the one behind the last for none."""
    columns, _, owners, _, priorities, _ = rows
    bounds = [0, *(np.flatnonzero(np.diff(columns)) + 1).tolist(), len(columns)]
    for start, stop in pairwise(bounds):
        middle = start + int(np.count_nonzero(rows.shared[start:stop]))
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
        yield int(columns[start]), index


def by_instance(
    shared: Long, varying: Long, lookup: pl.DataFrame, template_of: Indices, n_keys: int
) -> pl.DataFrame:
    """The rows whose key is in ``lookup``, those of templates per instance.

    The columns are ``instance``, ``key``, ``value`` (of ``shared.values``) and those of ``lookup``.
    """
    names = ["instance", "value", *lookup.columns]
    wanted = lookup["key"].to_list()
    common, own = (
        long.of(wanted, n_keys).numbers.join(lookup, on="key") for long in (shared, varying)
    )
    return per_instance(common, own, template_of).select(names)


def per_instance(common: pl.DataFrame, own: pl.DataFrame, template_of: Indices) -> pl.DataFrame:
    """Rows of templates, for each of their instances, and rows of instances: ``owner`` becomes
    ``instance``."""
    instances = pl.DataFrame({"instance": np.arange(len(template_of)), "owner": template_of})
    of_templates = common.join(instances, on="owner").drop("owner")
    own = own.rename({"owner": "instance"})
    return pl.concat([of_templates.select(own.columns), own])
