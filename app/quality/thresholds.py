"""The thresholds of a databank as parameters of SQL.

``uptake.ideal_from`` is ``$uptake_ideal_from``. They are read where questions are asked, so that a
changed one is meant from the next answer on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ingest.derive import thresholds

FILE = thresholds.FILE


def named(values: Mapping[str, thresholds.Value]) -> dict[str, float]:
    """The numbers among thresholds, as they are called in SQL."""
    return {
        key.replace(".", "_"): float(value)
        for key, value in values.items()
        if not isinstance(value, tuple)
    }


def of(root: Path) -> dict[str, float]:
    """Those of a databank; raises ThresholdsInvalid where its quality.toml cannot be used."""
    return named(thresholds.read(root))


DEFAULTS: Mapping[str, float] = named(thresholds.DEFAULTS)
