"""Where files lie and what they are called: as tidy, and as untidy, as in real archives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from app.demo.acquisition import Acquisition

ZIP: Final = "zip"


def _tree(it: Acquisition, number: int) -> str:
    name = f"{it.number:03d}_{_slug(it.protocol.description)}"
    return (
        f"patients/{it.patient_id}/{it.study_start:%Y%m%d}_{it.study.key}/{name}/IM{number:06d}.dcm"
    )


def _flat(it: Acquisition, number: int) -> str:
    """All series in one folder, names without an extension."""
    folder = f"patients/{it.patient_id}/{it.study_start:%Y%m%d}"
    return f"{folder}/{it.protocol.modality}.{it.instance_uid(number)}"


def _unsorted(it: Acquisition, number: int) -> str:
    return f"unsorted/{it.series.key}-{number}.dcm"


def _member(it: Acquisition, number: int) -> str:
    """Name of a member of the study's archive."""
    return f"DICOM/SE{it.number:06d}/IM{number:06d}"


LAYOUTS: Final[Mapping[str, Callable[[Acquisition, int], str]]] = {
    "tree": _tree,
    "flat": _flat,
    "unsorted": _unsorted,
    ZIP: _member,
}
"""Path of an instance, with slashes, relative to the cohort's folder or to the archive."""


def archive_path(it: Acquisition) -> str:
    """Where the archive of a study of layout `zip` lies."""
    return f"archives/{it.patient_id}_{it.study.key}.zip"


def _slug(text: str) -> str:
    return re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
