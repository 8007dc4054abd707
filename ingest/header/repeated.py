"""Items that are built like another one of their sequence, in this header or in one before.

The functional groups of a frame are some hundred elements in thirty sequences, and all frames have
the same.  What stands between their values (tags, VRs, delimiters) is compared as bytes, and only
the lengths of values and of sequences are read, which takes a third of looking every element up
(measured).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from ingest.header.keys import Inside
from ingest.header.widths import NO_LENGTH, UNKNOWN

if TYPE_CHECKING:
    from ingest.header.tokens import Tokens
    from ingest.header.vocabulary import Scope

U32 = Struct("<I").unpack_from
ITEM = b"\xfe\xff\x00\xe0"
PLAIN = frozenset([2, 4, UNKNOWN])
MOST = 4
"""Patterns of a sequence that are tried; more kinds of item in one are read in full."""


OPEN, CLOSE = -10, -11
"""In place of a width: the length of a sequence or item stands here, or one ends here."""


class Step(NamedTuple):
    """Bytes up to a length or to the end of a container, the tokens among them as offsets, and what
    comes: the width of the length of a value, or OPEN or CLOSE."""

    span: bytes
    size: int
    inside: tuple[tuple[int, int], ...]
    width: int


class Pattern(NamedTuple):
    """An item: its steps, what follows the last value, and its tokens."""

    steps: list[Step]
    tail: bytes
    last: tuple[tuple[int, int], ...]
    inside: Inside
    """What the tokens are."""
    widths: list[int]
    given: list[tuple[int, bytes]]
    containers: list[tuple[int, int]]
    """Of those that end, in this order: the first token inside and the one behind the last."""
    keys: dict[int, Sequence[int]]
    """The numbers of the elements' keys, by the place of the item in its sequence."""


class Mark(NamedTuple):
    """How far tokens were when an item began."""

    keys: int
    containers: int
    others: tuple[int, ...]

    @classmethod
    def of(cls, tokens: Tokens) -> Mark:
        """Where tokens are now."""
        others = (
            len(tokens.charsets), len(tokens.ambiguous), len(tokens.skips),
            len(tokens.pixel_representation), tokens.guessed,
        )  # fmt: skip
        return cls(len(tokens.keys), len(tokens.containers), others)


def pattern(tokens: Tokens, mark: Mark, begin: int, end: int, scope: Scope) -> Pattern | None:
    """The pattern of the item of ``scope`` from ``begin`` to ``end``, whose tokens follow ``mark``.

    None for items that hold more than values and sequences with their lengths: character sets of
    their own, pixels, what decides about other elements, or one element twice.
    """
    first = mark.keys
    keys, widths = tokens.keys[first:], tokens.widths[first:]
    if Mark.of(tokens).others != mark.others:
        return None
    elements = [scope.key(key) for key in keys]
    if len({element.path for element in elements}) < len(elements):
        return None
    fixed = [w == NO_LENGTH or e.is_creator for w, e in zip(widths, elements, strict=True)]
    if any(not here and width not in PLAIN for here, width in zip(fixed, widths, strict=True)):
        return None
    containers = tokens.containers[mark.containers :]
    within = [token for token, here in enumerate(fixed, first) if here]
    steps, pos = [], begin
    for at, _, _, width, token in sorted(_events(tokens, fixed, mark)):
        inside = _offsets(tokens, within, pos, at)
        steps.append(Step(tokens.data[pos:at], at - pos, inside, width))
        pos = at + 4 if width == OPEN else at if width == CLOSE else tokens.ends[token]
    here = len(scope.prefix)
    return Pattern(
        steps,
        tokens.data[pos:end],
        _offsets(tokens, within, pos, end),
        Inside([element._replace(scope=element.scope[here:]) for element in elements]),
        widths,
        [(token - first, tokens.given[token]) for token in range(first, len(tokens.keys))
         if token in tokens.given],
        [(a - first, b - first) for _, _, a, b, _ in containers],
        {},
    )  # fmt: skip


def _events(
    tokens: Tokens, fixed: list[bool], mark: Mark
) -> Iterator[tuple[int, int, int, int, int]]:
    """Where steps end: offset, two numbers that put those of one offset in order, width, token."""
    for token, here in enumerate(fixed, mark.keys):
        if not here:
            width = tokens.widths[token]
            yield tokens.starts[token] - (2 if width == 2 else 4), 1, 0, width, token
    for number, (at, end, *_) in enumerate(tokens.containers[mark.containers :]):
        yield at, 1, 0, OPEN, -1
        yield end, 0, number, CLOSE, -1


def _offsets(tokens: Tokens, within: list[int], pos: int, upto: int) -> tuple[tuple[int, int], ...]:
    """Of the tokens that begin in a span: where, from its beginning, and where they end."""
    starts, ends = tokens.starts, tokens.ends
    number = 0
    while number < len(within) and starts[within[number]] <= upto:
        number += 1
    taken, within[:number] = within[:number], []
    return tuple((starts[token] - pos, ends[token] - pos) for token in taken)


def read(tokens: Tokens, known: Pattern, pos: int, end: int, *, exactly: bool) -> int:
    """Read an item at ``pos`` as ``known`` says; returns where it ends, or -1 if it is different.

    It ends at ``end`` at most, or ``exactly`` there. Adds all of its tokens but their keys.
    """
    data = tokens.data
    limit, longest = min(len(data), end), tokens.longest
    starts: list[int] = []
    ends: list[int] = []
    add_start, add_end = starts.append, ends.append
    opened: list[tuple[int, int]] = []
    closed: list[tuple[int, int]] = []
    for span, size, inside, width in known.steps:
        if not data.startswith(span, pos):
            return -1
        for a, b in inside:
            add_start(pos + a)
            add_end(pos + b)
        pos += size
        if width == CLOSE:
            closed.append(opened.pop())
            if closed[-1][1] != pos:
                return -1
            continue
        if pos + 4 > limit:
            return -1
        if width == OPEN:
            opened.append((pos, pos + 4 + U32(data, pos)[0]))
            pos += 4
            continue
        if width == 2:
            start = pos + 2
            pos = start + (data[pos] | data[pos + 1] << 8)
        else:
            start = pos + 4
            (length,) = U32(data, pos)
            if length > longest:
                return -1
            pos = start + length
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
    for (at, stop), (a, b) in zip(closed, known.containers, strict=True):
        tokens.containers.append((at, stop, first + a, first + b, -1))
    return after
