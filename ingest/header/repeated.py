"""Items that are built like another one of their sequence, in this header or in one before.

The functional groups of a frame are some hundred elements in thirty sequences, and all frames have
the same.  What stands between their values (tags, VRs, delimiters) is compared as bytes, and only
the lengths of values are read, which takes a third of looking every element up (measured).
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from ingest.header.widths import NO_LENGTH, UNKNOWN

if TYPE_CHECKING:
    from ingest.header.tokens import Tokens
    from ingest.header.vocabulary import Key, Scope

U32 = Struct("<I").unpack_from
ITEM = b"\xfe\xff\x00\xe0"
PLAIN = frozenset([2, 4, UNKNOWN])
MOST = 4
"""Patterns of a sequence that are tried; more kinds of item in one are read in full."""


class Step(NamedTuple):
    """Bytes up to the length of a value, the tokens among them as offsets, and its width."""

    span: bytes
    size: int
    inside: tuple[tuple[int, int], ...]
    width: int


class Pattern(NamedTuple):
    """An item: its steps, what follows the last value, and its tokens."""

    steps: list[Step]
    tail: bytes
    last: tuple[tuple[int, int], ...]
    elements: list[Key]
    """What the tokens are; their scopes begin at the item."""
    widths: list[int]
    given: list[tuple[int, bytes]]
    keys: dict[int, list[int]]
    """The numbers of the elements' keys, by the place of the item in its sequence."""


class Mark(NamedTuple):
    """How far tokens were when an item began."""

    keys: int
    others: tuple[int, ...]

    @classmethod
    def of(cls, tokens: Tokens) -> Mark:
        """Where tokens are now."""
        return cls(
            len(tokens.keys),
            (
                len(tokens.containers), len(tokens.charsets), len(tokens.ambiguous),
                len(tokens.skips), len(tokens.pixel_representation),
            ),
        )  # fmt: skip


def pattern(tokens: Tokens, mark: Mark, begin: int, end: int, scope: Scope) -> Pattern | None:
    """The pattern of the item of ``scope`` from ``begin`` to ``end``, whose tokens follow ``mark``.

    None for items that hold more than values whose lengths precede them: sequences of defined
    length, character sets of their own, pixels, what decides about other elements.
    """
    first, now = mark.keys, Mark.of(tokens)
    if now.others != mark.others:
        return None
    elements = [scope.key(key) for key in tokens.keys[first:]]
    steps: list[Step] = []
    inside: list[tuple[int, int]] = []
    given: list[tuple[int, bytes]] = []
    pos = begin
    for token, element in enumerate(elements, first):
        width, start, stop = tokens.widths[token], tokens.starts[token], tokens.ends[token]
        if width == NO_LENGTH or element.is_creator:
            inside.append((start - pos, stop - pos))
            if token in tokens.given:
                given.append((token - first, tokens.given[token]))
            continue
        if width not in PLAIN:
            return None
        at = start - (2 if width == 2 else 4)
        steps.append(Step(tokens.data[pos:at], at - pos, tuple(inside), width))
        pos, inside = stop, []
    here = len(scope.prefix)
    return Pattern(
        steps, tokens.data[pos:end], tuple(inside),
        [element._replace(scope=element.scope[here:]) for element in elements],
        tokens.widths[first:], given, {},
    )  # fmt: skip


def read(tokens: Tokens, known: Pattern, pos: int, end: int, *, exactly: bool) -> int:
    """Read an item at ``pos`` as ``known`` says; returns where it ends, or -1 if it is different.

    It ends at ``end`` at most, or ``exactly`` there. Adds all of its tokens but their keys.
    """
    data = tokens.data
    limit = min(len(data), end)
    starts: list[int] = []
    ends: list[int] = []
    add_start, add_end = starts.append, ends.append
    for span, size, inside, width in known.steps:
        if not data.startswith(span, pos):
            return -1
        for a, b in inside:
            add_start(pos + a)
            add_end(pos + b)
        pos += size
        if pos + 4 > limit:
            return -1
        if width == 2:
            start = pos + 2
            pos = start + (data[pos] | data[pos + 1] << 8)
        else:
            start = pos + 4
            pos = start + U32(data, pos)[0]
            if width == UNKNOWN and data.startswith(ITEM, start):
                return -1
        if pos > limit:
            return -1
        add_start(start)
        add_end(pos)
    after = pos + len(known.tail)
    if not data.startswith(known.tail, pos) or after > limit or (exactly and after != end):
        return -1
    for a, b in known.last:
        add_start(pos + a)
        add_end(pos + b)
    first = len(tokens.keys)
    tokens.starts += starts
    tokens.ends += ends
    tokens.widths += known.widths
    for token, value in known.given:
        tokens.given[first + token] = value
    return after
