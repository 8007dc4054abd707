"""How a command ends: the exit codes, which of them an error means, and the end of the process.

They are part of what scripts rely on, so they stand in one place.
"""

from __future__ import annotations

import atexit
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from typing import NoReturn

from ingest.lake.errors import BadName, DatabankNotFound, LakeError
from ingest.sources import SourceUnreachable

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""There is no room for what is written."""
NO_READER = 128 + getattr(signal, "SIGPIPE", 13)
"""The exit code where nobody reads what is written any more, as shells tell it."""


class Exit(IntEnum):
    """Exit codes of all commands."""

    DONE = 0
    """Also with unreadable files: those are rows of the table files."""
    NOTHING = 1
    """Nothing could be ingested; of `check`: errors were found; of `qa`: findings as grave as
    --fail-on says were found."""
    USAGE = 2
    """The command cannot be understood, or asks for what is not there."""
    UNREACHABLE = 3
    """A source cannot be opened."""
    NOT_WRITABLE = 4
    """The databank cannot be written or read."""
    INTERRUPTED = 130


def code_of(error: LakeError | SourceUnreachable) -> Exit:
    """The exit code of a command that ends with this error."""
    if isinstance(error, SourceUnreachable):
        return Exit.UNREACHABLE
    if isinstance(error, (BadName, DatabankNotFound)):
        return Exit.USAGE
    return Exit.NOT_WRITABLE


def run_and_leave(application: Callable[..., object], name: str) -> NoReturn:
    """Run a Typer application with the arguments of the process, and end this with its code.

    What was imported is not taken apart before, which takes 0.15 s (measured); threads and what is
    registered for the end have their turn.
    """
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:  # closed by who started the process
            nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (to the very end)
            setattr(sys, stream, nowhere)
    code = int(Exit.DONE)
    try:
        try:
            application(prog_name=name)
        except SystemExit as ended:
            if not isinstance(ended.code, int):  # nothing, or a text, which Python prints
                raise
            code = ended.code
        _settle()
    except BrokenPipeError:
        code = NO_READER
    except OSError as error:
        if error.errno not in FULL:
            raise
        with suppress(OSError):
            print(f"Error: The output cannot be written: {error.strerror}.", file=sys.stderr)
        code = Exit.USAGE
    os._exit(code)


def _settle() -> None:
    """What Python does at its end for others; raises OSError where output cannot be written."""
    threading._shutdown()  # type: ignore[attr-defined]  # those of executors that nobody ended, too
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
