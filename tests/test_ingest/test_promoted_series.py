"""Promoted columns in the table series, against aggregates worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.derive.derivation import derive
from ingest.lake import snapshot
from ingest.lake.check import check
from ingest.lake.tables import tables_of
from ingest.schema.promoted import SERIES, SUMMABLE, TYPES
from tests.test_ingest.pipeline_lakes import copied, read, rows
from tests.test_ingest.reader_samples import E, file_of, identity, text

COLUMNS = """
[columns.Coil]
source = "00181250"

[columns.Angle]
source = "(0019,xx8F) ACME 1.0"
type = "number"
phi = false

[columns.Note]
source = "(0019,xx90) ACME 1.0"

[columns.Reviewed]
source = "00181200"
type = "date"

[columns.Total]
source = "(0019,xx91) ACME 1.0"
type = "integer"
phi = false
series = "sum"

[columns.Unseen]
source = "00181251"
series = "none"
"""
WAYS = [(kind, way) for kind in TYPES for way in SERIES if way != "sum" or kind in SUMMABLE]
EVERY_TYPE_IN_EVERY_WAY = "".join(
    f'[columns.c{n}]\nsource = "00181250"\ntype = "{kind}"\nseries = "{way}"\n'
    for n, (kind, way) in enumerate(WAYS)
)
INSTANCES = (
    # uid, position along the slice axis, coil, angle, note, date, number
    ("1.2.3.1", "20", "Head", "10.5", "Roe^Jane", "20240103", "4"),
    ("1.2.3.2", "10", "Body", "-2", "", "20240101", ""),
    ("1.2.3.3", "30", "Head", "7", "Doe", "20240102", "3"),
)


def folder_of(folder: Path) -> Path:
    """A series of three instances, the second the first in slice order."""
    folder.mkdir()
    for uid, z, coil, angle, note, day, number in INSTANCES:
        elements: list[E] = [
            *identity(uid), text(0x0020000D, "UI", "1.2"), text(0x00190010, "LO", "ACME 1.0"),
            text(0x00200032, "DS", f"0\\0\\{z}"), text(0x00200037, "DS", "1\\0\\0\\0\\1\\0"),
            text(0x00181250, "SH", coil), text(0x0019108F, "DS", angle),
            text(0x00191090, "LO", note), text(0x00191091, "IS", number),
            text(0x00181200, "DA", day), text(0x00181251, "SH", "Body"),
        ]  # fmt: skip
        (folder / uid).write_bytes(file_of(elements, uid=uid))
    return folder


def rederived(root: Path) -> None:
    """Everything derived again, with the columns of the databank."""
    state = snapshot.read(root)
    version = derive(root, state, None, tables=tables_of(root))
    snapshot.write(root, replace(state, derived=version))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("promoted")
    root = place / "bank"
    root.mkdir()
    (root / "columns.toml").write_text(COLUMNS + EVERY_TYPE_IN_EVERY_WAY)
    read(folder_of(place / "files"), root)
    return root


@pytest.mark.parametrize(("columns", "expected"), [
    ("Coil, Coil_values", ("Body", ["Body", "Head"])),
    ("Angle, Angle_min, Angle_max", (-2.0, -2.0, 10.5)),
    ("Note, Note_values", (None, ["Doe", "Roe^Jane"])),
    ("Reviewed, Reviewed_min, Reviewed_max",
     (date(2024, 1, 1), date(2024, 1, 1), date(2024, 1, 3))),
    ("Total_sum", (7,)),
])  # fmt: skip
def test_series_show_promoted_columns(root: Path, columns: str, expected: tuple[Any, ...]) -> None:
    assert rows(root, f"SELECT {columns} FROM series") == [expected]


def test_what_is_hidden_stays_hidden(root: Path) -> None:
    version = snapshot.read(root).derived
    assert version is not None
    open_series = root / "open" / "derived" / version / "series.parquet"
    assert b"Roe^Jane" not in open_series.read_bytes()
    names = {name for name, *_ in rows(root, "DESCRIBE SELECT * FROM series")}
    assert {"Note", "Note_values", "Coil_values"} <= names
    assert "Unseen" not in names


def test_promoted_columns_are_not_judged(root: Path) -> None:
    """ReceiveCoilName, which the schema wants constant, is read from the same element."""
    sql = "SELECT count(*) FROM findings WHERE rule = 'value_not_constant' AND path = '00181250'"
    assert rows(root, sql) == [(1,)]


def test_the_databank_is_sound(root: Path) -> None:
    assert [t for t in check(root) if t.severity != "info"] == []


def test_a_lake_derived_before_the_column_was_promoted_opens(root: Path, tmp_path: Path) -> None:
    lake = copied(root, tmp_path / "bank")
    (lake / "columns.toml").write_text('[columns.Later]\nsource = "00181250"\n')
    assert rows(lake, "SELECT Later, Later_values, n_instances FROM series") == [(None, None, 3)]
    rederived(lake)
    assert rows(lake, "SELECT Later, n_instances FROM series") == [(None, 3)]


def test_every_type_can_be_shown_in_every_way(root: Path) -> None:
    assert rows(root, "SELECT n_instances FROM series") == [(3,)]
    shown = {name for name, *_ in rows(root, "DESCRIBE SELECT * FROM series")}
    for n, (_, way) in enumerate(WAYS):
        assert any(name.split("_")[0] == f"c{n}" for name in shown) == (way != "none")
