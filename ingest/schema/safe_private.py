"""Private elements that PS3.15 E.3.10 thinks safe: what a de-identified copy may keep of them.

Left out of table E.3.10-1 are elements that are sequences, UIDs or opaque bytes (Hologic, SC2000),
and volumes of the brain (NeuroQuant): nothing here could vouch for what is inside.
"""

from __future__ import annotations

from typing import NamedTuple


class PrivateElement(NamedTuple):
    """A private element without the block its creator reserved; the creator in upper case."""

    group: int
    offset: int
    creator: str


_TABLE: dict[tuple[int, str], tuple[int, ...]] = {
    (0x7053, "PHILIPS PET PRIVATE GROUP"): (0x00, 0x09),  # SUV and activity factors
    (0x00E1, "ELSCINT1"): (0x21, 0x50),  # DLP, acquisition duration
    (0x01E1, "ELSCINT1"): (0x26,),  # phantom type
    (0x01F1, "ELSCINT1"): (0x01, 0x07, 0x26, 0x27),  # acquisition type, table velocity, pitch, ...
    (0x0019, "GEMS_ACQU_01"): (0x23, 0x24, 0x27, 0x9E),  # table and rotation speed, pulse sequence
    (0x0025, "GEMS_SERS_01"): (0x07,),  # images in the series
    (0x0043, "GEMS_PARM_01"): (0x27, 0x39, 0x6F),  # pitch ratio, b-value, table and coil
    (0x0045, "GEMS_HELIOS_01"): (0x01, 0x02),  # macro rows of the detector
    (0x0903, "GEIIS PACS"): (0x10, 0x11, 0x12),  # flags
    (0x2001, "PHILIPS IMAGING DD 001"): (0x03, 0x04),  # diffusion b-factor and direction
    (0x2005, "PHILIPS MR IMAGING DD 001"): (0x0D, 0x0E),  # scale intercept and slope
    (0x0019, "SIEMENS MR HEADER"): (0x0C, 0x0D, 0x0E, 0x27),  # b-value, directions, b-matrix
}
SAFE_PRIVATE: frozenset[PrivateElement] = frozenset(
    PrivateElement(group, offset, creator)
    for (group, creator), offsets in _TABLE.items()
    for offset in offsets
)
