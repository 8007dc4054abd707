"""Views: the schema's columns on every lake, what is dropped, what is hidden, and what is read."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.lake import batch, databank, layout, parts, snapshot, sql, views
from ingest.lake.errors import BatchDamaged, ColumnsInvalid, DatabankNotFound
from ingest.schema import TABLES
from tests import fake_lake
from tests.lake_reader import open_reader
from tests.test_ingest.lake_faults import GONE

PERSON = "Müller^Test0"


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return connection.sql(query).fetchall()


def columns(connection: duckdb.DuckDBPyConnection, view: str) -> dict[str, str]:
    return {name: kind for name, kind, *_ in rows(connection, f"DESCRIBE {view}")}


def derive_dropped(root: Path, dropped: list[tuple[int, str, int]]) -> None:
    """A derived version that holds ``dropped`` and nothing else."""
    state = snapshot.read(root)
    folder = root / "open" / "derived" / "1"
    folder.mkdir()
    frame = pl.DataFrame(dropped, schema=TABLES["dropped"].schema(), orient="row")
    frame.write_parquet(folder / "dropped.parquet")
    snapshot.write(root, replace(state, derived="1"))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two batches; file 2 of the first is a duplicate of file 1, file 3 was read again."""
    root = tmp_path_factory.mktemp("views") / "bank"
    fake_lake.write_batch(root, studies=3, instances_per_series=3, not_dicom=2, errors=1)
    fake_lake.write_batch(root, studies=1, seed=1, instances_per_series=2, parts_per_batch=2)
    first = 1 << 32
    derive_dropped(root, [(first + 1, "duplicate", first), (first + 2, "changed", 2 << 32)])
    return root


@pytest.mark.parametrize("identifiers", [False, True])
@pytest.mark.parametrize("state", ["empty", "full"])
def test_every_view_has_the_columns_of_the_schema(
    root: Path, tmp_path: Path, identifiers: bool, state: str
) -> None:
    if state == "empty":
        root = tmp_path / "bank"
        databank.create(root)
    with open_reader(root, identifiers) as connection:
        for table in TABLES.values():
            expected = {c.name: sql.type_name(c.dtype) for c in table.columns}
            assert columns(connection, table.name) == expected
            count = rows(connection, f"SELECT count(*) FROM {table.name}")[0][0]
            is_derived = table.stored == "derived" and table.name != "dropped"
            hidden = table.name in layout.PHI_ONLY
            assert (count == 0) == (state == "empty" or is_derived or hidden), table.name


def test_dropped_files_are_no_instances(root: Path) -> None:
    first = 1 << 32
    stored = pl.concat(
        pl.read_parquet(path, columns=["instance_id", "header_id"], glob=False)
        for path in sorted((root / "open" / "batches").glob("*/instances-*.parquet"))
    )
    live = stored.filter(~pl.col("instance_id").is_in([first + 1, first + 2]))
    with open_reader(root) as connection:
        assert sorted(rows(connection, "FROM instances SELECT instance_id, header_id")) == sorted(
            live.rows()
        )
        for view in ("instance_elements", "frames"):
            found = {i for (i,) in rows(connection, f"SELECT DISTINCT instance_id FROM {view}")}
            assert found
            assert found <= set(live["instance_id"])
        found = rows(connection, "SELECT instance_id FROM problems WHERE instance_id IS NOT NULL")
        assert (first + 1,) not in found
        assert (first + 4,) in found
        statuses = rows(connection, "SELECT status, count(*) FROM files GROUP BY 1 ORDER BY 1")
        assert statuses == [("duplicate", 1), ("error", 1), ("not_dicom", 2), ("ok", 42)]
        assert rows(connection, "SELECT reason FROM files WHERE status = 'duplicate'") == [
            ("same SOPInstanceUID as another file",)
        ]


def test_a_header_without_instances_is_gone(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    fake_lake.write_batch(root, studies=3, series_per_study=1, instances_per_series=2)
    first = 1 << 32
    derive_dropped(root, [(first, "changed", 1), (first + 1, "duplicate", 1)])
    with open_reader(root, identifiers=True) as connection:
        for view in ("headers", "header_elements"):
            found = set(rows(connection, f"SELECT DISTINCT header_id FROM {view}"))
            assert found == {(first + 1,), (first + 2,)}, view
        found = set(rows(connection, "SELECT header_id FROM radiopharmaceuticals"))
        assert found == {(first + 2,)}
        assert set(
            rows(connection, "SELECT header_id FROM problems WHERE instance_id IS NULL")
        ) == {
            (first + 1,),
            (first + 2,),
        }
        assert len(rows(connection, "FROM elements")) == 4 * (9 + 3) + 2


def test_elements_are_those_of_the_header_and_of_the_instance(root: Path) -> None:
    uid = "1.2.826.0.1.0.1.2.1"
    query = (
        "SELECT path, keyword, creator, vr, text, number, varies FROM elements "
        f"WHERE SOPInstanceUID = '{uid}' ORDER BY path"
    )
    open_rows = [
        ("00080018", "SOPInstanceUID", None, "UI", uid, None, True),
        ("00080060", "Modality", None, "CS", "CT", None, False),
        ("00080070", "Manufacturer", None, "LO", "GE MEDICAL SYSTEMS", None, False),
        ("0008103E", "SeriesDescription", None, "LO", "Thorax 5.0 Br64", None, False),
        ("0020000D", "StudyInstanceUID", None, "UI", "1.2.826.0.1.0.1", None, False),
        ("0020000E", "SeriesInstanceUID", None, "UI", "1.2.826.0.1.0.1.2", None, False),
        ("00200013", "InstanceNumber", None, "IS", "2", 2.0, True),
        ("00200032", "ImagePositionPatient", None, "DS", "-128.0\\-128.0\\2.0", -128.0, True),
        ("00280010", "Rows", None, "US", "512", 512.0, False),
        ("00291010", None, "SIEMENS CSA HEADER", "OB", None, None, False),
    ]
    hidden = [
        ("00100010", "PatientName", None, "PN", PERSON, None, False),
        ("00100020", "PatientID", None, "LO", "P00000", None, False),
        ("00204000", "ImageComments", None, "LT", "comment 1", None, True),
    ]
    with open_reader(root) as connection:
        assert rows(connection, query) == open_rows
    with open_reader(root, identifiers=True) as connection:
        assert rows(connection, query) == sorted(open_rows + hidden)


def test_identifiers_are_hidden_or_joined(root: Path) -> None:
    query = (
        "SELECT PatientName, PatientBirthDate, patient_key FROM instances WHERE instance_id = {}"
    )
    query = query.format(1 << 32)
    with open_reader(root) as connection:
        assert rows(connection, query) == [(None, None, "0" * 32)]
        assert rows(connection, "SELECT DISTINCT uri, container FROM files") == [(None, None)]
        assert rows(connection, "SELECT DISTINCT sources FROM runs") == [(None,)]
    with open_reader(root, identifiers=True) as connection:
        assert str(rows(connection, query)) == (
            f"[('{PERSON}', datetime.date(1950, 1, 1), '{'0' * 32}')]"
        )
        assert rows(connection, "SELECT count(*), count(DISTINCT uri) FROM files") == [(46, 46)]
        assert rows(connection, "SELECT DISTINCT sources FROM runs") == [(["/data"],)]


def test_views_without_identifiers_never_name_the_phi_folder(root: Path) -> None:
    state = snapshot.read(root)
    assert not any("/phi/" in text for text in views.definitions(root, state, False).values())
    assert any("/phi/" in text for text in views.definitions(root, state, True).values())


@pytest.mark.parametrize("identifiers", [False, True])
def test_a_reader_reads_nothing_else(tmp_path: Path, identifiers: bool) -> None:
    root = tmp_path / "bank"
    fake_lake.write_batch(root, studies=1)
    (root / "opened").mkdir()
    (root / "opened" / "x.csv").write_text("a\n1\n")
    (root / "open" / "x.csv").write_text("a\n1\n")
    phi = root / "phi" / "batches" / "00000001" / "instances-1.parquet"
    with open_reader(root, identifiers) as connection:
        assert rows(connection, f"FROM '{root}/open/x.csv'") == [(1,)]
        for other in (
            root / "opened" / "x.csv",
            f"{root}/open/../opened/x.csv",
            root / "lake.json",
            "/etc/passwd",
        ):
            with pytest.raises(duckdb.PermissionException):
                rows(connection, f"SELECT * FROM read_csv('{other}')")
        if not identifiers:
            with pytest.raises(duckdb.PermissionException):
                rows(connection, f"SELECT * FROM '{phi}'")
        for statement in (
            "SET enable_external_access = true",
            "SET allowed_directories = ['/']",
            "SET lock_configuration = false",
            f"ATTACH '{tmp_path}/x.db'",
            f"COPY (SELECT 1) TO '{tmp_path}/x.csv'",
            "INSTALL httpfs",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement).fetchall()


def test_odd_names_of_folders(tmp_path: Path) -> None:
    root = tmp_path / 'it\'s [a] "b*nk"? {x,y} ü 頭'
    fake_lake.write_batch(root, studies=1)
    (tmp_path / 'it\'s a "bonk"! x ü 頭').mkdir()  # what the name would mean as a pattern
    link = tmp_path / "link"
    link.symlink_to(root)
    for place in (root, link):
        with open_reader(place, identifiers=True) as connection:
            assert rows(connection, "SELECT count(*), count(PatientName) FROM instances") == [
                (40, 40)
            ]
            assert rows(connection, "SELECT count(*) FROM elements")[0] == (40 * 12 + 20,)


def test_times_and_lists_keep_their_values(root: Path) -> None:
    with open_reader(root) as connection:
        frame = connection.sql(
            "SELECT StudyTime, StudyDate, ImageType, ImagePositionPatient, acquisition_datetime "
            "FROM instances ORDER BY instance_id LIMIT 1"
        ).pl()
    assert frame.to_dicts() == [
        {
            "StudyTime": fake_lake.dt.time(8, 30, 15, 250000),
            "StudyDate": fake_lake.dt.date(2020, 1, 1),
            "ImageType": ["ORIGINAL", "PRIMARY", "M"],
            "ImagePositionPatient": [-128.0, -128.0, 0.0],
            "acquisition_datetime": fake_lake.dt.datetime(2020, 1, 1, 8, 35, 15, 250000),
        }
    ]


def write_rows(root: Path, table: str, found: list[dict[str, object]]) -> None:
    """A batch that holds rows of one table, listed."""
    state = snapshot.read(root)
    staging = batch.begin(root, state)
    part = fake_lake.Part(state.next_part, "run", {table: found})
    batch.seal(root, staging, fake_lake.write_part(staging, part))
    every = (*state.batches, staging.batch)
    snapshot.write(root, snapshot.advanced(state, every, state.derived, state.next_part + 1))


def test_the_last_telling_of_runs_and_archives_counts(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    databank.create(root)
    for seconds, state in ((1.0, "interrupted"), (9.0, "done"), (4.0, "interrupted")):
        write_rows(root, "runs", [{"run_id": "a", "seconds": seconds, "state": state, "seen": 1}])
    archive = {"run_id": "a", "uri": "/x.zip", "size": 5, "mtime": 1}
    for members in (3, 1, 2):
        write_rows(root, "containers", [archive | {"members": members}])
    with open_reader(root, identifiers=True) as connection:
        assert rows(connection, "SELECT run_id, state FROM runs") == [("a", "done")]
        assert rows(connection, "SELECT uri, members FROM containers") == [("/x.zip", 2)]
    with open_reader(root) as connection:
        assert rows(connection, "SELECT * FROM containers") == []


def test_derived_tables_are_joined_by_keys_that_may_be_null(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    databank.create(root)
    keys = [("1.2", "1.2.1"), ("1.2", None), (None, None)]
    for side in layout.SIDES:
        names = layout.stored_columns(TABLES["series"], side)
        schema = {name: TABLES["series"].column(name).dtype for name in names}
        found = [
            {"StudyInstanceUID": study, "SeriesInstanceUID": series}
            | ({"PatientName": f"name {n}"} if side == "phi" else {"n_instances": n})
            for n, (study, series) in enumerate(keys)
        ]
        folder = layout.derived(root, side) / "1"
        folder.mkdir()
        pl.DataFrame(found, schema=schema, orient="row").write_parquet(folder / "series.parquet")
    snapshot.write(root, snapshot.Snapshot(derived="1"))
    query = "SELECT n_instances, PatientName FROM series ORDER BY 1"
    with open_reader(root, identifiers=True) as connection:
        assert rows(connection, query) == [(0, "name 0"), (1, "name 1"), (2, "name 2")]
    with open_reader(root) as connection:
        assert rows(connection, query) == [(0, None), (1, None), (2, None)]


def test_promoted_columns_are_shown_where_batches_have_them(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    fake_lake.write_batch(root, studies=1, series_per_study=1, instances_per_series=2)
    (root / "columns.toml").write_text(
        '[columns.Tube]\nsource = "00189999"\ntype = "number"\n'
        '[columns.Note]\nsource = "(0019,xx10) ACME"\n'
    )
    with open_reader(root, identifiers=True) as connection:
        assert rows(connection, "SELECT Tube, Note FROM instances") == [(None, None)] * 2
        assert columns(connection, "instances")["Tube"] == "DOUBLE"
    tables = views.tables_of(root)
    names = {side: layout.stored_columns(tables["instances"], side) for side in layout.SIDES}
    state = snapshot.read(root)
    staging = batch.begin(root, state)
    for side, folder in (("open", staging.open_dir), ("phi", staging.phi_dir)):
        schema = {n: tables["instances"].column(n).dtype for n in names[side]}
        row = {"instance_id": 9, "Tube": 1.5} if side == "open" else {"instance_id": 9, "Note": "x"}
        frame = pl.DataFrame([row], schema=schema, orient="row")
        parts.write(frame, folder, "instances", side, 2, tables=tables)
    batch.seal(root, staging, {"instances": 1})
    snapshot.write(root, snapshot.advanced(state, (*state.batches, staging.batch), None, 3))
    query = "SELECT Tube, Note FROM instances ORDER BY Tube NULLS FIRST"
    with open_reader(root, identifiers=True) as connection:
        assert rows(connection, query) == [(None, None), (None, None), (1.5, "x")]
    with open_reader(root) as connection:
        assert rows(connection, query)[2] == (1.5, None)
    (root / "columns.toml").write_text(
        '[columns.Tube]\nsource = "00189999"\ntype = "text"\nphi = true\n'
    )
    with open_reader(root) as connection:  # what identifies now is not read from open
        assert rows(connection, "SELECT DISTINCT Tube FROM instances") == [(None,)]
    (root / "columns.toml").write_text("[")
    with pytest.raises(ColumnsInvalid, match=r"columns\.toml"):
        open_reader(root)


def test_lookups_read_one_row_group(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    fake_lake.write_batch(root, studies=12, series_per_study=2, instances_per_series=4,
                          parts_per_batch=12)  # fmt: skip
    first = 1 << 32
    derive_dropped(root, [(first, "duplicate", first + 1)])
    for column, value, count in (
        ("SOPInstanceUID", "1.2.826.0.1.0.5.1.2", 9),
        ("SeriesInstanceUID", "1.2.826.0.1.0.5.1", 4 * 9),
    ):
        query = f"SELECT * FROM elements WHERE {column} = '{value}'"
        with open_reader(root) as connection:
            assert len(rows(connection, query)) == count + {9: 1, 36: 4}[count]
            plan = str(rows(connection, f"EXPLAIN ANALYZE {query}")[0][1])
        # header_elements and instance_elements are read only where their ids are.
        groups = [(int(a), int(b)) for a, b in re.findall(r"Scanned: (\d+) / (\d+)", plan)]
        assert groups.count((1, 12)) >= 2, groups


def test_comments_tell_what_columns_mean(root: Path) -> None:
    with duckdb.connect() as connection:
        views.register(connection, root, snapshot.read(root), False, schema="lake")
        views.comment(connection, schema="lake")
        query = (
            "SELECT comment FROM duckdb_columns() WHERE schema_name = 'lake' AND "
            "table_name = 'instances' AND column_name = 'EchoTime'"
        )
        column = TABLES["instances"].column("EchoTime")
        assert rows(connection, query) == [(f"{column.description} [{column.unit}]",)]
        query = "SELECT comment FROM duckdb_views() WHERE view_name = 'series'"
        assert rows(connection, query) == [(TABLES["series"].description,)]


def test_a_reader_of_an_old_snapshot_learns_that_it_is_stale(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    fake_lake.write_batch(root, studies=1)
    with open_reader(root) as connection:
        for path in (root / "open" / "batches" / "00000001").glob("*.parquet"):
            path.unlink()
        with pytest.raises(duckdb.IOException, match=GONE):
            rows(connection, "SELECT SOPInstanceUID FROM instances")


def test_damage_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatabankNotFound):
        open_reader(tmp_path / "nothing")
    root = tmp_path / "bank"
    fake_lake.write_batch(root, studies=1)
    derive_dropped(root, [])
    (root / "open" / "derived" / "1" / "dropped.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(BatchDamaged, match="damaged"):
        open_reader(root)
    (root / "open" / "batches" / "00000001" / "manifest.json").unlink()
    with pytest.raises(BatchDamaged, match="manifest"):
        open_reader(root)


def test_quoting() -> None:
    assert sql.identifier('a"b') == '"a""b"'
    assert sql.literal("it's") == "'it''s'"
    with pytest.raises(ValueError, match="NUL"):
        sql.literal("a\0b")
    with pytest.raises(ValueError, match="no SQL type"):
        sql.type_name(pl.UInt8())
    for text in ("it's", 'a"b', "x';--", "ü\n\t", ""):
        assert duckdb.sql(f"SELECT {sql.literal(text)}").fetchall() == [(text,)]
