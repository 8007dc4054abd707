"""The check: silent on sound lakes, and exact about each thing that was broken on purpose."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from ingest.derive.derivation import derive
from ingest.lake import digests, layout, manifest, snapshot
from ingest.lake.check import Trouble, check, counts
from ingest.lake.check.files import check_derived_files
from ingest.lake.errors import (
    DatabankNotFound,
    NotADatabank,
    SnapshotDamaged,
    SnapshotMissing,
)
from ingest.lake.session import session
from ingest.schema import TABLES
from tests import fake_lake

ONE = "00000001"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("check") / "bank"
    fake_lake.write_batch(root, studies=3, series_per_study=2, instances_per_series=3,
                          not_dicom=1, errors=1, duplicates=2, changed=1)  # fmt: skip
    fake_lake.write_batch(root, studies=1, seed=1, series_per_study=2, instances_per_series=3)
    state = snapshot.read(root)
    snapshot.write(root, replace(state, derived=derive(root, state, None)))
    return root


@pytest.fixture
def root(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "bank")


def errors(root: Path) -> set[tuple[str, str]]:
    return {(t.where, t.message) for t in check(root) if t.severity == "error"}


def rewrite(
    root: Path, table: str, side: str, change: Callable[[pl.DataFrame], pl.DataFrame]
) -> str:
    """Change the rows of a table in the first batch, and its manifest with them."""
    folder = root / side / "batches" / ONE
    (path,) = folder.glob(f"{table}-*.parquet")
    frame = change(pl.read_parquet(path, glob=False))
    frame.write_parquet(path)
    place = root / "open" / "batches" / ONE / layout.MANIFEST
    found = manifest.decode(place.read_bytes())
    files = tuple(
        file._replace(
            size=path.stat().st_size,
            rows=frame.height,
            digest=digests.digest(path),
            columns=tuple(frame.columns),
        )
        if (file.side, file.table) == (side, table)
        else file
        for file in found.files
    )
    place.write_bytes(manifest.encode(replace(found, files=files)))
    return path.relative_to(root).as_posix()


def test_a_sound_lake(sound: Path) -> None:
    assert check(sound) == []
    assert check(sound, deep=True) == []
    found = counts(sound)
    assert found["files"] == 18 + 2 + 2 + 1 + 6
    assert found["instances"] == 18 + 2 + 1 + 6
    assert found["runs"] == 2


def test_an_empty_lake_and_one_that_was_not_derived(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    fake_lake.databank.create(root)
    assert check(root) == []
    fake_lake.write_batch(root, studies=1, series_per_study=1)
    assert check(root) == [
        Trouble("warning", "open/derived", "Nothing is derived from the batches yet.")
    ]


def test_places_without_a_lake(tmp_path: Path) -> None:
    with pytest.raises(DatabankNotFound):
        check(tmp_path / "nothing")
    with pytest.raises(NotADatabank):
        check(tmp_path)


def test_damaged_snapshot_columns_and_secret(root: Path) -> None:
    (root / "phi" / "secret.key").unlink()
    assert [w for w, _ in errors(root)] == ["phi/secret.key"]
    (root / "columns.toml").write_text("x")
    assert [w for w, _ in errors(root)] == ["columns.toml"]
    (root / "lake.json").write_text("{")
    assert errors(root) == {("lake.json", SnapshotDamaged.sentence)}
    (root / "lake.json").unlink()
    assert errors(root) == {("lake.json", SnapshotMissing.sentence)}


def test_missing_files_and_folders(root: Path) -> None:
    (root / "open" / "batches" / ONE / "frames-1.parquet").unlink()
    (root / "phi" / "derived" / "1" / "series.parquet").unlink()
    shutil.rmtree(root / "open" / "batches" / "00000002")
    assert errors(root) == {
        (f"open/batches/{ONE}/frames-1.parquet", "The file is missing."),
        ("phi/derived/1/series.parquet", "The file is missing."),
        (
            "open/batches/00000002/manifest.json",
            "The manifest of a batch is missing or cannot be read.",
        ),
    }


def test_a_copy_without_phi(root: Path) -> None:
    shutil.rmtree(root / "phi")
    found = check(root)
    assert {t.where.split("/")[0] for t in found if t.severity == "error"} == {"phi"}


def test_cut_and_changed_files(root: Path) -> None:
    files = sorted(root.rglob("*.parquet"))
    rng = random.Random(5)
    for path in files:
        content = path.read_bytes()
        where = path.relative_to(root).as_posix()
        for cut in (0, 3, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:cut])
            assert [t.where for t in check(root) if t.severity == "error"] == [where]
        if "batches" in path.parts:
            flipped = bytearray(content)
            flipped[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
            path.write_bytes(flipped)
            assert errors(root) == {(where, "Its bytes were changed since it was written.")}
        path.write_bytes(content)
        if path.name.startswith(("series", "files")):
            break
    assert check(root) == []


def test_flipped_bits_in_derived_tables_never_end_in_a_traceback(root: Path) -> None:
    path = root / "open" / "derived" / "1" / "studies.parquet"
    content = path.read_bytes()
    rng = random.Random(7)
    state, found = snapshot.read(root), []
    studies = {"studies": TABLES["studies"]}
    folders = {side: layout.derived(root, side) / "1" for side in layout.SIDES}
    for has_digests in (True, False):
        (folders["open"] / digests.NAME).unlink(missing_ok=True)
        path.write_bytes(content)
        if has_digests:
            digests.write(folders)
        with session() as connection:
            noticed = 0
            for n in range(40):
                damaged = bytearray(content)
                damaged[rng.randrange(len(content))] ^= rng.randrange(1, 256)
                path.write_bytes(damaged)
                noticed += bool(list(check_derived_files(connection, root, state, studies)))
                if n < 2:
                    check(root)
        found.append(noticed)
    assert found[0] == 40
    assert found[1] > 3  # of pages without checksums only what does not decode


def test_manifests_that_lie(root: Path) -> None:
    place = root / "open" / "batches" / ONE / layout.MANIFEST
    data = json.loads(place.read_text())
    data["files"][0]["rows"] += 1
    place.write_text(json.dumps(data))
    assert [m for _, m in errors(root)] == ["It has 13 rows; the manifest says 14."]
    del data["files"][0]
    place.write_text(json.dumps(data))
    found = [t for t in check(root) if t.severity == "warning"]
    assert [t.message for t in found] == ["It has files that its manifest does not know."]


def test_parts_that_are_used_twice_or_free(root: Path) -> None:
    state = snapshot.read(root)
    snapshot.write(root, replace(state, next_part=2))
    assert errors(root) == {("open/batches/00000002", "Part 2 is free for use, says lake.json.")}
    for side in layout.SIDES:
        folder = layout.batches(root, side)
        shutil.copytree(folder / ONE, folder / "00000003")
    snapshot.write(root, replace(state, batches=(*state.batches, "00000003")))
    assert errors(root) == {("open/batches/00000003", f"Part 1 is in batch {ONE} too.")}


def test_unlisted_folders_are_told(root: Path) -> None:
    (root / "open" / "batches" / ".new-00000003").mkdir()
    (root / "phi" / "derived" / "9").mkdir()
    assert {(t.severity, t.where) for t in check(root)} == {
        ("info", "open/batches/.new-00000003"),
        ("info", "phi/derived/9"),
    }


def test_columns_that_are_not_the_schemas(root: Path) -> None:
    where = rewrite(
        root, "instances", "open",
        lambda frame: frame.drop("Modality").with_columns(
            pl.lit("Doe^Jane").alias("PatientName"), pl.lit(1).alias("more"),
            pl.col("Rows").cast(pl.Float64),
        ),
    )  # fmt: skip
    found = {t for t in check(root) if t.severity != "info"}
    assert found == {
        Trouble("error", where, "The column Modality is missing."),
        Trouble("error", where, "The column PatientName identifies people and belongs under phi."),
        Trouble("error", where, "The column Rows is DOUBLE, not BIGINT."),
        Trouble("warning", where, "The column more is not in the schema."),
    }


FIRST = 1 << 32
BROKEN: dict[str, tuple[str, str, Callable[[pl.DataFrame], pl.DataFrame], set[tuple[str, str]]]] = {
    "duplicate key": (
        "element_keys", "open", lambda f: pl.concat([f, f[:1]]),
        {("element_keys", "1 keys are there several times.")},
    ),
    "element twice, once on each side": (
        "header_elements", "phi",
        lambda f: pl.concat([f, f[:1].with_columns(key_id=pl.lit(FIRST))]),
        {("header_elements", "1 keys are there several times.")},
    ),
    "missing header": (
        "headers", "open", lambda f: f[1:],
        {
            ("instances", "6 rows name a header_id that headers do not have."),
            ("header_elements", "7 rows name a header_id that headers do not have."),
            ("header_elements", "2 rows name a header_id that headers do not have."),
            ("problems", "3 rows name a header_id that headers do not have."),
        },
    ),
    "missing key": (
        "element_keys", "open", lambda f: f[:-1],
        {("header_elements", "6 rows name a key_id that element_keys do not have.")},
    ),
    "missing phi row": (
        "instances", "phi", lambda f: f[:-2],
        {("instances", "2 rows are under open and not under phi.")},
    ),
    "phi row too many": (
        "runs", "phi", lambda f: pl.concat([f, f]),
        {("runs", "1 rows are under phi and not under open.")},
    ),
    "another part": (
        "element_keys", "open",
        lambda f: pl.concat([f, f[:1].with_columns(key_id=pl.lit(99 << 32))]),
        {("element_keys", "1 rows carry the number of a part that no batch has.")},
    ),
    "status": (
        "files", "open",
        lambda f: f.with_columns(
            status=pl.when(pl.col("file_id") == FIRST).then(pl.lit("odd")).otherwise("status")
        ),
        {
            ("files", "1 files have a status that is none of ok, not_dicom and error."),
            ("instances", "1 instances belong to a file that is not ok."),
        },
    ),
    "another instance": (
        "files", "open",
        lambda f: f.with_columns(
            SOPInstanceUID=pl.when(pl.col("file_id") == FIRST + 5)
            .then(pl.lit("1.9"))
            .otherwise("SOPInstanceUID")
        ),
        {("files", "1 files name another SOPInstanceUID than their instance.")},
    ),
    "counts of a run": (
        "runs", "open", lambda f: f.with_columns(seen=pl.col("seen") + 1),
        {
            ("runs", "1 finished runs saw another number of files than they counted."),
            ("runs", "1 finished runs have more or fewer files than they read."),
        },
    ),
    "name in the open": (
        "element_keys", "open",
        lambda f: f.with_columns(
            vr=pl.when(pl.col("keyword") == "Modality").then(pl.lit("PN")).otherwise("vr")
        ),
        {("header_elements", "6 rows under open are of elements that identify people.")},
    ),
    "within a sequence that identifies": (
        "element_keys", "open",
        lambda f: f.with_columns(
            path=pl.when(pl.col("keyword") == "Rows")
            .then(pl.lit("00101002[0].00280010"))
            .otherwise("path")
        ),
        {("header_elements", "6 rows under open are of elements that identify people.")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_tables_that_contradict_each_other(root: Path, what: str) -> None:
    table, side, change, expected = BROKEN[what]
    rewrite(root, table, side, change)
    assert errors(root) == expected


def rewrite_derived(
    root: Path, table: str, side: str, change: Callable[[pl.DataFrame], pl.DataFrame]
) -> None:
    path = root / side / "derived" / "1" / f"{table}.parquet"
    change(pl.read_parquet(path, glob=False)).write_parquet(path)
    (root / "open" / "derived" / "1" / digests.NAME).unlink(missing_ok=True)


SUMS = (  # each is off by another number
    ("series", "n_instances", 1, "The series have 1 instances more or fewer than there are."),
    ("studies", "n_series", 2, "The studies have 2 series more or fewer than there are."),
    ("studies", "n_instances", 3, "The studies have 3 instances more or fewer than there are."),
    ("patients", "n_studies", 4, "The patients have 4 studies more or fewer than there are."),
    ("patients", "n_instances", 5, "The patients have 5 instances more or fewer than there are."),
)


def test_sums_that_do_not_add_up(root: Path) -> None:
    for table, column, n, _ in SUMS:
        first = pl.int_range(pl.len()) == 0
        more = pl.col(column) + n * first.cast(pl.Int64)
        rewrite_derived(root, table, "open", lambda frame, more=more: frame.with_columns(more))
    assert errors(root) == {(table, said) for table, _, _, said in SUMS}


def test_dropped_rows_that_are_lost(root: Path) -> None:
    """Without them an instance shows twice, and a file that was read again shows too."""
    rewrite_derived(root, "dropped", "open", lambda frame: frame.clear())
    assert errors(root) == {
        ("instances", "2 SOP instances are there several times."),
        ("files", "1 files are there several times."),
        ("series", "The series have 2 instances more or fewer than there are."),
        ("studies", "The studies have 2 instances more or fewer than there are."),
        ("patients", "The patients have 2 instances more or fewer than there are."),
    }


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ("private_profiles", "series name a private_profile that private_profiles do not have."),
        ("private_blocks", "rows name a private_block that private_blocks do not have."),
    ],
)
def test_private_profiles_that_are_lost(root: Path, lost: str, expected: str) -> None:
    rewrite_derived(root, lost, "open", lambda frame: frame.clear())
    ((_, message),) = errors(root)
    assert message.endswith(expected)


def test_derived_sides_that_do_not_match(root: Path) -> None:
    rewrite_derived(root, "patients", "phi", lambda frame: frame[:-1])
    assert errors(root) == {
        ("patients", "1 rows are under open and not under phi."),
        ("patients", "1 rows are at another place under phi than under open."),
    }


def test_derived_sides_in_unlike_orders(root: Path) -> None:
    """Readers would show one patient's name beside another one's data."""
    rewrite_derived(root, "patients", "phi", lambda frame: pl.concat([frame[1:], frame[:1]]))
    n = pl.read_parquet(layout.derived(root, "open") / "1" / "patients.parquet").height
    assert n > 1
    assert errors(root) == {
        ("patients", f"{n} rows are at another place under phi than under open.")
    }


def test_no_message_names_a_value(root: Path) -> None:
    for table, side, change, _ in BROKEN.values():
        rewrite(root, table, side, change)
    said = " ".join(f"{t.where} {t.message}" for t in check(root))
    for text in ("Müller", "P0000", "/data/", str(root)):
        assert text not in said


def test_every_table_is_asked_about(root: Path) -> None:
    from ingest.lake.check.questions import questions

    asked = {question.where for question in questions(TABLES, derived=True)}
    stored = {table.name for table in TABLES.values() if table.stored != "view"}
    assert stored - asked == {"containers"}
