"""The records that every decoder shares, and the bounds on what one payload may become.

A decoder is data (who owns the element, which element, which function, on whose word) around one
pure function of bytes. The bounds stand here and not in each decoder, so that a payload made to
grow cannot find the one decoder that forgot them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

# The largest real protocol of the test data has 2,585 pairs and 142,000 characters.
MAX_FIELDS = 50_000
MAX_TEXT = 16 * 1024 * 1024


class Field(NamedTuple):
    """One value inside a payload: its own name, its VR and its text as DICOM would print it.

    Several values are joined with a backslash. The number of a numeric field is derived later
    from the text.
    """

    name: str
    vr: str
    text: str


class Decoded(NamedTuple):
    """What could be read of a payload, and why the rest could not (never with payload text)."""

    fields: tuple[Field, ...]
    problem: str | None


@dataclass(frozen=True)
class Decoder:
    """One private element with a meaning.

    `creator` has to match the whole creator, stripped. `offset` is the low byte of the element
    number, so a block at 0x11 works like one at 0x10. `decode` takes the element's value and never
    raises. `reference` says where the layout is described.
    """

    name: str
    creator: re.Pattern[str]
    group: int
    offset: int
    decode: Callable[[bytes], Decoded]
    reference: str


def bounded(fields: Iterable[Field], problem: str | None = None) -> Decoded:
    """The fields as a result, cut at MAX_FIELDS fields or MAX_TEXT characters with a problem."""
    kept: list[Field] = []
    room = MAX_TEXT
    for field in fields:
        room -= len(field.name) + len(field.text)
        if room < 0:
            return Decoded(tuple(kept), f"cut: the text is longer than {MAX_TEXT} characters")
        if len(kept) == MAX_FIELDS:
            return Decoded(tuple(kept), f"cut: more than {MAX_FIELDS} fields")
        kept.append(field)
    return Decoded(tuple(kept), problem)
