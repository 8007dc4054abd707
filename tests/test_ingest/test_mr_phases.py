"""Phases inside one series: how many it holds, and what that means for its group."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from ingest.mr import classify

VIBE: dict[str, Any] = {
    "StudyInstanceUID": "1", "ScanningSequence": ["GR"], "SequenceVariant": ["SP"],
    "MRAcquisitionType": "3D", "RepetitionTime": 4.1, "EchoTime": 1.3, "FlipAngle": 12.0,
    "ImageType": ["ORIGINAL", "PRIMARY"], "MagneticFieldStrength": 3.0, "n_slice_positions": 10,
    "n_instances": 10,
}  # fmt: skip
AGENT = {"ContrastBolusAgent": "Gadobutrol"}
FOUR = {"n_instances": 40, "TemporalPositionIdentifier_min": 1, "TemporalPositionIdentifier_max": 4}


def phases(*series: dict[str, Any]) -> list[tuple[int | None, str | None, int | None]]:
    """Group, phase and number of phases of series that were acquired one minute after another."""
    rows = [
        {**VIBE, "SeriesInstanceUID": str(n), "AcquisitionTime": f"10{n:02d}00", **one}
        for n, one in enumerate(series)
    ]
    made = classify(pl.DataFrame(rows, infer_schema_length=None, strict=False))
    return made.select("dynamicGroup", "dynamicPhase", "n_phases").rows()


@pytest.mark.parametrize(
    ("header", "number"),
    [
        ({}, 1),
        (FOUR, 4),
        ({"TemporalPositionIdentifier_min": 3, "TemporalPositionIdentifier_max": 3,
          "NumberOfTemporalPositions": 4}, 1),
        ({"NumberOfTemporalPositions": 4, "n_instances": 40}, 4),  # all of them in one series
        ({"NumberOfTemporalPositions": 4}, 1),  # a series for each of them
        ({"n_instances": 1, "n_frames_sum": 40, "frame_temporal_positions": 4}, 4),
        ({"n_instances": 30, "AcquisitionNumber_values": [1, 2, 3]}, 3),
        ({"n_instances": 30, "TriggerTime_min": 0.0, "TriggerTime_max": 800.0}, 3),
        ({"n_instances": 30}, None),  # images of one place, and nothing says in what they differ
        ({"n_slice_positions": None, "n_instances": None}, None),
        # echoes or directions that were numbered as if they were time points
        ({"frame_temporal_positions": 6}, 1),
        ({"n_instances": 30, "TemporalPositionIdentifier_min": 1,
          "TemporalPositionIdentifier_max": 7}, None),
        ({**FOUR, "SeriesDescription": "localizer"}, None),
    ],
)  # fmt: skip
def test_how_many_phases_a_series_holds(header: dict[str, Any], number: int | None) -> None:
    ((_, _, found),) = phases(header)
    assert found == number


def test_a_series_that_holds_all_phases_is_a_group_without_a_phase() -> None:
    assert phases({**AGENT, **FOUR}) == [(1, None, 4)]


def test_phases_without_an_agent_are_no_group() -> None:
    assert phases(FOUR) == [(None, None, 4)]


def test_phases_are_numbered_through_series_that_hold_several() -> None:
    after = {**AGENT, **FOUR}
    assert phases({}, after, {}, AGENT) == [
        (1, "PRE", 1), (1, "POST_1", 4), (1, "POST_5", 1), (1, "POST_6", 1),
    ]  # fmt: skip
    # The first of four was before the agent, so three of them were after it.
    assert phases(after, {}) == [(1, None, 4), (1, "POST_4", 1)]


def test_parts_of_one_moment_are_one_phase() -> None:
    parts = [
        {**AGENT, **FOUR, "AcquisitionTime": "101000", "ImageType": ["ORIGINAL", "PRIMARY", part]}
        for part in ("WATER", "FAT")
    ]
    assert phases({}, *parts, {"AcquisitionTime": "102000"}) == [
        (1, "PRE", 1), (1, "POST_1", 4), (1, "POST_1", 4), (1, "POST_5", 1),
    ]  # fmt: skip


def test_series_of_one_phase_are_as_they_were() -> None:
    found = phases({"n_instances": None}, {**AGENT, "n_instances": None}, {"n_instances": None})
    assert found == [(1, "PRE", None), (1, "POST_1", None), (1, "POST_2", None)]
