"""The account of one outermost archive: what it and everything inside it has asked for so far.

It is shared by all levels, so a bomb cannot start afresh in each inner archive; once a limit is
passed no further member is given out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ingest.sources.records import LimitExceeded, Limits, ReadProblem


class Account:
    """Counts members and unpacked bytes; `packed` is the size of the outermost archive in bytes."""

    def __init__(self, limits: Limits, packed: int) -> None:
        self.limits = limits
        self.packed = packed
        self._passed: LimitExceeded | None = None
        self._members = 0
        self._unpacked = 0
        self._nested = 0

    def unpack(self, n: int) -> None:
        """Count n unpacked bytes. Raises LimitExceeded."""
        self._unpacked += n
        limits = self.limits
        if self._unpacked > limits.max_bytes:
            self._stop(f"more than {limits.max_bytes:,} bytes unpacked")
        if self._unpacked > max(limits.ratio_from, limits.max_ratio * self.packed):
            self._stop(f"unpacks to more than {limits.max_ratio:,} times its size")

    def member(self) -> None:
        """Count a member. Raises LimitExceeded."""
        self._members += 1
        if self._members > self.limits.max_members:
            self._stop(f"more than {self.limits.max_members:,} members")
        self.check()

    def check(self) -> None:
        """Raise LimitExceeded again if a limit was passed, be it while a member was read."""
        if self._passed:
            raise self._passed

    def window(self, n: int) -> None:
        """Refuse a decompressor that wants n bytes of memory if that is too much: ReadProblem."""
        if n > self.limits.max_window:
            raise ReadProblem(f"decompressor asks for {n:,} bytes of memory")

    def _stop(self, reason: str) -> None:
        self._passed = LimitExceeded(reason)
        raise self._passed

    @property
    def nested_left(self) -> int:
        """Bytes of memory that inner archives may still take."""
        return self.limits.max_nested_bytes - self._nested

    @contextmanager
    def nested(self, n: int) -> Iterator[None]:
        """Count n bytes of memory for an inner archive while it is read."""
        self._nested += n
        try:
            yield
        finally:
            self._nested -= n
