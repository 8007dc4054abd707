"""Numbers for kinds of element, so that a header is three lists of integers.

A *key* (:mod:`ingest.header.keys`) is where an element stands, its tag, VR and private creator.  A
*scope* is a place elements can stand in - the root of
the data set or one item of one sequence - and remembers, by the raw bytes of an element's tag and
VR, which key it is and how its length is laid out.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ingest.header import dictionary, vr
from ingest.header.keys import Key, Keys
from ingest.header.stops import Irregular

if TYPE_CHECKING:
    from ingest.header.repeated import Pattern


class Layout(IntEnum):
    """What is special about an element while its header is read."""

    PLAIN = 0  # a length and a value
    PRIVATE = 1  # an odd group: depends on the creator of its block
    SEQUENCE = 2
    CREATOR = 3
    CHARSET = 4
    DELIMITER = 5
    BULK = 6  # a value that is never read
    FIELDS = 7  # a private value that is itself a list of fields
    UNKNOWN = 8  # UN: may hold a sequence
    AMBIGUOUS = 9  # a VR that other elements decide
    PIXEL_REPRESENTATION = 10  # one of those


class Known(NamedTuple):
    """What a scope remembers of the raw bytes of a tag and VR."""

    key: int
    layout: Layout
    tag: int
    offset: int = 0  # from the tag to the value
    width: int = 0  # bytes of the length, which ends where the value begins


BULK = frozenset([0x7FE00008, 0x7FE00009, 0x7FE00010, 0x00420011, 0x56000020])
"""Pixel data, encapsulated document, spectroscopy data: counted and skipped, never read."""

INLINE_FIELDS = frozenset([("SIEMENS CSA HEADER", 0x0029, 0x10)])
"""Private values read field by field with the header they stand in: they differ from image to image
while most of their hundred fields do not. (The series header is the same in all images of a series
and is decoded once, protocol and all.)"""

DELIMITERS = frozenset([0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD])
MAX_DEPTH = 40
"""Deeper nesting than any real object; pydicom decides about it (and Python's stack is safe)."""


class Vocabulary:
    """The keys of one part, and the scopes of data sets in explicit and in implicit VR.

    Scopes know the keys and not the vocabulary: without a cycle all of it goes at once when its
    part is written, and nothing needs Python's garbage collector.
    """

    def __init__(self) -> None:
        self.keys = Keys()
        self.explicit = Scope(self.keys, "", implicit=False, depth=0)
        self.implicit = Scope(self.keys, "", implicit=True, depth=0)

    def scope(self, data: bytes, pos: int) -> Scope:
        """That of the data set at ``pos``, in explicit or implicit VR.

        What the first element looks like outweighs the transfer syntax: files whose transfer syntax
        says the other one are common enough that pydicom and dcmtk check the same way.
        """
        return (
            self.explicit if data[pos + 4 : pos + 6].decode("latin-1") in vr.ALL else self.implicit
        )


class Scope:
    """A place elements can stand in; see the module's docstring."""

    __slots__ = (
        "_fields", "_items", "_keys", "depth", "implicit", "known", "patterns", "prefix",
        "private",
    )  # fmt: skip

    def __init__(self, keys: Keys, prefix: str, *, implicit: bool, depth: int) -> None:
        self._keys = keys
        self.prefix = prefix
        self.implicit = implicit
        self.depth = depth
        self.known: dict[bytes, Known] = {}
        self.private: dict[tuple[bytes, str | None], Known] = {}
        self.patterns: dict[tuple[int, bool, bool], list[Pattern]] = {}
        """Of items: the tag of their sequence, whether in implicit VR, whether delimited."""
        self._items: dict[tuple[int, int, bool], Scope] = {}
        self._fields: dict[tuple[int, str, str, tuple[int, int]], int] = {}

    def item(self, tag: int, index: int, *, implicit: bool) -> Scope:
        """The scope of item ``index`` of the sequence ``tag`` that stands here."""
        where = (tag, index, implicit)
        scope = self._items.get(where)
        if scope is None:
            if self.depth >= MAX_DEPTH:
                raise Irregular("sequences are nested too deep")
            scope = self._items[where] = Scope(
                self._keys,
                f"{self.prefix}{tag:08X}[{index}].",
                implicit=implicit,
                depth=self.depth + 1,
            )
        return scope

    def keys_of_item(self, tag: int, index: int, pattern: Pattern) -> Sequence[int]:
        """The numbers of the elements of item ``index`` of the sequence ``tag`` of the root, which
        is like ``pattern``."""
        keys = pattern.keys.get(index)
        if keys is None:
            made = self._keys.of_item(f"{tag:08X}[{index}].", pattern.inside)
            keys = pattern.keys[index] = made
        return keys

    def learn(self, head: bytes) -> Known:
        """Remember what ``head`` (tag, and VR unless implicit) is; raises ``Irregular``."""
        known = self.known[head] = self._know(_element(head, self.implicit), None)
        return known

    def learn_private(self, head: bytes, creator: str | None) -> Known:
        """Remember what ``head`` is under the creator of its block; raises ``Irregular``."""
        known = self._know(_described(head, self.implicit, creator), creator)
        self.private[head, creator] = known
        return known

    def _know(self, element: _Element, creator: str | None) -> Known:
        vr_name, known = element
        if vr_name is None:
            return known
        return known._replace(key=self._keys.number(Key(self.prefix, known.tag, vr_name, creator)))

    def key(self, number: int) -> Key:
        """The key of that number."""
        return self._keys[number]

    def number(self, key: Key) -> int:
        """The number of a key, a new one if it was not met before."""
        return self._keys.number(key)

    def renumber(self, number: int, name: str) -> int:
        """The number of the same key with another VR."""
        return self._keys.number(self._keys[number]._replace(vr=name))

    def field(self, number: int, name: str, vr_name: str, items: tuple[int, int]) -> int:
        """The number of a field inside the value of key ``number``."""
        where = (number, name, vr_name, items)
        found = self._fields.get(where)
        if found is None:
            key = self._keys[number]._replace(vr=vr_name, field=name, items=items)
            found = self._fields[where] = self._keys.number(key)
        return found


class _Element(NamedTuple):
    """What an element is wherever it stands: its VR, None for none, and all but the key."""

    vr: str | None
    known: Known


def _tag(head: bytes) -> int:
    return int.from_bytes(head[1::-1] + head[3:1:-1], "big")


# Most scopes are items: a frame's functional groups have the same elements as the frame's before.
@lru_cache(maxsize=1 << 16)
def _element(head: bytes, implicit: bool) -> _Element:
    tag = _tag(head)
    if tag in DELIMITERS:
        return _Element(None, Known(-1, Layout.DELIMITER, tag))
    if (tag >> 16) & 1 and not 0x10 <= tag & 0xFFFF <= 0xFF and tag & 0xFFFF:
        return _Element(None, Known(-1, Layout.PRIVATE, tag))
    return _described(head, implicit, None)


@lru_cache(maxsize=1 << 16)
def _described(head: bytes, implicit: bool, creator: str | None) -> _Element:
    tag = _tag(head)
    entry = dictionary.entry(tag, creator)
    written = entry.vr if implicit else head[4:6].decode("ascii", "replace")
    if not implicit and written not in vr.ALL:
        raise Irregular("an element has an unknown VR")
    name = entry.vr if written == "UN" and tag not in BULK else written
    if tag in BULK and " or " in name:
        name = "OW"  # PS3.5 A.1: pixel data in implicit VR is OW
    layout = _layout(tag, written, name, creator)
    if implicit:
        return _Element(name, Known(-1, layout, tag, 8, 4))
    short = written in vr.SHORT_LENGTH
    return _Element(name, Known(-1, layout, tag, 8 if short else 12, 2 if short else 4))


def _layout(tag: int, written: str, name: str, creator: str | None) -> Layout:
    if tag in BULK:
        return Layout.BULK
    if written == "SQ":
        return Layout.SEQUENCE
    if 0x10 <= tag & 0xFFFF <= 0xFF and (tag >> 16) & 1:
        return Layout.CREATOR
    if tag in SPECIAL:
        return SPECIAL[tag]
    if written == "UN":
        return Layout.UNKNOWN
    if " or " in name:
        return Layout.AMBIGUOUS
    if (creator, tag >> 16, tag & 0xFF) in INLINE_FIELDS:
        return Layout.FIELDS
    return Layout.PLAIN


SPECIAL = {0x00080005: Layout.CHARSET, 0x00280103: Layout.PIXEL_REPRESENTATION}
