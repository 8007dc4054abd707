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
from ingest.lake.durable import sync_folder, write_file
from ingest.lake.errors import BadName, DatabankNotFound, NotADatabank, SecretMissing, writing

MAX_NAME_BYTES = 120
SECRET_BYTES = 32
_FORBIDDEN = frozenset('/\\:*?"<>|')
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{device}{n}" for device in ("com", "lpt") for n in "0123456789¹²³"}
)  # names of devices on Windows, whatever extension follows
_NEW_SECRET = f".{layout.SECRET}.new"
_NEW_SNAPSHOT = f".{layout.SNAPSHOT}.new"
_OURS = frozenset({layout.OPEN, layout.PHI, layout.LOCK, _NEW_SNAPSHOT, "columns.toml"})


def home() -> Path:
    """The folder that holds ``databanks``: $TAGLAKE_HOME, else ``data`` of the checkout."""
    chosen = os.environ.get("TAGLAKE_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(__file__).resolve().parents[2] / "data"


def validate_name(name: str) -> str:
    """``name`` in normal form (NFC); raises BadName where it could not be a folder everywhere."""
    name = unicodedata.normalize("NFC", name)
    if not 1 <= len(name.encode("utf-8", "replace")) <= MAX_NAME_BYTES:
        raise BadName(f"A databank's name has 1 to {MAX_NAME_BYTES} bytes.")
    if not all(map(_is_allowed, name)):
        raise BadName("A databank's name has no control characters and none of / \\ : * ? \" < > |")
    if name[0] in ".-~ " or name[-1] in ". ":
        raise BadName(
            "A databank's name does not start with . - ~ or a space, nor end with . or a space."
        )
    if name.split(".")[0].rstrip().casefold() in _RESERVED:
        raise BadName("This name is reserved by Windows.")
    return name


def name_for(source: str) -> str:
    """A valid name made of what a source is called: the last part of its path, repaired."""
    last = unicodedata.normalize("NFC", source.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1])
    for ending in (".gz", ".tgz", ".tar", ".zip", ".7z"):
        if last.casefold().endswith(ending):
            last = last[: -len(ending)]
    name = "".join(c if _is_allowed(c) else "_" for c in last).lstrip(".-~ ")
    name = name.encode()[: MAX_NAME_BYTES - 1].decode(errors="ignore").rstrip(". ")
    try:
        return validate_name(name)
    except BadName:
        return validate_name(f"{name}_" if name else "databank")


def path_of(name_or_path: str | os.PathLike[str]) -> Path:
    """The folder of a databank: text with a slash, or a path object, is a path, else a name.

    The folder need not exist. Raises BadName.
    """
    text = os.fspath(name_or_path)
    if "\0" in text:
        raise BadName
    is_path = text in (".", "..", "~") or any(s in text for s in ("/", os.sep, os.altsep or "/"))
    if is_path or not isinstance(name_or_path, str):
        return Path(text).expanduser().absolute()
    return home() / "databanks" / validate_name(text)


def names() -> list[str]:
    """Names of the databanks of this home, sorted."""
    try:
        with os.scandir(home() / "databanks") as entries:
            found = [e.name for e in entries if e.name[0] != "." and exists(Path(e.path))]
    except OSError:
        return []
    return sorted(found, key=lambda name: (name.casefold(), name))


def exists(root: Path) -> bool:
    """Whether the folder is a databank, however empty or damaged."""
    return layout.is_databank(root)


def create(root: Path) -> None:
    """Make an empty databank; one that exists is left as it is.

    Raises NotADatabank for a folder with something else in it, SecretMissing for a databank that
    has lost its secret, DatabankBusy or DatabankNotWritable.
    """
    if (root / layout.SNAPSHOT).is_file() and (root / layout.PHI / layout.SECRET).is_file():
        return
    if root.exists() and not exists(root) and _is_occupied(root):
        raise NotADatabank
    with writing():
        root.mkdir(parents=True, exist_ok=True)
    with lock.writer(root, timeout=10.0):
        _fill(root)


def secret_key(root: Path) -> bytes:
    """The key of ``patient_key``: 32 bytes made with the databank; raises SecretMissing."""
    try:
        key = (root / layout.PHI / layout.SECRET).read_bytes()
    except OSError:
        raise SecretMissing from None
    if len(key) != SECRET_BYTES:
        raise SecretMissing
    return key


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
    if not secret.exists() and _has_batches(root):
        raise SecretMissing
    with writing():
        for side in layout.SIDES:
            layout.batches(root, side).mkdir(parents=True, exist_ok=True)
            layout.derived(root, side).mkdir(parents=True, exist_ok=True)
        (root / layout.PHI).chmod(0o700)
        if not secret.exists():
            _write_secret(secret)
        sync_folder(root)
    if not (root / layout.SNAPSHOT).exists():
        snapshot.write(root, snapshot.Snapshot())


def _has_batches(root: Path) -> bool:
    folder = layout.batches(root, layout.OPEN)
    return folder.is_dir() and any(layout.batch_name(name) for name in os.listdir(folder))


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
