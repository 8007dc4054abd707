"""Reading a file at any position, by descriptor: as POSIX does it, and on Windows.

A descriptor costs a fifth of a Python file object, which is most of what a header that matches a
template costs. What it reads does not depend on where others read the same descriptor, except on
Windows, which has no such call: there a descriptor belongs to one thread.
"""

from __future__ import annotations

import os

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    # a pipe that took the place of a file since it was listed must not block
    | getattr(os, "O_NONBLOCK", 0)
    # Windows would otherwise take 1A for the end of the file, and 0D 0A for one character
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOINHERIT", 0)
)


def open_for_reading(path: str) -> int:
    """A descriptor of the file, to be closed with ``os.close``; raises OSError."""
    return os.open(path, _FLAGS)


def _seek_and_read(descriptor: int, offset: int, length: int) -> bytes:
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, length)


def _read_at(descriptor: int, offset: int, length: int) -> bytes:
    return os.pread(descriptor, length, offset)


read_at = _read_at if hasattr(os, "pread") else _seek_and_read
"""``read_at(descriptor, offset, length)``: up to that many bytes, fewer at the end of the file.

Raises OSError, as for a folder or a pipe that has nothing to say.
"""
