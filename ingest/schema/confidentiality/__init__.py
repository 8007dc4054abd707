"""Table E.1-1 of PS3.15 (edition 2026c): what the Basic Profile does to each attribute.

Every row stands in one of the modules, by what it tells, because that decides on which side of a
lake it is kept: identities under ``phi/``, everything else under ``open/``. Not in the table of
tags are its rows for repeating groups: curves (50xx), overlay data and overlay comments (60xx).
"""

from __future__ import annotations

from ingest.schema.confidentiality.codes import Code
from ingest.schema.confidentiality.identities import IDENTITIES
from ingest.schema.confidentiality.shown import CHARACTERISTICS, CONTAINERS, DESCRIPTIONS
from ingest.schema.confidentiality.times import TIMES
from ingest.schema.confidentiality.uids import UIDS

BASIC_PROFILE: dict[int, Code] = {
    **IDENTITIES, **TIMES, **UIDS, **DESCRIPTIONS, **CHARACTERISTICS, **CONTAINERS,
}  # fmt: skip

__all__ = [
    "BASIC_PROFILE", "CHARACTERISTICS", "CONTAINERS", "DESCRIPTIONS", "IDENTITIES", "TIMES", "UIDS",
    "Code",
]  # fmt: skip
