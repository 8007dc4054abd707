"""What an element row is about: the table ``element_keys``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import polars as pl

from ingest.decoders.private_class import private_class
from ingest.header import dictionary, values
from ingest.header.vocabulary import Key


def element_keys(keys: Sequence[Key], base: int) -> pl.DataFrame:
    """A row per key; ``base`` is added to its number."""
    decoded = {(k.scope, k.tag) for k in keys if k.field is not None}
    made = [
        (k.path, *_described(k.tag, k.vr, k.creator, k.field, (k.scope, k.tag) in decoded))
        for k in keys
    ]
    names = ["path", "tag", "keyword", "name", "creator", "vr", "private_class"]
    frame = pl.DataFrame(made, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.with_columns(key_id=pl.int_range(base, base + len(keys), eager=True))


@lru_cache(maxsize=1 << 16)
def _described(
    tag: int, vr: str, creator: str | None, field: str | None, is_decoded: bool
) -> tuple[str | None, ...]:
    """All of a row of ``element_keys`` but its path."""
    entry = dictionary.entry(tag, creator)
    private = None
    if tag >> 16 & 1:
        readable = vr not in values.UNREADABLE
        private = private_class(creator, tag >> 16, tag & 0xFF, is_decoded, readable)
    name = field if field is not None else entry.name
    return f"{tag:08X}", entry.keyword, name, creator, vr, private
