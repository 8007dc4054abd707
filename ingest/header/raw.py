"""A raw value: its bytes, or what is kept of one of which tables say no more than that."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

HEX_BYTES = 256
"""How much of an unknown binary value is kept as text, in hexadecimal."""


class Hashed(NamedTuple):
    """What is kept of a value that is no text: its size in bytes, and a hash unless it is empty."""

    size: int
    sha256: str | None
    head: bytes = b""
    """Its first bytes, where its VR is unknown."""


Raw = bytes | Hashed


def hashed(value: bytes) -> Hashed:
    """All that tables say of a value whose ``kind`` is binary: its length and hash."""
    return Hashed(len(value), hashlib.sha256(value).hexdigest() if value else None)
