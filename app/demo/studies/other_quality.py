"""Ages, times, exposure, de-identification and derived objects: one oddity a study, few files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.demo.records import ABSENT, Attributes, Patient, Series, Study


def _codes(**meanings: str) -> list[Attributes]:
    """Items of DeidentificationMethodCodeSequence (PS3.16 CID 7050): C113100="..."."""
    return [
        {"CodeValue": code[1:], "CodingSchemeDesignator": "DCM", "CodeMeaning": meaning}
        for code, meaning in meanings.items()
    ]


def _knee(
    key: str,
    date: str,
    oddity: str,
    changes: Attributes,
    expect: Mapping[str, Any],
    *,
    series: Attributes | None = None,
) -> Study:
    """A radiograph: one series of one file."""
    return Study(key, "agfa", date, "101000", "Knie", (
        Series("knee", "cr_knee", series or {}, expect=expect),
    ), changes=changes, oddity=oddity)  # fmt: skip


# fmt: off
OTHER_QUALITY_PATIENTS: Final[tuple[Patient, ...]] = (
    Patient("Demo^Juno", "F", "20250302", 0.52, 3.6, (
        _knee("age-days", "20250312", "PatientAge 010D", {"PatientAge": "010D"},
              {"PatientAge_years": 0.027379, "age_status": "ok", "age_bucket": "0-17",
               "bmi_kg_m2": 13.313609}),
        _knee("age-weeks", "20250323", "PatientAge 003W", {"PatientAge": "003W"},
              {"PatientAge_years": 0.057495, "age_status": "ok", "age_bucket": "0-17"}),
    )),
    Patient("Demo^Kale", "M", "19440229", 1.74, 82.0, (
        _knee("age-malformed-born", "20250228", "PatientAge is a word; born on 29 February",
              {"PatientAge": "ADLT"},
              {"PatientAge_years": 80.0, "age_status": "birth_date", "age_bucket": "80+"}),
        _knee("age-from-birth-date", "20240228", "no PatientAge; the birthday is the day after",
              {"PatientAge": ABSENT},
              {"PatientAge_years": 79.0, "age_status": "birth_date", "age_bucket": "60-79"}),
        _knee("age-80", "20240229", "no PatientAge; 80 today", {"PatientAge": ABSENT},
              {"PatientAge_years": 80.0, "age_status": "birth_date", "age_bucket": "80+"}),
        _knee("age-malformed", "20250305", "PatientAge is a word, no birth date",
              {"PatientAge": "ADLT", "PatientBirthDate": ABSENT},
              {"PatientAge_years": None, "age_status": "parse_fail", "age_bucket": None}),
        _knee("age-missing", "20250306", "neither PatientAge nor birth date",
              {"PatientAge": ABSENT, "PatientBirthDate": ABSENT},
              {"PatientAge_years": None, "age_status": "missing", "age_bucket": None}),
    )),
    Patient("Demo^Laurel", "M", "19840404", 1.77, 76.0, (
        _knee("no-study-time", "20250211", "no StudyTime", {"StudyTime": ABSENT},
              {"study_time_offset_minutes": None, "study_time_status": "no_study_time",
               "study_time_conflict": None}),
        _knee("no-series-time", "20250212", "no SeriesTime", {},
              {"study_time_offset_minutes": None, "study_time_status": "no_series_time",
               "study_time_conflict": None}, series={"SeriesTime": ABSENT}),
        Study("dx-wrong-index", "ysio", "20250213", "080500", "Thorax", (
            Series("pa", "dx_chest_pa", {"ExposureIndex": 560.0, "TargetExposureIndex": 280.0,
                                         "DeviationIndex": -1.2}),
        ), oddity="a deviation index of -1.2 where 10 log10(560 / 280) is 3.0"),
    )),
    Patient("Demo^Mallow", "F", "19550505", 1.63, 69.0, (
        _knee("deid-burned-in", "20250218", "de-identified, but text is burned into the image",
              {"PatientIdentityRemoved": "YES", "LongitudinalTemporalInformationModified":
               "UNMODIFIED", "DeidentificationMethodCodeSequence": _codes(
                   C113100="Basic Application Confidentiality Profile",
                   C113101="Clean Pixel Data Option",
                   C113106="Retain Longitudinal Temporal Information Full Dates Option")},
              {}, series={"BurnedInAnnotation": "YES"}),
        Study("deid-removed", "agfa", "20250219", "101000", "Knie", (
            Series("knee", "cr_knee"),
            Series("forgotten", "cr_knee", {"PatientIdentityRemoved": ABSENT}),
        ), changes={"PatientIdentityRemoved": "YES",
                    "LongitudinalTemporalInformationModified": "REMOVED"},
            oddity="de-identified without a word on how; one series does not say that it is"),
        _knee("deid-not", "20250220", "says that identity is still there",
              {"PatientIdentityRemoved": "NO"}, {}),
    )),
    Patient("Demo^Nutmeg", "M", "19470606", 1.72, 88.0, (
        Study("derived-objects", "force", "20250225", "101500", "RT Planung Thorax", (
            Series("ct", "ct_planning", slices=2, expect={"derived_kinds": ()}),
            Series("seg", "segmentation", scanner="highdicom", source="ct",
                   expect={"derived_kinds": ("SEG", "highdicom")}),
            Series("seg-qiicr", "segmentation", scanner="qiicr", source="ct",
                   expect={"derived_kinds": ("QIICR", "SEG")}),
            Series("rtstruct", "structure_set", scanner="contouring", source="ct",
                   expect={"derived_kinds": ("RTSTRUCT",)}),
            Series("rtplan", "rt_plan", scanner="contouring", source="ct",
                   expect={"derived_kinds": ("RTPLAN",)}),
            Series("rtdose", "rt_dose", scanner="contouring", source="ct",
                   expect={"derived_kinds": ("RTDOSE",)}),
            Series("pr", "presentation", scanner="workstation", source="ct",
                   expect={"derived_kinds": ("PR",)}),
            Series("ko", "key_images", scanner="workstation", source="ct",
                   expect={"derived_kinds": ("KO",)}),
            Series("sheet", "ct_dose_sheet",
                   expect={"protocol_status": "empty", "protocol_fingerprint": None}),
        ), oddity="every kind of derived object; the name of highdicom stands in the file meta "
                  "group alone; a CT that is a document", expect={"has_derived_objects": True}),
    )),
)
# fmt: on
