"""Philips: Imaging DD 001 with the b-value, MR Imaging DD blocks with the scale, CT and PET."""

from __future__ import annotations

from app.demo.acquisition import Acquisition
from app.demo.elements import Element, Elements, private_block
from app.demo.frames import PLANES, Instance

SCALE_SLOPE = 8.285334587097168
"""(2005,xx0E): stored value to floating point value of the reconstruction."""


def mr_constant(it: Acquisition) -> Elements:
    """Imaging DD 001 and 002, MR Imaging DD 001 and 005, with a sequence of private stacks."""
    return (
        private_block("Philips Imaging DD 001", 0x2001, 0x10, _imaging(it))
        | private_block("Philips Imaging DD 002", 0x2001, 0x11, {0x3F: Element("IS", 0)})
        | private_block("Philips MR Imaging DD 001", 0x2005, 0x10, _mr_imaging(it))
        | private_block("Philips MR Imaging DD 005", 0x2005, 0x14, {0x00: Element("CS", "YES")})
    )


def mr_varying(it: Acquisition, instance: Instance) -> Elements:
    """Slice number; with diffusion the b-value and direction, here and in group 0018."""
    frame = instance.first
    found = {0x2001100A: Element("IS", frame.slice_index + 1)}
    b_value, direction = frame.step.b_value, frame.step.direction or (0.0, 0.0, 0.0)
    if b_value is None:
        return found
    x, y, z = direction
    return found | {
        0x00189087: Element("FD", b_value),
        0x00189089: Element("FD", direction),
        0x20011003: Element("FL", b_value),
        0x20011004: Element("CS", "O" if any(direction) else "I"),
        0x200510B0: Element("FL", x),
        0x200510B1: Element("FL", y),
        0x200510B2: Element("FL", z),
    }


def stack_item(it: Acquisition) -> Elements:
    """One item of the private sequence of stacks, with its own creators."""
    axis = {"AX": "FH", "COR": "AP", "SAG": "RL"}.get(it.protocol.plane, "FH")
    stack = {
        0x2D: Element("SS", it.slices),
        0x32: Element("FL", 0.0),
        0x33: Element("CS", axis),
        0x35: Element("SS", 1),
        0x36: Element("CS", "PARALLEL"),
    }
    geometry = {
        0x71: Element("FL", 0.0),
        0x74: Element("FL", it.protocol.rows * it.protocol.spacing[0]),
        0x76: Element("FL", it.protocol.columns * it.protocol.spacing[1]),
        0x7E: Element("FL", it.protocol.spacing[2]),
        0x81: Element("CS", axis),
    }
    return private_block("Philips Imaging DD 001", 0x2001, 0x10, stack) | private_block(
        "Philips MR Imaging DD 001", 0x2005, 0x10, geometry
    )


def _imaging(it: Acquisition) -> dict[int, Element]:
    planes = {"AX": "TRANSVERSAL", "COR": "CORONAL", "SAG": "SAGITTAL"}
    echoes = {it.value("EchoTime", frame) for i in it.instances for frame in i.frames}
    return {
        0x01: Element("FL", 0.0),
        0x06: Element("CS", "N"),
        0x08: Element("IS", 1),
        0x0B: Element("CS", planes.get(it.protocol.plane, "TRANSVERSAL")),
        0x10: Element("CS", "NO"),
        0x13: Element("SL", int(it.value("EchoTrainLength") or 1)),
        0x14: Element("SL", len(echoes)),
        0x15: Element("SS", 1),
        0x17: Element("SL", 1),
        0x18: Element("SL", it.slices),
        0x1B: Element("FL", float(it.value("InversionTime") or 0.0)),
        0x1C: Element("CS", "INV" if it.value("InversionTime") else "NO"),
        0x20: Element("LO", it.value("PulseSequenceName") or "FFE"),
        0x21: Element("CS", "Y" if "FS" in (it.value("ScanOptions") or ()) else "N"),
        0x22: Element("FL", 1.2),
        0x5F: Element("SQ", [stack_item(it)]),
        0x60: Element("SL", 1),
        0x63: Element("CS", "ELSEWHERE"),
        0x7B: Element("IS", it.number),
        0x81: Element("IS", len(it.protocol.steps)),
    }


def _mr_imaging(it: Acquisition) -> dict[int, Element]:
    row = PLANES[it.protocol.plane]
    return {
        0x00: Element("FL", row[0]),
        0x0D: Element("FL", 0.0),
        0x0E: Element("FL", SCALE_SLOPE),
        0x20: Element("SL", 0),
        0x30: Element("FL", (float(it.value("RepetitionTime") or 0.0), 0.0)),
        0x33: Element("FL", it.protocol.seconds),
        0x6E: Element("CS", it.value("PulseSequenceName") or "FFE"),
        0x6F: Element("CS", it.value("MRAcquisitionType") or "MS"),
        0xA1: Element("CS", "SENSE"),
    }


def ct_constant(it: Acquisition) -> Elements:
    """ELSCINT1, the block of Philips CT: scan type, pitch, rotation time."""
    spiral = it.value("SpiralPitchFactor")
    offsets = {
        0x01: Element("CS", "HELIX" if spiral else "AXIAL"),
        0x02: Element("CS", "STANDARD"),
        0x08: Element("DS", it.slices * it.protocol.spacing[2]),
        0x26: Element("FD", spiral or 0.0),
        0x27: Element("DS", 0.5),
    }
    return private_block("ELSCINT1", 0x01F1, 0x10, offsets)


def pt_constant(it: Acquisition) -> Elements:
    """SUV and activity scale factors of a PET in counts."""
    if not it.series.injections:
        return {}
    offsets = {0x00: Element("DS", 0.000379), 0x09: Element("DS", 1.602563)}
    return private_block("Philips PET Private Group", 0x7053, 0x10, offsets)
