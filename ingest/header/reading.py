"""A file's header, from its first bytes to the last element, behind pixel data included.

``read_header`` recognises DICOM by its content, follows the transfer syntax, skips pixel data
without reading it, and hands what is encoded irregularly to pydicom.  Whatever the bytes are, it
returns a ``Header`` that says what became of them.
"""

from __future__ import annotations

from struct import Struct

from ingest.header import irregular, vr
from ingest.header.ambiguous import resolve_ambiguous
from ingest.header.behind_pixels import read_behind
from ingest.header.data_set import data_set
from ingest.header.deflated import DEFLATED, Inflated, NotInflated, inflated
from ingest.header.fragments import Ends
from ingest.header.long_values import Buffer
from ingest.header.outcome import MAX_HEADER, Header, Problem, Read
from ingest.header.stops import Irregular, NeedMore, TooLong, TooMany, Truncated
from ingest.header.tokens import UNDEFINED, Tokens
from ingest.header.vocabulary import Vocabulary

FIRST_READ = 256 * 1024

SOP_CLASS, SOP_INSTANCE, SERIES = 0x00080016, 0x00080018, 0x0020000E

DICOMDIR = b"1.2.840.10008.1.3.10"
EXPLICIT_BIG = b"1.2.840.10008.1.2.2"
ELEMENT = Struct("<HH2sH").unpack_from


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
    header = _read(read, size, head, start, vocabulary, {} if ends is None else ends)
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


def _read(
    read: Read, size: int, head: bytes, start: int, vocabulary: Vocabulary, ends: Ends
) -> Header:
    buffer = Buffer(read, size, head)
    try:
        syntax, start_of_set = _file_meta(head, start)
        if syntax in DEFLATED:
            plain = inflated(read, head, size, start_of_set)
            return _read_inflated(plain, syntax, start, start_of_set, vocabulary)
        if syntax == EXPLICIT_BIG or (not start and head[0] == 0):
            raise Irregular("big endian")
        return _read_regular(buffer, start, start_of_set, vocabulary, ends)
    except NotInflated as why:
        return Header.error(str(why))
    except Irregular:
        known = head if buffer.removed else buffer.data  # a member of an archive is read forward
        return irregular.read_header(read, size, known, vocabulary, ends)


def _read_inflated(
    plain: Inflated, syntax: bytes, start: int, start_of_set: int, vocabulary: Vocabulary
) -> Header:
    """The header of a file whose data set was deflated."""
    read, size, head, whole = plain.read, plain.size, plain.beginning, plain.whole
    try:
        buffer = Buffer(read, size, head, all_there_is=True)
        header = _read_regular(buffer, start, start_of_set, vocabulary, {})
    except Irregular:
        header = irregular.read_header(read, size, head, vocabulary, {}, syntax)
    header.whole = False
    header.truncation = header.truncation or (None if whole else "header")
    return header


def _read_regular(
    buffer: Buffer, start: int, start_of_set: int, vocabulary: Vocabulary, ends: Ends
) -> Header:
    """A little-endian header, growing the buffer until it holds all of it."""
    header = Header("ok")
    while True:
        tokens = buffer.tokens()
        try:
            end = _tokenise(tokens, start, start_of_set, vocabulary)
            break
        except NeedMore as more:
            if not buffer.reach(more.offset):
                return Header.error(f"the header is larger than {MAX_HEADER >> 20} MiB")
        except TooLong as long:
            before = buffer.removed
            if not buffer.cut(long):
                return Header.error(f"the header is larger than {MAX_HEADER >> 20} MiB")
            header.whole = False
            if long.start < start_of_set:
                start_of_set -= buffer.removed - before
        except Truncated:
            header.truncation, header.whole = "header", False
            end = tokens.size
            break
        except TooMany as many:
            return Header.error(f"the header has more than {many.most}")
    header.tokens, header.header_bytes = tokens, end + buffer.removed
    tokens.end = end
    _look_for_twins(tokens, vocabulary, ordered=not tokens.disorder)
    number = len(tokens.keys)
    if tokens.bulk >= 0:
        read_behind(buffer.read, header, buffer.size, vocabulary, {} if buffer.removed else ends)
    if tokens.ambiguous:
        resolve_ambiguous(tokens, vocabulary)
    if len(tokens.keys) > number:
        _look_for_twins(tokens, vocabulary, ordered=False)
    return header


def _look_for_twins(tokens: Tokens, vocabulary: Vocabulary, *, ordered: bool) -> None:
    """Raises ``Irregular`` where an element is there twice, with whatever VR."""
    keys = vocabulary.keys
    found = tokens.keys if ordered else [keys[number].path for number in tokens.keys]
    if len(set(found)) < len(found):
        raise Irregular("an element that is there twice")


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
    return data_set(tokens, pos, tokens.size, vocabulary.scope(tokens.data, pos))


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
