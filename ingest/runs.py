"""The row of ``runs`` that a commit leaves: what was read so far, and by which versions."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version

import duckdb
import polars as pl

from ingest import __version__
from ingest.lake import layout, parts
from ingest.lake.batch import Staging
from ingest.schema import TABLES


def write(row: Mapping[str, object], staging: Staging, number: int) -> None:
    """Write the row as part ``number`` of a batch; raises as ``ingest.lake.parts.writing``."""
    frame = pl.DataFrame([row], schema=TABLES["runs"].schema())
    for side, folder in zip(layout.SIDES, (staging.open_dir, staging.phi_dir), strict=True):
        names = layout.stored_columns(TABLES["runs"], side)
        with parts.writing(folder):
            parts.write(frame.select(names), folder, "runs", side, number)


def versions() -> str:
    """What made a run, for its row: the versions of the program and of what it stands on."""
    return (
        f"Taglake {__version__}, Python {platform.python_version()}, Polars {pl.__version__}, "
        f"DuckDB {duckdb.__version__}, pydicom {version('pydicom')}"
    )
