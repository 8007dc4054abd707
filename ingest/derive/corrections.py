"""Classes of MR series that people corrected by hand: who, when, why; kept beside the lake.

A correction is no row of the lake but a decision about some, so it is apart from what is derived,
and each derivation applies it again.  Decisions are only ever added: the latest about a series
counts, and one without a class takes the correction back.  The file is under ``phi``, since a
reason is free text.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from filelock import FileLock, Timeout

from ingest.lake import layout
from ingest.lake.durable import replace_file
from ingest.lake.errors import DatabankBusy, LakeError, writing

FILE = "mr_corrections.json"
"""Name of the file in the folder ``phi`` of a databank."""
LOCK = "mr_corrections.lock"
SECONDS = 10.0
"""How long to wait for somebody who corrects at the same moment."""
MAX_BYTES = 256 << 20
MAX_TEXT = 2000
CLASS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_* +-]{0,63}", re.ASCII)
FORMAT = 1
NO_CLASS = f"A correction in {FILE} has a class whose name is not possible."
SCHEMA = {
    "SeriesInstanceUID": pl.String(), "volume_kind": pl.String(), "correctedClass": pl.String(),
    "corrected_when": pl.Datetime("us", "UTC"), "corrected_by": pl.String(),
    "corrected_why": pl.String(),
}  # fmt: skip


class CorrectionsInvalid(LakeError):
    """The databank's file of corrections cannot be used, or a correction is not possible."""

    sentence = "The corrections of MR classes in the databank cannot be read."


class Corrected(NamedTuple):
    """What a decision is about: a series, or with ``kind`` one kind of volume of it."""

    series: str
    kind: str | None = None


class Decision(NamedTuple):
    """Somebody's decision about some series; without ``wanted`` earlier ones are taken back."""

    wanted: str | None
    who: str
    when: datetime
    why: str
    about: tuple[Corrected, ...]


def read(root: Path) -> tuple[Decision, ...]:
    """All decisions of a databank, the latest last; raises CorrectionsInvalid."""
    path = root / layout.PHI / FILE
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CorrectionsInvalid
        content = json.loads(path.read_bytes())
        if content["format"] != FORMAT:
            raise CorrectionsInvalid("The corrections of MR classes are of a newer Taglake.")
        return tuple(map(_decision, content["decisions"]))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CorrectionsInvalid from None


def add(
    root: Path, about: Iterable[Corrected], wanted: str | None, *, who: str, why: str,
    when: datetime | None = None,
) -> Decision:  # fmt: skip
    """Decide about some series, which the next derivation follows; returns the decision.

    Raises CorrectionsInvalid, DatabankBusy or DatabankNotWritable, and then nothing was changed.
    """
    targets = tuple(dict.fromkeys(about))
    wanted = wanted.strip() if wanted else None
    if not targets:
        raise CorrectionsInvalid("No series was chosen.")
    if wanted and not CLASS.fullmatch(wanted):
        raise CorrectionsInvalid("This is not a possible name of a class.")
    if not who.strip() or not why.strip():
        raise CorrectionsInvalid("Say who you are and why the class is another one.")
    made = Decision(wanted, _plain(who), when or datetime.now(UTC), _plain(why), targets)
    with writing():
        lock = FileLock(root / layout.PHI / LOCK, thread_local=False)
        try:
            lock.acquire(timeout=SECONDS)
        except Timeout:
            raise DatabankBusy from None
    try:
        decisions = [*read(root), made]
        content = {"format": FORMAT, "decisions": [_record(one) for one in decisions]}
        with writing():
            path = root / layout.PHI / FILE
            replace_file(path, json.dumps(content, ensure_ascii=False, indent=1).encode())
    finally:
        lock.release()
    return made


def standing(decisions: Iterable[Decision]) -> pl.DataFrame:
    """The corrections that count, a row for each series and kind (NULL: all its kinds): SCHEMA."""
    latest: dict[str, dict[str | None, Decision]] = {}
    for decision in decisions:
        for series, kind in decision.about:
            if kind is None:  # about the whole series: takes the place of those of its kinds
                latest[series] = {None: decision}
            else:
                latest.setdefault(series, {})[kind] = decision
    rows = [
        (series, kind, made.wanted, made.when, made.who, made.why)
        for series, kinds in sorted(latest.items())
        for kind, made in sorted(kinds.items(), key=lambda item: item[0] or "")
        if made.wanted or kind
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def digest(root: Path) -> str:
    """Changes with the file; "" without one."""
    try:
        return hashlib.sha256((root / layout.PHI / FILE).read_bytes()).hexdigest()[:16]
    except OSError:
        return ""


def _plain(text: str) -> str:
    """Text that can be kept: characters that Unicode has, and not too many."""
    return text.strip()[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")


def _decision(record: dict[str, Any]) -> Decision:
    wanted, who, why = record["sequenceClass"], record["who"], record["why"]
    if not (isinstance(wanted, str | None) and isinstance(who, str) and isinstance(why, str)):
        raise ValueError
    if wanted is not None and not CLASS.fullmatch(wanted):
        raise CorrectionsInvalid(NO_CLASS)
    when = datetime.fromisoformat(record["when"]).astimezone(UTC)
    return Decision(wanted, who, when, why, tuple(map(_about, record["series"])))


def _about(record: str | list[str]) -> Corrected:
    parts = [record] if isinstance(record, str) else record
    if not (1 <= len(parts) <= 2) or not all(isinstance(part, str) for part in parts):
        raise ValueError
    return Corrected(*parts)


def _record(decision: Decision) -> dict[str, object]:
    return {
        "sequenceClass": decision.wanted,
        "who": decision.who,
        "when": decision.when.isoformat(),
        "why": decision.why,
        "series": _series(decision.about),
    }


def _series(about: Collection[Corrected]) -> list[str | list[str]]:
    return [one.series if one.kind is None else [one.series, one.kind] for one in about]
