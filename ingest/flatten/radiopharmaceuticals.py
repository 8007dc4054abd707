"""Every item of RadiopharmaceuticalInformationSequence as a row (PS3.3 C.8.9.2)."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from ingest.flatten.long import Long
from ingest.flatten.types import typed
from ingest.header.keys import Keys
from ingest.schema import TABLES

ITEM = re.compile(r"00540016\[(\d+)\]\.")
COLUMNS = {
    c.name: c for c in TABLES["radiopharmaceuticals"].columns if c.source and c.name != "header_id"
}
C = pl.col


def _wanted() -> dict[tuple[str, int], list[tuple[str, int]]]:
    found: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for name, column in COLUMNS.items():
        for priority, source in enumerate(column.source):
            *sequences, tag = source.split("/")
            inner = "".join(f"{sequence}[0]." for sequence in sequences)
            found.setdefault((inner, int(tag, 16)), []).append((name, priority))
    return found


WANTED = _wanted()


def items(shared: Long, keys: Keys, base: int) -> pl.DataFrame | None:
    """A row per header and item, or None where there is no such sequence."""
    found: list[tuple[int, int, str, int]] = []
    matching = keys.each(lambda key: ITEM.match(key.scope) is not None)
    for number in np.flatnonzero(matching).tolist():
        key = keys[number]
        if match := ITEM.match(key.scope):
            feeds = WANTED.get((key.scope[match.end() :], key.tag), [("", 0)])
            found.extend((number, int(match[1]) + 1, name, best) for name, best in feeds)
    if not found:
        return None
    lookup = pl.DataFrame(
        found,
        schema={"key": pl.Int64, "item": pl.Int64, "column": pl.String, "priority": pl.Int64},
        orient="row",
    )
    own_keys = lookup["key"].to_list()
    rows = shared.of(own_keys, len(keys)).frame.join(lookup, on="key")
    result = rows.select("owner", "item").unique().sort("owner", "item")
    for name, column in COLUMNS.items():
        own = rows.filter((C("column") == name) & C("text").is_not_null() & (C("text") != ""))
        own = own.sort("priority", maintain_order=True).unique(
            ["owner", "item"], keep="first", maintain_order=True
        )
        values = own.select("owner", "item", typed(own, column.dtype).values.alias(name))
        result = result.join(values, on=["owner", "item"], how="left", maintain_order="left")
    return result.with_columns(header_id=C("owner") + base).drop("owner")
