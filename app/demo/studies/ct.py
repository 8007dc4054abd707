"""CT: several makers, contrast phases, dose reports, segmentations, structure sets."""

from __future__ import annotations

from typing import Final

from app.demo.records import DoseEvent, Patient, Series, Study

_THORAX_DOSES: Final = (
    DoseEvent("Topogram", 0.12, 4.6, current=35.0, exposure_time=4.1, length=512.0, spiral=False),
    DoseEvent("Thorax nativ", 5.9, 206.5),
    DoseEvent("Thorax KM", 6.4, 224.0),
)
_ABDOMEN_DOSES: Final = (
    DoseEvent("Scout", 0.07, 3.4, current=20.0, length=500.0, spiral=False),
    DoseEvent("Abdomen arterial", 9.1, 455.0, length=500.0),
    DoseEvent("Abdomen portal-venous", 9.4, 470.0, length=500.0),
    DoseEvent("Abdomen delayed", 8.8, 440.0, length=500.0),
)

# fmt: off
CT_PATIENTS: Final[tuple[Patient, ...]] = (
    Patient("Demo^Lagoon", "M", "19600912", 1.81, 96.0, (
        Study("ct-thorax", "force", "20240110", "114500", "CT Thorax mit KM", (
            Series("scout", "ct_scout"),
            Series("native", "ct_thorax_native"),
            Series("soft", "ct_thorax_soft"),
            Series("lung", "ct_thorax_lung"),
            Series("dose", "dose_report", doses=_THORAX_DOSES,
                   expect={"dose_dlp_total_mGycm": 435.1, "dose_ctdivol_mGy": [0.12, 5.9, 6.4]}),
            Series("capture", "capture", {"SeriesDescription": "Patient Protocol"}),
        )),
        Study("ct-thorax-control", "force", "20240715", "120000", "CT Thorax Kontrolle", (
            Series("scout", "ct_scout"),
            Series("native", "ct_thorax_native"),
            Series("dose", "dose_report", doses=(DoseEvent("Thorax nativ", 5.7, 199.5),),
                   expect={"dose_dlp_total_mGycm": 199.5, "dose_ctdivol_mGy": [5.7]}),
        )),
    )),
    Patient("Demo^Meadow", "F", "19740421", 1.64, 71.0, (
        Study("ct-abdomen", "revolution", "20240117", "090500", "CT ABDOMEN PELVIS W/ CONTRAST", (
            Series("scout", "ct_scout", {"SeriesDescription": "SCOUT"}),
            Series("arterial", "ct_arterial"),
            Series("portal", "ct_portal"),
            Series("delayed", "ct_delayed"),
            Series("seg", "segmentation", scanner="qiicr", source="portal"),
            Series("dose", "dose_report", doses=_ABDOMEN_DOSES,
                   expect={"dose_dlp_total_mGycm": 1368.4,
                           "dose_ctdivol_mGy": [0.07, 9.1, 9.4, 8.8]}),
        )),
    )),
    Patient("Demo^Nimbus", "M", "19390808", 1.70, 68.0, (
        Study("ct-head", "brilliance", "20240124", "224000", "CT Head trauma", (
            Series("soft", "ct_head", syntax="implicit"),
            Series("bone", "ct_head_bone", syntax="implicit"),
        ), changes={"PatientIdentityRemoved": "YES", "DeidentificationMethod": "Demo profile",
                    "DeidentificationMethodCodeSequence": [
                        {"CodeValue": "113100", "CodingSchemeDesignator": "DCM",
                         "CodeMeaning": "Basic Application Confidentiality Profile"}],
                    "LongitudinalTemporalInformationModified": "MODIFIED"},
            oddity="de-identified, and says how"),
    )),
    Patient("Demo^Opal", "F", "19630530", 1.58, 63.0, (
        Study("ct-lung-screening", "aquilion", "20240131", "083000", "Low dose lung", (
            Series("lung", "ct_low_dose"),
            Series("coronal", "ct_coronal"),
            Series("enhanced", "ct_enhanced"),
        )),
    )),
    Patient("Demo^Prairie", "M", "19500202", 1.76, 82.0, (
        Study("ct-planning", "force", "20240207", "101500", "RT Planung Becken", (
            Series("ct", "ct_planning"),
            Series("rtstruct", "structure_set", scanner="contouring", source="ct"),
            Series("seg", "segmentation", scanner="workstation", source="ct"),
        )),
    )),
    Patient("Demo^Quartz", "F", "19840717", 1.69, 60.0, (
        Study("ct-uih", "uct", "20240214", "134500", "CT Thorax", (
            Series("native", "ct_thorax_native", syntax="deflated"),
            Series("lung", "ct_low_dose", syntax="rle", slices=12),
        ), layout="zip", oddity="lies in a ZIP archive; deflated and RLE transfer syntaxes"),
    )),
)
# fmt: on
