"""Radiopharmaceuticals, and RadiopharmaceuticalInformationSequence (0054,0016) of PET and NM.

`Injection.written` reproduces the ways in which systems put down the time of the injection: with
its date, in another time zone, as a bare time, as hours and minutes or the hour only, unreadable,
or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from app.demo.acquisition import Acquisition, dicom_datetime, dicom_time, utc_offset
from app.demo.records import Attributes, Injection


class Agent(NamedTuple):
    """A radiopharmaceutical; half-life in seconds."""

    name: str
    nuclide: str
    half_life: float
    positron_fraction: float | None
    nuclide_code: str
    agent_code: str
    scheme: str = "SRT"


AGENTS: Final[Mapping[str, Agent]] = {
    "FDG": Agent("Fluorodeoxyglucose", "^18^Fluorine", 6586.2, 0.9673, "C-111A1", "C-B1031"),
    "PSMA-1007": Agent("PSMA-1007", "^18^Fluorine", 6586.2, 0.9673, "C-111A1", "D-0001", "99DEMO"),
    "PSMA-11": Agent("PSMA-11", "^68^Gallium", 4062.6, 0.8914, "C-131A3", "D-0002", "99DEMO"),
    "DOTATATE": Agent("DOTATATE", "^68^Gallium", 4062.6, 0.8914, "C-131A3", "D-0003", "99DEMO"),
    "Zr-89": Agent("Trastuzumab", "^89^Zirconium", 282276.0, 0.2274, "C-168A4", "D-0004", "99DEMO"),
    "MDP": Agent("Medronate", "^99m^Technetium", 21624.12, None, "C-163A8", "C-B1053"),
    "Tetrofosmin": Agent("Tetrofosmin", "^99m^Technetium", 21624.12, None, "C-163A8", "C-B1079"),
    "MAG3": Agent("Mertiatide", "^99m^Technetium", 21624.12, None, "C-163A8", "D-0005", "99DEMO"),
    "Pertechnetate": Agent(
        "Pertechnetate", "^99m^Technetium", 21624.12, None, "C-163A8", "D-0006", "99DEMO"
    ),
    "Ioflupane": Agent("Ioflupane", "^123^Iodine", 47604.6, None, "C-114A4", "D-0007", "99DEMO"),
}


def radiopharmaceutical_items(it: Acquisition) -> list[Attributes]:
    """One item for each injection of the series."""
    return [_item(it, injection) for injection in it.series.injections]


def _item(it: Acquisition, injection: Injection) -> Attributes:
    agent = AGENTS[injection.agent]
    item: dict[str | int, Any] = {
        "Radiopharmaceutical": agent.name,
        "RadiopharmaceuticalVolume": injection.volume,
        "RadionuclideTotalDose": injection.activity,
        "RadionuclideHalfLife": agent.half_life,
        "RadionuclideCodeSequence": [
            {
                "CodeValue": agent.nuclide_code,
                "CodingSchemeDesignator": "SRT",
                "CodeMeaning": agent.nuclide,
            }
        ],
        "RadiopharmaceuticalCodeSequence": [
            {
                "CodeValue": agent.agent_code,
                "CodingSchemeDesignator": agent.scheme,
                "CodeMeaning": f"{agent.name} {agent.nuclide}",
            }
        ],
    }
    if agent.positron_fraction is not None:
        item["RadionuclidePositronFraction"] = agent.positron_fraction
    return {**item, **_start(it, injection), **injection.changes}


def _start(it: Acquisition, injection: Injection) -> Attributes:
    """The elements that say when the injection was."""
    given = it.clock(-60 * injection.minutes)
    written: Mapping[str, Attributes] = {
        "datetime": {
            "RadiopharmaceuticalStartTime": dicom_time(given),
            "RadiopharmaceuticalStartDateTime": dicom_datetime(given),
        },
        "time": {"RadiopharmaceuticalStartTime": dicom_time(given)},
        "hhmm": {"RadiopharmaceuticalStartTime": f"{given:%H%M}"},
        "hh": {"RadiopharmaceuticalStartTime": f"{given:%H}"},
        "utc": {
            "RadiopharmaceuticalStartDateTime": f"{dicom_datetime(given - utc_offset(it))}+0000"
        },
        "unreadable": {"RadiopharmaceuticalStartTime": "NOT RECORDED"},
        "none": {},
    }
    return written[injection.written]
