"""Kinds of element and their numbers: where an element stands, its tag, VR and creator.

The functional groups of a frame are a hundred elements, and an object may have ten thousand frames.
Keys of an item that is built like another one are numbered at once and kept as that one's, beside
the place where the item stands: a million of them cost what a few thousand would.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar, overload

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
T = TypeVar("T")

LATER_ITEM = re.compile(r"\[[1-9]\d*\]")


class Key(NamedTuple):
    """A kind of element."""

    scope: str  # "" or "00540016[0]." : what stands before the tag in a path
    tag: int
    vr: str
    creator: str | None = None
    field: str | None = None
    items: tuple[int, int] | None = None  # of a CSA field read in place: VM, number of items

    @property
    def path(self) -> str:
        """The path as DESIGN writes it: ``00540016[0].00181074``, ``00291010/B_value``."""
        path = f"{self.scope}{self.tag:08X}"
        return path if self.field is None else f"{path}/{self.field}"

    @property
    def is_creator(self) -> bool:
        """Whether it reserves a block of private elements (PS3.5 7.8.1)."""
        return bool(self.tag >> 16 & 1) and 0x10 <= self.tag & 0xFFFF <= 0xFF


class Inside:
    """The elements of an item, none of them twice; their scopes begin at the item."""

    __slots__ = ("elements", "kinds")

    def __init__(self, elements: list[Key]) -> None:
        self.elements = elements
        self.kinds: dict[str, list[int]] = {}
        """Which kinds they are, by the kind of item."""


class Run(NamedTuple):
    """Keys whose numbers follow each other, from ``first``.

    Each is one of ``elements`` behind ``scope``, the path of an item, or nothing where keys were
    numbered one by one. ``kinds`` run in parallel with the elements.
    """

    first: int
    scope: str
    elements: list[Key]
    kinds: list[int]


class Keys(Sequence[Key]):
    """Keys, each at its number: from 0 in the order they were met.

    Those that are like each other, differing only in the numbers of items that are not the first
    ones of their sequences, are of one kind.
    """

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self.runs: list[Run] = []
        self.examples: list[Key] = []
        """Of each kind the first key."""
        self._firsts: list[int] = []
        self._length = 0
        self._items: dict[str, Run | dict[tuple[object, ...], int]] = {}
        """Of items of the root's sequences, and of the root: the run they are, or, once a key was
        asked for by itself, the numbers of their keys, whose scopes begin at the item."""
        self._kind_of: dict[Key, int] = {}
        self._scopes: dict[str, str] = {}
        self._kinds = np.empty(0, dtype=np.int64)
        for key in keys:
            self.number(key)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, number: int) -> Key: ...
    @overload
    def __getitem__(self, number: slice) -> list[Key]: ...
    def __getitem__(self, number: int | slice) -> Key | list[Key]:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(self._length))]
        if not 0 <= number < self._length:
            raise IndexError(number)
        run = self.runs[bisect_right(self._firsts, number) - 1]
        element = run.elements[number - run.first]
        return element._replace(scope=run.scope + element.scope) if run.scope else element

    def __iter__(self) -> Iterator[Key]:
        for run in self.runs:
            for element in run.elements:
                yield element._replace(scope=run.scope + element.scope)

    def number(self, key: Key) -> int:
        """The number of ``key``, a new one if it was not met before."""
        item = item_of(key.scope)
        met = self._met(item)
        element = (key.scope[len(item) :], *key[1:]) if item else key
        number = met.get(element)
        if number is None:
            number = met[element] = self._new(key)
        return number

    def of_item(self, scope: str, inside: Inside) -> Sequence[int]:
        """The numbers of the elements of an item of one of the root's sequences."""
        if scope not in self._items:
            return self._new_item(scope, inside)
        met = self._met(scope)
        for key in inside.elements:
            if key not in met:
                met[key] = self._new(key._replace(scope=scope + key.scope))
        return [met[key] for key in inside.elements]

    def each(self, fact: Callable[[Key], T]) -> list[T]:
        """What ``fact`` says of every key.

        It is asked once for keys that are of one kind: by which later item they stand in must not
        matter to it.
        """
        said = np.fromiter(map(fact, self.examples), dtype=object, count=len(self.examples))
        found: list[T] = said[self.kinds].tolist()
        return found

    @property
    def kinds(self) -> Numbers:
        """Of each key which one of ``examples`` it is like."""
        if len(self._kinds) < self._length:
            known = [np.array(run.kinds, dtype=np.int64) for run in self.runs]
            self._kinds = np.concatenate(known)
        return self._kinds

    def _met(self, item: str) -> dict[tuple[object, ...], int]:
        """The numbers of the keys in an item, by what they are there."""
        known = self._items.get(item)
        if isinstance(known, dict):
            return known
        run = known.elements if known else ()
        first = known.first if known else 0
        met: dict[tuple[object, ...], int] = {key: first + n for n, key in enumerate(run)}
        self._items[item] = met
        return met

    def _new(self, key: Key) -> int:
        if not self.runs or self.runs[-1].scope:
            self._begin("", [], [])
        last = self.runs[-1]
        last.elements.append(key)
        last.kinds.append(self._kind(key))
        self._length += 1
        return self._length - 1

    def _new_item(self, scope: str, inside: Inside) -> Sequence[int]:
        kind = LATER_ITEM.sub("[1]", scope)
        kinds = inside.kinds.get(kind)
        if kinds is None:
            keys = (key._replace(scope=scope + key.scope) for key in inside.elements)
            kinds = inside.kinds[kind] = [self._kind(key) for key in keys]
        run = self._items[scope] = self._begin(scope, inside.elements, kinds)
        self._length += len(inside.elements)
        return range(run.first, self._length)

    def _begin(self, scope: str, elements: list[Key], kinds: list[int]) -> Run:
        run = Run(self._length, scope, elements, kinds)
        self.runs.append(run)
        self._firsts.append(run.first)
        return run

    def _kind(self, key: Key) -> int:
        scope = self._scopes.get(key.scope)
        if scope is None:
            scope = self._scopes[key.scope] = LATER_ITEM.sub("[1]", key.scope)
        like = key if scope == key.scope else key._replace(scope=scope)
        kind = self._kind_of.setdefault(like, len(self.examples))
        if kind == len(self.examples):
            self.examples.append(key)
        return kind


def item_of(scope: str) -> str:
    """The item of one of the root's sequences that a scope is in, or nothing for the root."""
    return scope[: scope.find("].") + 2] if scope else ""
