"""Private blocks of the scanners' makers, one module each, found by the scanner's `private` key.

A family gives the private elements that are the same in all files of a series, and those that vary
from instance to instance. Creators, offsets and VRs are those of the makers' conformance
statements as pydicom's private dictionary lists them; the values are invented.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from app.demo.acquisition import Acquisition
from app.demo.elements import Elements
from app.demo.frames import Instance
from app.demo.private import canon, ge, philips, siemens, siemens_ct_pet, uih


class Family(NamedTuple):
    """What one maker adds to a file."""

    constant: Callable[[Acquisition], Elements]
    varying: Callable[[Acquisition, Instance], Elements]


def _nothing(_: Acquisition) -> Elements:
    return {}


def _nothing_varies(_: Acquisition, __: Instance) -> Elements:
    return {}


FAMILIES: Final[Mapping[str, Family]] = {
    "": Family(_nothing, _nothing_varies),
    "siemens_mr": Family(siemens.mr_constant, siemens.mr_varying),
    "siemens_ct": Family(siemens_ct_pet.ct_constant, _nothing_varies),
    "siemens_pt": Family(siemens_ct_pet.pt_constant, _nothing_varies),
    "siemens_xa": Family(_nothing, _nothing_varies),  # in functional groups: contents.enhanced
    "philips_enhanced": Family(_nothing, _nothing_varies),
    "ge_mr": Family(ge.mr_constant, ge.mr_varying),
    "ge_ct": Family(ge.ct_constant, _nothing_varies),
    "ge_pt": Family(ge.pt_constant, ge.pt_varying),
    "philips_mr": Family(philips.mr_constant, philips.mr_varying),
    "philips_ct": Family(philips.ct_constant, _nothing_varies),
    "philips_pt": Family(philips.pt_constant, _nothing_varies),
    "uih_mr": Family(uih.mr_constant, uih.mr_varying),
    "canon_mr": Family(canon.mr_constant, _nothing_varies),
    "canon_ct": Family(canon.ct_constant, canon.ct_varying),
}
