"""Quality values depend on other series, so each ingest may change those of any series.

Random lakes of nuclear studies come batch by batch; what is derived step by step is what a rebuild
gives, whatever the order of the files.
"""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest

from ingest.derive import thresholds
from ingest.schema import TABLES
from tests.test_ingest.derive_lake import Reading, add, all_tables, derive_and_list
from tests.test_ingest.quality_lake import series, unreadable, without
from tests.test_ingest.test_derive_incremental import assert_same, cut

COMPARED = ("series", "studies", "findings", "protocols")
Tables = dict[str, Any]
UNSTABLE = {c.name for name in COMPARED for c in TABLES[name].columns if not c.stable}


def reading(rng: random.Random, n: int) -> Reading:
    """A file of one of forty studies of up to three series; some say nothing of their study."""
    study, number = rng.randint(1, 40), rng.randint(1, 3)
    day = dt.datetime(2024, 5, rng.randint(1, 3))
    header: dict[str, Any] = without(
        Modality=rng.choice(["PT", "PT", "NM", "CT", "MR", None]),
        Radiopharmaceutical=rng.choice(["FDG", "FDG", "fdg", "Ga", None]),
        RadionuclideTotalDose=rng.choice([1e8, 2e8, 3e8, 3.1e8, 250.0, 0.0, None]),
        RadiopharmaceuticalStartDateTime=rng.choice([None, day + dt.timedelta(hours=9)]),
        RadiopharmaceuticalStartTime=rng.choice([None, dt.time(9), dt.time(23, 30)]),
        PatientWeight=rng.choice([None, None, 0.0, 70.0, 70.0, 80.0, 81.5]),
        acquisition_datetime=day + dt.timedelta(minutes=rng.randint(0, 1439)),
        SeriesTime=rng.choice([None, dt.time(10), dt.time(11)]),
        SeriesNumber=rng.choice([None, 1, 2]),
        PatientIdentityRemoved=rng.choice(["YES", None]),
        ConvolutionKernel=rng.choice(["a", "b"]),
    )
    texts = rng.sample(["00540016[0].00181074", "00101030", "00080032"], rng.randint(0, 2))
    made = series(str(study), number, header, problems=unreadable(*texts))
    return Reading(**{
        **vars(made), "uri": f"u{n:03d}", "sop": f"i{n:03d}",
        "study": made.study if rng.random() < 0.9 else None,
    })  # fmt: skip


def derived_in(root: Path, batches: list[list[Reading]]) -> Tables:
    root.mkdir(exist_ok=True)
    thresholds.write(root, {"dose.robust_n": 3})  # a small lake has few doses of each agent
    for batch in batches:
        derive_and_list(root, [add(root, batch)], TABLES)
    return all_tables(root)


def test_step_by_step_is_a_rebuild_in_any_order(tmp_path: Path) -> None:
    rng = random.Random(1)
    readings = [reading(rng, n) for n in range(120)]
    # A file that is read again may change the study's weight, or take it away.
    again = [reading(rng, n) for n in rng.sample(range(120), 12)]
    step_by_step = derived_in(tmp_path / "a", [*cut(rng, readings), again])
    derive_and_list(tmp_path / "a", None, TABLES)
    rebuilt = all_tables(tmp_path / "a")
    assert_same({n: step_by_step[n] for n in COMPARED}, {n: rebuilt[n] for n in COMPARED})
    rng.shuffle(readings)
    other = derived_in(tmp_path / "b", [readings, again[::-1]])
    stable = [
        {n: tables[n].drop(UNSTABLE, strict=False) for n in ("series", "studies", "findings")}
        for tables in (rebuilt, other)
    ]
    assert_same(*stable)
    made = rebuilt["series"]
    for column in ("uptake_status", "activity_status", "weight_status", "dose_status"):
        assert made[column].n_unique() > 3  # the lake is no desert
    assert made["dose_robust_z"].drop_nulls().len() > 2


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tables, Tables]:
    """Derived tables before and after what comes late, a CT and a file that is read again."""
    root = tmp_path_factory.mktemp("late") / "bank"
    unweighed = series("1", 1, without("PatientWeight"))
    lost = series("3", 1, without("PatientWeight"), problems=unreadable("00101030"))
    before = derived_in(root, [[unweighed, lost], [series("2", 1, without())]])
    ct = series("1", 2, {"Modality": "CT", "PatientWeight": 60.0})
    again = Reading(**{**vars(lost), "problems": ()})  # and now there is nothing at all
    return before, derived_in(root, [[ct, again]])


def of_series(tables: Tables, uid: str) -> dict[str, Any]:
    (row,) = tables["series"].filter(SeriesInstanceUID=uid).to_dicts()
    return row


def test_a_late_series_brings_the_weight(late: tuple[Tables, Tables]) -> None:
    before, after = late
    assert of_series(before, "1.1")["dose_status"] == "no_weight"
    row = of_series(after, "1.1")
    assert (row["weight_kg"], row["weight_status"], row["dose_per_kg_MBq"]) == (60.0, "study", 5.0)
    rules = after["findings"].filter(StudyInstanceUID="1")["rule"].to_list()
    assert "activity_without_weight" not in rules
    assert "pt_without_ct" not in rules


def test_what_could_not_be_read_is_remembered(late: tuple[Tables, Tables]) -> None:
    before, after = late
    assert of_series(before, "3.1")["weight_status"] == "parse_fail"
    assert of_series(after, "3.1")["weight_status"] == "missing"
