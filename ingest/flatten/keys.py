"""What an element row is about: the table ``element_keys``."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from ingest import decoders
from ingest.decoders.private_class import private_class
from ingest.header import dictionary, values
from ingest.header.vocabulary import Keys


def element_keys(keys: Keys, base: int) -> pl.DataFrame:
    """A row per key; ``base`` is added to its number."""
    facts = keys.each(lambda key: _described(key.tag, key.vr, key.creator, key.field))
    columns = zip(*facts, strict=True) if facts else ([] for _ in NAMES)
    made = {"path": [key.path for key in keys], **dict(zip(NAMES, columns, strict=True))}
    return pl.DataFrame(
        {name: pl.Series(values, dtype=pl.String) for name, values in made.items()}
    ).with_columns(key_id=pl.int_range(base, base + len(keys), eager=True))


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
        readable = vr not in values.UNREADABLE
        private = private_class(creator, field is not None or decoder is not None, readable)
    name = field if field is not None else entry.name
    return f"{tag:08X}", entry.keyword, name, creator, vr, private
