"""Values that are too long to be held: cut out of the buffer, and hashed while they are read.

Raw data of a scan are gigabytes in one private element, and tables say no more of a value that is
no text than its length and hash.  Positions in the buffer are those without what was cut out; the
lengths of sequences and items around it are taken to be as much shorter (``Tokens.length``).
"""

from __future__ import annotations

import hashlib

from ingest import decoders
from ingest.header import vr
from ingest.header.outcome import MAX_HEADER, Read
from ingest.header.raw import HEX_BYTES, Hashed
from ingest.header.stops import Irregular, TooLong, Truncated
from ingest.header.tokens import Tokens
from ingest.header.vocabulary import Scope

MAX_HELD = 8 << 20
"""Longer values that are no text, such as raw data of a scan in a private element, are cut out of
the buffer: their length and hash are all that tables say of them."""
LEAST_CUT = 1 << 20
"""Where the rest is still too long, values that are longer than this."""
MAX_CUT = 16 << 30
"""Bytes of values that are too long to be held and are hashed, which takes a second or two for each
gigabyte (a file may be a hole of terabytes)."""
CHUNK = 1 << 20


def is_cut(tokens: Tokens, start: int, stop: int, end: int, scope: Scope, number: int) -> bool:
    """Whether the value of an element of that key was cut out; raises TooLong if it is to be."""
    if stop - start <= tokens.longest or tokens.guessing:
        return False
    key = scope.key(number)
    if key.vr not in vr.UNREADABLE or decoders.of_element(key.creator, key.tag, key.vr) is not None:
        return False
    cut = tokens.cuts.get(start)
    if cut is not None:
        tokens.hashed[len(tokens.keys)] = cut
        return True
    if stop > tokens.size:
        raise Truncated
    if stop > end:
        raise Irregular("a value is longer than what it stands in")
    raise TooLong(start, stop, unknown=key.vr == "UN")


class Buffer:
    """The beginning of a file, or of what is behind its pixel data, without the values that were
    cut out of it; ``size`` is that of all of it, without them, too."""

    def __init__(self, read: Read, size: int, data: bytes, *, all_there_is: bool = False) -> None:
        self._read, self._all_there_is = read, all_there_is
        self.size, self.data = size, data
        self.longest = MAX_HELD
        """Longer values are cut out."""
        self.cuts: dict[int, Hashed] = {}
        self.removed = 0
        """Bytes that were cut out."""

    def read(self, offset: int, length: int) -> bytes:
        """Bytes behind all that was cut out."""
        return self._read(offset + self.removed, length)

    def tokens(self) -> Tokens:
        """Tokens of it, none yet."""
        return Tokens(self.data, self.size, self.cuts, self.longest)

    def reach(self, offset: int) -> bool:
        """Read on, so that there are ``offset`` bytes if the file has them, or have shorter values
        cut out; False where neither helps, since more than ``MAX_HEADER`` are wanted."""
        known = len(self.data)
        if offset > MAX_HEADER:
            more = self.longest > LEAST_CUT
            self.longest = LEAST_CUT
            return more
        upto = min(self.size, max(offset + 65536, min(8 * known, MAX_HEADER)))
        if upto > known:
            self.data += self.read(known, upto - known)
        if len(self.data) < offset:  # the file is shorter than when it was listed
            self.size = len(self.data)
        return True

    def cut(self, long: TooLong) -> bool:
        """Cut a value out; of one that is not all there, the file ends in it. False where too much
        would be cut out, or it was not kept."""
        if self.removed + long.stop - long.start > MAX_CUT:
            return False
        if self._all_there_is and long.stop > len(self.data):
            return False
        data = self.data
        beginning = data[long.start : long.stop]
        digest, size = hashlib.sha256(beginning), len(beginning)
        while long.start + size < long.stop:
            more = self.read(long.start + size, min(CHUNK, long.stop - long.start - size))
            if not more:
                self.size = long.start + size
                return True
            digest.update(more)
            size += len(more)
        head = beginning[:HEX_BYTES] if long.unknown else b""
        self.cuts[long.start] = Hashed(size, digest.hexdigest(), head)
        view = memoryview(data)  # a hundred megabytes are not copied twice
        self.data = b"".join((view[: long.start], view[long.stop :]))
        self.size -= size
        self.removed += size
        return True
