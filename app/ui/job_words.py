"""What went wrong with a job, in the language of the view, without paths while those are hidden.

An ingest speaks English, as it also works without an app. Its sentences are few and known; one that
is not is shown as it is. A sentence about a source begins with its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.i18n import Texts
from app.jobs import Job
from ingest.lake import errors
from ingest.lake.errors import LakeError

SHOWN = 5
"""Sentences about sources with their paths; of further ones only how many."""
SILENT = ("Finishing: ", "Interrupted", "Nothing could be ingested: ", "No source could be opened.")
"""The state of the job and its numbers say this, or the sentences about each source."""

LAKE = {
    kind.sentence: f"error.{name}"
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, LakeError)
}
SENTENCES = (
    (re.compile(r"The source cannot be opened: (?P<why>.+)\."), "job.not_opened"),
    (re.compile(r"The databank cannot be written: (?P<why>.+)\."), "job.not_written"),
    (re.compile(r"Taglake stopped on an error of its own \((?P<why>\w+)\)\."), "job.own_error"),
    (re.compile(r"The processes that read files cannot be started\."), "job.no_processes"),
    (re.compile(r"Nothing is left to be read again\."), "job.nothing_left"),
)
WHY = {
    "no such file or directory": "job.why_missing", "permission denied": "job.why_permission",
    "operation not permitted": "job.why_permission", "the disk is full": "job.why_full",
    "no space left on device": "job.why_full", "the disk quota is used up": "job.why_quota",
    "the file system is read-only": "job.why_read_only", "not a directory": "job.why_missing",
    "the disk reports an error": "job.why_disk", "input/output error": "job.why_disk",
}  # fmt: skip


def messages(t: Texts, job: Job, identifiers: bool) -> list[str]:
    """The sentences of a job; without ``identifiers`` those about sources only count them."""
    plain, about = [], list(_about_sources(t, job))
    for message in job.messages:
        if not _of_source(message) and not message.startswith(SILENT):
            plain.append(sentence(t, message))
    if not identifiers:
        counts = {said: sum(1 for _, other in about if other == said) for _, said in about}
        return [f"{t.count('sources', n)}: {said}" for said, n in counts.items()] + plain
    named = [f"{path}: {said}" for path, said in about]
    more = [t("ingest.and_more", n=t.number(len(named) - SHOWN))] if len(named) > SHOWN else []
    return named[:SHOWN] + more + plain


def sentence(t: Texts, message: str) -> str:
    """One sentence of an ingest in the language of the texts."""
    if message in LAKE:
        return t.find(LAKE[message], message)
    for pattern, key in SENTENCES:
        if match := pattern.fullmatch(message):
            why = match.groupdict().get("why")
            return t(key, why=_why(t, why)) if why else t(key)
    return message


def _why(t: Texts, why: str) -> str:
    key = WHY.get(why.casefold())
    return t(key) if key else why


def _about_sources(t: Texts, job: Job) -> Iterator[tuple[str, str]]:
    for message in job.messages:
        if found := _of_source(message):
            yield found[0], sentence(t, found[1])


def _of_source(message: str) -> tuple[str, str] | None:
    """The path and the sentence of a message about a source."""
    path, colon, said = message.rpartition(": The source cannot be opened: ")
    return (path, colon.removeprefix(": ") + said) if colon and path else None
