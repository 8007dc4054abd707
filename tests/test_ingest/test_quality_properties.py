"""What quality values must not depend on: order, names and batches of files, units."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from app.demo import cohort_series
from app.demo.acquisition import Acquisition
from app.demo.records import Injection
from app.demo.writer import written_instances
from ingest.derive import derivation
from ingest.derive.anew import again as derive_again
from ingest.lake import snapshot
from ingest.schema import TABLES
from tests.test_ingest.derive_lake import table
from tests.test_ingest.pipeline_lakes import OF_PLACES, assert_same, copied, read, rows

STUDIES = frozenset({
    # weights of other series, odd times, repeated acquisitions, majorities and those that deviate
    "qa-zero-weight-ct", "qa-time-after", "qa-too-high", "qa-neither", "drift-pet-1", "nm-myocard",
    "tolerance-1", "tolerance-3", "tolerance-4", "mr-sent", "mr-sent-again", "age-malformed-born",
    "qa-modality-pet", "no-series-time",
})  # fmt: skip
COMPARED = ("series", "studies", "protocols")
OF_RUNS = frozenset({"n_headers"})
"""Columns that depend on how files were read together, not on what is in them."""


def sample() -> list[bytes]:
    return [
        written.content
        for it in cohort_series()
        if it.study.key in STUDIES
        for written in written_instances(it)
    ]


FILES = sample()


def lake(folder: Path, order: list[int], batches: int) -> Path:
    """A databank of the sample: the n-th file by the name ``order[n]``, in so many batches."""
    for n, content in enumerate(FILES):
        place = folder / "files" / str(order[n] % batches)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{order[n]:04d}.dcm").write_bytes(content)
    for batch in sorted((folder / "files").iterdir()):
        read(batch, folder / "lake")
    return folder / "lake"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files in their order, at once."""
    return lake(tmp_path_factory.mktemp("first"), list(range(len(FILES))), 1)


def assert_equal(one: Path, other: Path) -> None:
    """All columns of the derived tables, pseudonyms included: the databanks share their secret."""
    for name in COMPARED:
        first, second = (
            table(root, name).drop(OF_RUNS, strict=False).sort(TABLES[name].key)
            for root in (one, other)
        )
        assert_frame_equal(first, second, check_exact=True)
        assert first.height > 5


def shuffled(seed: int) -> list[int]:
    return random.Random(seed).sample(range(len(FILES)), len(FILES))


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files in another order, in three batches."""
    return lake(tmp_path_factory.mktemp("grown"), shuffled(3), 3)


def test_order_and_names_change_no_value(first: Path, tmp_path: Path) -> None:
    other = lake(tmp_path, shuffled(1), 1)
    assert_equal(first, other)
    assert_same(first, other, leaving_out=OF_PLACES)


def test_batches_change_no_value(first: Path, grown: Path) -> None:
    assert len(snapshot.read(grown).batches) == 3
    assert_equal(first, grown)
    assert_same(first, grown, leaving_out=OF_PLACES)


def test_a_series_in_two_batches_is_as_if_it_came_at_once(first: Path, tmp_path: Path) -> None:
    """Every other file first: weights, majorities and representatives change with the second."""
    order = list(range(len(FILES)))
    assert_equal(first, lake(tmp_path, order, 2))


def test_adding_is_the_same_as_making_everything_anew(grown: Path, tmp_path: Path) -> None:
    anew = copied(grown, tmp_path / "anew")
    state = snapshot.read(anew)
    version = derivation.derive(anew, state, None)
    snapshot.write(anew, snapshot.advanced(state, state.batches, version, state.next_part))
    assert_equal(grown, anew)
    again = copied(grown, tmp_path / "again")
    derive_again(again)
    assert_equal(grown, again)


# --- units

PET = next(it for it in cohort_series() if (it.study.key, it.series.key) == ("nm-bone", "wb"))


def with_activity(number: int, activity: float) -> Acquisition:
    """A study of its own with RadionuclideTotalDose as given."""
    injections = (Injection("MDP", activity, 60.0),)
    study = replace(PET.study, key=f"units-{number}")
    series = replace(PET.series, injections=injections, expect={})
    return replace(PET, patient_id=f"UNITS-{number}", study=study, series=series)


def test_activities_in_megabecquerel_and_becquerel_never_mix(tmp_path: Path) -> None:
    """MBq from 0.02 to 9,999: the number itself, and the same in Bq, give the same activity."""
    megabecquerel = (0.02, 0.5, 1.0, 37.0, 74.0, 370.0, 740.5, 1110.0, 5550.0, 9999.0)
    written: dict[str, tuple[float, bool]] = {}
    for number, activity in enumerate(megabecquerel):
        for way, value in enumerate((activity, activity * 1e6)):
            it = with_activity(10 * number + way, value)
            written[it.study_uid] = (activity, way == 0)
            (content,) = (w.content for w in written_instances(it))
            (tmp_path / "files").mkdir(exist_ok=True)
            (tmp_path / "files" / f"{it.study.key}.dcm").write_bytes(content)
    read(tmp_path / "files", tmp_path / "lake")
    found = rows(
        tmp_path / "lake",
        "SELECT StudyInstanceUID, injected_activity_MBq, activity_unit_assumed, "
        "dose_per_kg_MBq, activity_at_scan_MBq / injected_activity_MBq FROM studies",
    )
    assert len(found) == len(written) == 20
    left: set[Any] = set()
    for uid, activity, assumed, dose, share in found:
        wanted, is_assumed = written[uid]
        assert activity == pytest.approx(wanted, rel=1e-9)
        assert assumed is is_assumed
        assert dose == pytest.approx(wanted / 66.0, rel=1e-9)
        left.add(round(share, 9))
    assert left == {0.891013525}  # 2 ** (-3600 / 21624.12)
