"""What was made lately and may be asked for again: the latest values, up to a summed weight."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The latest values, up to ``limit`` in summed weight; may be used by threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._weight = 0
        self._values: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def made(self, key: Hashable, make: Callable[[], T], weigh: Callable[[T], int]) -> T:
        """The value of ``key``, made if there is none.

        Who asks for what another thread is making waits for that: twenty people who open the same
        page at once cost as much as one.
        """
        found = self.get(key)
        if found is not None:
            return found
        with self._lock:
            turn = self._making.setdefault(key, threading.Lock())
        try:
            with turn:
                found = self.get(key)
                if found is None:
                    found = make()
                    self.put(key, found, weigh(found))
                return found
        finally:
            with self._lock:
                self._making.pop(key, None)

    def get(self, key: Hashable) -> T | None:
        """The value of ``key``, or None."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: Hashable, value: T, weight: int) -> None:
        """Keep ``value``, unless it weighs more than a quarter of all that may be kept."""
        if weight * 4 > self._limit:
            return
        with self._lock:
            self._weight += weight - self._values.get(key, (None, 0))[1]
            self._values[key] = (value, weight)
            self._values.move_to_end(key)
            while self._weight > self._limit:
                _, (_, dropped) = self._values.popitem(last=False)
                self._weight -= dropped
