"""The table mr_cleaned of a lake: kinds of volume, corrections by hand, and what is carried over.

Lakes are of explicit rows, so what is in a series is known; which class the rules give is their own
matter and tested with them.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.derive import corrections, mr_kinds, mr_rows
from ingest.derive import mr as step
from ingest.derive.corrections import Corrected, CorrectionsInvalid
from ingest.derive.database import DerivationFailed
from ingest.derive.mr_rows import RulesInvalid
from ingest.lake import layout, snapshot
from ingest.lake.check import check
from ingest.schema import TABLES
from ingest.schema.mr import MR_CLEANED, MR_CONTRACT
from tests.test_ingest.derive_lake import (
    SMALL_INSTANCE,
    Reading,
    add,
    derive_and_list,
    small_tables,
    table,
)
from tests.test_ingest.test_derive_incremental import assert_same, cut

ROOT = Path(__file__).resolve().parents[2]
SMALL = small_tables(
    SMALL_INSTANCE
    | {
        "ProtocolName", "MagneticFieldStrength", "ScanningSequence", "SequenceVariant",
        "MRAcquisitionType", "RepetitionTime", "ImageOrientationPatient", "EchoNumbers",
        "ComplexImageComponent", "b_value", "DiffusionBValue", "frame_echo_times", "FrameType",
        "ContrastBolusAgent", "SeriesNumber",
    }
)  # fmt: skip
TEN = dt.datetime(2024, 5, 2, 10)
ORIGINAL = ["ORIGINAL", "PRIMARY", "M", "ND"]
PHASE = ["ORIGINAL", "PRIMARY", "P", "ND"]
T1: Mapping[str, Any] = {
    "Modality": "MR", "Manufacturer": "SIEMENS", "MagneticFieldStrength": 3.0,
    "SeriesDescription": "t1_se_tra", "ProtocolName": "t1_se_tra", "ScanningSequence": ["SE"],
    "SequenceVariant": ["SK"], "MRAcquisitionType": "2D", "RepetitionTime": 600.0,
    "EchoTime": 10.0, "FlipAngle": 90.0, "ImageType": ORIGINAL, "acquisition_datetime": TEN,
    "ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0], "StudyDate": dt.date(2024, 5, 2),
}  # fmt: skip
GRE: Mapping[str, Any] = {
    **T1, "SeriesDescription": "gre", "ProtocolName": "gre", "ScanningSequence": ["GR"],
    "SequenceVariant": ["SP"], "RepetitionTime": 30.0, "FlipAngle": 15.0,
}  # fmt: skip


def images(study: str, series: int, *several: Mapping[str, Any], **shared: Any) -> list[Reading]:
    """The files of a series, one for each of ``several``."""
    uid = f"{study}.{series}"
    return [
        Reading(f"u{uid}.{n}", f"i{uid}.{n}", study, uid, values={**T1, **shared, **values})
        for n, values in enumerate(several or ({},))
    ]


def lake(root: Path, *batches: list[Reading]) -> Path:
    for batch in batches:
        derive_and_list(root, [add(root, batch)], SMALL)
    return root


def follow(root: Path) -> None:
    """Derive without anything new: what was decided about series is followed."""
    derive_and_list(root, (), SMALL)


def troubles(root: Path) -> list[str]:
    """What is wrong with the files and keys of the table."""
    return [trouble.message for trouble in check(root) if "mr_cleaned" in trouble.where]


def rows(root: Path, series: str | None = None) -> list[dict[str, Any]]:
    found = table(root, "mr_cleaned").sort("StudyInstanceUID", "SeriesInstanceUID", "volume")
    return (found.filter(SeriesInstanceUID=series) if series else found).to_dicts()


def test_the_columns_are_the_contract_in_its_order() -> None:
    names = [column.name for column in TABLES["mr_cleaned"].columns]
    assert names[:3] == ["StudyInstanceUID", "SeriesInstanceUID", "volume"]
    assert names[3 : 3 + len(MR_CLEANED)] == [column.name for column in MR_CLEANED]
    assert names[3:17] == [column.name for column in MR_CONTRACT]
    assert len(MR_CONTRACT) == 14


ECHOES = images(
    "echoes", 1, *({"EchoTime": echo, "EchoNumbers": [n], "slice_position_mm": float(p)}
                   for n, echo in enumerate((5.0, 9.844, 20.0), 1) for p in range(4)),
    **GRE,
)  # fmt: skip
SHUFFLED = random.Random(1).sample(images("shuffled", 1, *(one.values for one in ECHOES)), 12)
B_VALUES = (0.0, 5.0, 995.0, 1000.0, 1005.0, 2000.0)
DWI: Mapping[str, Any] = {
    **T1, "SeriesDescription": "ep2d_diff", "ScanningSequence": ["EP"], "EchoTime": 80.0,
    "RepetitionTime": 5000.0,
}  # fmt: skip
FRAMES = [
    {"EchoTime": echo, "FrameType": kind, "ComplexImageComponent": part}
    for echo in (5.0, 10.0)
    for kind, part in ((ORIGINAL, "MAGNITUDE"), (PHASE, "PHASE"))
    for _ in range(3)
]
ENHANCED: Mapping[str, Any] = {
    **GRE, "ImageType": ["ORIGINAL", "PRIMARY", "MIXED", "NONE"], "ComplexImageComponent": "MIXED",
    "n_frames": len(FRAMES), "EchoTime": 5.0, "frame_echo_times": [5.0, 10.0],
}  # fmt: skip
ABSURD = (1e308, -1e308, 1e19, 1e7)
STUDIES = [
    *images("plain", 1, {"InstanceNumber": 1}, {"InstanceNumber": 2}),
    *ECHOES,
    *SHUFFLED,
    *images("phase", 1, *({"ImageType": kind} for kind in (ORIGINAL, PHASE, PHASE)), **GRE),
    *images("b-values", 1, *({"b_value": b, "DiffusionBValue": b} for b in B_VALUES), **DWI),
    Reading("frames", "i", "frames", "frames.1", values=ENHANCED, frames=FRAMES),
    *images("alike", 1, {"ImageType": ORIGINAL}, {"ImageType": [*ORIGINAL, "NORM"]}),
    *images("many", 1, *({"EchoTime": float(e + 1)} for e in range(mr_kinds.MOST + 1)), **GRE),
    *(
        one
        for absurd in ABSURD
        for one in images(f"{absurd}", 1, *({"b_value": b} for b in (0.0, 1000.0, absurd, absurd)))
    ),
    *images("whole", 1, {"b_value": 0.0}, {"b_value": 1000.0}),
    *images("replaced", 1, {"EchoTime": 5.0}, {"EchoTime": 9.0}, **GRE),
    *images("nameless", 1, {"SeriesDescription": None, "ProtocolName": None}),
    Reading("bare", "ib", "bare", "bare.1", values={"Modality": "MR"}),
    Reading("lost", "ic", None, None, values={"Modality": "mr "}),
]
"""Studies that tell each other nothing; one of them lacks its UIDs."""


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake(tmp_path_factory.mktemp("studies") / "bank", STUDIES)


def test_a_plain_series_is_one_row_that_says_what_the_rules_say(studies: Path) -> None:
    from ingest.mr import classify

    (row,) = rows(studies, "plain.1")
    expected = classify(table(studies, "series").filter(SeriesInstanceUID="plain.1"))
    assert {name: row[name] for name in expected.columns} == expected.row(0, named=True)
    assert (row["volume"], row["volume_kind"], row["volume_frames"]) == (1, None, 2)
    assert (row["SeriesDescription"], row["StudyDate"]) == ("t1_se_tra", dt.date(2024, 5, 2))
    assert row["sequenceClass"].startswith("T1")
    assert row["corrected_when"] is None


@pytest.mark.parametrize("study", ["echoes", "shuffled"])
def test_echoes_are_kinds_with_their_own_echo_time(studies: Path, study: str) -> None:
    found = rows(studies, f"{study}.1")
    assert [row["volume"] for row in found] == [1, 2, 3]
    assert [row["echo_times_ms"] for row in found] == [[5.0], [9.84], [20.0]]
    assert [row["volume_kind"].split(",")[0] for row in found] == [
        "echo 5 ms", "echo 9.84 ms", "echo 20 ms",
    ]  # fmt: skip
    assert [row["volume_frames"] for row in found] == [4, 4, 4]
    assert [row["n_volumes"] for row in found] == [1, 1, 1]


def test_magnitude_and_phase_are_kinds(studies: Path) -> None:
    found = rows(studies, "phase.1")
    assert {row["partOfComplex"]: row["volume_frames"] for row in found} == {
        "magnitude": 1, "phase": 2,
    }  # fmt: skip
    assert {row["volume_kind"] for row in found} >= {"phase"} or all(
        "phase" in row["volume_kind"] or "magnitude" in row["volume_kind"] for row in found
    )


def test_b_values_are_kinds_and_nearly_equal_ones_are_one(studies: Path) -> None:
    found = rows(studies, "b-values.1")
    assert [row["diffusion_b_values"] for row in found] == [
        [0.0, 5.0], [995.0, 1000.0, 1005.0], [2000.0],
    ]  # fmt: skip
    assert [row["volume_frames"] for row in found] == [2, 3, 1]
    # An image at b = 0 is one of a diffusion series.
    assert len({row["sequenceClass"] for row in found}) == 1
    assert found[0]["sequenceClass"] in ("DWI", "DTI")


def test_frames_of_an_enhanced_object_are_told_apart(studies: Path) -> None:
    found = rows(studies, "frames.1")
    assert {(tuple(r["echo_times_ms"]), r["partOfComplex"], r["volume_frames"]) for r in found} == {
        ((5.0,), "magnitude", 3), ((5.0,), "phase", 3),
        ((10.0,), "magnitude", 3), ((10.0,), "phase", 3),
    }  # fmt: skip


def test_what_differs_without_being_a_kind_is_one_row(studies: Path) -> None:
    (row,) = rows(studies, "alike.1")
    assert (row["volume_kind"], row["volume_frames"]) == (None, 2)


def test_a_series_of_very_many_combinations_is_left_whole(studies: Path) -> None:
    (row,) = rows(studies, "many.1")
    assert row["volume_kind"] is None
    assert len(row["echo_times_ms"]) == mr_kinds.MOST + 1


@pytest.mark.parametrize("absurd", ABSURD)
def test_an_absurd_b_value_tells_nothing_apart_and_costs_nobody_his_rows(
    studies: Path, absurd: float
) -> None:
    """Sums of such numbers are infinite, and no whole number holds them."""
    odd, whole = (rows(studies, f"{study}.1") for study in (absurd, "whole"))
    assert sorted((row["volume_kind"], row["volume_frames"]) for row in odd) == [
        ("b 0", 1), ("b 1000", 1), ("others", 2),
    ]  # fmt: skip
    assert [(row["volume_kind"], row["volume_frames"]) for row in whole] == [
        ("b 0", 1), ("b 1000", 1),
    ]  # fmt: skip


def test_duplicates_and_replaced_files_make_no_kind(studies: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(studies, tmp_path / "bank"))
    assert len(rows(root, "replaced.1")) == 2
    _, second = images("replaced", 1, {"EchoTime": 5.0}, {"EchoTime": 5.0}, **GRE)
    assert len(rows(lake(root, [second]), "replaced.1")) == 1


def test_without_names_or_with_nothing_at_all_there_is_a_row(studies: Path) -> None:
    found = {(row["StudyInstanceUID"], row["SeriesInstanceUID"]): row for row in rows(studies)}
    assert found.keys() == {(one.study, one.series) for one in STUDIES}
    assert found.keys() >= {("nameless", "nameless.1"), ("bare", "bare.1"), (None, None)}
    assert found["bare", "bare.1"]["sequenceClass"] == "UNKNOWN"


def test_without_mr_it_is_empty_and_the_rules_are_not_even_imported(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    add(root, images("1", 1, {"Modality": "CT"}))
    code = (
        "import sys; from pathlib import Path; from ingest.lake import snapshot; "
        "from ingest.derive.anew import again; root = Path(sys.argv[1]); again(root); "
        "sys.exit(any(name.startswith('ingest.mr') for name in sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(root)], cwd=ROOT, check=False)
    assert ended.returncode == 0
    assert table(root, "series").height == 1
    assert rows(root) == []
    assert troubles(root) == []


def reading(rng: random.Random, n: int) -> Reading:
    """A file of one of a dozen studies of up to three series; some are no MR, some lack UIDs."""
    study, number = rng.randint(1, 12), rng.randint(1, 3)
    values = {
        **rng.choice([T1, GRE]),
        "Modality": rng.choice(["MR", "MR", "MR", "CT", None]),
        "EchoTime": rng.choice([5.0, 9.0, None]),
        "b_value": rng.choice([None, None, 0.0, 1000.0]),
        "ImageType": rng.choice([ORIGINAL, PHASE, None]),
        "acquisition_datetime": TEN + dt.timedelta(minutes=rng.randint(0, 60)),
        "ContrastBolusAgent": rng.choice([None, None, "Gd"]),
    }
    uid = f"{study}.{number}" if rng.random() < 0.95 else None
    known = str(study) if rng.random() < 0.95 else None
    return Reading(f"u{n:03d}", f"i{n:03d}", known, uid, values=values)


def test_step_by_step_is_a_rebuild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mr_rows, "CHUNK", 12)  # several chunks of whole studies
    rng = random.Random(4)
    readings = [reading(rng, n) for n in range(60)]
    twice = [reading(rng, n) for n in rng.sample(range(60), 8)]
    root = lake(tmp_path / "a", *cut(rng, readings), twice)
    corrections.add(root, [Corrected("1.1"), Corrected("2.2")], "T2_TSE", who="A", why="b")
    follow(root)
    made = table(root, "mr_cleaned")
    assert made.height > 10
    assert made["volume"].max() > 1  # type: ignore[operator]
    derive_and_list(root, None, SMALL)
    assert_same({"mr_cleaned": made}, {"mr_cleaned": table(root, "mr_cleaned")})
    assert troubles(root) == []
    rng.shuffle(readings)
    other = lake(tmp_path / "b", readings)
    corrections.add(other, [Corrected("1.1"), Corrected("2.2")], "T2_TSE", who="A", why="b")
    lake(other, twice[::-1])
    unstable = ["patient_key", "corrected_when"]
    assert_same(
        {"mr_cleaned": made.drop(unstable)},
        {"mr_cleaned": table(other, "mr_cleaned").drop(unstable)},
    )


def test_only_touched_studies_are_classed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = lake(tmp_path / "bank", [one for study in "123" for one in images(study, 1)])
    seen: list[str] = []
    judged = mr_rows.judged

    def spied(known: pl.DataFrame, config: Any) -> pl.DataFrame:
        seen.extend(known["SeriesInstanceUID"].to_list())
        return judged(known, config)

    monkeypatch.setattr(mr_rows, "judged", spied)
    lake(root, images("2", 2))
    assert sorted(seen) == ["2.1", "2.2"]
    assert len(rows(root)) == 4
    seen.clear()
    follow(root)
    assert seen == []


@pytest.fixture
def corrected(corrected_once: Path, tmp_path: Path) -> Path:
    """A lake of two plain series and one of two echoes, of which the first is corrected."""
    return Path(shutil.copytree(corrected_once, tmp_path / "bank"))


@pytest.fixture(scope="module")
def corrected_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    echoes = images("1", 2, {"EchoTime": 5.0}, {"EchoTime": 9.0}, **GRE)
    root = tmp_path_factory.mktemp("corrected") / "bank"
    batch = add(root, [*images("1", 1), *echoes, *images("2", 1)])
    when = dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)
    corrections.add(root, [Corrected("1.1")], "T2_TSE", who="Dr. Gray", why="TE", when=when)
    derive_and_list(root, [batch], SMALL)
    return root


def test_a_correction_says_who_when_why_and_what_the_rules_say(corrected: Path) -> None:
    (row,) = rows(corrected, "1.1")
    assert row["sequenceClass"] == "T2_TSE"
    assert row["classConfidence"] == 1.0
    assert row["classReason"].startswith("override: ")
    assert row["sequenceClass_by_rules"].startswith("T1")
    assert row["classReason_by_rules"]
    assert row["classConfidence_by_rules"] < 1.0
    assert row["corrected_when"] == dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)
    assert (row["corrected_by"], row["corrected_why"]) == ("Dr. Gray", "TE")
    assert row["bids_suffix"] != "T1w"
    for other in (*rows(corrected, "1.2"), *rows(corrected, "2.1")):
        assert other["corrected_when"] is None
        assert other["sequenceClass_by_rules"] is None


def test_who_and_why_are_under_phi_alone(corrected: Path) -> None:
    derived = snapshot.read(corrected).derived
    assert derived is not None
    path = layout.derived(corrected, layout.OPEN) / derived / "mr_cleaned.parquet"
    assert not {"corrected_by", "corrected_why"} & set(pl.read_parquet_schema(path))
    for file in (corrected / layout.OPEN).rglob("*"):
        assert not file.is_file() or b"Dr. Gray" not in file.read_bytes()


def test_a_correction_outlives_rebuilds_and_new_readings(corrected: Path) -> None:
    before = rows(corrected, "1.1")
    derive_and_list(corrected, None, SMALL)
    assert rows(corrected, "1.1") == before
    lake(corrected, [*images("1", 1, {"FlipAngle": 80.0}), *images("3", 1)])
    (row,) = rows(corrected, "1.1")
    assert (row["sequenceClass"], row["corrected_by"]) == ("T2_TSE", "Dr. Gray")


def test_the_latest_decision_counts_and_can_be_taken_back(corrected: Path) -> None:
    corrections.add(corrected, [Corrected("1.1")], "SWI", who="B", why="c")
    follow(corrected)
    assert rows(corrected, "1.1")[0]["sequenceClass"] == "SWI"
    corrections.add(corrected, [Corrected("1.1")], None, who="B", why="wrong")
    follow(corrected)
    (row,) = rows(corrected, "1.1")
    assert row["sequenceClass"].startswith("T1")
    assert row["corrected_when"] is None
    assert len(corrections.read(corrected)) == 3  # what was decided is not forgotten


def test_a_kind_is_corrected_alone_and_stands_before_its_series(corrected: Path) -> None:
    first, second = (row["volume_kind"] for row in rows(corrected, "1.2"))
    corrections.add(corrected, [Corrected("1.2")], "SWI", who="B", why="c")
    corrections.add(corrected, [Corrected("1.2", second)], "T2_MAP", who="B", why="c")
    follow(corrected)
    found = rows(corrected, "1.2")
    assert [row["volume_kind"] for row in found] == [first, second]
    assert [row["sequenceClass"] for row in found] == ["SWI", "T2_MAP"]
    corrections.add(corrected, [Corrected("1.2", second)], None, who="B", why="c")
    follow(corrected)
    assert [row["corrected_when"] is None for row in rows(corrected, "1.2")] == [False, True]
    corrections.add(corrected, [Corrected("1.2")], "ADC", who="B", why="c")
    follow(corrected)
    assert [row["sequenceClass"] for row in rows(corrected, "1.2")] == ["ADC", "ADC"]


def test_corrections_that_are_none_are_refused(corrected: Path) -> None:
    before = corrections.read(corrected)
    for about, wanted, who, why in (
        ([], "SWI", "a", "b"), ([Corrected("1.1")], "S'; --", "a", "b"),
        ([Corrected("1.1")], "SWI", " ", "b"), ([Corrected("1.1")], "SWI", "a", ""),
    ):  # fmt: skip
        with pytest.raises(CorrectionsInvalid):
            corrections.add(corrected, about, wanted, who=who, why=why)
    assert corrections.read(corrected) == before


NOT_DECISIONS = [
    b"", b"{", b"[]", b'{"format": 2, "decisions": []}', b'{"format": 1, "decisions": [{}]}',
    b"\xff\xfe", b'{"format": 1, "decisions": [{"sequenceClass": 1}]}', b"[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("content", NOT_DECISIONS)
def test_a_damaged_file_of_corrections_is_told(corrected: Path, content: bytes) -> None:
    (corrected / layout.PHI / corrections.FILE).write_bytes(content)
    with pytest.raises(CorrectionsInvalid):
        corrections.read(corrected)
    with pytest.raises(CorrectionsInvalid):
        corrections.add(corrected, [Corrected("1.1")], "SWI", who="A", why="b")


@pytest.mark.parametrize("content", [NOT_DECISIONS[0], NOT_DECISIONS[-1]])
def test_nothing_changes_with_a_damaged_file_of_corrections(
    corrected: Path, content: bytes
) -> None:
    (corrected / layout.PHI / corrections.FILE).write_bytes(content)
    before = snapshot.read(corrected)
    with pytest.raises(CorrectionsInvalid):
        follow(corrected)
    assert snapshot.read(corrected) == before


def test_the_file_of_corrections_can_be_read_by_people(corrected: Path) -> None:
    told = json.loads((corrected / layout.PHI / corrections.FILE).read_text("utf-8"))
    assert told["decisions"] == [
        {"sequenceClass": "T2_TSE", "who": "Dr. Gray", "when": "2024-06-01T12:00:00+00:00",
         "why": "TE", "series": ["1.1"]}
    ]  # fmt: skip


def test_other_rules_of_the_databank_class_everything_again(corrected: Path) -> None:
    (before,) = rows(corrected, "2.1")
    rule = before["classReason"].partition(":")[0]
    (corrected / "mr.toml").write_text(f'[rules."{rule}"]\nenabled = false\n', "utf-8")
    follow(corrected)
    (after,) = rows(corrected, "2.1")
    assert after["classReason"].partition(":")[0] != rule
    (corrected / "mr.toml").write_text("[nonsense]\n", "utf-8")
    with pytest.raises(RulesInvalid):
        follow(corrected)
    assert rows(corrected, "2.1") == [after]
    (corrected / "mr.toml").unlink()
    follow(corrected)
    assert rows(corrected, "2.1") == [before]


DYNAMIC: Mapping[str, Any] = {
    **GRE, "SeriesDescription": "LAVA", "ProtocolName": "LAVA", "RepetitionTime": 4.0,
    "EchoTime": 1.5, "FlipAngle": 12.0, "MRAcquisitionType": "3D",
}  # fmt: skip


def dynamic(study: str, *agents: str | None) -> list[Reading]:
    """Equal series of a study, a minute apart."""
    return [
        one
        for n, agent in enumerate(agents, 1)
        for one in images(
            study, n, {"acquisition_datetime": TEN + dt.timedelta(minutes=n)},
            **{**DYNAMIC, "ContrastBolusAgent": agent, "SeriesNumber": n},
        )
    ]  # fmt: skip


def phases(root: Path) -> list[tuple[int | None, str | None]]:
    return [(row["dynamicGroup"], row["dynamicPhase"]) for row in rows(root)]


def test_a_correction_reaches_the_other_series_of_its_study(tmp_path: Path) -> None:
    root = lake(tmp_path / "bank", [*dynamic("1", None, "Gd", None, None), *images("2", 1)])
    assert phases(root) == [(1, "PRE"), (1, "POST_1"), (1, "POST_2"), (1, "POST_3"), (None, None)]
    corrections.add(root, [Corrected("1.3")], "SUBTRACTION", who="A", why="b")
    follow(root)
    after = rows(root)
    assert phases(root) == [
        (1, "PRE"), (1, "POST_1"), (None, None), (1, "POST_2"), (None, None),
    ]  # fmt: skip
    assert [row["corrected_when"] is None for row in after] == [True, True, False, True, True]
    corrected_row = after[2]
    assert corrected_row["isDerivedImage"]
    assert corrected_row["bids_suffix"] is None
    assert "the rules say T1_GRE_SPOILED" in corrected_row["classReason"]
    derive_and_list(root, None, SMALL)
    assert rows(root) == after  # step by step is a rebuild
    lake(root, dynamic("1", None, "Gd", None, None, None)[4:])  # one more series of the study
    assert phases(root)[:5] == [
        (1, "PRE"), (1, "POST_1"), (None, None), (1, "POST_2"), (1, "POST_3"),
    ]  # fmt: skip
    corrections.add(root, [Corrected("1.3")], None, who="A", why="b")
    follow(root)
    assert [phase for _, phase in phases(root)[:5]] == [
        "PRE",
        "POST_1",
        "POST_2",
        "POST_3",
        "POST_4",
    ]


def test_what_follows_from_a_class_follows_from_a_corrected_one(corrected: Path) -> None:
    (row,) = rows(corrected, "1.1")  # a T1 of spin echoes that somebody calls T2_TSE
    told = ("sequenceFamily", "contrastWeighting", "bids_datatype", "bids_suffix", "bids_entities")
    assert [row[name] for name in told] == ["TSE", "T2", "anat", "T2w", None]
    corrections.add(corrected, [Corrected("1.1")], "T2_STIR", who="A", why="b")
    follow(corrected)
    (row,) = rows(corrected, "1.1")
    assert row["isFatSuppressed"]
    assert row["fatSuppressionReason"] == "fat.stir"
    assert row["contrastWeighting"] == "T2_STIR"
    kind = rows(corrected, "1.2")[1]["volume_kind"]
    corrections.add(corrected, [Corrected("1.2", kind)], "FIELD_MAP", who="A", why="b")
    follow(corrected)
    first, second = rows(corrected, "1.2")
    assert (second["bids_datatype"], second["bids_suffix"]) == ("fmap", "magnitude2")
    assert first["bids_datatype"] != "fmap"


def test_an_impossible_class_in_the_file_is_told_in_a_sentence(corrected: Path) -> None:
    path = corrected / layout.PHI / corrections.FILE
    path.write_text(path.read_text("utf-8").replace("T2_TSE", "=T2;"), "utf-8")
    before = snapshot.read(corrected)
    with pytest.raises(CorrectionsInvalid, match="name is not possible"):
        follow(corrected)
    assert snapshot.read(corrected) == before


def test_a_class_nobody_has_heard_of_is_kept_and_nothing_follows(corrected: Path) -> None:
    corrections.add(corrected, [Corrected("1.1")], "OUR OWN", who="A", why="b")
    follow(corrected)
    (row,) = rows(corrected, "1.1")
    assert row["sequenceClass"] == "OUR OWN"
    assert (row["contrastWeighting"], row["bids_suffix"]) == (None, None)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rules that fail where a series is called BREAKS; how many series they were asked for."""
    from ingest import mr

    asked: list[int] = []
    classify = mr.classify

    def fails(frame: pl.DataFrame, config: Any) -> pl.DataFrame:
        asked.append(frame.height)
        if (frame["SeriesDescription"] == "BREAKS").any():
            raise pl.exceptions.ShapeError("Secret")
        return classify(frame, config)

    monkeypatch.setattr(mr, "classify", fails)
    return asked


def failures(root: Path) -> list[dict[str, Any]]:
    return table(root, "findings").filter(rule="mr_rules_failed").to_dicts()


def test_rules_that_fail_cost_one_study_and_are_a_finding(
    tmp_path: Path, broken: list[int]
) -> None:
    studies = [one for n in range(1, 41) for one in images(str(n), 1)]
    bad = [
        *images("17", 2, {"SeriesDescription": "BREAKS"}, {"SeriesDescription": "BREAKS"}),
        *images("17", 3),
    ]
    root = lake(tmp_path / "bank", [*studies, *bad])
    found = {row["SeriesInstanceUID"]: row for row in rows(root)}
    lost = [uid for uid, row in found.items() if row["sequenceClass"] == "UNKNOWN"]
    assert sorted(lost) == ["17.1", "17.2", "17.3"]
    assert found["17.1"]["classReason"] == "none: the rules failed (ShapeError)"
    assert found["17.1"]["classConfidence"] == 0.0
    assert len(broken) < 2 * 40
    (finding,) = failures(root)
    assert (finding["severity"], finding["level"]) == ("error", "study")
    assert (finding["StudyInstanceUID"], finding["SeriesInstanceUID"]) == ("17", None)
    assert finding["n_affected"] == 4
    assert finding["observed"] == "3 series without one: ShapeError"
    assert "Secret" not in str(finding)
    told = table(root, "findings").filter(StudyInstanceUID="17").height
    assert table(root, "studies").filter(StudyInstanceUID="17")["n_findings"].item() == told
    assert troubles(root) == []
    lake(root, images("50", 1))  # what is carried over is still told, and is not new
    assert failures(root) == [finding]
    before = {"findings": table(root, "findings")}
    derive_and_list(root, None, SMALL)
    assert_same(before, {"findings": table(root, "findings")})


def test_rules_that_work_again_take_the_finding_back(
    tmp_path: Path, broken: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "bank"
    batch = add(root, images("1", 1, {"SeriesDescription": "BREAKS"}))
    corrections.add(root, [Corrected("1.1")], "T1_SE", who="A", why="b")
    derive_and_list(root, [batch], SMALL)
    assert rows(root)[0]["sequenceClass"] == "T1_SE"
    assert len(failures(root)) == 1  # the rules still fail
    monkeypatch.undo()
    monkeypatch.setattr(step, "_rules", lambda: "other rules")
    follow(root)
    assert failures(root) == []
    assert rows(root)[0]["bids_suffix"] == "T1w"


def test_rules_of_a_databank_that_fail_at_everything_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mr_rows, "TRIES", 8)
    root = tmp_path / "bank"
    batch = add(root, [one for n in range(30) for one in images(str(n), 1)])
    # A class has to be text, which nobody notices before it is one.
    (root / "mr.toml").write_text(
        '[[rule]]\nid = "own"\ngives = { class = 5 }\nall = ["EchoTime > 0"]\n', "utf-8"
    )
    derive_and_list(root, [batch], SMALL)
    assert {row["classReason"][:23] for row in rows(root)} == {"none: the rules failed "}
    assert len(failures(root)) == 30


def water_and_fat(root: Path) -> str:
    """A batch of one series with two kinds of image."""
    parts = [{"ImageType": ["ORIGINAL", "PRIMARY", part]} for part in ("W", "F")]
    return add(root, images("1", 1, *parts, **DYNAMIC))


def test_a_correction_of_images_that_are_not_there_is_a_finding(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    batch = water_and_fat(root)
    for series, kind in (("1.1", "FAT"), ("1.1", "echo 4.92 ms"), ("9.9", "WATER")):
        corrections.add(root, [Corrected(series, kind)], "T1_MAP", who="A", why="b")
    derive_and_list(root, [batch], SMALL)

    def told() -> list[tuple[Any, ...]]:
        found = table(root, "findings").filter(rule="mr_correction_unfollowed")
        return found.select("severity", "SeriesInstanceUID", "observed", "n_affected").rows()

    # FAT is followed, and 9.9 may come yet.
    assert told() == [("warning", "1.1", "none of the kind: echo 4.92 ms", 2)]
    corrections.add(root, [Corrected("1.1", "echo 4.92 ms")], None, who="A", why="a mistake")
    follow(root)
    assert told() == []


def test_the_words_for_a_kind_do_not_depend_on_its_class(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    derive_and_list(root, [water_and_fat(root)], SMALL)
    found = rows(root)
    assert {row["volume_kind"]: row["sequenceClass"] for row in found} == {
        "FAT": "T1_GRE_SPOILED_FAT", "WATER": "T1_GRE_SPOILED_WATER",
    }  # fmt: skip
    corrections.add(root, [Corrected("1.1", "FAT")], "T1_MAP", who="A", why="b")
    follow(root)
    # Other rules come to other classes, and the decision is still about this kind.
    (root / "mr.toml").write_text('[rules."dixon.water"]\nenabled = false\n', "utf-8")
    follow(root)
    found = rows(root)
    assert (found[0]["volume_kind"], found[0]["sequenceClass"]) == ("FAT", "T1_MAP")
    assert found[1]["sequenceClass"] != "T1_GRE_SPOILED_WATER"


def test_kinds_that_cannot_be_told_cost_one_study_and_are_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell, asked = mr_kinds.kinds, []

    def fails(parts: pl.DataFrame, classed: pl.DataFrame) -> pl.DataFrame:
        asked.append(parts.height)
        if (parts["is_part"] & (parts["StudyInstanceUID"] == "17")).any():
            raise pl.exceptions.InvalidOperationError("Secret")
        return tell(parts, classed)

    two = ({"EchoTime": 5.0}, {"EchoTime": 9.0})
    files = [one for n in range(1, 41) for one in images(str(n), 1, *two, **GRE)]
    sound = {"echo 5 ms", "echo 9 ms"}
    monkeypatch.setattr(mr_kinds, "kinds", fails)
    root = lake(tmp_path / "bank", files)
    found = rows(root)
    assert len(found) == 2 * 39 + 1
    assert {row["volume_kind"] for row in found if row["StudyInstanceUID"] != "17"} == sound
    (lost,) = rows(root, "17.1")
    assert (lost["volume_kind"], lost["sequenceClass"]) == (None, "UNKNOWN")
    assert lost["classReason"] == "none: the rules failed (InvalidOperationError)"
    assert len(asked) < 2 * 40
    (finding,) = failures(root)
    assert (finding["StudyInstanceUID"], finding["n_affected"]) == ("17", 2)
    assert "Secret" not in str(finding)
    assert troubles(root) == []


def test_where_nothing_can_be_told_the_run_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(parts: pl.DataFrame, classed: pl.DataFrame) -> pl.DataFrame:
        raise pl.exceptions.ComputeError("Secret")

    monkeypatch.setattr(mr_kinds, "kinds", fails)
    with pytest.raises(DerivationFailed, match=r"^The rows of MR series could not be made\.$"):
        lake(tmp_path / "bank", images("1", 1))


def test_halves_are_of_whole_studies_and_a_series_without_one_is_its_own() -> None:
    def halves(*studies: str | None) -> list[list[str | None]]:
        places = pl.DataFrame({"StudyInstanceUID": studies}, schema={"StudyInstanceUID": pl.String})
        return [half["StudyInstanceUID"].to_list() for half in mr_rows.halves(places)]

    assert halves("a", "a") == halves(None) == []
    assert halves(None, None) == [[None], [None]]
    assert halves(None, "a", "a") == [[None], ["a", "a"]]
    assert halves("a", "a", "a", "b") == [["a", "a", "a"], ["b"]]
