"""How a row of a protocol table becomes a record.

A row names attributes by their keyword, as `EchoTime`, and fields of the record by their name, as
`slices`; the first letter tells one from the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.demo.records import Protocol


def row(sop_class: str, modality: str, description: str, *layers: Mapping[str, Any]) -> Protocol:
    """A protocol; later layers overrule earlier ones. TypeError for a field that does not exist."""
    merged = {name: value for layer in layers for name, value in layer.items()}
    fields = {name: value for name, value in merged.items() if name[0].islower()}
    attributes: dict[str | int, Any] = {
        name: value for name, value in merged.items() if name[0].isupper()
    }
    return Protocol(sop_class, modality, description, attributes, **fields)
