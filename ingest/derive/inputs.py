"""What a derivation reads, as views of its connection: the batches and the last version.

``new_`` views are of the batches that the last version does not know, ``last_`` views are of that
version; where there is none everything is new.  Views have only the columns that SQL names: to plan
a query over a view of 375 columns takes 5 to 10 ms however few of them it uses (measured), and
there are thirty queries.  The many columns of instances are read once, by ``values``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import duckdb
import polars as pl

from ingest.derive import protocols
from ingest.derive.aggregation import told_of_series
from ingest.derive.database import set_variables
from ingest.lake import layout
from ingest.lake.layout import Side
from ingest.lake.scans import Scan, Scans
from ingest.lake.snapshot import Snapshot
from ingest.lake.sql import identifier, literal, pattern, type_name
from ingest.schema import Column, Table

CARRIED = ("dropped", "series", "findings", "protocols", "private_profiles", "private_blocks")
"""Derived tables of which the last version's rows are carried over."""
LAST_RUN = -1
"""Stands for the last version where runs of new series are numbered."""


class View(NamedTuple):
    """A view of a table's files on one side; ``columns`` are all if empty.

    ``dated`` adds the name of the batch: those sort by time, those of merged batches too.
    """

    table: str
    side: Side = "open"
    columns: Set[str] = frozenset()
    dated: bool = False


INSTANCES = frozenset({
    "instance_id", "header_id", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID",
    "truncation", "acquisition_datetime", "InstanceNumber", "slice_position_mm",
    # What tells kinds of volume of an MR series apart.
    "ImageType", "ComplexImageComponent", "EchoTime", "b_value", "n_frames",
})  # fmt: skip
FRAMES = frozenset({
    "instance_id", "slice_position_mm", "FrameType", "ComplexImageComponent", "EchoTime", "b_value",
})  # fmt: skip
BATCH_VIEWS: dict[str, View] = {
    "files": View("files"),
    "file_uris": View("files", "phi", dated=True),
    "containers": View("containers", "phi", dated=True),
    "instances": View("instances", columns=INSTANCES),
    "frames": View("frames", columns=FRAMES),
    "problems": View("problems"),
    "runs": View("runs", columns=frozenset({"run_id", "started"})),
    "element_keys": View("element_keys"),
}
NEW_VIEWS = ("files", "file_uris", "containers", "instances")

NEEDED = frozenset({"StudyInstanceUID", "SeriesInstanceUID", "acquisition_datetime"})
"""Columns of instances that SQL names, so they are there even if they have no values."""


def previous(root: Path, state: Snapshot, tables: Mapping[str, Table]) -> Snapshot | None:
    """The snapshot's derived version if its rows can be carried over, else None.

    A version with other columns or types was made by other rules of derivation, and one with other
    parameters of protocols has other fingerprints.
    """
    if state.derived is None:
        return None
    for name in CARRIED:
        for side in layout.SIDES:
            columns = layout.stored_columns(tables[name], side)
            path = layout.derived(root, side) / state.derived / f"{name}.parquet"
            if columns and _schema(path) != {c: tables[name].column(c).dtype for c in columns}:
                return None
    path = layout.derived(root, layout.OPEN) / state.derived / "protocols.parquet"
    if pl.read_parquet_metadata(path).get(protocols.MADE_BY) != protocols.digest():
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
    """Create all views but those of ``values``.

    Raises BatchDamaged where a batch has lost its manifest.
    """
    everything = Scans.of(root, replace(state, derived=None), identifiers=True)
    new = Scans.of(root, replace(state, derived=None, batches=tuple(new_batches)), identifiers=True)
    views = {name: _batch_view(everything, tables, view) for name, view in BATCH_VIEWS.items()}
    views |= {f"new_{name}": _batch_view(new, tables, BATCH_VIEWS[name]) for name in NEW_VIEWS}
    for name in layout.ROW_SPLIT:
        views[name] = _select(everything.rows(tables[name]), tables[name].columns)
    last = Scans.of(root, old or Snapshot(), identifiers=True)
    for name in ("dropped", "findings", "private_profiles", "private_blocks"):
        views[f"last_{name}"] = _select(last.scan(tables[name], layout.OPEN), tables[name].columns)
    views["last_series"] = _last_series(last, tables)
    views["last_protocols"] = _select(
        last.scan(tables["protocols"], layout.OPEN),
        [tables["protocols"].column(name) for name in ("protocol_fingerprint", "parameters")],
    )
    for name, select in views.items():
        database.execute(f"CREATE VIEW {identifier(name)} AS {select}")
    _remember(database, root, state, old is None, tables)


def _remember(
    database: duckdb.DuckDBPyConnection,
    root: Path,
    state: Snapshot,
    rebuilt: bool,
    tables: Mapping[str, Table],
) -> None:
    """Create ``known_findings`` and ``known_findings_gone``: what history there is of findings.

    A rebuild remembers as well, even from a version of which nothing else can be carried over;
    where that cannot be read, nobody knows which findings are new.
    """
    remembers = state.derived is None
    scans = Scans.of(root, replace(state, batches=()), identifiers=False)
    for name in ("findings", "findings_gone"):
        columns = tables[name].columns
        path = layout.derived(root, layout.OPEN) / (state.derived or "") / f"{name}.parquet"
        there = _schema(path).keys() >= set(tables[name].key)
        told = _select(scans.scan(tables[name], layout.OPEN) if there else None, columns)
        made = f"CREATE TABLE known_{name} AS "
        try:
            database.execute(made + told)
            remembers |= there and name == "findings"
        except duckdb.Error:
            if not rebuilt:
                raise
            database.execute(made + _select(None, columns))
    set_variables(database, rebuilt=rebuilt, remembers=remembers)


def values(
    database: duckdb.DuckDBPyConnection,
    root: Path,
    state: Snapshot,
    parts: Set[int],
    instances: Table,
) -> list[Column]:
    """Create ``open_values`` and ``phi_values``: the columns of instances that have values in
    ``parts``, which are returned.

    What is empty throughout need not be aggregated: of 375 columns a scanner fills about 120. And
    a file that is no part of the view costs nothing, while one of which no row is wanted is opened
    all the same, with a reader for each of its columns.
    """
    scans = Scans.of(root, replace(state, derived=None), identifiers=True, parts=parts)
    filled = []
    for side in layout.SIDES:
        stored = layout.stored_columns(instances, side)
        full = _with_values(database, scans.paths(instances, side)) | NEEDED
        columns = [
            instances.column(name)
            for name in stored
            # Footers count an empty list as null, and it is not; a count of nothing is 0.
            if name in full
            or isinstance(instances.column(name).dtype, pl.List)
            or "count" in instances.column(name).aggregation
        ]
        columns = [c for c in columns if c.aggregation]
        select = _select(scans.scan(instances, side), [instances.column("instance_id"), *columns])
        database.execute(f"CREATE VIEW {side}_values AS {select}")
        filled += columns
    return filled


def _with_values(database: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> set[str]:
    """Columns of which some file has a value, or does not say in its footer."""
    if not paths:
        return set()
    names = ", ".join(literal(pattern(path)) for path in paths)
    found = database.execute(
        f"SELECT DISTINCT split_part(path_in_schema, ', ', 1) FROM parquet_metadata([{names}]) "
        "WHERE stats_null_count IS DISTINCT FROM num_values"
    )
    return {name for (name,) in found.fetchall()}


def _batch_view(scans: Scans, tables: Mapping[str, Table], view: View) -> str:
    table = tables[view.table]
    scan = scans.scan(table, view.side)
    columns = [
        table.column(name)
        for name in layout.stored_columns(table, view.side)
        if name in view.columns or not view.columns
    ]
    if not view.dated:
        return _select(scan, columns)
    batch = "parse_path(filename)[-2]" if scan else "CAST(NULL AS VARCHAR)"
    return _select(scan, columns, f"{batch} AS batch")


def _last_series(scans: Scans, tables: Mapping[str, Table]) -> str:
    """Series of the last version, of which SQL needs few columns, and the place of their rows.

    Both sides of a version have the same rows in the same order.
    """
    columns = told_of_series(tables)
    rows, phi = (scans.scan(tables["series"], side) for side in layout.SIDES)
    if rows is None or phi is None:
        return _select(None, columns, f"{LAST_RUN} AS run", "0::BIGINT AS place")
    held = {"o": rows.columns, "p": phi.columns}
    values = ", ".join(
        _value(c, f"{side}.") if c.name in held[side] else _null(c)
        for c in columns
        for side in ("p" if c.phi else "o")
    )
    return (
        f"SELECT {values}, {LAST_RUN} AS run, o.file_row_number AS place "
        f"FROM {rows.sql} AS o JOIN {phi.sql} AS p ON o.file_row_number = p.file_row_number"
    )


def _select(scan: Scan | None, columns: Sequence[Column], *more: str) -> str:
    if scan is None:
        return f"SELECT {', '.join([*map(_null, columns), *more])} WHERE false"
    values = [_value(c) if c.name in scan.columns else _null(c) for c in columns]
    return f"SELECT {', '.join([*values, *more])} FROM {scan.sql}"


def _value(column: Column, source: str = "") -> str:
    name = identifier(column.name)
    # Polars writes times in nanoseconds, which DuckDB reads as TIME_NS.
    timed = column.dtype == pl.Time
    return f"CAST({source}{name} AS TIME) AS {name}" if timed else source + name


def _null(column: Column) -> str:
    return f"CAST(NULL AS {type_name(column.dtype)}) AS {identifier(column.name)}"


def _schema(path: Path) -> dict[str, pl.DataType]:
    """Columns and types of a Parquet file; none where it cannot be read."""
    try:
        return dict(pl.scan_parquet(path, glob=False).collect_schema())
    except (OSError, pl.exceptions.PolarsError):
        return {}
