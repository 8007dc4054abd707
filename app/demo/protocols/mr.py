"""How the tables of MR protocols are written: times in ms, angles in degrees, names by keyword."""

from __future__ import annotations

from typing import Any, Final

from app.demo.frames import PLANES
from app.demo.protocols.row import row
from app.demo.protocols.steps import planes
from app.demo.records import Protocol

LOCALIZER_STEPS: Final = planes(PLANES["AX"], PLANES["COR"], PLANES["SAG"])


def mr(description: str, tr: float, te: float | None, flip: float, **more: Any) -> Protocol:
    """A classic MR protocol; `more` as in `row`."""
    echo = {} if te is None else {"EchoTime": te, "EchoNumbers": 1}
    common = {
        "RepetitionTime": tr,
        "FlipAngle": flip,
        "NumberOfAverages": 1,
        "PercentSampling": 100,
        "PercentPhaseFieldOfView": 100,
        "PixelBandwidth": 260,
        "AcquisitionMatrix": (0, 64, 64, 0),
        "InPlanePhaseEncodingDirection": "ROW",
        "BodyPartExamined": "BRAIN",
    }
    return row("MRImageStorage", "MR", description, common, echo, more)


def enhanced_mr(
    description: str, frame_type: tuple[str, ...], tr: float, flip: float, **more: Any
) -> Protocol:
    """An enhanced MR protocol: the attributes under their enhanced names."""
    common = {
        "ImageType": frame_type,
        "FrameType": frame_type,
        "RepetitionTime": tr,
        "FlipAngle": flip,
        "EchoTrainLength": 1,
        "NumberOfAverages": 1,
        "PixelBandwidth": 400,
        "PixelPresentation": "MONOCHROME",
        "VolumetricProperties": "VOLUME",
        "VolumeBasedCalculationTechnique": "NONE",
        "ComplexImageComponent": "MAGNITUDE",
        "ResonantNucleus": "1H",
        "InversionRecovery": "NO",
        "Spoiling": "NONE",
        "ParallelAcquisition": "YES",
        "ParallelReductionFactorInPlane": 2.0,
        "InPlanePhaseEncodingDirection": "ROW",
        "BodyPartExamined": "BRAIN",
        "content": "enhanced",
        "grouping": "series",
    }
    return row("EnhancedMRImageStorage", "MR", description, common, more)
