"""What became of a file that was read: its header, or why it has none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.header.tokens import Tokens

Read = Callable[[int, int], bytes]
"""``read(offset, length)``: bytes of the file, fewer at its end; offsets never decrease."""
MAX_HEADER = 128 * 1024 * 1024
"""Bytes of header that are read at most: what a worker can hold (largest real one seen: 22 MB)."""


class Problem(NamedTuple):
    """Something odd about a header: the rule, the path or None, what was expected and found."""

    rule: str
    path: str | None = None
    expected: str | None = None
    observed: str | None = None


@dataclass
class Header:
    """What was read of a file. ``status`` is ok, not_dicom or error; ``reason`` says why."""

    status: str
    reason: str | None = None
    tokens: Tokens | None = None
    read_by: str = "tokens"
    truncation: str | None = None
    header_bytes: int = 0
    pixel_data_bytes: int | None = None
    encapsulated: bool = False  # the pixel data are of undefined length
    whole: bool = True  # buffer, bulk value and tail make the file: it may become a template
    tail: bytes = b""  # what is behind the bulk value, elements or padding
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def not_dicom(cls, reason: str) -> Header:
        """A file that is not an instance."""
        return cls("not_dicom", reason)

    @classmethod
    def error(cls, reason: str) -> Header:
        """A file that looks like DICOM and cannot be read."""
        return cls("error", reason)
