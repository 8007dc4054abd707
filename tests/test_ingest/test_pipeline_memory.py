"""A worker's memory does not grow with the files it reads."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from app.demo import write_instances
from tests.test_ingest.pipeline_lakes import value
from tests.test_ingest.test_pipeline_faults import driver

MOST = 500 << 20
N = int(os.environ.get("TAGLAKE_TEST_MEMORY_FILES", "4000"))
"""Files: enough for a part to be full and another one to begin."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="peaks of memory are told by POSIX")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every file a series of its own: no header is like another."""
    folder = tmp_path_factory.mktemp("source")
    write_instances(folder / "files", "siemens", N, 1, pixels=2)
    return folder


def test_files_of_distinct_series(source: Path, tmp_path: Path) -> None:
    told = driver(source / "files", tmp_path / "lake", 1)
    assert told["ok"] == N
    assert 60 << 20 < told["peaks"]["worker"] < MOST
    assert value(tmp_path / "lake", "SELECT count(*) FROM series") == N


def test_members_of_one_archive(source: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "of.zip", "w") as archive:
        for path in sorted((source / "files").rglob("*.dcm")):
            archive.write(path, path.parent.name)
    told = driver(tmp_path / "of.zip", tmp_path / "lake", 1)
    assert told["ok"] == N
    assert 60 << 20 < told["peaks"]["worker"] < MOST
