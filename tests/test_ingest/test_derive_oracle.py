"""Every column of series against plain Python over the instances that count."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.derive.derivation import derive
from ingest.lake import snapshot, views
from ingest.schema import TABLES, Column, Table
from ingest.schema.derived import series_columns
from tests import fake_lake
from tests.test_ingest.derive_lake import SMALL, add, derive_and_list, table
from tests.test_ingest.test_derive_incremental import history

Row = dict[str, Any]
KEYS = ("StudyInstanceUID", "SeriesInstanceUID")


def is_value(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def single(value: Any) -> Any:
    """A list as one text, everything else as it is."""
    if not isinstance(value, list):
        return value
    return "\\".join("" if part is None else str(part) for part in value) or None


OF_VALUES: Mapping[str, Callable[[list[Any]], Any]] = {
    "": min,
    "_min": min,
    "_max": max,
    "_sum": math.fsum,
    "_values": lambda values: sorted({single(v) for v in values} - {None}) or None,
}


def slice_order(row: Row) -> tuple[Any, ...]:
    position = row["slice_position_mm"] if is_value(row["slice_position_mm"]) else None
    terms = (position, row["acquisition_datetime"], row["InstanceNumber"], row["SOPInstanceUID"])
    return tuple((term is None, 0 if term is None else term) for term in terms)


def aggregated(column: Column, made: Column, rows: Sequence[Row]) -> Any:
    if made.aggregation == ("first",):
        return rows[0][column.name]
    values = [row[column.name] for row in rows if is_value(row[column.name])]
    if made.name == "patient_key":  # the smallest would depend on the secret
        return values[0] if values else None
    return OF_VALUES[made.name.removeprefix(column.name)](values) if values else None


def expected(instances: Table, rows: Sequence[Row]) -> Row:
    return {
        "n_instances": len(rows),
        "n_headers": len({row["header_id"] for row in rows}),
        "FirstSOPInstanceUID": rows[0]["SOPInstanceUID"],
        "MiddleSOPInstanceUID": rows[len(rows) // 2]["SOPInstanceUID"],
    } | {
        made.name: aggregated(column, made, rows)
        for column in instances.columns
        for made in series_columns(column)
    }


def compare(root: Path, tables: Mapping[str, Table]) -> None:
    with duckdb.connect() as database:
        views.register(database, root, snapshot.read(root), identifiers=True, tables=TABLES)
        live = database.sql("SELECT * FROM instances").pl()
    by_key: dict[tuple[Any, ...], list[Row]] = {}
    for row in live.to_dicts():
        by_key.setdefault(tuple(row[key] for key in KEYS), []).append(row)
    series = table(root, "series").to_dicts()
    assert {tuple(row[key] for key in KEYS) for row in series} == set(by_key)
    for row in series:
        members = sorted(by_key[tuple(row[key] for key in KEYS)], key=slice_order)
        wanted = expected(tables["instances"], members)
        for name, value in wanted.items():
            assert same(row[name], value), name


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12) or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


def test_all_columns_of_a_plausible_lake(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    fake_lake.write_batch(root, duplicates=3, changed=2)
    state = snapshot.read(root)
    snapshot.write(root, replace(state, derived=derive(root, state, None)))
    assert table(root, "series").height == 12
    compare(root, TABLES)


@pytest.mark.parametrize("seed", range(100, 103))
def test_random_lakes(seed: int, tmp_path: Path) -> None:
    root = tmp_path / "bank"
    for batch in history(seed):
        add(root, *batch)
    derive_and_list(root, None)
    assert table(root, "series").height > 2
    compare(root, SMALL)
