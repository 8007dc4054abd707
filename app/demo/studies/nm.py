"""Nuclear medicine: planar, dynamic and SPECT studies, some with their activity in MBq."""

from __future__ import annotations

from typing import Final

from app.demo.elements import Element, private_block
from app.demo.records import Injection, Patient, Series, Study

_CTP: Final = private_block("CTP", 0x0013, 0x10, {
    0x10: Element("LO", "DEMO-COLLECTION"),
    0x13: Element("LO", "DEMO-SITE"),
    0x15: Element("LO", "50000000"),
})  # fmt: skip

# fmt: off
NM_PATIENTS: Final[tuple[Patient, ...]] = (
    Patient("Demo^Dune", "F", "19540918", 1.59, 66.0, (
        Study("nm-bone", "symbia", "20240109", "130000", "Skelettszintigraphie", (
            Series("wb", "nm_bone", injections=(Injection("MDP", 660e6, 180.0),),
                   expect={"injected_activity_MBq": 660.0, "uptake_minutes": 180.0,
                           "activity_unit_assumed": False}),
        )),
    )),
    Patient("Demo^Estuary", "M", "19620203", 1.75, 90.0, (
        Study("nm-myocard", "infinia", "20240118", "101500", "Myocardial perfusion stress", (
            Series("tomo", "nm_tomo", injections=(Injection("Tetrofosmin", 370.0, 50.0),),
                   expect={"injected_activity_MBq": 370.0, "activity_unit_assumed": True}),
            Series("recon", "nm_recon", injections=(Injection("Tetrofosmin", 370.0, 66.0),),
                   expect={"injected_activity_MBq": 370.0, "activity_unit_assumed": True}),
        ), oddity="activity in MBq where the standard wants Bq"),
    )),
    Patient("Demo^Fern", "F", "19891201", 1.68, 59.0, (
        Study("nm-renal", "symbia", "20240125", "091500", "Nierenszintigraphie", (
            Series("dyn", "nm_dynamic", injections=(Injection("MAG3", 100e6, 0.0, "time"),),
                   expect={"uptake_minutes": 0.0}),
            Series("curves", "capture", {"SeriesDescription": "Renogram"},
                   scanner="workstation"),
        )),
        Study("nm-thyroid", "symbia", "20240805", "110000", "Schilddruesenszintigraphie", (
            Series("static", "nm_static", injections=(Injection("Pertechnetate", 74.0, 20.0,
                                                                "hhmm"),),
                   expect={"injected_activity_MBq": 74.0, "activity_unit_assumed": True,
                           "uptake_minutes": 20.5}),
        ), oddity="activity in MBq, injection time HHMM: the half minute is lost"),
    )),
    Patient("Demo^Grove", "M", "19480415", 1.72, 77.0, (
        Study("nm-dat", "infinia", "20240201", "143000", "DaTscan", (
            Series("recon", "nm_brain", _CTP,
                   injections=(Injection("Ioflupane", 185e6, 225.0),),
                   expect={"injected_activity_MBq": 185.0, "uptake_minutes": 225.0}),
        ), oddity="labels of a de-identification pipeline in group 0013"),
    )),
)
# fmt: on
