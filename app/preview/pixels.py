"""The stored pixel values of one frame of a DICOM file, by pydicom's decoders.

Files are not believed: how much there is to unpack is bounded before anything is unpacked, and only
the elements that a picture needs are read.
"""

from __future__ import annotations

import io
import logging
import zlib
from typing import Any, Literal

from numpy.typing import NDArray

from app.preview.original import MAX_BYTES

MAX_PIXELS = 100_000_000
MAX_ITEMS = 200_000
"""Items of sequences, of which pydicom takes 40 microseconds and a kilobyte each."""

Array = NDArray[Any]
Reason = Literal[
    "no_image", "too_many_pixels", "too_large", "syntax", "damaged", "other_instance", "not_dicom"
]

DEFLATED = b"1.2.840.10008.1.2.1.99"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
ITEMS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
PALETTE = 0x00281101
PIXEL_DATA = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
SHARED, PER_FRAME = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
KEYWORDS = (
    *PIXEL_DATA, SHARED, PER_FRAME, "SOPInstanceUID", "SamplesPerPixel",
    "PhotometricInterpretation", "PlanarConfiguration", "Rows", "Columns", "NumberOfFrames",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelSpacing",
    "ImagerPixelSpacing", "PixelAspectRatio", "PixelPaddingValue", "PixelPaddingRangeLimit",
    "WindowCenter", "WindowWidth", "VOILUTFunction", "RescaleSlope", "RescaleIntercept",
    "ExtendedOffsetTable", "ExtendedOffsetTableLengths",
)  # fmt: skip


class NoPicture(Exception):
    """There is no picture; ``reason`` says why, ``syntax`` names a compression."""

    def __init__(self, reason: Reason, syntax: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.syntax = syntax


def read_header(data: bytes) -> Any:
    """The elements that a picture needs, with a transfer syntax.

    Raises NoPicture, or what pydicom raises.
    """
    from pydicom import dcmread
    from pydicom.datadict import tag_for_keyword
    from pydicom.dataset import FileMetaDataset
    from pydicom.filereader import read_dataset
    from pydicom.tag import BaseTag, Tag
    from pydicom.uid import UID

    logging.getLogger("pydicom").setLevel(logging.CRITICAL)  # its messages quote values
    tags: list[BaseTag | int] = [
        Tag(tag) for tag in (tag_for_keyword(k) for k in KEYWORDS) if tag is not None
    ]
    tags += [Tag(PALETTE + n) for n in (0, 1, 2, 0x100, 0x101, 0x102, 0x120, 0x121, 0x122)]
    inflated = _inflated(data)
    if sum(map((inflated or data).count, ITEMS)) > MAX_ITEMS:
        raise NoPicture("too_large")
    if inflated is not None:
        header: Any = read_dataset(io.BytesIO(inflated), False, True, specific_tags=tags)
        header.file_meta = FileMetaDataset()
        header.file_meta.TransferSyntaxUID = UID(EXPLICIT_LITTLE)
        return header
    header = dcmread(io.BytesIO(data), force=True, specific_tags=tags)
    if not len(header):
        raise NoPicture("not_dicom")
    if "TransferSyntaxUID" not in header.file_meta:
        header.file_meta.TransferSyntaxUID = UID(_guessed(*header.original_encoding))
    return header


def _guessed(implicit: bool | None, little: bool | None) -> str:
    if not little:
        return "1.2.840.10008.1.2.2"
    return "1.2.840.10008.1.2" if implicit else EXPLICIT_LITTLE


def _inflated(data: bytes) -> bytes | None:
    """The data set of a deflated file (PS3.5 A.5), None of any other; raises NoPicture.

    pydicom would inflate it without a bound.
    """
    start = 144 + int.from_bytes(data[140:144], "little")
    if data[128:140] != b"DICM\x02\x00\x00\x00UL\x04\x00" or DEFLATED not in data[144:start]:
        if DEFLATED in data[:4096]:
            raise NoPicture("damaged")
        return None
    plain = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data[start:], MAX_BYTES + 1)
    if len(plain) > MAX_BYTES:
        raise NoPicture("too_large")
    return plain


def stored_values(header: Any, index: int) -> Array:
    """One frame: (rows, columns) of stored values, or (rows, columns, 3) in RGB.

    Raises NoPicture, or what pydicom raises.
    """
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.pixels.utils import pixel_array

    syntax = header.file_meta.TransferSyntaxUID
    try:
        readable = get_decoder(syntax).is_available
    except NotImplementedError:
        readable = False
    if not readable:
        raise NoPicture("syntax", str(syntax.name))
    values: Array = pixel_array(header, index=index)
    if values.ndim not in (2, 3):
        raise NoPicture("damaged")
    return values
