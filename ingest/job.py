"""The ingest as a command: `taglake ingest` and `python -m ingest` are both this function.

It turns options into a call of the pipeline, signals into a stop that keeps what is committed, and
every way it can end into a sentence and an exit code. Heavy imports wait until they are needed.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from ingest import progress, sources
from ingest.exits import Exit, code_of
from ingest.lake.errors import BadName, LakeError
from ingest.listing import listed
from ingest.pool import started
from ingest.sources import Limits, SourceUnreachable

if TYPE_CHECKING:
    from ingest.records import Summary

LIMITS = Limits()
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
ARCHIVE_SUFFIX = re.compile(r"\.(zip|7z|tar|tgz|txz|tbz2?|tar\.(gz|xz|bz2|zst)|gz|dcm)$", re.I)
CAPS = "Caps for archives (each outermost archive, with all inside it)"


class Interrupted(Exception):
    """A signal came before the ingest began."""


def size(given: str | int) -> int:
    """Bytes from `500000`, `512M`, `2G` and the like, or the default; raises typer.BadParameter."""
    match = re.fullmatch(r"(\d+)\s*([KMGT]?)i?B?", str(given).strip(), re.IGNORECASE)
    if match is None:
        raise typer.BadParameter("not a size: write 500000, 512M or 2G")
    return int(match[1]) * UNITS[match[2].upper()]


def _none_is_empty(given: list[str]) -> list[str]:
    """An empty text would be the current folder; it is more likely a variable that is not set."""
    if "" in given:
        raise typer.BadParameter("a source is an empty text")
    return given


Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE...", help="Folders, files, ZIP, 7Z, TAR archives.", callback=_none_is_empty
    ),
]
MaxMembers = Annotated[int, typer.Option(min=1, help="Members.", rich_help_panel=CAPS)]
MaxBytes = Annotated[
    int, typer.Option(metavar="SIZE", parser=size, help="Unpacked bytes.", rich_help_panel=CAPS)
]
MaxRatio = Annotated[
    int, typer.Option(min=1, help="Unpacked to packed bytes.", rich_help_panel=CAPS)
]
MaxDepth = Annotated[
    int, typer.Option(min=1, help="Archives inside archives.", rich_help_panel=CAPS)
]


def limits(max_members: int, max_bytes: int, max_ratio: int, max_depth: int) -> Limits:
    """The caps as the sources take them; what has no option keeps its default."""
    return replace(
        LIMITS,
        max_members=max_members,
        max_bytes=max_bytes,
        max_ratio=max_ratio,
        max_depth=max_depth,
    )


def command(
    source: Sources,
    databank: Annotated[
        str,
        typer.Option(
            "--databank", "-d", metavar="NAME|PATH", help="Where to; otherwise the source's name."
        ),
    ] = "",
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 for one per core.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Also read what is unchanged.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Progress as JSON lines.")] = False,
    max_members: MaxMembers = LIMITS.max_members,
    max_bytes: MaxBytes = LIMITS.max_bytes,
    max_ratio: MaxRatio = LIMITS.max_ratio,
    max_depth: MaxDepth = LIMITS.max_depth,
) -> None:
    """Read DICOM files, folders and archives into a databank."""
    code = run(
        source,
        databank,
        workers=workers or None,
        force=force,
        caps=limits(max_members, max_bytes, max_ratio, max_depth),
        voice=progress.voice(as_json),
    )
    raise typer.Exit(code)


def run(
    given: Sequence[str],
    databank: str,
    *,
    workers: int | None,
    force: bool,
    caps: Limits,
    voice: progress.Voice,
) -> Exit:
    """Ingest the sources and tell `voice`; the exit code. `databank` may be empty: their name."""
    try:
        # before anything that takes time: the pipeline alone imports for half a second
        with stopping(voice.notice) as stop:
            reachable = _reachable(given, voice)
            name = databank or name_after(given[0])
            summary = _ingest(reachable, name, workers, force, caps, voice, stop)
    except (Interrupted, KeyboardInterrupt):
        voice.fail("Interrupted; what is committed is kept.", Exit.INTERRUPTED)
        return Exit.INTERRUPTED
    except (LakeError, SourceUnreachable) as error:
        voice.fail(str(error), code_of(error))
        return code_of(error)
    except BrokenPipeError:  # nobody reads the progress any more, nor what Python says at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return Exit.INTERRUPTED
    except Exception as error:
        voice.fail(
            f"Taglake stopped on an error of its own ({type(error).__name__}).", Exit.NOTHING
        )
        raise
    code = _code(summary, all_reached=len(reachable) == len(given) and not summary.unreachable)
    if code == Exit.NOTHING and summary.state == "done":
        voice.notice("Nothing could be ingested: no file that was seen is a DICOM instance.")
    voice.finish(summary, code)
    return code


def _ingest(
    reachable: Sequence[str],
    databank: str,
    workers: int | None,
    force: bool,
    caps: Limits,
    voice: progress.Voice,
    stop: threading.Event,
) -> Summary:
    """Ingest into the databank; raises Interrupted if `stop` is set before it begins."""
    from ingest.lake import databank as databanks

    root = databanks.path_of(databank)
    voice.start(str(root), len(reachable))
    # in a databank that is there nothing may have changed: then listing is what takes time
    reads = force or not databanks.exists(root)
    with started(workers, ahead=reads) as pool, listed(reachable, ahead=not reads) as walk:
        from ingest import pipeline

        if stop.is_set():
            raise Interrupted
        return pipeline.ingest(
            reachable, root, force=force, limits=caps, report=voice.progress, stop=stop, pool=pool,
            walk=walk,
        )  # fmt: skip


def name_after(source: str) -> str:
    """A databank's name from a source's: the folder's, or the archive's without its suffix."""
    from ingest.lake import databank as databanks

    path = source.partition("://")[2] or os.path.abspath(source)
    name = ARCHIVE_SUFFIX.sub("", Path(path.rstrip("/\\")).name)
    name = re.sub(r"[^\w.() +-]+", "_", name).lstrip(".-~ _").rstrip(". ")
    name = name.encode()[: databanks.MAX_NAME_BYTES - 1].decode(errors="ignore").rstrip(". ")
    for candidate in (name, f"{name}_" if name else "", "databank"):
        try:
            return databanks.validate_name(candidate)
        except BadName:
            continue
    raise BadName


def _reachable(given: Sequence[str], voice: progress.Voice) -> list[str]:
    """The sources that are there, with a notice for the others; SourceUnreachable if none is."""
    found = []
    for text in given:
        try:
            source = sources.resolve(text)
            if source.scheme == "file":
                sources.walk(source)  # lists the folder, and nothing in it until it is asked
            found.append(text)
        except SourceUnreachable as error:
            voice.notice(f"{text}: {error}")
    if not found:
        raise SourceUnreachable("No source could be opened.")
    return found


def _code(summary: Summary, *, all_reached: bool) -> Exit:
    if summary.state == "interrupted":
        return Exit.INTERRUPTED
    if not all_reached:
        return Exit.UNREACHABLE
    if summary.state == "failed":  # the disk is full, or the like
        return Exit.NOT_WRITABLE
    if not progress.adds_up(summary):
        return Exit.NOTHING
    known = summary.ok + summary.duplicate + summary.unchanged
    return Exit.DONE if known else Exit.NOTHING


@contextmanager
def stopping(notice: Callable[[str], None]) -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set during the block; a second signal ends the process.

    A thread tells of it: the signal may come while the main one writes a line, and two lines at
    once are an error of Python's.
    """
    stop, ended = threading.Event(), threading.Event()

    def tell() -> None:
        stop.wait()
        if not ended.is_set():
            notice("Finishing: what is committed is kept. Once more stops at once.")

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            import multiprocessing

            for child in multiprocessing.active_children():
                child.kill()
            os._exit(Exit.INTERRUPTED)
        stop.set()

    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, handle) for number in numbers}
    teller = threading.Thread(target=tell)
    teller.start()
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if not stop.is_set():
            ended.set()
            stop.set()
        teller.join()
