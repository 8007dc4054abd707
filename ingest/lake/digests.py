"""``digests.json`` of a derived version: size and BLAKE2b of each of its files.

Parquet pages carry no checksum here, so a flipped bit may well decode; only the digest of the whole
file tells.  Batches keep theirs in the manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from ingest.lake.durable import write_file
from ingest.lake.layout import OPEN, Side

NAME = "digests.json"
Digests = dict[str, tuple[int, str]]
"""``side/file name`` -> size in bytes, digest."""


def digest(path: Path) -> str:
    """BLAKE2b of a file's bytes, 16 bytes in hexadecimal; raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def write(folders: Mapping[Side, Path]) -> None:
    """Write the digests of all files in the two folders of a version into the open one."""
    found: Digests = {
        f"{side}/{path.name}": (path.stat().st_size, digest(path))
        for side, folder in folders.items()
        for path in sorted(folder.glob("*.parquet"))
    }
    write_file(folders[OPEN] / NAME, json.dumps(found).encode())


def read(folder: Path) -> Digests:
    """The digests of a version from its open folder; {} where it has none or they are damaged."""
    try:
        data = json.loads((folder / NAME).read_bytes())
        return {str(name): (int(size), str(value)) for name, (size, value) in data.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
