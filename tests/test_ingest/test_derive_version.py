"""Versions on disk: typed files on both sides, whole or not there, and sentences without paths."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.derive import publish
from ingest.derive.database import DerivationFailed, connection
from ingest.derive.derivation import derive
from ingest.lake import check, layout, snapshot, views
from ingest.lake.errors import DatabankNotWritable, LakeError
from ingest.schema import TABLES
from tests import fake_lake
from tests.test_ingest.derive_lake import DERIVED, SMALL, Reading, add, derive_and_list


def files(root: Path, side: layout.Side, version: str) -> dict[str, dict[str, pl.DataType]]:
    return {path.stem: dict(pl.read_parquet_schema(path)) for path in parquet(root, side, version)}


def parquet(root: Path, side: layout.Side, version: str) -> list[Path]:
    return sorted((layout.derived(root, side) / version).glob("*.parquet"))


def expected(side: layout.Side) -> dict[str, dict[str, pl.DataType]]:
    columns = {name: layout.stored_columns(TABLES[name], side) for name in DERIVED}
    return {
        name: {column: TABLES[name].column(column).dtype for column in names}
        for name, names in columns.items()
        if names
    }


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of two batches with all columns, derived in two steps."""
    root = tmp_path_factory.mktemp("derive") / "bank"
    fake_lake.write_batch(root, not_dicom=1, errors=2, duplicates=3, changed=2)
    state = snapshot.read(root)
    version = derive(root, state, None)
    new = fake_lake.write_batch(root, seed=1, studies=1)
    state = replace(snapshot.read(root), derived=version)
    snapshot.write(root, replace(state, derived=derive(root, state, [new])))
    return root


def test_columns_and_types_are_the_schemas(full: Path) -> None:
    for side in layout.SIDES:
        assert files(full, side, "2") == expected(side)


def test_an_empty_lake_has_every_table(tmp_path: Path) -> None:
    version = derive(tmp_path, snapshot.Snapshot(), None)
    assert version == "1"
    for side in layout.SIDES:
        assert files(tmp_path, side, version) == expected(side)
        for path in parquet(tmp_path, side, version):
            assert pl.read_parquet(path).height == 0


def test_a_lake_of_errors_has_every_table(tmp_path: Path) -> None:
    fake_lake.write_batch(tmp_path / "bank", studies=0, errors=3)
    root = tmp_path / "bank"
    version = derive(root, snapshot.read(root), None)
    assert files(root, "open", version) == expected("open")
    (finding,) = pl.read_parquet(root / f"open/derived/{version}/findings.parquet").to_dicts()
    assert (finding["rule"], finding["n_affected"]) == ("file_error", 3)


def test_the_check_of_the_lake_is_content(full: Path) -> None:
    assert [trouble for trouble in check.check(full) if trouble.severity != "info"] == []


def test_incremental_with_all_columns_is_a_full_rebuild(full: Path) -> None:
    version = derive(full, snapshot.read(full), None)
    for side, tables in ((side, expected(side)) for side in layout.SIDES):
        for name in tables:
            one, other = (
                pl.read_parquet(layout.derived(full, side) / v / f"{name}.parquet")
                for v in ("2", version)
            )
            assert one.equals(other)


def test_nothing_identifying_is_under_open(full: Path) -> None:
    phi = {column.name for table in TABLES.values() for column in table.columns if column.phi}
    for name, schema in files(full, "open", "2").items():
        assert not phi & schema.keys(), name
    for path in parquet(full, "open", "2"):
        content = str(pl.read_parquet(path).to_dicts())
        assert not any(text in content for text in ("Müller", "P00000", "Hospital", "/data/"))


def test_views_join_both_sides(full: Path) -> None:
    with duckdb.connect() as database:
        views.register(database, full, snapshot.read(full), identifiers=True)
        count = "SELECT count(*), count(PatientID), sum(n_instances) FROM series"
        assert database.execute(count).fetchall() == [(16, 16, 162)]
        live = "SELECT count(*) FROM instances"
        assert database.execute(live).fetchall() == [(162,)]


def test_versions_are_numbered_upwards(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    add(root, [Reading("a", "1")])
    assert derive_and_list(root, None) == "1"
    assert derive_and_list(root, None) == "2"
    (root / "phi/derived/.new-7").mkdir()
    (root / "open/derived/elsewhere").mkdir()
    assert derive_and_list(root, None) == "8"
    assert sorted(os.listdir(root / "open/derived")) == ["1", "2", "8", "elsewhere"]
    assert sorted(os.listdir(root / "phi/derived")) == [".new-7", "1", "2", "8"]


def test_any_folder_name(tmp_path: Path) -> None:
    """What ends a text, is a pattern, a place in a template, beyond ASCII, and ends a statement."""
    root = tmp_path / "it's a[1]*? {constants} Größe 頭部 b;--"
    add(root, [Reading("a", "1")])
    derive_and_list(root, None)
    derive_and_list(root, [add(root, [Reading("b", "2")])])
    series = pl.read_parquet(root / "open" / "derived" / "2" / "series.parquet", glob=False)
    assert series["n_instances"].to_list() == [2]


def nothing_is_left(root: Path) -> bool:
    return not any(os.listdir(layout.derived(root, side)) for side in layout.SIDES)


def test_a_damaged_part_leaves_nothing_behind(tmp_path: Path) -> None:
    root = tmp_path / "secret-name"
    batch = add(root, [Reading("a", "1")])
    part = root / "open/batches" / batch / "instances-1.parquet"
    part.write_bytes(part.read_bytes()[:-20] + bytes(20))
    with pytest.raises(DerivationFailed) as raised:
        derive(root, snapshot.read(root), None, tables=SMALL)
    assert "secret-name" not in str(raised.value)
    assert nothing_is_left(root)


def test_a_missing_part_leaves_nothing_behind(tmp_path: Path) -> None:
    root = tmp_path / "secret-name"
    batch = add(root, [Reading("a", "1")])
    (root / "phi/batches" / batch / "files-1.parquet").unlink()
    with pytest.raises(DerivationFailed) as raised:
        derive(root, snapshot.read(root), None, tables=SMALL)
    assert "secret-name" not in str(raised.value)
    assert nothing_is_left(root)


@pytest.fixture(scope="module")
def fifty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of fifty series, derived."""
    root = tmp_path_factory.mktemp("fifty") / "bank"
    add(root, [Reading(str(n), str(n), series=f"1.{n}") for n in range(50)])
    derive_and_list(root, None)
    return root


@pytest.mark.parametrize("column", ["Modality", "FlipAngle"])
def test_a_last_version_whose_rows_are_damaged(column: str, fifty: Path, tmp_path: Path) -> None:
    """SQL reads the first of the columns, and only the gathering of whole rows the second."""
    root = shutil.copytree(fifty, tmp_path / "secret-name")
    version = snapshot.read(root).derived or ""
    series = layout.derived(root, "open") / version / "series.parquet"
    places = (
        "SELECT data_page_offset, total_compressed_size FROM parquet_metadata(?) "
        "WHERE path_in_schema = ?"
    )
    with duckdb.connect() as database:
        ((start, size),) = database.execute(places, [str(series), column]).fetchall()
    content = bytearray(series.read_bytes())
    content[start : start + size] = bytes(size)  # the footer stays
    series.write_bytes(content)
    new = add(root, [Reading("x", "x", series="2")])
    with pytest.raises(DerivationFailed) as raised:
        derive(root, snapshot.read(root), [new], tables=SMALL)
    assert "secret-name" not in str(raised.value)
    for side in layout.SIDES:
        assert os.listdir(layout.derived(root, side)) == [version]


def test_a_crash_while_renaming_leaves_no_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "bank"
    add(root, [Reading("a", "1")])
    renamed: list[Path] = []

    def rename(source: Path, target: Path) -> None:
        if renamed:
            raise OSError(28, "No space left on device", str(target))
        renamed.append(target)
        source.rename(target)

    monkeypatch.setattr(publish, "rename_folder", rename)
    with pytest.raises(DatabankNotWritable, match="disk is full"):
        derive(root, snapshot.read(root), None, tables=SMALL)
    assert os.listdir(root / "open/derived") == []  # phi alone is no version
    monkeypatch.undo()
    assert derive(root, snapshot.read(root), None, tables=SMALL) == "2"


def test_too_little_memory_is_said(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    add(root, [Reading(str(n), str(n)) for n in range(100)])
    with pytest.raises(LakeError, match="memory"):
        derive(root, snapshot.read(root), None, memory_limit="1MB", tables=SMALL)
    assert nothing_is_left(root)


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("SELECT CAST('Doe^Jane' AS DATE)", "ConversionException"),
        ("SELECT error('No space left on device')", "disk is full"),
        ("COPY (SELECT 1) TO '/nowhere/Doe^Jane'", "IOException"),
    ],
)
def test_errors_of_the_database_are_sentences(sql: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(LakeError, match=sentence) as raised, connection(tmp_path) as database:
        database.execute(sql).fetchall()
    assert "Doe" not in str(raised.value)


def test_a_misspelt_query_is_shown_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(duckdb.BinderException), connection(tmp_path) as database:
        database.execute("SELECT misspelt")
