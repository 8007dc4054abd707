"""A header as tokens: which element (a key), and where its value begins and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.header.raw import Hashed, Raw
from ingest.header.widths import NO_LENGTH

if TYPE_CHECKING:
    from ingest.header.vocabulary import Scope

UNDEFINED = 0xFFFFFFFF
ITEM = b"\xfe\xff\x00\xe0"
ITEM_END = b"\xfe\xff\x0d\xe0"
SEQUENCE_END = b"\xfe\xff\xdd\xe0"

Container = tuple[int, int, int, int, int]
"""A sequence, item or value of defined length around other tokens: where its four bytes of length
stand, where it ends, the first token inside, the one behind the last, and the token it is the value
of, or -1 for sequences and items.  (A plain tuple: a large header has ten thousand of them.)"""


class Tokens:
    """The tokens of one header, in the order of their first bytes; ``data`` is the buffer."""

    __slots__ = (
        "alike", "ambiguous", "bulk", "charset", "charsets", "containers", "cuts", "data",
        "disorder", "end", "ends", "given", "guessed", "guessing", "hashed", "keys", "longest",
        "pixel_representation", "size", "skips", "starts", "wasted", "widths",
    )  # fmt: skip

    def __init__(
        self,
        data: bytes,
        size: int,
        cuts: dict[int, Hashed] | None = None,
        longest: int = 1 << 62,
    ) -> None:
        self.data = data
        self.size = size  # of the file: where a value may end at most
        self.longest = longest  # longer values are cut out
        self.cuts = cuts or {}  # by offset, ascending: values that stood there and were cut out
        self.keys: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.widths: list[int] = []
        self.given: dict[int, bytes] = {}  # values that are not bytes of the buffer
        self.hashed: dict[int, Hashed] = {}  # values that were cut out
        self.containers: list[Container] = []
        self.charset: bytes | None = None
        self.charsets: list[tuple[int, int, bytes]] = []  # first, last token, charset of an item;
        # outer items before those inside, last is UNDEFINED where the file ends inside the item
        self.ambiguous: list[tuple[int, Scope]] = []
        self.pixel_representation: dict[str, bytes] = {}
        self.skips: list[int] = []  # tokens of nested bulk values
        self.bulk = -1  # the token of the top-level bulk value the tokens end with
        self.end = 0
        self.alike = 0  # elements in items that are like others
        self.disorder = 0  # elements that are not behind one of a lower tag
        self.wasted = 0  # elements read in vain
        self.guessing = 0  # how many values of unknown VR around this are read as if they were that
        self.guessed = 0  # values of unknown VR and defined length that are sequences

    def value(self, token: int) -> bytes:
        """The raw value of a token, nothing of one that was cut out."""
        given = self.given.get(token)
        return self.data[self.starts[token] : self.ends[token]] if given is None else given

    def values(self) -> list[Raw]:
        """The raw values of all tokens."""
        data = self.data
        found: list[Raw] = [
            data[start:end] for start, end in zip(self.starts, self.ends, strict=True)
        ]
        for token, value in self.given.items():
            found[token] = value
        for token, cut in self.hashed.items():
            found[token] = cut
        return found

    def extend(self, other: Tokens) -> None:
        """Add the tokens of another buffer, with their values given."""
        first, n = len(self.keys), len(other.keys)
        self.keys += other.keys
        self.given.update((first + token, other.value(token)) for token in range(n))
        self.hashed.update((first + token, cut) for token, cut in other.hashed.items())
        self.starts += [0] * n
        self.ends += [0] * n
        self.widths += [NO_LENGTH] * n
        self.charsets += [(first + a, first + b, charset) for a, b, charset in other.charsets]
        self.ambiguous += [(first + token, scope) for token, scope in other.ambiguous]
        for prefix, value in other.pixel_representation.items():
            self.pixel_representation.setdefault(prefix, value)

    def length(self, pos: int, length: int) -> int:
        """How long a container is that begins at ``pos``, of whose ``length`` bytes some were cut
        out."""
        for at, value in self.cuts.items():
            if pos <= at < pos + length:
                length -= value.size
        return length

    def begin_charset(self, first: int, charset: bytes) -> int:
        """Note the character set of the item that begins with token ``first``."""
        self.charsets.append((first, UNDEFINED, charset))
        return len(self.charsets) - 1

    def end_charset(self, noted: int) -> None:
        """The item ends whose character set was noted by that number, -1 for none."""
        if noted >= 0:
            first, _, charset = self.charsets[noted]
            self.charsets[noted] = first, len(self.keys), charset
