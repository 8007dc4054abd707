"""GE: the compressed protocol of a series and the b-value with its bias taken off."""

from __future__ import annotations

import re

from ingest.decoders.payloads import markup
from ingest.decoders.payloads.gunzip import gunzip
from ingest.decoders.payloads.plain import text_of, vr_of
from ingest.decoders.records import Decoded, Decoder, Field, bounded

_GZIP_MAGIC = b"\x1f\x8b\x08"
_FIRST_BYTES = 16
_PAIR = re.compile(r'(?:set\s+)?([A-Za-z_]\w{0,63})\s+"(.*)"', re.ASCII)

# Multi-b and synthetic DWI report the b-value plus this (and say so in (0043,xx7F)); DTI does not.
B_VALUE_BIAS = 1_000_000_000
_B_VALUE = re.compile(r"\s*(\d{1,18})(?:\.0*)?\s*(?:\\.*)?", re.ASCII | re.DOTALL)


def _pairs(text: str) -> list[Field]:
    found = (_PAIR.fullmatch(line.strip()) for line in text.split("\n"))
    values = ((pair[1], pair[2].strip()) for pair in found if pair)
    return [Field(key, vr_of(value), value) for key, value in values]


def decode_protocol(data: bytes) -> Decoded:
    """The `KEY "value"` lines of a protocol data block, or the leaves of a newer one in XML.

    The gzip stream stands behind a 4-byte length (every file of the test data).
    """
    if not data.strip(b"\0 "):
        return Decoded((), None)
    start = data.find(_GZIP_MAGIC, 0, _FIRST_BYTES)
    if start < 0:
        return Decoded((), "protocol data block: no gzip stream at its start")
    content, problem = gunzip(data[start:])
    if content.lstrip().startswith(b"<"):
        leaves, fault = markup.leaves(content)
        fields = [Field("/".join(leaf.path), vr_of(leaf.text), leaf.text) for leaf in leaves]
        problem = problem or fault
    else:
        fields = _pairs(text_of(content))
    if not fields and problem is None:
        problem = "protocol data block: its content has no pairs"
    return bounded(fields, problem)


def decode_b_value(data: bytes) -> Decoded:
    """The first of the values as `b_value` in s/mm2, without the bias of 1,000,000,000."""
    text = text_of(data)
    if not text.strip():
        return Decoded((), None)
    first = _B_VALUE.fullmatch(text)
    if first is None:
        return Decoded((), "b-value: its first value is not a whole number")
    return Decoded((Field("b_value", "IS", str(int(first[1]) % B_VALUE_BIAS)),), None)


DECODERS = (
    Decoder(
        "GE protocol data block",
        re.compile("GEMS_SERS_01"),
        0x0025,
        0x1B,
        decode_protocol,
        "dcm2niix, GE/README.md, GE Protocol Data Block",
    ),
    Decoder(
        "GE b-value",
        re.compile("GEMS_PARM_01"),
        0x0043,
        0x39,
        decode_b_value,
        "NA-MIC wiki, DICOM for DWI and DTI; dcm2niix issue 602 (the bias, by a GE engineer)",
    ),
)
