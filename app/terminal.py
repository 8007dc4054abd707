"""The two streams of a command: data on stdout, everything said about it on stderr.

And the ways it ends early: with a sentence, never with a traceback for what people may do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from app.errors import QueryFailed, StatementRefused
from ingest.exits import NO_READER, Exit, code_of
from ingest.lake.errors import LakeError
from ingest.sources import SourceUnreachable
from ingest.visible import visible


def notice(sentence: str) -> None:
    """A line on stderr."""
    print(visible(sentence), file=sys.stderr, flush=True)


def counted(n: int, noun: str) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


@contextmanager
def sentences() -> Iterator[None]:
    """Ends the command with a sentence and an exit code where the block cannot go on."""
    try:
        yield
    except (LakeError, SourceUnreachable) as error:
        notice(f"Error: {error}")
        raise typer.Exit(code_of(error)) from None
    except (StatementRefused, QueryFailed) as error:
        notice(f"Error: {error}")
        raise typer.Exit(Exit.USAGE) from None
    except BrokenPipeError:  # the reader has what it wanted (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(NO_READER) from None


def fail(sentence: str, code: Exit = Exit.USAGE) -> typer.Exit:
    """Says an error; the result is to be raised."""
    notice(f"Error: {sentence}")
    return typer.Exit(code)
