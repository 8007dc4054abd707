"""Where the real data of the tests is, and how to skip a test without it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "shared" / "data"
DICOM = ROOT / "dicom"

needs_dicom = pytest.mark.skipif(
    not DICOM.is_dir(), reason="the real DICOM files (../shared/data/dicom) are not here"
)


def folders() -> list[Path]:
    """Folders of real files that hold a file themselves; [] without the data."""
    if not DICOM.is_dir():
        return []
    return sorted({path.parent for path in DICOM.rglob("*") if path.is_file()})


@cache
def sources() -> dict[str, list[Path]]:
    """Real files by where they were found, those of a folder together; {} without the data."""
    found: dict[str, list[Path]] = {}
    for folder in folders():
        files = sorted(path for path in folder.iterdir() if path.is_file())
        source, *_ = folder.relative_to(DICOM).parts or (".",)
        found.setdefault(source, []).extend(files)
    return found
