"""Uploaded files on their way into a databank: kept in ``<home>/uploads``, by databank.

They are kept because a row of the lake points to its file, and not in the databank because an
ingest never reads the databank it writes. A browser's name for a file is data, so only what is
harmless of it becomes part of a path.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from app.jobs import record
from ingest.lake import databank
from ingest.lake.errors import writing


def keep(name: str, files: Iterable[tuple[str, IO[bytes]]]) -> Path:
    """Write uploaded files (their names, their contents) into a new folder; gives the folder.

    Only its owner can read it. Raises BadName or DatabankNotWritable.
    """
    top = databank.home() / "uploads"
    folder = top / databank.validate_name(name) / f"{record.stamp()}-{secrets.token_hex(4)}"
    with writing():
        folder.mkdir(parents=True)
        top.chmod(0o700)
        for number, (label, content) in enumerate(files, start=1):
            with open(folder / f"{number:05d}-{safe(label)}", "wb") as target:
                shutil.copyfileobj(content, target, 2**20)
    return folder


def forget(root: Path) -> None:
    """Remove what was uploaded into the databank at ``root``, if it is one of the home's."""
    folder = databank.home() / "uploads" / root.name
    if root.parent == databank.home() / "databanks" and folder.is_dir():
        with writing():
            shutil.rmtree(folder)


def safe(label: str) -> str:
    """The end of a file's name, with letters, digits and . _ - only."""
    last = re.split(r"[/\\]", label)[-1]
    return re.sub(r"[^A-Za-z0-9._-]+", "_", last).strip("._")[-80:] or "file"
