"""Static pictures of the app's figures, for files that hold no script.

Not all that Plotly can draw, but what the charts of the app are made of: bars, lines, points,
boxes and histograms on one pair of axes, with bands, lines and words over them.
"""

from __future__ import annotations

from app.report.svg.draw import NotDrawn, picture

__all__ = ["NotDrawn", "picture"]
