"""What an element row is about: the table ``element_keys``."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl

from ingest import decoders
from ingest.decoders.private_class import private_class
from ingest.header import dictionary
from ingest.header.keys import Keys
from ingest.header.vr import UNREADABLE


def element_keys(keys: Keys, base: int) -> pl.DataFrame:
    """A row per key; ``base`` is added to its number."""
    facts = [_described(key.tag, key.vr, key.creator, key.field) for key in keys.examples]
    of_kind = pl.DataFrame(facts, schema=dict.fromkeys(NAMES, pl.String), orient="row")
    return (
        of_kind[keys.kinds]
        .insert_column(0, _paths(keys))
        .with_columns(key_id=pl.int_range(base, base + len(keys), eager=True))
    )


def _paths(keys: Keys) -> pl.Series:
    """The path of each key: that of its item, and what is the same in many items."""
    texts: list[str] = []
    first: dict[int, int] = {}  # of the elements of a run, by what they are in memory
    for run in keys.runs:
        if id(run.elements) not in first:
            first[id(run.elements)] = len(texts)
            texts += [key.path for key in run.elements]
    sizes = np.array([len(run.elements) for run in keys.runs], dtype=np.int64)
    offset = np.array([first[id(run.elements)] - run.first for run in keys.runs], dtype=np.int64)
    scopes = pl.Series("path", [run.scope for run in keys.runs], dtype=pl.String)
    inside = np.arange(len(keys)) + np.repeat(offset, sizes)
    return (
        scopes[np.repeat(np.arange(len(sizes)), sizes)] + pl.Series(texts, dtype=pl.String)[inside]
    )


NAMES = ("tag", "keyword", "name", "creator", "vr", "private_class")


@lru_cache(maxsize=1 << 16)
def _described(tag: int, vr: str, creator: str | None, field: str | None) -> tuple[str | None, ...]:
    """All of a row of ``element_keys`` but its path."""
    entry = dictionary.entry(tag, creator)
    private = None
    if tag >> 16 & 1:
        # whether there is a decoder, not whether it could read this one: files do not change what
        # is said of others
        decoder = decoders.of_element(creator, tag, vr)
        readable = vr not in UNREADABLE
        private = private_class(creator, field is not None or decoder is not None, readable)
    name = field if field is not None else entry.name
    return f"{tag:08X}", entry.keyword, name, creator, vr, private
