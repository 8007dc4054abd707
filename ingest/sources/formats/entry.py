"""What a format finds in an archive: one entry per file, in archive order."""

from __future__ import annotations

from typing import NamedTuple

from ingest.sources.records import Status
from ingest.sources.streams import Stream, Window


class Refusal(NamedTuple):
    """Why an entry cannot be read."""

    status: Status
    reason: str


LINK = Refusal("not_dicom", "link inside an archive")
DEVICE = Refusal("not_dicom", "not a regular file, inside an archive")
ENCRYPTED = Refusal("error", "member is encrypted")


class Entry(NamedTuple):
    """A file in an archive. `stream` holds until the next entry is asked for."""

    name: str
    size: int | None
    """Bytes, as declared; None where the format does not say."""
    stream: Stream | Refusal
    window: Window | None = None
    """The same bytes at random access, where they lie uncompressed in a seekable file."""
    fatal: bool = False
    """Whether damage inside this entry is the end of the archive (all is one stream)."""
