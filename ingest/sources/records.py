"""What the sources hand over: plain records, the limits on archives and two exceptions.

Kept apart from the code that fills them so that the pipeline and every source share them without
importing each other. No reason text ever holds a path or a name: the uri beside it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal, NamedTuple, Protocol

Status = Literal["error", "not_dicom"]


class Problem(NamedTuple):
    """Something seen that cannot be read: it becomes one row of the table `files` as it is."""

    uri: str
    size: int
    """Bytes, as far as known."""
    mtime: int
    """Nanoseconds since 1970; of the container for a member of an archive."""
    status: Status
    reason: str


class Directory(NamedTuple):
    """The files of one directory; the lists run in parallel, sorted by name."""

    path: str
    names: list[str]
    sizes: list[int]
    """Bytes."""
    mtimes: list[int]
    """Nanoseconds since 1970."""
    problems: list[Problem]


class Reader(Protocol):
    """Forward-only access to the bytes of a member, until the next member is asked for."""

    @property
    def position(self) -> int:
        """Bytes of the member that were read or passed over."""

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer only at the end of the member.

        Offsets never go back before what was read. Raises ReadProblem for damaged bytes.
        """


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive."""

    uri: str
    declared: int | None
    """Size in bytes that the archive states; None where its format has no such field."""
    mtime: int
    """Nanoseconds since 1970, of the outermost archive: that is what changes when anything does."""
    reader: Reader

    @property
    def size(self) -> int:
        """Declared size in bytes; of a lone compressed stream, the bytes that were read so far."""
        return self.reader.position if self.declared is None else self.declared


@dataclass(frozen=True)
class Limits:
    """How much an archive may ask for. They hold for one outermost archive and all inside it.

    The ratio compares all bytes that were unpacked, at every level, with the size of the outermost
    archive. It is not judged member by member because one honest layer can be very dense: deflate
    goes up to 1,032:1, where its format ends, LZMA to 6,900:1 (measured on zeros), and a CT series
    with zeroed pixels to 2,200:1 in xz and 1,900:1 in bzip2. What lies above are bombs, which stack
    layers (42.zip) or let members share one stream. Only bzip2 of nothing but zeros is denser
    (1,300,000:1), hence `ratio_from`: less than that is harmless, unpacked in under a second.
    """

    max_members: int = 1_000_000
    max_bytes: int = 1 << 40
    """Unpacked bytes."""
    max_ratio: int = 10_000
    ratio_from: int = 256 << 20
    """Unpacked bytes from which on the ratio counts."""
    max_depth: int = 3
    """Levels of archives, the outermost being 1; `.tar.gz` is one level."""
    max_nested_bytes: int = 256 << 20
    """Memory for inner archives that have to be read out of order (ZIP, 7Z)."""
    max_window: int = 512 << 20
    """Memory that a decompressor may ask for as its dictionary."""


class Source(NamedTuple):
    """Where bytes come from: what a scheme of the registry resolves to."""

    scheme: str
    root: str
    """The place to walk, in the form that is stored in uris."""
    walk: Callable[[str], Iterator[Directory]]
    open: Callable[[str], BinaryIO]
    """Opens a walked path (directory and name joined) for reading."""


class SourceUnreachable(Exception):
    """The source as a whole cannot be read; the message is a sentence without paths."""


class ReadProblem(Exception):
    """Bytes that cannot be read or unpacked; `reason` is a short clause without paths."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LimitExceeded(ReadProblem):
    """A limit was reached: the outermost archive ends here."""


Walk = Callable[[Source], Iterator[Directory]]


def walk(source: Source) -> Iterator[Directory]:
    """The directories of a source; raises SourceUnreachable."""
    return source.walk(source.root)
