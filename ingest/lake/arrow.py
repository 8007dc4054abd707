"""Rows from DuckDB to Polars and back, without pyarrow.

``relation.pl()`` takes the way by pyarrow, whose import costs 0.15 s: half of what planning 50,000
files does, and a fifth of the smallest derivation (measured).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import polars as pl


@dataclass
class _Rows:
    """Rows, through the Arrow interface that DuckDB and Polars share, and nothing else of them.

    Polars would keep the type of a relation, and DuckDB complains on stderr of types that are kept
    when Python ends; DuckDB would import pyarrow for a frame.
    """

    rows: duckdb.DuckDBPyRelation | pl.DataFrame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.rows.__arrow_c_stream__(requested_schema)


def frame(relation: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    """The rows of a relation; raises duckdb.Error, or PolarsError if it was not materialised."""
    return pl.DataFrame(_Rows(relation))


def offer(database: duckdb.DuckDBPyConnection, name: str, rows: pl.DataFrame) -> None:
    """Let this cursor's queries name the rows, which are not copied; times are TIME_NS there."""
    database.register(name, _Rows(rows))
