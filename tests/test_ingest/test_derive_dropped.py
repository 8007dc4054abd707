"""Which files count: what was read last of each uri, and one file of each SOP instance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from tests.test_ingest.derive_cases import Case, Cases, case_of
from tests.test_ingest.derive_lake import Reading, Whole, add, derive_and_list, error, table, uris

CASES = Cases()
Dropped = set[tuple[str, str, str]]


@dataclass(frozen=True)
class Told:
    """A lake with all cases, and versions by step: derived in several ways, which are all right."""

    root: Path
    versions: Sequence[Sequence[str]]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All cases batch by batch; each step is derived from the one before, and anew."""
    root = tmp_path_factory.mktemp("dropped") / "bank"
    versions = []
    for parts in CASES.steps():
        new = add(root, *parts)
        versions.append([derive_and_list(root, [new]), derive_and_list(root, None)])
    # What is known already may be told again.
    versions[-1].append(derive_and_list(root, [new]))
    return Told(root, versions)


@dataclass(frozen=True)
class Steps:
    """What is told of a case, by its batches from the last one, -1, backwards."""

    lake: Told
    name: str

    def dropped(self, step: int = -1) -> Dropped:
        """(uri, why, uri of the file that counts); equal uris are told apart by #part."""
        start = f"{self.name}/"
        names = {file: uri for file, uri in uris(self.lake.root).items() if uri.startswith(start)}
        first = min(file >> 32 for file in names)  # parts are numbered from that of the case
        several = {uri for uri in names.values() if list(names.values()).count(uri) > 1}
        label = {
            file: uri.removeprefix(start) + f"#{(file >> 32) - first + 1}" * (uri in several)
            for file, uri in names.items()
        }
        one, *others = (
            {
                (label[file], why, label[kept])
                for file, why, kept in table(self.lake.root, "dropped", version).rows()
                if file in label
            }
            for version in self.lake.versions[step]
        )
        assert all(other == one for other in others)
        return one

    def table(self, name: str, step: int = -1) -> pl.DataFrame:
        """A derived table of the case, the same in every way that it was derived."""
        of_case = Case(self.lake.root, self.name)
        one, *others = (of_case.table(name, version) for version in self.lake.versions[step])
        assert all(other.equals(one) for other in others)
        return one

    def errors(self, step: int) -> list[int]:
        """How many files could not be read, by the version."""
        rows = [
            table(self.lake.root, "findings", version).filter(
                pl.col("rule") == "file_error", pl.col("observed") == reason(self.name)
            )
            for version in self.lake.versions[step]
        ]
        return [frame["n_affected"].sum() for frame in rows]


@pytest.fixture
def told(lake: Told, request: pytest.FixtureRequest) -> Steps:
    """What becomes of what stands above the test."""
    return Steps(lake, case_of(request.function))


@CASES.batches([Reading("a", "1"), Reading("b", "2")], [Reading("a", "3")])
def test_the_last_reading_of_a_uri_counts(told: Steps) -> None:
    assert told.dropped() == {("a#1", "changed", "a#2")}
    assert told.table("series")["n_instances"].to_list() == [2]


@CASES.parts([Reading("a", "1")], [Reading("a", "1", values={"EchoTime": 5.0})])
def test_a_later_part_of_one_batch_counts(told: Steps) -> None:
    assert told.dropped() == {("a#1", "changed", "a#2")}
    assert told.table("series")["EchoTime"].to_list() == [5.0]


def test_a_file_that_became_an_error_takes_its_instance_away(tmp_path: Path) -> None:
    """In a lake of its own, in which nothing is left."""
    root = tmp_path / "bank"
    add(root, [Reading("a", "1")])
    add(root, [error("a")])
    derive_and_list(root, None)
    names = uris(root)
    ((file, why, kept),) = table(root, "dropped").rows()
    assert (names[file], file >> 32, why) == ("a", 1, "changed")
    assert (names[kept], kept >> 32) == ("a", 2)
    assert table(root, "series").height == 0
    assert table(root, "patients").height == 0


@CASES.batches([Reading("b", "1"), Reading("c", "1"), Reading("z", "2")], [Reading("a", "1")])
def test_of_duplicates_the_smallest_uri_counts(told: Steps) -> None:
    assert told.dropped() == {("b", "duplicate", "a"), ("c", "duplicate", "a")}


CUT = {"truncation": "pixel data"}


@CASES.batches(
    [Reading("a", "1", values=CUT), Reading("b", "1"), Reading("c", "1")],
    [Reading("x", "2", values=CUT), Reading("y", "2", values=CUT)],
)
def test_a_whole_file_counts_before_a_truncated_one(told: Steps) -> None:
    assert told.dropped() == {
        ("a", "duplicate", "b"), ("c", "duplicate", "b"), ("y", "duplicate", "x"),
    }  # fmt: skip


@CASES.batches([Reading("a", "1"), Reading("b", "1", series="1.2")], [error("a")])
def test_a_duplicate_counts_again_when_the_other_file_changes(told: Steps) -> None:
    assert told.dropped(-2) == {("b", "duplicate", "a#1")}
    assert told.table("series", -2)["SeriesInstanceUID"].to_list() == ["1.1"]
    assert told.dropped() == {("a#1", "changed", "a#2")}
    assert told.table("series")["SeriesInstanceUID"].to_list() == ["1.2"]


@CASES.batches([
    Reading("a", "1", status="error", reason="no pixels"),
    Reading("b", "1", status="not_dicom", reason="no DICOM"),
    Reading("c", "1"), error("d"), error("e"),
])  # fmt: skip
def test_failed_and_foreign_files_are_nobodys_duplicates(told: Steps) -> None:
    assert told.dropped() == set()
    assert told.table("series")["n_instances"].to_list() == [1]


@CASES.batches([Reading("a", None), Reading("b", None)])
def test_instances_without_a_uid_are_no_duplicates(told: Steps) -> None:
    assert told.dropped() == set()
    assert told.table("series")["n_instances"].to_list() == [2]


@CASES.batches([Reading("a", "1")], [Reading("a", "2")], [Reading("a", "1"), Reading("0", "1")])
def test_a_chain_of_changes_names_what_counts_now(told: Steps) -> None:
    assert told.dropped() == {
        ("a#1", "changed", "a#3"), ("a#2", "changed", "a#3"), ("a#3", "duplicate", "0"),
    }  # fmt: skip


def inside(name: str, sop: str) -> Reading:
    return Reading(f"a!/{name}", sop, container="a")


def damaged(uri: str = "a", reason: str = "the archive ends too early") -> Reading:
    return Reading(uri, status="error", reason=reason, container="a")


def reason(case: str) -> str:
    """Why a file of this case could not be read: files that could not be are told by reason."""
    return f"the archive ends too early: {case}"


REPAIRED = reason("an_archive_that_is_whole_now_is_no_error_any_more")


@CASES.batches(
    [inside("1", "1"), damaged(reason=REPAIRED), damaged("a!/inner.zip", REPAIRED)],
    [inside("1", "1"), inside("2", "2"), inside("inner.zip!/3", "3"), Whole("a")],
)
def test_an_archive_that_is_whole_now_is_no_error_any_more(told: Steps) -> None:
    assert told.dropped(-2) == set()
    assert told.errors(-2) == [2, 2]
    assert {(uri, why) for uri, why, _ in told.dropped()} == {
        ("a!/1#1", "changed"), ("a", "changed"), ("a!/inner.zip", "changed"),
    }  # fmt: skip
    assert told.table("series")["n_instances"].to_list() == [3]
    assert told.errors(-1) == [0, 0, 0]


@CASES.batches(
    [inside("1", "1"), inside("2", "2"), Whole("a")], [inside("1", "1"), damaged()]
)  # fmt: skip
def test_an_archive_that_is_damaged_now_keeps_what_is_not_told_of_again(told: Steps) -> None:
    assert told.dropped() == {("a!/1#1", "changed", "a!/1#2")}
    assert told.table("series")["n_instances"].to_list() == [2]


@CASES.batches(
    [Reading("a", "1"), Reading("b", "9")],
    [inside("1", "1"), inside("2", "2"), Whole("a")],
    [Reading("a", "3")],
    [inside("1", "1"), Whole("a")],
)
def test_a_file_that_became_an_archive_and_back(told: Steps) -> None:
    assert told.dropped(-3) == {("a#1", "changed", "a!/2")}
    assert told.table("series", -3)["n_instances"].to_list() == [3]
    assert told.dropped(-2) == {
        ("a#1", "changed", "a#3"), ("a!/1#2", "changed", "a#3"), ("a!/2", "changed", "a#3"),
    }  # fmt: skip
    assert told.table("series", -2)["n_instances"].to_list() == [2]
    assert told.dropped() == {
        (uri, "changed", "a!/1#4") for uri in ("a#1", "a#3", "a!/1#2", "a!/2")
    }
    assert told.table("series")["n_instances"].to_list() == [2]


@CASES.batches(
    [inside("1", "1"), inside("2", "2"), Whole("a")], [inside("1", "1"), Whole("a")]
)  # fmt: skip
def test_what_an_archive_holds_no_more_stays_as_files_do(told: Steps) -> None:
    assert told.dropped() == {("a!/1#1", "changed", "a!/1#2")}
    assert told.table("series")["n_instances"].to_list() == [2]
