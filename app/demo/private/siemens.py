"""Siemens MR: the clear text of groups 0019 and 0051, and the CSA headers of group 0029.

The same facts stand in several places, as on the scanners.
"""

from __future__ import annotations

from app.demo.acquisition import Acquisition, dicom_date
from app.demo.csa import IMAGE_FIELDS, SERIES_FIELDS, encode_csa2
from app.demo.elements import Element, Elements, private_block
from app.demo.frames import Frame, Instance
from app.demo.private.siemens_csa import (
    COIL,
    DWELL_NANOSECONDS,
    TABLE_MM,
    b_matrix,
    bandwidth_per_pixel,
    image_values,
    series_values,
    slice_milliseconds,
)


def mr_constant(it: Acquisition) -> Elements:
    """Groups 0019, 0029 and 0051 as far as they are the same in a series."""
    header = {
        0x08: Element("CS", "IMAGE NUM 4"),
        0x09: Element("LO", "1.0"),
        0x0F: Element("SH", "Fast"),
        0x11: Element("SH", "No"),
        0x12: Element("SL", TABLE_MM),
        0x13: Element("SL", TABLE_MM),
        0x14: Element("IS", (0, 0, 0)),
        0x17: Element("DS", 1),
        0x18: Element("IS", DWELL_NANOSECONDS),
    }
    csa = {
        0x08: Element("CS", "IMAGE NUM 4"),
        0x09: Element("LO", dicom_date(it.study_start)),
        0x18: Element("CS", "MR"),
        0x19: Element("LO", dicom_date(it.study_start)),
        0x20: Element("OB", encode_csa2(SERIES_FIELDS, series_values(it))),
    }
    block = it.series.private_block
    archive = {
        0x01: Element("LO", "MOVED"),
        0x02: Element("UN", b"text of unknown VR\0"),
        0x03: Element("UN", bytes(range(256))),
    }
    moved = private_block("DEMO ARCHIVE 1.0", 0x0029, 0x10, archive)
    return (
        private_block("SIEMENS MR HEADER", 0x0019, 0x10, header)
        | (moved if block != 0x10 else {})
        | private_block("SIEMENS CSA HEADER", 0x0029, block, csa)
        | private_block("SIEMENS MEDCOM HEADER2", 0x0029, block + 1, {0x60: Element("LO", "com")})
        | private_block("SIEMENS MR HEADER", 0x0051, 0x10, _clear_text(it))
    )


def mr_varying(it: Acquisition, instance: Instance) -> Elements:
    """The CSA image header and the elements of group 0019 that repeat parts of it."""
    frame, block = instance.first, it.series.private_block
    offsets = {
        0x15: Element("FD", frame.position),
        0x16: Element("DS", round(frame.seconds, 4)),
    }
    if len(instance.frames) > 1:
        offsets[0x0A] = Element("US", len(instance.frames))
        offsets[0x29] = Element("FD", slice_milliseconds(it))
    if bandwidth_per_pixel(it):
        offsets[0x28] = Element("FD", bandwidth_per_pixel(it))
    offsets |= _diffusion_elements(frame)
    image = Element("OB", encode_csa2(IMAGE_FIELDS, image_values(it, instance)))
    return {0x00190000 | 0x10 << 8 | offset: element for offset, element in offsets.items()} | {
        0x00290000 | block << 8 | 0x10: image
    }


def _diffusion_elements(frame: Frame) -> dict[int, Element]:
    b_value, direction = frame.step.b_value, frame.step.direction
    if b_value is None:
        return {}
    directed = direction is not None and b_value > 0
    found = {
        0x0C: Element("IS", int(b_value)),
        0x0D: Element("CS", "DIRECTIONAL" if directed else "NONE"),
    }
    if direction is not None and b_value > 0:
        found[0x0E] = Element("FD", direction)
        found[0x27] = Element("FD", b_matrix(b_value, direction))
    return found


def _clear_text(it: Acquisition) -> dict[int, Element]:
    planes = {"AX": "Tra", "COR": "Cor", "SAG": "Sag", "OBL": "Tra>Cor(-25.0)"}
    side = it.protocol.columns * it.protocol.spacing[1]
    return {
        0x08: Element("CS", "IMAGE NUM 4"),
        0x09: Element("LO", "1.0"),
        0x0A: Element(
            "LO", f"TA {it.protocol.seconds // 60:02.0f}:{it.protocol.seconds % 60:02.0f}"
        ),
        0x0B: Element("LO", f"{it.protocol.rows}*{it.protocol.columns}"),
        0x0C: Element("LO", f"FoV {side:.0f}*{side:.0f}"),
        0x0E: Element("LO", planes.get(it.protocol.plane, "Tra>Cor(-7.0)")),
        0x0F: Element("LO", COIL),
        0x11: Element("LO", "p2"),
        0x12: Element("SH", "TP 0"),
        0x13: Element("SH", "+LPH"),
        0x17: Element("SH", f"SL {it.value('SliceThickness') or 5.0:.1f}"),
    }
