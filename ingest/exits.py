"""How a command ends: the exit codes, and which of them an error means.

They are part of what scripts rely on, so they stand in one place.
"""

from __future__ import annotations

from enum import IntEnum

from ingest.lake.errors import BadName, DatabankNotFound, LakeError
from ingest.sources import SourceUnreachable


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
