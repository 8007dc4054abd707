"""The table ``headers``: what instances of a series share, as one row."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from ingest.flatten.long import Long
from ingest.flatten.rows import constant
from ingest.header.keys import Key
from ingest.header.tokens import Tokens
from ingest.part import Part

C = pl.col


def headers(part: Part, shared: Long, base: int) -> pl.DataFrame:
    """A row per template of the part."""
    keys = part.vocabulary.keys
    in_series = keys.each(lambda key: key.tag == 0x0020000E and not key.scope)
    series = np.flatnonzero(in_series).tolist()
    own = shared.of(series, len(keys)).frame
    uids = dict(own.select("owner", "text").iter_rows())
    n_varying = [len(known.program.slots) if known.program else 0 for known in part.templates]
    n_constant = [len(k.tokens.keys) - v for k, v in zip(part.templates, n_varying, strict=True)]
    return pl.DataFrame(
        {
            "header_id": pl.int_range(base, base + len(part.templates), eager=True),
            "SeriesInstanceUID": pl.Series(
                [uids.get(known.number) or None for known in part.templates], dtype=pl.String
            ),
            "n_constant": pl.Series(n_constant, dtype=pl.Int64),
            "n_varying": pl.Series(n_varying, dtype=pl.Int64),
            "private_fingerprint": pl.Series(_fingerprints(part), dtype=pl.String),
        }
    )


def _short(tokens: Tokens, token: int) -> str:
    """A value hash; values shorter than one stand for themselves, which is faster and no weaker."""
    if token in tokens.hashed:
        return str(tokens.hashed[token].sha256)
    value = tokens.value(token)
    return value.hex() if len(value) < 32 else hashlib.sha256(value).hexdigest()


def _private_name(key: Key) -> str | None:
    """``creator|group|offset|`` of a private element, None of any other."""
    group, element = key.tag >> 16, key.tag & 0xFFFF
    if not group & 1 or element <= 0xFF or key.field is not None:
        return None
    return f"{key.creator or ''}|{group:04X}|{element & 0xFF:02X}|"


def _fingerprints(part: Part) -> list[str | None]:
    """SHA-256 over the sorted ``creator|group|offset|value hash`` of what a header shares."""
    names = part.vocabulary.keys.each(_private_name)
    private = np.array([name is not None for name in names], dtype=np.bool_)
    found: list[str | None] = []
    for known in part.templates:
        keys = known.tokens.keys
        own = np.flatnonzero(private[np.array(keys, dtype=np.int64)] & constant(known)).tolist()
        lines = sorted(f"{names[keys[n]]}{_short(known.tokens, n)}" for n in own)
        found.append(hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else None)
    return found
