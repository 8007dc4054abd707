"""The size of a picture, and where in it the two axes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.report.svg.axis import Axis
from app.report.svg.words import SIZE, width

FAR = 3.0
"""How far outside a mark may be placed before it is cut, in lengths of the axis."""


@dataclass
class Frame:
    """A picture with its margins, which grow by what stands around the axes."""

    width: float
    height: float
    x: Axis
    y: Axis
    left: float = 40.0
    right: float = 10.0
    top: float = 8.0
    bottom: float = 24.0

    @property
    def floor(self) -> float:
        return self.height - self.bottom

    @property
    def end(self) -> float:
        return self.width - self.right

    def make_room(self) -> None:
        """For the labels and titles of the axes."""
        most = max((width(text) for _, text in self.y.ticks), default=20.0)
        self.left = min(most, self.width * 0.34) + 12 + (SIZE + 4 if self.y.title else 0)
        self.bottom = 22.0 + (SIZE + 6 if self.x.title else 0)

    def across(self, value: float) -> float:
        """The horizontal place of a number of the x axis, inside the axes."""
        return min(max(self.at(self.x.share(value)), self.left), self.end)

    def up(self, value: float) -> float:
        """The vertical place of a number of the y axis, inside the axes."""
        return min(max(self.over(self.y.share(value)), self.top), self.floor)

    def at(self, share: float) -> float:
        """The horizontal place of a share of the x axis."""
        return self.left + min(max(share, -FAR), FAR) * (self.end - self.left)

    def over(self, share: float) -> float:
        """The vertical place of a share of the y axis."""
        return self.floor - min(max(share, -FAR), FAR) * (self.floor - self.top)

    def place(self, name: str, ref: str, value: Any, *, inside: bool = True) -> float | None:
        """Where a shape or words are: on the axis ``x`` or ``y``, or as a share of the picture."""
        axis = self.x if name == "x" else self.y
        if "domain" in ref or ref == "paper":
            share = float(value or 0)
        else:
            is_place = axis.kind == "category" and isinstance(value, (int, float))
            found = float(value) if is_place else axis.number(value)
            if found is None:
                return None
            share = axis.share(found)
        share = min(max(share, 0.0), 1.0) if inside else share
        return self.at(share) if name == "x" else self.over(share)
