"""Writing that survives a power cut: contents first, then the name, then the folder's entry.

POSIX promises that a rename is seen whole or not at all, but only ``fsync`` of the file and of the
folder makes either last; Windows has no fsync of folders and needs none for its journal.
"""

from __future__ import annotations

import os
from pathlib import Path


def sync_file(path: Path) -> None:
    """Force the contents of a file to the disk."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: Path) -> None:
    """Force the entries of a folder to the disk."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_file(path: Path, content: bytes) -> None:
    """Write a new file and force it to the disk; its folder is the caller's business."""
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes) -> None:
    """Give ``path`` new content in one step: readers see the old content or the new, whole."""
    temporary = path.with_name(f".{path.name}.new")
    write_file(temporary, content)
    temporary.replace(path)
    sync_folder(path.parent)


def rename_folder(source: Path, target: Path) -> None:
    """Give a folder its final name, for good."""
    source.rename(target)
    sync_folder(target.parent)
