"""A file's header, from its first bytes to the last element, behind pixel data included.

``read_header`` recognises DICOM by its content, follows the transfer syntax, skips pixel data
without reading it, and hands what is encoded irregularly to pydicom.  Whatever the bytes are, it
returns a ``Header`` that says what became of them.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import Struct
from typing import NamedTuple

from ingest.header import irregular, vr
from ingest.header.ambiguous import resolve_ambiguous
from ingest.header.data_set import NeedMore, TooLong, TooMany, Truncated, data_set
from ingest.header.fragments import Ends, end_of_fragments
from ingest.header.raw import HEX_BYTES, Hashed
from ingest.header.tokens import UNDEFINED, Tokens
from ingest.header.vocabulary import Irregular, Scope, Vocabulary
from ingest.header.widths import NO_LENGTH

Read = Callable[[int, int], bytes]
"""``read(offset, length)``: bytes of the file, fewer at its end; offsets never decrease."""

FIRST_READ = 256 * 1024
MAX_HEADER = 128 * 1024 * 1024
"""Bytes of header that are read at most: what a worker can hold (largest real one seen: 22 MB)."""
MAX_INFLATED = 512 * 1024 * 1024
"""A deflated data set may inflate to this; what is beyond ``MAX_HEADER`` is counted, not kept."""
MAX_CUT = 16 << 30
"""Bytes of values that are too long to be held and are hashed, which takes a second or two for each
gigabyte (a file may be a hole of terabytes)."""
MAX_TAIL = 65_536
"""Bytes behind pixel data that are compared with those of other files of the series."""
CHUNK = 1 << 20

SOP_CLASS, SOP_INSTANCE, SERIES = 0x00080016, 0x00080018, 0x0020000E

DICOMDIR = b"1.2.840.10008.1.3.10"
EXPLICIT_BIG, DEFLATED = b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.1.99"
JPIP_DEFLATED = (b"1.2.840.10008.1.2.4.95", b"1.2.840.10008.1.2.4.205")
ELEMENT = Struct("<HH2sH").unpack_from


class Problem(NamedTuple):
    """Something odd about a header: the rule, the path or None, what was expected and found."""

    rule: str
    path: str | None = None
    expected: str | None = None
    observed: str | None = None


@dataclass
class Header:
    """What was read of a file. ``status`` is ok, not_dicom or error; ``reason`` says why."""

    status: str
    reason: str | None = None
    tokens: Tokens | None = None
    read_by: str = "tokens"
    truncation: str | None = None
    header_bytes: int = 0
    pixel_data_bytes: int | None = None
    encapsulated: bool = False  # the pixel data are of undefined length
    whole: bool = True  # buffer, bulk value and tail make the file: it may become a template
    tail: bytes = b""  # what is behind the bulk value, elements or padding
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def not_dicom(cls, reason: str) -> Header:
        """A file that is not an instance."""
        return cls("not_dicom", reason)

    @classmethod
    def error(cls, reason: str) -> Header:
        """A file that looks like DICOM and cannot be read."""
        return cls("error", reason)


def read_header(
    read: Read, size: int, head: bytes, vocabulary: Vocabulary, ends: Ends | None = None
) -> Header:
    """Read the header of a file of ``size`` bytes that begins with ``head``.

    ``ends`` is what is known of its fragments: a member of an archive cannot be read twice.
    """
    if not size:
        return Header.not_dicom("the file is empty")
    start = 132 if head[128:132] == b"DICM" else 0
    if not start and not _looks_like_elements(head, size):
        return Header.not_dicom("not DICOM by its content")
    if start and size - start < 8:
        return Header.not_dicom("nothing follows the DICOM preamble")
    if head[132:136] == b"\x02\x00\x00\x00" and len(head) < min(size, 1024):
        head = _extend(read, head, min(size, FIRST_READ))
    try:
        header = _read_regular(read, size, head, start, vocabulary, {} if ends is None else ends)
    except Irregular:
        header = irregular.read_header(read, size, head, vocabulary)
    return _judged(header, vocabulary, preamble=bool(start))


def _looks_like_elements(head: bytes, size: int) -> bool:
    """Whether a file without preamble begins with an element of group 2 or 8."""
    if len(head) < 8:
        return False
    if head[0] == 0 and head[1] in (2, 8) and head[4:6].decode("latin-1") in vr.ALL:
        return True  # big endian
    if head[1] or head[0] not in (2, 8):
        return False
    if head[4:6].decode("latin-1") in vr.ALL:
        return True
    return int.from_bytes(head[4:8], "little") <= min(size, 1 << 16)


def _extend(read: Read, data: bytes, upto: int) -> bytes:
    return data + read(len(data), upto - len(data)) if upto > len(data) else data


def _read_regular(
    read: Read, size: int, head: bytes, start: int, vocabulary: Vocabulary, ends: Ends
) -> Header:
    """A little-endian header, growing the buffer until it holds all of it."""
    header, data = Header("ok"), head
    syntax, start_of_set = _file_meta(data, start)
    if syntax == EXPLICIT_BIG or (not start and data[0] == 0):
        raise Irregular("big endian")
    deflated = syntax == DEFLATED or syntax in JPIP_DEFLATED
    if deflated:
        inflated = _inflated(read, data, size, start_of_set)
        if inflated is None:
            return Header.error("the deflated data set cannot be inflated")
        data, size, whole = inflated
        if size > MAX_INFLATED:
            return Header.error(f"the data set inflates to more than {MAX_INFLATED >> 20} MiB")
        header.whole, header.truncation = False, None if whole else "header"
        read = _of(data)
    source, cuts, removed = read, dict[int, Hashed](), 0
    while True:
        tokens = Tokens(data, size, cuts)
        try:
            end = _tokenise(tokens, start, start_of_set, vocabulary)
            break
        except NeedMore as more:
            if more.offset > MAX_HEADER:
                return Header.error(f"the header is larger than {MAX_HEADER >> 20} MiB")
            grown = _extend(read, data, min(size, max(more.offset + 65536, 8 * len(data))))
            if len(grown) < more.offset:  # the file is shorter than it was when it was listed
                size = len(grown)
            data = grown
        except TooLong as long:
            if deflated and long.stop > len(data):
                return Header.error(f"the header is larger than {MAX_HEADER >> 20} MiB")
            if removed + long.stop - long.start > MAX_CUT:
                return Header.error(f"the header is larger than {MAX_CUT >> 30} GiB")
            cut = _cut(read, data, long)
            if long.start + cut.size < long.stop:  # the file is shorter than it was listed
                size = long.start + cut.size
                continue
            cuts[long.start] = cut
            data = data[: long.start] + data[long.stop :]
            size, removed = size - cut.size, removed + cut.size
            if long.start < start_of_set:
                start_of_set -= cut.size
            read, header.whole = _behind(source, removed), False
        except Truncated:
            header.truncation, header.whole = "header", False
            end = tokens.size
            break
        except TooMany as many:
            return Header.error(f"the header has more than {many.most}")
        except Irregular:
            if deflated:  # pydicom would inflate it again, and without a bound
                return Header.error("the deflated data set is encoded irregularly")
            raise
    header.tokens, header.header_bytes = tokens, end + removed
    tokens.end = end
    if tokens.bulk >= 0:
        _after_bulk(read, header, size, vocabulary, {} if removed else ends)
    if tokens.ambiguous:
        resolve_ambiguous(tokens, vocabulary)
    if len(set(tokens.keys)) < len(tokens.keys):
        raise Irregular("an element that is there twice")
    return header


def _cut(read: Read, data: bytes, long: TooLong) -> Hashed:
    """What is kept of a value that is too long to be held, or of what there is of it."""
    beginning = data[long.start : long.stop]
    digest, size = hashlib.sha256(beginning), len(beginning)
    while long.start + size < long.stop:
        more = read(long.start + size, min(CHUNK, long.stop - long.start - size))
        if not more:
            break
        digest.update(more)
        size += len(more)
    return Hashed(size, digest.hexdigest(), beginning[:HEX_BYTES] if long.unknown else b"")


def _behind(read: Read, cut: int) -> Read:
    """Reads a file of which so many bytes were cut out, all of them behind what is asked for."""
    return lambda offset, length: read(offset + cut, length)


def _file_meta(data: bytes, start: int) -> tuple[bytes, int]:
    """The transfer syntax and where the data set begins: behind the last element of group 2."""
    syntax, pos = b"", start
    while pos + 8 <= len(data):
        group, element, name, length = ELEMENT(data, pos)
        if group != 2:
            break
        value = pos + 8
        if name.decode("latin-1") in vr.LONG_LENGTH:
            length, value = int.from_bytes(data[pos + 8 : pos + 12], "little"), pos + 12
        elif name.decode("latin-1") not in vr.SHORT_LENGTH:
            raise Irregular("file meta information that is not explicit VR")
        if element == 0x0010:
            syntax = data[value : value + length].rstrip(b"\0 ")
        if length == UNDEFINED:
            raise Irregular("an undefined length in the file meta information")
        pos = value + length
    return syntax, pos


def _inflated(read: Read, data: bytes, size: int, start: int) -> tuple[bytes, int, bool] | None:
    """A file with its deflated part inflated (PS3.5 A.5): its first ``MAX_HEADER`` bytes, its size,
    and whether the deflated part has an end; None where it is damaged.

    Never more than that much is held, whatever the ratio.
    """
    inflate, kept, total = zlib.decompressobj(-zlib.MAX_WBITS), [data[:start]], start
    for offset in range(start, size, CHUNK):
        packed = bytes_at(read, data, offset, min(CHUNK, size - offset))
        plain = bytes(CHUNK)
        while (packed or len(plain) == CHUNK) and total <= MAX_INFLATED:
            try:
                plain = inflate.decompress(packed, CHUNK)
            except zlib.error:
                return None
            if total < MAX_HEADER:
                kept.append(plain)
            total += len(plain)
            packed = inflate.unconsumed_tail
        if inflate.eof or total > MAX_INFLATED:
            break
    return b"".join(kept), total, inflate.eof


def _of(data: bytes) -> Read:
    return lambda offset, length: data[offset : offset + length]


def _tokenise(tokens: Tokens, start: int, start_of_set: int, vocabulary: Vocabulary) -> int:
    """Token the file meta information and the data set; returns the offset behind them."""
    if start_of_set > len(tokens.data):
        if len(tokens.data) < tokens.size and start_of_set <= tokens.size:
            raise NeedMore(start_of_set)
        data_set(tokens, start, tokens.size, vocabulary.explicit)
        raise Truncated
    pos = data_set(tokens, start, start_of_set, vocabulary.explicit)
    if pos >= tokens.size:
        return pos
    return data_set(tokens, pos, tokens.size, _scope(tokens.data, pos, vocabulary))


def _scope(data: bytes, pos: int, vocabulary: Vocabulary) -> Scope:
    """Explicit or implicit VR: what the first element looks like outweighs the transfer syntax.

    Files whose transfer syntax says the other one are common enough that pydicom and dcmtk check
    the same way.
    """
    explicit = data[pos + 4 : pos + 6].decode("latin-1") in vr.ALL
    return vocabulary.explicit if explicit else vocabulary.implicit


def _after_bulk(read: Read, header: Header, size: int, vocabulary: Vocabulary, ends: Ends) -> None:
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
    cuts: dict[int, Hashed] = {}
    while True:
        tail = Tokens(data, len(data), cuts)
        try:
            return tail, data_set(tail, 0, len(data), _scope(data, 0, vocabulary))
        except TooLong as long:
            cuts[long.start] = _cut(_of(data), data, long)
            data = data[: long.start] + data[long.stop :]
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


def _judged(header: Header, vocabulary: Vocabulary, *, preamble: bool) -> Header:
    """Whether what was read is an instance: it has to say what it is and which one."""
    tokens = header.tokens
    if tokens is None:
        return header
    found: dict[int, bytes] = {}
    for token, number in enumerate(tokens.keys[:64]):
        key = vocabulary.keys[number]
        if not key.scope and key.tag in JUDGED:
            found.setdefault(key.tag, tokens.value(token).rstrip(b"\0 "))
    if found.get(0x00020002) == DICOMDIR or found.get(SOP_CLASS) == DICOMDIR:
        return Header.not_dicom("DICOMDIR, an index of other files")
    instance = found.get(SOP_INSTANCE)
    if not instance and not header.truncation:
        instance = found.get(0x00020003)
    if instance and (found.get(SOP_CLASS) or found.get(0x00020002)):
        _note_missing_uid(header, found)
        return header
    if not preamble:
        return Header.not_dicom("not DICOM by its content")
    if header.truncation:
        return Header.error("the file ends before SOPInstanceUID")
    return Header.error("no SOPInstanceUID" if not instance else "no SOPClassUID")


JUDGED = frozenset([0x00020002, 0x00020003, SOP_CLASS, SOP_INSTANCE])


def _note_missing_uid(header: Header, found: dict[int, bytes]) -> None:
    if not found.get(SOP_INSTANCE):
        header.problems.append(Problem("sop_uid_from_meta", "00080018", "a UID", "nothing"))
