"""Where bytes come from: the registry of sources by scheme.

A source knows places and bytes and nothing of DICOM. To add one, write a module with a function
from the text that a user gave to a `Source`, and give it a line in SCHEMES.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ingest.sources import folder
from ingest.sources.names import printable, restored
from ingest.sources.records import (
    Directory,
    Limits,
    Member,
    Problem,
    Reader,
    ReadProblem,
    Source,
    SourceUnreachable,
    Walk,
    walk,
)

SCHEMES: dict[str, Callable[[str], Source]] = {
    "": folder.source,
    "file": folder.source_of_uri,
}

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def resolve(source: str) -> Source:
    """The source that a user names: a path, or `scheme://...` for a scheme of the registry.

    Raises SourceUnreachable for an unknown scheme. Existence is checked by its `walk`.
    """
    match = _SCHEME.match(source)
    scheme = match[1].lower() if match else ""
    if scheme not in SCHEMES:
        known = ", ".join(f"{name}://" for name in SCHEMES if name)
        raise SourceUnreachable(
            f"Sources of the kind {scheme}:// are not known; use a path or one of: {known}."
        )
    return SCHEMES[scheme](source)


__all__ = [
    "SCHEMES",
    "Directory",
    "Limits",
    "Member",
    "Problem",
    "ReadProblem",
    "Reader",
    "Source",
    "SourceUnreachable",
    "Walk",
    "printable",
    "resolve",
    "restored",
    "walk",
]
