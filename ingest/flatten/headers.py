"""The table ``headers``: what instances of a series share, as one row."""

from __future__ import annotations

import hashlib

import polars as pl

from ingest.flatten.long import Long
from ingest.part import Part

C = pl.col


def headers(part: Part, shared: Long, base: int) -> pl.DataFrame:
    """A row per template of the part."""
    keys = part.vocabulary.keys
    series = [number for number, key in enumerate(keys) if key.tag == 0x0020000E and not key.scope]
    own = shared.of(series, len(keys)).frame
    uids = dict(own.select("owner", "text").iter_rows())
    varying = [len(known.program.slots) if known.program else 0 for known in part.templates]
    constant = [len(k.tokens.keys) - v for k, v in zip(part.templates, varying, strict=True)]
    return pl.DataFrame(
        {
            "header_id": pl.int_range(base, base + len(part.templates), eager=True),
            "SeriesInstanceUID": pl.Series(
                [uids.get(known.number) or None for known in part.templates], dtype=pl.String
            ),
            "n_constant": pl.Series(constant, dtype=pl.Int64),
            "n_varying": pl.Series(varying, dtype=pl.Int64),
            "private_fingerprint": pl.Series(_fingerprints(part), dtype=pl.String),
        }
    )


def _short(value: bytes) -> str:
    """A value hash; values shorter than one stand for themselves, which is faster and no weaker."""
    return value.hex() if len(value) < 32 else hashlib.sha256(value).hexdigest()


def _fingerprints(part: Part) -> list[str | None]:
    """SHA-256 over the sorted ``creator|group|offset|value hash`` of what a header shares."""
    keys = part.vocabulary.keys
    names: dict[int, str] = {}
    for number, key in enumerate(keys):
        group, element = key.tag >> 16, key.tag & 0xFFFF
        if group & 1 and element > 0xFF and key.field is None:
            names[number] = f"{key.creator or ''}|{group:04X}|{element & 0xFF:02X}|"
    found: list[str | None] = []
    for known in part.templates:
        own = frozenset(known.program.slots) if known.program else frozenset()
        tokens = known.tokens
        data, given, starts, ends = tokens.data, tokens.given, tokens.starts, tokens.ends
        lines = sorted(
            names[key]
            + _short(given[token] if token in given else data[starts[token] : ends[token]])
            for token, key in enumerate(tokens.keys)
            if key in names and token not in own
        )
        found.append(hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else None)
    return found
