"""An ingest derives only what it touches; a full rebuild gives the same tables, in any order.

Random histories of a few uris, instances and series are told batch by batch: new files, files read
again, moved to other series, cut short, broken, and copies with the same or other contents.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ingest.derive import chunks, derivation, gathering
from ingest.lake import snapshot, views
from ingest.lake.compact import compact
from ingest.schema import TABLES, Table
from tests.test_ingest.derive_cases import side_by_side, within
from tests.test_ingest.derive_lake import (
    SMALL,
    Reading,
    Told,
    Whole,
    add,
    all_tables,
    derive_and_list,
    error,
    table,
    uris,
)

STUDIES = ("1", "2", "3", None)
SERIES = ("1.1", "1.2", "2.1", None)
PRIVATE = ("00191001", "00191102", "00291010", "00291010/B_value")
PROBLEMS = (
    ("value_unparsable", "00181030", "a number", "x"), ("vr_unexpected", "00080060", "CS", "LO"),
    ("unheard_of", None, None, None),
)  # fmt: skip


def reading(rng: random.Random, uri: str) -> Reading:
    """Something that a file may turn out to be."""
    if rng.random() < 0.15:
        return error(uri, f"the file ends at byte {rng.randint(1, 9)}")
    if rng.random() < 0.05:
        return Reading(uri, status="not_dicom", reason="no DICOM")
    sop = str(rng.randint(1, 14))
    home = int(sop) % 3
    moved = rng.random() < 0.2
    return Reading(
        uri,
        sop,
        rng.choice(STUDIES) if moved else STUDIES[home],
        rng.choice(SERIES) if moved else SERIES[home],
        values={
            "PatientID": rng.choice(["P", "P", "Q"]),
            "patient_key": rng.choice(["p", "p", "q"]),
            "Modality": rng.choice(["MR", "MR", "CT", None]),
            "EchoTime": rng.choice([1.0, 2.5, float("nan"), -0.0, 0.0, None]),
            "ImageType": rng.choice([["A", "B"], ["C"], [], None]),
            "InstanceNumber": rng.randint(1, 3),
            "slice_position_mm": rng.choice([0.0, 1.5, 1.504, 3.0, 9.25, None]),
            "acquisition_datetime": dt.datetime(2024, 1, 1, rng.randint(0, 23)),
            "ImageAndFluoroscopyAreaDoseProduct": rng.choice([0.1, 0.2, 0.3, 1e16]),
            "file_size_bytes": rng.randint(1, 1000),
            "truncation": rng.choice([None, None, None, "pixel data"]),
        },
        elements={
            "00100010": rng.choice("AAAB"),
            "00200013": sop,
            "00020016": rng.choice("XY"),
            **{path: rng.choice("PQ") for path in PRIVATE if rng.random() < 0.2},
        },
        problems=[p for p in PROBLEMS if rng.random() < 0.2],
        header_problems=[p for p in PROBLEMS if rng.random() < 0.2],
        frames=[{"slice_position_mm": float(n)} for n in range(rng.choice([0, 0, 0, 3]))],
    )


def history(seed: int, batches: int = 4) -> Iterator[list[list[Told]]]:
    """Batches of parts of readings; the same uris come again and again, also as archives."""
    rng = random.Random(seed)
    for _ in range(batches):
        parts = [rng.sample(range(16), rng.randint(1, 7)) for _ in range(rng.randint(1, 2))]
        archives = set(rng.sample(range(16), 3))
        yield [
            [
                told
                for n in part
                for told in (
                    archive(rng, f"u{n:02d}") if n in archives else [reading(rng, f"u{n:02d}")]
                )
            ]
            for part in parts
        ]


def histories(*seeds: int) -> Iterator[list[list[Told]]]:
    """Several histories, told side by side in one lake."""
    for batches in zip(*map(history, seeds), strict=True):
        yield side_by_side([
            [[within(f"h{seed}", told) for told in part] for part in batch]
            for seed, batch in zip(seeds, batches, strict=True)
        ])  # fmt: skip


def archive(rng: random.Random, uri: str) -> list[Told]:
    """Members of an archive, one of them maybe an archive that is damaged, and how it ended."""
    names = rng.sample(("1", "2", "3"), rng.randint(1, 3))
    members = [replace(reading(rng, f"{uri}!/{name}"), container=uri) for name in names]
    if rng.random() < 0.5:
        return [*members, Whole(uri)]
    return [*members, replace(error(uri), container=uri)]


def expected_dropped(told: Sequence[Sequence[Sequence[Told]]]) -> Counter[tuple[str, str]]:
    """(uri, why) of what no longer counts, by plain Python."""
    dated = [(n, t) for n, batch in enumerate(told) for part in batch for t in part]
    readings = [(n, t) for n, t in dated if isinstance(t, Reading)]
    last = {r.uri: (n, r) for n, r in readings}
    times = Counter(r.uri for _, r in readings)
    found = Counter({(uri, "changed"): n - 1 for uri, n in times.items()})
    whole = {t.uri: n for n, t in dated if isinstance(t, Whole)}
    file = {r.uri: n for n, r in readings if r.container is None}
    by_uid: dict[str, list[Reading]] = {}
    for n, r in last.values():
        is_member = r.container not in (None, r.uri)
        if is_member:
            gone = file.get(r.container or "", -1) > n
            gone |= whole.get(r.container or "", -1) > n and r.status == "error"
        else:
            gone = whole.get(r.uri, -1) > n
        if gone:
            found[r.uri, "changed"] += 1
        elif r.status == "ok" and r.sop is not None:
            by_uid.setdefault(r.sop, []).append(r)
    for same in by_uid.values():
        kept = min(same, key=lambda r: (r.values["truncation"] is not None, r.uri))
        found.update((r.uri, "duplicate") for r in same if r is not kept)
    return +found


def assert_same(one: Mapping[str, pl.DataFrame], other: Mapping[str, pl.DataFrame]) -> None:
    for name in one:
        assert_frame_equal(one[name], other[name], check_exact=True)


@pytest.mark.parametrize("seeds", [(0,), (1, 2, 3)], ids=["one history", "three histories"])
def test_incremental_gives_what_a_full_rebuild_gives(
    seeds: tuple[int, ...], tmp_path: Path
) -> None:
    root, told = tmp_path / "bank", []
    for batch in histories(*seeds):
        told.append(batch)
        derive_and_list(root, [add(root, *batch)])
        names = uris(root)
        rows = table(root, "dropped").rows()
        assert Counter((names[file], why) for file, why, _ in rows) == expected_dropped(told)
    step_by_step = all_tables(root)
    derive_and_list(root, None)
    assert_same(step_by_step, all_tables(root))
    with duckdb.connect() as database:
        views.register(database, root, snapshot.read(root), identifiers=False)
        ok = database.sql("SELECT count(*) FROM files WHERE status = 'ok'").fetchall()
    readings = [t for batch in told for part in batch for t in part if isinstance(t, Reading)]
    live = ok[0][0]
    assert live <= len(readings) - expected_dropped(told).total()
    for name in ("series", "studies", "patients"):
        assert table(root, name)["n_instances"].sum() == live


def test_incremental_after_compaction(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    *before, last = histories(4, 5)
    for batch in before:
        derive_and_list(root, [add(root, *batch)])
    assert compact(root).into == 1
    derive_and_list(root, [add(root, *last)])
    step_by_step = all_tables(root)
    derive_and_list(root, None)
    assert_same(step_by_step, all_tables(root))


def test_order_and_grouping_of_files_do_not_matter(tmp_path: Path) -> None:
    rng = random.Random(8)
    readings = [
        within(place, reading(rng, f"u{n:02d}")) for place in ("one", "two") for n in range(24)
    ]
    # Elements that are shared within a part are stored otherwise, problems of a header are told
    # once per header: leave those out, everything else must be the same.
    readings = [Reading(**{**vars(r), "header_problems": ()}) for r in readings]
    derived = []
    for n in range(3):
        root = tmp_path / f"bank{n}"
        rng.shuffle(readings)
        new = []
        for chunk in cut(rng, readings):
            new.append(add(root, *cut(rng, chunk)))
            if rng.random() < 0.5:
                derive_and_list(root, new)
                new = []
        derive_and_list(root, new)
        derived.append(stable(root))
    for other in derived[1:]:
        assert_same(derived[0], other)


def cut(rng: random.Random, items: Sequence[Reading]) -> list[list[Reading]]:
    """``items`` in one to three pieces, none of them empty."""
    places = sorted(rng.sample(range(1, len(items)), min(len(items) - 1, rng.randint(0, 2))))
    return [list(items[a:b]) for a, b in zip([0, *places], [*places, len(items)], strict=True)]


def stable(root: Path) -> dict[str, pl.DataFrame]:
    """Derived tables without surrogate keys and counts of headers; files by their uri."""
    found = {}
    for name, frame in all_tables(root).items():
        columns = {c.name for c in SMALL[name].columns if not c.stable}
        found[name] = frame.drop(columns - {"patient_key", "file_id", "kept_file_id"})
    names = uris(root)
    text = pl.col("file_id", "kept_file_id").replace_strict(names, return_dtype=pl.String)
    found["dropped"] = found["dropped"].with_columns(text).sort("file_id", "why")
    return found


@pytest.mark.parametrize("in_memory", [0, 1, 1000])
def test_chunks_do_not_matter(
    in_memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "bank"
    for batch in history(1):
        add(root, *batch)
    derive_and_list(root, None)
    whole = all_tables(root)
    monkeypatch.setattr(chunks, "COST", 2)
    monkeypatch.setattr(gathering, "IN_MEMORY", in_memory)
    derive_and_list(root, None)
    assert table(root, "series").height > 2
    assert_same(whole, all_tables(root))


def test_little_memory_is_enough(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    values = {"SeriesDescription": "d" * 200, "EchoTime": 1.0}
    for part in range(4):
        add(root, [
            Reading(f"{part}/{n}", f"{part}.{n}", series=f"1.{n % 50}", values=values)
            for n in range(2_000)
        ])  # fmt: skip
    state = snapshot.read(root)
    version = derivation.derive(root, state, None, memory_limit="100MB", tables=SMALL)
    assert table(root, "series", version)["n_instances"].to_list() == [160] * 50


def test_only_what_is_touched_is_aggregated_again(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    problems = [PROBLEMS[0]]
    add(root, [Reading("a", "1", problems=problems), Reading("b", "2", series="1.2")])
    version = derive_and_list(root, None)
    # Marks in the old version show what is carried over.
    for name, column in (("series", "SeriesDescription"), ("findings", "observed")):
        path = root / "open/derived" / version / f"{name}.parquet"
        marked = pl.read_parquet(path).with_columns(pl.lit("carried").alias(column))
        marked.write_parquet(path)
    new = add(root, [Reading("c", "3", series="1.2", problems=problems)])
    derive_and_list(root, [new])
    series = table(root, "series")
    assert series["SeriesDescription"].to_list() == ["carried", None]
    assert series["n_instances"].to_list() == [1, 2]
    found = {r["SeriesInstanceUID"]: r["observed"] for r in table(root, "findings").to_dicts()}
    assert found == {"1.1": "carried", "1.2": "x"}


def test_a_version_with_other_columns_is_not_carried_over(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    add(root, [Reading("a", "1", values={"EchoTime": 1.0})])
    derive_and_list(root, None)
    new = add(root, [Reading("b", "2", series="1.2")])
    derive_and_list(root, [new], TABLES)  # the first version has few columns
    series = table(root, "series")
    assert series["n_instances"].to_list() == [1, 1]
    assert set(series.columns) == set(TABLES["series"].schema())


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files of one instance, derived."""
    root = tmp_path_factory.mktemp("sound") / "bank"
    add(root, [Reading("a", "1"), Reading("b", "1")])
    derive_and_list(root, None)
    return root


@pytest.mark.parametrize("gone", ["dropped", "series", "findings"])
def test_a_damaged_version_is_not_carried_over(gone: str, sound: Path, tmp_path: Path) -> None:
    whole = all_tables(sound)
    root = shutil.copytree(sound, tmp_path / "bank")
    version = snapshot.read(root).derived or ""
    (root / "open/derived" / version / f"{gone}.parquet").write_bytes(b"PAR1")
    derive_and_list(root, [])
    assert_same(whole, all_tables(root))


def test_small_tables_have_every_aggregation() -> None:
    def kinds(tables: Mapping[str, Table]) -> set[tuple[str, ...]]:
        return {c.aggregation for c in tables["instances"].columns}

    assert kinds(SMALL) >= kinds(TABLES) - {("any",), ("count",)}
