"""Colours of a report: those of the app's theme, from the file that states them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

CONFIG = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"
N_COLOURS = 7
"""Colours of charts; what comes after them in the theme repeats them."""


class Look(NamedTuple):
    """A theme: colours of charts, ground, raised ground, ink, lines and links."""

    palette: tuple[str, ...]
    ground: str
    raised: str
    ink: str
    border: str
    link: str


@cache
def look(theme: str) -> Look:
    """The theme ``light`` or ``dark`` of the app."""
    told: dict[str, Any] = tomllib.loads(CONFIG.read_text("utf-8"))["theme"][theme]
    return Look(
        tuple(told["chartCategoricalColors"][:N_COLOURS]), told["backgroundColor"],
        told["secondaryBackgroundColor"], told["textColor"], told["borderColor"],
        told["linkColor"],
    )  # fmt: skip


def names() -> dict[str, str]:
    """The CSS name of each colour of the light theme, in which figures are made."""
    return {colour.lower(): f"var(--c{n})" for n, colour in enumerate(look("light").palette)}


def variables(theme: str) -> str:
    """The theme as CSS variables."""
    found = look(theme)
    told = {f"c{n}": colour for n, colour in enumerate(found.palette)}
    told |= {
        "ground": found.ground, "raised": found.raised, "ink": found.ink, "border": found.border,
        "link": found.link,
    }  # fmt: skip
    return "".join(f"--{name}:{colour};" for name, colour in told.items())
