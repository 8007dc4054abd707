"""Uploaded files on their way into a databank: kept in it, under ``phi``, and deleted with it.

They are kept because a row of the lake points to its file; a browser's name for a file is data, so
only what is harmless of it becomes part of a path.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from app.jobs import record
from ingest.lake import databank, layout
from ingest.lake.errors import writing


def keep(name: str, files: Iterable[tuple[str, IO[bytes]]]) -> Path:
    """Write uploaded files (their names, their contents) into a folder of the databank; gives it.

    Makes the databank if need be. Raises a LakeError where it cannot be written.
    """
    root = databank.path_of(name)
    databank.create(root)
    folder = root / layout.PHI / "uploads" / f"{record.stamp()}-{secrets.token_hex(4)}"
    with writing():
        folder.mkdir(parents=True, mode=0o700)
        for number, (label, content) in enumerate(files, start=1):
            with open(folder / f"{number:05d}-{safe(label)}", "wb") as target:
                shutil.copyfileobj(content, target, 2**20)
    return folder


def safe(label: str) -> str:
    """The end of a file's name, with letters, digits and . _ - only."""
    last = re.split(r"[/\\]", label)[-1]
    return re.sub(r"[^A-Za-z0-9._-]+", "_", last).strip("._")[-80:] or "file"
