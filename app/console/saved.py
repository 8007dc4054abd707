"""Statements that people keep in a databank, for everybody who uses it.

A statement may name a patient, so what is saved while identifiers are shown lies under ``phi/`` and
is listed only while they are shown again; what is saved while they are hidden lies under ``open/``,
and the page says that it must name nobody. Two files of JSON, each replaced as a whole under a lock
of its own: an ingest, which may hold the databank's lock for hours, is not waited for.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from filelock import FileLock, Timeout

from app.statement import MAX_LENGTH
from ingest.lake import layout
from ingest.lake.durable import replace_file
from ingest.lake.layout import Side

FILE = "statements.json"
LOCK = "statements.lock"
MAX_NAME = 80
MAX_SAVED = 500
MAX_BYTES = 16 * 2**20
LOCK_SECONDS = 5.0


class Saved(NamedTuple):
    """A statement with its name; ``identifies`` says that it lies under ``phi/``."""

    name: str
    statement: str
    identifies: bool = False


class NotSaved(Exception):
    """Nothing was changed; ``why`` says the reason, as the texts ``saved.<why>`` do."""

    def __init__(self, why: Literal["name", "taken", "full", "long", "unwritable", "damaged"]):
        super().__init__(why)
        self.why = why


def load(root: Path, identifiers: bool) -> list[Saved]:
    """What is saved and may be seen, by name; raises NotSaved where a file is damaged."""
    sides = layout.SIDES if identifiers else (layout.OPEN,)
    found = [saved for side in sides for saved in _read(root, side)]
    return sorted(found, key=lambda saved: (saved.name.casefold(), saved.identifies))


def save(root: Path, saved: Saved, *, replace: bool = False) -> Saved:
    """Keep a statement; gives it with its name in normal form. Raises NotSaved.

    One of this name on the same side is replaced only where ``replace`` says so.
    """
    saved = saved._replace(name=_valid(saved.name), statement=saved.statement.strip())
    if not saved.statement or len(saved.statement) > MAX_LENGTH:
        raise NotSaved("long")
    side = _side(saved)
    with _writing(root, side):
        others = [old for old in _read(root, side) if old.name != saved.name]
        if not replace and len(others) < len(_read(root, side)):
            raise NotSaved("taken")
        if len(others) >= MAX_SAVED:
            raise NotSaved("full")
        _write(root, side, [*others, saved])
    return saved


def delete(root: Path, saved: Saved) -> None:
    """Forget a statement; nothing happens where it is not there. Raises NotSaved."""
    side = _side(saved)
    with _writing(root, side):
        kept = [old for old in _read(root, side) if old.name != saved.name]
        _write(root, side, kept)


def _side(saved: Saved) -> Side:
    return layout.PHI if saved.identifies else layout.OPEN


def _valid(name: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(name) <= MAX_NAME or any(unicodedata.category(c)[0] == "C" for c in name):
        raise NotSaved("name")
    return name


@contextmanager
def _writing(root: Path, side: Side) -> Iterator[None]:
    if not (root / side).is_dir():  # filelock would make it
        raise NotSaved("unwritable")
    try:
        with FileLock(root / side / LOCK, timeout=LOCK_SECONDS, thread_local=False):
            yield
    except (OSError, Timeout):  # Timeout is an OSError, said for the reader
        raise NotSaved("unwritable") from None


def _read(root: Path, side: Side) -> list[Saved]:
    try:
        with open(root / side / FILE, "rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise NotSaved("damaged")
        return [_entry(entry, side) for entry in json.loads(content)["statements"]]
    except FileNotFoundError:
        return []
    except OSError:
        raise NotSaved("damaged") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise NotSaved("damaged") from None


def _entry(entry: Any, side: Side) -> Saved:
    name, statement = entry["name"], entry["statement"]
    if not isinstance(name, str) or not isinstance(statement, str):
        raise TypeError
    return Saved(_valid(name), statement[:MAX_LENGTH], side == layout.PHI)


def _write(root: Path, side: Side, saved: list[Saved]) -> None:
    entries = [{"name": s.name, "statement": s.statement} for s in saved]
    content = json.dumps({"format": 1, "statements": entries}, indent=1, ensure_ascii=False)
    try:
        replace_file(root / side / FILE, content.encode() + b"\n")
    except UnicodeEncodeError:  # a lone surrogate
        raise NotSaved("name") from None
