"""Which columns an element feeds: the ``source`` notation of the schema, turned into look-ups."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from ingest.flatten.computed import AS_TEXT
from ingest.header.keys import LATER_ITEM, Key
from ingest.schema import ATTRIBUTES, TABLES, Column

SHARED, PER_FRAME = "52009229[0].", "52009230["
GROUPS = (SHARED, PER_FRAME)
PRIVATE = re.compile(r"\(([0-9A-F]{4}),xx([0-9A-F]{2})\) (.+)")


class Feed(NamedTuple):
    """A column that an element may fill, and how good a source it is (0 is best)."""

    column: str
    priority: int


class Places(NamedTuple):
    """The look-ups for the columns of one table."""

    elements: dict[tuple[str, int], list[Feed]]  # scope ("FG:..." in a functional group) and tag
    fields: dict[str, list[Feed]]  # name of a decoded field
    private: dict[tuple[int, int, str], list[Feed]]  # group, offset, creator in upper case

    def tags(self) -> frozenset[int]:
        """The tags that may feed a column, of private elements without their block.

        Most keys have another one, and need not be looked at further.
        """
        public = {tag for _, tag in self.elements}
        return frozenset(public | {group << 16 | offset for group, offset, _ in self.private})


def places(columns: Iterable[Column]) -> Places:
    """The look-ups for columns whose sources are elements; other sources are left out."""
    found = Places({}, {}, {})
    for column in columns:
        for priority, source in enumerate(column.source):
            feed = Feed(column.name, priority)
            private = PRIVATE.fullmatch(source)
            if private:
                where = (int(private[1], 16), int(private[2], 16), private[3].upper())
                found.private.setdefault(where, []).append(feed)
            elif source.startswith("CSA "):
                found.fields.setdefault(source[4:], []).append(feed)
            elif source.startswith("FG "):
                found.elements.setdefault(_element(source[3:], "FG:"), []).append(feed)
            else:
                found.elements.setdefault(_element(source, ""), []).append(feed)
    return found


def _element(path: str, prefix: str) -> tuple[str, int]:
    *sequences, last = path.split("/")
    return prefix + "".join(f"{tag}[0]." for tag in sequences), int(last, 16)


def without_block(tag: int) -> int:
    """A private tag without the block its creator happened to reserve; any other as it is."""
    return tag & 0xFFFF00FF if tag >> 16 & 1 else tag


ATTRIBUTE_PLACES = places((*ATTRIBUTES, *AS_TEXT))
FRAME_PLACES = places(
    column for column in TABLES["frames"].columns if "".join(column.source).startswith("FG ")
)


@lru_cache(maxsize=1 << 17)
def attributes_of(key: Key) -> tuple[Feed, ...]:
    """The columns of ``instances`` that an element of this key may fill."""
    return feeds(key, ATTRIBUTE_PLACES)


def feeds(key: Key, places: Places) -> tuple[Feed, ...]:
    """The columns of ``places`` that an element of this key may fill.

    Of a sequence the first item counts; of the functional groups the first frame's, then the
    shared ones.
    """
    scope = key.scope
    if scope.startswith(SHARED):
        scope = "FG:" + scope[len(SHARED) :]
    elif scope.startswith(PER_FRAME + "0]."):
        scope = "FG:" + scope[len(PER_FRAME) + 3 :]
    if LATER_ITEM.search(scope):
        return ()
    if key.field is not None:
        return tuple(places.fields.get(key.field, ()))
    if key.tag >> 16 & 1:
        where = (key.tag >> 16, key.tag & 0xFF, (key.creator or "").upper())
        return tuple(places.private.get(where, ()))
    return tuple(places.elements.get((scope, key.tag), ()))


@lru_cache(maxsize=1 << 17)
def frame_columns_of(key: Key) -> tuple[Feed, ...]:
    """The columns of ``frames`` that an element of this key may fill, of whatever frame."""
    if key.field is not None or not key.scope.startswith(GROUPS):
        return ()
    scope = key.scope[key.scope.index("].") + 2 :]
    return tuple(FRAME_PLACES.elements.get((f"FG:{scope}", key.tag), ()))
