"""An ``mr_clean_config.json``: what of it has a meaning here, and a sentence about everything else.

Its key tree is orientation, fat_suppression, atomic_features, thresholds.field_strength,
classification.ruleA, classification.sequence_family, dynamic and propagate.  Keys are read with
case, underscores and a closing min or max ignored, since files of that name differ in them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.mr.records import files

BANDS = {
    "3t": "3.0T", "30t": "3.0T", "15t": "1.5T", "lowfield": "Low-Field", "low": "Low-Field",
    "highfield": "High-Field", "high": "High-Field", "default": "default", "7t": "High-Field",
}  # fmt: skip
LIMITS = {
    "t1tr": "t1_tr", "t1te": "t1_te", "t2tr": "t2_tr", "t2te": "t2_te", "pdte": "pd_te",
    "flairti": "flair_ti", "stirti": "stir_ti",
}  # fmt: skip
PLANES = {
    "ax": "AX", "axial": "AX", "tra": "AX", "transverse": "AX", "sag": "SAG", "sagittal": "SAG",
    "cor": "COR", "coronal": "COR", "obl": "OBL", "oblique": "OBL",
}  # fmt: skip
FEATURES = {
    "dwi": "diffusion_named", "diffusion": "diffusion_named", "bold": "bold_named",
    "fmri": "bold_named", "asl": "asl_named", "perfusion": "dsc_named", "pwi": "dsc_named",
    "localizer": "localizer_named", "loc": "localizer_named", "mra": "angio_named",
    "angio": "angio_named", "tof": "angio_named", "swi": "swi_named", "mrs": "spectro_named",
    "spectroscopy": "spectro_named", "fieldmap": "field_map_named", "tse": "turbo",
    "singleshot": "single_shot", "grespoiled": "spoiled", "gresteadystate": "steady_state",
    "sesingleshot": "single_shot",
}  # fmt: skip
"""Features and families whose words join those of a fact."""
WORDS = re.compile(r"[\w*+\s-]+")
MAX_DEPTH = 12


def translated(content: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The same as the content of an mr.toml, and sentences on the rest (ValueError)."""
    if not isinstance(content, Mapping):
        raise ValueError("it has to be an object with keys")
    made: dict[str, Any] = {}
    notes: list[str] = []
    for path, value in _leaves(content, ()):
        if not _take(made, path, value):
            notes.append(f"{'.'.join(path)} is not understood and changes nothing.")
    return made, tuple(notes)


def _leaves(
    content: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in content.items():
        path = (*above, str(key))
        if isinstance(value, Mapping) and value and len(path) < MAX_DEPTH:
            yield from _leaves(value, path)
        else:
            yield path, value


def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _take(made: dict[str, Any], path: tuple[str, ...], value: Any) -> bool:
    keys = [_plain(key) for key in path]
    section, last = keys[0], keys[-1]
    if keys[:2] == ["thresholds", "fieldstrength"] and len(keys) == 4:
        return _limit(made, keys[2], last, value)
    if section == "orientation":
        return _oblique(made, last, value) or _plane(made, last, value)
    if section == "fatsuppression":
        return _fat(made, last, value)
    if section == "propagate" and len(keys) == 2 and last in ("enabled", "enable", "on"):
        made.setdefault("dynamic", {})["propagate"] = bool(value)
        return isinstance(value, bool)
    if section == "atomicfeatures" or keys[:2] == ["classification", "sequencefamily"]:
        named = [FEATURES[key] for key in keys[1:] if key in FEATURES]
        return bool(named) and _words(made, named[0], value)
    return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _limit(made: dict[str, Any], band: str, key: str, value: Any) -> bool:
    if band not in BANDS or not _is_number(value):
        return False
    if key == "stirtimin":
        made.setdefault("threshold", {})["stir_ti_from"] = float(value)
        return True
    name = LIMITS.get(re.sub(r"(min|max|lt|gt)$", "", key))
    if name is None:
        return False
    made.setdefault("band", {}).setdefault(BANDS[band], {})[name] = float(value)
    return True


def _oblique(made: dict[str, Any], key: str, value: Any) -> bool:
    """A squared component (0-1), or an angle in degrees."""
    if not ("obl" in key or "threshold" in key) or not _is_number(value) or not 0 < value < 90:
        return False
    squared = float(value) if value <= 1 else math.cos(math.radians(value)) ** 2
    made.setdefault("threshold", {})["oblique_squared"] = squared
    return True


def _list(value: Any) -> list[str] | None:
    """Words, where they are words and no patterns."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not value:
        return None
    if not all(isinstance(v, str) and WORDS.fullmatch(v.strip()) for v in value):
        return None
    return [re.sub(r"[\s_-]+", " ", v).strip().lower() for v in value]


def _plane(made: dict[str, Any], key: str, value: Any) -> bool:
    plane = PLANES.get(re.sub(r"(tokens|keywords|words|names)$", "", key))
    words = _list(value)
    if plane is None or words is None:
        return False
    made.setdefault("table", {}).setdefault("orientation", {})[plane] = words
    return True


def _fat(made: dict[str, Any], key: str, value: Any) -> bool:
    if "ti" in key and isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)):
        made.setdefault("threshold", {}).update(
            fat_ti_from=float(value[0]), fat_ti_to=float(value[1])
        )
        return True
    if key in ("timin", "irtimin", "stirtimin") and _is_number(value):
        made.setdefault("threshold", {})["fat_ti_from"] = float(value)
        return True
    if key in ("timax", "irtimax", "stirtimax") and _is_number(value):
        made.setdefault("threshold", {})["fat_ti_to"] = float(value)
        return True
    words = _list(value)
    if words is None or not re.search(r"token|keyword|word|name", key):
        return False
    made.setdefault("rule", []).append({
        "question": "fat", "id": f"fat.own_{key}", "gives": {"suppressed": True},
        "all": [f"name has {', '.join(words)}"],
    })  # fmt: skip
    return True


def _words(made: dict[str, Any], fact: str, value: Any) -> bool:
    words = _list(value)
    if words is None:
        return False
    shipped = files()["facts"]["fact"][fact]
    changed = made.setdefault("fact", {}).setdefault(fact, dict(shipped))
    changed["any"] = [*changed["any"], f"name has {', '.join(words)}"]
    return True
