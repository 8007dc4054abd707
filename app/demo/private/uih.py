"""United Imaging: group 0061 and the image block of group 0065 with b-value and direction."""

from __future__ import annotations

from app.demo.acquisition import Acquisition
from app.demo.elements import Element, Elements, private_block
from app.demo.frames import Instance, normal_of


def mr_constant(it: Acquisition) -> Elements:
    """Image Private Header and Common Private Header as far as they are the same in a series."""
    normal = normal_of(it.instances[0].first.orientation)
    image = {
        0x00: Element("UL", 1_700_000_000),
        0x02: Element("LO", it.protocol.plane),
        0x03: Element("LO", "HL1,2;HU1,2"),
        0x04: Element("SH", f"{it.protocol.columns}*{it.protocol.rows} I"),
        0x05: Element("SH", "A->P"),
        0x06: Element("IS", 0),
        0x07: Element("OB", bytes(range(64))),
        0x14: Element("DS", normal),
        0x16: Element("UL", 1),
        0x18: Element("LO", "Normal"),
        0x29: Element("SH", f"{it.protocol.seconds // 60:02.0f}:{it.protocol.seconds % 60:02.0f}"),
        0x2D: Element("ST", it.value("SequenceName") or "gre_fsp"),
        0x2F: Element("FL", 340.0),
        0x50: Element("DS", it.slices),
    }
    return (
        private_block("DB Dicom Private Creator", 0x0061, 0x10, {0x02: Element("US", 0)})
        | private_block("Common Private Header", 0x0061, 0x40, {0x01: Element("SH", "IF:demo")})
        | private_block("Image Private Header", 0x0065, 0x10, image)
    )


def mr_varying(_: Acquisition, instance: Instance) -> Elements:
    """Position; with diffusion b-value (0065,xx09) and direction (0065,xx37)."""
    frame = instance.first
    found = {0x00651015: Element("DS", frame.position)}
    if frame.step.b_value is None:
        return found
    found[0x00651009] = Element("FD", frame.step.b_value)
    found[0x00189087] = Element("FD", frame.step.b_value)
    if frame.step.direction is not None and frame.step.b_value > 0:
        found[0x00651037] = Element("FD", frame.step.direction)
    return found
