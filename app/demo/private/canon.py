"""Canon (formerly Toshiba): the 700D block of MR and the 7005 block of CT."""

from __future__ import annotations

from app.demo.acquisition import Acquisition
from app.demo.elements import Element, Elements, private_block
from app.demo.frames import Instance


def mr_constant(it: Acquisition) -> Elements:
    """Field of view in metres, and the gain correction flag."""
    side = it.protocol.columns * it.protocol.spacing[1] / 1000
    offsets = {
        0x00: Element("DS", 1),
        0x05: Element("DS", (side, side, side, side)),
        0x0C: Element("CS", "Y"),
        0x20: Element("SH", "2D_GDC"),
    }
    return private_block("CANON_MEC_MR3", 0x700D, 0x10, offsets)


def ct_constant(it: Acquisition) -> Elements:
    """Detector rows, table speed, filter, volume UID, DLP."""
    offsets = {
        0x08: Element("DS", 0.5),
        0x09: Element("LO", "80"),
        0x0A: Element("DS", 55.0),
        0x0B: Element("SH", it.value("ConvolutionKernel") or "FC18"),
        0x16: Element("UI", it.uid("volume")),
        0x17: Element("US", it.slices),
        0x1D: Element("UL", it.number),
        0x40: Element("FD", 312.5),
    }
    return private_block("TOSHIBA_MEC_CT3", 0x7005, 0x10, offsets)


def ct_varying(_: Acquisition, instance: Instance) -> Elements:
    """Number of the frame in the volume."""
    return {0x70051018: Element("US", instance.number)}
