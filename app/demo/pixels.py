"""From phantom to stored pixel values: the image pixel module of each modality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.demo.acquisition import Acquisition
from app.demo.elements import SYNTAXES, Element, Elements, Fragments, elements_of
from app.demo.frames import Frame
from app.demo.phantom import plane_image
from app.demo.rle import encode_frame

Stored = NDArray[Any]
PIXEL_DATA: Final = 0x7FE00010


class PixelFormat(NamedTuple):
    """How stored values relate to the phantom's 0 to 1000."""

    bits_allocated: int = 16
    bits_stored: int = 12
    factor: float = 4.0
    photometric: str = "MONOCHROME2"
    window: tuple[int, int] | None = (1500, 3000)
    rescale: tuple[float, float, str] | None = None
    """Slope, intercept and type of the modality LUT."""
    samples: int = 1


FORMATS: Final[Mapping[str, PixelFormat]] = {
    "MR": PixelFormat(),
    "CT": PixelFormat(factor=2.0, window=(40, 400), rescale=(1, -1024, "HU")),
    "PT": PixelFormat(bits_stored=16, factor=32.0, window=None),
    "NM": PixelFormat(bits_stored=16, factor=0.2, window=(100, 200)),
    "DX": PixelFormat(factor=4.0, window=(2048, 4096)),
    "CR": PixelFormat(bits_stored=10, factor=1.0, photometric="MONOCHROME1", window=(512, 1024)),
    "MG": PixelFormat(factor=4.0, photometric="MONOCHROME1", window=(2048, 4096)),
    "US": PixelFormat(8, 8, 0.25, "RGB", None, None, 3),
    "OT": PixelFormat(8, 8, 0.25, "RGB", None, None, 3),
}


def format_of(it: Acquisition) -> PixelFormat:
    """The pixel format of a series' modality."""
    return FORMATS[it.protocol.modality]


def pixel_module(it: Acquisition, rows: int, columns: int) -> Elements:
    """Image Pixel, VOI LUT and Modality LUT as far as they are the same in a series."""
    form = format_of(it)
    module: dict[str | int, Any] = {
        "SamplesPerPixel": form.samples,
        "PhotometricInterpretation": form.photometric,
        "Rows": rows,
        "Columns": columns,
        "BitsAllocated": form.bits_allocated,
        "BitsStored": form.bits_stored,
        "HighBit": form.bits_stored - 1,
        "PixelRepresentation": 0,
        "BurnedInAnnotation": "NO",
        "LossyImageCompression": "00",
    }
    if form.samples > 1:
        module["PlanarConfiguration"] = 0
    if form.window:
        module |= {"WindowCenter": form.window[0], "WindowWidth": form.window[1]}
    if form.rescale:
        slope, intercept, kind = form.rescale
        module |= {"RescaleSlope": slope, "RescaleIntercept": intercept, "RescaleType": kind}
    return elements_of(module)


def stored_frame(it: Acquisition, frame: Frame) -> Stored:
    """Stored values of one frame: (rows, columns), with a third axis of 3 for colour."""
    form, protocol = format_of(it), it.protocol
    image = plane_image(
        protocol.phantom,
        protocol.rows,
        protocol.columns,
        depth=(frame.slice_index + 0.5) / it.slices,
        gain=frame.step.gain,
        shift=frame.slice_index + 3 * frame.step_index + it.number,
    )
    dtype = np.uint8 if form.bits_allocated == 8 else np.uint16
    highest = 2**form.bits_stored - 1
    stored = np.clip(image * form.factor, 0, highest).astype(dtype)
    if form.photometric == "MONOCHROME1":
        stored = highest - stored
    if form.samples == 1:
        return stored
    return np.stack((stored, stored, stored // 2 + 40), axis=-1)


def mosaic(planes: Sequence[Stored]) -> Stored:
    """Slices side by side in a square of tiles, row by row; the rest of the square is empty."""
    tiles = int(np.ceil(np.sqrt(len(planes))))
    rows, columns = planes[0].shape
    square = np.zeros((tiles * rows, tiles * columns), planes[0].dtype)
    for place, plane in enumerate(planes):
        top, left = place // tiles * rows, place % tiles * columns
        square[top : top + rows, left : left + columns] = plane
    return square


def pixel_data(it: Acquisition, frames: Sequence[Stored]) -> Elements:
    """PixelData (7FE0,0010), encapsulated where the series' transfer syntax says so."""
    if SYNTAXES[it.series.syntax].rle:
        encoded = tuple(encode_frame(frame) for frame in frames)
        return {PIXEL_DATA: Element("OB", Fragments(encoded))}
    body = b"".join(
        frame.astype(frame.dtype.newbyteorder("<"), copy=False).tobytes() for frame in frames
    )
    return {PIXEL_DATA: Element("OB" if frames[0].dtype.itemsize == 1 else "OW", body)}
