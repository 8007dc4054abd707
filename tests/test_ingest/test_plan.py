"""How work is cut into units: all of it, once, and the last ones small."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest import plan
from ingest.plan import Known, Plan
from ingest.records import Unit


def units_of(root: Path, workers: int) -> list[Unit]:
    made = Plan((str(root),), Known.nothing(), workers)
    units = [unit for unit in made.units() if unit.size]
    assert made.planned == sum(unit.size for unit in units)
    return units


def paths(units: list[Unit]) -> list[str]:
    return [f"{f.directory}/{name}" for unit in units for f in unit.files for name in f.names]


@pytest.mark.parametrize("directories", [1, 40])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_units_become_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, directories: int, workers: int
) -> None:
    monkeypatch.setattr(plan, "SMALLEST_UNIT", 4)
    files = [tmp_path / f"{n % directories}" / f"{n}" for n in range(1200)]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.touch()
    units = units_of(tmp_path, workers)
    assert sorted(paths(units)) == sorted(map(str, files))
    sizes = [unit.size for unit in units]
    assert max(sizes) <= 1200 // (2 * workers)
    assert sizes[0] >= 0.8 * 1200 // (2 * workers) - 30
    assert max(sizes[-workers:]) <= 1200 // (8 * workers) + 30  # directories are not cut for it


def test_a_few_files_are_one_unit(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number}").touch()
    assert [unit.size for unit in units_of(tmp_path, 2)] == [50]
