"""Text and numbers in payloads that declare no character set.

Vendor payloads are C strings in whatever encoding the scanner's computer used. UTF-8 is tried
first because Latin-1 text with an accent is practically never valid UTF-8, and Latin-1 second
because it never fails.
"""

from __future__ import annotations

import re

# A plain decimal number: no NaN, infinity or digit separators, which Python's float() would take,
# and no more digits than a number needs.
NUMBER = r"[-+]?(?:[0-9]{1,32}\.?[0-9]{0,32}|\.[0-9]{1,32})(?:[eE][-+]?[0-9]{1,4})?"
_NUMBER = re.compile(NUMBER)


def text_of(raw: bytes) -> str:
    """The C string at the start of `raw`: up to the first NUL, without trailing white space."""
    raw = raw.partition(b"\0")[0].rstrip()
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def is_number(text: str) -> bool:
    """Whether `text` is a plain decimal number as DICOM's DS and IS would allow it."""
    return _NUMBER.fullmatch(text) is not None


def vr_of(text: str) -> str:
    """DS for a number, LO for anything else (the payload itself declares no VR)."""
    return "DS" if is_number(text) else "LO"


def joined(values: list[str]) -> str:
    """Several values as DICOM prints them, without the empty ones at the end (changes `values`)."""
    while values and not values[-1]:
        values.pop()
    return "\\".join(values)
