"""Questions as they are written: one described ``.sql`` file each, made whole.

``{name}`` at the start of a line stands for a part that several questions have in common, which is
a file in ``sql/parts`` or made from data.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from app import quality
from app.protocols import units
from ingest.schema import TABLES

FOLDER = Path(__file__).with_name("sql")
WHOLE = FOLDER / "whole"
"""Questions in other words, which are answered faster where nothing is filtered."""
MADE = {
    "measures_of_studies": lambda: quality.counts("studies"),
    "measures_of_series": lambda: quality.counts("series"),
    "rules_of_measures": quality.rules,
    "protocol_unit": units.case,
}
"""Parts of questions that are made from data."""
PART = re.compile(r"(?m)^( *)\{([a-z_]+)\}")

ABOUT_SERIES = {
    "series", "studies", "patients", "findings", "findings_gone", "protocols", "mr_cleaned",
    "private_profiles", "private_blocks",
}  # fmt: skip
"""Tables that have the same rows with identifiers and without."""


@cache
def text(name: str) -> str:
    """The SQL of a question; KeyError if there is no such question."""
    return _text(name, FOLDER)


@cache
def text_of_whole(name: str) -> str:
    """The SQL of a question where nothing is filtered."""
    return _text(name, WHOLE if (WHOLE / f"{name}.sql").is_file() else FOLDER)


def _text(name: str, folder: Path) -> str:
    path = folder / f"{name}.sql"
    if not re.fullmatch(r"[a-z_]+", name) or not path.is_file():
        raise KeyError(name)
    return PART.sub(_part, path.read_text(encoding="utf-8").strip())


def _part(place: re.Match[str]) -> str:
    """What several questions have in common, where they say {its name}, indented as that."""
    made = MADE.get(place[2])
    lines = made() if made else (FOLDER / "parts" / f"{place[2]}.sql").read_text("utf-8").strip()
    return place[1] + PART.sub(_part, lines).replace("\n", f"\n{place[1]}")


def description(name: str) -> str:
    """What a question asks: the comment its file starts with."""
    lines = []
    for line in text(name).splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return " ".join(lines)


@cache
def names_identifiers(name: str) -> bool:
    """Whether the answer to a question may depend on identifiers.

    Where it does not, it is asked without them: joining them to a million series takes longer than
    the question itself.
    """
    code = re.sub(r"--.*|count\(\*\)|\bAS \w+", "", text(name))
    words = set(re.findall(r"\w+", code))
    hidden = {c.name for table in TABLES.values() for c in table.columns if c.phi}
    return "*" in code or bool(words & (hidden | (set(TABLES) - ABOUT_SERIES)))


def names() -> list[str]:
    """All questions, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.sql"))
