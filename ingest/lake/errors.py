"""What can be wrong with a databank, one small class and one sentence each.

No sentence holds a path or a name: either may identify a patient, and sentences end up in logs.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager


class LakeError(Exception):
    """Base of everything that can be wrong with a databank; ``str()`` is a sentence for people."""

    sentence = "Something is wrong with the databank."

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.sentence)


class BadName(LakeError):
    sentence = "This is not a possible name for a databank."


class NameTooLong(BadName):
    sentence = "A databank's name has at most 120 bytes: 120 Latin letters, or 40 Chinese ones."


class NameMissing(BadName):
    sentence = "A databank needs a name."


class NameHasForbidden(BadName):
    sentence = (
        "A databank's name has no control characters, no odd spaces and none of / \\ : * ? \" < > |"
    )


class NameStartsOrEndsOddly(BadName):
    sentence = "A databank's name does not start with . - ~ or a space, nor end with . or a space."


class NameReserved(BadName):
    sentence = "This name is reserved by Windows, where it could not be a folder."


class NameTaken(BadName):
    sentence = "There is something of this name already; nothing was changed."


class DatabankNotFound(LakeError):
    sentence = "There is no such databank."


class NotADatabank(LakeError):
    sentence = "The folder is not empty and is not a databank; nothing was changed in it."


class DatabankNotWritable(LakeError):
    sentence = "The databank cannot be written."


class DatabankNotReadable(LakeError):
    sentence = "The databank cannot be read."


class DatabanksNotReadable(LakeError):
    sentence = (
        "The folder of the databanks may not be read by you: ask its owner, or set TAGLAKE_HOME to "
        "another folder."
    )


class PhiNotReadable(LakeError):
    sentence = (
        "Identifiers, and the key of pseudonyms, are in the folder phi of the databank, which is "
        "not there or may not be read by you."
    )


class DatabankBusy(LakeError):
    sentence = "Another process is writing to the databank; try again when it has finished."


class SnapshotDamaged(LakeError):
    sentence = (
        "The lake.json of the databank is damaged: put it back from a copy, or delete it and "
        "ingest a source again, which finds what is there."
    )


class SnapshotMissing(LakeError):
    sentence = (
        "The databank has lost its lake.json: put it back from a copy, or ingest a source again, "
        "which finds what is there."
    )


class FormatTooNew(LakeError):
    sentence = "The databank was written by a newer version of Taglake; please update this one."


class SecretMissing(LakeError):
    sentence = (
        "The databank has lost phi/secret.key, by which patients of new files are known as those "
        "of the old ones: put it back from a copy, or make the databank anew from its sources."
    )


class ColumnsInvalid(LakeError):
    sentence = "The columns.toml of the databank cannot be used."


class BatchDamaged(LakeError):
    sentence = (
        "A file of the databank is missing or damaged; `taglake check` names it and says what to "
        "do."
    )


_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "a file may not be that large here",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.EIO: "the disk reports an error",
    errno.ENAMETOOLONG: "the path is too long",
    errno.EMFILE: "too many open files",
}


def reason(error: OSError) -> str:
    """Why the operating system refused, in words and without the path that ``str(error)`` has."""
    return _REASONS.get(error.errno or 0, f"the system reports {type(error).__name__}")


@contextmanager
def writing() -> Iterator[None]:
    """Turn any OSError of the block into DatabankNotWritable."""
    try:
        yield
    except OSError as error:
        raise DatabankNotWritable(f"The databank cannot be written: {reason(error)}.") from error
