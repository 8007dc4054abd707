"""Every text of the app in every language, and numbers as that language writes them.

A language is a folder of TOML files, one for each page and ``app`` for what all share; keys are
dotted (``studies.title``). All languages have the same keys and the same placeholders (tested), so
a missing text is a defect and raises.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES: dict[str, str] = {"en": "English", "de": "Deutsch", "zh": "中文"}
DEFAULT = "en"

# Group and decimal separator of numbers.
SEPARATORS = {"en": (",", "."), "de": (".", ","), "zh": (",", ".")}
SIZES = ("B", "kB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True)
class Texts:
    """The texts of one language; ``texts("studies.title")`` is one of them."""

    language: str
    entries: Mapping[str, str] = field(repr=False)

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key`` with ``values`` in its placeholders; KeyError if there is none."""
        text = self.entries[key]
        return text.format(**values) if values else text

    def find(self, key: str, default: str) -> str:
        """The text of ``key``, or ``default``: for keys that come from data."""
        return self.entries.get(key, default)

    def count(self, noun: str, n: int) -> str:
        """A number with its noun: ``count("studies", 1)`` is "1 study"."""
        form = "one" if n == 1 else "other"
        return self.entries[f"count.{noun}.{form}"].format(n=self.number(n))

    def number(self, value: float, digits: int = 0) -> str:
        """A number with separators of groups, rounded to ``digits`` decimals."""
        group, point = SEPARATORS[self.language]
        whole, _, part = f"{value:,.{digits}f}".partition(".")
        return whole.replace(",", group) + (point + part if part else "")

    def size(self, n_bytes: float) -> str:
        """A size in the decimal unit that fits: 1,234,567 is "1.2 MB"."""
        step = 0
        while n_bytes >= 999.5 and step < len(SIZES) - 1:
            n_bytes, step = n_bytes / 1000, step + 1
        digits = 1 if step and n_bytes < 99.95 else 0
        return f"{self.number(n_bytes, digits)} {SIZES[step]}"

    def duration(self, seconds: float) -> str:
        """A time span in the two units that matter: "2 min 5 s", "3 h 10 min", "0.4 s"."""
        if seconds < 9.95:
            return f"{self.number(seconds, 1)} s"
        whole = round(seconds)
        if whole < 60:
            return f"{whole} s"
        minutes, rest = divmod(whole, 60)
        if minutes < 60:
            return f"{minutes} min {rest} s"
        return f"{self.number(minutes // 60)} h {minutes % 60} min"

    def any_of(self, values: list[str]) -> str:
        """Values as a choice: "CT, MR or PT"."""
        if len(values) < 2:
            return "".join(values)
        return self("list.or", first=", ".join(values[:-1]), last=values[-1])


@cache
def texts(language: str) -> Texts:
    """The texts of a language, or of the default one where ``language`` is none of ours."""
    code = language if language in LANGUAGES else DEFAULT
    entries: dict[str, str] = {}
    for file in sorted(Path(__file__).with_name(code).glob("*.toml")):
        for key, text in _flat(tomllib.loads(file.read_text(encoding="utf-8"))):
            if key in entries:
                raise ValueError(f"{code}/{file.name}: {key} is in another file, too")
            entries[key] = text
    return Texts(code, entries)


def _flat(table: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found = []
    for key, value in table.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", str(value)))
    return found
