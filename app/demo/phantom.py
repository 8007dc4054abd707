"""Pixels: small phantoms made of a gradient and ellipses, so that a preview shows something.

Values are in thousandths of the style's full range; the contents scale them to their own units.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float64]


class Ellipse(NamedTuple):
    """Centre and radii in units of half the field of view; `value` is added inside."""

    x: float
    y: float
    width: float
    height: float
    value: float


STYLES: Final[Mapping[str, tuple[Ellipse, ...]]] = {
    "head": (
        Ellipse(0, 0, 0.72, 0.88, 0.55),
        Ellipse(0, 0, 0.64, 0.80, -0.20),
        Ellipse(-0.20, -0.1, 0.12, 0.34, 0.40),
        Ellipse(0.20, -0.1, 0.12, 0.34, 0.40),
        Ellipse(0.25, 0.40, 0.12, 0.10, 0.30),
    ),
    "head_t1": (
        Ellipse(0, 0, 0.72, 0.88, 0.75),
        Ellipse(0, 0, 0.64, 0.80, -0.25),
        Ellipse(-0.20, -0.1, 0.12, 0.34, -0.35),
        Ellipse(0.20, -0.1, 0.12, 0.34, -0.35),
        Ellipse(0.25, 0.40, 0.12, 0.10, -0.15),
    ),
    "head_flair": (
        Ellipse(0, 0, 0.72, 0.88, 0.35),
        Ellipse(0, 0, 0.64, 0.80, 0.10),
        Ellipse(-0.20, -0.1, 0.12, 0.34, -0.40),
        Ellipse(0.20, -0.1, 0.12, 0.34, -0.40),
        Ellipse(0.25, 0.40, 0.12, 0.10, 0.45),
    ),
    "body": (
        Ellipse(0, 0, 0.92, 0.66, 0.50),
        Ellipse(-0.35, -0.05, 0.38, 0.36, 0.15),
        Ellipse(0.42, 0.10, 0.20, 0.24, 0.10),
        Ellipse(0, 0.36, 0.13, 0.15, 0.35),
    ),
    "chest": (
        Ellipse(0, 0, 0.95, 0.72, 0.52),
        Ellipse(-0.42, -0.05, 0.32, 0.46, -0.42),
        Ellipse(0.42, -0.05, 0.32, 0.46, -0.42),
        Ellipse(0.08, -0.08, 0.22, 0.24, 0.12),
        Ellipse(0, 0.45, 0.12, 0.14, 0.35),
    ),
    "limb": (
        Ellipse(0, 0, 0.55, 0.92, 0.35),
        Ellipse(-0.12, -0.5, 0.26, 0.44, 0.40),
        Ellipse(-0.12, 0.5, 0.24, 0.44, 0.40),
        Ellipse(0.30, -0.05, 0.10, 0.16, 0.45),
    ),
    "breast": (Ellipse(-1, 0, 1.35, 0.82, 0.40), Ellipse(-0.6, 0.1, 0.50, 0.36, 0.30)),
    "tracer": (
        Ellipse(0, 0, 0.80, 0.60, 0.10),
        Ellipse(-0.30, -0.1, 0.20, 0.22, 0.25),
        Ellipse(0.34, 0.12, 0.09, 0.09, 0.75),
        Ellipse(0.05, -0.30, 0.07, 0.07, 0.60),
    ),
    "fan": (Ellipse(0, -1, 0.95, 1.80, 0.30), Ellipse(0.1, 0.1, 0.30, 0.24, 0.45)),
    "page": (Ellipse(0, -0.6, 0.80, 0.10, 0.70), Ellipse(0, 0.1, 0.80, 0.40, 0.25)),
}
"""Invented anatomy, drawn in order."""

NOISE_SIZE: Final = 128


def plane_image(
    style: str, rows: int, columns: int, *, depth: float, gain: float = 1.0, shift: int = 0
) -> Grid:
    """One plane of a phantom.

    Args:
        style: key of `STYLES`.
        rows, columns: shape of the result.
        depth: place of the plane in the phantom, 0 to 1; the middle is the widest.
        gain: contrast of the image, as a factor.
        shift: moves the noise, so that two images are never equal.

    Returns:
        (rows, columns) of numbers between 0 and 1000.
    """
    width = 0.45 + 0.55 * float(np.sin(np.pi * min(max(depth, 0.02), 0.98)))
    image = _drawn(style, rows, columns, round(width, 2))
    noise = np.roll(_noise(), (shift * 7) % NOISE_SIZE, axis=shift % 2)
    tiles = (-(-rows // NOISE_SIZE), -(-columns // NOISE_SIZE))
    speckle = np.tile(noise, tiles)[:rows, :columns]
    return np.asarray(np.clip(image * gain + speckle, 0.0, 1000.0), np.float64)


@cache
def _drawn(style: str, rows: int, columns: int, width: float) -> Grid:
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    image = 60.0 * (x + 1) / 2 + 20.0
    for ellipse in STYLES[style]:
        inside = ((x - ellipse.x * width) / (ellipse.width * width)) ** 2
        inside = inside + ((y - ellipse.y * width) / (ellipse.height * width)) ** 2
        image = image + np.where(inside <= 1.0, ellipse.value * 1000.0, 0.0)
    return np.asarray(np.clip(image, 0.0, 1000.0), np.float64)


@cache
def _noise() -> Grid:
    return np.random.default_rng(0).normal(0.0, 12.0, (NOISE_SIZE, NOISE_SIZE))
