"""XML from a header, flattened to its leaves without trusting it.

A document type declaration is refused, and with it every entity of the document's own: nothing can
expand, nothing can be fetched. What is left is bounded in size, depth and number of leaves.
"""

from __future__ import annotations

from typing import NamedTuple
from xml.parsers import expat

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 32
MAX_LEAVES = 20_000


class Leaf(NamedTuple):
    """An element (or attribute, `@name`) with text of its own, and the names on the way to it."""

    path: tuple[str, ...]
    text: str


class _RefusedError(Exception):
    """The document does something that no vendor's report needs."""


class _Flattener:
    """The handlers of one parse: a stack of names, a stack of texts, the leaves so far."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self._names: list[str] = []
        self._texts: list[list[str]] = []
        self._is_leaf: list[bool] = []

    def refuse(self, *_: object) -> None:
        raise _RefusedError("it has a document type declaration")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._names) == MAX_DEPTH:
            raise _RefusedError(f"it is nested deeper than {MAX_DEPTH}")
        if self._is_leaf:
            self._is_leaf[-1] = False
        self._names.append(name)
        self._texts.append([])
        self._is_leaf.append(True)
        for key, text in attributes.items():
            self._add(Leaf((*self._names, "@" + key), text.strip()))

    def text(self, text: str) -> None:
        self._texts[-1].append(text)

    def end(self, _: str) -> None:
        text = "".join(self._texts.pop()).strip()
        if self._is_leaf.pop() or text:
            self._add(Leaf(tuple(self._names), text))
        self._names.pop()

    def _add(self, leaf: Leaf) -> None:
        if len(self.leaves) == MAX_LEAVES:
            raise _RefusedError(f"it has more than {MAX_LEAVES} values")
        self.leaves.append(leaf)


def leaves(data: bytes) -> tuple[list[Leaf], str | None]:
    """The leaves of an XML document in order; those before a fault, and what was wrong."""
    data = data.strip(b"\0 \t\r\n")
    if len(data) > MAX_BYTES:
        return [], f"XML: longer than {MAX_BYTES} bytes"
    found = _Flattener()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = found.refuse
    parser.EntityDeclHandler = found.refuse
    parser.StartElementHandler = found.start
    parser.CharacterDataHandler = found.text
    parser.EndElementHandler = found.end
    try:
        parser.Parse(data, True)
    except _RefusedError as refused:
        return found.leaves, f"XML: {refused}"
    except expat.ExpatError as fault:
        return found.leaves, f"XML: not well-formed (expat code {fault.code})"
    except (LookupError, ValueError):
        return found.leaves, "XML: the encoding it declares is not known"
    return found.leaves, None
