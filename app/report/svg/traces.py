"""What the traces of Plotly's figures say, whatever their kind: values, amounts, opacity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def listed(values: Any) -> list[Any]:
    """The values of a trace: a list, a tuple or an array."""
    if values is None:
        return []
    return list(values.tolist() if hasattr(values, "tolist") else values)


def amount(value: Any) -> float | None:
    """A value as a finite number, or None."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def opacity(trace: Mapping[str, Any]) -> float:
    """The opacity of a trace's marks: that of the trace times that of its markers."""
    made = 1.0
    for told in (trace.get("opacity"), (trace.get("marker") or {}).get("opacity")):
        made *= float(told) if isinstance(told, (int, float)) else 1.0
    return made
