"""The action codes of the Basic Profile: PS3.15 table E.1-1a."""

from __future__ import annotations

from typing import Literal

Code = Literal["D", "Z", "X", "U", "Z/D", "X/Z", "X/D", "X/Z/D", "X/Z/U*"]
"""X remove, Z empty or dummy, D dummy, U another UID; A/B: A unless the object needs B."""
