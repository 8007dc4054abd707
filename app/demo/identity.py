"""UIDs and other identities, computed from the seed and the names in the cohort's tables.

A UID is the 2.25 form of a UUID (PS3.5 annex B.2), so that no organisation's root is used, and it
follows from its names alone, so that two runs agree and a test can compute the UID it looks for.
"""

from __future__ import annotations

import hashlib
import uuid


def uid(*names: object) -> str:
    """UID under 2.25 of a name-based UUID (RFC 9562 version 8) over `names`."""
    digest = hashlib.blake2b("/".join(map(str, names)).encode(), digest_size=16).digest()
    return f"2.25.{uuid.UUID(bytes=_as_version_8(digest)).int}"


def _as_version_8(digest: bytes) -> bytes:
    """The 16 bytes with version and variant bits of RFC 9562 section 5.8."""
    version = bytes([digest[6] & 0x0F | 0x80])
    variant = bytes([digest[8] & 0x3F | 0x80])
    return digest[:6] + version + digest[7:8] + variant + digest[9:]


def number(limit: int, *names: object) -> int:
    """A whole number in [0, limit) that follows from `names`."""
    digest = hashlib.blake2b("/".join(map(str, names)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % limit


IMPLEMENTATION_CLASS_UID = uid("taglake", "demo", "implementation")
IMPLEMENTATION_VERSION_NAME = "TAGLAKE_DEMO_1"
