"""One part: the files that one worker reads between two writes, as bytes not yet decoded.

A part remembers the headers it has seen as templates (see :mod:`ingest.header.template`).  A file
that matches one costs its slots; any other is tokenised in full and then widens a template of its
series or starts another.  What is collected here is raw: :mod:`ingest.flatten` decodes it a column
at a time.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ingest import decoders
from ingest.header import template, values
from ingest.header.behind_pixels import bytes_at
from ingest.header.fragments import Ends, end_of_fragments
from ingest.header.keys import Key
from ingest.header.outcome import Header, Problem, Read
from ingest.header.raw import Raw, hashed
from ingest.header.reading import FIRST_READ, read_header
from ingest.header.tokens import UNDEFINED, Tokens
from ingest.header.vocabulary import Vocabulary
from ingest.header.widths import FIELDS_WITHIN, NO_LENGTH
from ingest.positioned import open_for_reading, read_at

MAX_FILES = 8192
MAX_BYTES = 48 * 1024 * 1024
"""A part is written when it holds this many files or this many bytes of headers and slots."""

HASHED_BYTES = 200
"""What length and hash of a value cost in memory."""

TOKEN_BYTES = 160
"""What a token of a kept header costs in memory, its four numbers included."""

MOST_TEMPLATES = 12
"""Templates of a series that are tried; more kinds of image in one series are read in full."""
FEW = 4
"""Templates of files alone in their series that are tried."""

SERIES_UID = b"\x20\x00\x0e\x00"
NAMES = frozenset([0x00080018, 0x00020003])
"""SOPInstanceUID, here and in the file meta information: whether a file is an instance at all."""


@dataclass(slots=True)
class Template:
    """A header that files of the part share, and what varies between them."""

    number: int
    tokens: Tokens
    start: int
    header: Header
    slots: frozenset[int] = frozenset()
    """The tokens that may vary: at first those that did in the template before, whatever their
    values here, since series of one scanner vary in the same elements; then also what did here."""
    program: template.Program | None = None
    version: int = -1
    names: list[int] = field(default_factory=list)
    """Numbers of the slots that may not be empty."""
    hashed: list[int] = field(default_factory=list)
    """Numbers of the slots of which only length and hash are kept.  The CSA header of an image is
    ten times all its other slots, and its fields are slots themselves."""
    files: int = 1
    alike: bool = False
    """Of many series with one file each, such as radiographs; SeriesInstanceUID is a slot."""
    history: list[tuple[int, list[int]]] = field(default_factory=list)
    """Versions of the program with the tokens each read, oldest first; -1 is the first file."""


@dataclass(slots=True)
class Instance:
    """A file that is an instance; ``version`` is the program that read its slots, -1 for none."""

    file: int
    template: int
    version: int
    header_bytes: int
    pixel_data_bytes: int | None
    truncation: str | None
    read_by: str


@dataclass(slots=True)
class FileRow:
    """A row of ``files``, without its keys."""

    uri: str
    container: str | None
    size: int
    mtime: int
    status: str
    reason: str | None = None


class Part:
    """The files read so far; see the module's docstring."""

    def __init__(self) -> None:
        self.vocabulary = Vocabulary()
        self.files: list[FileRow] = []
        self.instances: list[Instance] = []
        self.templates: list[Template] = []
        self.versions: list[list[int]] = []  # of each program: the tokens it reads
        self.values: list[Raw] = []  # of all slots of all instances, in their order
        self.problems: list[tuple[int | None, int, Problem]] = []  # instance, template
        self.bytes = 0
        self._of_series: dict[bytes, list[Template]] = {}
        self._alike: list[Template] = []
        self._lone: list[Template] = []  # the last ones that have one file
        self._last: Template | None = None

    @property
    def full(self) -> bool:
        """Whether it is time to write the part."""
        return len(self.files) >= MAX_FILES or self.bytes >= MAX_BYTES

    def add_row(self, row: FileRow) -> None:
        """A file that was seen and is not read."""
        self.files.append(row)

    def add_path(self, path: str, uri: str, size: int, mtime: int) -> Header | None:
        """Read a file of a folder; returns its header unless a template matched.

        Raises OSError where the file cannot be opened or read.
        """
        last = self._last
        # a quarter more than the last header had: a buffer that is too short is read twice
        wanted = FIRST_READ if last is None else last.tokens.end * 5 // 4 + 2048
        descriptor = open_for_reading(path)
        try:
            head = os.read(descriptor, wanted)  # not at a position, which a pipe does not have
            if len(head) < wanted and len(head) < size:  # cut since it was listed
                size = os.fstat(descriptor).st_size

            def read(offset: int, length: int) -> bytes:
                return read_at(descriptor, offset, length)

            return self.add(uri, None, size, mtime, head, read)
        finally:
            os.close(descriptor)

    def add(
        self, uri: str, container: str | None, size: int, mtime: int, head: bytes, read: Read
    ) -> Header | None:
        """Read a file that begins with ``head``; returns its header unless a template matched."""
        ends: Ends = {}
        for known in self._candidates(head):
            if self._match(known, uri, container, size, mtime, head, read, ends):
                return None
        if len(head) < FIRST_READ and len(head) < size:
            head += read(len(head), min(FIRST_READ, size) - len(head))
            for known in self._candidates(head)[1:]:
                if self._match(known, uri, container, size, mtime, head, read, ends):
                    return None
        header = read_header(read, size, head, self.vocabulary, ends)
        row = FileRow(uri, container, size, mtime, header.status, header.reason)
        self.files.append(row)
        if header.status == "ok":
            self._keep(header)
        return header

    def _candidates(self, head: bytes) -> list[Template]:
        """Templates the file may match: those of its series, the last one that did first.

        The series is what looks like its UID; should that be something else, the last template is
        tried all the same, if it ever matched.  The first file of a series may match a template of
        files that are alone in their series; a second file shows that this series is not like that.
        """
        last = self._last
        of_series = self._of_series.get(_series(head))
        if of_series is None:
            return [*reversed(self._alike), *([last] if last and last.files > 1 else [])]
        found = list(reversed(of_series))
        if last is not None and (last in found or (last.files > 1 and not last.alike)):
            if last in found:
                found.remove(last)
            found.insert(0, last)
        return found

    def _match(
        self,
        known: Template,
        uri: str,
        container: str | None,
        size: int,
        mtime: int,
        head: bytes,
        read: Read,
        ends: Ends,
    ) -> bool:
        program = known.program
        if program is None:
            program = self._compile(known, known.slots)
        start = known.start
        if start and head[128:132] != b"DICM":
            return False
        found = template.match(program, head, start)
        if found is None or not all(found.values[i].rstrip(b"\0 ") for i in known.names):
            return False
        end, stored = found.end, None
        if program.has_bulk:
            if (found.bulk_length == UNDEFINED) != known.header.encapsulated:
                return False
            if found.bulk_length == UNDEFINED:
                behind = end_of_fragments(read, head, end, size, ends)
                stored = -1 if behind is None else behind - end - 8
                found.values[-1] = b"%d" % stored
            else:
                stored = found.bulk_length
                behind = end + stored
            if not _ends_alike(known.header.tail, read, head, behind, size):
                return False
        elif end != size:
            return False
        self.instances.append(
            Instance(len(self.files), known.number, known.version, end, stored, None, "template")
        )
        self.files.append(FileRow(uri, container, size, mtime, "ok"))
        self._add_values(known, found.values)
        self._last = known
        known.files += 1
        if known.alike:
            self._of_series.setdefault(_series(head), [])
        return True

    def _add_values(self, known: Template, found: list[bytes]) -> None:
        self.values.extend(found)
        first = len(self.values) - len(found)
        self.bytes += sum(map(len, found)) + 64 * len(found) + 600
        for number in known.hashed:
            self.values[first + number] = hashed(found[number])
            self.bytes += HASHED_BYTES - len(found[number])

    def _compile(self, known: Template, slots: frozenset[int]) -> template.Program:
        program = template.compile_program(known.tokens, known.start, slots)
        known.slots, known.program = slots, program
        keys = self.vocabulary.keys
        known.names = [
            number
            for number, token in enumerate(program.slots)
            if keys[known.tokens.keys[token]].tag in NAMES
        ]
        known.hashed = [
            number
            for number, token in enumerate(program.slots)
            if _only_hash(keys[known.tokens.keys[token]], known.tokens.widths[token])
        ]
        known.version = len(self.versions)
        known.history.append((known.version, program.slots))
        self.versions.append(program.slots)
        return program

    def _keep(self, header: Header) -> None:
        """A header read in full: widen a template of its series with it, or make it one."""
        tokens = header.tokens
        assert tokens is not None
        tokens.data = tokens.data[: tokens.end]
        start = 132 if tokens.data[128:132] == b"DICM" else 0
        series = _series(tokens.data)
        is_first = series not in self._of_series
        of_series = self._of_series.setdefault(series, [])
        regular = header.whole and header.read_by == "tokens"
        if regular:
            for known in reversed(of_series):
                if known.start == start and self._widen(known, header):
                    return
            if is_first and self._widen_alike(header, start):
                return
        made = Template(len(self.templates), tokens, start, header, self._likely(tokens))
        self.templates.append(made)
        self.bytes += tokens.end + len(header.tail) + TOKEN_BYTES * len(tokens.keys)
        if regular:
            self._lone = [*(known for known in self._lone if known.files == 1), made][-FEW:]
            of_series.append(made)
            if len(of_series) > MOST_TEMPLATES:
                del of_series[0]
            self._last = made
        self.instances.append(self._instance(header, made.number, -1))
        self.problems.extend((None, made.number, problem) for problem in header.problems)

    def _widen_alike(self, header: Header, start: int) -> bool:
        """Widen a template of files that are alone in their series, or one such file's."""
        lone = [known for known in self._lone if known.files == 1]
        for known in (*reversed(self._alike), *reversed(lone)):
            if known.start == start and self._widen(known, header, any_series=True):
                if not known.alike:
                    known.alike = True
                    self._alike = [*self._alike, known][-FEW:]
                    for of_series in self._of_series.values():
                        if known in of_series:
                            of_series.remove(known)
                return True
        return False

    def _widen(self, known: Template, header: Header, *, any_series: bool = False) -> bool:
        tokens = header.tokens
        assert tokens is not None
        found = template.varying(known.tokens, tokens, self.vocabulary, any_series=any_series)
        if found is None or known.header.problems != header.problems:
            return False
        if known.header.tail != header.tail:
            return False
        slots = known.slots | found
        if template.too_many(slots, tokens):
            return False
        kept = known.slots, known.program, known.names, known.hashed, known.version
        program = self._compile(known, slots)
        match = template.match(program, tokens.data, known.start)
        if match is None:
            known.slots, known.program, known.names, known.hashed, known.version = kept
            known.history.pop()
            return False
        if program.has_bulk:
            match.values[-1] = tokens.given[tokens.bulk]
        self.instances.append(self._instance(header, known.number, known.version))
        self._add_values(known, match.values)
        self._last = known
        known.files += 1
        return True

    def _instance(self, header: Header, number: int, version: int) -> Instance:
        return Instance(
            len(self.files) - 1, number, version, header.header_bytes, header.pixel_data_bytes,
            header.truncation, header.read_by,
        )  # fmt: skip

    def _likely(self, tokens: Tokens) -> frozenset[int]:
        """The tokens that varied in the template before; an empty UID stays what it is."""
        last = self._last
        if last is None or last.program is None:
            return frozenset()
        keys = {last.tokens.keys[token] for token in last.slots}
        if last.alike:
            keys = {key for key in keys if self.vocabulary.keys[key].tag != template.SERIES}
        return frozenset(
            token
            for token, key in enumerate(tokens.keys)
            if key in keys
            and tokens.widths[token] != NO_LENGTH
            and (self.vocabulary.keys[key].tag not in NAMES or tokens.value(token).rstrip(b"\0 "))
        )


def _ends_alike(tail: bytes, read: Read, head: bytes, behind: int | None, size: int) -> bool:
    """Whether ``tail`` follows the pixel data, which end at ``behind``, and then the file ends."""
    if behind is None or behind + len(tail) != size:
        return False
    return not tail or bytes_at(read, head, behind, len(tail)) == tail


def _only_hash(key: Key, width: int) -> bool:
    """Whether tables say no more of a value than its length and hash, and no decoder needs it."""
    if values.kind(key) != "binary":
        return False
    decoder = decoders.of_element(key.creator, key.tag, key.vr)
    return width == FIELDS_WITHIN or decoder is None


def _series(data: bytes) -> bytes:
    """What looks like the SeriesInstanceUID: the value behind the first bytes that are its tag."""
    at = data.find(SERIES_UID, 132)
    if at < 0 or at + 8 > len(data):
        return b""
    length = data[at + 6] if data[at + 4 : at + 6] == b"UI" else data[at + 4]
    return data[at + 8 : at + 8 + length]
