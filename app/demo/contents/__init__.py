"""What a protocol's objects hold, by the protocol's `content` key.

A content gives the elements that are the same in all files of a series, and those of one instance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from app.demo.acquisition import Acquisition
from app.demo.contents import derived, dose_report, enhanced, image, nuclear
from app.demo.elements import Elements
from app.demo.frames import Instance


class Content(NamedTuple):
    """The two halves of an object."""

    constant: Callable[[Acquisition], Elements]
    varying: Callable[[Acquisition, Instance], Elements]


CONTENTS: Final[Mapping[str, Content]] = {
    "image": Content(image.slice_constant, image.slice_varying),
    "mosaic": Content(image.mosaic_constant, image.mosaic_varying),
    "pet": Content(image.pet_constant, image.pet_varying),
    "projection": Content(image.projection_constant, image.projection_varying),
    "cine": Content(image.cine_constant, image.cine_varying),
    "nm": Content(nuclear.nm_constant, nuclear.nm_varying),
    "enhanced": Content(enhanced.enhanced_constant, enhanced.enhanced_varying),
    "dose_report": Content(dose_report.dose_report_constant, dose_report.dose_report_varying),
    "segmentation": Content(derived.segmentation_constant, derived.nothing_varies),
    "structure_set": Content(derived.structure_set_constant, derived.nothing_varies),
    "reference": Content(derived.reference_constant, derived.nothing_varies),
    "document": Content(derived.document_constant, derived.nothing_varies),
}
