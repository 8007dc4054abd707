"""Elements as the DICOM JSON Model (PS3.18 Annex F.2).

Binary values are not in the lake; such an attribute has a BulkDataURI that names its content by
hash (`ni:///sha-256;...`, RFC 6920), so any copy of the file can be compared with it. Left out are
group lengths (as F.2.2 demands), the file meta group, pixel data, and values Taglake decoded.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, BinaryIO

from app.elements import Step, in_order, of_study, place

if TYPE_CHECKING:
    from app.lake import Lake
    from ingest.describe import Element

Attribute = dict[str, Any]
DataSet = dict[str, Attribute]
Told = Callable[[int], None]

SINGLE_VALUE = frozenset(["LT", "ST", "UT", "UR"])
INTEGER = frozenset(["SL", "SS", "SV", "UL", "US", "UV"])
NUMBER = frozenset(["FL", "FD"])
NUMBER_AS_TEXT = frozenset(["DS", "IS"])
BINARY = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "UN"])
PERSON_NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def data_set(elements: Iterable[Element]) -> DataSet:
    """The JSON object of a data set, its attributes in ascending order (F.2.2)."""
    made: DataSet = {}
    for element in sorted(elements, key=in_order):
        steps, field = place(element.path)
        if field is not None or not steps or _is_left_out(element):
            continue
        parent = _item(made, steps[:-1])
        if parent is not None:
            parent[steps[-1].tag] = attribute(element)
    return made


def write_study(lake: Lake, uid: str, file: BinaryIO, told: Told | None = None) -> int:
    """The instances of a study as RetrieveMetadata gives them (PS3.18 10.4): an array of data sets.

    An instance a line, written while they come; returns how many there are. Identifying elements
    are there only if the lake was opened with them. ``told`` hears how many are written.
    """
    written = 0
    file.write(b"[")
    for elements in of_study(lake, uid):
        file.write(b",\n" if written else b"\n")
        file.write(json.dumps(data_set(elements), ensure_ascii=False).encode())
        written += 1
        if told:
            told(written)
    file.write(b"\n]\n")
    return written


def attribute(element: Element) -> Attribute:
    """The JSON object of one element; of a sequence, with as many empty items as it has."""
    if element.vr == "SQ":
        items: list[DataSet] = [{} for _ in range(int(element.number or 0))]
        return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
    if element.vr in BINARY:
        return {"vr": element.vr, **_bulk(element)}
    if not element.text:
        return {"vr": element.vr}
    texts = [element.text] if element.vr in SINGLE_VALUE else element.text.split("\\")
    return {"vr": element.vr, "Value": [_value(element.vr, text) for text in texts]}


def _is_left_out(element: Element) -> bool:
    is_pixel_data = element.vr in BINARY and bool(element.byte_length) and not element.sha256
    return element.tag.startswith("0002") or element.tag.endswith("0000") or is_pixel_data


def _item(made: DataSet, steps: tuple[Step, ...]) -> DataSet | None:
    """The item of a sequence that the steps lead to; None where it was left out."""
    for tag, item in steps:
        items = made.get(tag, {}).get("Value", [])
        if item is None or item >= len(items):
            return None
        made = items[item]
    return made


def _bulk(element: Element) -> Attribute:
    if not element.sha256:
        return {}
    digest = base64.urlsafe_b64encode(bytes.fromhex(element.sha256)).decode().rstrip("=")
    return {"BulkDataURI": f"ni:///sha-256;{digest}"}


def _value(vr: str, text: str) -> Any:
    text = text.strip() if vr in NUMBER_AS_TEXT else text
    if not text:
        return None
    if vr == "PN":
        groups = zip(PERSON_NAME_GROUPS, text.split("="), strict=False)
        return {name: group for name, group in groups if group}
    if vr in INTEGER | NUMBER | NUMBER_AS_TEXT:
        return _number(vr, text)
    return text


def _number(vr: str, text: str) -> Any:
    """A number, or the text where it is none (F.2.3 has text for DS and IS); null for NaN."""
    try:
        number = int(text) if vr in INTEGER or vr == "IS" else float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else None
