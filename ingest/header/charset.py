"""Text of a header in its character set (PS3.5 6.1, PS3.3 C.12.1.1.2), as UTF-8.

pydicom knows the character sets and their escape sequences; this module decides what happens where
a file breaks the rules, and says so.
"""

from __future__ import annotations

import warnings
from functools import lru_cache

SIMPLE = {b"ISO_IR 100": "latin-1", b"ISO_IR 192": "utf-8"}
"""The usual character sets need no pydicom, which takes a process 0.1 s to import (measured)."""

DELIMITERS = {0x0D, 0x0A, 0x09, 0x0C, 0x5C, 0x5E, 0x3D}
"""CR LF TAB FF \\ ^ =: an escape sequence ends at these."""


ESCAPE_58 = "\x1b$)A"
"""Of ISO 2022 IR 58; pydicom leaves it to Python's decoder, which leaves it where it is."""


MOST = 64
"""Values that SpecificCharacterSet may have; the standard defines half as many."""


@lru_cache(maxsize=256)
def encodings(charset: bytes) -> tuple[tuple[str, ...], bool]:
    """Python's names of the values of SpecificCharacterSet, and whether all are known."""
    names = [name.strip() for name in charset.decode("latin-1").split("\\", MOST)]
    if len(names) > MOST:
        return ("iso8859",), False
    from pydicom.charset import convert_encodings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return tuple(convert_encodings(names)), not caught
        except (LookupError, ValueError):
            return ("iso8859",), False


def decode(raw: bytes, charset: bytes | None) -> tuple[str, str | None]:
    """``raw`` as text, and the rule it breaks: text_undecodable, charset_unknown or None.

    Without a character set only ASCII is allowed; other bytes are read as UTF-8 if they are valid
    UTF-8 (which text in another encoding hardly ever is), else as Latin-1, which never fails.
    """
    if charset is None or not charset.strip(b"\\ "):
        if raw.isascii() and b"\x1b" not in raw:
            return raw.decode("ascii"), None
        return _guess(raw), "text_undecodable"
    simple = SIMPLE.get(charset)
    if simple is not None and b"\x1b" not in raw:
        try:
            return raw.decode(simple), None
        except UnicodeDecodeError:
            return _guess(raw), "text_undecodable"
    from pydicom.charset import decode_bytes

    names, known = encodings(charset)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            text = decode_bytes(raw, list(names), DELIMITERS).replace(ESCAPE_58, "")
            return text, None if known else "charset_unknown"
    except (UnicodeError, LookupError, ValueError, UserWarning):
        pass
    return _guess(raw), "text_undecodable" if known else "charset_unknown"


def _guess(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
