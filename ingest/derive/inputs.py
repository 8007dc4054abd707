"""What a derivation reads, as views of its connection: the batches and the last version.

``new_`` views are of the batches that the last version does not know, ``last_`` views are of that
version; where there is none everything is new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl

from ingest.lake import layout
from ingest.lake.layout import Side
from ingest.lake.scans import Scan, Scans
from ingest.lake.snapshot import Snapshot
from ingest.lake.sql import identifier, type_name
from ingest.schema import Column, Table

CARRIED = ("dropped", "series", "findings")
"""Derived tables of which the last version's rows are carried over."""

BATCH_VIEWS: dict[str, tuple[str, Side]] = {
    "files": ("files", "open"),
    "file_uris": ("files", "phi"),
    "instances": ("instances", "open"),
    "instance_identities": ("instances", "phi"),
    "frames": ("frames", "open"),
    "problems": ("problems", "open"),
    "element_keys": ("element_keys", "open"),
}
"""View -> table and side it is of."""
NEW_VIEWS = ("files", "file_uris", "instances")


def previous(root: Path, state: Snapshot, tables: Mapping[str, Table]) -> Snapshot | None:
    """The snapshot's derived version if its rows can be carried over, else None.

    A version with other columns or types was made by other rules of derivation.
    """
    if state.derived is None:
        return None
    for name in CARRIED:
        for side in layout.SIDES:
            columns = layout.stored_columns(tables[name], side)
            path = layout.derived(root, side) / state.derived / f"{name}.parquet"
            if columns and _schema(path) != {c: tables[name].column(c).dtype for c in columns}:
                return None
    return replace(state, batches=())


def create(
    database: duckdb.DuckDBPyConnection,
    root: Path,
    state: Snapshot,
    old: Snapshot | None,
    new_batches: Sequence[str],
    tables: Mapping[str, Table],
) -> None:
    """Create all views; raises BatchDamaged where a batch has lost its manifest."""
    everything = Scans.of(root, replace(state, derived=None), identifiers=True)
    new = Scans.of(root, replace(state, derived=None, batches=tuple(new_batches)), identifiers=True)
    views = {name: _batch_view(everything, tables, name) for name in BATCH_VIEWS}
    views |= {f"new_{name}": _batch_view(new, tables, name) for name in NEW_VIEWS}
    for name in layout.ROW_SPLIT:
        views[name] = _select(everything.rows(tables[name]), tables[name].columns)
    last = Scans.of(root, old or Snapshot(), identifiers=True)
    views |= {f"last_{name}": _last_view(last, tables[name]) for name in CARRIED}
    for name, select in views.items():
        database.execute(f"CREATE TEMP VIEW {identifier(name)} AS {select}")


def _batch_view(scans: Scans, tables: Mapping[str, Table], view: str) -> str:
    name, side = BATCH_VIEWS[view]
    table = tables[name]
    scan = scans.scan(table, side)
    columns = [table.column(name) for name in layout.stored_columns(table, side)]
    if view != "file_uris":
        return _select(scan, columns)
    # Names of batches sort by time, those of merged batches too.
    batch = "parse_path(filename)[-2]" if scan else "CAST(NULL AS VARCHAR)"
    return _select(scan, columns, f"{batch} AS batch")


def _last_view(scans: Scans, table: Table) -> str:
    """A derived table of the last version, whole."""
    rows, phi = scans.scan(table, layout.OPEN), scans.scan(table, layout.PHI)
    if rows is None or phi is None:
        return _select(rows, table.columns)
    same = " AND ".join(
        f"o.{identifier(key)} IS NOT DISTINCT FROM p.{identifier(key)}" for key in table.key
    )
    columns = ", ".join(
        f"{'p' if column.phi else 'o'}.{identifier(column.name)}" for column in table.columns
    )
    return f"SELECT {columns} FROM {rows.sql} AS o LEFT JOIN {phi.sql} AS p ON {same}"


def _select(scan: Scan | None, columns: Sequence[Column], *more: str) -> str:
    if scan is None:
        return f"SELECT {', '.join([*map(_null, columns), *more])} WHERE false"
    values = [_value(c) if c.name in scan.columns else _null(c) for c in columns]
    return f"SELECT {', '.join([*values, *more])} FROM {scan.sql}"


def _value(column: Column) -> str:
    name = identifier(column.name)
    # Polars writes times in nanoseconds, which DuckDB reads as TIME_NS.
    return f"CAST({name} AS TIME) AS {name}" if column.dtype == pl.Time else name


def _null(column: Column) -> str:
    return f"CAST(NULL AS {type_name(column.dtype)}) AS {identifier(column.name)}"


def _schema(path: Path) -> dict[str, pl.DataType]:
    """Columns and types of a Parquet file; none where it cannot be read."""
    try:
        return dict(pl.scan_parquet(path, glob=False).collect_schema())
    except (OSError, pl.exceptions.PolarsError):
        return {}
