"""`taglake header` and `metadata` against pydicom, on a data set with one of everything."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from app.dicom_json import BINARY, attribute, data_set
from ingest.describe import Element, describe
from tests.shared_data import DICOM, needs_dicom
from tests.test_app.command_line import taglake, write_instance


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    """An instance with sequences in sequences, private elements and odd values."""
    inner, item = Dataset(), Dataset()
    inner.CodeValue, inner.CodeMeaning = "T-32000", "Herz, größer"
    item.ConceptNameCodeSequence = [inner]
    item.RadionuclideTotalDose = "3.7e8"
    items = [item, *(Dataset() for _ in range(11))]
    items[11].RadionuclideTotalDose = "1"
    changes: dict[str, Any] = {
        "SpecificCharacterSet": "ISO_IR 192",
        "PatientName": "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "ImageType": ["ORIGINAL", "PRIMARY", "", "M"],
        "EchoTime": "4.50",
        "PixelSpacing": ["0.5", "5e-1"],
        "InstanceNumber": "-7",
        "FrameIncrementPointer": [0x00180081, 0x00540016],
        "DiffusionBValue": 1e-7,
        "ImageComments": "back\\slash and \x07 bell",
        "AccessionNumber": "",
        "RadiopharmaceuticalInformationSequence": items,
        "ReferencedImageSequence": [],
        "ICCProfile": b"\x00\x01\x02\x03",
        "BitsAllocated": 8,
        "PixelData": b"\x00" * 64,
    }
    path = tmp_path / "rich.dcm"
    found = write_instance(path, 1, **changes)
    block = found.private_block(0x0029, "ACME 1.0", create=True)
    block.add_new(0x01, "LO", "secret sauce")
    found.save_as(path, enforce_file_format=True)
    return path


def _null_for_empty(values: list[Any]) -> list[Any]:
    """F.2.5: an empty value among others is null; pydicom has an empty text."""
    return [None if value == "" else value for value in values]


def _standard(model: dict[str, Any]) -> dict[str, Any]:
    """pydicom's JSON less what differs on purpose: bulk is named by hash, not carried."""
    made = {}
    for tag, found in model.items():
        if tag.endswith("0000") or tag == "7FE00010":
            continue
        kept = {"vr": found["vr"]}
        if found["vr"] == "SQ":
            kept["Value"] = [_standard(item) for item in found.get("Value", [])]
        elif "InlineBinary" in found:
            digest = hashlib.sha256(base64.b64decode(found["InlineBinary"])).digest()
            name = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            kept["BulkDataURI"] = f"ni:///sha-256;{name}"
        elif "Value" in found:
            kept["Value"] = _null_for_empty(found["Value"])
        if kept.get("Value") == []:
            del kept["Value"]
        made[tag] = kept
    return made


def test_json_is_the_dicom_json_model(rich: Path) -> None:
    ended = taglake("header", rich, "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out) == _standard(pydicom.dcmread(rich).to_json_dict())


def test_attributes_are_in_ascending_order(rich: Path) -> None:
    model = json.loads(taglake("header", rich, "--json").out)
    assert len(model) > 10
    assert list(model) == sorted(model)
    assert all(re.fullmatch(r"[0-9A-F]{8}", tag) for tag in model)


def test_a_tree_has_every_element_in_its_place(rich: Path) -> None:
    ended = taglake("header", rich)
    lines = ended.text.splitlines()
    assert (ended.code, ended.err) == (0, "")
    for line in (
        "(0010,0010) PN PatientName = Yamada^Tarou=山田^太郎=やまだ^たろう",
        "(0008,0050) SH AccessionNumber (empty)",
        "(0018,0081) DS EchoTime = 4.50",
        "(0020,4000) LT ImageComments = back\\slash and \\x07 bell",
        "(0029,1001) LO [ACME 1.0] = secret sauce",
        "(0054,0016) SQ RadiopharmaceuticalInformationSequence 12 items",
        "  item 1",
        "    (0018,1074) DS RadionuclideTotalDose = 3.7e8",
        "    (0040,A043) SQ ConceptNameCodeSequence 1 item",
        "      item 1",
        "        (0008,0104) LO CodeMeaning = Herz, größer",
        "  item 12",
        "    (0018,1074) DS RadionuclideTotalDose = 1",
    ):
        assert line in lines
    assert lines.index("  item 1") < lines.index("  item 12")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pydicom.dcmread(rich)
    count = len(list(found.iterall())) + len(found.file_meta)
    assert sum(line.lstrip().startswith("(") for line in lines) == count


@pytest.mark.parametrize(
    ("vr", "text", "value"),
    [
        ("DS", "1.5\\ 2 \\\\x", [1.5, 2.0, None, "x"]),
        ("IS", "007\\1.5", [7, "1.5"]),
        ("FD", "NaN\\inf\\1e400", [None, None, None]),
        ("US", "65535", [65535]),
        ("UT", "a\\b", ["a\\b"]),
        ("PN", "A^B\\=C", [{"Alphabetic": "A^B"}, {"Ideographic": "C"}]),
        ("AT", "00180081\\0054FFFF", ["00180081", "0054FFFF"]),
        ("LO", "", None),
    ],
)
def test_values_as_json(vr: str, text: str, value: list[object] | None) -> None:
    element = Element("00080008", "00080008", None, None, None, vr, None, text, None, None, None)
    assert attribute(element) == ({"vr": vr} if value is None else {"vr": vr, "Value": value})


def test_an_item_whose_sequence_is_hidden_is_left_out() -> None:
    lost = Element(
        "00101002[0].00100020", "00100020", None, None, None, "LO", None, "x", None, None, None
    )
    assert data_set([lost]) == {}


def test_from_a_databank_identifiers_have_to_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(tmp_path / "home"))
    for number in (1, 2, 3):
        write_instance(tmp_path / "in" / str(number), number, EchoTime=str(number))
    assert taglake("ingest", tmp_path / "in", "--workers", "1").code == 0
    masked = taglake("header", "1.2.3.4.2")
    assert (masked.code, "Roe" in masked.text, "4711" in masked.text) == (0, False, False)
    assert "--identifiers" in masked.err
    shown = taglake("header", "1.2.3.4.2", "--identifiers")
    assert shown.text == taglake("header", tmp_path / "in" / "2").text
    model = taglake("header", "1.2.3.4.2", "--identifiers", "--json")
    assert json.loads(model.out) == _standard(pydicom.dcmread(tmp_path / "in" / "2").to_json_dict())
    missing = taglake("header", "1.2.3.4.9")
    assert (missing.code, missing.out) == (2, b"")


@pytest.mark.parametrize(
    ("content", "code"), [(b"", 1), (b"no DICOM", 1), (b"\0" * 128 + b"DICM" + b"\2\0\0\0UL\4", 1)]
)
def test_what_is_no_dicom_is_a_sentence(tmp_path: Path, content: bytes, code: int) -> None:
    (tmp_path / "file").write_bytes(content)
    for more in ([], ["--json"]):
        ended = taglake("header", tmp_path / "file", *more)
        assert (ended.code, ended.out) == (code, b"")
        assert ended.err.startswith("Error: ")
    assert taglake("header", tmp_path).code == 2
    assert taglake("header", tmp_path / "missing").code == 3


def test_metadata_has_a_line_for_every_file(rich: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_instance(folder / "a", 1)
    (folder / "notes.txt").write_text("x", "utf-8")
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.write(rich, "deep/rich")
        archive.writestr("none", b"x")
    ended = taglake("metadata", folder)
    lines = [json.loads(line) for line in ended.out.splitlines()]
    assert (ended.code, ended.err) == (0, "4 files: 2 not_dicom, 2 ok.\n")
    by_name = {line["uri"].removeprefix(f"{folder}/"): line for line in lines}
    assert {name: line["status"] for name, line in by_name.items()} == {
        "a": "ok", "b.zip!/deep/rich": "ok", "b.zip!/none": "not_dicom", "notes.txt": "not_dicom"
    }  # fmt: skip
    elements = by_name["b.zip!/deep/rich"]["elements"]
    expected = {element.path for element in describe(rich).elements}
    assert set(elements) == expected
    assert elements["00180081"] == {
        "keyword": "EchoTime",
        "vr": "DS",
        "text": "4.50",
        "number": 4.5,
    }
    assert elements["00291001"]["creator"] == "ACME 1.0"
    assert elements["00540016[11].00181074"]["number"] == 1.0
    assert set(by_name["notes.txt"]) == {"uri", "size", "status", "reason", "elements"}


def test_metadata_obeys_the_caps(rich: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(5):
            archive.write(rich, str(number))
    ended = taglake("metadata", tmp_path / "many.zip", "--max-members", "2")
    statuses = [json.loads(line)["status"] for line in ended.out.splitlines()]
    assert statuses == ["ok", "ok", "error"]


def test_metadata_of_nothing(tmp_path: Path) -> None:
    assert taglake("metadata", tmp_path).code == 1
    ended = taglake("metadata", tmp_path / "missing", "-o", tmp_path / "out.jsonl")
    assert (ended.code, ended.out) == (3, b"")
    assert not list(tmp_path.iterdir())


def _comparable(model: Any) -> Any:
    """Both sides' JSON without what two readers may spell differently: binary and empty values."""
    made = {}
    for tag, found in model.items():
        if found["vr"] in BINARY or tag.endswith("0000"):
            continue
        value = found.get("Value", [])
        if found["vr"] == "SQ":
            made[tag] = [_comparable(item) for item in value]
        elif any(one not in (None, "", {}) for one in value):
            # Ours are as short as a float can be told, pydicom's are those as doubles: the same.
            floats = found["vr"] == "FL"
            made[tag] = [np.float32(one) for one in value] if floats else _null_for_empty(value)
    return made


@needs_dicom
def test_real_files_give_what_pydicom_gives() -> None:
    compared = 0
    for path in sorted(p for p in DICOM.rglob("*.dcm") if "_malformed" not in p.parts)[::29]:
        described = describe(path)
        if described.status != "ok" or len(described.elements) > 20_000:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                expected = pydicom.dcmread(path, stop_before_pixels=True).to_json_dict(
                    bulk_data_threshold=1 << 40, suppress_invalid_tags=False
                )
            except Exception:  # values that pydicom's JSON refuses
                continue
        ours, theirs = _comparable(data_set(described.elements)), _comparable(expected)
        assert {tag: ours.get(tag) for tag in theirs} == theirs, path.name
        compared += 1
    assert compared > 20
