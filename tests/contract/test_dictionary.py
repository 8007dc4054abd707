"""What is documented of the lake is what is declared, and what is declared is what DuckDB has."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.lake import open_lake
from ingest.lake import databank
from ingest.schema import TABLES, Table
from ingest.schema.dictionary import markdown, record
from ingest.schema.sql_types import type_name

DICTIONARY = Path(__file__).resolve().parents[2] / "data" / "DICTIONARY.md"


def test_the_dictionary_is_current() -> None:
    """If not: ./taglake schema --markdown > data/DICTIONARY.md"""
    assert DICTIONARY.read_text("utf-8") == markdown(TABLES.values())


def test_types_are_those_of_the_views(tmp_path: Path) -> None:
    databank.create(tmp_path / "bank")
    with open_lake(tmp_path / "bank") as lake:
        for table in TABLES.values():
            described = lake.query(f"DESCRIBE {table.name}")
            found = dict(zip(described["column_name"], described["column_type"], strict=True))
            assert found == {column.name: type_name(column.dtype) for column in table.columns}


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_column_is_described(table: Table) -> None:
    rows = {
        line.split("`")[1]: line.split(" | ")
        for line in markdown([table]).splitlines()
        if line.startswith("| `")
    }
    assert list(rows) == [column.name for column in table.columns]
    for column in table.columns:
        cells = rows[column.name]
        assert len(cells) == 6
        assert cells[1] == type_name(column.dtype)
        assert ("**identifies**" in cells[2]) == column.phi
        assert len(column.description) > 2
        assert column.unit == cells[3].strip()
    assert [column["name"] for column in record(table)["columns"]] == list(rows)


def test_tags_are_written_as_people_know_them() -> None:
    text = markdown([TABLES["instances"]])
    assert "| `EchoTime` | DOUBLE |" in text
    assert "(0018,0081)" in text
    assert "00180081" not in text
