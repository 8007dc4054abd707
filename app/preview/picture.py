"""A picture of one frame of an image, as a screen shows it: eight bits, one window, square pixels.

Which grey is black and which white is what the header's window says, else what most of the values
lie between.
"""

from __future__ import annotations

import io
import math
import warnings
from typing import Any, NamedTuple

import numpy as np

from app.preview.pixels import (
    MAX_PIXELS,
    PER_FRAME,
    PIXEL_DATA,
    SHARED,
    Array,
    NoPicture,
    read_header,
    stored_values,
)

SIDE = 1024
"""Pixels of the longer side of a picture at most."""
PERCENTILES = (1, 99)


class Window(NamedTuple):
    """Which values are black and white, and whether the header or the values said so."""

    black: float
    white: float
    from_header: bool


class Picture(NamedTuple):
    """A PNG, of which frame (from 1) of how many, and the window of a grey one."""

    png: bytes
    frame: int
    frames: int
    window: Window | None


def picture(data: bytes, uid: str, frame: int | None = None) -> Picture:
    """A picture of the middle frame, or of ``frame`` (from 1), of the instance ``uid``.

    ``data`` is a whole DICOM file. Raises NoPicture.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom's warnings quote values
            return _picture(data, uid, frame)
    except NoPicture:
        raise
    except MemoryError:
        raise NoPicture("too_large") from None
    except Exception:  # pydicom, numpy and Pillow raise whatever their parts raise
        raise NoPicture("damaged") from None


def _picture(data: bytes, uid: str, frame: int | None) -> Picture:
    header = read_header(data)
    if header.get("SOPInstanceUID") not in (uid, None):
        raise NoPicture("other_instance")
    if not any(keyword in header for keyword in PIXEL_DATA):
        raise NoPicture("no_image")
    size = int(header.Rows) * int(header.Columns) * int(header.get("SamplesPerPixel") or 1)
    if not 0 < size <= MAX_PIXELS:
        raise NoPicture("too_many_pixels" if size > 0 else "no_image")
    frames = max(1, int(header.get("NumberOfFrames") or 1))
    number = min(frame or frames // 2 + 1, frames)
    values = stored_values(header, number - 1)
    step = max(1, max(values.shape[:2]) // (2 * SIDE))
    small = values[::step, ::step]
    grey = small.ndim == 2 and _photometric(header) != "PaletteColor"
    if grey:
        window, shown = greys(small, header, number - 1)
    else:
        window, shown = None, colours(small, header)
    return Picture(_png(shown, _aspect(header, number - 1)), number, frames, window)


def greys(stored: Array, header: Any, frame: int) -> tuple[Window, Array]:
    """Stored values (rows, columns) as 8-bit grey, and the window that made them."""
    slope = _number(header, frame, "PixelValueTransformationSequence", "RescaleSlope")
    intercept = _number(header, frame, "PixelValueTransformationSequence", "RescaleIntercept")
    values = stored.astype(np.float32) * (slope or 1.0) + (intercept or 0.0)
    seen = values[np.isfinite(values) & ~_padding(stored, header)]
    if not seen.size:
        seen = np.zeros(1, np.float32)
    window = _of_header(header, frame)
    if window is None or window.white <= seen.min() or window.black >= seen.max():
        black, white = (float(v) for v in np.percentile(seen, PERCENTILES))
        if black == white:  # nearly all is background
            black, white = float(seen.min()), float(seen.max())
        window = Window(black, white, False)
    width = (window.white - window.black) or 1.0
    share = np.clip((np.nan_to_num(values, nan=window.black) - window.black) / width, 0, 1)
    if _photometric(header) == "Monochrome1":
        share = 1 - share
    return window, np.rint(share * 255).astype(np.uint8)


def colours(values: Array, header: Any) -> Array:
    """Colour values, or indices of a palette, as 8-bit RGB."""
    from pydicom.pixels.processing import apply_color_lut

    bits = int(header.get("BitsStored") or 8)
    if _photometric(header) == "PaletteColor":
        values = apply_color_lut(values, header)
        bits = 8 * values.dtype.itemsize
    shown: Array = (values.astype(np.uint32) * 255 // max(2**bits - 1, 1)).clip(0, 255)
    return shown.astype(np.uint8)


def _of_header(header: Any, frame: int) -> Window | None:
    """The first window of the header (PS3.3 C.11.2.1.2), if it has a usable one."""
    group = "FrameVOILUTSequence"
    centre = _number(header, frame, group, "WindowCenter")
    width = _number(header, frame, group, "WindowWidth")
    if centre is None or width is None or width < 1:
        return None
    if str(_value(header, frame, group, "VOILUTFunction") or "LINEAR") == "LINEAR":
        black = centre - 0.5 - (width - 1) / 2
        return Window(black, black + max(width - 1, 1), True)
    return Window(centre - width / 2, centre + width / 2, True)


def _padding(stored: Array, header: Any) -> Array:
    """Where the image is padded: outside the field of view of a scanner."""
    value = _as_number(header.get("PixelPaddingValue"))
    if value is None:
        return np.zeros(stored.shape, bool)
    limit = _as_number(header.get("PixelPaddingRangeLimit"))
    low, high = sorted((value, value if limit is None else limit))
    inside: Array = (stored >= low) & (stored <= high)
    return inside


def _aspect(header: Any, frame: int) -> float:
    """Height of a pixel by its width."""
    group = "PixelMeasuresSequence"
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio"):
        found = _value(header, frame, group, keyword)
        if found is not None and not isinstance(found, str) and len(found) == 2:
            high, wide = (_as_number(v) or 0.0 for v in found)
            if high > 0 and wide > 0:
                return min(max(high / wide, 0.05), 20.0)
    return 1.0


def _png(shown: Array, aspect: float) -> bytes:
    from PIL import Image

    height, width = shown.shape[0] * max(aspect, 1.0), shown.shape[1] * max(1 / aspect, 1.0)
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(np.ascontiguousarray(shown))
    if size != image.size:
        image = image.resize(size, Image.Resampling.BILINEAR)
    target = io.BytesIO()
    image.save(target, "PNG", compress_level=3)
    return target.getvalue()


def _photometric(header: Any) -> str:
    """The photometric interpretation as one word: Monochrome1, PaletteColor, ..."""
    return str(header.get("PhotometricInterpretation") or "").title().replace(" ", "")


def _number(header: Any, frame: int, group: str, keyword: str) -> float | None:
    """The first value of an attribute as a number, None where there is none."""
    return _as_number(_value(header, frame, group, keyword))


def _value(header: Any, frame: int, group: str, keyword: str) -> Any:
    """An attribute of a frame: from its functional group, the shared one, or the image."""
    items = header.get(PER_FRAME) or ()
    own = [items[frame]] if frame < len(items) else []
    for holder in (*own, *(header.get(SHARED) or ())[:1]):
        for item in (holder.get(group) or ())[:1]:
            if keyword in item:
                return item.get(keyword)
    return header.get(keyword)


def _as_number(value: Any) -> float | None:
    try:
        number = float(value if isinstance(value, int | float | str) else value[0])
    except (TypeError, ValueError, IndexError):
        return None
    return number if math.isfinite(number) else None
