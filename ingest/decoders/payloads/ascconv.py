"""The ASCCONV block of Siemens' protocol text: lines of `key = value`.

The block is what the sequence was run with, and the only part of the protocol with stable keys;
the XProtocol tree around it is not read. Strings stand in one pair of quotes, or in doubled ones
where the block itself stands in a quoted string of an XProtocol; a quote inside is doubled.
Numbers may be hexadecimal and may be followed by a comment (`0x69    # 'i'`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ingest.decoders.payloads.plain import NUMBER, is_number
from ingest.decoders.records import Field

_BEGIN = "### ASCCONV BEGIN"
_END = "### ASCCONV END"
# Key, then a bare number (most lines, so it is matched here) or anything else. The possessive
# quantifiers keep it linear on lines made to make it backtrack.
_LINE = re.compile(
    rf"[ \t]*+([A-Za-z_][\w.\[\]]{{0,255}}+)[ \t]*+=[ \t]*+(?:({NUMBER})[ \t\r]*+$|(.*))", re.ASCII
)
_SHORT = 256
"""Lines up to this length are remembered: five of six stand in another series, too."""
_COMMENT = re.compile(r"\s(?:#|//)")
_QUOTED_TWICE = re.compile(r'""(.*)""\s*(?:(?:#|//).*)?')
_QUOTED = re.compile(r'"(.*)"\s*(?:(?:#|//).*)?')
_HEX = re.compile(r"0[xX][0-9a-fA-F]{1,16}")


# Software up to VD writes the protocol's name in UTF-7 (`ax+AF8-asc` for `ax_asc`, seen on VB17 and
# VD13); VE11 and later write it plain. UTF-7 leaves only these characters as they are.
_UTF7 = re.compile(r"[A-Za-z0-9'(),\-./:? ]*(?:\+[A-Za-z0-9+/]*-[A-Za-z0-9'(),\-./:? ]*)+")
_UTF7_ESCAPE = re.compile(r"\+([A-Za-z0-9+/]*)-")
_LAST_LATIN = "\u024f"
_NAME_KEY = "tProtocolName"


def _unescape(escape: re.Match[str]) -> str:
    """One UTF-7 escape as text; ValueError if it is none, or none of a Latin script."""
    if not escape[1]:
        return "+"
    text = escape[0].encode("ascii").decode("utf-7")
    if any(c > _LAST_LATIN or (c.isalnum() and c.isascii()) for c in text):
        raise ValueError("a plus sign in plain text")
    return text


def plain_name(name: str) -> str:
    """The name of a protocol, its UTF-7 escapes undone if it has any and consists of nothing else.

    Escapes of non-Latin scripts are left, as `+MRA-` in a plain name is one as well.
    """
    if "+" not in name or len(name) > 256 or not _UTF7.fullmatch(name):
        return name
    try:
        return _UTF7_ESCAPE.sub(_unescape, name)
    except ValueError:
        return name


def has_block(text: str) -> bool:
    """Whether `text` holds an ASCCONV block at all."""
    return _BEGIN in text


def blocks(text: str) -> Iterator[str]:
    """The lines between each BEGIN line and its END, or the end of a text that was cut."""
    pos = text.find(_BEGIN)
    while pos >= 0:
        first = text.find("\n", pos)
        if first < 0:
            return
        end = text.find(_END, first)
        yield text[first + 1 : end if end >= 0 else len(text)]
        pos = text.find(_BEGIN, end) if end >= 0 else -1


def value(raw: str) -> tuple[str, str]:
    """VR and text of what stands right of the equals sign: LO and the string, or DS and a number.

    Hexadecimal numbers become decimal ones, so that both kinds compare as numbers.
    """
    if raw.startswith('"'):
        twice = _QUOTED_TWICE.fullmatch(raw)
        if twice:
            return "LO", twice[1].replace('""', '"').replace('""', '"')
        once = _QUOTED.fullmatch(raw)
        return "LO", once[1].replace('""', '"') if once else raw
    comment = _COMMENT.search(raw)
    if comment:
        raw = raw[: comment.start()].rstrip()
    if is_number(raw):
        return "DS", raw
    if _HEX.fullmatch(raw):
        return "DS", str(int(raw, 16))
    return "LO", raw


def fields(text: str, prefix: str) -> Iterator[Field]:
    """The pairs of every block, named `prefix` + key with its indices; of equal keys the first."""
    seen: set[str] = set()
    for block in blocks(text):
        for line in block.split("\n"):
            found = _short_pair(prefix, line) if len(line) <= _SHORT else _pair(prefix, line)
            if found is not None and found.name not in seen:
                seen.add(found.name)
                yield found


def _pair(prefix: str, line: str) -> Field | None:
    match = _LINE.match(line)
    if match is None:
        return None
    key, number, other = match.groups()
    vr, shown = ("DS", number) if number else value(other.strip())
    if key == _NAME_KEY:
        shown = plain_name(shown)
    return Field(prefix + key, vr, shown)


_short_pair = lru_cache(maxsize=1 << 14)(_pair)


def problem(text: str) -> str | None:
    """Why the blocks of `text` are not complete, if they are not."""
    if text.count(_BEGIN) > text.count(_END):
        return "protocol: an ASCCONV block has no end"
    return None
