"""MR sessions of one protocol over half a year: it drifts, is deviated from, and loses a series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.demo.records import Patient, Series, Study

_UPDATED: Final = {"SoftwareVersions": "syngo MR E12"}
_NEW_T1: Final = {"RepetitionTime": 2400, "InversionTime": 1060.0}
_NEW_FLAIR: Final = {"sPat.lAccelFactPE": 3}


def _session(
    t1: Mapping[str, Any] | None = None,
    t2: Mapping[str, Any] | None = None,
    flair_csa: Mapping[str, Any] | None = None,
    *,
    flair: bool = True,
    expect: Mapping[str, Any],
) -> tuple[Series, ...]:
    """Localizer, T1, T2 and FLAIR; the T1 has the most instances and stands for the study."""
    fluid = Series("flair", "si_flair", slices=2, csa=flair_csa or {},
                   expect={"protocol_share": expect["flair"]} if flair else {})  # fmt: skip
    return (
        Series("loc", "si_loc", slices=1, expect={"protocol_share": 1.0}),
        Series("t1", "si_t1_mprage", t1 or {}, slices=4, expect={"protocol_share": expect["t1"]}),
        Series("t2", "si_t2_tse", t2 or {}, slices=2, expect={"protocol_share": expect["t2"]}),
        *((fluid,) if flair else ()),
    )


def _knee(key: str, date: str, changes: Mapping[str, Any], share: float, oddity: str = "") -> Study:
    """A session of one series of one file, on a scanner that writes no private elements."""
    series = Series("t1", "low_t1", changes, slices=1, expect={"protocol_share": share})
    return Study(key, "lowfield", date, "100000", "Knee right", (series,), oddity=oddity)


# fmt: off
MR_QUALITY_PATIENTS: Final[tuple[Patient, ...]] = (
    Patient("Demo^Hazel", "F", "19800214", 1.71, 65.0, (
        Study("drift-mr-1", "skyra", "20240903", "080000", "MRT Verlauf", _session(
            expect={"t1": 4 / 6, "t2": 4 / 6, "flair": 4 / 5})),
        Study("drift-mr-2", "skyra", "20241001", "080000", "MRT Verlauf", _session(
            expect={"t1": 4 / 6, "t2": 4 / 6, "flair": 4 / 5})),
        Study("drift-mr-3", "skyra", "20241105", "080000", "MRT Verlauf", _session(
            t2={"EchoTime": 98.2}, expect={"t1": 4 / 6, "t2": 1 / 6, "flair": 4 / 5}),
            oddity="an echo time of 98.2 instead of 98 ms, in the Siemens protocol as well"),
        Study("drift-mr-4", "skyra", "20241203", "080000", "MRT Verlauf", _session(
            t2={"EchoTime": 120.0}, expect={"t1": 4 / 6, "t2": 1 / 6, "flair": 4 / 5}),
            oddity="an echo time of 120 instead of 98 ms"),
        Study("drift-mr-5", "skyra", "20250114", "080000", "MRT Verlauf", _session(
            t1=_NEW_T1, flair_csa=_NEW_FLAIR,
            expect={"t1": 2 / 6, "t2": 4 / 6, "flair": 1 / 5}), changes=_UPDATED,
            oddity="after an update: another TR and TI of the T1; of the FLAIR only the "
                   "acceleration in the Siemens protocol changed"),
        Study("drift-mr-6", "skyra", "20250211", "080000", "MRT Verlauf", _session(
            t1=_NEW_T1, flair=False, expect={"t1": 2 / 6, "t2": 4 / 6}), changes=_UPDATED,
            oddity="the session lacks the FLAIR that all others have"),
    )),
    Patient("Demo^Jasmine", "F", "19910311", 1.65, 57.0, (
        _knee("tolerance-1", "20240924", {}, 3 / 5),
        _knee("tolerance-2", "20241022", {}, 3 / 5),
        _knee("tolerance-3", "20241119", {"RepetitionTime": 452}, 1 / 5,
              "TR of 452 instead of 450 ms: another fingerprint, within tolerance"),
        _knee("tolerance-4", "20241217", {"RepetitionTime": 540}, 1 / 5,
              "TR of 540 instead of 450 ms: beyond tolerance"),
    )),
    Patient("Demo^Ivy", "M", "19770707", 1.80, 81.0, (
        Study("mr-sent", "aera", "20241209", "093000", "MRT Kopf", (
            Series("flair", "si_flair", slices=2, expect={"repeated_acquisition": True}),
        )),
        Study("mr-sent-again", "aera", "20241209", "093000", "MRT Kopf", (
            Series("flair", "si_flair", slices=2, expect={"repeated_acquisition": True}),
        ), oddity="the same acquisition under new UIDs"),
        Study("mr-many-series", "aera", "20241211", "093000", "MRA rotierende MIP", tuple(
            Series(f"mip-{n:02d}", "si_mip", expect={"repeated_acquisition": False})
            for n in range(1, 22)
        ), oddity="21 series", expect={"composition": ("many_series",)}),
    )),
)
# fmt: on
