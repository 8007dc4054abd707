"""Radiographs, mammograms, ultrasound, screen captures and documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.demo.protocols.steps import repeats
from app.demo.records import Attributes, Protocol, Step

_DX: Final[Attributes] = {
    "KVP": 125, "XRayTubeCurrent": 320, "ExposureTime": 8, "Exposure": 3,
    "DetectorType": "SCINTILLATOR", "DetectorConfiguration": "AREA",
    "DetectorDescription": "Demo flat panel", "DetectorID": "DEMO-DET-1",
    "DateOfLastDetectorCalibration": "20240105", "TimeOfLastDetectorCalibration": "070000",
    "ImagerPixelSpacing": (0.15, 0.15), "ExposureIndex": 302.0, "TargetExposureIndex": 280.0,
    "DeviationIndex": 0.3, "Sensitivity": 400, "PatientOrientation": ("L", "F"),
}  # fmt: skip
_MG: Final[Attributes] = {
    "KVP": 28, "XRayTubeCurrent": 100, "ExposureTime": 800, "Exposure": 80,
    "AnodeTargetMaterial": "TUNGSTEN", "FilterMaterial": "RHODIUM", "CompressionForce": 95.0,
    "BodyPartThickness": 52.0, "OrganExposed": "BREAST", "BodyPartExamined": "BREAST",
    "BreastImplantPresent": "NO", "PartialView": "NO", "ExposureControlMode": "AUTOMATIC",
    "ExposureControlModeDescription": "AEC", "ImagerPixelSpacing": (0.07, 0.07),
    "OrganDose": 0.013, "EntranceDoseInmGy": 4.1,
}  # fmt: skip


def _projection(sop_class: str, modality: str, text: str, *views: Step, **more: Any) -> Protocol:
    attributes = {"ImageType": ("DERIVED", "PRIMARY"), **more.pop("attributes")}
    places: dict[str, Any] = {"content": "projection", "spacing": (0.15, 0.15, 1.0)}
    places |= {"seconds": 60.0 * len(views), **more}
    return Protocol(sop_class, modality, text, attributes, steps=views or (Step(),), **places)


def _view(position: str, side: str = "U") -> Step:
    return Step({"ViewPosition": position, "ImageLaterality": side})


_DIGITAL: Final = "DigitalXRayImageStorageForPresentation"
_MAMMOGRAPHY: Final = "DigitalMammographyXRayImageStorageForPresentation"

PROJECTION: Final[Mapping[str, Protocol]] = {
    "dx_chest_pa": _projection(
        _DIGITAL, "DX", "Chest PA", _view("PA"),
        attributes={**_DX, "BodyPartExamined": "CHEST"}, rows=96, columns=96, phantom="chest",
    ),
    "dx_chest_lat": _projection(
        _DIGITAL, "DX", "Chest LAT", _view("LL", "L"),
        attributes={**_DX, "BodyPartExamined": "CHEST"}, rows=96, columns=96, phantom="chest",
    ),
    "dx_hand": _projection(
        _DIGITAL, "DX", "Hand AP and oblique", _view("AP", "R"), _view("OBL", "R"),
        attributes={**_DX, "BodyPartExamined": "HAND", "KVP": 50}, rows=80, columns=64,
        phantom="limb",
    ),
    "cr_knee": _projection(
        "ComputedRadiographyImageStorage", "CR", "Knie ap", Step({"ViewPosition": "AP"}),
        attributes={"BodyPartExamined": "KNEE", "KVP": 65, "PlateType": "CR MD4.0R",
                    "CassetteSize": "24CMX30CM", "ImagerPixelSpacing": (0.1, 0.1),
                    "Sensitivity": 200, "PatientOrientation": ("L", "F")},
        rows=80, columns=64, phantom="limb",
    ),
    "mg_screening": _projection(
        _MAMMOGRAPHY, "MG", "Screening Mammography", _view("CC", "R"), _view("CC", "L"),
        _view("MLO", "R"), _view("MLO", "L"), attributes=_MG, rows=96, columns=72,
        phantom="breast",
    ),
    "us_still": _projection(
        "UltrasoundImageStorage", "US", "Abdomen", *repeats(6),
        attributes={"ImageType": ("ORIGINAL", "PRIMARY", "ABDOMINAL"),
                    "BodyPartExamined": "ABDOMEN"},
        phantom="fan",
    ),
    "us_cine": _projection(
        "UltrasoundMultiFrameImageStorage", "US", "Liver cine", *repeats(12),
        attributes={"ImageType": ("ORIGINAL", "PRIMARY", "ABDOMINAL"),
                    "BodyPartExamined": "LIVER"},
        content="cine", grouping="series", rows=48, columns=48, phantom="fan",
    ),
    "capture": _projection(
        "SecondaryCaptureImageStorage", "OT", "Screen capture",
        attributes={"ImageType": ("DERIVED", "SECONDARY"), "ConversionType": "WSD"},
        rows=64, columns=80, phantom="page", seconds=1.0,
    ),
    "document": Protocol(
        "EncapsulatedPDFStorage", "DOC", "Report", content="document", seconds=1.0
    ),
}  # fmt: skip
