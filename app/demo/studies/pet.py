"""PET/CT, with the mistakes of injection times, activities and weights that real archives hold.

`Injection.minutes` and the weight decide what a right reading gives: uptake_minutes is the former,
dose_per_kg_MBq the activity over the latter.
"""

from __future__ import annotations

from typing import Any, Final

from app.demo.records import ABSENT, DoseEvent, Injection, Patient, Series, Study

_CT_DOSE: Final = Series(
    "dose", "dose_report", at=2.0,
    doses=(DoseEvent("CT WB AC low dose", 2.1, 205.8, 100.0, 45.0, 14.0, 980.0),),
    expect={"dose_dlp_total_mGycm": 205.8, "dose_ctdivol_mGy": [2.1]},
)  # fmt: skip


def _pet_ct(
    *injections: Injection,
    pet: str = "pet_wb",
    uncorrected: str = "",
    at: float = 4.0,
    changes: dict[str | int, Any] | None = None,
    expect: dict[str, Any] | None = None,
    low_dose_ct: bool = True,
) -> tuple[Series, ...]:
    """Low-dose CT, PET and, where named, the PET without attenuation correction."""
    ct = (Series("ct", "ct_attenuation"), _CT_DOSE) if low_dose_ct else ()
    corrected = Series("pet", pet, changes or {}, at=at, injections=injections, expect=expect or {})
    if not uncorrected:
        return (*ct, corrected)
    plain = Series("pet-nac", uncorrected, changes or {}, at=at, injections=injections)
    return (*ct, corrected, plain)


# fmt: off
PET_PATIENTS: Final[tuple[Patient, ...]] = (
    Patient("Demo^Ridge", "F", "19670228", 1.65, 70.0, (
        Study("pet-normal", "biograph", "20240108", "093000", "PET/CT Ganzkoerper FDG", _pet_ct(
            Injection("FDG", 210e6, 60.0), uncorrected="pet_wb_uncorrected",
            expect={"uptake_minutes": 60.0, "dose_per_kg_MBq": 3.0, "uptake_status": "ok"})),
        Study("pet-followup", "biograph", "20240610", "101500", "PET/CT Ganzkoerper FDG", _pet_ct(
            Injection("FDG", 203e6, 67.0),
            expect={"uptake_minutes": 67.0, "dose_per_kg_MBq": 2.9, "uptake_status": "ok"})),
    )),
    Patient("Demo^Saffron", "M", "19530610", 1.80, 80.0, (
        Study("pet-psma", "biograph", "20240111", "111000", "PET/CT PSMA", _pet_ct(
            Injection("PSMA-1007", 248e6, 92.0),
            expect={"uptake_minutes": 92.0, "dose_per_kg_MBq": 3.1, "uptake_status": "ok"})),
        Study("pet-low-dose", "biograph", "20240712", "094500", "PET/CT PSMA", _pet_ct(
            Injection("PSMA-11", 60e6, 61.0),
            expect={"uptake_minutes": 61.0, "dose_per_kg_MBq": 0.75, "uptake_status": "ok"}),
            oddity="60 MBq at 80 kg: 0.75 MBq/kg"),
    )),
    Patient("Demo^Tundra", "F", "19720405", 1.71, 68.0, (
        Study("pet-ge", "discovery", "20240116", "083000", "PET CT SKULL TO THIGH", _pet_ct(
            Injection("FDG", 231.2e6, 58.0, "time"), pet="pet_vpfx",
            uncorrected="pet_vpfx_uncorrected",
            expect={"uptake_minutes": 58.0, "dose_per_kg_MBq": 3.4, "uptake_status": "ok"})),
        Study("pet-negative", "discovery", "20240618", "090000", "PET CT SKULL TO THIGH", _pet_ct(
            Injection("FDG", 224e6, -20.0), pet="pet_vpfx",
            expect={"uptake_status": "negative"}),
            oddity="the injection is dated 20 minutes after the acquisition"),
    )),
    Patient("Demo^Umber", "M", "19461112", 1.73, 74.0, (
        Study("pet-philips", "gemini", "20240123", "140000", "PET/CT FDG", _pet_ct(
            Injection("FDG", 236.8e6, 71.0, "hhmm"), pet="pet_blob",
            expect={"uptake_minutes": 71.0, "dose_per_kg_MBq": 3.2, "uptake_status": "ok"}),
            oddity="injection time in hours and minutes only"),
    )),
    Patient("Demo^Vale", "F", "19810901", 1.60, 57.0, (
        Study("pet-midnight", "biograph", "20240130", "003000", "PET/CT Notfall", _pet_ct(
            Injection("FDG", 171e6, 50.0, "time"), at=6.0,
            expect={"uptake_minutes": 50.0, "dose_per_kg_MBq": 3.0, "uptake_status": "ok",
                    "injection_date_inferred": True}),
            oddity="injection at 23:46 of the day before, written without a date"),
    )),
    Patient("Demo^Willow", "F", "19590625", 1.67, 72.0, (
        Study("pet-zirconium", "umi", "20240206", "120000", "PET/CT Zr-89", _pet_ct(
            Injection("Zr-89", 37e6, 1500.0), pet="pet_osem",
            expect={"uptake_minutes": 1500.0, "uptake_status": "too_long"}),
            oddity="injection the day before: 25 hours, not one"),
    )),
    Patient("Demo^Xenia", "F", "19770319", 1.62, 65.0, (
        Study("pet-late", "umi", "20240213", "151500", "PET/CT FDG late", _pet_ct(
            Injection("FDG", 195e6, 300.0), pet="pet_osem",
            expect={"uptake_minutes": 300.0, "dose_per_kg_MBq": 3.0,
                    "uptake_status": "too_long"}),
            oddity="uptake above 240 minutes"),
    )),
    Patient("Demo^Yarrow", "M", "19491030", 1.78, None, (
        Study("pet-no-weight", "discovery", "20240220", "093000", "PET CT WHOLE BODY", _pet_ct(
            Injection("FDG", 240e6, 63.0), pet="pet_vpfx",
            expect={"uptake_minutes": 63.0, "dose_per_kg_MBq": None, "uptake_status": "ok"}),
            oddity="no PatientWeight"),
    )),
    Patient("Demo^Zephyr", "M", "20220815", 0.82, 11.0, (
        Study("pet-infant", "biograph", "20240227", "080000", "PET/CT Kind", _pet_ct(
            Injection("FDG", 38.5e6, 55.0),
            expect={"uptake_minutes": 55.0, "dose_per_kg_MBq": 3.5, "PatientAge_years": 1.5}),
            changes={"PatientAge": "018M"}, oddity="PatientAge 018M is 1.5 years"),
    )),
    Patient("Demo^Amber", "F", "19650707", 1.63, 61.0, (
        Study("pet-brain", "biograph", "20240305", "113000", "PET Hirn FDG", _pet_ct(
            Injection("FDG", 183e6, 45.0), pet="pet_brain", low_dose_ct=False,
            expect={"uptake_minutes": 45.0, "dose_per_kg_MBq": 3.0, "uptake_status": "ok"}),
            oddity="a PET without CT"),
        Study("pet-unreadable", "gemini", "20240702", "143000", "PET/CT FDG", _pet_ct(
            Injection("FDG", 177e6, 60.0, "unreadable"), pet="pet_blob",
            expect={"uptake_status": "parse_fail", "dose_per_kg_MBq": 2.9016}),
            oddity="the injection time is a sentence"),
    )),
    Patient("Demo^Basalt", "M", "19560114", 1.84, 102.0, (
        Study("pet-no-activity", "umi", "20240312", "100000", "PET/CT FDG", _pet_ct(
            Injection("FDG", 0.0, 62.0, "none"), pet="pet_osem",
            changes={"RadiopharmaceuticalInformationSequence": [{"Radiopharmaceutical": "FDG"}]},
            expect={"uptake_status": "missing", "dose_per_kg_MBq": None}),
            oddity="neither activity nor injection time"),
        Study("pet-conflict", "umi", "20240716", "070000", "PET/CT FDG", _pet_ct(
            Injection("FDG", 306e6, 64.0), pet="pet_osem", at=190.0,
            expect={"uptake_minutes": 64.0, "dose_per_kg_MBq": 3.0,
                    "study_time_conflict": True}),
            oddity="SeriesTime more than two hours after StudyTime"),
    )),
    Patient("Demo^Cedar", "F", "19700523", 1.69, 73.0, (
        Study("pet-two-agents", "biograph", "20240319", "123000", "PET/CT DOTATATE", _pet_ct(
            Injection("DOTATATE", 153.3e6, 62.0), Injection("FDG", 146e6, 180.0),
            expect={"uptake_minutes": 62.0, "dose_per_kg_MBq": 2.1, "uptake_status": "ok"}),
            changes={"TimezoneOffsetFromUTC": "+0100"},
            oddity="two radiopharmaceuticals, a time zone"),
        Study("pet-repeated", "biograph", "20240724", "120000", "PET/CT FDG", (
            *_pet_ct(Injection("FDG", 226.3e6, 59.0),
                     changes={"PatientWeight": ABSENT},
                     expect={"uptake_minutes": 59.0, "dose_per_kg_MBq": 3.1}),
            Series("seg", "segmentation", scanner="workstation", source="pet"),
        ), oddity="the PET has no weight of its own, the CT of the study has"),
    )),
)
# fmt: on
