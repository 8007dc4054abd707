"""A databank opened for reading: what can be asked, what cannot be reached whatever is asked."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from app.lake import Lake, QueryFailed, StatementRefused, check_statement, open_lake
from ingest.lake import snapshot, views
from ingest.lake.errors import BatchDamaged, DatabankNotFound
from ingest.schema import TABLES
from tests.fake_lake import write_batch
from tests.test_app import test_statement as statements


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("it's a [bank]") / "bank"
    write_batch(folder, not_dicom=2, errors=1)
    return folder


@pytest.fixture(scope="module")
def lake(root: Path) -> Iterator[Lake]:
    with open_lake(root) as opened:
        yield opened


@pytest.fixture(scope="module")
def unmasked(root: Path) -> Iterator[Lake]:
    with open_lake(root, identifiers=True) as opened:
        yield opened


def test_every_table_is_there_with_its_columns(lake: Lake) -> None:
    for table in TABLES.values():
        assert lake.query(f"FROM {table.name} LIMIT 0").columns == list(table.schema())


def test_a_snapshot_that_is_replaced_meanwhile_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it named may be gone by then; where it is the same still, something is damaged."""
    write_batch(tmp_path / "bank", studies=1)
    register, times = views.register, iter(range(10))

    def replaced(*arguments: Any, **options: Any) -> None:
        if next(times) == 0:
            state = snapshot.read(tmp_path / "bank")
            snapshot.write(tmp_path / "bank", replace(state, version=state.version + 1))
            raise BatchDamaged
        register(*arguments, **options)

    monkeypatch.setattr(views, "register", replaced)
    with open_lake(tmp_path / "bank") as opened:
        assert opened.snapshot == snapshot.read(tmp_path / "bank")
        assert opened.query("SELECT count(*) FROM files").item() > 0
    assert next(times) == 2, "once in vain"
    (tmp_path / "bank/open/batches/00000001/files-1.parquet").unlink()
    with pytest.raises(BatchDamaged):
        open_lake(tmp_path / "bank")


def test_identifiers_are_null_unless_they_are_shown(lake: Lake, unmasked: Lake) -> None:
    hidden = [column.name for column in TABLES["instances"].columns if column.phi]
    counts = ", ".join(f'count("{name}")' for name in hidden)
    assert sum(lake.query(f"SELECT {counts} FROM instances").row(0)) == 0
    names = unmasked.query("SELECT DISTINCT PatientName FROM instances")["PatientName"]
    assert sorted(names) == ["Müller^Test0", "Müller^Test1"]
    query = "SELECT count(*) FROM elements WHERE keyword = 'PatientName'"
    assert lake.query(query).item() == 0
    assert unmasked.query(query).item() == lake.query("SELECT count(*) FROM instances").item() > 0


def test_the_phi_folder_cannot_be_read_by_any_path(lake: Lake, root: Path) -> None:
    """Without the check of statements in between: the connection itself has to hold."""
    for where in ("phi/**/*.parquet", "open/../phi/**/*.parquet", "./phi/batches/*/*.parquet"):
        for function in ("read_parquet", "parquet_metadata", "glob", "read_blob"):
            place = f"{root}/{where}".replace("[", "[[]").replace("'", "''")
            with pytest.raises(QueryFailed, match="Permission Error"):
                lake.query(f"FROM {function}('{place}')")


@pytest.mark.parametrize(
    "sql",
    [
        "FROM read_text('/etc/hostname')",
        "FROM '/etc/hostname.csv'",
        "FROM read_csv('http://127.0.0.1:9/x.csv')",
        "FROM read_parquet('s3://bucket/x.parquet')",
        "COPY (SELECT 1) TO '/tmp/taglake-test-stolen.csv'",
        "ATTACH '/tmp/taglake-test-stolen.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "RESET lock_configuration",
        "SELECT getenv('HOME')",
        "FROM secret_of_the_test",
    ],
)
def test_the_connection_reaches_nothing_else(lake: Lake, sql: str) -> None:
    secret_of_the_test = pl.DataFrame({"a": [1]})
    with pytest.raises(QueryFailed):
        lake.query(sql)
    assert secret_of_the_test.height == 1  # a Python variable is no table either
    assert not list(Path("/tmp").glob("taglake-test-stolen*"))


def test_what_is_refused_leaves_no_trace(lake: Lake, root: Path) -> None:
    before = sorted(root.rglob("*"))
    lists = (statements.WRITING, statements.LOOKING_ELSEWHERE, statements.OTHER)
    for text in (text for texts in lists for text in texts):
        with pytest.raises((StatementRefused, QueryFailed)):
            lake.query(check_statement(text.format(open=root / "open", phi=root / "phi")))
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize("text", statements.READING)
def test_what_is_allowed_runs(lake: Lake, text: str) -> None:
    assert lake.query(check_statement(text), limit=5).width > 0


def test_views_can_be_narrowed(root: Path) -> None:
    only = "SELECT * FROM everything.files WHERE status = 'error'"
    with open_lake(root, narrowed={"files": only}, memory="200MiB") as lake:
        assert lake.query("SELECT DISTINCT status FROM files").item() == "error"
        assert lake.query("SELECT count(*) FROM everything.files").item() > 1
        assert lake.query("FROM series LIMIT 0").columns == list(TABLES["series"].schema())
        limit = lake.query("SELECT current_setting('memory_limit') AS m").item()
        assert limit == "200.0 MiB"
        with pytest.raises(QueryFailed, match="locked"):
            lake.query("SET memory_limit = '1GB'")


def test_errors_are_one_sentence(lake: Lake) -> None:
    with pytest.raises(QueryFailed, match=r"^Catalog Error: Table with name nope [^\n]+$"):
        lake.query("SELECT *\nFROM nope")
    with pytest.raises(QueryFailed) as failed:
        lake.query("SELECT CAST('x' AS INTEGER)")
    assert failed.value.place.startswith("LINE 1: SELECT CAST")
    with pytest.raises(QueryFailed, match=r"^Conversion Error: [^\n]+$"):
        lake.query("SELECT CAST('x' AS INTEGER)")


def test_batches_are_the_query_in_pieces(lake: Lake) -> None:
    sql = "SELECT SOPInstanceUID, path, text, number FROM elements ORDER BY 1, 2"
    frames = list(lake.batches(sql, rows=100))
    assert frames[0].height == 0
    assert len(frames) > 3
    assert pl.concat(frames).equals(lake.query(sql))
    nothing = list(lake.batches("SELECT 1 AS a WHERE false"))
    assert [(frame.columns, frame.height) for frame in nothing] == [(["a"], 0)]


def test_types_that_polars_does_not_have_become_text(lake: Lake) -> None:
    frame = lake.query(
        "SELECT INTERVAL 3 DAYS AS a, [INTERVAL 1 HOUR] AS b, union_value(k := 1) AS c, "
        "'x'::VARIANT AS d, map {'k': 1} AS e, '101'::BIT AS f, 'a' AS \"quo\"\"ted\", 1 AS a"
    )
    assert frame.columns == ["a", "b", "c", "d", "e", "f", 'quo"ted', "a_1"]
    assert frame.row(0) == ("3 days", "['01:00:00']", "1", "x", "{k=1}", "101", "a", 1)
    twice = "SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a"
    assert lake.query(twice).to_dicts() == [{"a": 1, "a_2": 2, "a_1": 3, "a_3": 4}]
    assert next(lake.batches(twice)).columns == ["a", "a_2", "a_1", "a_3"]


def test_parameters_are_values(lake: Lake) -> None:
    assert lake.query("SELECT ? AS a", ["1; DROP VIEW series"]).item() == "1; DROP VIEW series"
    assert lake.query("SELECT $n + 1 AS a", {"n": 2}).item() == 3


def test_a_query_can_be_given_a_time(lake: Lake) -> None:
    endless = "SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE hash(a + b) = 3"
    with pytest.raises(QueryFailed, match=r"^The query was stopped after 0\.2 seconds\.$"):
        lake.query(endless.replace("a + b", "a.range + b.range"), seconds=0.2)
    assert lake.query("SELECT 1", seconds=60).item() == 1


def test_threads_share_a_lake(lake: Lake) -> None:
    results: list[int] = []

    def ask(n: int) -> None:
        results.extend(
            lake.query("SELECT count(*) + ? AS n FROM instances", [n]).item() for _ in range(5)
        )

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    count = lake.query("SELECT count(*) FROM instances").item()
    assert sorted(results) == sorted(count + n for n in range(8) for _ in range(5))


def test_what_queries_spill_goes_with_the_lake(root: Path) -> None:
    lake = open_lake(root)
    folder = Path(lake.query("SELECT current_setting('temp_directory') AS t").item())
    assert folder.stat().st_mode & 0o777 == 0o700
    lake.close()
    del lake
    gc.collect()
    assert not folder.exists()


def test_an_empty_databank_can_be_asked(tmp_path: Path) -> None:
    from ingest.lake import databank

    databank.create(tmp_path / "empty")
    with open_lake(tmp_path / "empty") as lake:
        assert lake.query("SELECT count(*) FROM series").item() == 0
    with pytest.raises(DatabankNotFound):
        open_lake(tmp_path / "missing")


def test_closed_is_closed(root: Path) -> None:
    lake = open_lake(root)
    lake.close()
    with pytest.raises((QueryFailed, duckdb.ConnectionException)):
        lake.query("SELECT 1")
