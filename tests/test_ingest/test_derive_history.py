"""Since when findings are there, and which are there no more: told run by run, by plain Python.

A run may commit several times, so what counts is the difference to the state before the run.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ingest.lake import layout, snapshot
from ingest.schema import TABLES
from tests.test_ingest.derive_lake import Reading, add, derive_and_list, error, table

BAD = ("value_unparsable", "00181030", "a number", "x")
ODD = ("vr_unexpected", "00080060", "CS", "LO")
What = tuple[Any, ...]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "bank"


def ingested(root: Path, run: int, *readings: Reading) -> None:
    derive_and_list(root, [add(root, readings, run=run)])


@pytest.fixture(scope="module")
def one_bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After a first run, which found a file with a bad value."""
    root = tmp_path_factory.mktemp("one-bad") / "bank"
    ingested(root, 1, Reading("a", "1", problems=[BAD]))
    return root


@pytest.fixture(scope="module")
def bad_and_broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After a first run, which found such a file and one that cannot be read."""
    root = tmp_path_factory.mktemp("bad-and-broken") / "bank"
    ingested(root, 1, Reading("a", "1", problems=[BAD]), error("e"))
    return root


def since(root: Path) -> dict[What, str | None]:
    """(rule, series) -> first_run."""
    rows = table(root, "findings").select("rule", "SeriesInstanceUID", "first_run").rows()
    return {row[:2]: row[2] for row in rows}


def gone(root: Path) -> dict[What, str | None]:
    rows = table(root, "findings_gone").select("rule", "SeriesInstanceUID", "gone_run").rows()
    return {row[:2]: row[2] for row in rows}


def test_of_a_first_run_everything_is_new(one_bad: Path) -> None:
    assert since(one_bad) == {("value_unparsable", "1.1"): "run 1"}
    assert gone(one_bad) == {}


def test_a_run_adds_and_another_takes_away(bad_and_broken: Path, root: Path) -> None:
    shutil.copytree(bad_and_broken, root)
    ingested(root, 2, Reading("b", "2", series="1.2", problems=[BAD]))
    assert since(root) == {
        ("value_unparsable", "1.1"): "run 1", ("file_error", None): "run 1",
        ("value_unparsable", "1.2"): "run 2",
    }  # fmt: skip
    ingested(root, 3, Reading("a", "1"))  # read again, and repaired
    assert since(root) == {("file_error", None): "run 1", ("value_unparsable", "1.2"): "run 2"}
    assert gone(root) == {("value_unparsable", "1.1"): "run 3"}
    (row,) = table(root, "findings_gone").to_dicts()
    assert (row["first_run"], row["observed"], row["severity"]) == ("run 1", "x", "warning")


def test_a_run_without_changes_has_nothing_new_and_nothing_gone(
    bad_and_broken: Path, root: Path
) -> None:
    shutil.copytree(bad_and_broken, root)
    before = table(root, "findings")
    ingested(root, 2)
    assert_frame_equal(table(root, "findings"), before)
    assert gone(root) == {}


def test_the_same_finding_with_another_example_is_not_new(root: Path) -> None:
    ingested(root, 1, Reading("b", "2", problems=[BAD]), error("e", "it ends at byte 7"))
    other = (*BAD[:3], "aaa")
    ingested(root, 2, Reading("a", "1", problems=[other]), error("f", "it ends at byte 1"))
    found = table(root, "findings").sort("rule").select("observed", "n_affected", "first_run")
    assert found.rows() == [("it ends at byte 1", 2, "run 1"), ("aaa", 2, "run 1")]
    assert gone(root) == {}


def test_what_comes_back_is_new_and_was_gone_before(one_bad: Path, root: Path) -> None:
    shutil.copytree(one_bad, root)
    ingested(root, 2, Reading("a", "1"))
    ingested(root, 3, Reading("a", "1", problems=[BAD]))
    assert since(root) == {("value_unparsable", "1.1"): "run 3"}
    assert gone(root) == {("value_unparsable", "1.1"): "run 2"}


def test_within_a_run_it_does_not_matter_what_was_there_meanwhile(
    one_bad: Path, root: Path
) -> None:
    shutil.copytree(one_bad, root)
    ingested(root, 2, Reading("a", "1"), Reading("b", "2", series="1.2", problems=[ODD]))
    assert gone(root) == {("value_unparsable", "1.1"): "run 2"}
    # a further commit of the same run
    ingested(root, 2, Reading("a", "1", problems=[BAD]), Reading("b", "2", series="1.2"))
    assert since(root) == {("value_unparsable", "1.1"): "run 1"}
    assert gone(root) == {}


def test_two_elements_with_one_path_are_two_findings(root: Path) -> None:
    """Both parts of PixelSpacing vary: rule, series and path are the same."""
    spacing = {"PixelSpacing_row_mm": 1.0, "PixelSpacing_column_mm": 1.0}
    more = {"PixelSpacing_row_mm": 2.0, "PixelSpacing_column_mm": 3.0}
    both = (Reading("a", "1", values=spacing), Reading("b", "2", values=more))
    state = add(root, both, run=1)
    derive_and_list(root, [state], TABLES)
    rows = table(root, "findings").filter(rule="value_not_constant")
    assert rows.select("first_run").rows() == [("run 1",)] * rows.height
    derive_and_list(root, [add(root, [Reading("c", "3", series="1.2")], run=2)], TABLES)
    again = table(root, "findings").filter(rule="value_not_constant")
    assert_frame_equal(again, rows)
    assert gone(root) == {}


def test_a_rebuild_remembers(root: Path) -> None:
    ingested(root, 1, Reading("a", "1", problems=[BAD]), Reading("b", "2", problems=[ODD]))
    ingested(root, 2, Reading("b", "2"), Reading("c", "3", series="1.2", problems=[ODD]))
    before = since(root), gone(root)
    assert before[1] == {("vr_unexpected", "1.1"): "run 2"}
    derive_and_list(root, None)
    assert (since(root), gone(root)) == before


def test_a_rebuild_says_that_a_new_rule_is_new(bad_and_broken: Path, root: Path) -> None:
    """A newer Taglake judges otherwise: what it finds and no longer finds is of the latest run."""
    shutil.copytree(bad_and_broken, root)
    path = layout.derived(root, "open") / (snapshot.read(root).derived or "") / "findings.parquet"
    rows = pl.read_parquet(path)
    odd = rows.filter(rule="file_error").with_columns(rule=pl.lit("of_yore"))
    pl.concat([rows.filter(rule="value_unparsable"), odd]).write_parquet(path)
    ingested(root, 2)
    assert since(root) == {("value_unparsable", "1.1"): "run 1", ("file_error", None): "run 2"} | {
        ("of_yore", None): "run 1"  # nothing that is known judges this: it stays until a rebuild
    }
    derive_and_list(root, None)
    assert gone(root) == {("of_yore", None): "run 2"}


def test_a_version_without_history_is_of_unknown_age(one_bad: Path, root: Path) -> None:
    shutil.copytree(one_bad, root)
    folder = layout.derived(root, "open") / (snapshot.read(root).derived or "")
    rows = pl.read_parquet(folder / "findings.parquet").drop("first_run")
    rows.write_parquet(folder / "findings.parquet")
    (folder / "findings_gone.parquet").unlink()
    ingested(root, 2, Reading("b", "2", series="1.2", problems=[BAD]))
    assert since(root) == {
        ("value_unparsable", "1.1"): None, ("value_unparsable", "1.2"): "run 2"
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"PAR1", None])
def test_findings_that_cannot_be_read_are_of_unknown_age(
    content: bytes | None, one_bad: Path, root: Path
) -> None:
    shutil.copytree(one_bad, root)
    folder = layout.derived(root, "open") / (snapshot.read(root).derived or "")
    path = folder / "findings.parquet"
    if content is None:  # the footer is whole
        data = path.read_bytes()
        content = data[:4] + bytes(len(data) // 3) + data[4 + len(data) // 3 :]
    path.write_bytes(content)
    add(root, [Reading("b", "2", series="1.2", problems=[BAD])], run=2)
    derive_and_list(root, None)
    assert since(root) == dict.fromkeys([("value_unparsable", "1.1"), ("value_unparsable", "1.2")])


def test_any_history_is_told_right(root: Path) -> None:
    """Runs of one or two commits over some files; the state before each run is what counts."""
    rng = random.Random(116)
    before: dict[What, str | None] = {}
    last: dict[What, str | None] = {}
    lost: dict[What, str] = {}
    came_back: set[What] = set()
    only_meanwhile: set[What] = set()
    for run in range(1, 5):
        commits = []
        for _ in range(rng.randint(1, 2)):
            ingested(root, run, *some(rng))
            commits.append(since(root))
        last = commits[-1]
        for what in last.keys() - before.keys():
            assert last[what] == f"run {run}", what
        for what in last.keys() & before.keys():
            assert last[what] == before[what], what
        came_back |= (last.keys() - before.keys()) & lost.keys()
        only_meanwhile |= commits[0].keys() - before.keys() - last.keys()
        lost |= dict.fromkeys(before.keys() - last.keys(), f"run {run}")
        assert gone(root) == lost
        before = last
    assert came_back
    assert only_meanwhile
    assert ("file_error", None) in lost
    frames = {name: table(root, name) for name in ("findings", "findings_gone")}
    derive_and_list(root, None)
    for name, frame in frames.items():
        assert_frame_equal(table(root, name), frame)


def some(rng: random.Random) -> Sequence[Reading]:
    """Readings of a few of the files, whose findings are told apart by rule and series."""
    made = []
    for n in rng.sample(range(18), rng.randint(3, 9)):
        problems = [p for p in (BAD, ODD) if rng.random() < 0.5]
        reading = Reading(f"u{n}", str(n), series=f"1.{n % 12}", problems=problems)
        made.append(
            replace(reading, status="error", reason="no") if rng.random() < 0.08 else reading
        )
    return made
