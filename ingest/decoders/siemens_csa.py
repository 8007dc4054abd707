"""Siemens CSA headers: (0029,xx10) of images, (0029,xx20) of series, and their relatives.

The same element may hold CSA2, CSA1, the XML report of a PET scanner, or zeros left behind by an
anonymiser, so the payload says what it is. A tag that holds a protocol is followed by the pairs of
its ASCCONV block, named after the tag: `MrPhoenixProtocol/sSliceArray.lSize`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ingest.decoders.payloads import ascconv, csa1, pet_dose
from ingest.decoders.payloads import csa as csa2
from ingest.decoders.payloads.csa import Span, items_end, layout, text
from ingest.decoders.records import Decoded, Decoder, Field, bounded

__all__ = ["DECODERS", "Span", "decode", "items_end", "layout", "protocol_fields", "text"]


def protocol_fields(name: str, value: str) -> Iterator[Field]:
    """The pairs of the protocol that the tag `name` holds, named `name/key`; none without one."""
    if ascconv.has_block(value):
        yield from ascconv.fields(value, name + "/")


def _with_protocols(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from protocol_fields(field.name, field.text)


def _is_blank(data: bytes) -> bool:
    return not data.strip(b"\0 ")


def decode(data: bytes) -> Decoded:
    """The fields of a CSA header of either version, of a PET dose report, or why there are none.

    Nothing and zeros give no fields and no problem.
    """
    if data.startswith(csa2.MAGIC):
        fields, problem = csa2.fields(data)
    elif pet_dose.is_report(data):
        fields, problem = pet_dose.fields(data)
        return bounded(fields, problem)
    elif csa1.is_csa1(data):
        fields, problem = csa1.fields(data)
    elif _is_blank(data):
        return Decoded((), None)
    else:
        return Decoded((), "neither a CSA header (version 1 or 2) nor a PET dose report")
    cut = (ascconv.problem(f.text) for f in fields if ascconv.has_block(f.text))
    return bounded(_with_protocols(fields), problem or next(filter(None, cut), None))


def _decoder(creator: str, offset: int, name: str, reference: str) -> Decoder:
    return Decoder(name, re.compile(re.escape(creator)), 0x0029, offset, decode, reference)


_LAYOUT = "nibabel, Siemens CSA headers; SPM, spm_dicom_headers"
DECODERS = (
    _decoder("SIEMENS CSA HEADER", 0x10, "Siemens CSA image header", _LAYOUT),
    _decoder("SIEMENS CSA HEADER", 0x20, "Siemens CSA series header", _LAYOUT),
    _decoder("SIEMENS MEDCOM HEADER", 0x10, "Siemens MedCom header", _LAYOUT),
    _decoder("SIEMENS MEDCOM HEADER", 0x20, "Siemens MedCom history", _LAYOUT),
    _decoder("SIEMENS CSA NON-IMAGE", 0x10, "Siemens CSA data of non-images", _LAYOUT + "; GDCM"),
)
