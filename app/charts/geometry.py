"""Where the slices of a series lie: how many images at each position, and what is missing there.

Images are put together by the direction of their normal, because positions along different normals
mean nothing to each other (a localizer has three stacks). A stack's usual number of images at a
position is 1, or more in a dynamic or diffusion series; what differs from it stands out.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go  # type: ignore[import-untyped]
import polars as pl

from app.charts import LAYOUT
from app.i18n import Texts

SAME_DIRECTION = 0.9995
"""Cosine of the angle (1.8 degrees) within which normals are one."""
SAME_PLACE_MM = 0.01
GAP = 1.5
"""Times the spacing: where the next slice is farther away, one is missing."""
UNEVEN = 0.02
"""Share of the spacing by which other steps may differ from it."""
MOST_STACKS = 50
SHEARED_DEGREES = 0.5
HEIGHT = 220
PLANES = ("sagittal", "coronal", "axial")


class Gap(NamedTuple):
    """Two neighbouring positions that are too far apart, and how many slices fit in between."""

    start_mm: float
    end_mm: float
    n_missing: int


class Stack(NamedTuple):
    """Images with one direction: their positions, ascending, and how many images are at each."""

    plane: str
    tilt_degrees: float
    """Angle of the normal to that of the plane."""
    positions: tuple[float, ...]
    images: tuple[int, ...]
    spacing_mm: float | None
    """The median step; None for one position."""
    usual: int
    """The number of images that most positions have."""
    gaps: tuple[Gap, ...]
    n_uneven: int
    """Steps that are no gap and still not the spacing."""
    shear_degrees: float
    """Angle between the normal and the line of the first voxels: the tilt of a CT gantry."""

    @property
    def n_images(self) -> int:
        return sum(self.images)

    @property
    def n_more(self) -> int:
        """Positions with more images than usual."""
        return sum(n > self.usual for n in self.images)

    @property
    def n_fewer(self) -> int:
        """Positions with fewer images than usual."""
        return sum(n < self.usual for n in self.images)


def stacks(images: pl.DataFrame) -> list[Stack]:
    """The stacks of a series, that with most images first.

    ``images`` has slice_position_mm, slice_normal and ImagePositionPatient; those without a finite
    position or normal are left out. Directions beyond 50 are left out, too: such images rotate.
    """
    known = images.filter(
        pl.col("slice_position_mm").is_finite(),
        pl.col("slice_normal").list.len() == 3,
        pl.col("slice_normal").list.eval(pl.element().is_finite()).list.all(),
    )
    if known.is_empty():
        return []
    normals = np.array(known["slice_normal"].to_list(), float)
    lengths = np.linalg.norm(normals, axis=1)
    normals /= np.where(lengths > 0, lengths, 1)[:, None]
    left, found = np.arange(known.height), list[Stack]()
    while left.size and len(found) < MOST_STACKS:
        direction = normals[left[0]]
        same = normals[left] @ direction > SAME_DIRECTION
        same[0] = True
        found.append(_stack(known[left[same].tolist()], direction))
        left = left[~same]
    return sorted(found, key=lambda stack: -stack.n_images)


def _stack(images: pl.DataFrame, normal: np.ndarray) -> Stack:
    grid = (
        images.group_by((pl.col("slice_position_mm") / SAME_PLACE_MM).round())
        .agg(
            n=pl.len(),
            place=pl.col("slice_position_mm").min(),
            corner=pl.col("ImagePositionPatient").first(),
        )
        .sort("place")
    )
    positions, counts = grid["place"].to_list(), grid["n"].to_list()
    steps = np.diff(positions)
    spacing = float(np.median(steps)) if steps.size else None
    too_far = steps > GAP * (spacing or 0)
    gaps = tuple(
        Gap(positions[n], positions[n + 1], round(float(steps[n]) / spacing) - 1)
        for n in np.flatnonzero(too_far)
        if spacing
    )
    off = np.abs(steps - (spacing or 0)) > UNEVEN * (spacing or 0)
    axis = int(np.argmax(np.abs(normal)))
    return Stack(
        PLANES[axis], _degrees(float(abs(normal[axis]))), tuple(positions), tuple(counts),
        spacing, int(grid["n"].mode().max()), gaps, int((off & ~too_far).sum()),  # type: ignore[arg-type]
        _shear(grid["corner"], normal),
    )  # fmt: skip


def _shear(corners: pl.Series, normal: np.ndarray) -> float:
    first, last = corners[0], corners[-1]
    if len(corners) < 2 or first is None or last is None or len(first) != 3 or len(last) != 3:
        return 0.0
    line = np.array(last.to_list(), float) - np.array(first.to_list(), float)
    length = float(np.linalg.norm(line))
    if not math.isfinite(length) or length == 0:
        return 0.0
    return _degrees(abs(float(line @ normal)) / length)


def _degrees(cosine: float) -> float:
    return math.degrees(math.acos(min(cosine, 1.0)))


def slices(stack: Stack, t: Texts, colours: list[str]) -> go.Figure:
    """A bar at each position, as high as it has images; gaps are shaded and say how wide they are.

    ``colours`` are those of the theme's charts, at least five.
    """
    width = (stack.spacing_mm or 1.0) * 0.75
    figure = go.Figure(layout={"barmode": "overlay"})
    kinds = (
        ("slices_usual", colours[0], "", 0),
        ("slices_more", colours[4], "x", 1),
        ("slices_fewer", colours[1], "/", -1),
    )
    places = list(zip(stack.positions, stack.images, strict=True))
    for name, colour, shape, side in kinds:
        part = [(p, n) for p, n in places if (n > stack.usual) - (n < stack.usual) == side]
        if part:
            figure.add_bar(
                x=[p for p, _ in part], y=[n for _, n in part], width=width,
                name=t(f"series.{name}"), hovertemplate="%{x:.2f} mm: %{y}",
                marker={"color": colour, "pattern": {"shape": shape, "size": 4}},
            )  # fmt: skip
    for gap in stack.gaps[:20]:
        figure.add_vrect(
            gap.start_mm + width / 2, gap.end_mm - width / 2, fillcolor=colours[4], opacity=0.18,
            line_width=0, annotation_text=f"{t.number(gap.end_mm - gap.start_mm, 1)} mm",
            annotation_position="top",
        )  # fmt: skip
    figure.update_xaxes(title=t("column.slice_position_mm") + " (mm)", showgrid=False)
    figure.update_yaxes(
        title=t("series.images_here"), rangemode="tozero", dtick=max(1, -(-max(stack.images) // 3)),
        tickformat=",d", range=[0, max(stack.images) * 1.2],
    )  # fmt: skip
    figure.update_layout(
        {**LAYOUT, "height": HEIGHT, "showlegend": stack.n_more + stack.n_fewer > 0}
    )
    return figure
