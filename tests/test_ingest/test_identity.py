"""Who was examined, by whom and where stays under ``phi/``.

The identifying strings of every file are collected with pydicom and searched for in every text of
every open table, nested and private elements included.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from datetime import date
from functools import cache

import numpy as np
import polars as pl
import pydicom
import pytest
from polars.testing import assert_frame_equal
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset

from app.demo import cohort_series
from app.demo.csa import IMAGE_FIELDS, SERIES_FIELDS, encode_csa2, phoenix_protocol
from app.demo.modules import INSTITUTION, OPERATOR, REFERRING_PHYSICIAN
from app.demo.writer import written_instances
from ingest.flatten import Sides, flatten
from ingest.flatten.identity import identifies
from ingest.header.keys import Key, Keys
from ingest.part import FileRow, Part
from ingest.schema import TABLES
from ingest.schema.identifiers import IDENTIFYING
from tests.test_ingest.reader_samples import EXPLICIT, IMPLICIT, E, add, file_of, identity, text

SECRET = bytes(range(32))
FOLDER = "/archive/Demo_Lagoon 19600912"
"""Where the cohort's files pretend to lie: paths identify too."""


# --- reading


@cache
def cohort() -> tuple[dict[str, Sides], list[bytes]]:
    """The tables of the demo cohort, some files of each series, and those files."""
    part, files = Part(), []
    for it in cohort_series():
        for index, written in enumerate(written_instances(it)):
            if index < 8:
                files.append(written.content)
                add(part, written.content, f"{FOLDER}/{it.patient_id}/{index}")
    part.add_row(FileRow(f"{FOLDER}/notes", f"{FOLDER}/a.zip", 1, 1, "error", "Permission denied"))
    return flatten(part, 3, "run", SECRET), files


def texts(frame: pl.DataFrame | None) -> Iterator[str]:
    """Every text in a table, once."""
    if frame is None:
        return
    for column in frame.iter_columns():
        if column.dtype == pl.List(pl.String):
            column = column.explode(empty_as_null=True)
        if column.dtype == pl.String:
            yield from column.drop_nulls().unique().to_list()


def everything(tables: dict[str, Sides], side: str) -> str:
    """All text of the open or of the phi tables."""
    return "\n".join(t for sides in tables.values() for t in texts(getattr(sides, side)))


# --- who the cohort is about


def identifiers_of(data: bytes) -> set[str]:
    """The values of identifying elements of a file, wherever they stand, as pydicom reads them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = pydicom.dcmread(io.BytesIO(data), force=True, stop_before_pixels=True)
            return set(_identifiers(found, inside=False))
        except Exception:  # broken on purpose, in a way that pydicom does not read
            return set()


def _identifiers(found: Dataset, *, inside: bool) -> Iterator[str]:
    for element in found:
        if int(element.tag) in FREE_TEXT:
            continue
        own = inside or int(element.tag) in IDENTIFYING or element.VR == "PN"
        if element.VR == "SQ":
            for item in element.value:
                yield from _identifiers(item, inside=own)
        elif own and element.VR not in ("OB", "OW", "UN", "UI"):
            values = element.value if element.VM > 1 else [element.value]
            yield from (str(value) for value in values if value not in (None, ""))


FREE_TEXT = {0x0040A160, 0x00420010}
"""TextValue and DocumentTitle identify, as anything may stand in them; in the cohort it is what
stands in descriptions too."""
NOT_TELLING = {"UNKNOWN", "ANONYMOUS", "NONE"}


def test_nothing_that_identifies_is_in_an_open_table() -> None:
    tables, files = cohort()
    who = set().union(*map(identifiers_of, files[::5]))
    telling = {value for value in who if len(value) > 4 and value.upper() not in NOT_TELLING}
    telling -= {value for value in telling if "\ufffd" in value}  # replaced otherwise than here
    assert len(telling) > 100
    for known in (INSTITUTION, OPERATOR, REFERRING_PHYSICIAN, "DEMO-0001", "Demo^Lagoon"):
        assert known in telling
    opened, hidden = everything(tables, "open"), everything(tables, "phi")
    assert sorted(value for value in telling if value in opened) == []
    assert sorted(value for value in telling if value not in hidden) == []


def test_names_are_not_there_in_parts_either() -> None:
    """Neither the family names alone, nor names as paths or CSA headers may write them."""
    tables, _ = cohort()
    opened = everything(tables, "open").casefold()
    names = {it.patient.name for it in cohort_series()}
    family = {name.partition("^")[2] or name for name in names} - {""}
    assert len(family) > 10
    for name in {*names, *(name.replace("^", " ") for name in names if name)} - {""}:
        assert name.casefold() not in opened
    for folder in (FOLDER, FOLDER.rpartition("/")[2], "a.zip"):
        assert folder.casefold() not in opened
        assert folder in everything(tables, "phi")


def test_birth_dates_are_no_dates_of_an_open_table() -> None:
    tables, _ = cohort()
    born = {
        date(int(d[:4]), int(d[4:6]), int(d[6:]))
        for it in cohort_series() if re.fullmatch(r"\d{8}", d := it.patient.birth_date)
    }  # fmt: skip
    assert len(born) > 10
    for sides in tables.values():
        for column in sides.open.iter_columns() if sides.open is not None else ():
            if column.dtype == pl.Date:
                assert not born & set(column.drop_nulls().to_list()), column.name
    phi = tables["instances"].phi
    assert phi is not None
    assert len(born & set(phi["PatientBirthDate"].to_list())) > 10


def test_the_two_sides_of_a_table() -> None:
    """Each has the columns of the schema, and rows are told apart by the same key."""
    tables, _ = cohort()
    for name, sides in tables.items():
        table = TABLES[name]
        rows_are_split = name in ("header_elements", "instance_elements")
        if sides.open is not None:
            expected = table.schema() if rows_are_split else table.schema(phi=False)
            assert dict(sides.open.schema) == expected, name
        if sides.phi is not None and not rows_are_split:
            key = {k: v for k, v in table.schema().items() if k in table.key}
            assert dict(sides.phi.schema) == {**key, **table.schema(phi=True)}, name
            assert sides.open is not None
            assert sides.phi[table.key[0]].to_list() == sides.open[table.key[0]].to_list()
    assert {name for name, sides in tables.items() if sides.phi is not None} == {
        "files", "instances", "header_elements", "instance_elements",
    }  # fmt: skip


def test_elements_are_on_the_side_their_keys_are_on() -> None:
    tables, _ = cohort()
    keys = tables["element_keys"].open
    assert keys is not None
    for name in ("header_elements", "instance_elements"):
        used = []
        for frame in tables[name]:
            assert frame is not None
            used.append(set(frame["key_id"].to_list()))
        assert not used[0] & used[1]
    phi = tables["header_elements"].phi
    assert phi is not None
    paths = set(phi.join(keys, on="key_id")["path"].to_list())
    assert {"00100010", "00100020", "00100030", "00080080", "00081010"} <= paths


# --- a file that hides names in every place there is

MARK = "Muster"


def hiding(number: int, syntax: str) -> bytes:
    """Marked values in standard, nested, private, unknown and decoded elements."""

    def name(place: str) -> str:
        return f"{MARK}^{place}{number}"

    def items(tag: int, *elements: E) -> E:
        return E(tag, "SQ", (tuple(elements),))

    def code(place: str) -> tuple[E, ...]:
        return (text(0x00080100, "SH", "1"), text(0x00080104, "LO", name(place)))

    image = encode_csa2(IMAGE_FIELDS, {"ImageHistory": ["ok"]})
    free = phoenix_protocol({"tFree": name("free"), "lTotalScanTimeSec": number})
    series = encode_csa2(SERIES_FIELDS, {"MrPhoenixProtocol": [free], "CoilString": ["HEA"]})
    elements = [
        *identity(f"1.2.{number}"),
        text(0x00100010, "PN", name("patient")), text(0x00101001, "PN", name("other")),
        text(0x00100020, "LO", name("id")), text(0x00100030, "DA", f"{MARK}{number}"),
        text(0x00101000, "LO", f"{name('ids')}\\{name('more')}"), text(0x00104000, "LT", name("c")),
        items(0x00101002, text(0x00100020, "LO", name("inner"))),
        items(0x00080082, *code("institution")), items(0x00321031, *code("requests")),
        items(0x00400275, text(0x00400009, "SH", name("step")), text(0x00401001, "SH", name("rp"))),
        items(0x04000561, items(0x04000550, text(0x00081030, "LO", name("before")))),
        items(0x0040A730, text(0x0040A123, "PN", name("observer")),
              text(0x0040A160, "UT", name("says"))),
        text(0x00080090, "PN", name("referring")), text(0x00081070, "PN", name("operator")),
        text(0x00080050, "SH", f"{MARK}{number}"), text(0x00081010, "SH", f"{MARK}{number}"),
        text(0x00204000, "LT", name("comments")), text(0x0008114B, "LO", "harmless"),
        text(0x00090010, "LO", "ACME 1.0"), text(0x00091001, "LO", name("private")),
        text(0x00091002, "PN", name("person")), E(0x00091003, "UN", name("bytes").encode()),
        items(0x00091004, text(0x00091004, "LO", name("deep")), text(0x00100010, "PN", name("pn"))),
        text(0x00189996, "LO", name("nonstandard")), text(0x0040A075, "LO", name("verifier")),
        text(0x00092001, "LO", name("ownerless")), E(0x00189998, "UN", name("unknown").encode()),
        text(0x00290010, "LO", "SIEMENS CSA HEADER"),
        E(0x00291010, "OB", image), E(0x00291020, "OB", series),
        text(0x00020016, "AE", f"{MARK}{number}"),
    ]  # fmt: skip
    return file_of(elements, syntax, f"1.2.{number}")


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("number", [1, 7])
def test_names_in_every_place(number: int, syntax: str) -> None:
    """Read alone and as a series, in which all of them vary."""
    part = Part()
    for index in range(number):
        add(part, hiding(index, syntax), f"/{MARK}/{index}")
    tables = flatten(part, 0, "run", SECRET)
    assert part.files[-1].status == "ok"
    opened, hidden = everything(tables, "open"), everything(tables, "phi")
    assert MARK not in opened
    places = {m[1] for m in re.finditer(rf"{MARK}\^([a-z]+)", hidden)}
    assert len(places) >= 24
    problems = tables["problems"].open
    assert problems is not None
    assert "00100030" in problems["path"].to_list()  # told, and not quoted


# --- the schema


def test_columns_that_identify_are_declared_so() -> None:
    for table in TABLES.values():
        for column in table.columns:
            tags = re.findall(r"(?<![0-9A-Fx])([0-9A-F]{8})(?![0-9A-F])", " ".join(column.source))
            telling = [tag for tag in tags if int(tag, 16) in IDENTIFYING]
            telling += [tag for tag in tags if _vr(int(tag, 16)) == "PN"]
            assert not telling or column.phi, (table.name, column.name)
            plain = [source for source in column.source if re.fullmatch("[0-9A-F]{8}", source)]
            if column.phi and plain and table.name == "instances":
                numbers = [int(tag, 16) for tag in plain]
                assert any(n in IDENTIFYING or _vr(n) == "PN" for n in numbers), column.name


def _vr(tag: int) -> str:
    try:
        return str(dictionary_VR(tag))
    except KeyError:
        return ""


@pytest.mark.parametrize("keyword", [
    "PatientName", "PatientID", "OtherPatientIDs", "PatientBirthDate", "PatientBirthName",
    "PatientMotherBirthName", "PatientAddress", "PatientTelephoneNumbers", "PatientComments",
    "AccessionNumber", "InstitutionName", "InstitutionAddress", "InstitutionalDepartmentName",
    "ReferringPhysicianName", "PerformingPhysicianName", "NameOfPhysiciansReadingStudy",
    "PhysiciansOfRecord", "RequestingPhysician", "OperatorsName", "ReviewerName",
    "ContentCreatorName", "VerifyingObserverName", "PersonName", "StationName", "StationAETitle",
    "DeviceSerialNumber", "StudyID", "AdmissionID", "ImageComments", "TextValue",
    "PersonAddress", "PersonTelephoneNumbers", "ClinicalTrialSubjectID", "Occupation",
])  # fmt: skip
def test_what_everybody_knows_to_identify(keyword: str) -> None:
    tag = pydicom.datadict.tag_for_keyword(keyword)
    assert tag is not None
    assert identifies(Key("", tag, _vr(tag)))
    assert identifies(Key("00400275[0].", tag, _vr(tag)))
    assert identifies(Key("", tag, "LO"))  # under another VR too


@pytest.mark.parametrize("keyword", [
    "StudyInstanceUID", "StudyDate", "StudyDescription", "SeriesDescription", "ProtocolName",
    "Modality", "Manufacturer", "PatientSex", "PatientAge", "PatientWeight", "EchoTime", "KVP",
])  # fmt: skip
def test_what_research_needs_stays_open(keyword: str) -> None:
    tag = pydicom.datadict.tag_for_keyword(keyword)
    assert tag is not None
    assert not identifies(Key("", tag, _vr(tag)))


def test_tables_are_the_same_if_every_key_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Keys.each` looks at one of those that stand in items alike."""
    tables, files = cohort()
    part = Part()
    for number, data in enumerate(files):
        add(part, data, str(number))
    looked_at: list[Key] = []
    part.vocabulary.keys.each(looked_at.append)
    assert len(looked_at) < len(part.vocabulary.keys) - 1000
    keys = part.vocabulary.keys
    monkeypatch.setattr(keys, "examples", list(keys))
    monkeypatch.setattr(Keys, "kinds", property(lambda keys: np.arange(len(keys))))
    for name, sides in flatten(part, 3, "run", SECRET).items():
        for one, other in zip(sides, tables[name], strict=True):
            assert (one is None) == (other is None)
            if one is not None and other is not None and name != "files":
                assert_frame_equal(one, other)
