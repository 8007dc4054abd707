"""Compaction: the same lake in fewer files, whenever it is cut off and whoever reads meanwhile."""

from __future__ import annotations

import random
import re
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.derive.derivation import derive
from ingest.lake import (
    batch,
    compact,
    databank,
    layout,
    leftovers,
    lock,
    manifest,
    parts,
    snapshot,
    views,
)
from ingest.lake.check import check
from ingest.lake.errors import BatchDamaged, DatabankBusy
from ingest.schema import TABLES
from tests import fake_lake
from tests.lake_reader import open_reader
from tests.test_ingest.lake_faults import GONE, dying, power_cut, times
from tests.test_ingest.pipeline_lakes import rows
from tests.test_ingest.test_lake_batch import adopt, assert_sound, on_disk, small, uris


def derived(root: Path) -> None:
    state = snapshot.read(root)
    snapshot.write(root, replace(state, derived=derive(root, state, None)))


def contents(root: Path) -> dict[str, pl.DataFrame]:
    """All views with identifiers, rows in a fixed order."""
    with open_reader(root, identifiers=True) as connection:
        return {name: connection.sql(f"SELECT * FROM {name} ORDER BY ALL").pl() for name in TABLES}


def assert_same(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> None:
    assert one.keys() == other.keys()
    for name, frame in one.items():
        assert frame.equals(other[name]), name
        assert frame.schema == other[name].schema


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four batches: one, another, the first again with changes, and one that is like the second."""
    root = tmp_path_factory.mktemp("compact") / "bank"
    few = {"studies": 3, "series_per_study": 2, "instances_per_series": 2}
    fake_lake.write_batch(root, **few, not_dicom=1, errors=1, duplicates=2, changed=1)
    fake_lake.write_batch(root, **few, seed=1, parts_per_batch=2)
    fake_lake.write_batch(root, studies=2, series_per_study=2, instances_per_series=2, errors=2)
    fake_lake.write_batch(root, studies=1, seed=1)
    derived(root)
    return root


@pytest.fixture
def root(base: Path, tmp_path: Path) -> Path:
    return shutil.copytree(base, tmp_path / "bank")


def test_the_lake_is_the_same_in_one_batch(root: Path) -> None:
    before, state = contents(root), snapshot.read(root)
    found = compact.compact(root)
    after = snapshot.read(root)
    assert (found.merged, found.into) == (4, 1)
    assert after == replace(state, version=state.version + 1, batches=("00000004-c1",))
    assert_same(before, contents(root))
    assert [t for t in check(root, deep=True) if t.severity != "info"] == []
    merged = manifest.read(root, "00000004-c1")
    assert merged.parts == (1, 2, 3, 4, 5)
    assert merged.kind == "compaction"
    # Files that were read again are left out, and nothing else is.
    changed = before["dropped"].filter(pl.col("why") == "changed").height
    assert changed > 8
    assert found.left_out == changed
    assert merged.rows()["files"] == before["files"].height
    # The old batches are still there for readers, and go when the time of grace is over.
    assert len(on_disk(root)) == 5
    leftovers.sweep(root, after, grace=0)
    assert on_disk(root) == {"00000004-c1"}
    assert_same(before, contents(root))


def test_deriving_anew_after_it_gives_the_same(root: Path) -> None:
    compact.compact(root, grace=0)
    before = contents(root)
    derived(root)
    after = contents(root)
    live = before["dropped"].filter(pl.col("why") == "duplicate")
    assert_same(before | {"dropped": live}, after)
    assert check(root)[0].severity == "info"


def test_nothing_of_a_replaced_file_is_left(root: Path) -> None:
    changed = rows(root, "SELECT file_id FROM dropped WHERE why = 'changed'")
    gone = pl.Series([file for (file,) in changed])
    assert gone.len() > 8
    compact.compact(root, grace=0)
    seen = 0
    for path in root.glob("*/batches/*/*.parquet"):
        frame = pl.read_parquet(path, glob=False)
        for column in {"file_id", "instance_id"} & set(frame.columns):
            seen += 1
            assert not frame[column].is_in(gone.implode()).any(), path.name
    assert seen > 6
    # A header goes with its last instance: those of batch 1 whose series were read again.
    headers = pl.concat(
        pl.read_parquet(p, glob=False) for p in root.glob("open/batches/*/headers-*.parquet")
    )
    instances = pl.concat(
        pl.read_parquet(p, glob=False, columns=["header_id"])
        for p in root.glob("open/batches/*/instances-*.parquet")
    )
    assert set(headers["header_id"]) == set(instances["header_id"])


def test_rows_stay_in_the_order_of_their_keys(root: Path) -> None:
    compact.compact(root, grace=0)
    for name, keys in {
        "instances": ["instance_id"],
        "instance_elements": ["instance_id", "key_id"],
        "header_elements": ["header_id", "key_id"],
        "element_keys": ["key_id"],
        "files": ["file_id"],
    }.items():
        for path in root.glob(f"*/batches/*/{name}-*.parquet"):
            frame = pl.read_parquet(path, glob=False, columns=keys)
            assert frame.equals(frame.sort(keys)), path
    (path,) = root.glob("open/batches/*/instances-*.parquet")
    assert pl.read_parquet_metadata(path)["taglake.table"] == "instances"


def test_types_of_merged_files_are_those_of_parts(root: Path) -> None:
    schemas = {}
    for path in root.glob("*/batches/00000001/*.parquet"):
        schemas[path.parts[-4], path.stem.split("-")[0]] = pl.read_parquet_schema(path)
    compact.compact(root, grace=0)
    merged = list(root.glob("*/batches/*/*.parquet"))
    assert {(path.parts[-4], path.stem.split("-")[0]) for path in merged} == set(schemas)
    for path in merged:
        assert pl.read_parquet_schema(path) == schemas[path.parts[-4], path.stem.split("-")[0]]


def files_batches(root: Path, sizes: list[int]) -> None:
    for n, size in enumerate(sizes):
        fake_lake.write_batch(root, studies=0, not_dicom=size, seed=n)


@pytest.mark.parametrize(
    ("sizes", "target", "groups"),
    [
        ([], 10, []),
        ([3], 10, []),
        ([3, 3], 10, [[1, 2]]),
        ([3, 3, 3, 3], 10, [[1, 2, 3]]),
        ([3, 3, 3, 3, 3], 10, [[1, 2, 3], [4, 5]]),
        ([1, 6, 1, 1], 10, [[3, 4]]),
        ([1, 1, 6, 1, 1], 10, [[1, 2], [4, 5]]),
        ([5, 5, 5], 10, [[1, 2]]),
        ([11, 12], 10, []),
        ([0, 0, 0], 10, [[1, 2, 3]]),
    ],
)
def test_which_batches_are_merged(
    tmp_path: Path, sizes: list[int], target: int, groups: list[list[int]]
) -> None:
    root = tmp_path / "bank"
    databank.create(root)
    files_batches(root, sizes)
    found = compact.plan(root, snapshot.read(root), target)
    assert found == [tuple(f"{n:08d}" for n in group) for group in groups]


def test_compacting_again_and_again(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    files_batches(root, [2, 2, 6, 2, 2])
    compact.compact(root, target=10)
    assert snapshot.read(root).batches == ("00000002-c1", "00000003", "00000005-c1")
    assert compact.compact(root, target=10) == compact.Compaction(0, 0, 0)
    small(root, 9)
    assert compact.compact(root, target=100).merged == 4
    assert snapshot.read(root).batches == ("00000006-c1",)
    small(root, 10)
    assert snapshot.read(root).batches == ("00000006-c1", "00000007")
    assert compact.compact(root).into == 1
    assert snapshot.read(root).batches == ("00000007-c1",)
    assert len(set(uris(root))) == 14 + 6
    assert_sound(root)
    # Merges that were merged since are not taken for new batches.
    assert adopt(root) == []
    assert len(uris(root)) == 20


def test_a_lost_snapshot_does_not_bring_rows_twice(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    files_batches(root, [2, 2, 2])
    compact.compact(root)
    small(root, 9)
    assert len(on_disk(root)) == 5
    (root / "lake.json").unlink()
    assert adopt(root) == ["00000003-c1", "00000004"]
    assert len(uris(root)) == len(set(uris(root))) == 9


def test_the_latest_telling_of_an_archive_survives(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    databank.create(root)
    for members in (3, 1, 2):
        state = snapshot.read(root)
        staging = batch.begin(root, state)
        part = fake_lake.Part(state.next_part, "run")
        part.add("containers", run_id="a", uri="/x.zip", size=5, mtime=1, members=members)
        batch.seal(root, staging, fake_lake.write_part(staging, part))
        every = (*state.batches, staging.batch)
        snapshot.write(root, snapshot.advanced(state, every, None, state.next_part + 1))
    assert compact.compact(root, grace=0).into == 1
    with open_reader(root, identifiers=True) as connection:
        assert connection.sql("SELECT uri, members FROM containers").fetchall() == [("/x.zip", 2)]


def test_dying_at_any_step_of_a_compaction(tmp_path: Path) -> None:
    base = tmp_path / "base"
    files_batches(base, [2, 2, 9])
    before = uris(base)
    outcomes = []
    for step in range(300):
        root = shutil.copytree(base, tmp_path / f"{step}")
        at_start = times(root)
        with dying(step) as steps:
            compact.compact(root, target=10, grace=0)
        if steps.count <= step:
            break
        if step % 2:
            power_cut(root, at_start, steps.synced)
        assert_sound(root)
        outcomes.append(len(snapshot.read(root).batches))
        assert uris(root) == before
        assert adopt(root) == []
        assert on_disk(root) == set(snapshot.read(root).batches)
        if outcomes.count(outcomes[-1]) < 3:
            small(root, 20)
            compact.compact(root, target=100, grace=0)
            assert len(snapshot.read(root).batches) == 1
            assert len(set(uris(root))) == len(before) + 3
            assert_sound(root)
        shutil.rmtree(root)
    assert set(outcomes) == {3, 2}
    assert outcomes == sorted(outcomes, reverse=True)
    assert len(outcomes) > 15


def test_damaged_batches_are_left_alone(root: Path) -> None:
    state = snapshot.read(root)
    (root / "open" / "batches" / "00000002" / "frames-2.parquet").write_bytes(b"PAR1PAR1")
    with pytest.raises(BatchDamaged, match="could not be merged") as caught:
        compact.compact(root)
    assert str(root) not in str(caught.value)
    assert snapshot.read(root) == state
    assert on_disk(root) == set(state.batches)


def test_rows_that_get_lost_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "bank"
    files_batches(root, [2, 2])
    sink = parts.sink

    def lossy(frame: pl.LazyFrame, folder: Path, table: str, part: int) -> int:
        return sink(frame.slice(1), folder, table, part)

    monkeypatch.setattr(parts, "sink", lossy)
    with pytest.raises(BatchDamaged, match="other rows than its batches"):
        compact.compact(root)
    assert len(uris(root)) == 4
    assert on_disk(root) == {"00000001", "00000002"}


def test_promoted_columns_that_came_and_changed(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    databank.create(root)
    for n, (kind, value) in enumerate(
        [("", None), ("text", "x1"), ("text", "2.5"), ("number", 3.5)]
    ):
        toml = f'[columns.Tube]\nsource = "00189999"\ntype = "{kind}"\n' if kind else ""
        (root / "columns.toml").write_text(toml)
        tables = views.tables_of(root)
        state = snapshot.read(root)
        staging = batch.begin(root, state)
        for side, folder in (("open", staging.open_dir), ("phi", staging.phi_dir)):
            names = layout.stored_columns(tables["instances"], side)
            schema = {name: tables["instances"].column(name).dtype for name in names}
            row = {"instance_id": n} | ({"Tube": value} if kind and side == "open" else {})
            frame = pl.DataFrame([row], schema=schema, orient="row")
            parts.write(frame, folder, "instances", side, n + 1, tables=tables)
        batch.seal(root, staging, {"instances": 1})
        every = (*state.batches, staging.batch)
        snapshot.write(root, snapshot.advanced(state, every, None, n + 2))
    query = "SELECT instance_id, Tube FROM instances ORDER BY 1"
    expected = [(0, None), (1, None), (2, 2.5), (3, 3.5)]
    with open_reader(root) as connection:
        assert connection.sql(query).fetchall() == expected
    compact.compact(root, grace=0)
    with open_reader(root) as connection:
        assert connection.sql(query).fetchall() == expected
        assert [c for c in connection.sql("FROM instances").columns if c == "Tube"] == ["Tube"]


def test_one_writer_at_a_time(root: Path) -> None:
    with lock.writer(root), pytest.raises(DatabankBusy):
        compact.compact(root)


@pytest.mark.parametrize("grace", [3600.0, 0.0])
def test_readers_are_not_disturbed(tmp_path: Path, grace: float) -> None:
    """Within the time of grace nothing fails; without it a reader learns that it is stale."""
    root = tmp_path / "bank"
    files_batches(root, [1, 1])
    held = open_reader(root)
    done = threading.Event()
    seen: list[int] = []
    stale: list[str] = []

    def read() -> None:
        while not done.is_set():
            with open_reader(root) as connection:
                try:
                    seen.extend(connection.sql("SELECT count(*) FROM files").fetchall()[0])
                except duckdb.IOException as error:
                    stale.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    for n in range(4):
        small(root, 50 + n)
        compact.compact(root, grace=grace)
    done.set()
    reader.join()
    assert seen == sorted(seen)
    assert set(seen) <= {2, 5, 8, 11, 14}
    assert all(re.search(GONE, said) for said in stale)
    with held:
        if grace:
            assert not stale
            assert held.sql("SELECT count(*) FROM files").fetchall() == [(2,)]
        else:
            with pytest.raises(duckdb.IOException, match=GONE):
                held.sql("SELECT run_id FROM files").fetchall()


OPERATIONS = (
    "ingest", "ingest", "crash", "compact", "ingest", "crashed compaction", "crash", "compact",
)  # fmt: skip


@pytest.mark.slow
def test_a_life_of_crashes(tmp_path: Path) -> None:
    """Ingests and compactions that are cut off at random steps, against a dictionary."""
    rng = random.Random(2)
    root = tmp_path / "bank"
    databank.create(root)
    latest: dict[str, str] = {}  # uri -> the SOP instance that was read last
    for operation in OPERATIONS:
        source = rng.randrange(3)
        if operation == "ingest":
            _read(root, source, latest)
        elif operation == "crash":
            known = dict(latest)
            with dying(rng.randrange(60)):
                _read(root, source, known)
            if adopt(root):
                derived(root)
            if source_is_listed(root, source, known):
                latest = known
        elif operation == "compact":
            compact.compact(root, grace=0)
        else:
            with dying(rng.randrange(60)):
                compact.compact(root, grace=0)
        found = rows(
            root,
            "SELECT uri, i.SOPInstanceUID FROM files JOIN instances AS i ON file_id = instance_id",
        )
        assert dict(found) == latest
        assert len(found) == len(latest)
    assert [t for t in check(root) if t.severity == "error"] == []
    assert on_disk(root) >= set(snapshot.read(root).batches)
    assert latest


def _read(root: Path, source: int, latest: dict[str, str]) -> None:
    """An ingest of one of three sources: two files, whose instances are new each time."""
    state = snapshot.read(root)
    staging = batch.begin(root, state)
    part = fake_lake.Part(state.next_part, f"run-{staging.batch}")
    fake_lake._fill([part], 1, 1, 2, seed=source)
    for table in ("files", "instances"):
        for row in part.rows[table]:
            row["SOPInstanceUID"] += f".{staging.batch}"
    fake_lake._add_run([part], "done")
    latest |= {row["uri"]: row["SOPInstanceUID"] for row in part.rows["files"]}
    name = batch.seal(root, staging, fake_lake.write_part(staging, part))
    new = snapshot.advanced(state, (*state.batches, name), state.derived, state.next_part + 1)
    version = derive(root, new, [name])
    snapshot.write(root, replace(new, derived=version))


def source_is_listed(root: Path, source: int, known: dict[str, str]) -> bool:
    """Whether the batch that ``known`` already counts with became part of the lake."""
    found = rows(root, "SELECT SOPInstanceUID FROM files")
    mine = {uid for uri, uid in known.items() if uri.startswith(f"/data/{source}/")}
    return mine <= {uid for (uid,) in found}


def test_a_merge_takes_the_place_of_its_batches_in_time() -> None:
    names = ["00000001", "00000003-c1", "00000003-c12", "00000004", "00000010-c2", "00000011"]
    assert sorted(names) == names
    assert [str(layout.batch_name(name)) for name in names] == names
    assert layout.batch_name("00000003-c0") is None or str(layout.batch_name("00000003-c0"))
    for text in ("", "1", "00000001-c", "00000001-c1x", "../00000001", "٠٠٠٠٠٠٠١", "00000001\n"):
        assert layout.batch_name(text) is None
