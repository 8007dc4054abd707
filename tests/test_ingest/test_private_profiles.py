"""Private profiles: by hand, and against the elements of real files counted one by one."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import duckdb
import polars as pl
import pytest

from ingest.derive.derivation import derive
from ingest.lake import snapshot, views
from tests.in_process import ingested
from tests.shared_data import DICOM, needs_dicom
from tests.test_ingest.derive_lake import Reading, add, derive_and_list, table

A, B, C = "00191001", "00191102", "00291010"
DECODED, PARAMETER = "00291010/Protocol", "00291010/Protocol/sSlice[0].dThickness"

Word = tuple[str, str]


def words(root: Path) -> dict[str | None, set[Word]]:
    """Element and field of each series, through profile and blocks."""
    found: dict[str | None, set[Word]] = {}
    with duckdb.connect() as database:
        views.register(database, root, snapshot.read(root), identifiers=False)
        rows = database.sql(
            "SELECT SeriesInstanceUID, element, field FROM series "
            "LEFT JOIN private_profiles USING (private_profile) "
            "LEFT JOIN private_blocks USING (private_block)"
        ).fetchall()
    for series, element, field in rows:
        found.setdefault(series, set())
        if element is not None:
            found[series].add((element, field))
    return found


def reading(uri: str, series: str, **elements: str) -> Reading:
    return Reading(uri, uri, "1", series, elements={"00200013": uri, **elements})


def test_what_each_series_has(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    first = [
        reading("1", "1.1", **{A: "x", C: "y"}),  # shared, and in some instances only
        reading("2", "1.1", **{A: "x", B: "1"}),
        reading("3", "1.2", **{A: "other", B: "1", C: "1"}),  # other values, the same elements
        reading("4", "1.3"),
        reading("5", "1.4", **{C: "1", DECODED: "text", PARAMETER: "3"}),
    ]
    # Another part numbers its keys anew, and a creator may reserve another block.
    second = [reading("6", "1.5", **{C: "1", "00192001": "x", "00191002": "x"})]
    derive_and_list(root, [add(root, first, second)])
    three = {("0019xx01", ""), ("0019xx02", ""), ("0029xx10", "")}
    assert words(root) == {
        "1.1": three, "1.2": three, "1.3": set(), "1.5": three,
        "1.4": {("0029xx10", ""), ("0029xx10", "Protocol")},
    }  # fmt: skip
    profiles = dict(table(root, "series").select("SeriesInstanceUID", "private_profile").rows())
    assert profiles["1.1"] == profiles["1.2"] == profiles["1.5"]
    assert profiles["1.3"] is None
    assert table(root, "private_profiles")["private_profile"].n_unique() == 2
    blocks = table(root, "private_blocks")
    assert set(blocks["creator"]) == {"ACME"}
    assert set(blocks.filter(pl.col("field") != "")["payload"]) == {"(0029,xx10)"}


def test_a_profile_goes_with_its_last_series(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    derive_and_list(root, [add(root, [reading("1", "1.1", **{A: "x"})])])
    derive_and_list(root, [add(root, [reading("2", "1.2", **{B: "x"})])])
    assert words(root) == {"1.1": {("0019xx01", "")}, "1.2": {("0019xx02", "")}}
    derive_and_list(root, [add(root, [reading("1", "1.1")])])  # the file was read again
    assert words(root) == {"1.1": set(), "1.2": {("0019xx02", "")}}
    assert table(root, "private_profiles").height == table(root, "private_blocks").height == 1


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("real") / "databanks" / "bank"
    ingested(DICOM, root)
    return root


@needs_dicom
def test_counts_are_those_of_the_elements(real: Path) -> None:
    """Every element that the view shows, item by item, in plain Python."""
    with duckdb.connect() as database:
        views.register(database, real, snapshot.read(real), identifiers=True)
        told = database.sql(
            "SELECT DISTINCT StudyInstanceUID, i.SeriesInstanceUID, creator, tag, path "
            "FROM elements JOIN instances AS i USING (instance_id) WHERE private_class IS NOT NULL"
        ).fetchall()
        counted = database.sql(
            "SELECT creator, element, field, count(*) FROM series "
            "JOIN private_profiles USING (private_profile) "
            "JOIN private_blocks USING (private_block) GROUP BY ALL"
        ).fetchall()
        rows = database.sql("SELECT count(*) FROM private_blocks").fetchall()
    expected = defaultdict(set)
    for study, series, creator, tag, path in told:
        _, _, field = path.partition("/")
        if tag[4:6] != "00" and "/" not in field:
            expected[creator or "", f"{tag[:4]}xx{tag[6:]}", field].add((study, series))
    assert len(expected) > 1000
    assert {tuple(key): n for *key, n in counted} == {k: len(v) for k, v in expected.items()}
    assert rows[0][0] < 4 * len(expected), "a small table"


@needs_dicom
def test_a_rebuild_of_real_files_is_the_same(real: Path) -> None:
    state = snapshot.read(real)
    version = derive(real, state, None)
    for name in ("private_profiles", "private_blocks"):
        assert table(real, name, version).equals(table(real, name))
    column = ["StudyInstanceUID", "SeriesInstanceUID", "private_profile"]
    assert table(real, "series", version)[column].equals(table(real, "series")[column])
