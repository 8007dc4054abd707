"""The class of a private element: who wrote it and how much of it is understood.

Provenance comes first, because a pipeline's own marks (which trial, which de-identification) are
wanted as such whether or not anything decodes them.
"""

from __future__ import annotations

import re
from functools import lru_cache

PIPELINE_PROVENANCE = "pipeline_provenance"
RT_PROVENANCE = "rt_provenance"
VENDOR_SEMANTIC = "vendor_semantic"
VENDOR_RAW = "vendor_raw"
UNKNOWN_BINARY = "unknown_binary"

PRIVATE_CLASSES = (
    PIPELINE_PROVENANCE,
    RT_PROVENANCE,
    VENDOR_SEMANTIC,
    VENDOR_RAW,
    UNKNOWN_BINARY,
)

# Matched against the whole creator, stripped, in any case.
_BY_CREATOR: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"CTP", re.IGNORECASE), PIPELINE_PROVENANCE),
    (re.compile(r"(?:99)?QIICR\b.*", re.IGNORECASE), PIPELINE_PROVENANCE),
    (re.compile(r"HIGHDICOM\b.*", re.IGNORECASE), PIPELINE_PROVENANCE),
    (re.compile(r"VARIAN\b.*", re.IGNORECASE), RT_PROVENANCE),
)


@lru_cache(maxsize=4096)
def _of_creator(creator: str) -> str | None:
    creator = creator.strip(" \0")
    return next((name for pattern, name in _BY_CREATOR if pattern.fullmatch(creator)), None)


def private_class(creator: str | None, decoded: bool, text_like: bool) -> str:
    """One of PRIVATE_CLASSES for an element.

    `decoded`: there is a decoder for it. `text_like`: its value could be shown as text or
    numbers. An element without a creator is never semantic, whatever its number.
    """
    provenance = _of_creator(creator) if creator else None
    if provenance is not None:
        return provenance
    if decoded and creator:
        return VENDOR_SEMANTIC
    return VENDOR_RAW if text_like else UNKNOWN_BINARY
