"""Files of one series, fast: the constant elements are encoded once, the varying ones each time.

A template is a list of byte strings with gaps; the gaps are filled with the elements of one
instance. Which elements vary may differ between instances (an image without diffusion has no
gradient direction), so the cut is remembered for each set of varying tags.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Mapping

from app.demo.elements import (
    Element,
    Elements,
    Encoding,
    Syntax,
    elements_of,
    encode_element,
    encode_elements,
)
from app.demo.identity import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

PREAMBLE = b"\0" * 128 + b"DICM"
_META_ENCODING = Encoding()


class Template:
    """The bytes of a series' constant elements, cut at the places of the varying ones."""

    def __init__(self, constant: Elements, encoding: Encoding) -> None:
        self._encoding = encoding
        self._encoded = {
            tag: encode_element(tag, constant[tag], encoding) for tag in sorted(constant)
        }
        self._cuts: dict[tuple[int, ...], tuple[bytes, ...]] = {}

    def render(self, varying: Mapping[int, Element]) -> bytes:
        """The data set of one instance; a varying element replaces a constant one."""
        tags = tuple(sorted(varying))
        if tags not in self._cuts:
            self._cuts[tags] = self._cut(tags)
        segments = self._cuts[tags]
        parts = [segments[0]]
        for tag, segment in zip(tags, segments[1:], strict=True):
            parts += (encode_element(tag, varying[tag], self._encoding), segment)
        return b"".join(parts)

    def _cut(self, tags: tuple[int, ...]) -> tuple[bytes, ...]:
        """Constant bytes before the first of `tags`, between them, and after the last."""
        bounds = (-1, *tags, 1 << 32)
        return tuple(
            b"".join(body for tag, body in self._encoded.items() if low < tag < high)
            for low, high in itertools.pairwise(bounds)
        )


def file_bytes(
    sop_class: str, sop_instance: str, syntax: Syntax, data_set: bytes, implementation: str = ""
) -> bytes:
    """A DICOM file (PS3.10 section 7.1): preamble, file meta information, data set."""
    if syntax.deflated:
        data_set = deflated(data_set)
    return PREAMBLE + file_meta(sop_class, sop_instance, syntax.uid, implementation) + data_set


def file_meta(
    sop_class: str, sop_instance: str, transfer_syntax: str, implementation: str = ""
) -> bytes:
    """Group 0002, always explicit little endian."""
    group = encode_elements(
        elements_of(
            {
                "FileMetaInformationVersion": b"\0\1",
                "MediaStorageSOPClassUID": sop_class,
                "MediaStorageSOPInstanceUID": sop_instance,
                "TransferSyntaxUID": transfer_syntax,
                "ImplementationClassUID": IMPLEMENTATION_CLASS_UID,
                "ImplementationVersionName": implementation or IMPLEMENTATION_VERSION_NAME,
            }
        ),
        _META_ENCODING,
    )
    return struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(group)) + group


def deflated(data_set: bytes) -> bytes:
    """The data set of PS3.5 annex A.5: a raw deflate stream of even length."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    body = compressor.compress(data_set) + compressor.flush()
    return body + b"\0" * (len(body) % 2)
