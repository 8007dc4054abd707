"""How the length of a token's value is written: the bytes of the length field, or one of these."""

from __future__ import annotations

NO_LENGTH = 0
"""A sequence: its value is what its items are."""
FIELDS_WITHIN = -1
"""A value that is itself a container of tokens."""
FIELD = -2
"""A field of such a container."""
SKIPPED = -3
"""Bulk: four bytes of length, value not read."""
UNKNOWN = -4
"""UN: four bytes of length, and no sequence inside."""
