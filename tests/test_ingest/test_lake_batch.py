"""Batches: staging, sealing, and what becomes of them when the process dies at any step."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.lake import batch, layout, leftovers, lock, manifest, parts, snapshot, views
from ingest.lake.check.files import check_batch_files
from ingest.lake.errors import (
    BatchDamaged,
    DatabankBusy,
    DatabankNotWritable,
    SnapshotMissing,
)
from ingest.schema import TABLES
from tests import fake_lake
from tests.lake_reader import open_reader
from tests.test_ingest.lake_faults import dying, power_cut, times

ROOT = Path(__file__).resolve().parents[2]


def small(root: Path, seed: int) -> str:
    """A batch with three rows of files, a few keys and a run: five Parquet files."""
    return fake_lake.write_batch(root, studies=0, not_dicom=3, seed=seed)


def ingest(root: Path, seed: int) -> None:
    """What an ingest does to the lake: adopt, write, seal, list."""
    with lock.writer(root):
        adopt(root)
        small(root, seed)


def adopt(root: Path) -> list[str]:
    state = leftovers.last_known(root)
    adopted = batch.recover(root, state, grace=0)
    if adopted:
        every = (*state.batches, *adopted)
        free = batch.part_after(root, every, state.next_part)
        snapshot.write(root, snapshot.advanced(state, every, None, free))
    return adopted


def uris(root: Path) -> list[str]:
    files = views.definitions(root, snapshot.read(root), True, {"files": TABLES["files"]})["files"]
    rows = reader().execute(f"SELECT uri FROM ({files}) ORDER BY 1").fetchall()
    return [uri for (uri,) in rows]


@cache
def reader() -> duckdb.DuckDBPyConnection:
    """One connection for all questions of this kind: making one takes longer than to answer."""
    return duckdb.connect()


def on_disk(root: Path) -> set[str]:
    return {p.name for side in layout.SIDES for p in layout.batches(root, side).iterdir()}


def assert_sound(root: Path) -> None:
    """Every listed file is whole, and no part is in two batches."""
    state = snapshot.read(root)
    assert list(check_batch_files(reader(), root, state, False, TABLES)) == []
    used = [part for name in state.batches for part in manifest.read(root, name).parts]
    assert len(used) == len(set(used))
    assert all(part < state.next_part for part in used)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("base") / "bank"
    small(root, 0)
    return root


def test_a_batch_is_sealed_and_listed(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    names = [
        fake_lake.write_batch(root, studies=1, seed=seed, parts_per_batch=2) for seed in (0, 1)
    ]
    assert names == ["00000001", "00000002"]
    state = snapshot.read(root)
    assert state.batches == tuple(names)
    assert state.next_part == 5
    found = manifest.read(root, names[1])
    assert found.parts == (3, 4)
    assert found.kind == "ingest"
    assert found.rows()["instances"] == 40
    for file in found.files:
        path = layout.batches(root, file.side) / names[1] / file.name
        frame = pl.read_parquet(path, glob=False)
        assert tuple(frame.columns) == layout.stored_columns(TABLES[file.table], file.side)
        assert (frame.height, path.stat().st_size) == (file.rows, file.size)
        assert dict(frame.schema) == {
            name: TABLES[file.table].column(name).dtype for name in frame.columns
        }
    assert on_disk(root) == set(names)


def test_open_files_hold_no_identifying_column_or_row(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    fake_lake.write_batch(root, studies=2)
    seen: set[str] = set()
    for path in (root / "open").rglob("*.parquet"):
        frame = pl.read_parquet(path, glob=False)
        for name, dtype in frame.schema.items():
            seen |= set(frame[name].drop_nulls()) if dtype == pl.String else set()
    assert "PatientName" in seen  # what an element is called says nothing about anybody
    assert not [text for text in seen if text.startswith(("Müller^", "P0", "comment", "/data"))]


def test_parquet_files_say_what_they_are(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    fake_lake.write_batch(root, studies=1)
    path = root / "open" / "batches" / "00000001" / "instances-1.parquet"
    assert pl.read_parquet_metadata(path)["taglake.table"] == "instances"
    assert pl.read_parquet_metadata(path)["taglake.format"] == "1"
    codecs = duckdb.sql(f"SELECT DISTINCT compression FROM parquet_metadata('{path}')").fetchall()
    assert codecs == [("ZSTD",)]
    bounds = duckdb.sql(
        "SELECT stats_min_value, stats_max_value FROM parquet_metadata(?) "
        "WHERE path_in_schema = 'instance_id'",
        params=[str(path)],
    ).fetchall()
    assert bounds == [(str(1 << 32), str((1 << 32) + 39))]


def test_parts_refuse_frames_of_another_shape(tmp_path: Path) -> None:
    frame = pl.DataFrame({"file_id": [1], "uri": ["/x"], "container": [None]})
    with pytest.raises(ValueError, match="columns of files"):
        parts.write(frame, tmp_path, "files", "phi", 1)
    good = frame.cast({"container": pl.String})
    assert parts.write(good, tmp_path, "files", "phi", 1) == 1
    assert parts.write(good.clear(), tmp_path, "files", "phi", 2) == 0
    assert parts.write(good, tmp_path, "element_keys", "phi", 1) == 0
    assert [p.name for p in tmp_path.iterdir()] == ["files-1.parquet"]


def test_sealing_compares_with_what_the_writers_say(base: Path, tmp_path: Path) -> None:
    root = shutil.copytree(base, tmp_path / "bank")
    staging = batch.begin(root, snapshot.read(root))
    part = fake_lake.Part(7, "run")
    fake_lake._add_failures(part, 9, 2, 0)
    fake_lake.write_part(staging, part)
    with pytest.raises(BatchDamaged, match="2 rows of files, not 3"):
        batch.seal(root, staging, {"files": 3})
    (staging.open_dir / "surprise.txt").touch()
    with pytest.raises(BatchDamaged, match="not a part"):
        batch.seal(root, staging, {"files": 2})
    (staging.open_dir / "surprise.txt").unlink()
    (staging.open_dir / "frames-7.parquet").write_bytes(b"PAR1")
    with pytest.raises(BatchDamaged, match="not a whole Parquet file"):
        batch.seal(root, staging, {"files": 2})
    batch.discard(staging)
    assert on_disk(root) == {"00000001"}


def test_a_batch_without_rows(base: Path, tmp_path: Path) -> None:
    root = shutil.copytree(base, tmp_path / "bank")
    state = snapshot.read(root)
    name = batch.seal(root, batch.begin(root, state), {"files": 0})
    every = (*state.batches, name)
    assert batch.part_after(root, every, state.next_part) == state.next_part
    snapshot.write(root, snapshot.advanced(state, every, None, state.next_part))
    assert len(uris(root)) == 3


def test_a_full_disk_is_a_sentence(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = shutil.copytree(base, tmp_path / "bank")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DatabankNotWritable, match="disk is full") as caught:
        small(root, 1)
    assert str(tmp_path) not in str(caught.value)
    monkeypatch.undo()
    assert len(uris(root)) == 3
    ingest(root, 1)
    assert len(uris(root)) == 6


@pytest.mark.parametrize("cut", [False, True], ids=["killed", "power cut"])
def test_dying_at_any_step_of_a_commit(base: Path, tmp_path: Path, cut: bool) -> None:
    outcomes = []
    for step in range(200):
        root = shutil.copytree(base, tmp_path / f"{step}")
        before = times(root)
        with dying(step) as steps:
            ingest(root, 1)
        if steps.count <= step:
            break
        if cut:
            power_cut(root, before, steps.synced)
        assert_sound(root)
        listed = len(uris(root))
        adopted = adopt(root)
        assert on_disk(root) == set(snapshot.read(root).batches)
        outcomes.append((listed, len(adopted), len(uris(root))))
        if outcomes.count(outcomes[-1]) < 3:
            ingest(root, 2)
            assert_sound(root)
            assert len(set(uris(root))) == outcomes[-1][2] + 3
        shutil.rmtree(root)
    assert len(outcomes) > 15
    # Nothing, then a complete batch that is adopted, then a batch that is listed.
    assert outcomes == sorted(outcomes, key=lambda o: (o[0], o[1]))
    assert set(outcomes) == {(3, 0, 3), (3, 1, 6), (6, 0, 6)}


def test_dying_while_leftovers_are_cleared(base: Path, tmp_path: Path) -> None:
    for step in range(100):
        root = shutil.copytree(base, tmp_path / f"{step}")
        batch.begin(root, snapshot.read(root))
        small_unlisted = fake_lake.write_batch(root, studies=0, not_dicom=2, seed=3, commit=False)
        (root / "open" / "derived" / "4").mkdir()
        (root / "phi" / "derived" / ".new-5").mkdir()
        (root / "phi" / "batches" / "00000009").mkdir()
        with dying(step) as steps:
            adopt(root)
        adopted = adopt(root)
        assert len(uris(root)) == 5
        assert on_disk(root) == {"00000001", small_unlisted}
        assert not any((root / "open" / "derived").iterdir())
        assert not any((root / "phi" / "derived").iterdir())
        if steps.count <= step:
            assert adopted == []
            break
    else:
        pytest.fail("it never finished")


def test_folders_a_reader_may_use_are_kept_for_an_hour(base: Path, tmp_path: Path) -> None:
    root = shutil.copytree(base, tmp_path / "bank")
    old = root / "open" / "derived" / "3"
    old.mkdir()
    state = snapshot.read(root)
    leftovers.sweep(root, state)
    assert old.is_dir()
    mark = old / layout.RETIRED
    os.utime(mark, (mark.stat().st_atime, mark.stat().st_mtime - 3599))
    leftovers.sweep(root, state)
    assert old.is_dir()
    os.utime(mark, (mark.stat().st_atime, mark.stat().st_mtime - 10))
    leftovers.sweep(root, state)
    assert not old.exists()


def test_a_lost_snapshot_is_found_again(base: Path, tmp_path: Path) -> None:
    root = shutil.copytree(base, tmp_path / "bank")
    small(root, 1)
    (root / "lake.json").unlink()
    with pytest.raises(SnapshotMissing):
        uris(root)
    assert adopt(root) == ["00000001", "00000002"]
    assert len(uris(root)) == 6
    assert snapshot.read(root).next_part == 3


def test_a_damaged_batch_is_not_adopted(base: Path, tmp_path: Path) -> None:
    root = shutil.copytree(base, tmp_path / "bank")
    name = fake_lake.write_batch(root, studies=0, not_dicom=2, seed=3, commit=False)
    (root / "phi" / "batches" / name / "files-2.parquet").unlink()
    assert adopt(root) == []
    assert on_disk(root) == {"00000001"}


def test_nothing_is_cleared_while_a_listed_batch_is_unreadable(base: Path, tmp_path: Path) -> None:
    root = shutil.copytree(base, tmp_path / "bank")
    name = fake_lake.write_batch(root, studies=0, not_dicom=2, seed=3, commit=False)
    (root / "open" / "batches" / "00000001" / "manifest.json").write_text("{}")
    with pytest.raises(BatchDamaged):
        adopt(root)
    assert on_disk(root) == {"00000001", name}


GOOD = {
    "format": 1, "kind": "ingest", "parts": [[1, 3], [7, 7]], "schemas": [["file_id"]],
    "files": [{"side": "open", "table": "files", "part": 1, "bytes": 5, "rows": 1, "schema": 0,
               "blake2b": "00"}],
}  # fmt: skip


def test_manifests_are_read_as_written() -> None:
    found = manifest.decode(json.dumps(GOOD).encode())
    assert found.parts == (1, 2, 3, 7)
    assert found.files[0].columns == ("file_id",)
    assert json.loads(manifest.encode(found)) == GOOD


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2}, {"kind": "x"}, {"parts": [[3, 1]]}, {"parts": [[1, 2], [2, 3]]},
        {"parts": [[0, 2**40]]}, {"parts": [1]}, {"parts": None}, {"schemas": [[1]]},
        {"schemas": []}, {"files": {}}, {"files": [{}]}, {"files": GOOD["files"] * 2},
        {"files": [GOOD["files"][0] | {"side": "../x"}]},
        {"files": [GOOD["files"][0] | {"table": "../files"}]},
        {"files": [GOOD["files"][0] | {"part": -1}]},
        {"files": [GOOD["files"][0] | {"schema": 1}]},
        {"files": [GOOD["files"][0] | {"bytes": "5"}]},
    ],
)  # fmt: skip
def test_damaged_manifests_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(BatchDamaged):
        manifest.decode(json.dumps(GOOD | change).encode())


@pytest.mark.parametrize("content", [b"", b"nul", b"null", b"[]", b"[" * 100_000, b"\xff"])
def test_things_that_are_no_manifest(content: bytes) -> None:
    with pytest.raises(BatchDamaged):
        manifest.decode(content)


DIES = """
import os, signal, sys
from pathlib import Path
from tests.test_ingest.test_lake_batch import ingest
at, calls = int(sys.argv[2]), 0
for name in ("rename", "replace"):
    def step(self, target, real=getattr(Path, name)):
        global calls
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(self, target)
    setattr(Path, name, step)
ingest(Path(sys.argv[1]), 1)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
@pytest.mark.parametrize(("rename", "total"), [(1, 3), (2, 3), (3, 6)])
def test_a_process_killed_for_real(base: Path, tmp_path: Path, rename: int, total: int) -> None:
    """Before the rename of phi, of open, of lake.json: only then there is a batch to adopt."""
    root = shutil.copytree(base, tmp_path / "bank")
    command = [sys.executable, "-c", DIES, str(root), str(rename)]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert len(uris(root)) == 3
    with lock.writer(root):
        adopt(root)
    assert len(uris(root)) == total
    assert on_disk(root) == set(snapshot.read(root).batches)


WRITES = """
import sys
from pathlib import Path
from ingest.lake import lock
from tests.test_ingest.test_lake_batch import adopt, small
for n in range(4):
    with lock.writer(Path(sys.argv[1]), timeout=30):
        adopt(Path(sys.argv[1]))
        small(Path(sys.argv[1]), int(sys.argv[2]) + n)
"""


def test_two_processes_that_write_at_once(base: Path, tmp_path: Path) -> None:
    root = shutil.copytree(base, tmp_path / "bank")
    command = [sys.executable, "-c", WRITES, str(root)]
    running = [subprocess.Popen([*command, seed], cwd=ROOT) for seed in ("10", "20")]
    assert [process.wait(timeout=60) for process in running] == [0, 0]
    assert len(snapshot.read(root).batches) == 9
    assert len(set(uris(root))) == 27
    assert_sound(root)


def test_readers_see_whole_batches_only(base: Path, tmp_path: Path) -> None:
    root = shutil.copytree(base, tmp_path / "bank")
    done = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while not done.is_set():
            with open_reader(root) as connection:
                seen.extend(connection.sql("SELECT count(*) FROM files").fetchall()[0])

    reader = threading.Thread(target=read)
    reader.start()
    for seed in range(1, 6):
        ingest(root, seed)
    done.set()
    reader.join()
    assert seen == sorted(seen)
    assert set(seen) <= {3, 6, 9, 12, 15, 18}
    with lock.writer(root), pytest.raises(DatabankBusy):
        ingest(root, 9)
