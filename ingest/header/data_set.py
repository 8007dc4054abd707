"""The elements of a data set, read into tokens.

This is the only reader of little-endian headers, implicit and explicit alike, and is written for
speed: one dictionary look-up by the raw bytes of tag and VR says all that is needed of an element.
What does not follow the standard's encoding raises ``Irregular``, and pydicom decides about it.
"""

from __future__ import annotations

from struct import Struct

from ingest.decoders import siemens_csa
from ingest.header import long_values, repeated
from ingest.header.stops import Irregular, NeedMore, TooMany, Truncated
from ingest.header.tokens import ITEM, ITEM_END, SEQUENCE_END, UNDEFINED, Tokens
from ingest.header.vocabulary import Known, Layout, Scope
from ingest.header.widths import FIELD, FIELDS_WITHIN, NO_LENGTH, SKIPPED, UNKNOWN

U32 = Struct("<I").unpack_from

MAX_ELEMENTS = 2_000_000
"""A header with more is not read: each takes 0.8 kB of memory until it is written (measured; the
largest real one seen has 160,000, and ten thousand frames of a scanner have a million)."""
MAX_UNLIKE = 250_000
"""A header with more that are in no item like another one is not read: each takes 1.7 kB, and a
worker has 500 MB."""
WINDOW = 1 << 20
"""Bytes that are read between two looks at the number of elements, and for long values."""
MAX_WASTED = 10_000
"""Elements read in vain in values of unknown VR that begin like a sequence and are none; after so
many, others are not tried. (Nested in each other they would be read twice at every level.)"""

PRIVATE, CREATOR, CHARSET = Layout.PRIVATE, Layout.CREATOR, Layout.CHARSET
AMBIGUOUS, DELIMITER, FIELDS = Layout.AMBIGUOUS, Layout.DELIMITER, Layout.FIELDS
SPECIAL = frozenset([Layout.SEQUENCE, Layout.BULK, Layout.UNKNOWN])


def data_set(tokens: Tokens, pos: int, end: int, scope: Scope, *, delimited: bool = False) -> int:
    """Read the elements from ``pos``; return the offset after the last one read.

    Reading ends at ``end``, behind an item delimiter where ``delimited``, or where the value of a
    top-level bulk element begins.  Raises ``NeedMore``, ``TooLong``, ``Truncated``, ``Irregular``
    or ``TooMany``.
    """
    data = tokens.data
    available = _window(tokens, pos)
    head_size = 4 if scope.implicit else 6
    known, private = scope.known, scope.private
    add_key, add_start = tokens.keys.append, tokens.starts.append
    add_end, add_width = tokens.ends.append, tokens.widths.append
    creators: dict[int, str] | None = None  # by group and block
    first = len(tokens.keys)
    charset = -1  # that of an item, as it was noted
    before = -1  # the tag
    while pos < end:
        if pos + 12 > available:
            _want(tokens, pos + 8, end)
            available = _window(tokens, pos)
        head = data[pos : pos + head_size]
        what = known.get(head) or scope.learn(head)
        key, layout, tag, offset, width = what
        if layout == PRIVATE:
            block = tag >> 16 << 8 | tag >> 8 & 0xFF
            creator = None if creators is None else creators.get(block)
            what = private.get((head, creator)) or scope.learn_private(head, creator)
            key, layout, tag, offset, width = what
        if tag <= before:
            tokens.disorder += 1
        before = tag
        start = pos + offset
        if width == 2:
            stop = start + (data[start - 2] | data[start - 1] << 8)
        elif layout == DELIMITER:
            if delimited and tag == 0xFFFEE00D:
                _want(tokens, pos + 8, end)
                tokens.end_charset(charset)
                return pos + 8
            raise Irregular("a delimiter where none belongs")
        else:
            if start > available:
                _want(tokens, start, end)
            stop = start + U32(data, start - 4)[0]
        if layout in SPECIAL:
            pos = _special(tokens, start, stop - start, end, scope, what)
            if tokens.bulk >= 0:
                return pos
            continue
        if stop > available or stop > end:
            if long_values.is_cut(tokens, start, stop, end, scope, key):
                stop, width = start, SKIPPED
            else:
                _want(tokens, stop, end)
        if layout and width != SKIPPED:
            if layout == CREATOR:
                name = data[start:stop].strip(b" \0").decode("latin-1")
                if creators is None:
                    creators = {}
                creators[tag >> 16 << 8 | tag & 0xFF] = name
            elif layout == CHARSET:
                if scope.depth:
                    charset = tokens.begin_charset(first, data[start:stop].rstrip(b" \0"))
                else:
                    tokens.charset = data[start:stop].rstrip(b" \0")
            elif layout == AMBIGUOUS:
                tokens.ambiguous.append((len(tokens.keys), scope))
            elif layout == FIELDS:
                if _fields(tokens, start, stop, what, scope):
                    pos = stop
                    continue
            else:
                tokens.pixel_representation[scope.prefix] = data[start:stop]
        add_key(key)
        add_start(start)
        add_end(stop)
        add_width(width)
        pos = stop
    if delimited:
        raise Truncated if end >= tokens.size else Irregular("an item has no end")
    tokens.end_charset(charset)
    return pos


def _want(tokens: Tokens, upto: int, end: int) -> None:
    """Raise what it means that bytes up to ``upto`` are wanted, unless they are there."""
    if upto > tokens.size:
        raise Truncated
    if upto > end:
        raise Irregular("a value is longer than what it stands in")
    if upto > len(tokens.data):
        raise NeedMore(upto)


def _window(tokens: Tokens, pos: int) -> int:
    """How far to read before the next look at the number of elements."""
    if len(tokens.keys) > MAX_ELEMENTS:
        raise TooMany(f"{MAX_ELEMENTS:,} elements")
    if len(tokens.keys) - tokens.alike > MAX_UNLIKE:
        raise TooMany(f"{MAX_UNLIKE:,} elements outside of items that are like each other")
    return min(len(tokens.data), pos + WINDOW)


def _special(
    tokens: Tokens, start: int, length: int, end: int, scope: Scope, what: Known
) -> int:  # fmt: skip
    """Sequences, bulk values and UN; returns the offset after the element."""
    if what.layout == Layout.BULK:
        return _bulk(tokens, start, length, end, scope, what)
    if what.layout == Layout.UNKNOWN:
        return unknown(tokens, start, length, end, scope, what)
    number = len(tokens.keys)
    _add(tokens, what.key, start, start, NO_LENGTH)
    return _items(tokens, start, length, end, scope, what.tag, number, scope.implicit)


def _add(tokens: Tokens, key: int, start: int, stop: int, width: int) -> None:
    tokens.keys.append(key)
    tokens.starts.append(start)
    tokens.ends.append(stop)
    tokens.widths.append(width)


def _bulk(tokens: Tokens, start: int, length: int, end: int, scope: Scope, what: Known) -> int:
    number = len(tokens.keys)
    if not scope.depth:
        key = what.key
        if length == UNDEFINED and scope.implicit:
            key = scope.renumber(key, "OB")  # PS3.5 A.4: compressed pixels are OB
        _add(tokens, key, start, start, SKIPPED)
        tokens.bulk = number
        tokens.given[number] = b"%d" % length
        return start
    if length == UNDEFINED:
        raise Irregular("compressed pixels inside a sequence")
    stop = start + length
    if stop > len(tokens.data) or stop > end:
        _want(tokens, stop, end)
    _add(tokens, what.key, start, stop, SKIPPED)
    tokens.given[number] = b"%d" % length
    tokens.skips.append(number)
    return stop


def unknown(tokens: Tokens, start: int, length: int, end: int, scope: Scope, what: Known) -> int:
    """UN: of undefined length it is a sequence in implicit VR (PS3.5 6.2.2), else it may be one."""
    number = len(tokens.keys)
    name = scope.key(what.key).vr
    if length == UNDEFINED:
        _add(tokens, scope.renumber(what.key, "SQ"), start, start, NO_LENGTH)
        return _items(tokens, start, length, end, scope, what.tag, number, True)
    stop = start + length
    long = length > tokens.longest and _is_no_item(tokens, start, stop, end)
    if long and long_values.is_cut(tokens, start, stop, end, scope, what.key):
        _add(tokens, what.key, start, start, SKIPPED)
        return start
    if stop > len(tokens.data) or stop > end:
        _want(tokens, stop, end)
    may_be = name in ("SQ", "UN") and tokens.data[start : min(stop, start + 4)] == ITEM
    if may_be and tokens.wasted < MAX_WASTED:
        kept = _mark(tokens)
        for implicit in (True, False):
            _add(tokens, scope.renumber(what.key, "SQ"), start, start, NO_LENGTH)
            tokens.guessing += 1
            try:
                after = _items(tokens, start, length, end, scope, what.tag, number, implicit)
                tokens.guessed += 1
                return after
            except (Irregular, Truncated):
                _rewind(tokens, kept)
            finally:
                tokens.guessing -= 1
        if name == "SQ":
            raise Irregular("a sequence that cannot be read as one")
    if " or " in name:
        tokens.ambiguous.append((number, scope))
    key = scope.renumber(what.key, "UN") if name == "SQ" else what.key
    _add(tokens, key, start, stop, UNKNOWN if name in ("SQ", "UN") else 4)
    return stop


def _is_no_item(tokens: Tokens, start: int, stop: int, end: int) -> bool:
    """Whether a value that may be a sequence begins with something else."""
    if start in tokens.cuts:
        return True
    _want(tokens, min(start + 4, stop), end)
    return tokens.data[start : start + 4] != ITEM


def _mark(tokens: Tokens) -> tuple[int, int, int, int, int]:
    return (
        len(tokens.keys), len(tokens.containers), len(tokens.charsets),
        len(tokens.ambiguous), len(tokens.skips),
    )  # fmt: skip


def _rewind(tokens: Tokens, kept: tuple[int, int, int, int, int]) -> None:
    number = kept[0]
    tokens.wasted += len(tokens.keys) - number
    for column in (tokens.keys, tokens.starts, tokens.ends, tokens.widths):
        del column[number:]
    del tokens.containers[kept[1] :]
    del tokens.charsets[kept[2] :]
    del tokens.ambiguous[kept[3] :]
    del tokens.skips[kept[4] :]
    for given in [g for g in tokens.given if g >= number]:
        del tokens.given[given]
    for cut in [c for c in tokens.hashed if c >= number]:
        del tokens.hashed[cut]


def _items(
    tokens: Tokens, pos: int, length: int, end: int, scope: Scope, tag: int, token: int,
    implicit: bool,
) -> int:  # fmt: skip
    """The items of a sequence whose value begins at ``pos``; returns the offset after it."""
    data = tokens.data
    undefined = length == UNDEFINED
    stop = end if undefined else pos + (tokens.length(pos, length) if tokens.cuts else length)
    if stop > end:
        if stop > tokens.size:
            raise Truncated
        raise Irregular("a sequence is longer than what it stands in")
    if not undefined and len(tokens.data) < stop <= pos + tokens.longest:
        raise NeedMore(stop)  # before its items are read in vain
    begin, first, index = pos, len(tokens.keys), 0
    while undefined or pos < stop:
        if pos + 8 > len(data) or pos + 8 > stop:
            _want(tokens, pos + 8, stop)
        head = data[pos : pos + 4]
        (size,) = U32(data, pos + 4)
        pos += 8
        if head == ITEM:
            index += 1
            if not size:
                continue
            if size == UNDEFINED and pos + 8 <= stop and data.startswith(ITEM_END, pos):
                pos += 8
                continue
            nth = index - 1
            if tokens.cuts and size != UNDEFINED:
                size = tokens.length(pos, size)
            if size == UNDEFINED:
                pos = _item(tokens, pos, stop, scope, tag, nth, implicit=implicit, delimited=True)
                continue
            if pos + size > stop:
                if pos + size > tokens.size:
                    raise Truncated
                raise Irregular("an item is longer than its sequence")
            inside = len(tokens.keys)
            pos = _item(
                tokens, pos, pos + size, scope, tag, nth, implicit=implicit, delimited=False
            )
            tokens.containers.append((pos - size - 4, pos, inside, len(tokens.keys), -1))
        elif head == SEQUENCE_END and undefined:
            break
        else:
            raise Irregular("something that is not an item in a sequence")
    tokens.given[token] = b"%d" % index
    if not undefined:
        tokens.containers.append((begin - 4, stop, first, len(tokens.keys), -1))
    return pos


def _item(
    tokens: Tokens, pos: int, end: int, scope: Scope, tag: int, index: int,
    *, implicit: bool, delimited: bool,
) -> int:  # fmt: skip
    """The elements of item ``index`` of the sequence ``tag``, which may be like another's."""
    if scope.depth:  # an item inside an item comes with that
        inner = scope.item(tag, index, implicit=implicit)
        return data_set(tokens, pos, end, inner, delimited=delimited)
    kind = tag, implicit, delimited
    known = scope.patterns.get(kind, [])
    for nth, like in enumerate(known):
        after = repeated.read(tokens, like, pos, end, exactly=not delimited)
        if after >= 0:
            tokens.keys += scope.keys_of_item(tag, index, like)
            tokens.alike += len(like.widths)
            known.insert(0, known.pop(nth))
            _window(tokens, after)
            return after
    inner = scope.item(tag, index, implicit=implicit)
    mark = repeated.Mark.of(tokens)
    after = data_set(tokens, pos, end, inner, delimited=delimited)
    if index:  # most sequences have one item
        made = repeated.pattern(tokens, mark, pos, after, inner)
        if made is not None:
            scope.patterns[kind] = [made, *known[: repeated.MOST - 1]]
    return after


def _fields(tokens: Tokens, start: int, stop: int, what: Known, scope: Scope) -> bool:
    """Token the fields inside a private value; False where it is not perfectly regular."""
    spans = siemens_csa.layout(tokens.data, start, stop)
    if not spans:
        return False
    number = len(tokens.keys)
    _add(tokens, what.key, start, stop, FIELDS_WITHIN)
    for span in spans:
        key = scope.field(what.key, span.name, span.vr, (span.vm, span.n_items))
        _add(tokens, key, span.start, span.end, FIELD)
    tokens.containers.append((start - 4, stop, number + 1, len(tokens.keys), number))
    return True
