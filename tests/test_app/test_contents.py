"""How full columns are and what is in them, against counts by DuckDB and by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from app import contents
from app.lake import Lake, open_lake
from ingest.lake import databank, layout, snapshot
from ingest.lake.errors import BatchDamaged
from ingest.schema import TABLES
from tests.conftest import fill


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contents") / "bank"
    fill(folder, studies=5, series_per_study=3, instances_per_series=4, not_dicom=2)
    return folder


def summary(root: Path, identifiers: bool) -> pl.DataFrame:
    return contents.summary(root, snapshot.read(root), identifiers)


@pytest.mark.parametrize("identifiers", [False, True])
def test_filled_is_what_counting_gives(root: Path, identifiers: bool) -> None:
    found = summary(root, identifiers)
    rates = {(row["table_name"], row["column_name"]): row["filled"] for row in found.to_dicts()}
    compared = 0
    with open_lake(root, identifiers) as lake:
        # The views leave out what was read twice; these tables follow the files as they are.
        assert lake.query("SELECT count(*) FROM dropped").item() == 0
        for table in TABLES.values():
            if table.stored == "view":
                assert all(rates[table.name, c.name] is None for c in table.columns)
                continue
            counted = ", ".join(
                f'count(nullif("{c.name}", []))' if isinstance(c.dtype, pl.List)
                else f'count("{c.name}")'
                for c in table.columns
            )  # fmt: skip
            rows, *counts = lake.query(f"SELECT count(*), {counted} FROM {table.name}").row(0)
            for column, n in zip(table.columns, counts, strict=True):
                rate = rates[table.name, column.name]
                may_be_read = identifiers or (not column.phi and table.name not in layout.PHI_ONLY)
                if rows and may_be_read:
                    assert rate == pytest.approx(100 * n / rows), (table.name, column.name)
                    compared += 1
                else:
                    assert rate is None, (table.name, column.name)
    assert compared > 800


def test_examples_are_the_most_frequent_and_hide_identity(root: Path) -> None:
    def examples(identifiers: bool) -> dict[tuple[str, str], str | None]:
        rows = summary(root, identifiers).to_dicts()
        return {(row["table_name"], row["column_name"]): row["examples"] for row in rows}

    hidden, shown = examples(False), examples(True)
    with open_lake(root) as lake:
        query = "SELECT m.Modality FROM studies, unnest(Modalities) AS m(Modality) GROUP BY 1"
        assert set(str(hidden["studies", "Modalities"]).split(", ")) <= set(
            lake.query(query)["Modality"]
        )
    identifying = [(t.name, c.name) for t in TABLES.values() for c in t.columns if c.phi]
    assert all(hidden[key] is None for key in identifying)
    assert "Test0" in str(shown["studies", "PatientName"])
    assert "Test0" not in str(hidden)


def test_files_of_several_batches_count_together(tmp_path: Path) -> None:
    """A column that a file lacks has no value in its rows; row groups are added up."""
    one, two = tmp_path / "1.parquet", tmp_path / "2.parquet"
    pl.DataFrame({"a": [1, None, 3, 4], "b": [[1, 2], None, [3], None]}).write_parquet(
        one, row_group_size=2
    )
    pl.DataFrame({"a": [None] * 6}, schema={"a": pl.Int64}).write_parquet(two)
    assert contents._filled([one, two], ["a", "b", "c"]) == {"a": 30.0, "b": 20.0, "c": 0.0}
    assert contents._filled([], ["a"]) == {}
    assert contents._examples([one, two], ["a", "b"]) == {"a": "1, 3, 4", "b": "1, 2, 3"}


def test_an_empty_databank_has_every_column_and_nothing_in_it(tmp_path: Path) -> None:
    databank.create(tmp_path / "bank")
    found = summary(tmp_path / "bank", True)
    assert found.height == sum(len(table.columns) for table in TABLES.values())
    assert found["filled"].null_count() == found["examples"].null_count() == found.height


def test_damage_is_a_sentence(tmp_path: Path) -> None:
    fill(tmp_path / "bank", studies=1, series_per_study=1, instances_per_series=1)
    for file in (tmp_path / "bank" / "open").rglob("series.parquet"):
        file.write_bytes(b"no longer")
    with pytest.raises(BatchDamaged):
        summary(tmp_path / "bank", False)


def spread(lake: Lake, column: str) -> contents.Spread:
    return contents.spread(lake, TABLES["series"], TABLES["series"].column(column))


def test_the_spread_of_a_column(root: Path) -> None:
    with open_lake(root) as lake:
        found = spread(lake, "Modality")
        counts = lake.query("SELECT Modality, count(*) FROM series GROUP BY 1 ORDER BY 2 DESC, 1")
        assert (found.kind, found.rows, found.distinct) == ("values", 15, counts.height)
        assert found.frame.rows() == counts.rows()
        nothing = spread(lake, "PatientName")
        assert (nothing.filled, nothing.frame.height) == (0, 0)
        lists = spread(lake, "ImageType")
        items = lake.query("SELECT count(*) FROM (SELECT unnest(ImageType) FROM series)").item()
        assert lists.frame["n"].sum() == items


def test_bins_by_hand() -> None:
    values = pl.DataFrame({"value": [*range(61)], "n": [1] * 60 + [5]})
    bins = contents._bins(values)
    assert bins.height == contents.BINS
    assert bins["n"].to_list() == [2] * 29 + [7]
    assert (bins["lower"][0], bins["upper"][-1]) == (0.0, 60.0)
    days = pl.DataFrame({"value": [date(2020, 1, 1), date(2020, 1, 31)], "n": [3, 4]})
    dated = contents._bins(days)
    assert (dated["lower"][0], dated["upper"][-1]) == (date(2020, 1, 1), date(2020, 1, 31))
    assert (dated["n"][0], dated["n"][-1], dated["n"].sum()) == (3, 4, 7)
    odd = pl.DataFrame({"value": [float("nan"), float("inf"), 2.0], "n": [1, 1, 1]})
    assert contents._bins(odd)["n"].sum() == 1
    assert contents._bins(odd.head(2)).height == 0
