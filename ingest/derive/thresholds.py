"""The thresholds of quality values: defaults in ``quality.toml``, a databank's own beside its lake.

They are data that people edit, in the app or by hand, so each has a range, and what is out of it is
told in a sentence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ingest.lake.durable import replace_file
from ingest.lake.errors import LakeError, writing

FILE = "quality.toml"
"""Name of the file in the folder of a databank."""
MAX_BYTES = 1 << 16

CRITERIA: dict[str, str] = {
    # name -> SQL over the columns of the representative series, s (see sql/quality_score.sql)
    "weight": "s.weight_kg IS NOT NULL",
    "activity": "s.injected_activity_MBq IS NOT NULL",
    "uptake": "s.uptake_status IN ('ok', 'too_long')",
    "timing": "s.uptake_status = 'ok' AND NOT coalesce(s.study_time_conflict, false)",
    "protocol": "s.protocol_is_majority",
    "radiopharmaceutical": "s.Radiopharmaceutical IS NOT NULL",
    "half_life": "s.RadionuclideHalfLife > 0",
    "suv": "s.suv_status = 'ok'",
    "age": "s.PatientAge_years IS NOT NULL",
    "sex": "s.PatientSex IS NOT NULL",
    "body_part": "s.BodyPartExamined IS NOT NULL",
    "description": "coalesce(s.SeriesDescription, s.ProtocolName) IS NOT NULL",
    "scanner": "s.Manufacturer IS NOT NULL AND s.ManufacturerModelName IS NOT NULL",
    "acquisition_time": "s.acquisition_datetime_min IS NOT NULL",
    "study_time": "NOT s.study_time_conflict",
    "field_strength": "s.MagneticFieldStrength > 0",
    # Echo time and flip angle may be 0 (UTE, and pulses that do not excite).
    "sequence_parameters": "s.RepetitionTime > 0 AND s.EchoTime >= 0 AND s.FlipAngle >= 0",
    "geometry": "s.SliceThickness > 0 AND s.PixelSpacing_row_mm > 0",
    "slice_thickness": "s.SliceThickness > 0",
    "kvp": "s.KVP > 0",
    "kernel": "s.ConvolutionKernel IS NOT NULL",
    "dose": "s.CTDIvol > 0 OR s.study_has_dose_report",
    "exposure": "coalesce(s.Exposure, s.ExposureInuAs, s.XRayTubeCurrent * s.ExposureTime) > 0",
    "exposure_index": "s.ExposureIndex IS NOT NULL",
    "compression": "s.CompressionForce > 0",
    "mammography_dose": "coalesce(s.OrganDose, s.EntranceDoseInmGy, s.EntranceDose) > 0",
    "view": "s.ViewPosition IS NOT NULL",
}
"""What a study can get a point for."""

FAMILIES: dict[str, tuple[str, ...]] = {
    "MR": ("MR",),
    "CT": ("CT",),
    "DX": ("DX", "CR", "RG", "RF", "XA", "PX", "IO"),
    "MG": ("MG",),
}
"""Families of modalities with criteria of their own, beside ``nuclear`` and ``other``."""
SCORED = ("nuclear", *FAMILIES, "other")


class Limits(NamedTuple):
    """What a threshold may be: numbers from ``low`` to ``high``, maybe only whole ones."""

    low: float
    high: float
    whole: bool = False


LIMITS: dict[str, Limits] = {
    "uptake.ideal_from": Limits(0, 100_000),
    "uptake.ideal_to": Limits(0, 100_000),
    "uptake.too_long": Limits(1, 1_439),
    "dose.ideal_from": Limits(0, 100_000),
    "dose.ideal_to": Limits(0, 100_000),
    "dose.plausible_from": Limits(0, 100_000),
    "dose.plausible_to": Limits(0, 100_000),
    "dose.robust_z": Limits(0.1, 1_000),
    "dose.robust_n": Limits(3, 1_000_000, whole=True),
    "activity.unit_below": Limits(0, 1_000_000),
    "timing.study_conflict": Limits(0, 1_000_000),
    "timing.shifted_share": Limits(0, 1),
    "timing.shifted_n": Limits(1, 1_000_000, whole=True),
    "composition.many_series": Limits(1, 1_000_000, whole=True),
}
ORDERED = (
    ("uptake.ideal_from", "uptake.ideal_to"),
    ("dose.ideal_from", "dose.ideal_to"),
    ("dose.plausible_from", "dose.plausible_to"),
)
SHOWN_ONLY = frozenset({"uptake.ideal_from", "uptake.ideal_to", "dose.ideal_from", "dose.ideal_to"})
"""Thresholds that no stored value depends on: changing them needs no new derivation."""


class ThresholdsInvalid(LakeError):
    """The databank's ``quality.toml`` cannot be used, or a change is not possible.

    ``key`` is the threshold it is about, "" for the whole file.
    """

    sentence = "The quality.toml of the databank cannot be used."

    def __init__(self, sentence: str, key: str = "") -> None:
        super().__init__(sentence)
        self.key = key


Value = float | tuple[str, ...]


@dataclass(frozen=True)
class Thresholds(Mapping[str, Value]):
    """Key such as ``uptake.too_long`` -> number; ``score.MR`` -> names of criteria.

    Compared and hashed by value, so it may be part of a cache's key.
    """

    items_: tuple[tuple[str, Value], ...]

    @cached_property
    def _values(self) -> dict[str, Value]:
        return dict(self.items_)

    def __getitem__(self, key: str) -> Value:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self.items_)

    def number(self, key: str) -> float:
        """The threshold of that key; KeyError if there is none."""
        value = self._values[key]
        if isinstance(value, tuple):
            raise KeyError(key)
        return value

    def criteria(self, family: str) -> tuple[str, ...]:
        """The criteria of a family of modalities, one of SCORED."""
        value = self._values[f"score.{family}"]
        return value if isinstance(value, tuple) else ()

    def needs_derivation(self, other: Thresholds) -> bool:
        """Whether stored values made with ``other`` may differ from those made with these."""
        return any(self[key] != other.get(key) for key in self._values if key not in SHOWN_ONLY)


def read(root: Path) -> Thresholds:
    """The thresholds of a databank: its own, else the defaults; raises ThresholdsInvalid."""
    return _merged(_own(root))


def write(root: Path, changes: Mapping[str, float | Sequence[str] | None]) -> Thresholds:
    """Change thresholds of a databank and return all; None puts one back to its default.

    Raises ThresholdsInvalid, and then nothing was changed, or DatabankNotWritable. A file that
    cannot be used is replaced. What comes out of the stored columns changes with the next
    derivation (``ingest.derive.again``).
    """
    try:
        own: dict[str, object] = dict(read(root))
    except ThresholdsInvalid:
        own = {}
    own.update(changes)
    made = _merged({key: value for key, value in own.items() if value is not None})
    kept = {key: value for key, value in made.items() if DEFAULTS[key] != value}
    with writing():
        replace_file(root / FILE, _toml(kept).encode())
    return made


def _own(root: Path) -> dict[str, object]:
    path = root / FILE
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ThresholdsInvalid(f"{FILE} is too large to be a list of thresholds.")
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError:
        raise ThresholdsInvalid(f"{FILE} cannot be read.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        detail = error if isinstance(error, tomllib.TOMLDecodeError) else "it is not UTF-8"
        raise ThresholdsInvalid(f"{FILE} is not TOML: {detail}.") from None
    return _flat(content)


def _flat(content: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for section, values in content.items():
        if not isinstance(values, dict):
            raise ThresholdsInvalid(f"{FILE}: {section[:40]} is not in a section.", section[:40])
        found |= {f"{section}.{name}": value for name, value in values.items()}
    return found


def _merged(own: Mapping[str, object]) -> Thresholds:
    values: dict[str, Value] = dict(DEFAULTS) | {k: _checked(k, v) for k, v in own.items()}
    made = Thresholds(tuple(values.items()))
    for low, high in ORDERED:
        if made.number(low) > made.number(high):
            raise ThresholdsInvalid(f"{low} must not be above {high}.", low)
    return made


def _checked(key: str, value: object) -> Value:
    if key.startswith("score.") and key.removeprefix("score.") in SCORED:
        return _criteria(key, value)
    limits = LIMITS.get(key)
    if limits is None:
        raise ThresholdsInvalid(f"There is no threshold {key[:60]}.", key[:60])
    kind = "a whole number" if limits.whole else "a number"
    said = f"{key} must be {kind} from {limits.low:g} to {limits.high:g}."
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ThresholdsInvalid(said, key)
    # NaN is not in any range.
    if not limits.low <= value <= limits.high or (limits.whole and value != int(value)):
        raise ThresholdsInvalid(said, key)
    return int(value) if limits.whole else float(value)


def _criteria(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise ThresholdsInvalid(f"{key} must be a list of names of criteria.", key)
    names = tuple(str(name) for name in value)
    unknown = sorted(set(names) - CRITERIA.keys())
    if unknown:
        known = ", ".join(sorted(CRITERIA))
        raise ThresholdsInvalid(f"{key}: there is no {unknown[0][:40]}, only {known}.", key)
    if len(set(names)) < len(names) or not names:
        raise ThresholdsInvalid(f"{key} must name at least one criterion, and each once.", key)
    return names


def _toml(values: Mapping[str, Value]) -> str:
    sections: dict[str, list[str]] = {}
    for key, value in values.items():
        section, name = key.split(".", 1)
        sections.setdefault(section, []).append(f"{name} = {_literal(value)}")
    return "\n".join(
        f"[{section}]\n" + "\n".join(lines) + "\n" for section, lines in sections.items()
    )


def _literal(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_quoted(value))}]"
    return repr(value)


def _quoted(names: Iterable[str]) -> Iterator[str]:
    # Names of CRITERIA hold nothing that would have to be escaped.
    return (f'"{name}"' for name in names)


def _defaults() -> dict[str, Value]:
    path = Path(__file__).with_name("quality.toml")
    return {k: _checked(k, v) for k, v in _flat(tomllib.loads(path.read_text("utf-8"))).items()}


DEFAULTS: Mapping[str, Value] = _defaults()
"""Every threshold there is, as a databank has it that changed nothing."""
