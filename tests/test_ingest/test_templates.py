"""Templates: what an entry may be, what is wrong with a file in a sentence, a databank's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

from ingest import templates
from ingest.lake import databank
from ingest.schema import TABLES
from ingest.templates import TemplateInvalid, defaults, entry, parse, read
from ingest.templates.entry import EntryInvalid, columns
from ingest.templates.template import MAX_BYTES

COMMON = [
    "Modality", "StudyDate", "StudyInstanceUID", "SeriesInstanceUID", "PatientID",
    "AccessionNumber", "SeriesNumber", "SeriesDate", "SeriesTime", "SeriesDescription",
    "BodyPartExamined", "PatientPosition", "Manufacturer", "ManufacturerModelName", "StationName",
    "ProtocolName", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit",
    "PixelRepresentation", "PhotometricInterpretation", "WindowCenter", "WindowWidth",
    "SOPInstanceUID", "InstanceNumber", "SamplesPerPixel", "FirstSOPInstanceUID",
    "MiddleSOPInstanceUID", "dcm", "metafilename",
]  # fmt: skip


def text(*entries: str, **more: Any) -> str:
    return json.dumps({"columns": list(entries), **more})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    databank.create(tmp_path / "bank")
    return tmp_path / "bank"


def own(root: Path, name: str, content: str | bytes) -> None:
    (root / "templates").mkdir(exist_ok=True)
    (root / "templates" / f"{name}.json").write_bytes(
        content.encode() if isinstance(content, str) else content
    )


# Those that come with Taglake.


def test_the_defaults() -> None:
    found = defaults()
    assert set(found) == {"common", "mr", "ct", "dx", "mg", "pt", "nm"}
    library = templates.Library(found)
    used = {m: library.of(m).name for m in ("MR", "CT", "DX", "CR", "DR", "MG", "PT", "NM", "US")}
    assert used == {
        "MR": "mr", "CT": "ct", "DX": "dx", "CR": "dx", "DR": "dx", "MG": "mg", "PT": "pt",
        "NM": "nm", "US": "common",
    }  # fmt: skip
    assert library.of(None).name == "common"
    for name in found:
        names = [one.name for one in library.entries(name)]
        assert names[: len(COMMON)] == COMMON
        assert len(set(names)) == len(names)
        rows = {"dx": "instances", "mg": "instances"}.get(name, "series")
        assert found[name].rows == rows
    numbers = {name: len(library.entries(name)) - len(COMMON) for name in found}
    assert {n: numbers[n] for n in ("mr", "ct", "dx", "mg")} == {
        "mr": 24, "ct": 16, "dx": 18, "mg": 15,
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(defaults()))
def test_what_is_written_reads_the_same(name: str) -> None:
    one = defaults()[name]
    assert parse(name, templates.text(one), TABLES) == one


# An entry.


@pytest.mark.parametrize(
    ("written", "name", "source"),
    [
        ("EchoTime", "EchoTime", ""), ("00180081", "EchoTime", ""), ("(0018,0081)", "EchoTime", ""),
        ("0018,0081", "EchoTime", ""), ("(0018, 0081)", "EchoTime", ""),
        (" b_value ", "b_value", ""), ("HeartRate", "HeartRate", "00181088"),
        ("0008103e", "SeriesDescription", ""), ("dcm", "dcm", ""),
        ("(0018,1088)", "HeartRate", "00181088"),
        ("(2001,xx03) Philips Imaging DD 001", "(2001,xx03) Philips Imaging DD 001",
         "(2001,xx03) Philips Imaging DD 001"),
        ("(2001,1003)  Philips Imaging DD 001", "(2001,xx03) Philips Imaging DD 001",
         "(2001,xx03) Philips Imaging DD 001"),
        ("RotationInformationSequence/ScanArc", "RotationInformationSequence/ScanArc",
         "00540052/00181143"),
        ("00540052/00181143", "RotationInformationSequence/ScanArc", "00540052/00181143"),
        ("52009230/(2005,xx0E) Philips MR Imaging DD 001",
         "PerFrameFunctionalGroupsSequence/(2005,xx0E) Philips MR Imaging DD 001",
         "52009230/(2005,xx0E) Philips MR Imaging DD 001"),
    ],
)  # fmt: skip
def test_entries(written: str, name: str, source: str) -> None:
    found = entry(written, TABLES)
    assert (found.name, found.source) == (name, source)
    assert (found.column is None) == (bool(source) or name == "dcm")


@pytest.mark.parametrize("keyword", ["HeartRate", "ReasonForStudy", "ReferencedImageSequence"])
def test_elements_are_those_of_the_dictionary(keyword: str) -> None:
    found = entry(keyword, TABLES)
    tag = tag_for_keyword(keyword)
    assert tag is not None
    assert (found.source, found.vr) == (f"{tag:08X}", dictionary_VR(tag))
    assert keyword_for_tag(int(found.source, 16)) == found.name


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", "empty"), ("  ", "empty"), ("x" * 300, "too long"), ("Echo\x00Time", "not plain text"),
        ("EchoTim", "Did you mean EchoTime"), ("echotime", "Did you mean EchoTime"),
        ("patientID", "Did you mean PatientID"), ("Zzzzzqqq", "neither a DICOM keyword"),
        ("0018008", "eight digits"), ("(0018;0081)", "eight digits"), ("001800811", "eight digits"),
        ("00181FFF", "not a tag that the DICOM standard has"),
        ("20011003", r"needs its creator: \(2001,xx03\) CREATOR"),
        ("(2001,1003)", "needs its creator"), ("(2001,xx03)", "is not a tag"),
        ("(0018,xx81) ACME", "is even"), ("EchoTime/ScanArc", "not a sequence"),
        ("instance_id", "neither a DICOM keyword"),
        ("/".join(["ReferencedImageSequence"] * 12), "(nested too deep|too long)"),
    ],
)  # fmt: skip
def test_entries_that_mean_nothing(written: str, sentence: str) -> None:
    with pytest.raises(EntryInvalid, match=sentence):
        entry(written, TABLES)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_an_entry_or_told_why_not(written: str) -> None:
    try:
        found = entry(written, TABLES)
    except EntryInvalid as error:
        told = str(error)
        assert told.endswith((".", "?"))
        return
    assert found.name in {*columns(TABLES), *templates.FILE_COLUMNS} or found.source
    assert entry(found.name, TABLES) == found


# A file.


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "it is empty"), ("   ", "it is empty"), (b"\xff\xfe\x00", "not UTF-8"),
        ('{"columns": [}', r"not JSON: Expecting value \(line 1, column 14\)"),
        ("[" * 100_00, "not JSON that a template can be"),
        ('{"columns": [' + "1" * 5000 + "]}", "not JSON that a template can be"),
        ("[]", "must be an object"), ("{}", "columns must be a list"),
        ('{"columns": []}', "columns is empty"), ('{"columns": "EchoTime"}', "list of texts"),
        ('{"columns": [1]}', "list of texts"), ('{"colums": ["Rows"]}', "did you mean columns"),
        ('{"columns": ["Rows"], "columns": ["Columns"]}', "columns is there twice"),
        (text("Rows", "Rows"), "Rows is there twice"),
        (text("EchoTime", "00180081"), "EchoTime is there twice, as EchoTime and 00180081"),
        (text("Rowz", "Colums"), "Rowz is neither.*Did you mean.*Colums is neither"),
        (text(*(f"Zz{n}" for n in range(9))), "And 4 more"),
        (text("Rows", rows="study"), "rows is series or instances"),
        (text("Rows", modalities=["mr"]), "mr is not a modality"),
        (text("Rows", modalities=["MR", "MR"]), "modalities has an entry twice"),
        (text("Rows", include=["x"]), ""), (text("Rows", include=["mine"]), "another template"),
        (text("Rows", include=["../x"]), "another template"),
        (text("Rows", description="x" * 501), "up to 500"),
        (text(*(f"Zz{n}" for n in range(501))), "500 entries and no more"),
        (text("Rows") + " " * MAX_BYTES, "too large"),
        ('{"columns": ["\\ud800"]}', "not plain text"),
    ],
)  # fmt: skip
def test_files_with_mistakes(content: str | bytes, sentence: str) -> None:
    if not sentence:
        assert parse("mine", content, TABLES).include == ("x",)
        return
    with pytest.raises(TemplateInvalid, match=sentence) as told:
        parse("mine", content, TABLES)
    assert str(told.value).startswith("Template mine: ")


@pytest.mark.parametrize("name", ["", "MR", "a/b", "../a", "1a", "a" * 33, "a.json"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(TemplateInvalid, match="small letters"):
        parse(name, text("Rows"), TABLES)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_content_is_a_template_or_told_why_not(content: bytes | str) -> None:
    with pytest.raises(TemplateInvalid, match=r"^Template mine: "):
        parse("mine", content, TABLES)


# A databank's own.


def test_own_templates_come_before_defaults(root: Path) -> None:
    assert read(root).own == frozenset()
    own(root, "mr", text("EchoTime", modalities=["MR"]))
    own(
        root, "us", text("TransducerFrequency", "Rows", modalities=["US", "CT"], include=["common"])
    )
    library = read(root)
    assert library.own == {"mr", "us"}
    assert [e.name for e in library.entries("mr")] == ["EchoTime"]
    assert (library.of("US").name, library.of("CT").name, library.of("PT").name) == (
        "us", "us", "pt",
    )  # fmt: skip
    # What an included template has already is there once.
    assert [e.name for e in library.entries("us")] == [*COMMON, "TransducerFrequency"]
    templates.remove(root, "mr")
    assert len(read(root).entries("mr")) == 56
    given = parse("mine", text("Rows", modalities=["CT"]), TABLES)
    assert library.with_given(given).of("CT").name == "mine"


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"mr": "{"}, "Template mr: it is not JSON"),
        ({"Big": text("Rows")}, "small letters"),
        ({"a": text("Rows", include=["b"])}, "includes b, but there are only"),
        ({"a": text("Rows", include=["b"]), "b": text("Columns", include=["a"])},
         "includes [ab], which includes it"),
        ({"a": text("Rows", modalities=["US"]), "b": text("Rows", modalities=["US"])},
         "US has a template of this databank already, a"),
        ({"common": text("Rows", include=["mr"])}, "which includes it"),
    ],
)  # fmt: skip
def test_own_templates_with_mistakes(root: Path, files: dict[str, str], sentence: str) -> None:
    for name, content in files.items():
        own(root, name, content)
    library = read(root)
    assert library.troubles
    with pytest.raises(TemplateInvalid, match=sentence):
        raise library.troubles[0]
    for name in library.templates:
        assert library.entries(name), "what is left can be used"
    assert len(read(root).entries("mr")) == 56


def test_writing(root: Path) -> None:
    before = templates.edition(root)
    templates.write(root, "us", text("Rows", modalities=["US"]))
    assert templates.edition(root) != before
    assert read(root).of("US").name == "us"
    with pytest.raises(TemplateInvalid, match="US has a template of this databank already, us"):
        templates.write(root, "us2", text("Rows", modalities=["US"]))
    with pytest.raises(TemplateInvalid, match="Rowz"):
        templates.write(root, "us", text("Rowz"))
    assert [e.name for e in read(root).entries("us")] == ["Rows"]
    # A file that cannot be used does not stop its own correction.
    own(root, "us", "{")
    assert read(root).troubles
    templates.write(root, "us", text("Columns", modalities=["US"]))
    assert not read(root).troubles
    templates.remove(root, "us")
    templates.remove(root, "us")
    assert read(root).own == frozenset()


def test_columns_of_the_databank_can_be_named(root: Path) -> None:
    (root / "columns.toml").write_text(
        '[columns.TubeAngle]\nsource = "(0019,xx8F) GEMS_ACQU_01"\ntype = "number"\nphi = false\n'
    )
    templates.write(root, "ct", text("TubeAngle", modalities=["CT"]))
    (found,) = read(root).entries("ct")
    assert found.column is not None
