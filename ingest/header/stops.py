"""Why the reader of a data set stops before its end."""

from __future__ import annotations


class Irregular(Exception):
    """The header is encoded in a way the fast reader leaves to pydicom."""


class TooLong(Exception):
    """A value from ``start`` to ``stop`` is too long to be held; ``unknown`` says if its VR is."""

    def __init__(self, start: int, stop: int, *, unknown: bool) -> None:
        super().__init__(start, stop)
        self.start, self.stop, self.unknown = start, stop, unknown


class NeedMore(Exception):
    """The buffer ends before the header does; ``offset`` bytes are needed at least."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Truncated(Exception):
    """The file ends inside the header."""


class TooMany(Exception):
    """The header has more elements than can be held; ``most`` says how many can be."""

    def __init__(self, most: str) -> None:
        super().__init__(most)
        self.most = most
