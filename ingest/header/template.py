"""Header templates: what is constant in a series, and where the rest of it varies.

Within a series all but 10-24 of a header's 100-450 elements are the same, byte for byte.  A
``Template`` is a tokenised header with some of its tokens marked as slots; compiled, it is a
program of constant spans, each one memory comparison, with a slot of known layout between them.  A
header that matches is read by reading its slots.  Nothing is assumed: a header that differs in any
other byte does not match and is tokenised in full.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

from ingest.decoders import siemens_csa
from ingest.header.tokens import ITEM, UNDEFINED, Tokens
from ingest.header.vocabulary import Vocabulary
from ingest.header.widths import FIELD, FIELDS_WITHIN, NO_LENGTH, UNKNOWN

U32 = Struct("<I").unpack_from

# What follows a constant span in a program.
SHORT, LONG, MAYBE_SEQUENCE, OPEN, CLOSE, CLOSE_VALUE, FIELD_ITEMS, SKIP, BULK = range(9)

SERIES = 0x0020000E
FIXED = frozenset(
    [
        0x00020002,  # MediaStorageSOPClassUID, SOPClassUID: whether it is an instance at all
        0x00080016,
        0x00020010,  # TransferSyntaxUID
        0x00080005,  # SpecificCharacterSet: how all text is decoded
        SERIES,  # SeriesInstanceUID: a template belongs to one series
        0x00280100,  # BitsAllocated and
        0x00280103,  # PixelRepresentation decide ambiguous VRs, and
        0x00283002,  # LUTDescriptor
        0x00283006,  # LUTData and
        0x00281200,  # GrayLookupTableData: their length decides their own VR
        0x54001004,  # WaveformBitsAllocated
    ]
)
"""Elements that say how others are read; a header that differs in one has another template."""

RADIOPHARMACEUTICALS = "00540016["
"""Its items become rows of a header, so they have to be the same in all its instances."""

MANY_SLOTS = 96
"""A template that would have more slots than this and than a third of its tokens is not widened:
the headers have little in common, and two templates store them smaller and match them faster."""

KIND = {2: SHORT, 4: LONG, FIELD: FIELD_ITEMS, UNKNOWN: MAYBE_SEQUENCE}


class Step(NamedTuple):
    """A constant span, its length, what follows it, and the number of items of a field."""

    span: bytes
    size: int
    kind: int
    items: int


@dataclass(slots=True)
class Program:
    """A compiled template: its steps, the span behind the last slot, and the slots' tokens."""

    steps: list[Step]
    tail: bytes
    slots: list[int]
    has_bulk: bool


class Match(NamedTuple):
    """The slots of a header: their raw values, and where the header ends."""

    values: list[bytes]
    end: int
    bulk_length: int


def compile_program(tokens: Tokens, start: int, slots: frozenset[int]) -> Program:
    """The program that matches headers which differ from ``tokens`` in ``slots`` only."""
    opens: dict[int, list[int]] = {}  # offset of a length that may vary -> containers that end
    closes: dict[int, list[tuple[int, int]]] = {}
    varying = sorted(slots | set(tokens.skips))
    marks: list[tuple[int, int, int, int]] = []  # offset, kind, items, token
    for length_at, end, first, last, token in tokens.containers:
        inside = bisect_left(varying, first)
        if inside < len(varying) and varying[inside] < last:
            opens.setdefault(length_at, []).append(end)
            closes.setdefault(end, []).append((-length_at, token))
    if tokens.bulk >= 0:
        varying.append(tokens.bulk)
    for slot in dict.fromkeys(varying):
        width = tokens.widths[slot]
        if width == FIELDS_WITHIN:
            continue  # read when its container closes
        kind = KIND.get(width, SKIP)
        if slot == tokens.bulk:
            kind = BULK
        at = tokens.starts[slot] - {SHORT: 2, FIELD_ITEMS: 0}.get(kind, 4)
        marks.append((at, kind, _field_items(tokens, slot), slot))
    events = [(at, 1, 0, mark) for mark in marks for at in (mark[0],)]
    events += [(at, 1, -1, (at, OPEN, 0, -1)) for at in opens]
    for end, ended in closes.items():
        for order, (_, token) in enumerate(sorted(ended)):
            kind = CLOSE if token < 0 else CLOSE_VALUE
            events.append((end, 0, order, (end, kind, 0, token)))
    return _steps(tokens, start, sorted(events))


def _field_items(tokens: Tokens, slot: int) -> int:
    if tokens.widths[slot] != FIELD:
        return 0
    region_end, pos, count = tokens.ends[slot], tokens.starts[slot], 0
    while pos < region_end:
        (size,) = U32(tokens.data, pos)
        pos += 16 + (size + 3) // 4 * 4
        count += 1
    return count


def _steps(
    tokens: Tokens, start: int, events: list[tuple[int, int, int, tuple[int, int, int, int]]]
) -> Program:
    steps, order, pos, has_bulk = [], [], start, False
    for at, _, _, (_, kind, items, token) in events:
        span = tokens.data[pos:at]
        steps.append(Step(span, len(span), kind, items))
        pos = at
        if kind in (SHORT, LONG, MAYBE_SEQUENCE, FIELD_ITEMS, SKIP):
            pos = tokens.ends[token]
        elif kind in (OPEN, BULK):
            pos += 4
        if token >= 0:
            order.append(token)
        has_bulk = has_bulk or kind == BULK
    return Program(steps, tokens.data[pos : tokens.end], order, has_bulk)


def match(program: Program, data: bytes, start: int) -> Match | None:
    """The slots of the header that begins at ``start``, or None if it differs elsewhere too.

    ``data`` has to hold the whole header; one that is cut off does not match.
    """
    pos = start
    values: list[bytes] = []
    add = values.append
    opened: list[int] = []
    begins: list[int] = []
    bulk = -1
    for span, size, kind, items in program.steps:
        if not data.startswith(span, pos):
            return None
        pos += size
        if kind == SHORT:
            value = pos + 2
            try:
                pos = value + (data[pos] | data[pos + 1] << 8)
            except IndexError:
                return None
            add(data[value:pos])
            continue
        if kind == CLOSE:
            begins.pop()
            if opened.pop() != pos:
                return None
            continue
        if kind == CLOSE_VALUE:
            if opened.pop() != pos:
                return None
            add(data[begins.pop() : pos])
            continue
        if kind == FIELD_ITEMS:
            end = siemens_csa.items_end(data, pos, items, len(data))
            if end < 0:
                return None
            add(data[pos:end])
            pos = end
            continue
        if pos + 4 > len(data):
            return None
        (length,) = U32(data, pos)
        pos += 4
        if kind == OPEN:
            opened.append(pos + length)
            begins.append(pos)
        elif kind in (LONG, MAYBE_SEQUENCE):
            if length == UNDEFINED:
                return None
            if kind == MAYBE_SEQUENCE and data.startswith(ITEM, pos):
                return None
            add(data[pos : pos + length])
            pos += length
        elif kind == SKIP:
            add(b"%d" % length)
            pos += length
        else:
            bulk = length
            add(b"%d" % length)
    if pos > len(data) or not data.startswith(program.tail, pos):
        return None
    return Match(values, pos + len(program.tail), bulk)


def varying(
    known: Tokens, new: Tokens, vocabulary: Vocabulary, *, any_series: bool = False
) -> frozenset[int] | None:
    """The tokens in which two headers differ; None if they differ in what no slot can hold.

    With ``any_series`` they may be of different series.
    """
    if known.keys != new.keys or known.widths != new.widths:
        return None
    if len(known.containers) != len(new.containers) or known.charset != new.charset:
        return None
    for a, b in zip(known.containers, new.containers, strict=True):
        if a[2:] != b[2:]:  # first and last token inside, and the one it is the value of
            return None
    if any(
        known.given.get(token) != given
        for token, given in new.given.items()
        if new.widths[token] == NO_LENGTH
    ):
        return None  # a sequence has another number of items
    known_data, new_data = known.data, new.data
    found = [
        token
        for token, (a, b, c, d) in enumerate(
            zip(known.starts, known.ends, new.starts, new.ends, strict=True)
        )
        if known_data[a:b] != new_data[c:d]
    ]
    for token in found:
        key = vocabulary.keys[known.keys[token]]
        if known.widths[token] == NO_LENGTH:
            return None
        if key.tag in FIXED and not (any_series and key.tag == SERIES):
            return None
        if key.scope.startswith(RADIOPHARMACEUTICALS):
            return None
        if key.tag >> 16 & 1 and 0x10 <= key.tag & 0xFFFF <= 0xFF:
            return None  # a private creator names the elements of its block
    return frozenset(found) - set(known.skips)


def too_many(slots: frozenset[int], tokens: Tokens) -> bool:
    """Whether headers with this much difference are better kept apart."""
    return len(slots) > MANY_SLOTS and len(slots) > len(tokens.keys) // 3
