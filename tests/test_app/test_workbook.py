"""The workbook: cells by hand, all cells of the demo against the lake, and what a cell can't do."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pydicom
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from app import queries
from app.errors import QueryFailed, StatementRefused
from app.export import sheet as limits
from app.export.cells import flat_column
from app.export.workbook import (
    SHEETS,
    Workbook,
    count,
    estimate,
    options,
    prepared,
    preview,
    write,
)
from app.filters import Filters
from app.queries import Databank
from ingest import templates
from ingest.schema import TABLES
from tests.in_process import ingested
from tests.test_app.command_line import taglake

CLASSES = {
    "MR": "1.2.840.10008.5.1.4.1.1.4", "CT": "1.2.840.10008.5.1.4.1.1.2",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1", "OT": "1.2.840.10008.5.1.4.1.1.7",
}  # fmt: skip
FIRST = [
    "SeriesFolder", "FileName", "SampleFileName", "FileIndex", "TotalFilesInSeries",
    "FilesReadForMetadata", "PatientID", "AccessionNumber", "StudyDate", "Modality",
    "SeriesNumber", "SeriesDescription", "InstanceNumber",
]  # fmt: skip
SUMMARY = [
    "SeriesFolder", "FileCount", "Modality", "SeriesDescription", "PatientID", "AccessionNumber",
    "StudyDate",
]  # fmt: skip
PRIVATE = "(2001,xx03) Philips Imaging DD 001"
UNSAFE = "(0051,xx0C) ACME HEADER"
ODD = {
    "PatientID": "00123", "AccessionNumber": "+5", "SeriesDescription": "=1+1",
    "ProtocolName": "＠SUM(A1)", "StationName": "-a", "ReasonForStudy": "\tx",
}  # fmt: skip
"""Texts that a spreadsheet might take for something else."""


def save(place: Path, study: int, series: int, number: int, modality: str, **more: Any) -> None:
    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 192"
    data.SOPClassUID, data.Modality = CLASSES[modality], modality
    data.SOPInstanceUID = f"1.2.3.{study}.{series}.{number}"
    data.StudyInstanceUID, data.SeriesInstanceUID = f"1.2.3.{study}", f"1.2.3.{study}.{series}"
    data.SeriesNumber, data.InstanceNumber = series, number
    data.PatientID, data.StudyDate = f"0{study}", f"2024010{study}"
    data.SeriesDescription = f"series {series}"
    data.ImagePositionPatient, data.ImageOrientationPatient = [0, 0, number], [1, 0, 0, 0, 1, 0]
    data.Rows = data.Columns = 4
    for keyword, value in more.items():
        setattr(data, keyword, value)
    if modality == "MR":
        # The block is not the usual one: the creator says where it is.
        data.private_block(0x2001, "Philips Imaging DD 001", create=True)
        other = data.private_block(0x2001, "OTHER", create=True)
        other.add_new(0x03, "FL", 7.0)
        data.private_block(0x2001, "Philips Imaging DD 001").add_new(0x03, "FL", 500.0 * number)
        data.private_block(0x0051, "ACME HEADER", create=True).add_new(0x0C, "LO", "Smith^Ann")
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    place.parent.mkdir(parents=True, exist_ok=True)
    data.save_as(place, enforce_file_format=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, demo_lake: Path) -> Iterator[Path]:
    """A home with the databanks ``own``, made by hand, and ``demo``."""
    home = tmp_path_factory.mktemp("workbook")
    files = home / "files"
    # Slice order is not the order of the names: IM2 is first.
    save(files / "a/IM2", 1, 1, 1, "MR", EchoTime=10.0, ImageType=["ORIGINAL", "M"], HeartRate=60,
         SeriesTime="081530.5", WindowCenter=40, EchoNumbers=1, **ODD)  # fmt: skip
    save(files / "a/IM1", 1, 1, 2, "MR", EchoTime=2.5, ImageType=["ORIGINAL", "P"], HeartRate=60,
         SeriesTime="081530.5", WindowCenter=40, EchoNumbers=2, **ODD)  # fmt: skip
    save(files / "b/IM1", 1, 2, 1, "MR", EchoTime=5.0, WindowCenter=[40, 400],
         PatientID="00123", AccessionNumber="+5")  # fmt: skip
    rotation = Dataset()
    rotation.ScanArc = 360
    save(files / "c/X1", 2, 1, 2, "DX", ViewPosition="PA", KVP=81.0, HeartRate=70)
    save(files / "c/X2", 2, 1, 1, "DX", ViewPosition="LAT", KVP=90.0, HeartRate=71,
         RotationInformationSequence=Sequence([rotation]))  # fmt: skip
    save(files / "d/CT", 2, 2, 1, "CT", SeriesDescription="x" * 60, KVP=120.0)
    save(files / "e/OT", 3, 1, 1, "OT", SeriesDescription="a\x0bb\r\nc", StudyDate="18991231")
    ingested(files, home / "databanks" / "own")
    shutil.copytree(demo_lake, home / "databanks" / "demo")
    yield home
    shutil.rmtree(home)


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(home))


@pytest.fixture
def own(home: Path) -> Databank:
    return Databank(home / "databanks" / "own", identifiers=True)


def written(wanted: Workbook) -> bytes:
    file = io.BytesIO()
    write(wanted, file)
    return file.getvalue()


made = cache(written)
"""The databanks stay as they are, and several tests look at the same choice."""


def read(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


@cache
def opened(wanted: Workbook) -> openpyxl.Workbook:
    return read(made(wanted))


def rows(page: Worksheet) -> list[dict[str, Any]]:
    header, *found = page.iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in found]


def header(page: Worksheet) -> list[str]:
    return [str(cell.value) for cell in page[1]]


def template(name: str, *columns: str, **more: Any) -> tuple[str, str]:
    return name, json.dumps({"columns": list(columns), **more})


# Cells, by hand.


def test_series_and_images_by_hand(own: Databank, home: Path) -> None:
    book = opened(Workbook(own))
    assert book.sheetnames[:2] == ["DICOM_Metadata", "Series_Summary"]
    assert book.sheetnames[-3:] == ["Findings", "Dictionary", "Provenance"]
    page = book["DICOM_Metadata"]
    assert header(page)[:13] == FIRST
    found = rows(page)
    # By study date: a series without a file before 1900 comes first; a row for each DX image.
    assert [(r["Modality"], r["SeriesNumber"], r["FileIndex"]) for r in found] == [
        ("OT", 1, 1), ("MR", 1, 1), ("MR", 2, 1), ("DX", 1, 1), ("DX", 1, 2), ("CT", 2, 1),
    ]  # fmt: skip
    mr, second, lat, pa = found[1:5]
    assert list(mr.values())[:13] == [
        str(home / "files/a"), "IM2", "IM2", 1, 2, 2, "00123", "+5", datetime(2024, 1, 1), "MR", 1,
        "=1+1", 1,
    ]  # fmt: skip
    assert mr["dcm"] == str(home / "files/a/IM2")
    assert mr["metafilename"] == "IM2"
    assert (mr["EchoTime"], second["EchoTime"]) == ("2.5\\10.0", 5)
    assert (mr["EchoNumbers"], second["EchoNumbers"]) == ("1 | 2", None)
    assert mr["ImageType"] == "ORIGINAL\\M | ORIGINAL\\P"
    assert (mr["WindowCenter"], second["WindowCenter"]) == (40, "40.0\\400.0")
    assert mr["SeriesTime"] == time(8, 15, 30, 500000)
    assert (mr["SOPInstanceUID"], mr["MiddleSOPInstanceUID"]) == ("1.2.3.1.1.1", "1.2.3.1.1.2")
    assert mr["b_value"] == "500.0\\1000.0"
    of_images = ("FileName", "SampleFileName", "ViewPosition", "KVP", "InstanceNumber")
    assert [lat[name] for name in of_images] == ["X2", "X2", "LAT", 90, 1]
    assert [pa[name] for name in of_images] == ["X1", "X2", "PA", 81, 2]
    assert [r["TotalFilesInSeries"] for r in (lat, pa)] == [2, 2]
    summary = rows(book["Series_Summary"])
    assert header(book["Series_Summary"]) == SUMMARY
    assert [(r["SeriesFolder"], r["FileCount"], r["Modality"]) for r in summary] == [
        (str(home / f"files/{f}"), n, m)
        for f, n, m in (("e", 1, "OT"), ("a", 2, "MR"), ("b", 1, "MR"), ("c", 2, "DX"),
                        ("d", 1, "CT"))
    ]  # fmt: skip


def test_odd_texts_stay_as_they_are(own: Databank) -> None:
    given = template("mr", "ProtocolName", "StationName", "ReasonForStudy", modalities=["MR"])
    wanted = Workbook(own, where="SeriesInstanceUID = '1.2.3.1.1'", templates=(given,))
    content = made(wanted)
    page = opened(wanted)["DICOM_Metadata"]
    (found,) = rows(page)
    # DICOM pads texts with spaces; a tab is no padding.
    assert {key: found[key] for key in ODD} == ODD
    assert not [c for row in page for c in row if c.data_type == "f"]
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert not [n for n in archive.namelist() if b"<f>" in archive.read(n)]


def test_types(own: Databank) -> None:
    page = opened(Workbook(own))["DICOM_Metadata"]
    names = header(page)
    ot, mr = page[2], page[3]

    def cell(row: Any, name: str) -> Any:
        return row[names.index(name)]

    assert cell(mr, "StudyDate").is_date
    assert cell(mr, "StudyDate").number_format == "yyyy\\-mm\\-dd"
    assert cell(mr, "SeriesTime").is_date
    assert cell(mr, "PatientID").data_type == "s"
    assert cell(mr, "Rows").data_type == "n"
    # Excel has no exact day before March 1900, and XML no vertical tab.
    assert (cell(ot, "StudyDate").value, cell(ot, "StudyDate").data_type) == ("1899-12-31", "s")
    assert cell(ot, "SeriesDescription").value == "ab\nc"
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == f"A1:{page.dimensions.split(':')[1]}"
    wide = page.column_dimensions
    assert wide["A"].width > wide["D"].width >= 8


def test_long_texts_are_cut_and_marked(own: Databank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_TEXT", 50)
    book = read(written(Workbook(own, where="Modality = 'CT'")))
    (row,) = rows(book["DICOM_Metadata"])
    assert row["SeriesDescription"] == "x" * 44 + " [cut]"
    told = [r["is"] for r in rows(book["Provenance"]) if r["what"] == "Note"]
    assert any(re.match(r"\d+ cells of Series_Summary", note) for note in told), told


def test_more_rows_than_a_sheet_holds(own: Databank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ROWS", 4)
    book = read(written(Workbook(own)))
    assert book.sheetnames[:3] == ["DICOM_Metadata", "DICOM_Metadata 2", "Series_Summary"]
    assert header(book["DICOM_Metadata 2"]) == header(book["DICOM_Metadata"])
    assert [page.max_row - 1 for page in book][:2] == [4, 2]
    pages = [page for page in book if page.title.startswith("Provenance")]
    told = [r["is"] for page in pages for r in rows(page) if r["what"] == "Note"]
    assert "DICOM_Metadata goes on on further sheets, 2 in all." in told


# Elements that are no columns.


def test_elements_are_read_by_path_tag_and_creator(own: Databank) -> None:
    asked = (PRIVATE, "HeartRate", "(0032,1030)", "RotationInformationSequence/ScanArc", UNSAFE)
    given = tuple(
        template(name, *asked, modalities=[m], include=["common"], rows=rows)
        for name, m, rows in (("mr", "MR", "series"), ("dx", "DX", "instances"))
    )
    wanted = Workbook(own, templates=given)
    found = rows(opened(wanted)["DICOM_Metadata"])
    cells = [
        tuple(r[n] for n in (PRIVATE, "HeartRate", "ReasonForStudy",
                             "RotationInformationSequence/ScanArc", UNSAFE))
        for r in found
    ]  # fmt: skip
    assert cells == [
        (None,) * 5,
        ("500.0\\1000.0", 60, "\tx", None, "Smith^Ann"),
        (500, None, None, None, "Smith^Ann"),
        (None, 71, None, 360, None),
        (None, 70, None, None, None),
        (None,) * 5,
    ]
    told = {r["column"]: r for r in rows(opened(wanted)["Dictionary"]) if r["sheet"] == SHEETS[0]}
    assert told["HeartRate"]["meaning"] == "Heart Rate"
    assert told["HeartRate"]["tag"] == "(0018,1088)"
    assert told[PRIVATE]["tag"] == PRIVATE
    assert told["EchoTime" if "EchoTime" in told else "Rows"]["unit"] in ("ms", "pixels", None)


def test_hidden_elements_are_not_read(own: Databank) -> None:
    given = template("mr", PRIVATE, UNSAFE, "PatientID", "StationName", modalities=["MR"])
    masked = Workbook(own._replace(identifiers=False), templates=(given,), where="Modality = 'MR'")
    mr = rows(opened(masked)["DICOM_Metadata"])[0]
    assert (mr[UNSAFE], mr["PatientID"], mr["AccessionNumber"], mr["StationName"]) == (None,) * 4
    assert mr["SeriesDescription"] == "=1+1"
    removed = Workbook(own, templates=(given,), where="Modality = 'MR'", deidentified=True)
    without = rows(opened(removed)["DICOM_Metadata"])[0]
    assert without[PRIVATE] == "500.0\\1000.0", "PS3.15 table E.3.10-1 has it"
    assert UNSAFE not in without
    assert list(without)[:13] == FIRST, "scripts expect them, be they empty"
    assert (without["SeriesDescription"], without["StudyDate"]) == (None, None)
    assert len(without["PatientID"]) == 32


# Identity.


def test_paths_are_told_only_with_identifiers(own: Databank, home: Path) -> None:
    for wanted in (
        Workbook(own._replace(identifiers=False)),
        Workbook(own, deidentified=True, shift_dates=True),
    ):
        content = made(wanted)
        archive = zipfile.ZipFile(io.BytesIO(content))
        inside = b"\n".join(archive.read(name) for name in archive.namelist())
        for secret in (str(home), "00123", "+5", "Smith"):
            # Not as digits of a pseudonym, in which any five may follow each other.
            assert not re.search(rf"(?<![\w.]){re.escape(secret)}(?!\w)".encode(), inside), secret
        book = opened(wanted)
        found = rows(book["DICOM_Metadata"])
        folders = {r["SeriesFolder"] for r in rows(book["Series_Summary"])}
        assert len(folders) == 5
        assert {r["SeriesFolder"] for r in found} == folders
        assert len({r["FileName"] for r in found}) == len({r["dcm"] for r in found}) == 6
        for r in found:
            assert r["dcm"] == f"{r['SeriesFolder']}/{r['FileName']}"
            assert r["FileName"] == f"{r['SOPInstanceUID']}.dcm"
            assert r["SeriesFolder"] == f"{r['StudyInstanceUID']}/{r['SeriesInstanceUID']}"


def test_uids_are_others_without_identity(own: Databank) -> None:
    found = rows(opened(Workbook(own, deidentified=True))["DICOM_Metadata"])
    assert not [r for r in found if r["SOPInstanceUID"].startswith("1.2.3")]
    shifted = Workbook(own, deidentified=True, shift_dates=True)
    days = {r["Modality"]: r["StudyDate"] for r in rows(opened(shifted)["DICOM_Metadata"])}
    assert days["MR"] < datetime(2024, 1, 1)
    assert days["DX"] == days["CT"]


# Every cell of the demo against the lake.

ANY = {"FileName", "SampleFileName", "SeriesFolder", "dcm", "metafilename", "FileIndex",
       "TotalFilesInSeries", "FilesReadForMetadata"}  # fmt: skip


def as_cell(value: Any) -> Any:
    """A value of the lake as openpyxl reads it."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day) if value.year >= 1900 else str(value)
    if isinstance(value, list):
        return as_cell(value[0]) if len(value) == 1 else "\\".join(map(str, value))
    return value or None if isinstance(value, str) else value


def several(values: list[Any]) -> Any:
    """What a series shows of the different values of its images."""
    lists = any(isinstance(value, list) for value in values)
    known = sorted({"\\".join(map(str, v)) if isinstance(v, list) else v for v in values})
    if len(known) == 1:
        return as_cell(values[0]) if lists else as_cell(known[0])
    return (" | " if lists else "\\").join(map(str, known)) if known else None


def test_every_cell_of_the_demo_is_that_of_the_lake(home: Path) -> None:
    bank = Databank(home / "databanks" / "demo", identifiers=True)
    lake = queries.lake(bank)
    book = opened(Workbook(bank))
    columns = {c.name: c for c in TABLES["instances"].columns}
    series_columns = TABLES["series"].schema()
    images = lake.query("FROM instances").to_dicts()
    by_series: dict[str, list[dict[str, Any]]] = {}
    for image in images:
        by_series.setdefault(image["SeriesInstanceUID"], []).append(image)
    of_series = {r["SeriesInstanceUID"]: r for r in lake.query("FROM series").to_dicts()}
    paths = dict(
        lake.query("SELECT SOPInstanceUID, uri FROM files WHERE status = 'ok'").iter_rows()
    )
    library = templates.read(bank.root)
    found = rows(book["DICOM_Metadata"])
    checked = 0
    for row in found:
        series = of_series[row["SeriesInstanceUID"]]
        members = by_series[row["SeriesInstanceUID"]]
        image = next(i for i in members if i["SOPInstanceUID"] == row["SOPInstanceUID"])
        by_image = library.of(row["Modality"]).rows == "instances"
        assert by_image or row["SOPInstanceUID"] == series["FirstSOPInstanceUID"]
        path = paths[row["SOPInstanceUID"]]
        assert (row["dcm"], f"{row['SeriesFolder']}/{row['FileName']}") == (path, path)
        assert path.endswith(row["metafilename"])
        assert paths[series["FirstSOPInstanceUID"]].endswith(f"/{row['SampleFileName']}")
        assert row["TotalFilesInSeries"] == row["FilesReadForMetadata"] == len(members)
        for name in row.keys() - ANY:
            checked += 1
            got = row[name]
            if name not in columns:
                if name in series:
                    assert got == as_cell(series[name]), name
                continue
            frames = {"EchoTime": "frame_echo_times", "b_value": "frame_b_values"}.get(name)
            if by_image or f"{name}_values" not in series_columns:
                shared = series.get(name) if not by_image else None
                wanted = shared if shared is not None else image[name]
                assert got == pytest.approx(as_cell(wanted)) if isinstance(got, float) else (
                    got == as_cell(wanted)
                ), (name, got, wanted)  # fmt: skip
                continue
            values = [i[name] for i in members if i[name] not in (None, [])]
            values += [v for i in members for v in (i[frames] or [] if frames else [])]
            assert got == several(values), (name, got, values[:5])
    assert checked > 20_000
    assert len(rows(book["Series_Summary"])) == len(of_series)
    first = [r["SeriesInstanceUID"] for r in found if r["FileIndex"] == 1]
    assert len(first) == len(set(first)) == len(of_series)
    findings = lake.query("SELECT count(*) FROM findings").item()
    assert len(rows(book["Findings"])) == findings


def test_file_index_is_slice_order(home: Path) -> None:
    bank = Databank(home / "databanks" / "demo")
    wanted = Workbook(bank, where="Modality = 'CT'", uses=(("CT", "dx"),))
    found = rows(opened(wanted)["DICOM_Metadata"])
    lake = queries.lake(bank)
    positions = dict(
        lake.query("SELECT SOPInstanceUID, slice_position_mm FROM instances").iter_rows()
    )
    by_series: dict[str, list[float]] = {}
    for row in found:
        by_series.setdefault(row["SeriesInstanceUID"], []).append(positions[row["SOPInstanceUID"]])
        assert row["FileIndex"] == len(by_series[row["SeriesInstanceUID"]])
    stacks = [stack for stack in by_series.values() if None not in stack]
    assert len(stacks) > 20
    assert all(stack == sorted(stack) for stack in stacks)


def test_cleaned_series_have_their_columns_in_order(home: Path) -> None:
    if "mr_cleaned" not in TABLES:
        pytest.skip("the lake has no table mr_cleaned")
    from ingest.schema.mr import MR_CLEANED

    bank = Databank(home / "databanks" / "demo", identifiers=True)
    book = opened(Workbook(bank))
    lake = queries.lake(bank)
    names = [column.name for column in MR_CLEANED]
    page = book["MR_Cleaned"]
    titles = header(page)
    of_template = [e.name for e in templates.read(bank.root).entries("mr")]
    assert titles[:13] == FIRST
    begin = titles.index(names[0])
    assert titles[begin : begin + len(names)] == names
    assert set(of_template) <= set(titles[:begin])
    found = rows(page)
    order = "StudyDate, StudyInstanceUID, SeriesNumber, SeriesInstanceUID, volume"
    wanted = lake.query(f"FROM mr_cleaned ORDER BY {order}")
    assert len(found) == wanted.height > 50
    assert [r["SeriesInstanceUID"] for r in found] == wanted["SeriesInstanceUID"].to_list()
    flat = wanted.select(flat_column(n, wanted.schema[n]) for n in names)
    for row, cells in zip(found, flat.to_dicts(), strict=True):
        for name, value in cells.items():
            single = isinstance(wanted.schema[name], pl.List) and value and "\\" not in value
            assert row[name] == (float(value) if single else value or None
                                 if isinstance(value, str) else value), name  # fmt: skip
    assert "MR_Cleaned" not in opened(Workbook(bank, where="Modality = 'CT'")).sheetnames


# Choice of rows, sheets and templates.


def test_filters_conditions_and_sheets(home: Path, own: Databank) -> None:
    chosen = Workbook(own, Filters.of({"modality": ["MR", "CT"]}), "SeriesNumber = 2")
    found = rows(opened(chosen)["DICOM_Metadata"])
    assert [(r["Modality"], r["SeriesNumber"]) for r in found] == [("MR", 2), ("CT", 2)]
    numbers = count(chosen)
    assert (numbers["DICOM_Metadata"], numbers["Series_Summary"]) == (2, 2)
    told = {r["what"]: r["is"] for r in rows(opened(chosen)["Provenance"])}
    assert told["Condition"] == "SeriesNumber = 2"
    assert "MR" in told["Filters as SQL"]
    assert told["Rows of DICOM_Metadata"] == "2"
    assert told["Identifiers"] == "shown"
    assert told["Template of MR"] == "mr (default), a row for every series"
    one = opened(Workbook(own, sheets=("Series_Summary",)))
    assert one.sheetnames == ["Series_Summary", "Provenance"]
    nothing = opened(Workbook(own, where="Modality = 'XX'"))
    assert nothing.sheetnames == ["DICOM_Metadata", "Series_Summary", "Findings", "Dictionary",
                                  "Provenance"]  # fmt: skip
    assert rows(nothing["DICOM_Metadata"]) == []
    assert header(nothing["DICOM_Metadata"])[:13] == FIRST


@pytest.mark.parametrize(
    ("where", "sentence"),
    [("Modality =", "not one SQL condition"), ("no_such > 1", "no_such"),
     ("1=1); DROP TABLE x", "not one SQL condition")],
)  # fmt: skip
def test_conditions_that_are_none(own: Databank, where: str, sentence: str) -> None:
    with pytest.raises((StatementRefused, QueryFailed), match=sentence):
        count(Workbook(own, where=where))
    dashes = Workbook(own, where="SeriesDescription <> 'a--b' AND EchoTime > 4")
    assert count(dashes)["Series_Summary"] == 2
    with pytest.raises(StatementRefused, match="identifies somebody"):
        count(Workbook(own._replace(identifiers=False), where="PatientID = '1'"))


def test_a_modality_can_use_another_template(own: Databank) -> None:
    wanted = Workbook(own, where="Modality = 'MR'", uses=(("MR", "common"),))
    titles = header(opened(wanted)["DICOM_Metadata"])
    assert "EchoTime" not in titles
    by_image = Workbook(own, where="Modality = 'MR'", uses=(("MR", "dx"),))
    assert [r["FileName"] for r in rows(opened(by_image)["DICOM_Metadata"])] == [
        "IM2", "IM1", "IM1",
    ]  # fmt: skip
    with pytest.raises(templates.TemplateInvalid, match="There is no template nope"):
        prepared(Workbook(own, uses=(("MR", "nope"),)))


def test_what_is_typed_into_a_template_is_only_text(own: Databank) -> None:
    creator = "x') OR true; DROP VIEW series; --"
    given = template("mr", f"(0051,xx0C) {creator}", modalities=["MR"])
    found = rows(opened(Workbook(own, templates=(given,)))["DICOM_Metadata"])
    assert {r[f"(0051,xx0C) {creator}"] for r in found} == {None}


def test_the_same_choice_is_the_same_bytes(own: Databank) -> None:
    wanted = Workbook(own, Filters.of({"modality": ["MR"]}))
    assert written(wanted) == written(wanted)


def test_the_preview_is_the_beginning_of_the_sheet(home: Path) -> None:
    ready = prepared(Workbook(Databank(home / "databanks" / "demo")))
    whole = opened(ready.wanted)
    for sheet in ready.sheets:
        first = preview(ready, sheet, 5)
        assert first.columns == header(whole[sheet.name])
        plain = [n for n, dtype in first.schema.items() if dtype in (pl.String, pl.Int64, pl.Date)]
        shown = [{n: as_cell(row[n]) for n in plain} for row in first.to_dicts()]
        in_file = rows(whole[sheet.name])[: first.height]
        assert shown == [{n: row[n] for n in plain} for row in in_file]
        assert len(plain) > 3
        assert first.height == min(5, sheet.rows)
        assert sheet.rows == whole[sheet.name].max_row - 1


@pytest.mark.parametrize("where", ["Modality = 'DX'", "Modality = 'MR'", "Modality = 'XX'"])
def test_the_preview_of_images_series_and_nothing(own: Databank, where: str) -> None:
    asked = (PRIVATE, "HeartRate", "RotationInformationSequence/ScanArc")
    given = tuple(
        template(name, *asked, modalities=[m], include=["common"], rows=rows)
        for name, m, rows in (("mr", "MR", "series"), ("dx", "DX", "instances"))
    )
    for wanted in (
        Workbook(own, where=where, templates=given),
        Workbook(own, where=where, templates=given, deidentified=True, shift_dates=True),
        Workbook(own._replace(identifiers=False), where=where, templates=given),
    ):
        ready, book = prepared(wanted), opened(wanted)
        for sheet in ready.sheets:
            whole = preview(ready, sheet, 100)
            assert whole.height == sheet.rows
            assert preview(ready, sheet, 1).equals(whole.head(1))
            found = rows(book[sheet.name])
            names = [n for n in ("FileName", "FileIndex", "SOPInstanceUID", "Modality")
                     if n in whole.columns]  # fmt: skip
            assert whole.select(names).to_dicts() == [{n: r[n] for n in names} for r in found]


def test_a_series_without_a_uid_is_previewed(tmp_path: Path) -> None:
    for number in (1, 2):
        save(tmp_path / f"in/{number}", 1, number, 1, "CT")
    broken = pydicom.dcmread(tmp_path / "in/2")
    del broken.SeriesInstanceUID, broken.StudyInstanceUID
    broken.save_as(tmp_path / "in/2")
    ingested(tmp_path / "in", tmp_path / "bank")
    ready = prepared(Workbook(Databank(tmp_path / "bank", identifiers=True)))
    shown = preview(ready, ready.sheets[0], 20)
    assert shown["SeriesInstanceUID"].to_list() == [None, "1.2.3.1.1"]
    assert shown["FileName"].to_list() == ["2", "1"]


def test_estimates(own: Databank, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Workbook(Databank(home / "databanks" / "demo", identifiers=True))
    sheets = prepared(wanted).sheets
    size = len(made(wanted))
    assert size / 2 < estimate.size(sheets) < size * 2
    assert [estimate.pages(sheet) for sheet in sheets] == [1] * len(sheets)
    assert estimate.seconds(sheets) < 60
    monkeypatch.setattr(limits, "MAX_ROWS", 4)
    pages = {sheet.name: estimate.pages(sheet) for sheet in prepared(Workbook(own)).sheets}
    assert (pages["DICOM_Metadata"], pages["Series_Summary"]) == (2, 2)


def test_progress_is_told_and_can_stop(own: Databank) -> None:
    told: list[tuple[str, int]] = []
    write(Workbook(own), io.BytesIO(), lambda sheet, n: told.append((sheet, n)))
    assert told[:2] == [("DICOM_Metadata", 6), ("Series_Summary", 5)]

    def stop(sheet: str, n: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(Workbook(own), io.BytesIO(), stop)
    assert count(Workbook(own))["Series_Summary"] == 5


# The command.


def test_the_command_makes_the_same_bytes(own: Databank, tmp_path: Path) -> None:
    for wanted in (
        Workbook(own),
        Workbook(own._replace(identifiers=False), Filters.of({"modality": ["MR"]}),
                 where="EchoTime > 4", sheets=("Series_Summary",), uses=(("MR", "common"),)),
        Workbook(own, deidentified=True, shift_dates=True),
    ):  # fmt: skip
        file = tmp_path / "x.xlsx"
        line = shlex.split(options.command(wanted, str(file)))
        assert line[:2] == ["./taglake", "workbook"]
        ended = taglake(*line[1:])
        assert (ended.code, ended.out) == (0, b""), ended.err
        assert file.read_bytes() == made(wanted)


def test_a_template_is_given(tmp_path: Path, own: Databank) -> None:
    mine = tmp_path / "mine.json"
    mine.write_text(template("x", "EchoTime", "HeartRate", modalities=["MR"])[1])
    file = tmp_path / "x.xlsx"
    ended = taglake("workbook", "-o", file, "-d", "own", "--template", f"mine={mine}",
                    "--filter", "modality=MR")  # fmt: skip
    assert ended.code == 0
    assert "  DICOM_Metadata: 2 rows\n" in ended.err
    book = openpyxl.load_workbook(file)
    assert header(book["DICOM_Metadata"]) == [*FIRST, "EchoTime", "HeartRate"]
    told = {r["what"]: r["is"] for r in rows(book["Provenance"])}
    assert told["Template of MR"] == "mine (given), a row for every series"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "x.csv"], "end with .xlsx"),
        (["-o", "x.xlsx", "--shift-dates"], "goes with --deidentify"),
        (["-o", "x.xlsx", "--template", "mr"], "NAME=FILE"),
        (["-o", "x.xlsx", "--template", "mr=/no/such"], "cannot be read"),
        (["-o", "x.xlsx", "--template", "mr=."], "cannot be read"),
        (["-o", "x.xlsx", "--use", "MR"], "MODALITY=TEMPLATE"),
        (["-o", "x.xlsx", "--sheet", "Nope"], "There is no sheet Nope"),
        (["-o", "x.xlsx", "--filter", "x=1"], "is no filter"),
        (["-o", "/no/such/x.xlsx"], "cannot be written"),
    ],
)
def test_commands_that_can_not_be_done(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = taglake("workbook", "-d", "own", *arguments)
    assert ended.code == 2
    assert sentence in ended.err
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_is_interrupted_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*rest: object) -> None:
        raise RuntimeError("Query interrupted")  # as DuckDB tells Ctrl-C

    monkeypatch.setattr("app.lake._presentable", interrupted)
    ended = taglake("workbook", "-o", tmp_path / "x.xlsx", "-d", "own")
    assert (ended.code, ended.err) == (130, "Error: Stopped.\n")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_and_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*rest: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "x.xlsx").write_bytes(b"before")
    monkeypatch.setattr("app.export.xlsx.shutil.copyfileobj", full)
    ended = taglake("workbook", "-o", tmp_path / "x.xlsx", "-d", "own")
    assert ended.code == 2
    assert "x.xlsx cannot be written: No space left on device." in ended.err
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("x.xlsx", b"before")]


# Another program.

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.mark.skipif(
    OFFICE is None and not os.environ.get("CI"),
    reason="LibreOffice is not installed (Debian: libreoffice-calc-nogui)",
)
def test_libreoffice_reads_the_same(own: Databank, tmp_path: Path) -> None:
    assert OFFICE is not None, "CI installs libreoffice-calc-nogui"
    file = tmp_path / "x.xlsx"
    file.write_bytes(made(Workbook(own)))
    ran = subprocess.run(
        [OFFICE, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
         "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,"
         "false,-1", "--outdir", str(tmp_path), str(file)],
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    names = {path.name for path in tmp_path.glob("*.csv")}
    assert {"x-DICOM_Metadata.csv", "x-Series_Summary.csv", "x-Provenance.csv"} <= names
    with open(tmp_path / "x-DICOM_Metadata.csv", encoding="utf-8", newline="") as text:
        found = list(csv.DictReader(text))
    assert len(found) == 6
    mr, dx = found[1], found[3]
    assert (mr["PatientID"], mr["AccessionNumber"], mr["SeriesDescription"]) == (
        "00123", "+5", "=1+1",
    )  # fmt: skip
    assert (mr["StudyDate"], mr["EchoTime"], mr["SOPInstanceUID"]) == (
        "2024-01-01", "2.5\\10.0", "1.2.3.1.1.1",
    )  # fmt: skip
    assert (dx["KVP"], dx["FileIndex"], dx["ViewPosition"]) == ("90", "1", "LAT")
