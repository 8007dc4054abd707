"""What pydicom says a file holds, in the form of Taglake's elements: the oracle of the readers."""

from __future__ import annotations

import hashlib
import struct
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import pydicom
from pydicom.charset import convert_encodings, decode_bytes
from pydicom.dataset import Dataset
from pydicom.hooks import raw_element_vr

TEXT = {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI",
        "UR", "UT"}  # fmt: skip
ONE_VALUE = {"LT", "ST", "UT", "UR"}
FORMATS = {"FL": "f", "FD": "d", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q"}
WIDTHS = {"AT": 2, "OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}
"""Bytes that change their order together (PS3.5 7.3); OB and UN have no order."""
BULK = {0x7FE00008, 0x7FE00009, 0x7FE00010, 0x00420011, 0x56000020}


class Value(NamedTuple):
    """A value in a form that can be compared: text, numbers, item count, or length and hash."""

    vr: str
    value: Any


def elements(path: Path) -> dict[str, Value]:
    """Every element of a file by path, nested ones included."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pydicom.dcmread(path, force=True)
        result: dict[str, Value] = {}
        _walk(found.file_meta, "", result, ["iso8859"])
        _walk(found, "", result, ["iso8859"])
    return result


def _walk(found: Dataset, prefix: str, result: dict[str, Value], charset: list[str]) -> None:
    raw = found.get_item(0x00080005) if 0x00080005 in found else None
    if raw is not None:
        value = raw.value
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        names = text.rstrip(" \0").split("\\") if isinstance(text, str) else list(text or [""])
        charset = convert_encodings([name.strip() for name in names])
    for tag in found.keys():  # noqa: SIM118 (iterating a data set converts its elements)
        path = f"{prefix}{int(tag):08X}"
        vr, value = _raw(found, tag)
        if vr == "SQ":
            items = found[tag].value or []
            result[path] = Value("SQ", len(items))
            for index, item in enumerate(items):
                _walk(item, f"{path}[{index}].", result, charset)
        else:
            result[path] = Value(vr, comparable(vr, value, int(tag), charset))


def _raw(found: Dataset, tag: Any) -> tuple[str, Any]:
    """The VR that pydicom chooses, and the raw little-endian bytes where it still has them."""
    raw = found.get_item(tag)
    if hasattr(raw, "is_little_endian"):
        chosen: dict[str, Any] = {}
        raw_element_vr(raw, chosen, ds=found)
        vr = str(chosen["VR"])
        if " or " not in vr and vr != "SQ":
            value = raw.value or b""
            width = WIDTHS.get(vr) or struct.calcsize(FORMATS.get(vr, "c"))
            if not raw.is_little_endian and width > 1:
                value = b"".join(value[i : i + width][::-1] for i in range(0, len(value), width))
            return vr, value
    element = found[tag]
    return str(element.VR), element.value


def comparable(vr: str, value: Any, tag: int, charset: list[str]) -> Any:
    """A raw value in the form of :class:`Value`."""
    value = b"" if value is None else value
    if vr in FORMATS:
        if isinstance(value, bytes):
            size = struct.calcsize(FORMATS[vr])
            count = len(value) // size
            return struct.unpack(f"<{count}{FORMATS[vr]}", value[: count * size])
        return tuple(value) if hasattr(value, "__iter__") else (value,)
    if vr == "AT":
        value = value if isinstance(value, bytes) else b""
        words = struct.unpack(f"<{len(value) // 4 * 2}H", value[: len(value) // 4 * 4])
        return tuple(f"{a:04X}{b:04X}" for a, b in zip(words[::2], words[1::2], strict=True))
    if vr in TEXT and not isinstance(value, bytes):  # pydicom looked at it while it read
        several = not isinstance(value, str) and hasattr(value, "__iter__")
        return trimmed(vr, "\\".join(map(str, value)) if several else str(value or ""))
    if vr in TEXT:
        names = charset if vr in {"LO", "LT", "PN", "SH", "ST", "UC", "UT"} else ["iso8859"]
        text = decode_bytes(value, names, {0x0D, 0x0A, 0x09, 0x0C, 0x5C, 0x5E, 0x3D})
        return trimmed(vr, text)
    if tag in BULK:
        return len(value)
    return (len(value), hashlib.sha256(value).hexdigest() if value else None)


def trimmed(vr: str, text: str) -> str:
    """Without padding: trailing for text of one value, around each value otherwise (PS3.5 6.2)."""
    if vr in ONE_VALUE:
        return text.rstrip(" \0")
    return "\\".join(part.strip(" \0") for part in text.strip(" \0").split("\\"))
