"""Private payloads with a meaning: bytes of one private element -> named fields.

`DECODERS` is the registry: a decoder is one module and one line here. Decoders are found by creator
and by offset within the creator's block, so it does not matter which block of its group a creator
reserved. None of them raises, whatever the bytes.
"""

from __future__ import annotations

from functools import lru_cache

from ingest.decoders import ge, siemens_csa, siemens_xa
from ingest.decoders.records import Decoded, Decoder, Field

__all__ = ["DECODERS", "Decoded", "Decoder", "Field", "find", "of_element"]

DECODERS: tuple[Decoder, ...] = (
    *siemens_csa.DECODERS,
    *siemens_xa.DECODERS,
    *ge.DECODERS,
)

_ELEMENTS = frozenset((decoder.group, decoder.offset) for decoder in DECODERS)


@lru_cache(maxsize=4096)
def _match(creator: str, group: int, offset: int) -> Decoder | None:
    creator = creator.strip(" \0")
    for decoder in DECODERS:
        if (decoder.group, decoder.offset) == (group, offset) and decoder.creator.fullmatch(
            creator
        ):
            return decoder
    return None


def of_element(creator: str | None, tag: int, vr: str) -> Decoder | None:
    """The decoder of an element; None of one that is public, has no creator or is a sequence."""
    if creator is None or not tag >> 16 & 1 or vr == "SQ":
        return None
    return find(creator, tag >> 16, tag & 0xFF)


def find(creator: str, group: int, offset: int) -> Decoder | None:
    """The decoder of a private element, or None; `offset` is the element number's low byte."""
    return _match(creator, group, offset) if (group, offset) in _ELEMENTS else None
