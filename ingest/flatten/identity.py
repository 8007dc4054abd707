"""Which keys identify somebody: what lands under ``phi/`` instead of ``open/``."""

from __future__ import annotations

import re
from functools import lru_cache

from ingest.decoders import safe
from ingest.header import dictionary
from ingest.header.keys import Key
from ingest.schema.identifiers import IDENTIFYING

TAGS = re.compile(r"([0-9A-F]{8})\[")
BINARY = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "SQ"])
"""Private values of these VRs are kept as length and hash only."""
HARMLESS = safe.SAFE_VRS | BINARY | {"UI"}
"""VRs of numbers, codes and bytes."""


@lru_cache(maxsize=1 << 17)
def identifies(key: Key) -> bool:
    """Whether values of this key may identify a person, an institution or a station."""
    if key.scope and _sequence_identifies(key.scope):
        return True
    if key.field is not None:
        return not safe.field_is_safe(key.field, key.vr)
    if key.vr == "PN" or key.tag in IDENTIFYING:
        return True
    group, element = key.tag >> 16, key.tag & 0xFFFF
    if not group & 1:
        known = dictionary.standard(key.tag)
        if known is dictionary.UNKNOWN:  # nobody knows what it says
            return key.vr not in HARMLESS
        return known.vr == "PN" or key.vr == "UN"  # a name stays one under another VR
    if key.vr in BINARY or 0x10 <= element <= 0xFF or not element:
        return False
    name = dictionary.private(key.tag, key.creator).name
    return not safe.is_safe(key.creator or "", group, element & 0xFF, name, key.vr)


@lru_cache(maxsize=1 << 16)
def _sequence_identifies(scope: str) -> bool:
    return any(int(tag, 16) in IDENTIFYING for tag in TAGS.findall(scope))
