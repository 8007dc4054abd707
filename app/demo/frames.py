"""Where and when each frame of a series is taken: planes, slices, steps, instances.

All geometry and timing of the cohort follows from here, so that positions, slice times and
acquisition times of a series agree with each other in every vendor's private elements as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from app.demo.records import Protocol, Step

Vector = tuple[float, float, float]

PLANES: Final[Mapping[str, tuple[float, ...]]] = {
    "AX": (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    "COR": (1.0, 0.0, 0.0, 0.0, 0.0, -1.0),
    "SAG": (0.0, 1.0, 0.0, 0.0, 0.0, -1.0),
    "OBL": (1.0, 0.0, 0.0, 0.0, 0.9063, -0.4226),  # 25 degrees from axial towards coronal
    "TILTED": (1.0, 0.0, 0.0, 0.0, 0.9925, -0.1219),  # 7 degrees: still an axial series
}
"""Row and column direction cosines of ImageOrientationPatient (0020,0037)."""


class Frame(NamedTuple):
    """One plane image."""

    slice_index: int
    step_index: int
    orientation: tuple[float, ...]
    position: Vector
    """Millimetres; centre of the first pixel: ImagePositionPatient (0020,0032)."""
    location: float
    """Millimetres along the normal."""
    seconds: float
    """From the first acquisition of the series."""
    step: Step


class Instance(NamedTuple):
    """One file: its number from 1 and its frames."""

    number: int
    frames: tuple[Frame, ...]

    @property
    def first(self) -> Frame:
        return self.frames[0]


def instances_of(protocol: Protocol, slices: int) -> tuple[Instance, ...]:
    """The instances of a series in acquisition order, step after step."""
    frames = [
        _frame(protocol, slices, step_index, slice_index)
        for step_index in range(len(protocol.steps))
        for slice_index in range(slices)
    ]
    size = {"slice": 1, "volume": slices, "series": len(frames)}[protocol.grouping]
    groups = (tuple(frames[i : i + size]) for i in range(0, len(frames), size))
    return tuple(Instance(number, group) for number, group in enumerate(groups, start=1))


def normal_of(orientation: tuple[float, ...]) -> Vector:
    """Slice normal: row direction x column direction."""
    rx, ry, rz, cx, cy, cz = orientation
    return (ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx)


def slice_times(protocol: Protocol, slices: int) -> tuple[float, ...]:
    """Seconds from the start of a volume at which each slice is taken: odd slices, then even."""
    duration = protocol.seconds / len(protocol.steps)
    order = [*range(0, slices, 2), *range(1, slices, 2)]
    rank = {slice_index: place for place, slice_index in enumerate(order)}
    return tuple(round(rank[i] * duration / slices, 4) for i in range(slices))


def _frame(protocol: Protocol, slices: int, step_index: int, slice_index: int) -> Frame:
    step = protocol.steps[step_index]
    orientation = tuple(step.attributes.get("ImageOrientationPatient", PLANES[protocol.plane]))
    place = slice_index - (slices - 1) / 2
    position = _corner(protocol, orientation, place * protocol.spacing[2])
    normal = normal_of(orientation)
    location = sum(n * p for n, p in zip(normal, position, strict=True))
    seconds = step_index * protocol.seconds / len(protocol.steps)
    if protocol.grouping == "slice":
        seconds += slice_index * protocol.seconds / len(protocol.steps) / slices
    return Frame(slice_index, step_index, orientation, position, round(location, 4), seconds, step)


def _corner(protocol: Protocol, orientation: tuple[float, ...], depth: float) -> Vector:
    """First pixel of a plane whose centre lies `depth` mm from the isocentre along the normal."""
    down, across, _ = protocol.spacing
    left = -(protocol.columns - 1) / 2 * across
    up = -(protocol.rows - 1) / 2 * down
    row, column, normal = orientation[:3], orientation[3:], normal_of(orientation)
    x, y, z = (
        round(left * r + up * c + depth * n, 4) for r, c, n in zip(row, column, normal, strict=True)
    )
    return x, y, z
