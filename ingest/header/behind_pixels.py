"""What is behind pixel data: their end, and elements after it.

Pixel data are never read, and the elements behind them are as much part of the header as others.
"""

from __future__ import annotations

from ingest.header.data_set import data_set
from ingest.header.fragments import Ends, end_of_fragments
from ingest.header.long_values import Buffer
from ingest.header.outcome import Header, Problem, Read
from ingest.header.stops import Irregular, NeedMore, TooLong, TooMany, Truncated
from ingest.header.tokens import UNDEFINED, Tokens
from ingest.header.vocabulary import Vocabulary

FIRST_READ = 1 << 20
MAX_TAIL = 65_536
"""Bytes behind pixel data that are compared with those of other files of the series."""


def read_behind(read: Read, header: Header, size: int, vocabulary: Vocabulary, ends: Ends) -> None:
    """Skip the bulk value the tokens end with and read the elements behind it, if any."""
    tokens = header.tokens
    assert tokens is not None
    length = int(tokens.given[tokens.bulk])
    header.encapsulated = length == UNDEFINED
    end = end_of_pixels(read, tokens.data, tokens.end, length, size, ends, header)
    tokens.given[tokens.bulk] = b"%d" % (header.pixel_data_bytes or 0)
    if header.truncation is not None:
        header.whole = False
    elif end < size:
        tail = _read_tail(read, header, end, size, vocabulary)
        header.whole = header.whole and tail is not None
        header.tail = tail or b""


def end_of_pixels(
    read: Read, data: bytes, start: int, length: int, size: int, ends: Ends, header: Header
) -> int:
    """Where pixel data end that begin at ``start`` and claim a length; notes how many bytes they
    have, and whether the file ends before."""
    end: int | None = start + length
    if length == UNDEFINED:
        end = end_of_fragments(read, data, start, size, ends)
    if end is None or end > size:
        header.truncation, header.pixel_data_bytes = "pixel data", size - start
        return size
    header.pixel_data_bytes = end - start - (8 if length == UNDEFINED else 0)  # the delimiter
    return end


def trailing(size: int) -> Problem:
    """What is behind pixel data and cannot be read."""
    return Problem("trailing_bytes", None, None, f"{size} bytes")


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
    before = tokens.data

    def read_on(offset: int, length: int) -> bytes:
        return bytes_at(read, before, pos + offset, length)

    first = read_on(0, min(size - pos, FIRST_READ))
    buffer = Buffer(read_on, size - pos, first)
    if not first.strip(b"\0"):
        if first and _is_padding(buffer):
            return first if len(first) == size - pos <= MAX_TAIL else None
        header.problems.append(trailing(size - pos))
        return None
    tail, end = _tokens_of_tail(buffer, vocabulary)
    if tail.bulk >= 0:  # what follows a second one is not read
        length = int(tail.given[tail.bulk])
        stored = min(length, buffer.size - end)
        tail.given[tail.bulk] = b"%d" % stored
        end += stored if length != UNDEFINED else 0
    if end != buffer.size:
        header.problems.append(trailing(size - pos))
    tokens.extend(tail)
    alike = end == len(buffer.data) <= MAX_TAIL and tail.bulk < 0 and not buffer.removed
    return buffer.data if alike else None


def _is_padding(buffer: Buffer) -> bool:
    """Whether nothing but zeros follows those that are there."""
    offset = len(buffer.data)
    while offset < buffer.size:
        more = buffer.read(offset, min(FIRST_READ, buffer.size - offset))
        if not more or more.strip(b"\0"):
            return False
        offset += len(more)
    return True


def _tokens_of_tail(buffer: Buffer, vocabulary: Vocabulary) -> tuple[Tokens, int]:
    """The tokens of what is behind pixel data, and where they end, 0 where it cannot be read."""
    scope = vocabulary.scope(buffer.data, 0)
    while True:
        tail, going = buffer.tokens(), False
        try:
            return tail, data_set(tail, 0, buffer.size, scope)
        except NeedMore as more:
            going = buffer.reach(more.offset)
        except TooLong as long:
            going = buffer.cut(long)
        except (Irregular, Truncated, TooMany):
            pass
        if not going:
            return tail, 0
