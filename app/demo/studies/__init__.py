"""The patients of the cohort, by table; `app.demo.studies.PATIENTS` is all of them in order.

The n-th patient has the ID DEMO-000n. What is unusual on purpose is said in `Study.oddity`, and
what a right reading of it gives in `Series.expect`.
"""

from __future__ import annotations

from typing import Final

from app.demo.records import Patient
from app.demo.studies.ct import CT_PATIENTS
from app.demo.studies.damaged import DAMAGED_PATIENTS
from app.demo.studies.mr import MR_PATIENTS
from app.demo.studies.mr_body import MR_BODY_PATIENTS
from app.demo.studies.mr_quality import MR_QUALITY_PATIENTS
from app.demo.studies.nm import NM_PATIENTS
from app.demo.studies.other_quality import OTHER_QUALITY_PATIENTS
from app.demo.studies.pet import PET_PATIENTS
from app.demo.studies.pet_quality import PET_QUALITY_PATIENTS
from app.demo.studies.projection import PROJECTION_PATIENTS

PATIENTS: Final[tuple[Patient, ...]] = (
    *MR_PATIENTS,
    *MR_BODY_PATIENTS,
    *CT_PATIENTS,
    *PET_PATIENTS,
    *NM_PATIENTS,
    *PROJECTION_PATIENTS,
    *PET_QUALITY_PATIENTS,
    *MR_QUALITY_PATIENTS,
    *OTHER_QUALITY_PATIENTS,
)
"""Everybody but the patient of the damaged files, who exists once at any scale."""

__all__ = ["DAMAGED_PATIENTS", "PATIENTS"]
