"""GE: the GEMS_* blocks of MR, CT and PET, the b-value and the compressed protocol block."""

from __future__ import annotations

import gzip
from datetime import datetime

from app.demo.acquisition import Acquisition, dicom_datetime
from app.demo.elements import Element, Elements, private_block
from app.demo.frames import Instance
from app.demo.radiopharmacy import AGENTS

_EPOCH = datetime(1970, 1, 1)
B_VALUE_FLAG = 1_000_000_000
"""Since software 23, GE adds this to the b-value of series that hold several."""


def mr_constant(it: Acquisition) -> Elements:
    """GEMS_IDEN, ACQU, RELA, SERS, IMAG, IMPS and PARM as far as they are the same in a series."""
    return (
        private_block("GEMS_IDEN_01", 0x0009, 0x10, _identification(it))
        | private_block("GEMS_ACQU_01", 0x0019, 0x10, _acquisition(it))
        | private_block("GEMS_RELA_01", 0x0021, 0x10, {0x4F: Element("SS", it.slices)})
        | private_block("GEMS_SERS_01", 0x0025, 0x10, _series(it))
        | private_block("GEMS_IMAG_01", 0x0027, 0x10, _image(it))
        | private_block("GEMS_IMPS_01", 0x0029, 0x10, {0x26: Element("SS", 2)})
        | private_block("GEMS_PARM_01", 0x0043, 0x10, _parameters(it))
    )


def mr_varying(it: Acquisition, instance: Instance) -> Elements:
    """Image location; with diffusion the b-value, here and as DiffusionBValue (0018,9087)."""
    frame = instance.first
    found = {0x00271041: Element("FL", frame.location)}
    b_value = frame.step.b_value
    if b_value is None:
        return found
    several = len({step.b_value for step in it.protocol.steps}) > 1
    written = int(b_value) + (B_VALUE_FLAG if several else 0)
    direction = frame.step.direction or (0.0, 0.0, 0.0)
    gradients = dict(zip((0x001910BB, 0x001910BC, 0x001910BD), direction, strict=True))
    return (
        found
        | {tag: Element("DS", f"{part:.6f}") for tag, part in gradients.items()}
        | {
            0x00189087: Element("FD", b_value),
            0x00431039: Element("IS", (written, 8, 0, 0)),
        }
    )


def protocol_data_block(it: Acquisition) -> bytes:
    """Length of the gzip stream as uint32, then the stream: lines of NAME "value"."""
    entries = {
        "POSITION": "Supine",
        "ENTRY": "Head First",
        "SEDESC": it.description,
        "IMODE": it.value("MRAcquisitionType") or "2D",
        "TR": f"{float(it.value('RepetitionTime') or 0):.1f}",
        "TE": f"{float(it.value('EchoTime') or 0):.1f}",
        "FLIPANG": f"{float(it.value('FlipAngle') or 90):.0f}",
        "SLTHICK": f"{float(it.value('SliceThickness') or 5):.2f}",
        "NOSLC": str(it.slices),
        "MATRIXX": str(it.protocol.columns),
        "MATRIXY": str(it.protocol.rows),
        "VIEWORDER": "1",
    }
    text = "".join(f'{name} "{value}"\n' for name, value in entries.items())
    stream = gzip.compress(text.encode("latin-1"), mtime=0)
    return len(stream).to_bytes(4, "little") + stream


def _identification(it: Acquisition) -> dict[int, Element]:
    return {
        0x02: Element("SH", "DEMO"),
        0x04: Element("SH", "SIGNA"),
        0x27: Element("SL", int((it.study_start - _EPOCH).total_seconds())),
        0x30: Element("SH", "demo"),
        0x31: Element("SH", "9999"),
        0xE3: Element("UI", it.uid_in_study("equipment")),
    }


def _acquisition(it: Acquisition) -> dict[int, Element]:
    fields = {
        0x0F: Element("DS", "400.000000"),
        0x11: Element("SS", 0),
        0x12: Element("SS", 0),
        0x17: Element("SS", 16),
        0x18: Element("LO", "I"),
        0x19: Element("DS", it.instances[0].first.location),
        0x1E: Element("DS", it.protocol.columns * it.protocol.spacing[1]),
        0x5A: Element("FL", it.protocol.seconds * 1e6),
        0x7E: Element("SS", len({it.value("EchoTime", i.first) for i in it.instances})),
        0x84: Element("DS", "1.062122"),
        0x8F: Element("SS", 1),
        0x9B: Element("SS", 1),
        0x9C: Element("LO", it.value("PulseSequenceName") or "fgre"),
        0x9E: Element("LO", (it.value("PulseSequenceName") or "fgre").upper()),
    }
    fields |= {offset: Element("DS", "0.000000") for offset in range(0xA7, 0xBE)}
    return fields | {0xDF: Element("DS", "0.000000"), 0xE0: Element("DS", "0.000000")}


def _series(it: Acquisition) -> dict[int, Element]:
    return {
        0x06: Element("SS", 0),
        0x07: Element("SL", len(it.instances)),
        0x10: Element("SL", 0),
        0x11: Element("SS", 1),
        0x14: Element("SL", 0),
        0x17: Element("SL", 0),
        0x19: Element("SL", len(it.instances)),
        0x1A: Element("SH", it.value("StationName") or ""),
        0x1B: Element("OB", protocol_data_block(it)),
    }


def _image(it: Acquisition) -> dict[int, Element]:
    return {
        0x06: Element("SL", 0),
        0x10: Element("SS", 0),
        0x31: Element("SS", 1),
        0x32: Element("SS", 0),
        0x40: Element("SH", "I"),
        0x60: Element("FL", float(it.protocol.columns)),
        0x61: Element("FL", float(it.protocol.rows)),
        0x62: Element("FL", 1.0),
    }


def _parameters(it: Acquisition) -> dict[int, Element]:
    return {
        0x01: Element("SS", 4),
        0x06: Element("SS", 1),
        0x2C: Element("SS", 640),
        0x2F: Element("SS", 0),
        0x30: Element("SS", 16),
        0x32: Element("SS", 2),
        0x60: Element("IS", (0,) * 8),
        0x61: Element("UI", it.study_uid),
        0x6F: Element("DS", (0, 0, 0, 0)),
        0x83: Element("DS", (0.5, 1)),
        0x89: Element("LO", ("IEC", "IEC_FIRST_LEVEL", "IEC_FIRST_LEVEL")),
        0x8A: Element("CS", "ROW"),
        0x90: Element("LO", ("WHOLE_BODY_6_MIN", "LOCAL_PEAK_6_MIN", "PARTIAL_BODY_6MIN")),
        0x95: Element("LO", ""),
        0x96: Element("CS", "PRODUCT"),
    }


def ct_constant(it: Acquisition) -> Elements:
    """GEMS_ACQU and GEMS_HELIOS of a CT: table speed, reconstruction, dose modulation."""
    acquisition = {
        0x02: Element("SL", 912),
        0x04: Element("DS", 0.5),
        0x11: Element("SS", 1),
        0x18: Element("LO", "S"),
        0x23: Element("DS", 39.37),
        0x27: Element("DS", 0.5),
        0x39: Element("SS", 16),
        0x42: Element("SS", 0),
    }
    helios = {
        0x01: Element("SS", 64),
        0x02: Element("FL", 0.625),
        0x03: Element("SS", 0),
        0x13: Element("SS", 1),
        0x3B: Element("LO", "DEMO"),
    }
    return private_block("GEMS_ACQU_01", 0x0019, 0x10, acquisition) | private_block(
        "GEMS_HELIOS_01", 0x0045, 0x10, helios
    )


def pt_constant(it: Acquisition) -> Elements:
    """GEMS_PETD: scan, tracer and its times once more in the scanner's own words."""
    if not it.series.injections:
        return {}
    injection = it.series.injections[0]
    agent = AGENTS[injection.agent]
    given = it.clock(-60 * injection.minutes)
    offsets = {
        0x01: Element("LO", "GE Discovery Demo"),
        0x0D: Element("DT", dicom_datetime(it.start)),
        0x0F: Element("ST", "PET CT INFERIOR TO SUPERIOR"),
        0x36: Element("LO", agent.name),
        0x38: Element("FL", injection.activity / 1e6),
        0x39: Element("DT", dicom_datetime(given)),
        0x3B: Element("DT", dicom_datetime(given)),
        0x3C: Element("FL", 0.4),
        0x3E: Element("SH", agent.nuclide),
        0x3F: Element("FL", agent.half_life),
        0x69: Element("SL", it.slices),
        0x8B: Element("SL", 2),
        0xB2: Element("SL", 2),
        0xB3: Element("SL", 24),
    }
    return private_block("GEMS_PETD_01", 0x0009, 0x10, offsets)


def pt_varying(it: Acquisition, instance: Instance) -> Elements:
    """Slice number of the image."""
    if not it.series.injections:
        return {}
    return {0x000910A6: Element("SL", instance.first.slice_index + 1)}
