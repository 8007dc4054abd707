"""MR of breast, liver, prostate and joints: dynamic contrast series, Dixon parts, many b-values."""

from __future__ import annotations

from typing import Final

from app.demo.records import Patient, Series, Study

_GD: Final = {"ContrastBolusAgent": "Gadobutrol", "ContrastBolusVolume": 7.5,
              "ContrastBolusRoute": "IV"}  # fmt: skip

# fmt: off
MR_BODY_PATIENTS: Final[tuple[Patient, ...]] = (
    Patient("Demo^Fjord", "F", "19690101", 1.70, 66.0, (
        Study("si15-breast", "aera", "20240318", "130000", "MR Mamma dynamisch", (
            Series("loc", "si_loc_body", {"BodyPartExamined": "BREAST"}),
            Series("dyn-0", "si_vibe", expect={"dynamicPhase": "PRE",
                                               "isContrastEnhanced": False}),
            Series("dyn-1", "si_vibe", _GD, expect={"dynamicPhase": "POST_1",
                                                    "isContrastEnhanced": True}),
            Series("dyn-2", "si_vibe", _GD, expect={"dynamicPhase": "POST_2"}),
            Series("dyn-3", "si_vibe", _GD, expect={"dynamicPhase": "POST_3"}),
            Series("dyn-4", "si_vibe", _GD, expect={"dynamicPhase": "POST_4"}),
            Series("sub", "si_subtraction", _GD, expect={"sequenceClass": "SUBTRACTION"}),
            Series("mip", "si_mip", _GD, expect={"sequenceClass": "MIP"}),
        ), oddity="a dynamic of one series before and four after the contrast agent"),
    )),
    Patient("Demo^Glacier", "M", "19551019", 1.77, 88.0, (
        Study("ge15-liver", "optima", "20240325", "090000", "MRI LIVER W/WO", (
            Series("loc", "ge_loc_body"),
            Series("ssfse", "ge_ssfse"),
            Series("ideal", "ge_ideal", expect={"dixonPart": ["WATER", "FAT", "IN_PHASE",
                                                              "OUT_PHASE"]}),
            Series("dwi", "ge_dwi_liver", expect={"sequenceClass": "DWI",
                                                  "diffusion_b_values": [50, 400, 800]}),
            Series("mrcp", "ge_mrcp", expect={"sequenceClass": "MRCP"}),
            Series("dyn", "ge_lava_dyn", {"ContrastBolusAgent": "Gadoxetate"},
                   expect={"n_volumes": 4}),
        ), oddity="four phases inside one dynamic series, Dixon parts in ImageType"),
    )),
    Patient("Demo^Harbor", "M", "20010509", 1.86, 80.0, (
        Study("ph15-knee", "achieva", "20240402", "174500", "MRI knie links", (
            Series("survey", "ph_survey_knee"),
            Series("pd-sag", "ph_pd_spair", expect={"isFatSuppressed": True}),
            Series("t1", "ph_t1_tse", syntax="implicit"),
            Series("stir", "ph_stir", expect={"sequenceClass": "T2_STIR"}),
        ), changes={"BodyPartExamined": "KNEE", "Laterality": "L"}),
    )),
    Patient("Demo^Indigo", "F", "19880127", 1.72, 64.0, (
        Study("ph-enhanced", "ingenia_enhanced", "20240409", "120000", "Research enhanced", (
            Series("t2map", "phe_t2map",
                   expect={"echo_times_ms": [11.0, 22.0, 33.0, 44.0, 55.0, 66.0]}),
            Series("dwi", "phe_dwi", expect={"diffusion_b_values": [0, 100, 600, 1000]}),
            Series("mdixon", "phe_mdixon", expect={"dixonPart": ["WATER", "FAT", "IN_PHASE",
                                                                 "OUT_PHASE"]}),
        )),
    )),
    Patient("Demo^Juniper", "M", "19520615", 1.69, 85.0, (
        Study("si15-prostate", "aera", "20240416", "140000", "MRT Prostata", (
            Series("loc", "si_loc_body", {"BodyPartExamined": "PROSTATE"}),
            Series("t2", "si_t2_prostate"),
            Series("dwi", "si_trace_prostate",
                   expect={"sequenceClass": "DWI",
                           "diffusion_b_values": [50, 400, 800, 1400]}),
            Series("report", "document", scanner="workstation"),
        )),
    )),
    Patient("Demo^Karst", "F", "19950303", 1.66, 59.0, (
        Study("low-knee", "lowfield", "20240423", "100000", "Knee right", (
            Series("t1", "low_t1", syntax="implicit"),
            Series("t2", "low_t2", syntax="big_endian"),
        ), oddity="0.4 tesla; implicit little and explicit big endian"),
    )),
)
# fmt: on
