"""DuckDB's name of a Polars type: what Parquet files, views and the dictionary agree on."""

from __future__ import annotations

import polars as pl

_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "VARCHAR",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    pl.Time: "TIME",
}


def type_name(dtype: pl.DataType) -> str:
    """DuckDB's name of a column type of the schema; ValueError for one the schema does not use."""
    if isinstance(dtype, pl.List):
        inner = dtype.inner
        return type_name(inner if isinstance(inner, pl.DataType) else inner()) + "[]"
    if isinstance(dtype, pl.Datetime) and dtype.time_unit == "us":
        return "TIMESTAMP WITH TIME ZONE" if dtype.time_zone else "TIMESTAMP"
    try:
        return _TYPES[type(dtype)]
    except KeyError:
        raise ValueError(f"no SQL type for {dtype}") from None
