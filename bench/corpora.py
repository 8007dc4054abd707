"""The files that the ingest benchmarks read: whole real series under new UIDs, synthetic ones."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "bench" / ".work"
WHOLE_SERIES = ROOT.parent / "shared" / "data" / "whole_series.tar.xz"

UID = re.compile(
    rb"(?:\x20\x00[\x0d\x0e]\x00|\x08\x00\x18\x00|\x02\x00\x03\x00)(?:UI..|..\0\0)([0-9.]{6,64})",
    re.DOTALL,
)
"""Study, series and instance UID, explicit or implicit."""
ROOTS = bytes.maketrans(b"012", b"120")
ARCS = bytes.maketrans(b"123456", b"456789")
MOST_COPIES = 9


def whole_series(copies: int) -> list[Path]:
    """The real whole series, unpacked, and copies of them that differ in their UIDs alone.

    A UID begins with 0, 1 or 2 and goes on with a dot and a digit, here 1, 2 or 3: a copy has the
    next of the former, and every third one also another digit, so lengths stay and nothing clashes.
    """
    folder = WORK / "whole"
    first = folder / "0"
    if not (folder / "unpacked").exists():
        first.mkdir(parents=True, exist_ok=True)
        with tarfile.open(WHOLE_SERIES) as archive:
            archive.extractall(first, filter="data")
        (folder / "unpacked").touch()
    for copy in range(1, copies):
        if not (folder / f"copied-{copy}").exists():
            for path in sorted(p for p in first.rglob("*") if p.is_file()):
                target = folder / str(copy) / path.relative_to(first)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(_renamed(path.read_bytes(), copy))
            (folder / f"copied-{copy}").touch()
    return [folder / str(copy) for copy in range(copies)]


def _renamed(data: bytes, copy: int) -> bytes:
    for uid in set(UID.findall(data[: 1 << 17])):
        new = uid
        for _ in range(copy % 3):
            new = new[:1].translate(ROOTS) + new[1:]
        for _ in range(copy // 3):
            new = new[:2] + new[2:3].translate(ARCS) + new[3:]
        data = data.replace(uid, new)
    return data


def demo() -> Path:
    """The demo cohort."""
    from app.demo import write_cohort

    write_cohort(WORK / "demo")
    return WORK / "demo"


def synthetic(name: str, kind: str, series: int, instances: int, *, first: int = 0) -> Path:
    """``series`` synthetic series of ``instances`` files each."""
    from app.demo import write_instances

    folder = WORK / name
    if not (WORK / f"{name}.done").exists():
        write_instances(folder, kind, series, instances, first_series=first)
        (WORK / f"{name}.done").touch()
    return folder


def files_below(*folders: Path) -> list[str]:
    """Every file, sorted."""
    return sorted(str(p) for folder in folders for p in folder.rglob("*") if p.is_file())
