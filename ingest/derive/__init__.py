"""Derived tables: what SQL makes of the batches, and what pages read.

Everything is decided by DuckDB over Parquet, one .sql file per table, so memory does not grow with
the lake and nothing depends on the order in which files were read.  Only the series that new
batches touch are aggregated again; all other rows are carried over.
"""

from __future__ import annotations

from ingest.derive.anew import again
from ingest.derive.database import DerivationFailed
from ingest.derive.derivation import derive

__all__ = ["DerivationFailed", "again", "derive"]
