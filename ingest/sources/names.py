"""Names as text: valid UTF-8 for storage, and one uri for every member of an archive.

Python keeps undecodable bytes of a file name as lone surrogates (PEP 383), which neither Parquet
nor JSON can hold. The escape touches nothing else, so ordinary names are stored as they are.
"""

from __future__ import annotations

import re

INSIDE = "!/"
"""Stands between an archive and the name of a member in a uri."""

_UNSTORABLE = re.compile(r"[\ud800-\udfff]|%(?=25|[89A-F][0-9A-F]|uD[89A-F][0-9A-F]{2})")
_ESCAPED = re.compile(r"%(?:25|([89A-F][0-9A-F])|u(D[89A-F][0-9A-F]{2}))")


def printable(uri: str) -> str:
    """The uri as valid UTF-8: an undecodable byte becomes `%FF`, any other surrogate `%uD800`.

    A `%` that would read as such an escape becomes `%25`; every other one stays (`100%.dcm`).
    Different uris stay different, and `restored` gives the original back.
    """
    return _UNSTORABLE.sub(_escape, uri)


def restored(text: str) -> str:
    """The uri that `printable` was given; usable with `open` when it is a path."""
    return _ESCAPED.sub(_unescape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == ord("%"):
        return "%25"
    return f"%{code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else f"%u{code:04X}"


def _unescape(match: re.Match[str]) -> str:
    byte, surrogate = match.groups()
    if byte:
        return chr(0xDC00 + int(byte, 16))
    return chr(int(surrogate, 16)) if surrogate else "%"


class MemberUris:
    """Uris of the members of one archive: a repeated name gets `#2`, `#3`, ... in archive order."""

    def __init__(self, archive: str) -> None:
        self._prefix = archive + INSIDE
        self._next: dict[str, int] = {}

    def of(self, name: str) -> str:
        """The uri for the next member of that name; never given twice."""
        number = self._next.get(name)
        if number is None:
            self._next[name] = 2
            return self._prefix + name
        while (candidate := f"{name}#{number}") in self._next:
            number += 1
        self._next[name] = number + 1
        self._next[candidate] = 2
        return self._prefix + candidate
