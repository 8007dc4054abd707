"""Databanks: folders that hold one lake each, found by name or by path.

Names come from people and from sources, so they are checked to be plain folder names on every
system before they become part of a path.
"""

from __future__ import annotations

import os
import secrets
import shutil
import unicodedata
from pathlib import Path

from ingest.lake import layout, lock, snapshot
from ingest.lake.durable import rename_folder, sync_folder, write_file
from ingest.lake.errors import (
    BadName,
    DatabankBusy,
    DatabankNotFound,
    DatabanksNotReadable,
    NameHasForbidden,
    NameMissing,
    NameReserved,
    NameStartsOrEndsOddly,
    NameTaken,
    NameTooLong,
    NotADatabank,
    PhiNotReadable,
    SecretMissing,
    writing,
)

MAX_NAME_BYTES = 120
SECRET_BYTES = 32
_FORBIDDEN = frozenset('/\\:*?"<>|')
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{device}{n}" for device in ("com", "lpt") for n in "0123456789¹²³"}
)  # names of devices on Windows, whatever extension follows
_NEW_SECRET = f".{layout.SECRET}.new"
_NEW_SNAPSHOT = f".{layout.SNAPSHOT}.new"
_OURS = frozenset(
    {layout.OPEN, layout.PHI, layout.LOCK, _NEW_SNAPSHOT, "columns.toml", "quality.toml"}
)


def home() -> Path:
    """The folder that holds ``databanks``: $TAGLAKE_HOME, else ``data`` of the checkout."""
    chosen = os.environ.get("TAGLAKE_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(__file__).resolve().parents[2] / "data"


def validate_name(name: str) -> str:
    """``name`` in normal form (NFC); raises a BadName where it could not be a folder everywhere."""
    name = unicodedata.normalize("NFC", name)
    if not name:
        raise NameMissing
    if len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        raise NameTooLong
    if not all(map(_is_allowed, name)):
        raise NameHasForbidden
    if name[0] in ".-~ " or name[-1] in ". ":
        raise NameStartsOrEndsOddly
    if name.split(".")[0].rstrip().casefold() in _RESERVED:
        raise NameReserved
    return name


def path_of(name_or_path: str | os.PathLike[str]) -> Path:
    """The folder of a databank: text with a slash, or a path object, is a path, else a name.

    The folder need not exist. Raises BadName.
    """
    text = os.fspath(name_or_path)
    if "\0" in text:
        raise BadName
    is_path = text in (".", "..", "~") or any(s in text for s in ("/", os.sep, os.altsep or "/"))
    if is_path or not isinstance(name_or_path, str):
        path = Path(text).expanduser().absolute()
    else:
        path = home() / "databanks" / validate_name(text)
    try:
        str(path).encode()
    except UnicodeEncodeError:  # neither DuckDB nor Polars could open a file in it
        raise BadName("The path of a databank has to be valid UTF-8.") from None
    return path


def names() -> list[str]:
    """Names of the databanks of this home, sorted. Raises DatabanksNotReadable."""
    try:
        with os.scandir(home() / "databanks") as entries:
            found = [e.name for e in entries if e.name[0] != "." and exists(Path(e.path))]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError:
        raise DatabanksNotReadable from None
    return sorted(found, key=lambda name: (name.casefold(), name))


def exists(root: Path) -> bool:
    """Whether the folder is a databank, however empty or damaged."""
    return layout.is_databank(root)


def create(root: Path) -> None:
    """Make an empty databank; one that exists is left as it is.

    Raises NotADatabank for a folder with something else in it, SecretMissing for a databank that
    has lost its secret, DatabankBusy or DatabankNotWritable.
    """
    if all(map(os.path.isfile, (root / layout.SNAPSHOT, root / layout.PHI / layout.SECRET))):
        return
    if os.path.exists(root) and not exists(root) and _is_occupied(root):
        raise NotADatabank
    with writing():
        root.mkdir(parents=True, exist_ok=True)
    with lock.writer(root, timeout=10.0):
        _fill(root)


def secret_key(root: Path) -> bytes:
    """The key of ``patient_key``: 32 bytes made with the databank.

    Raises SecretMissing, or PhiNotReadable.
    """
    try:
        key = (root / layout.PHI / layout.SECRET).read_bytes()
    except PermissionError:
        raise PhiNotReadable from None
    except OSError:
        raise SecretMissing from None
    if len(key) != SECRET_BYTES:
        raise SecretMissing
    return key


def rename(root: Path, name: str) -> Path:
    """Give a databank another name in the folder it is in; gives its new path.

    One rename by the system under the writer's lock, so nobody sees half of it; a reader that has
    opened files goes on with them. Raises a BadName, NameTaken where anything has the new name,
    DatabankNotFound, DatabankBusy or DatabankNotWritable.
    """
    target = root.with_name(validate_name(name))
    if not exists(root):
        raise DatabankNotFound
    if target == root:
        return root
    # Where a system takes "Heart" and "heart" for one, a databank may still change its case.
    if os.path.lexists(target) and (target.is_symlink() or not target.samefile(root)):
        raise NameTaken
    _rename(root, target)
    return target


def _rename(root: Path, target: Path) -> None:
    if os.name == "nt":
        # Windows moves no folder in which a file is open, be it our own lock: a writer that comes
        # between the two lines makes the second one fail.
        with lock.writer(root):
            pass
        try:
            root.rename(target)
        except PermissionError:
            raise DatabankBusy from None
        return
    with lock.writer(root), writing():
        if not exists(root):  # one that another rename has left behind
            raise DatabankNotFound
        rename_folder(root, target)


def delete(root: Path) -> None:
    """Remove a databank, and the folder if nothing else is in it.

    What Taglake did not put there stays. Raises DatabankNotFound, DatabankBusy or
    DatabankNotWritable.
    """
    if not exists(root):
        raise DatabankNotFound
    with lock.writer(root), writing():
        # The secret goes last: until then an interrupted deletion is still known as a databank.
        (root / layout.SNAPSHOT).unlink(missing_ok=True)
        for path in (
            root / layout.OPEN,
            layout.batches(root, layout.PHI),
            layout.derived(root, layout.PHI),
            root / layout.PHI,
        ):
            _remove(path)
    with writing():
        for name in (layout.LOCK, _NEW_SNAPSHOT):
            (root / name).unlink(missing_ok=True)
        if not any(root.iterdir()):
            root.rmdir()


def _is_allowed(character: str) -> bool:
    """No separators, no characters that are invisible, unassigned or refused by Windows."""
    category = unicodedata.category(character)[0]
    return character == " " or not (category in "CZ" or character in _FORBIDDEN)


def _fill(root: Path) -> None:
    """Make what is missing; lake.json last, so that a databank without it may be filled again."""
    secret = root / layout.PHI / layout.SECRET
    if not secret.exists() and layout.has_batches(root):
        raise SecretMissing
    with writing():
        for side in layout.SIDES:
            layout.batches(root, side).mkdir(parents=True, exist_ok=True)
            layout.derived(root, side).mkdir(parents=True, exist_ok=True)
        (root / layout.PHI).chmod(0o700)
        if not secret.exists():
            _write_secret(secret)
        sync_folder(root)
    if not (root / layout.SNAPSHOT).exists() and not layout.has_batches(root):
        snapshot.write(root, snapshot.Snapshot())  # else it was lost, which an ingest mends


def _write_secret(path: Path) -> None:
    temporary = path.with_name(_NEW_SECRET)
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    write_file(temporary, secrets.token_bytes(SECRET_BYTES))
    temporary.replace(path)
    sync_folder(path.parent)


def _is_occupied(root: Path) -> bool:
    """Whether a folder has anything that an interrupted ``create`` would not have left."""
    if not root.is_dir() or not _OURS.issuperset(os.listdir(root)):
        return True
    files = {name for side in layout.SIDES for *_, here in os.walk(root / side) for name in here}
    return not files <= {_NEW_SECRET}


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
