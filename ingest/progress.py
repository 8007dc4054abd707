"""What an ingest tells while it works and when it has ended, in three voices.

Bars and a table for a person at a terminal, a line every few seconds where there is none, and JSON
lines for programs. All say the same numbers; no file's path is among them.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Protocol

from ingest.visible import visible

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

    from ingest.exits import Exit
    from ingest.records import Progress, Summary

OUTCOMES = {
    "ok": "became instances",
    "duplicate": "hold an instance that is already there",
    "not_dicom": "are not DICOM, or a DICOMDIR",
    "error": "could not be read",
    "unchanged": "were read before and have not changed",
}
PLAIN_SECONDS = 5.0
JSON_SECONDS = 0.5


def adds_up(counts: Progress | Summary) -> bool:
    """Whether every file that was seen has exactly one outcome."""
    outcomes: list[int] = [getattr(counts, outcome) for outcome in OUTCOMES]
    return counts.seen == sum(outcomes)


def files_per_second(progress: Progress | Summary) -> float:
    """Files with an outcome per second, so far."""
    return progress.seen / progress.seconds if progress.seconds > 0 else 0.0


def seconds_left(progress: Progress) -> float | None:
    """How long the files that are still to be read will take; None while that is not known."""
    read = progress.seen - progress.unchanged
    if progress.planning or read <= 0 or progress.seconds <= 0:
        return None
    return max(progress.planned - read, 0) * progress.seconds / read


class Voice(Protocol):
    """Tells of one ingest: `start` once, `progress` often, then `finish` or `fail` once."""

    def start(self, databank: str, sources: int) -> None: ...
    def progress(self, progress: Progress) -> None: ...
    def notice(self, sentence: str) -> None: ...
    def finish(self, summary: Summary, code: Exit) -> None: ...
    def fail(self, sentence: str, code: Exit) -> None: ...


def voice(as_json: bool) -> Voice:
    """The voice for where the output goes."""
    if as_json:
        return JsonLines(sys.stdout)
    return Terminal() if sys.stderr.isatty() else Lines()


class JsonLines:
    """One JSON object a line on stdout, told apart by `event`.

    start {databank, sources}, progress {counts, planned, planning, seconds, bytes}, notice
    {message}, finish {counts, seconds, bytes, run_id, state, databank, troubles, adds_up, exit},
    fail {message, exit}. The last line is a finish or a fail.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._next = 0.0

    def start(self, databank: str, sources: int) -> None:
        self._say("start", {"databank": databank, "sources": sources})

    def progress(self, progress: Progress) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + JSON_SECONDS
            pace = {"planned": progress.planned, "planning": progress.planning}
            self._say("progress", {**_numbers(progress), **pace})

    def notice(self, sentence: str) -> None:
        self._say("notice", {"message": sentence})

    def finish(self, summary: Summary, code: Exit) -> None:
        self._say(
            "finish",
            {
                **_numbers(summary),
                "run_id": summary.run_id,
                "state": summary.state,
                "databank": str(summary.root),
                "troubles": list(summary.troubles),
                "adds_up": adds_up(summary),
                "exit": int(code),
            },
        )

    def fail(self, sentence: str, code: Exit) -> None:
        self._say("fail", {"message": sentence, "exit": int(code)})

    def _say(self, event: str, values: Mapping[str, object]) -> None:
        self._file.write(json.dumps({"event": event, **values}) + "\n")  # whole, as threads write
        self._file.flush()


class Lines:
    """Plain lines on stderr, one every few seconds; the summary on stdout."""

    def __init__(self) -> None:
        self._next = time.monotonic() + PLAIN_SECONDS

    def start(self, databank: str, sources: int) -> None:
        self.notice(f"Ingesting into {databank}.")

    def progress(self, progress: Progress) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + PLAIN_SECONDS
            self.notice(sentence(progress))

    def notice(self, sentence: str) -> None:
        print(visible(sentence), file=sys.stderr, flush=True)

    def finish(self, summary: Summary, code: Exit) -> None:
        print("\n".join(_told(summary)))
        _tell_troubles(summary, self)

    def fail(self, sentence: str, code: Exit) -> None:
        self.notice(f"Error: {sentence}")


class Terminal:
    """A bar on stderr that goes when it is full; the summary on stdout."""

    def __init__(self) -> None:
        from rich.console import Console  # 0.1 s, for people only

        self._console = Console(stderr=True, highlight=False)
        self._bars: Bars | None = None

    def start(self, databank: str, sources: int) -> None:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        self._console.print(f"Ingesting into {visible(databank)}", markup=False)
        self._bars = Progress(
            SpinnerColumn(), BarColumn(bar_width=30), TextColumn("{task.description}"),
            console=self._console, transient=True,
        )  # fmt: skip
        self._bars.add_task("looking for files", total=None)
        self._bars.start()

    def progress(self, progress: Progress) -> None:
        if self._bars is not None:
            self._bars.update(
                self._bars.task_ids[0],
                description=sentence(progress),
                total=None if progress.planning else max(progress.planned, 1),
                completed=progress.seen - progress.unchanged,
            )

    def notice(self, sentence: str) -> None:
        self._console.print(visible(sentence), markup=False)

    def finish(self, summary: Summary, code: Exit) -> None:
        from rich.console import Console

        self._stop()
        *outcomes, last = _told(summary)
        told = Console(highlight=False, markup=False, emoji=False)
        told.print("\n".join(outcomes))
        told.print(last, style="bold")
        _tell_troubles(summary, self)

    def fail(self, sentence: str, code: Exit) -> None:
        self._stop()
        self._console.print(f"Error: {visible(sentence)}", style="red", markup=False)

    def _stop(self) -> None:
        if self._bars is not None:
            self._bars.stop()


def sentence(progress: Progress) -> str:
    """The state of an ingest on one line."""
    more = "+" if progress.planning else ""
    told = [
        f"{progress.seen:,} of {progress.planned + progress.unchanged:,}{more} files",
        f"{files_per_second(progress):,.0f} files/s",
        f"{progress.error:,} errors",
    ]
    left = seconds_left(progress)
    if left is not None:
        told.append(f"{_duration(left)} left")
    return ", ".join(told)


def _told(summary: Summary) -> list[str]:
    """The summary as the lines of a table, the sum at its end."""
    pace = f"{_duration(summary.seconds)}, {files_per_second(summary):,.0f} files/s"
    rows = [(f"{getattr(summary, name):,}", name, means) for name, means in OUTCOMES.items()]
    rows = [("files", "outcome", ""), *rows]
    rows.append((f"{summary.seen:,}", "seen", f"{summary.state} in {pace}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        f"{files:>{widths[0]}}  {outcome:{widths[1]}}  {means}".rstrip()
        for files, outcome, means in rows
    ]


def _tell_troubles(summary: Summary, voice: Voice) -> None:
    for trouble in summary.troubles:
        voice.notice(trouble)
    if not adds_up(summary):
        voice.notice("Error: the outcomes do not add up to the files seen; please report this.")


def _numbers(counts: Progress | Summary) -> dict[str, object]:
    names = ("seen", *OUTCOMES, "seconds", "bytes")
    return {name: getattr(counts, name) for name in names}


def _duration(seconds: float) -> str:
    """`12.3 s`, `4:05`, `3:07:09`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
