"""Uploaded files on their way into a databank: in ``<home>/uploads``, by databank and content.

They are removed when their job is done, unless they are to be kept, as a row of the lake points to
its file. The same files uploaded again get the same path and time, so they are known as unchanged.
They are not in the databank because an ingest never reads the databank it writes. A browser's name
for a file is data, so only what is harmless of it becomes part of a path.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO

from app.jobs import record
from ingest.lake import databank
from ingest.lake.durable import replace_file
from ingest.lake.errors import writing

STEP = 2**20
RESERVE = 256 * 10**6
"""Bytes that are to stay free on the disk, for the tables that come of an upload."""
STAGED = ".new-"


def keep(name: str, files: Iterable[tuple[str, IO[bytes]]], *, for_good: bool = False) -> Path:
    """Write uploaded files (their names, their contents) into a folder; gives the folder.

    Only its owner can read it. Unless ``for_good`` it goes with ``release``. Raises BadName or
    DatabankNotWritable, which leaves nothing behind.
    """
    top = databank.home() / "uploads"
    place = top / databank.validate_name(name)
    staged = place / f"{STAGED}{secrets.token_hex(8)}"
    try:
        with writing():
            staged.mkdir(parents=True)
            top.chmod(0o700)
            written = [_write(staged, n, *file) for n, file in enumerate(files, start=1)]
            folder = _settled(staged, name, hashlib.sha256("\n".join(written).encode()).hexdigest())
            if for_good:
                _kept(folder).touch()
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return folder


def lacking(n_bytes: int) -> int:
    """How many bytes the disk lacks for uploads of this size; 0 if there is room."""
    place = databank.home()
    while not place.exists():
        place = place.parent
    return max(0, n_bytes + RESERVE - shutil.disk_usage(place).free)


def release(folder: Path, *, besides: str = "") -> None:
    """Remove uploaded files, unless they are kept for good or a running job, ``besides`` one, reads
    them; and never what is not an upload. What cannot be removed stays.
    """
    in_use = (
        str(folder) in job.sources for job in record.latest() if job.running and job.name != besides
    )
    if is_upload(folder) and not is_kept(folder) and not any(in_use):
        _remove(folder)


def discard(folder: Path) -> None:
    """Remove uploaded files, kept for good or not. Raises DatabankNotWritable."""
    if is_upload(folder):
        with writing():
            shutil.rmtree(folder)
        _remove(folder)


def is_upload(folder: Path) -> bool:
    """Whether this is a folder of uploaded files."""
    return folder.parent.parent == databank.home() / "uploads" and folder.is_dir()


def is_kept(folder: Path) -> bool:
    """Whether uploaded files are to be kept for good."""
    return _kept(folder).exists()


def forget(root: Path) -> None:
    """Remove what was uploaded into the databank at ``root``, if it is one of the home's."""
    if root.parent != databank.home() / "databanks":
        return
    for folder in _of(root.name):
        with writing():
            shutil.rmtree(folder)
        _remove(folder)


def follow(old: str, new: str) -> list[Path]:
    """What was uploaded into the databank ``old`` is that of ``new`` from now on; which it was.

    It stays where it is, as rows of the lake point there; a file beside it says whose it is.
    Raises DatabankNotWritable.
    """
    followed = _of(old)
    give(followed, new)
    return followed


def give(folders: list[Path], name: str) -> None:
    """Say of uploads that they belong to the databank ``name``; raises DatabankNotWritable."""
    with writing():
        for folder in folders:
            replace_file(_owner(folder), name.encode())


def safe(label: str) -> str:
    """The end of a file's name, with letters, digits and . _ - only."""
    last = re.split(r"[/\\]", label)[-1]
    return re.sub(r"[^A-Za-z0-9._-]+", "_", last).strip("._")[-80:] or "file"


def _write(folder: Path, number: int, label: str, content: IO[bytes]) -> str:
    """Write one file; gives its name and what tells its content from others."""
    path = folder / f"{number:05d}-{safe(label)}"
    digest = hashlib.sha256()
    content.seek(0)
    with open(path, "wb") as target:
        while block := content.read(STEP):
            digest.update(block)
            target.write(block)
    os.utime(path, (0, 0))  # a browser does not say when a file was changed
    return f"{path.name} {digest.hexdigest()}"


def _settled(staged: Path, name: str, digest: str) -> Path:
    """The folder that these files have: another one where that belongs to a renamed databank."""
    for folder in _places(staged.parent, digest):
        if not folder.exists():
            staged.rename(folder)
            return folder
        if _owned_by(folder) == name:
            return folder
    raise AssertionError("there is always another place")


def _places(parent: Path, digest: str) -> Iterator[Path]:
    yield parent / digest[:32]
    yield from (parent / f"{digest[:32]}-{n}" for n in count(2))


def _remove(folder: Path) -> None:
    """Remove a folder of uploads with all that is said of it, as far as the system lets us."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        return
    with suppress(OSError):
        _owner(folder).unlink(missing_ok=True)
        _kept(folder).unlink(missing_ok=True)
        folder.parent.rmdir()  # fails where there is more


def _of(name: str) -> list[Path]:
    """The folders of what was uploaded into a databank."""
    folders = (path for path in (databank.home() / "uploads").glob("*/*") if path.is_dir())
    return [folder for folder in folders if _owned_by(folder) == name]


def _owner(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.databank")


def _kept(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.keep")


def _owned_by(folder: Path) -> str:
    try:
        return _owner(folder).read_text("utf-8")
    except (OSError, ValueError):
        return folder.parent.name
