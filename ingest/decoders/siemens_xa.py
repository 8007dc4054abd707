"""The protocol text of Siemens XA scanners, which have no CSA header.

Enhanced images hold it in (0021,xx19) below (0021,xxFE), classic images at the top level, Phoenix
reports in (0021,xx01) of a creator of their own. The fields are named as those of a CSA series
header, so that one name finds a parameter on every scanner.
"""

from __future__ import annotations

import re

from ingest.decoders.payloads import ascconv
from ingest.decoders.payloads.plain import text_of
from ingest.decoders.records import Decoded, Decoder, Field, bounded

PROTOCOL = "MrPhoenixProtocol"


def decode(data: bytes) -> Decoded:
    """The protocol as one field `MrPhoenixProtocol`, then its pairs `MrPhoenixProtocol/key`."""
    text = text_of(data)
    if not ascconv.has_block(text):
        problem = "protocol: there is no ASCCONV block" if text else None
        return Decoded((), problem)
    pairs = ascconv.fields(text, PROTOCOL + "/")
    return bounded([Field(PROTOCOL, "UT", text), *pairs], ascconv.problem(text))


_REFERENCE = "element names: dcm4che, SIEMENS MR SDS 01; seen on XA30 and XA61 (dcm_qa_xa30)"
DECODERS = (
    Decoder(
        "Siemens XA protocol", re.compile("SIEMENS MR SDS 01"), 0x0021, 0x19, decode, _REFERENCE
    ),
    Decoder(
        "Siemens XA Phoenix report",
        re.compile("SIEMENS MR SDI PHOENIXZIP"),
        0x0021,
        0x01,
        decode,
        "seen on XA30 (dcm_qa_xa30, 99_Phoenix_Document)",
    ),
)
