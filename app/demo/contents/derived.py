"""Objects made from other series: segmentations, structure sets, documents, references.

They refer to their source by UIDs that follow from the tables, so the source needs not be written
first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from pydicom import uid as pydicom_uid

from app.demo.acquisition import Acquisition, dicom_date, dicom_time
from app.demo.elements import Element, Elements, elements_of
from app.demo.frames import Frame, Instance, instances_of
from app.demo.functional_groups import functional_groups
from app.demo.pixels import PIXEL_DATA
from app.demo.protocols import PROTOCOLS
from app.demo.records import Attributes

SEGMENTS: Final = ("Liver", "Lesion")
CONTOUR_POINTS: Final = 24


def segmentation_constant(it: Acquisition) -> Elements:
    """Binary segmentation of the slices of the source series, two segments (PS3.3 A.51)."""
    source, frames = _source(it), _source_frames(it)
    rows, columns = source.protocol.rows, source.protocol.columns
    return (
        elements_of(
            {
                "FrameOfReferenceUID": it.uid_in_study("frame of reference"),
                "SamplesPerPixel": 1,
                "PhotometricInterpretation": "MONOCHROME2",
                "Rows": rows,
                "Columns": columns,
                "BitsAllocated": 1,
                "BitsStored": 1,
                "HighBit": 0,
                "PixelRepresentation": 0,
                "LossyImageCompression": "00",
                "SegmentationType": "BINARY",
                "ContentLabel": "SEGMENTATION",
                "ContentDescription": "Demo segmentation",
                "ContentCreatorName": "Demo^Segmenter",
                "NumberOfFrames": len(frames) * len(SEGMENTS),
                "SegmentSequence": [_segment(n, name) for n, name in enumerate(SEGMENTS, start=1)],
                "ReferencedSeriesSequence": [_series_reference(source)],
            }
        )
        | _segment_groups(source, frames)
        | {PIXEL_DATA: Element("OB", _masks(rows, columns, len(frames)))}
    )


def structure_set_constant(it: Acquisition) -> Elements:
    """RT Structure Set with two regions drawn on the slices of the source series (PS3.3 A.19)."""
    source, frames = _source(it), _source_frames(it)
    frame_of_reference = it.uid_in_study("frame of reference")
    return elements_of(
        {
            "StructureSetLabel": "DEMO_PLAN",
            "StructureSetDate": dicom_date(it.study_start),
            "StructureSetTime": dicom_time(it.study_start),
            "ApprovalStatus": "UNAPPROVED",
            "ReferencedFrameOfReferenceSequence": [
                {
                    "FrameOfReferenceUID": frame_of_reference,
                    "RTReferencedStudySequence": [
                        {
                            "ReferencedSOPClassUID": "1.2.840.10008.3.1.2.3.1",
                            "ReferencedSOPInstanceUID": it.study_uid,
                            "RTReferencedSeriesSequence": [_contour_images(source)],
                        }
                    ],
                }
            ],
            "StructureSetROISequence": [
                {
                    "ROINumber": number,
                    "ReferencedFrameOfReferenceUID": frame_of_reference,
                    "ROIName": name,
                    "ROIGenerationAlgorithm": "MANUAL",
                }
                for number, name in enumerate(SEGMENTS, start=1)
            ],
            "ROIContourSequence": [
                {
                    "ReferencedROINumber": number,
                    "ROIDisplayColor": (255, 60 * number, 0),
                    "ContourSequence": [_contour(frame, 60.0 / number) for frame in frames],
                }
                for number, _ in enumerate(SEGMENTS, start=1)
            ],
            "RTROIObservationsSequence": [
                {
                    "ObservationNumber": number,
                    "ReferencedROINumber": number,
                    "RTROIInterpretedType": "ORGAN",
                    "ROIInterpreter": "",
                }
                for number, _ in enumerate(SEGMENTS, start=1)
            ],
        }
    )


def document_constant(it: Acquisition) -> Elements:
    """Encapsulated PDF (PS3.3 A.45.1): a valid document of one page."""
    return elements_of(
        {
            "DocumentTitle": it.description,
            "ConceptNameCodeSequence": [],
            "MIMETypeOfEncapsulatedDocument": "application/pdf",
            "EncapsulatedDocument": Element("OB", pdf_page("Taglake demo document")),
            "ConversionType": "WSD",
        }
    )


def reference_constant(it: Acquisition) -> Elements:
    """An object that says which images it is about, and else what its protocol's table says."""
    return elements_of({"ReferencedSeriesSequence": [_series_reference(_source(it))]})


def nothing_varies(_: Acquisition, __: Instance) -> Elements:
    """A derived object is alone in its series."""
    return {}


def pdf_page(text: str) -> bytes:
    """A PDF of one page that shows `text` (ISO 32000-1, cross-reference table included)."""
    drawing = f"BT /F1 18 Tf 40 120 Td ({text}) Tj ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = f"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 6\n0000000000 65535 f \n{table}{end}".encode("ascii")


def _source(it: Acquisition) -> Acquisition:
    """The series that a derived object was made from."""
    series = next(s for s in it.study.series if s.key == it.series.source)
    return replace(it, series=series, protocol=PROTOCOLS[series.protocol])


def _source_frames(it: Acquisition) -> list[Frame]:
    source = _source(it)
    found = instances_of(source.protocol, source.slices)
    return [frame for instance in found for frame in instance.frames][: source.slices]


def _source_class(source: Acquisition) -> str:
    return str(getattr(pydicom_uid, source.protocol.sop_class))


def _series_reference(source: Acquisition) -> Attributes:
    return {
        "SeriesInstanceUID": source.series_uid,
        "ReferencedInstanceSequence": _instance_references(source),
    }


def _contour_images(source: Acquisition) -> Attributes:
    return {
        "SeriesInstanceUID": source.series_uid,
        "ContourImageSequence": _instance_references(source),
    }


def _instance_references(source: Acquisition) -> list[Attributes]:
    return [
        {
            "ReferencedSOPClassUID": _source_class(source),
            "ReferencedSOPInstanceUID": source.instance_uid(instance.number),
        }
        for instance in source.instances
    ]


def _segment(number: int, name: str) -> Attributes:
    def code(value: str, meaning: str) -> list[Attributes]:
        return [{"CodeValue": value, "CodingSchemeDesignator": "SCT", "CodeMeaning": meaning}]

    return {
        "SegmentNumber": number,
        "SegmentLabel": name,
        "SegmentAlgorithmType": "AUTOMATIC",
        "SegmentAlgorithmName": "demo threshold",
        "SegmentedPropertyCategoryCodeSequence": code("123037004", "Anatomical Structure"),
        "SegmentedPropertyTypeCodeSequence": code("10200004", name),
    }


def _segment_groups(source: Acquisition, frames: list[Frame]) -> Elements:
    down, across, apart = source.protocol.spacing
    said: list[dict[str | int, Any]] = [
        {
            "PixelSpacing": (down, across),
            "SliceThickness": apart,
            "SpacingBetweenSlices": apart,
            "ImageOrientationPatient": frame.orientation,
            "ImagePositionPatient": frame.position,
            "DimensionIndexValues": (segment, frame.slice_index + 1),
        }
        for segment, _ in enumerate(SEGMENTS, start=1)
        for frame in frames
    ]

    def identification(index: int) -> Elements:
        number = index // len(frames) + 1
        return elements_of({"SegmentIdentificationSequence": [{"ReferencedSegmentNumber": number}]})

    return functional_groups(said, add_frame=identification)


def _masks(rows: int, columns: int, count: int) -> bytes:
    """Bits of all frames, packed from the least significant on (PS3.5 section 8.1.1)."""
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    shapes = ((x / 0.5) ** 2 + (y / 0.4) ** 2 <= 1, (x / 0.15) ** 2 + (y / 0.15) ** 2 <= 1)
    bits = np.stack([shape for shape in shapes for _ in range(count)])
    return np.packbits(bits.ravel(), bitorder="little").tobytes()


def _contour(frame: Frame, radius: float) -> Attributes:
    """A closed polygon around the middle of an axial slice, in millimetres."""
    angles = [2 * np.pi * point / CONTOUR_POINTS for point in range(CONTOUR_POINTS)]
    points = [
        round(float(part), 2)
        for angle in angles
        for part in (radius * np.cos(angle), radius * np.sin(angle), frame.position[2])
    ]
    return {
        "ContourGeometricType": "CLOSED_PLANAR",
        "NumberOfContourPoints": CONTOUR_POINTS,
        "ContourData": tuple(points),
    }
