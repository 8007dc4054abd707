"""Volumes of a series: echoes, b-values, phases of the contrast agent, time points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.demo.records import Step

Direction = tuple[float, float, float]

DIRECTIONS: Final[tuple[Direction, ...]] = (
    (1.0, 0.0, 0.0),
    (0.0, 1.0, 0.0),
    (0.0, 0.0, 1.0),
    (0.6, 0.8, 0.0),
    (0.0, 0.6, 0.8),
    (0.8, 0.0, 0.6),
)
"""Unit vectors of the diffusion gradients."""


def echoes(*milliseconds: float) -> tuple[Step, ...]:
    """One volume an echo, darker with time (T2* of 50 ms)."""
    return tuple(
        Step({"EchoTime": te, "EchoNumbers": number}, gain=max(0.3, 1.0 - te / 150))
        for number, te in enumerate(milliseconds, start=1)
    )


def diffusion(*b_values: float, directions: int = 1) -> tuple[Step, ...]:
    """One volume for b = 0, and for each higher b-value one in each of `directions`."""
    return tuple(
        Step(b_value=b, direction=direction, gain=max(0.3, 1.0 - b / 2000))
        for b in b_values
        for direction in (DIRECTIONS[:directions] if b else (None,))
    )


def traces(*b_values: float) -> tuple[Step, ...]:
    """Trace-weighted volumes: a b-value and no direction."""
    return tuple(Step(b_value=b, gain=max(0.3, 1.0 - b / 2000)) for b in b_values)


def time_points(count: int, seconds: float) -> tuple[Step, ...]:
    """Volumes of a dynamic series that says which is which."""
    return tuple(
        Step(
            {
                "TemporalPositionIdentifier": number + 1,
                "NumberOfTemporalPositions": count,
                "TriggerTime": 1000.0 * seconds * number,
            },
            gain=1.0 + 0.25 * min(number, 3),
        )
        for number in range(count)
    )


def repeats(count: int) -> tuple[Step, ...]:
    """Volumes that differ in nothing but their time: fMRI, perfusion."""
    return tuple(Step(gain=1.0 + 0.01 * (number % 3)) for number in range(count))


def image_types(*types: Sequence[str]) -> tuple[Step, ...]:
    """Volumes that differ in ImageType (0008,0008): Dixon parts, magnitude and phase."""
    return tuple(
        Step({"ImageType": tuple(kind)}, gain=1.0 - 0.15 * number)
        for number, kind in enumerate(types)
    )


def planes(*orientations: tuple[float, ...]) -> tuple[Step, ...]:
    """The three stacks of a localizer."""
    return tuple(Step({"ImageOrientationPatient": orientation}) for orientation in orientations)
