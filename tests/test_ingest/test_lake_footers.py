"""The shapes of many files at once are those that Polars and DuckDB tell of each."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.lake import footers
from ingest.lake.errors import BatchDamaged

FRAME = pl.DataFrame(
    {
        "first": [1, 2, 3],
        "lists": [[1.0, 2.0], None, []],
        "nested": [[["a"]], [[]], None],
        "fields": [{"x": 1, "y": [2]}] * 3,
        "last": ["a", "b", None],
    }
)


def test_shapes(tmp_path: Path) -> None:
    folder = tmp_path / "a [b] *"  # characters of patterns
    folder.mkdir()
    frames = {
        folder / "all.parquet": FRAME,
        folder / "none.parquet": FRAME.clear(),
        folder / "turned.parquet": FRAME.select(reversed(FRAME.columns)),
        folder / "one.parquet": FRAME.select("lists").head(1),
    }
    for path, frame in frames.items():
        frame.write_parquet(path)
    found = footers.shapes(list(frames))
    assert found == {p: (f.height, tuple(f.columns)) for p, f in frames.items()}
    with duckdb.connect() as connection:
        for path in frames:
            footer = footers.read(connection, path)
            assert found[path] == (footer.rows, tuple(footer.types))
    assert footers.shapes([]) == {}


def test_a_file_that_is_none(tmp_path: Path) -> None:
    FRAME.write_parquet(tmp_path / "whole.parquet")
    data = (tmp_path / "whole.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(data[:-20])
    with pytest.raises(BatchDamaged):
        footers.shapes([tmp_path / "whole.parquet", tmp_path / "cut.parquet"])
    with pytest.raises(BatchDamaged):
        footers.shapes([tmp_path / "absent.parquet"])
