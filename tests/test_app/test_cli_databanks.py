"""`taglake databanks`, `check`, `compact` and `schema`."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from app.jobs import uploads
from ingest.lake import databank, lock
from ingest.lake.errors import DatabanksNotReadable
from ingest.schema import TABLES
from tests.fake_lake import write_batch
from tests.test_app.command_line import taglake


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path))
    return tmp_path


def test_a_databank_comes_and_goes(home: Path) -> None:
    root = home / "databanks" / "heart"
    assert taglake("databanks", "path", "heart").text == f"{root}\n"
    assert not root.exists()
    assert taglake("databanks", "create", "heart").text == f"{root}\n"
    listed = json.loads(taglake("databanks", "list", "--json").out)
    assert [(one["name"], one["path"], one["batches"]) for one in listed] == [
        ("heart", str(root), 0)
    ]
    assert "heart" in taglake("databanks").text
    assert taglake("databanks", "delete", "heart", "--yes").code == 0
    assert not root.exists()
    assert json.loads(taglake("databanks", "list", "--json").out) == []


def test_databanks_that_may_not_be_listed_are_not_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> list[str]:
        raise DatabanksNotReadable

    monkeypatch.setattr(databank, "names", refused)
    for command in (
        ("databanks",),
        ("databanks", "list", "--json"),
        ("check",),
        ("sql", "FROM series"),
    ):
        ended = taglake(*command)
        assert (ended.code, ended.text) == (4, "")
        assert ended.err == f"Error: {DatabanksNotReadable.sentence}\n"


def test_a_databank_is_renamed(home: Path) -> None:
    places = home / "databanks"
    taglake("databanks", "create", "heart")
    ended = taglake("databanks", "rename", "heart", "lung")
    assert (ended.code, ended.text) == (0, f"{places / 'lung'}\n")
    assert [path.name for path in places.iterdir()] == ["lung"]
    for old, new, told in (
        ("heart", "x", "no such databank"), ("lung", "a/b", "none of"),
        ("lung", "", "needs a name"),
    ):  # fmt: skip
        ended = taglake("databanks", "rename", old, new)
        assert ended.code == 2
        assert told in ended.err
    taglake("databanks", "create", "heart")
    ended = taglake("databanks", "rename", "lung", "heart")
    assert ended.code == 2
    assert "already" in ended.err
    with lock.writer(places / "lung"):
        assert taglake("databanks", "rename", "lung", "liver").code == 4
        assert taglake("databanks", "delete", "lung", "--yes").code == 4
    assert sorted(path.name for path in places.iterdir()) == ["heart", "lung"]


def test_a_databank_elsewhere_is_renamed_where_it_is(home: Path) -> None:
    taglake("databanks", "create", home / "elsewhere" / "one")
    assert taglake("databanks", "rename", home / "elsewhere" / "one", "two").code == 0
    assert (home / "elsewhere" / "two" / "lake.json").exists()


def test_deleting_needs_a_yes(home: Path) -> None:
    taglake("databanks", "create", "heart")
    ended = taglake("databanks", "delete", "heart", stdin="y\n")
    assert ended.code == 2
    assert "--yes" in ended.err
    assert (home / "databanks" / "heart" / "lake.json").exists()


def test_deleting_takes_only_databanks(home: Path) -> None:
    (home / "thesis").mkdir()
    (home / "thesis" / "thesis.txt").write_text("x", "utf-8")
    assert taglake("databanks", "delete", home / "thesis", "--yes").code == 2
    assert (home / "thesis" / "thesis.txt").exists()
    assert taglake("databanks", "create", home / "thesis").code == 4


@pytest.mark.parametrize("name", ["a:b", "con", ".hidden", "x" * 200])
def test_impossible_names_are_refused(name: str) -> None:
    assert taglake("databanks", "create", name).code == 2


def test_a_whole_databank_passes_the_check(home: Path) -> None:
    taglake("databanks", "create", "whole")
    ended = taglake("check")
    assert (ended.code, ended.text) == (0, "The databank is whole.\n")
    assert json.loads(taglake("check", "--json").out) == []


def test_a_missing_file_fails_the_check(home: Path) -> None:
    root = home / "databanks" / "torn"
    batch = write_batch(root)
    next((root / "open" / "batches" / batch).glob("instances-*.parquet")).unlink()
    ended = taglake("check", "--json")
    assert ended.code == 1
    assert any(trouble["severity"] == "error" for trouble in json.loads(ended.out))
    shown = taglake("check")
    assert shown.code == 1
    assert "error" in shown.text


def test_compacting_leaves_the_rows(home: Path) -> None:
    root = home / "databanks" / "many"
    for seed in range(3):
        write_batch(root, seed=seed, studies=1, series_per_study=1)
    count = ("sql", "SELECT count(*) AS n FROM files", "-f", "csv")
    before = taglake(*count).text
    ended = taglake("compact")
    assert (ended.code, ended.out) == (0, b"")
    assert "3 batches became 1" in ended.err
    assert taglake(*count).text == before
    assert "Nothing to merge" in taglake("compact").err


def test_the_schema_can_be_read_by_programs() -> None:
    tables = {table["name"]: table for table in json.loads(taglake("schema", "--json").out)}
    assert list(tables) == list(TABLES)
    columns = {column["name"]: column for column in tables["instances"]["columns"]}
    assert columns["EchoTime"]["type"] == "DOUBLE"
    assert columns["EchoTime"]["unit"] == "ms"
    assert columns["PatientName"]["phi"] is True
    assert columns["ImageType"]["type"] == "VARCHAR[]"


def test_the_schema_of_one_table_can_be_read_by_people() -> None:
    text = taglake("schema", "files").text
    assert all(column.name in text for column in TABLES["files"].columns)
    assert "SliceThickness" not in text
    assert "There is no table nope" in taglake("schema", "nope").err


def test_deleting_a_databank_removes_what_was_uploaded_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path))
    kept = uploads.keep("mine", [("a.dcm", io.BytesIO(b"x"))])
    other = uploads.keep("other", [("a.dcm", io.BytesIO(b"x"))])
    uploads.forget(tmp_path / "databanks" / "mine")
    uploads.forget(tmp_path / "elsewhere" / "other")
    assert not kept.exists()
    assert (other / "00001-a.dcm").read_bytes() == b"x"
