"""How much one statement may take: time, memory, rows, and how many are answered at once."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import NamedTuple

import duckdb

SECONDS = (10, 30, 60, 120, 300)
ROWS = (1_000, 10_000, 100_000)
MIB = 2**20
ANSWER_BYTES = 32 * MIB
"""Of one answer; the app keeps the latest of each session."""
AT_ONCE = max(2, min(4, os.cpu_count() or 2))
LEAST_MEMORY, MOST_MEMORY = 512 * MIB, 4096 * MIB

_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


class Limits(NamedTuple):
    """What one statement may take; ``memory`` and ``bytes`` (of the answer) are in bytes."""

    seconds: float = 30
    rows: int = 10_000
    bytes: int = ANSWER_BYTES


USUAL = Limits()


@cache
def memory() -> int:
    """Bytes that one statement may use: half of what there is, shared by those answered at once."""
    with duckdb.connect() as connection:
        row = connection.execute("SELECT current_setting('memory_limit')").fetchone()
    # DuckDB knows about containers, and by default takes four fifths of what there is.
    there_is = _bytes(str(row[0]) if row else "") / 0.8
    return int(min(max(there_is / 2 / AT_ONCE, LEAST_MEMORY), MOST_MEMORY))


def _bytes(text: str) -> float:
    match = re.fullmatch(r"([\d.]+) ([KMGT]iB)", text)
    return float(match[1]) * _UNITS[match[2]] if match else LEAST_MEMORY
