"""Statements to start from: files in ``statements``, titled by the text ``example.<name>``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("statements")


@cache
def statements() -> Mapping[str, str]:
    """Name and statement of each example."""
    return {path.stem: path.read_text("utf-8").strip() for path in sorted(FOLDER.glob("*.sql"))}
