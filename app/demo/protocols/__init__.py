"""The protocols of the cohort's scanners, by key; one module for each maker or kind of object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.demo.protocols.ct import CT
from app.demo.protocols.ge_mr import GE_MR
from app.demo.protocols.nuclear import NUCLEAR
from app.demo.protocols.other_mr import OTHER_MR
from app.demo.protocols.philips_mr import PHILIPS_MR
from app.demo.protocols.projection import PROJECTION
from app.demo.protocols.siemens_mr import SIEMENS_MR
from app.demo.records import Protocol

PROTOCOLS: Final[Mapping[str, Protocol]] = {
    **SIEMENS_MR,
    **GE_MR,
    **PHILIPS_MR,
    **OTHER_MR,
    **CT,
    **NUCLEAR,
    **PROJECTION,
}
