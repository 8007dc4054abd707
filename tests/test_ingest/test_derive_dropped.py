"""Which files count: what was read last of each uri, and one file of each SOP instance."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.test_ingest.derive_lake import Reading, Whole, add, derive_and_list, error, table, uris


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "bank"


def dropped(root: Path) -> set[tuple[str, str, str]]:
    """(uri, why, uri of the file that counts); equal uris are told apart by #part."""
    names = uris(root)
    several = {uri for uri in names.values() if list(names.values()).count(uri) > 1}
    label = {f: f"{uri}#{f >> 32}" if uri in several else uri for f, uri in names.items()}
    rows = table(root, "dropped").rows()
    return {(label[file], why, label[kept]) for file, why, kept in rows}


def test_the_last_reading_of_a_uri_counts(root: Path) -> None:
    add(root, [Reading("a", "1"), Reading("b", "2")])
    add(root, [Reading("a", "3")])
    derive_and_list(root, None)
    assert dropped(root) == {("a#1", "changed", "a#2")}
    assert table(root, "series")["n_instances"].to_list() == [2]


def test_a_later_part_of_one_batch_counts(root: Path) -> None:
    add(root, [Reading("a", "1")], [Reading("a", "1", values={"EchoTime": 5.0})])
    derive_and_list(root, None)
    assert dropped(root) == {("a#1", "changed", "a#2")}
    assert table(root, "series")["EchoTime"].to_list() == [5.0]


def test_a_file_that_became_an_error_takes_its_instance_away(root: Path) -> None:
    add(root, [Reading("a", "1")])
    add(root, [error("a")])
    derive_and_list(root, None)
    assert dropped(root) == {("a#1", "changed", "a#2")}
    assert table(root, "series").height == 0
    assert table(root, "patients").height == 0


def test_of_duplicates_the_smallest_uri_counts(root: Path) -> None:
    add(root, [Reading("b", "1"), Reading("c", "1"), Reading("z", "2")])
    add(root, [Reading("a", "1")])
    derive_and_list(root, None)
    assert dropped(root) == {("b", "duplicate", "a"), ("c", "duplicate", "a")}


def test_a_whole_file_counts_before_a_truncated_one(root: Path) -> None:
    cut = {"truncation": "pixel data"}
    add(root, [Reading("a", "1", values=cut), Reading("b", "1"), Reading("c", "1")])
    add(root, [Reading("x", "2", values=cut), Reading("y", "2", values=cut)])
    derive_and_list(root, None)
    assert dropped(root) == {
        ("a", "duplicate", "b"), ("c", "duplicate", "b"), ("y", "duplicate", "x"),
    }  # fmt: skip


def test_a_duplicate_counts_again_when_the_other_file_changes(root: Path) -> None:
    add(root, [Reading("a", "1"), Reading("b", "1", series="1.2")])
    derive_and_list(root, None)
    assert dropped(root) == {("b", "duplicate", "a")}
    assert table(root, "series")["SeriesInstanceUID"].to_list() == ["1.1"]
    new = add(root, [error("a")])
    derive_and_list(root, [new])
    assert dropped(root) == {("a#1", "changed", "a#2")}
    assert table(root, "series")["SeriesInstanceUID"].to_list() == ["1.2"]


def test_failed_and_foreign_files_are_nobodys_duplicates(root: Path) -> None:
    failed = Reading("a", "1", status="error", reason="no pixels")
    other = Reading("b", "1", status="not_dicom", reason="no DICOM")
    add(root, [failed, other, Reading("c", "1"), error("d"), error("e")])
    derive_and_list(root, None)
    assert dropped(root) == set()
    assert table(root, "series")["n_instances"].to_list() == [1]


def test_instances_without_a_uid_are_no_duplicates(root: Path) -> None:
    add(root, [Reading("a", None), Reading("b", None)])
    derive_and_list(root, None)
    assert dropped(root) == set()
    assert table(root, "series")["n_instances"].to_list() == [2]


def test_a_chain_of_changes_names_what_counts_now(root: Path) -> None:
    add(root, [Reading("a", "1")])
    add(root, [Reading("a", "2")])
    last = add(root, [Reading("a", "1"), Reading("0", "1")])
    derive_and_list(root, None)
    expected = {
        ("a#1", "changed", "a#3"), ("a#2", "changed", "a#3"), ("a#3", "duplicate", "0"),
    }  # fmt: skip
    assert dropped(root) == expected
    derive_and_list(root, [last])
    assert dropped(root) == expected


def inside(name: str, sop: str) -> Reading:
    return Reading(f"a!/{name}", sop, container="a")


def damaged(uri: str = "a") -> Reading:
    return Reading(uri, status="error", reason="the archive ends too early", container="a")


def both_ways(root: Path, last: str) -> set[tuple[str, str, str]]:
    """What is dropped, derived at once and with the last batch added."""
    derive_and_list(root, None)
    at_once = dropped(root)
    derive_and_list(root, [last])
    assert dropped(root) == at_once
    return at_once


def test_an_archive_that_is_whole_now_is_no_error_any_more(root: Path) -> None:
    first = add(root, [inside("1", "1"), damaged(), damaged("a!/inner.zip")])
    derive_and_list(root, [first])
    assert dropped(root) == set()
    inner = inside("inner.zip!/3", "3")
    last = add(root, [inside("1", "1"), inside("2", "2"), inner, Whole("a")])
    derive_and_list(root, [last])
    assert {(uri, why) for uri, why, _ in dropped(root)} == {
        ("a!/1#1", "changed"), ("a", "changed"), ("a!/inner.zip", "changed"),
    }  # fmt: skip
    assert table(root, "series")["n_instances"].to_list() == [3]
    assert table(root, "findings").filter(pl.col("rule") == "file_error").height == 0
    assert both_ways(root, last) == dropped(root)


def test_an_archive_that_is_damaged_now_keeps_what_is_not_told_of_again(root: Path) -> None:
    add(root, [inside("1", "1"), inside("2", "2"), Whole("a")])
    last = add(root, [inside("1", "1"), damaged()])
    assert both_ways(root, last) == {("a!/1#1", "changed", "a!/1#2")}
    assert table(root, "series")["n_instances"].to_list() == [2]


def test_a_file_that_became_an_archive_and_back(root: Path) -> None:
    add(root, [Reading("a", "1"), Reading("b", "9")])
    archive = add(root, [inside("1", "1"), inside("2", "2"), Whole("a")])
    assert both_ways(root, archive) == {("a", "changed", "a!/2")}
    assert table(root, "series")["n_instances"].to_list() == [3]
    file = add(root, [Reading("a", "3")])
    assert both_ways(root, file) == {
        ("a#1", "changed", "a#3"), ("a!/1", "changed", "a#3"), ("a!/2", "changed", "a#3"),
    }  # fmt: skip
    assert table(root, "series")["n_instances"].to_list() == [2]
    again = add(root, [inside("1", "1"), Whole("a")])
    assert both_ways(root, again) == {
        (uri, "changed", "a!/1#4") for uri in ("a#1", "a#3", "a!/1#2", "a!/2")
    }
    assert table(root, "series")["n_instances"].to_list() == [2]


def test_what_an_archive_holds_no_more_stays_as_files_do(root: Path) -> None:
    add(root, [inside("1", "1"), inside("2", "2"), Whole("a")])
    last = add(root, [inside("1", "1"), Whole("a")])
    assert both_ways(root, last) == {("a!/1#1", "changed", "a!/1#2")}
    assert table(root, "series")["n_instances"].to_list() == [2]
