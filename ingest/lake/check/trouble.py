"""What a check says."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "info"]
_ORDER: tuple[Severity, ...] = ("error", "warning", "info")


class Trouble(NamedTuple):
    """Something that is wrong, or worth knowing: ``where`` is a path in the databank or a table."""

    severity: Severity
    where: str
    message: str

    def rank(self) -> tuple[int, str, str]:
        """Sort key: worst first."""
        return _ORDER.index(self.severity), self.where, self.message
