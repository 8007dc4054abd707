"""A second cohort: PET whose dates a de-identification has shifted, not all of a file alike.

The injection of some studies was moved by other days than the acquisition, so delays of three days,
or of minus ten, stand beside right ones. It is a cohort of its own because what is wrong with it is
wrong with the whole: among the others it would make every date doubtful, or not be seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.demo.acquisition import Acquisition
from app.demo.records import Attributes, Injection, Patient, Series, Study
from app.demo.writer import acquisitions, written_instances

FIRST_NUMBER: Final = 8001
"""Of the first patient: DEMO-8001."""
_DEIDENTIFIED: Final[Attributes] = {
    "PatientIdentityRemoved": "YES",
    "DeidentificationMethod": "Demo dates",
    "LongitudinalTemporalInformationModified": "MODIFIED",
}
_DELAYS: Final[tuple[tuple[float, str, int | None], ...]] = (
    # minutes from the injection to the acquisition, status, days that the dates are apart
    (60.0, "ok", None),
    (4380.0, "too_long", 3),  # 3 * 1440 + 60
    (58.0, "ok", None),
    (-14338.0, "negative", -10),  # -10 * 1440 + 62
    (65.0, "ok", None),
    (71.0, "ok", None),
    (30305.0, "too_long", 21),  # 21 * 1440 + 65
    (-1370.0, "negative", -1),  # -1 * 1440 + 70
    (62.0, "ok", None),
    (55.0, "ok", None),
    (-43145.0, "negative", -30),  # -30 * 1440 + 55
    (66.0, "ok", None),
)
N_STUDIES: Final = len(_DELAYS)
N_SHIFTED: Final = 5
N_FILES: Final = 3 * N_STUDIES
"""Two slices of PET and one of CT in each study."""


def shifted_series(seed: int = 7) -> Iterator[Acquisition]:
    """Every series of the cohort, as `app.demo.cohort.cohort_series`."""
    yield from acquisitions(SHIFTED_PATIENTS, seed=seed, first_number=FIRST_NUMBER)


def write_shifted(folder: Path, *, seed: int = 7) -> int:
    """Writes the cohort below `folder`, which is made; returns the number of files.

    The same seed gives the same bytes, and a file that has them is left as it is.
    """
    count = 0
    for it in shifted_series(seed):
        place = folder / it.patient_id / it.series.key
        place.mkdir(parents=True, exist_ok=True)
        for written in written_instances(it):
            path = place / f"IM{written.instance.number:06d}.dcm"
            if not path.exists() or path.read_bytes() != written.content:
                path.write_bytes(written.content)
            count += 1
    return count


def _study(number: int, minutes: float, status: str, days: int | None) -> Study:
    expect = {"uptake_minutes": minutes, "uptake_status": status, "shifted_days": days}
    return Study(
        f"shifted-{number:02d}",
        "biograph",
        f"2023{number:02d}11",
        "100000",
        "PET/CT FDG",
        (
            Series("ct", "ct_attenuation", slices=1),
            Series(
                "pet",
                "pet_wb",
                at=4.0,
                slices=2,
                injections=(Injection("FDG", 210e6, minutes),),
                expect=expect,
            ),
        ),
        changes=_DEIDENTIFIED,
        oddity="the injection was shifted otherwise than the acquisition" if days else "",
    )


SHIFTED_PATIENTS: Final[tuple[Patient, ...]] = tuple(
    Patient(f"Demo^Shifted{number}", "MF"[number % 2], "19600101", 1.7, 70.0, (_study(number, *d),))
    for number, d in enumerate(_DELAYS, start=1)
)
"""A study each."""
