"""The local file system as a source: finds every file below a folder and opens none of them.

Planning runs in one process over millions of files, so a file costs one `stat` and a tuple: names
are looked up relative to the open directory, which the kernel resolves a fifth faster than paths.
"""

# ruff: noqa: PTH116 (os.stat on str: the pathlib detour costs more than the call itself)

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple
from urllib.parse import urlsplit

from ingest.sources.records import Directory, Problem, Source, SourceUnreachable

_BY_DESCRIPTOR = os.scandir in os.supports_fd
_PATH_MAX = os.pathconf("/", "PC_PATH_MAX") if hasattr(os, "pathconf") else sys.maxsize
_NAME_MAX = 255


def source(path: str) -> Source:
    """A path as a source. It is made absolute so that uris do not depend on where one stands."""
    return Source("file", os.path.abspath(path), walk, opened)


def source_of_uri(uri: str) -> Source:
    """`file:///path` as a source; raises SourceUnreachable when it names another machine."""
    from urllib.request import url2pathname  # brings a client of HTTP, and most sources are paths

    parts = urlsplit(uri)
    if parts.netloc not in ("", "localhost"):
        raise SourceUnreachable("A file: source must be on this machine (file:///path).")
    return source(url2pathname(parts.path))


def opened(path: str) -> BinaryIO:
    """The file at a walked path, for reading."""
    return open(path, "rb")


def walk(root: str) -> Iterator[Directory]:
    """Every directory at or below `root` that holds anything but directories, depth first, sorted.

    Symbolic links are followed and a directory is visited once, so loops end. What cannot be read
    is a Problem of its directory: `error` with the system's reason, or `not_dicom` for what is not
    a regular file (never opened: a FIFO would block). `root` may be a single file. Raises
    SourceUnreachable when `root` does not exist or cannot be listed.
    """
    try:
        mode = os.stat(root).st_mode
        if not stat.S_ISDIR(mode):
            return iter([_only(root)])
        os.scandir(root).close()
    except (OSError, ValueError) as error:
        raise SourceUnreachable(f"The source cannot be opened: {_reason(error)}.") from None
    return _walk(root)


def _only(path: str) -> Directory:
    """A single file as a directory that holds nothing else."""
    parent, name = os.path.split(path)
    parent, info = parent or os.curdir, os.stat(path)
    if not stat.S_ISREG(info.st_mode):
        return Directory(parent, [], [], [], [_irregular(path)])
    return Directory(parent, [name], [info.st_size], [info.st_mtime_ns], [])


def _walk(root: str) -> Iterator[Directory]:
    seen: set[tuple[int, int]] = set()
    pending = [root]
    while pending:
        path = pending.pop()
        try:
            files, folders, problems = _list(path, seen)
        except OSError as error:
            yield Directory(path, [], [], [], [Problem(path, 0, 0, "error", _reason(error))])
            continue
        if files or problems:
            yield Directory(path, *_sorted(files), sorted(problems))
        if folders:
            prefix = os.path.join(path, "")
            pending += [prefix + name for name in sorted(folders, reverse=True)]


def _sorted(files: list[tuple[str, int, int]]) -> tuple[list[str], list[int], list[int]]:
    """Names, sizes and times of files, by name.

    There are trees with one file in each folder: 3 % of their listing (measured).
    """
    if len(files) == 1:
        ((name, size, mtime),) = files
        return [name], [size], [mtime]
    files.sort()
    return [f[0] for f in files], [f[1] for f in files], [f[2] for f in files]


class _Listing(NamedTuple):
    files: list[tuple[str, int, int]]
    folders: list[str]
    problems: list[Problem]


def _list(path: str, seen: set[tuple[int, int]]) -> _Listing:
    """What is in the directory; nothing when it was seen before. Raises OSError."""
    if not _BY_DESCRIPTOR:
        return _entries(path, path) if _first_visit(os.stat(path), seen) else _Listing([], [], [])
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if not _first_visit(os.fstat(descriptor), seen):
            return _Listing([], [], [])
        return _entries(descriptor, path)
    finally:
        os.close(descriptor)


def _first_visit(info: os.stat_result, seen: set[tuple[int, int]]) -> bool:
    identity = (info.st_dev, info.st_ino)
    if identity in seen:
        return False
    seen.add(identity)
    return True


def _entries(directory: int | str, path: str) -> _Listing:
    listing = _Listing([], [], [])
    files, folders, problems = listing
    # A name that the open directory resolves may still be too long as a path for a later open().
    length = len(path) if path.isascii() else len(os.fsencode(path))
    room = _PATH_MAX - length - len("/\0")
    with os.scandir(directory) as entries:
        for entry in entries:
            try:
                if room < _NAME_MAX and len(os.fsencode(entry.name)) > room:
                    raise OSError(errno.ENAMETOOLONG, "")
                if entry.is_dir(follow_symlinks=False):  # the listing says so: nothing to ask
                    folders.append(entry.name)
                    continue
                info = entry.stat()
            except OSError as error:
                problems.append(_unreadable(path, entry, error))
                continue
            kind = info.st_mode & 0o170000
            if kind == stat.S_IFREG:
                files.append((entry.name, info.st_size, info.st_mtime_ns))
            elif kind == stat.S_IFDIR:
                folders.append(entry.name)
            else:
                problems.append(_irregular(os.path.join(path, entry.name)))
    return listing


def _unreadable(path: str, entry: os.DirEntry[str], error: OSError) -> Problem:
    broken = isinstance(error, FileNotFoundError) and entry.is_symlink()
    reason = "broken symbolic link" if broken else _reason(error)
    return Problem(os.path.join(path, entry.name), 0, 0, "error", reason)


def _irregular(uri: str) -> Problem:
    return Problem(uri, 0, 0, "not_dicom", "not a regular file")


def _reason(error: OSError | ValueError) -> str:
    """The system's words for the error, without the path that str(error) would add."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return "not a valid path"
