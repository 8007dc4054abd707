"""Text and colours in SVG: Plotly's little HTML becomes text again, and nothing becomes markup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any
from unicodedata import east_asian_width

SIZE = 11.0
"""Of letters, in units of the picture."""
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<br ?/?>")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|rgba?\([0-9., %]+\)|[a-z]{3,20}")
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def plain(text: object) -> str:
    """What Plotly would show, as text: without tags, with characters for references."""
    return unescape(_TAG.sub("", _BREAK.sub(" ", str(text))))


def safe(text: str) -> str:
    """Text for HTML and SVG; what can't be in a file of text is replaced."""
    return escape(_NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text), quote=True)


def width(text: str) -> float:
    """About how wide a text is; wide characters of East Asia take twice as much."""
    return SIZE * sum(
        1.0 if east_asian_width(c) in "WF" else 0.74 if c.isupper() else 0.6 for c in text
    )


def cut(text: str, room: float) -> str:
    """As much of a text as there is room for."""
    if width(text) <= room:
        return text
    while text and width(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"


def colour(value: Any, names: Mapping[str, str], default: str = "var(--c0)") -> str:
    """A colour of a figure in CSS: those of the palette by the name that the theme gives them."""
    if not isinstance(value, str):
        return default
    if value.lower() in names:
        return names[value.lower()]
    return value if _COLOUR.fullmatch(value) else default


def number(value: float) -> str:
    """A coordinate: two decimals are a twentieth of what an eye can see."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
