"""The original file of an instance: its bytes, from where it was read, if it is still there.

A databank holds no pixels, so a picture needs the file that was ingested, be it alone or inside an
archive. Whatever is there by now is read within bounds, and what is wrong is a reason without path.
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Literal, NamedTuple

from ingest.sources import Limits, Member, ReadProblem, archive, printable, restored

MAX_BYTES = 512 * 1000**2
"""Of a file that is read into memory."""
MAX_UNPACKED = 8 * 1000**3
"""Of an archive, up to the end of the member that is wanted."""
SECONDS = 20.0
"""For finding a member in its archive: 7Z and compressed TAR are unpacked from their beginning."""

Reason = Literal["absent", "unreadable", "too_large", "not_in_archive", "archive_slow"]


class Place(NamedTuple):
    """Where an instance was read, as in the table ``files``: bytes, nanoseconds since 1970."""

    uri: str
    container: str | None
    size: int | None
    mtime: int | None


class Original(NamedTuple):
    """The bytes, and whether the file (for a member: its archive) has changed since the ingest."""

    data: bytes
    changed: bool


class Unavailable(Exception):
    """The file cannot be had; ``reason`` says why, never where it should be."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def read(place: Place, most: int = MAX_BYTES, seconds: float = SECONDS) -> Original:
    """The file or archive member at ``place``, of at most so many bytes; raises Unavailable."""
    path = restored(place.container or place.uri)
    found = _regular_file(path)
    changed = found.st_mtime_ns != place.mtime
    try:
        if place.container is not None:
            return Original(_member(path, place, most, time.monotonic() + seconds), changed)
        if found.st_size > most:
            raise Unavailable("too_large")
        data = Path(path).read_bytes()
        return Original(data, changed or len(data) != place.size)
    except (OSError, ValueError, ReadProblem):
        raise Unavailable("unreadable") from None


def _regular_file(path: str) -> os.stat_result:
    try:
        found = os.stat(path)  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError):
        raise Unavailable("absent") from None
    except (OSError, ValueError):
        raise Unavailable("unreadable") from None
    if not stat.S_ISREG(found.st_mode):  # a FIFO by that name would wait for ever
        raise Unavailable("absent")
    return found


def _member(path: str, place: Place, most: int, until: float) -> bytes:
    """Bytes of a member. Raises Unavailable, OSError or ReadProblem."""
    container = place.container or ""
    with open(path, "rb") as file:
        kind = archive.kind(file.read(archive.HEAD))
    if kind is None:
        raise Unavailable("not_in_archive")
    for member in archive.members(path, kind, container, Limits(max_bytes=MAX_UNPACKED)):
        if isinstance(member, Member) and printable(member.uri) == place.uri:
            data = member.reader.read(0, most + 1)
            if len(data) > most:
                raise Unavailable("too_large")
            return data
        if time.monotonic() > until:
            raise Unavailable("archive_slow")
    raise Unavailable("not_in_archive")
