"""NM: planar, dynamic and tomographic acquisitions, all frames of a series in one object."""

from __future__ import annotations

from typing import Any

from app.demo.acquisition import Acquisition, dicom_date, dicom_time
from app.demo.elements import Elements, elements_of
from app.demo.frames import Instance
from app.demo.pixels import pixel_data, pixel_module, stored_frame
from app.demo.radiopharmacy import radiopharmaceutical_items

ENERGY_WINDOW_VECTOR = 0x00540010
DETECTOR_VECTOR = 0x00540020
SLICE_VECTOR = 0x00540080


def nm_constant(it: Acquisition) -> Elements:
    """NM Image, NM Isotope and the multi-frame module (PS3.3 C.8.4)."""
    frames = it.instances[0].frames
    return pixel_module(it, it.protocol.rows, it.protocol.columns) | elements_of(
        {
            "FrameOfReferenceUID": it.uid_in_study("frame of reference"),
            "PositionReferenceIndicator": "",
            "PatientPosition": "HFS",
            "PixelSpacing": it.protocol.spacing[:2],
            "NumberOfFrames": len(frames),
            "RadiopharmaceuticalInformationSequence": radiopharmaceutical_items(it),
            "ActualFrameDuration": int(1000 * it.protocol.seconds / len(frames)),
            "AcquisitionTerminationCondition": "TIME",
            "NumberOfEnergyWindows": 1,
            "NumberOfDetectors": 2,
        },
        _vectors(it),
    )


def nm_varying(it: Acquisition, instance: Instance) -> Elements:
    """Time, counts and pixels."""
    stored = [stored_frame(it, frame) for frame in instance.frames]
    taken = it.clock(0.0)
    return elements_of(
        {
            "AcquisitionDate": dicom_date(taken),
            "AcquisitionTime": dicom_time(taken),
            "CountsAccumulated": int(sum(int(frame.sum()) for frame in stored)),
        }
    ) | pixel_data(it, stored)


def _vectors(it: Acquisition) -> dict[str | int, Any]:
    """The vectors that index the frames; a reconstruction has slices, the rest detectors."""
    count = len(it.instances[0].frames)
    if "RECON TOMO" in (it.value("ImageType") or ()):
        return {
            "FrameIncrementPointer": SLICE_VECTOR,
            "SliceVector": tuple(range(1, count + 1)),
            "NumberOfSlices": count,
            "SliceThickness": it.protocol.spacing[2],
            "SpacingBetweenSlices": it.protocol.spacing[2],
        }
    return {
        "FrameIncrementPointer": (ENERGY_WINDOW_VECTOR, DETECTOR_VECTOR),
        "EnergyWindowVector": (1,) * count,
        "DetectorVector": tuple(1 + frame % 2 for frame in range(count)),
    }
