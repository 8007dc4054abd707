"""The project's own synthetic DICOM: a multi-vendor cohort to show and to test with.

Nothing of a real patient or scanner is in it, so it may lie in a repository's history, on a
screenshot or in a bug report. It imports only pydicom, numpy and the standard library.
"""

from __future__ import annotations

from app.demo.bulk import KINDS, write_instances
from app.demo.cohort import CohortSummary, cohort_series, write_cohort
from app.demo.shifted import write_shifted

__all__ = [
    "KINDS",
    "CohortSummary",
    "cohort_series",
    "write_cohort",
    "write_instances",
    "write_shifted",
]
