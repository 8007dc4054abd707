"""CT: scouts, helical and sequential scans, reformats, enhanced objects, dose reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.demo.frames import PLANES
from app.demo.protocols.row import row
from app.demo.protocols.steps import planes
from app.demo.records import ABSENT, Protocol

_IODINE: Final[Mapping[str, Any]] = {
    "ContrastBolusAgent": "Iohexol 300",
    "ContrastBolusRoute": "IV",
    "ContrastBolusVolume": 90.0,
}


def ct(description: str, part: str, kernel: str, ctdi_vol: float, **more: Any) -> Protocol:
    """A classic CT protocol; CTDIvol in mGy; `more` as in `row`."""
    common = {
        "ImageType": ("ORIGINAL", "PRIMARY", "AXIAL"),
        "BodyPartExamined": part,
        "KVP": 120,
        "XRayTubeCurrent": 210,
        "ExposureTime": 500,
        "Exposure": 105,
        "GeneratorPower": 25,
        "FocalSpots": 1.2,
        "FilterType": "FLAT",
        "ConvolutionKernel": kernel,
        "ReconstructionDiameter": 380.0,
        "DataCollectionDiameter": 500.0,
        "GantryDetectorTilt": 0,
        "TableHeight": 155.0,
        "RotationDirection": "CW",
        "SingleCollimationWidth": 0.6,
        "TotalCollimationWidth": 38.4,
        "SpiralPitchFactor": 0.9,
        "ScanOptions": "HELICAL",
        "CTDIvol": ctdi_vol,
        "slices": 20,
        "phantom": "chest",
        "spacing": (6.0, 6.0, 5.0),
        "seconds": 6.0,
    }
    return row("CTImageStorage", "CT", description, common, more)


# fmt: off
CT: Final[Mapping[str, Protocol]] = {
    "ct_scout": ct(
        "Topogram 0.6 T20f", "CHEST", "T20f", 0.12, ImageType=("ORIGINAL", "PRIMARY", "LOCALIZER"),
        ScanOptions="SCOUT", SpiralPitchFactor=ABSENT, XRayTubeCurrent=35,
        steps=planes(PLANES["COR"], PLANES["SAG"]), slices=1, seconds=8.0,
    ),
    "ct_thorax_soft": ct(
        "Thorax 5.0 B31f", "CHEST", "B31f", 6.4, slices=22, **_IODINE,
    ),
    "ct_thorax_lung": ct(
        "Thorax 1.0 B70f lung", "CHEST", "B70f", 6.4, slices=26, spacing=(6.0, 6.0, 3.0),
        **_IODINE,
    ),
    "ct_thorax_native": ct("Thorax nativ 5.0 B31f", "CHEST", "B31f", 5.9, slices=20),
    "ct_low_dose": ct(
        "LDCT Lung 1.0 FC51", "CHEST", "FC51", 1.4, KVP=100, XRayTubeCurrent=40, slices=24,
    ),
    "ct_coronal": ct(
        "Lung cor 3.0", "CHEST", "FC51", 1.4, ImageType=("DERIVED", "SECONDARY", "MPR"),
        plane="COR", slices=10, seconds=1.0,
    ),
    "ct_arterial": ct(
        "Abdomen arterial", "ABDOMEN", "STANDARD", 9.1, phantom="body", **_IODINE,
    ),
    "ct_portal": ct(
        "Abdomen portal-venous", "ABDOMEN", "STANDARD", 9.4, phantom="body", slices=24, **_IODINE,
    ),
    "ct_delayed": ct("Abdomen delayed", "ABDOMEN", "STANDARD", 8.8, phantom="body", **_IODINE),
    "ct_head": ct(
        "Head 5.0 UB", "HEAD", "UB", 48.0, phantom="head", spacing=(3.8, 3.8, 5.0), slices=18,
        ScanOptions="AXIAL", SpiralPitchFactor=ABSENT, XRayTubeCurrent=300, Exposure=300,
    ),
    "ct_head_bone": ct(
        "Head 1.0 YD bone", "HEAD", "YD", 48.0, phantom="head", spacing=(3.8, 3.8, 3.0),
        slices=18, ScanOptions="AXIAL", SpiralPitchFactor=ABSENT, XRayTubeCurrent=300, Exposure=300,
    ),
    "ct_planning": ct("Planning CT 3.0", "PELVIS", "B30f", 12.2, phantom="body", slices=22),
    "ct_attenuation": ct(
        "CT WB AC low dose 5.0", "WHOLEBODY", "B19f", 2.1, KVP=100, XRayTubeCurrent=45,
        phantom="body", slices=18, spacing=(9.0, 9.0, 8.0), seconds=14.0,
    ),
    "ct_enhanced": Protocol(
        "EnhancedCTImageStorage", "CT", "Body 2.0 enhanced",
        {
            "ImageType": ("ORIGINAL", "PRIMARY", "VOLUME", "NONE"),
            "BodyPartExamined": "ABDOMEN",
            "PixelPresentation": "MONOCHROME",
            "VolumetricProperties": "VOLUME",
            "VolumeBasedCalculationTechnique": "NONE",
            "AcquisitionType": "SPIRAL",
            "KVP": 120,
            "FilterType": "NONE",
            "FocalSpots": 0.9,
            "ExposureTimeInms": 500.0,
            "XRayTubeCurrentInmA": 180.0,
            "ExposureInmAs": 90.0,
            "CTDIvol": 7.7,
            "ConvolutionKernel": "FC18",
            "ReconstructionDiameter": 400.0,
            "SpiralPitchFactor": 0.81,
            "TableHeight": 120.0,
            "RotationDirection": "CW",
        },
        content="enhanced", grouping="series", slices=20, spacing=(6.0, 6.0, 5.0), seconds=5.0,
        phantom="body",
    ),
    "dose_report": Protocol(
        "XRayRadiationDoseSRStorage", "SR", "Dose Report", content="dose_report", seconds=1.0,
    ),
    "segmentation": Protocol(
        "SegmentationStorage", "SEG", "Segmentation",
        {"ImageType": ("DERIVED", "PRIMARY")}, content="segmentation", seconds=1.0,
    ),
    "structure_set": Protocol(
        "RTStructureSetStorage", "RTSTRUCT", "RTSTRUCT contours", content="structure_set",
        seconds=1.0,
    ),
    "ct_dose_sheet": Protocol(
        "EncapsulatedPDFStorage", "CT", "CT dose sheet", content="document", seconds=1.0,
    ),
    "rt_plan": Protocol(
        "RTPlanStorage", "RTPLAN", "Plan", {
            "RTPlanLabel": "DEMO_PLAN", "RTPlanGeometry": "PATIENT", "ApprovalStatus": "UNAPPROVED",
        }, content="reference", seconds=1.0,
    ),
    "rt_dose": Protocol(
        "RTDoseStorage", "RTDOSE", "Plan dose", {
            "DoseUnits": "GY", "DoseType": "PHYSICAL", "DoseSummationType": "PLAN",
        }, content="reference", seconds=1.0,
    ),
    "presentation": Protocol(
        "GrayscaleSoftcopyPresentationStateStorage", "PR", "Window of the reader", {
            "ContentLabel": "DEMO", "ContentDescription": "As read",
            "PresentationLUTShape": "IDENTITY",
        }, content="reference", seconds=1.0,
    ),
    "key_images": Protocol(
        "KeyObjectSelectionDocumentStorage", "KO", "Key images", {
            "ValueType": "CONTAINER", "ContinuityOfContent": "SEPARATE",
            "ConceptNameCodeSequence": [{
                "CodeValue": "113000", "CodingSchemeDesignator": "DCM",
                "CodeMeaning": "Of Interest"}],
        }, content="reference", seconds=1.0,
    ),
}
# fmt: on
