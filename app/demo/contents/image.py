"""Single-frame images: a slice of MR, CT or PET, a mosaic, a radiograph, a screen capture."""

from __future__ import annotations

from typing import Any

from app.demo.acquisition import Acquisition, dicom_date, dicom_time
from app.demo.elements import Element, Elements, elements_of
from app.demo.frames import Instance, Vector
from app.demo.pixels import mosaic, pixel_data, pixel_module, stored_frame
from app.demo.radiopharmacy import radiopharmaceutical_items


def slice_constant(it: Acquisition) -> Elements:
    """Frame of reference, plane and pixel modules of a cross-sectional image."""
    down, across, apart = it.protocol.spacing
    first = it.instances[0].first
    return pixel_module(it, it.protocol.rows, it.protocol.columns) | elements_of(
        {
            "FrameOfReferenceUID": it.uid_in_study("frame of reference"),
            "PositionReferenceIndicator": "",
            "PatientPosition": "HFS",
            "PixelSpacing": (down, across),
            "SliceThickness": apart,
            "SpacingBetweenSlices": apart,
            "ImageOrientationPatient": first.orientation,
        }
    )


def slice_varying(it: Acquisition, instance: Instance) -> Elements:
    """Position, time and pixels of one slice, and what its step says."""
    frame = instance.first
    stored = stored_frame(it, frame)
    return (
        plane_elements(it, instance, frame.position)
        | elements_of({"LargestImagePixelValue": int(stored.max())}, frame.step.attributes)
        | pixel_data(it, [stored])
    )


def mosaic_constant(it: Acquisition) -> Elements:
    """As a slice, but rows and columns are those of the square of tiles."""
    tiles = mosaic([stored_frame(it, frame) for frame in it.instances[0].frames])
    return slice_constant(it) | elements_of({"Rows": tiles.shape[0], "Columns": tiles.shape[1]})


def mosaic_varying(it: Acquisition, instance: Instance) -> Elements:
    """A volume in one image: the position is that of the square's corner, as Siemens writes it."""
    tiles = mosaic([stored_frame(it, frame) for frame in instance.frames])
    return (
        plane_elements(it, instance, _mosaic_corner(it, instance, tiles.shape))
        | elements_of({"LargestImagePixelValue": int(tiles.max())}, instance.first.step.attributes)
        | pixel_data(it, [tiles])
    )


def _mosaic_corner(it: Acquisition, instance: Instance, shape: tuple[int, ...]) -> Vector:
    """Where the first pixel would lie if the first slice were as large as the square of tiles."""
    frame = instance.first
    up = (shape[0] - it.protocol.rows) / 2 * it.protocol.spacing[0]
    left = (shape[1] - it.protocol.columns) / 2 * it.protocol.spacing[1]
    row, column = frame.orientation[:3], frame.orientation[3:]
    x, y, z = (
        round(p - left * r - up * c, 4) for p, r, c in zip(frame.position, row, column, strict=True)
    )
    return x, y, z


def plane_elements(it: Acquisition, instance: Instance, position: Vector) -> Elements:
    """Acquisition time and number, position and location of an image."""
    frame = instance.first
    taken = it.clock(frame.seconds)
    return elements_of(
        {
            "AcquisitionDate": dicom_date(taken),
            "AcquisitionTime": dicom_time(taken),
            "AcquisitionNumber": frame.step_index + 1,
            "ImagePositionPatient": position,
            "SliceLocation": frame.location,
        }
    )


def pet_constant(it: Acquisition) -> Elements:
    """A slice with the radiopharmaceutical and the PET series module (PS3.3 C.8.9.1)."""
    return slice_constant(it) | elements_of(
        {
            "RadiopharmaceuticalInformationSequence": radiopharmaceutical_items(it),
            "NumberOfSlices": it.slices,
            "SeriesType": ("WHOLE BODY", "IMAGE"),
            "ActualFrameDuration": int(1000 * it.protocol.seconds / 4),
        }
    )


def pet_varying(it: Acquisition, instance: Instance) -> Elements:
    """Slope of the slice, and the time of its bed position: five slices a bed."""
    bed = instance.first.slice_index // 5
    taken = it.clock(bed * it.protocol.seconds / 4)
    injection = it.series.injections[0] if it.series.injections else None
    module: dict[str | int, Any] = {
        "AcquisitionDate": dicom_date(taken),
        "AcquisitionTime": dicom_time(taken),
        "FrameReferenceTime": 1000.0 * bed * it.protocol.seconds / 4,
        "RescaleIntercept": 0,
        "RescaleSlope": round(0.5 + 0.013 * instance.first.slice_index, 4),
        "RescaleType": it.value("Units"),
        "ImageIndex": instance.number,
    }
    if injection:
        module["DecayFactor"] = round(1.0 + 0.006 * bed, 5)
    return slice_varying(it, instance) | elements_of(module)


def projection_constant(it: Acquisition) -> Elements:
    """A radiograph, a screen capture or an ultrasound still: pixels without a place in space."""
    return pixel_module(it, it.protocol.rows, it.protocol.columns)


def projection_varying(it: Acquisition, instance: Instance) -> Elements:
    """Time and pixels; orientation and position are not those of a slice."""
    frame = instance.first
    taken = it.clock(frame.seconds)
    return elements_of(
        {
            "AcquisitionDate": dicom_date(taken),
            "AcquisitionTime": dicom_time(taken),
        },
        frame.step.attributes,
    ) | pixel_data(it, [stored_frame(it, frame)])


def cine_constant(it: Acquisition) -> Elements:
    """Multi-frame ultrasound: frame time and the region with its calibration (PS3.3 C.8.5.5)."""
    region = {
        "RegionSpatialFormat": 1,
        "RegionDataType": 1,
        "RegionFlags": 0,
        "RegionLocationMinX0": 0,
        "RegionLocationMinY0": 0,
        "RegionLocationMaxX1": it.protocol.columns - 1,
        "RegionLocationMaxY1": it.protocol.rows - 1,
        "PhysicalUnitsXDirection": 3,
        "PhysicalUnitsYDirection": 3,
        "PhysicalDeltaX": 0.05,
        "PhysicalDeltaY": 0.05,
    }
    return projection_constant(it) | elements_of(
        {
            "NumberOfFrames": len(it.instances[0].frames),
            "FrameIncrementPointer": Element("AT", 0x00181063),
            "FrameTime": 40.0,
            "CineRate": 25,
            "SequenceOfUltrasoundRegions": [region],
        }
    )


def cine_varying(it: Acquisition, instance: Instance) -> Elements:
    """Time and the frames of one loop."""
    frames = [stored_frame(it, frame) for frame in instance.frames]
    return projection_varying(it, instance) | pixel_data(it, frames)
