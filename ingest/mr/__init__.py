"""MR series cleaned: classes, weighting, contrast, orientation, by rules that are data.

``classify`` is the whole of it; ``Config`` holds a databank's changes to the rules.
"""

from __future__ import annotations

from ingest.mr.classification import READ, classify
from ingest.mr.config import DEFAULT, Config, InvalidConfig

__all__ = ["DEFAULT", "READ", "Config", "InvalidConfig", "classify"]
