"""A source that a person typed, checked before the job starts: is it there, may it be read?

Names of folders may hold quotes, spaces at their end and anything else, so what was typed is tried
as it is before it is taken for a quoted or padded path.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from ingest import sources
from ingest.lake import databank
from ingest.sources import SourceUnreachable

Why = Literal["missing", "unreadable", "irregular", "scheme", "inside"]
QUOTES = "\"'"


class NoSource(Exception):
    """What was typed cannot be ingested; ``why`` says why."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def found(typed: str) -> str:
    """The source that is meant: an absolute path, or ``scheme://...``; raises NoSource."""
    if "://" in typed and not os.path.lexists(typed):
        try:
            source = sources.resolve(typed.strip())
        except SourceUnreachable:
            raise NoSource("scheme") from None
        if source.scheme != "file":
            return typed.strip()
        typed = source.root
    path = next(filter(_is_there, _meant(typed)), None)
    if path is None:
        raise NoSource("missing")
    path = os.path.abspath(path)
    _check(path)
    return path


def _meant(typed: str) -> Iterator[str]:
    """What may be meant, in order of likelihood."""
    stripped = typed.strip()
    unquoted = stripped
    if len(stripped) > 1 and stripped[0] == stripped[-1] and stripped[0] in QUOTES:
        unquoted = stripped[1:-1]
    for text in dict.fromkeys((typed, stripped, unquoted)):
        if text:
            yield text
            yield os.path.expanduser(text)  # noqa: PTH111 (never raises)
            yield sources.restored(text)  # as paths are shown where they are not valid text


def _is_there(path: str) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:  # a NUL
        return False


def _check(path: str) -> None:
    """Raises NoSource where the path leads nowhere, may not be read, or is one of our own."""
    try:
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            os.scandir(path).close()
        elif stat.S_ISREG(mode):
            open(path, "rb").close()
        else:  # opening a FIFO would wait for ever
            raise NoSource("irregular")
    except FileNotFoundError:  # a link to nowhere
        raise NoSource("missing") from None
    except OSError:
        raise NoSource("unreadable") from None
    if Path(path).resolve().is_relative_to((databank.home() / "databanks").resolve()):
        raise NoSource("inside")
