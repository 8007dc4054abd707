"""Databanks with all that the app keeps for them: uploads and jobs go, or follow, with the folder.

The lock of ``ingest.lake`` refuses while somebody writes; a job that is still making or unpacking
its files has no lock yet, so a running job refuses too.
"""

from __future__ import annotations

import os
from pathlib import Path

from app.jobs import record, uploads
from ingest.lake import databank
from ingest.lake.errors import DatabankBusy, DatabankNotFound, NameTaken

JOBS = 10_000


def create(name: str) -> Path:
    """Make an empty databank of this home.

    Raises a BadName, NotADatabank or DatabankNotWritable.
    """
    root = databank.home() / "databanks" / databank.validate_name(name)
    if databank.exists(root):
        raise NameTaken
    databank.create(root)
    return root


def rename(root: Path, name: str) -> Path:
    """Give a databank another name; what was uploaded into it stays where it is and follows.

    Raises what ``databank.rename`` raises, and DatabankBusy while a job writes into it or is about
    to.
    """
    name = databank.validate_name(name)
    if not databank.exists(root):
        raise DatabankNotFound
    _refuse_while_used(root)
    if not is_of_home(root) or name == root.name:
        return databank.rename(root, name)
    if os.path.lexists(root.with_name(name)) and name.casefold() != root.name.casefold():
        raise NameTaken
    # Uploads first: after a crash in between, the same again brings it to its end.
    followed = uploads.follow(root.name, name)
    try:
        target = databank.rename(root, name)
    except BaseException:
        uploads.give(followed, root.name)
        raise
    record.follow(root.name, name)
    return target


def delete(root: Path) -> None:
    """Remove a databank and what was uploaded into it; sources are not touched.

    Raises what ``databank.delete`` raises, and DatabankBusy while a job writes into it or is about
    to.
    """
    _refuse_while_used(root)
    databank.delete(root)
    uploads.forget(root)


def is_of_home(root: Path) -> bool:
    """Whether the databank is one of those with a name."""
    return root.parent == databank.home() / "databanks"


def _refuse_while_used(root: Path) -> None:
    jobs = record.latest(JOBS) if is_of_home(root) else []
    if any(job.state == "running" and job.databank == root.name for job in jobs):
        raise DatabankBusy
