"""What is behind pixel data: their end, and elements after it.

Pixel data are never read, and the elements behind them are as much part of the header as others.
"""

from __future__ import annotations

from ingest.header import long_values
from ingest.header.data_set import data_set
from ingest.header.fragments import Ends, end_of_fragments
from ingest.header.outcome import MAX_HEADER, Header, Problem, Read, nothing
from ingest.header.stops import Irregular, TooLong, TooMany, Truncated
from ingest.header.tokens import UNDEFINED, Tokens
from ingest.header.vocabulary import Vocabulary
from ingest.header.widths import NO_LENGTH

MAX_TAIL = 65_536
"""Bytes behind pixel data that are compared with those of other files of the series."""


def read_behind(read: Read, header: Header, size: int, vocabulary: Vocabulary, ends: Ends) -> None:
    """Skip the bulk value the tokens end with and read the elements behind it, if any."""
    tokens = header.tokens
    assert tokens is not None
    start = tokens.end
    length = int(tokens.given[tokens.bulk])
    undefined = header.encapsulated = length == UNDEFINED
    end: int | None = start + length
    if undefined:
        end = end_of_fragments(read, tokens.data, start, size, ends)
    if end is None or end > size:
        header.truncation, header.whole = "pixel data", False
        end = size
    elif end < size:
        tail = _read_tail(read, header, end, size, vocabulary)
        header.whole = header.whole and tail is not None
        header.tail = tail or b""
    stored = end - start - (8 if undefined and header.truncation is None else 0)
    tokens.given[tokens.bulk] = b"%d" % stored
    header.pixel_data_bytes = stored


def bytes_at(read: Read, data: bytes, offset: int, length: int) -> bytes:
    """Bytes of the file from the buffer that is its beginning, or read."""
    if offset + length <= len(data):
        return data[offset : offset + length]
    if offset < len(data):
        return data[offset:] + read(len(data), offset + length - len(data))
    return read(offset, length)


def _read_tail(
    read: Read, header: Header, pos: int, size: int, vocabulary: Vocabulary
) -> bytes | None:
    """The elements behind pixel data, appended to the tokens with their values given.

    Returns the bytes, or None where another file with the same ones need not be the same.
    """
    tokens = header.tokens
    assert tokens is not None
    if size - pos > MAX_HEADER:
        header.problems.append(Problem("trailing_bytes", None, None, f"{size - pos} bytes"))
        return None
    data = bytes_at(read, tokens.data, pos, size - pos)
    if not data.strip(b"\0"):
        return data if len(data) <= MAX_TAIL else None  # padding
    tail, end = _tokens_of_tail(data, vocabulary)
    data = tail.data
    if tail.bulk >= 0:  # what follows a second one is not read
        stored = min(int(tail.given[tail.bulk]), len(data) - end)
        tail.given[tail.bulk], end = b"%d" % stored, end + stored
    if end != len(data):
        header.problems.append(Problem("trailing_bytes", None, None, f"{size - pos} bytes"))
    _append(tokens, tail)
    return data if end == len(data) <= MAX_TAIL and tail.bulk < 0 and not tail.cuts else None


def _tokens_of_tail(data: bytes, vocabulary: Vocabulary) -> tuple[Tokens, int]:
    """The tokens of what is behind pixel data, and where they end, 0 where it is irregular."""
    buffer = long_values.Buffer(nothing, len(data), data)
    while True:
        tail = Tokens(buffer.data, buffer.size, buffer.cuts, long_values.MAX_HELD)
        try:
            return tail, data_set(tail, 0, buffer.size, vocabulary.scope(buffer.data, 0))
        except TooLong as long:
            buffer.cut(long)
        except (Irregular, Truncated, TooMany):
            return tail, 0


def _append(tokens: Tokens, tail: Tokens) -> None:
    """Add the tokens of another buffer, with their values given."""
    first = len(tokens.keys)
    tokens.keys += tail.keys
    tokens.given.update((first + n, tail.value(n)) for n in range(len(tail.keys)))
    tokens.hashed.update((first + n, cut) for n, cut in tail.hashed.items())
    tokens.starts += [0] * len(tail.keys)
    tokens.ends += [0] * len(tail.keys)
    tokens.widths += [NO_LENGTH] * len(tail.keys)
    tokens.charsets += [(first + a, first + b, charset) for a, b, charset in tail.charsets]
    tokens.ambiguous += [(first + number, scope) for number, scope in tail.ambiguous]
    for prefix, value in tail.pixel_representation.items():
        tokens.pixel_representation.setdefault(prefix, value)
