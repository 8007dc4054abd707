"""Shared and per-frame functional groups of enhanced multi-frame objects (PS3.3 C.7.6.16).

Which attribute belongs to which group is a table. A group goes to the shared sequence if all of
its attributes are the same in all frames, and to the per-frame sequence otherwise: the standard
wants a group in one of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from app.demo.elements import Element, Elements, elements_of, tag_and_vr
from app.demo.records import ABSENT, Attributes

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "PixelMeasuresSequence": ("SliceThickness", "SpacingBetweenSlices", "PixelSpacing"),
    "PlanePositionSequence": ("ImagePositionPatient",),
    "PlaneOrientationSequence": ("ImageOrientationPatient",),
    "FrameContentSequence": (
        "FrameAcquisitionNumber",
        "FrameReferenceDateTime",
        "FrameAcquisitionDateTime",
        "FrameAcquisitionDuration",
        "StackID",
        "InStackPositionNumber",
        "TemporalPositionIndex",
        "DimensionIndexValues",
    ),
    "FrameVOILUTSequence": ("WindowCenter", "WindowWidth"),
    "PixelValueTransformationSequence": ("RescaleIntercept", "RescaleSlope", "RescaleType"),
    "MRTimingAndRelatedParametersSequence": (
        "RepetitionTime",
        "EchoTrainLength",
        "FlipAngle",
        "RFEchoTrainLength",
        "GradientEchoTrainLength",
    ),
    "MREchoSequence": ("EffectiveEchoTime",),
    "MRModifierSequence": (
        "InversionRecovery",
        "InversionTimes",
        "FlowCompensation",
        "Spoiling",
        "T2Preparation",
        "SpectrallySelectedExcitation",
        "SpatialPresaturation",
        "ParallelAcquisition",
        "ParallelReductionFactorInPlane",
        "PartialFourier",
    ),
    "MRImagingModifierSequence": (
        "PixelBandwidth",
        "MagnetizationTransfer",
        "BloodSignalNulling",
        "TransmitterFrequency",
    ),
    "MRFOVGeometrySequence": (
        "PercentSampling",
        "PercentPhaseFieldOfView",
        "InPlanePhaseEncodingDirection",
        "MRAcquisitionFrequencyEncodingSteps",
        "MRAcquisitionPhaseEncodingStepsInPlane",
    ),
    "MRAveragesSequence": ("NumberOfAverages",),
    "MRDiffusionSequence": (
        "DiffusionDirectionality",
        "DiffusionBValue",
        "DiffusionGradientDirectionSequence",
    ),
    "MRImageFrameTypeSequence": (
        "FrameType",
        "PixelPresentation",
        "VolumetricProperties",
        "VolumeBasedCalculationTechnique",
        "ComplexImageComponent",
        "AcquisitionContrast",
    ),
    "CTExposureSequence": (
        "ExposureTimeInms",
        "XRayTubeCurrentInmA",
        "ExposureInmAs",
        "CTDIvol",
    ),
    "CTXRayDetailsSequence": ("KVP", "FocalSpots", "FilterType"),
    "CTReconstructionSequence": ("ConvolutionKernel", "ReconstructionDiameter"),
    "CTAcquisitionTypeSequence": ("AcquisitionType",),
    "CTAcquisitionDetailsSequence": ("SpiralPitchFactor", "TableHeight", "RotationDirection"),
}

_GROUP_OF: Final = {name: group for group, names in GROUPS.items() for name in names}


def functional_groups(
    frames: Sequence[Attributes],
    add_shared: Callable[[], Elements] | None = None,
    add_frame: Callable[[int], Elements] | None = None,
) -> Elements:
    """SharedFunctionalGroupsSequence and PerFrameFunctionalGroupsSequence of `frames`.

    Args:
        frames: what each frame says; only keywords of `GROUPS` are looked at.
        add_shared: further elements of the shared item (private groups).
        add_frame: further elements of the item of the frame with that index.
    """
    items = [_grouped(frame) for frame in frames]
    common = {
        group: content
        for group, content in items[0].items()
        if all(item.get(group) == content for item in items)
    }
    shared = _item(common) | (add_shared() if add_shared else {})
    per_frame = []
    for index, item in enumerate(items):
        own = {group: content for group, content in item.items() if group not in common}
        per_frame.append(_item(own) | (add_frame(index) if add_frame else {}))
    shared_tag, per_frame_tag = (
        tag_and_vr(name)[0]
        for name in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
    )
    return {shared_tag: Element("SQ", [shared]), per_frame_tag: Element("SQ", per_frame)}


def without_groups(attributes: Attributes) -> Attributes:
    """What of `attributes` belongs to the root of a multi-frame object.

    The frame type attributes stand in the root as well, as its summary (PS3.3 C.8.13.3).
    """
    summary = ("PixelPresentation", "VolumetricProperties", "VolumeBasedCalculationTechnique",
               "ComplexImageComponent", "AcquisitionContrast")  # fmt: skip
    return {n: v for n, v in attributes.items() if n not in _GROUP_OF or n in summary}


def _grouped(frame: Attributes) -> dict[str, dict[str, Any]]:
    grouped: dict[str, dict[str, Any]] = {}
    for name, value in frame.items():
        if isinstance(name, str) and name in _GROUP_OF and value is not ABSENT:
            grouped.setdefault(_GROUP_OF[name], {})[name] = value
    return grouped


def _item(groups: Mapping[str, Mapping[str, Any]]) -> Elements:
    return elements_of({group: [content] for group, content in groups.items()})
