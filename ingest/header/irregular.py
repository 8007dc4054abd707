"""What the fast reader leaves alone, read by pydicom: big endian, odd lengths, unknown VRs.

The result has the same form, so nothing behind this module knows the difference.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ingest.header import vr
from ingest.header.tokens import NO_LENGTH, Tokens
from ingest.header.vocabulary import BULK, MAX_DEPTH, Key, Vocabulary

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from ingest.header.reading import Header

MAX_FILE = 256 * 1024 * 1024
"""Beyond this, pixel data is left out by stopping in front of it."""


def read_header(
    read: Callable[[int, int], bytes], size: int, head: bytes, vocabulary: Vocabulary
) -> Header:
    """Read a header with pydicom; what it cannot read is an error."""
    from pydicom.filereader import read_partial  # slow to import and rarely needed

    from ingest.header.reading import MAX_HEADER, Header, Problem

    upto = size if size <= MAX_FILE else MAX_HEADER
    data = head + read(len(head), upto - len(head)) if upto > len(head) else head
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)  # its messages quote values
    stop = None if size <= MAX_FILE else _is_pixel_data
    tokens = Tokens(b"", 0)
    header = Header("ok", tokens=tokens, read_by="pydicom", whole=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = read_partial(BytesIO(data), stop_when=stop, force=True)
            for part in (found.file_meta, found):
                _add_data_set(part, "", tokens, vocabulary, header, 0)
    except RecursionError:
        return Header.error("sequences are nested too deep")
    except Exception as error:  # pydicom raises whatever its parts raise; the kind is the reason
        return Header.error(f"the header cannot be read ({type(error).__name__})")
    header.problems.append(Problem("read_by_pydicom"))
    header.header_bytes = len(data)
    return header


def _is_pixel_data(tag: int, name: str | None, length: int) -> bool:
    return tag in BULK


def _add_data_set(
    found: Dataset, prefix: str, tokens: Tokens, vocabulary: Vocabulary, header: Header, depth: int
) -> None:
    if depth > MAX_DEPTH:
        raise RecursionError
    for tag in sorted(found.keys()):
        creator = _creator(found, tag)
        for name, value, items in _values(found, tag):
            key = Key(prefix, int(tag), name, creator)
            if int(tag) in BULK and not prefix:
                header.pixel_data_bytes = len(value)
                value = b"%d" % len(value)
            elif int(tag) in BULK:
                value = b"%d" % len(value)
            _add(tokens, vocabulary.number(key), value)
            for index, item in enumerate(items):
                inner = f"{prefix}{int(tag):08X}[{index}]."
                _add_data_set(item, inner, tokens, vocabulary, header, depth + 1)
            if int(tag) == 0x00080005 and not prefix:
                tokens.charset = value.rstrip(b" \0")


def _add(tokens: Tokens, key: int, value: bytes) -> None:
    tokens.given[len(tokens.keys)] = value
    tokens.keys.append(key)
    tokens.starts.append(0)
    tokens.ends.append(0)
    tokens.widths.append(NO_LENGTH)


def _creator(found: Dataset, tag: Any) -> str | None:
    if not tag.is_private or tag.is_private_creator or tag.element < 0x1000:
        return None
    raw = found.get_item((tag.group, tag.element >> 8)) if (
        (tag.group, tag.element >> 8) in found
    ) else None
    value = getattr(raw, "value", None)
    if isinstance(value, bytes):
        return value.strip(b" \0").decode("latin-1")
    return str(value).strip(" \0") if value else None


def _values(found: Dataset, tag: Any) -> Iterator[tuple[str, bytes, list[Dataset]]]:
    """VR, raw little-endian value and items of an element."""
    from pydicom.dataelem import RawDataElement
    from pydicom.hooks import raw_element_vr

    raw = found.get_item(tag)
    if isinstance(raw, RawDataElement):
        chosen: dict[str, Any] = {}
        raw_element_vr(raw, chosen, ds=found)
        name = str(chosen["VR"])
        if name != "SQ" and " or " not in name:
            value = raw.value if isinstance(raw.value, bytes) else b""
            yield name, value if raw.is_little_endian else _swapped(value, name), []
            return
    element = found[tag]
    name = str(element.VR)
    if name == "SQ":
        items = list(element.value or [])
        yield name, b"%d" % len(items), items
        return

    yield name, _encoded(element.value, name), []


def _swapped(value: bytes, name: str) -> bytes:
    width = SWAP.get(name, 1)
    if width == 1 or len(value) % width:
        return value
    return b"".join(value[i : i + width][::-1] for i in range(0, len(value), width))


SWAP = {
    "US": 2, "SS": 2, "OW": 2, "AT": 2, "UL": 4, "SL": 4, "FL": 4, "OF": 4, "OL": 4,
    "FD": 8, "SV": 8, "UV": 8, "OD": 8, "OV": 8,
}  # fmt: skip


def _encoded(value: Any, name: str) -> bytes:
    """A value pydicom has decoded already (an ambiguous VR), in little endian again."""
    import struct

    if isinstance(value, bytes):
        return value
    if value is None:
        return b""
    values = list(value) if hasattr(value, "__iter__") and not isinstance(value, str) else [value]
    if name in vr.NUMBER_FORMAT:
        return struct.pack(f"<{len(values)}{vr.NUMBER_FORMAT[name]}", *values)
    return "\\".join(str(v) for v in values).encode()
