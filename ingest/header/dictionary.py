"""What the dictionaries say of a tag: VR, keyword, name; of the standard's and of the vendors'.

pydicom's tables are the source; ``ingest.decoders.names`` adds the vendor elements it lacks.  They
are loaded as the files they are: the package imports 90 modules first, down to one that looks for
``requests``, which takes every process that reads headers a tenth of a second (measured).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NamedTuple

from ingest.decoders.names import NAMES


class Entry(NamedTuple):
    """A dictionary entry; ``vr`` may name several, as in ``US or SS``."""

    vr: str
    keyword: str | None
    name: str | None


UNKNOWN = Entry("UN", None, None)
GROUP_LENGTH = Entry("UL", None, "Group Length")
PRIVATE_CREATOR = Entry("LO", None, "Private Creator")


def _tables(name: str) -> Any:
    """A module of pydicom that holds tables and imports nothing; raises ImportError."""
    package = find_spec("pydicom")  # finds the folder, runs nothing
    if package is None or not package.submodule_search_locations:
        raise ImportError("pydicom is not installed")
    file = Path(package.submodule_search_locations[0]) / f"{name}.py"
    spec = spec_from_file_location(f"pydicom.{name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _standard() -> dict[int, tuple[str, str, str, str, str]]:
    found: dict[int, tuple[str, str, str, str, str]] = _tables("_dicom_dict").DicomDictionary
    return found


@cache
def _vendors() -> dict[str, dict[str, tuple[str, str, str, str]]]:
    found: dict[str, dict[str, tuple[str, str, str, str]]]
    found = _tables("_private_dict").private_dictionaries
    return found


@cache
def _repeaters() -> list[tuple[re.Pattern[str], Entry]]:
    rows: dict[str, tuple[str, str, str, str, str]] = _tables("_dicom_dict").RepeatersDictionary
    return [
        (re.compile(mask.replace("x", "[0-9A-F]"), re.IGNORECASE), Entry(row[0], row[4], row[2]))
        for mask, row in rows.items()
    ]


@lru_cache(maxsize=1 << 16)
def standard(tag: int) -> Entry:
    """The entry of an even-group tag; ``UNKNOWN`` where the standard has none."""
    row = _standard().get(tag)
    if row is not None:
        return Entry(row[0], row[4] or None, row[2] or None)
    if tag & 0xFFFF == 0:
        return GROUP_LENGTH
    text = f"{tag:08X}"
    for pattern, entry in _repeaters():
        if pattern.fullmatch(text):
            return entry
    return UNKNOWN


@lru_cache(maxsize=1 << 16)
def private(tag: int, creator: str | None) -> Entry:
    """The entry of an odd-group tag under its creator; ``UNKNOWN`` where nobody named it."""
    group, element = tag >> 16, tag & 0xFFFF
    if 0x10 <= element <= 0xFF:
        return PRIVATE_CREATOR
    if element == 0:
        return GROUP_LENGTH
    if creator is None:
        return UNKNOWN
    offset = element & 0xFF
    known = NAMES.get((creator, group, offset))
    if known is not None:
        return Entry(known[0], None, known[1])
    vendor = _vendors().get(creator)
    if vendor is not None:
        for mask in (f"{group:04X}xx{offset:02X}", f"{group:04X}{element:04X}"):
            row = vendor.get(mask) or vendor.get(mask.replace(f"{group:04X}", f"{group:04x}"))
            if row is not None:
                return Entry(row[0], None, row[2] or None)
    return UNKNOWN


@cache
def keywords() -> Mapping[str, int]:
    """Keyword -> tag, of every element that the standard has or had."""
    return {row[4]: tag for tag, row in _standard().items() if row[4]}


def entry(tag: int, creator: str | None) -> Entry:
    """The dictionary entry of any tag."""
    return private(tag, creator) if (tag >> 16) & 1 else standard(tag)
