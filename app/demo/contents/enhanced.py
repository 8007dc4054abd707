"""Enhanced multi-frame MR and CT: the classic attributes of a protocol, sorted into groups."""

from __future__ import annotations

from typing import Any, Final

from app.demo.acquisition import Acquisition, dicom_datetime
from app.demo.csa import phoenix_protocol
from app.demo.elements import Element, Elements, elements_of, private_block
from app.demo.frames import Frame, Instance
from app.demo.functional_groups import functional_groups, without_groups
from app.demo.pixels import format_of, pixel_data, pixel_module, stored_frame
from app.demo.private.philips import SCALE_SLOPE
from app.demo.private.siemens_csa import protocol_entries
from app.demo.records import Attributes

IN_STACK_POSITION: Final = 0x00209057
TEMPORAL_POSITION: Final = 0x00209128
FRAME_CONTENT: Final = 0x00209111
_OF_THE_GROUPS: Final = ("WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept",
                         "RescaleType")  # fmt: skip


def enhanced_constant(it: Acquisition) -> Elements:
    """Multi-frame dimension module and pixels; what belongs to functional groups is left out."""
    pixels = pixel_module(it, it.protocol.rows, it.protocol.columns)
    grouped = elements_of(dict.fromkeys(_OF_THE_GROUPS, ""))
    organization = it.uid("dimension organization")
    return {tag: element for tag, element in pixels.items() if tag not in grouped} | elements_of(
        without_groups(it.protocol.attributes),
        {
            "FrameOfReferenceUID": it.uid_in_study("frame of reference"),
            "PositionReferenceIndicator": "",
            "PatientPosition": "HFS",
            "NumberOfFrames": len(it.instances[0].frames),
            "ContentQualification": "RESEARCH",
            "PresentationLUTShape": "IDENTITY",
            "AcquisitionContextSequence": [],
            "DimensionOrganizationSequence": [{"DimensionOrganizationUID": organization}],
            "DimensionIndexSequence": [
                {
                    "DimensionOrganizationUID": organization,
                    "DimensionIndexPointer": pointer,
                    "FunctionalGroupPointer": FRAME_CONTENT,
                }
                for pointer in (IN_STACK_POSITION, TEMPORAL_POSITION)
            ],
        },
    )


def enhanced_varying(it: Acquisition, instance: Instance) -> Elements:
    """Time, functional groups and pixels of one object."""
    frames = instance.frames
    groups = functional_groups(
        [_frame_attributes(it, frame) for frame in frames],
        lambda: _private_shared(it),
        lambda index: _private_frame(it, frames[index]),
    )
    taken = dicom_datetime(it.clock(instance.first.seconds))
    return (
        elements_of({"AcquisitionDateTime": taken, "AcquisitionNumber": instance.number})
        | groups
        | pixel_data(it, [stored_frame(it, frame) for frame in frames])
    )


def _frame_attributes(it: Acquisition, frame: Frame) -> Attributes:
    """Everything that one frame says, the classic keywords under their enhanced names."""
    down, across, apart = it.protocol.spacing
    form = format_of(it)
    slope, intercept, kind = form.rescale or (1, 0, "US")
    said: dict[str | int, Any] = {
        **it.protocol.attributes,
        "PixelSpacing": (down, across),
        "SliceThickness": apart,
        "SpacingBetweenSlices": apart,
        "ImagePositionPatient": frame.position,
        "ImageOrientationPatient": frame.orientation,
        "FrameAcquisitionNumber": frame.step_index + 1,
        "FrameAcquisitionDateTime": dicom_datetime(it.clock(frame.seconds)),
        "FrameReferenceDateTime": dicom_datetime(it.clock(frame.seconds)),
        "FrameAcquisitionDuration": 1000.0 * it.protocol.seconds / len(it.protocol.steps),
        "StackID": "1",
        "InStackPositionNumber": frame.slice_index + 1,
        "TemporalPositionIndex": frame.step_index + 1,
        "DimensionIndexValues": (frame.slice_index + 1, frame.step_index + 1),
        "WindowCenter": (form.window or (1500, 3000))[0],
        "WindowWidth": (form.window or (1500, 3000))[1],
        "RescaleSlope": slope,
        "RescaleIntercept": intercept,
        "RescaleType": kind,
    }
    return {**said, **frame.step.attributes, **_diffusion(frame)}


def _diffusion(frame: Frame) -> Attributes:
    b_value, direction = frame.step.b_value, frame.step.direction
    if b_value is None:
        return {}
    if direction is None or b_value == 0:
        return {"DiffusionBValue": b_value, "DiffusionDirectionality": "NONE"}
    return {
        "DiffusionBValue": b_value,
        "DiffusionDirectionality": "DIRECTIONAL",
        "DiffusionGradientDirectionSequence": [{"DiffusionGradientOrientation": direction}],
    }


def _private_shared(it: Acquisition) -> Elements:
    """Siemens XA: the protocol text at (0021,xx19) inside (0021,xxFE) of the shared groups."""
    if it.scanner.private != "siemens_xa":
        return {}
    creator = "SIEMENS MR SDS 01"
    protocol = phoenix_protocol(protocol_entries(it), 63010001)
    inner = {
        0x06: Element("LO", "void"),
        0x0C: Element("SH", "+LPH"),
        0x19: Element("OB", protocol.encode("latin-1")),
        0x33: Element("SH", "AS82"),
        0x47: Element("CS", "IEC"),
    }
    item = private_block(creator, 0x0021, 0x10, inner)
    return private_block(creator, 0x0021, 0x10, {0xFE: Element("SQ", [item])})


def _private_frame(it: Acquisition, frame: Frame) -> Elements:
    """Siemens XA: acquisition details of a frame; Philips: its scale, in a private group."""
    if it.scanner.private == "siemens_xa":
        creator, block = "SIEMENS MR SDI 02", 0x11
        inner = {
            0x03: Element("DS", 1000.0 * it.protocol.seconds / len(it.instances)),
            0x04: Element("DS", round(frame.seconds, 4)),
            0x1C: Element("IS", 1),
            0x42: Element("IS", 3400),
            0x4F: Element("LO", "HC1-6"),
            0x53: Element("FD", 20.73),
            0x5B: Element("FD", frame.position),
        }
        item = private_block(creator, 0x0021, block, inner)
        return private_block(creator, 0x0021, block, {0xFE: Element("SQ", [item])})
    if it.scanner.private == "philips_enhanced":
        creator = "Philips MR Imaging DD 001"
        scale = private_block(creator, 0x2005, 0x10, {0x0E: Element("FL", SCALE_SLOPE)})
        outer = {0x0F: Element("SQ", [scale])}
        return private_block("Philips MR Imaging DD 005", 0x2005, 0x14, outer)
    return {}
