"""MR of head and spine, and the oddities of MR headers that a classification must not fall for."""

from __future__ import annotations

from typing import Final

from app.demo.records import ABSENT, Patient, Series, Study

_CONTRAST: Final = {"ContrastBolusAgent": "NO.2", "ContrastBolusRoute": "IV"}

# fmt: off
MR_PATIENTS: Final[tuple[Patient, ...]] = (
    Patient("Demo^Aurora", "F", "19850214", 1.68, 62.0, (
        Study("si3t-research", "prisma", "20240115", "081500", "Research^Brain", (
            Series("loc", "si_loc", expect={"sequenceClass": "LOCALIZER"}),
            Series("t1", "si_t1_mprage", expect={"isContrastEnhanced": False}),
            Series("t2", "si_t2_tse"),
            Series("flair", "si_flair", expect={"sequenceClass": "T2_FLAIR"}),
            Series("bold", "si_bold", expect={"sequenceClass": "fMRI_BOLD", "n_volumes": 12}),
            Series("dti", "si_dti", expect={"sequenceClass": "DTI",
                                            "diffusion_b_values": [0, 1000]}),
            Series("fieldmap", "si_fieldmap", expect={"sequenceClass": "FIELD_MAP",
                                                      "echo_times_ms": [4.92, 7.38]}),
            Series("fieldmap-phase", "si_fieldmap_phase", expect={"partOfComplex": "phase"}),
            Series("swi", "si_swi", syntax="rle"),
        )),
        Study("si3t-repeat", "prisma", "20240709", "091000", "Research^Brain follow-up", (
            Series("t1-a", "si_t1_se", {"SeriesDescription": "subject_01 T1"},
                   expect={"sequenceClass": "T1_SE", "isContrastEnhanced": False,
                           "dynamicPhase": None}),
            Series("t1-b", "si_t1_se", {"SeriesDescription": "subject_01 T1"},
                   expect={"sequenceClass": "T1_SE", "dynamicPhase": None}),
            Series("b1000", "si_epi_b1000", expect={"sequenceClass": "DWI",
                                                    "diffusion_b_values": [1000]}),
            Series("csi", "si_spectro_name", expect={"sequenceClass": "fMRI_BOLD"}),
            Series("memprage", "si_memprage",
                   expect={"echo_times_ms": [1.69, 3.55, 5.41, 7.27]}),
        ), oddity="names that mislead: subject_01 T1, BOLD_CSI1, an EPI of b = 1000 alone; "
                  "a T1 repeated without contrast agent"),
    )),
    Patient("Demo^Borealis", "M", "19710930", 1.82, 91.5, (
        Study("si15-contrast", "aera", "20240122", "103000", "MRT Schaedel mit KM", (
            Series("loc", "si_loc"),
            Series("flair", "si_flair"),
            Series("trace", "si_trace", expect={"sequenceClass": "DWI",
                                                "diffusion_b_values": [0, 1000]}),
            Series("adc", "si_adc", expect={"sequenceClass": "ADC"}),
            Series("unnamed", "si_t2_tse", {"SeriesDescription": ABSENT, "ProtocolName": ABSENT}),
            Series("t1-pre", "si_t1_se", expect={"isContrastEnhanced": False,
                                                 "dynamicPhase": "PRE"}),
            Series("t1-post", "si_t1_se", _CONTRAST, expect={"isContrastEnhanced": True,
                                                             "dynamicPhase": "POST_1"}),
        ), oddity="an agent named NO.2, a series without SeriesDescription"),
    )),
    Patient("Demo^Cirrus", "O", "19921105", 1.75, 70.0, (
        Study("xa-enhanced", "vida", "20240205", "140000", "Research^XA", (
            Series("t1", "xa_t1"),
            Series("bold", "xa_bold", expect={"sequenceClass": "fMRI_BOLD", "n_volumes": 8}),
            Series("dwi", "xa_dwi", expect={"sequenceClass": "DTI",
                                            "diffusion_b_values": [0, 500, 1000]}),
        )),
    )),
    Patient("Demo^Delta", "F", "19660718", 1.61, 74.0, (
        Study("ge3t-brain", "pioneer", "20240212", "083000", "MRI BRAIN W/O", (
            Series("loc", "ge_loc", expect={"sequenceClass": "LOCALIZER"}),
            Series("t1", "ge_t1_bravo"),
            Series("t2", "ge_t2_frfse"),
            Series("flair", "ge_flair", expect={"sequenceClass": "T2_FLAIR"}),
            Series("dwi", "ge_dwi", expect={"sequenceClass": "DWI",
                                            "diffusion_b_values": [0, 1000]}),
            Series("asl", "ge_asl", expect={"sequenceClass": "ASL"}),
            Series("tof", "ge_tof", expect={"sequenceClass": "MRA"}),
            Series("tof-mip", "ge_tof_mip", expect={"sequenceClass": "MIP"}),
        )),
        Study("ge3t-research", "pioneer", "20240820", "160000", "RESEARCH fMRI", (
            Series("loc", "ge_loc"),
            Series("epi", "ge_epi", expect={"sequenceClass": "fMRI_BOLD"}),
            Series("dti", "ge_dti", expect={"sequenceClass": "DTI",
                                            "diffusion_b_values": [0, 800]}),
            Series("t2star", "ge_t2star",
                   expect={"echo_times_ms": [2.4, 6.8, 11.2, 15.6, 20.0]}),
        ), layout="flat"),
    )),
    Patient("Demo^Ember", "M", "19580322", 1.79, 83.0, (
        Study("ph3t-brain", "ingenia", "20240219", "111500", "MRI Hersenen", (
            Series("survey", "ph_survey", expect={"sequenceClass": "LOCALIZER"}),
            Series("t1", "ph_t1_tfe"),
            Series("t2", "ph_t2_tse"),
            Series("flair", "ph_flair", expect={"sequenceClass": "T2_FLAIR"}),
            Series("dwi", "ph_dwi", expect={"sequenceClass": "DTI",
                                            "diffusion_b_values": [0, 1000]}),
            Series("fmri", "ph_fmri", expect={"sequenceClass": "fMRI_BOLD"}),
            Series("asl", "ph_pcasl", expect={"sequenceClass": "ASL"}),
        )),
    )),
    Patient("Demo^Yuebing=示例^月冰", "F", "19790604", 1.63, 58.0, (
        Study("uih-brain", "umr", "20240226", "093000", "头部平扫", (
            Series("scout", "uih_scout", expect={"sequenceClass": "LOCALIZER"}),
            Series("t1", "uih_t1"),
            Series("t2", "uih_t2"),
            Series("dwi", "uih_dwi", expect={"sequenceClass": "DTI",
                                             "diffusion_b_values": [0, 800]}),
            Series("t1-post", "uih_t1_post", expect={"isContrastEnhanced": True}),
        )),
    ), ("GB18030",)),
    Patient("Demo^Sakura=見本^桜=みほん^さくら", "F", "19900811", 1.57, 52.5, (
        Study("canon-brain", "galan", "20240304", "153000", "頭部 MRI", (
            Series("loc", "canon_loc"),
            Series("t1", "canon_t1"),
            Series("dti", "canon_dti", expect={"sequenceClass": "DTI",
                                               "diffusion_b_values": [0, 1000]}),
            Series("mrcp", "canon_mrcp", expect={"sequenceClass": "MRCP"}),
        )),
    ), ("", "ISO 2022 IR 87")),
    Patient("Muster^Jürgen", "M", "19471224", 1.74, 79.0, (
        Study("si3t-spine", "prisma", "20240311", "073000", "MRT LWS", (
            Series("loc", "si_loc"),
            Series("t1", "si_t1_tse_spine", private_block=0x11),
            Series("t2", "si_t2_tse_spine", private_block=0x11),
            Series("stir", "si_stir_spine", private_block=0x11,
                   expect={"sequenceClass": "T2_STIR", "isFatSuppressed": True}),
        ), oddity="the CSA block stands at 0x11, another creator at 0x10"),
        Study("si7t-localizer", "terra", "20240930", "170000", "Aborted", (
            Series("loc-1", "si_loc", expect={"sequenceClass": "LOCALIZER"}),
            Series("loc-2", "si_loc", expect={"sequenceClass": "LOCALIZER"}),
        ), oddity="nothing but localizers"),
    )),
)
# fmt: on
