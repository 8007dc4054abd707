"""What the ingest of a job tells, written into the folder of the job for whoever looks.

How far it is stands in a file of its own, which is replaced, so a night's work does not leave a
long list of numbers; the rest is a JSON line for each event. A disk that is full of the lake has no
room for words either: what cannot be written is not, and the ingest goes on to say so itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from app.jobs import record
from ingest.lake.errors import DatabankBusy

if TYPE_CHECKING:
    from ingest.exits import Exit
    from ingest.records import Progress, Summary

EVERY_SECONDS = 0.5
MOST_NOTICES = 2**20
"""Bytes of sentences about sources; further ones say the same of others."""


class FolderVoice:
    """The voice of ``ingest.progress`` that writes into a folder.

    ``busy`` says that the ingest was refused since another process writes to the databank: that is
    not told, as the job will try again. ``failed`` says that it has told why it failed.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._next = 0.0
        self._noticed = 0
        self.busy = self.failed = False

    def start(self, databank: str, sources: int) -> None:
        """An ingest begins, for the first time or after it was refused."""
        self.busy = False

    def progress(self, progress: Progress) -> None:
        """How far it is; told twice a second."""
        if time.monotonic() < self._next:
            return
        if not self._next:
            self.event("start")
        self._next = time.monotonic() + EVERY_SECONDS
        new = self._place / f".{record.PROGRESS}.new"
        with suppress(OSError):  # Windows refuses while somebody reads: half a second later then
            new.write_text(json.dumps(asdict(progress)), "utf-8")
            new.replace(self._place / record.PROGRESS)

    def notice(self, sentence: str) -> None:
        """Something that a person should know of."""
        self._noticed += len(sentence)
        if self._noticed <= MOST_NOTICES:
            self.event("notice", message=sentence)

    def finish(self, summary: Summary, code: Exit) -> None:
        """It has ended, with these numbers."""
        numbers = {name: value for name, value in asdict(summary).items() if name != "root"}
        self.event("finish", exit=int(code), **numbers)

    def fail(self, sentence: str, code: Exit) -> None:
        """It did not come to an end."""
        if sentence == DatabankBusy.sentence:
            self.busy = True
        elif int(code) == 130:
            self.event("stopped")
        else:
            self.failed = True
            self.event("fail", message=sentence, exit=int(code))

    def event(self, event: str, **values: object) -> None:
        """Write down one event."""
        line: Mapping[str, object] = {"event": event, **values}
        with suppress(OSError), open(self._place / record.EVENTS, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
