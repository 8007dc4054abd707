"""Typed columns against pydicom's typed values and values worked out by hand.

Columns with a plain tag are compared on every real file; functional groups, dose reports and
radiopharmaceuticals on the real and the made ones that have them.
"""

from __future__ import annotations

import csv
import io
import math
import struct
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.multival import MultiValue
from pydicom.valuerep import DA, DT, TM

from app.demo import cohort_series
from app.demo.writer import written_instances
from ingest.flatten import Sides, flatten
from ingest.part import Part
from ingest.schema import ATTRIBUTES, TABLES, Column
from ingest.schema.promoted import InvalidColumns, load
from tests.shared_data import DICOM, needs_dicom, sources
from tests.test_ingest.reader_samples import (
    EXPLICIT,
    IMPLICIT,
    E,
    add,
    encode,
    file_of,
    identity,
    meta,
    text,
)

SECRET = bytes(range(32))


def tables_of(*files: bytes, promoted: tuple[Column, ...] = ()) -> dict[str, Sides]:
    """The tables of a part of these files."""
    part = Part()
    for number, data in enumerate(files):
        add(part, data, str(number))
    return flatten(part, 0, "run", SECRET, promoted)


def wide(tables: dict[str, Sides]) -> pl.DataFrame:
    """``instances`` with its identifiers."""
    sides = tables["instances"]
    assert sides.open is not None
    assert sides.phi is not None
    return sides.open.join(sides.phi, on="instance_id").sort("instance_id")


def row_of(*elements: E, syntax: str = EXPLICIT, **kept: Any) -> dict[str, Any]:
    """The row of ``instances`` of a file with these elements."""
    own = {e.tag: e for e in identity()} | {e.tag: e for e in elements}
    return wide(tables_of(file_of(list(own.values()), syntax), **kept)).row(0, named=True)


def rows_of(*several: tuple[E, ...], syntax: str) -> list[dict[str, Any]]:
    """The rows of ``instances`` of some files, each with its elements."""
    files = []
    for number, elements in enumerate(several, 1):
        uid = f"1.2.3.{number}"
        own = {e.tag: e for e in (*identity(uid), *elements)}
        files.append(file_of(list(own.values()), syntax, uid))
    return wide(tables_of(*files)).rows(named=True)


# --- plain tags: pydicom's values of every real file


def plain_tag(column: Column) -> int | None:
    """The tag of a column that is read from the root of the data set and from nowhere else."""
    if len(column.source) == 1 and len(column.source[0]) == 8:
        return int(column.source[0], 16)
    return None


PLAIN = {column.name: tag for column in ATTRIBUTES if (tag := plain_tag(column)) is not None}


def a_number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def a_whole_number(value: Any) -> int | None:
    number = a_number(value)
    return int(number) if number is not None and number == int(number) else None


def parsed(kind: Callable[[str], Any], value: Any) -> Any:
    """What pydicom makes of a date or time, or None where it makes nothing of it."""
    try:
        return kind(str(value)) if str(value).strip() else None
    except (ValueError, TypeError, IndexError, AttributeError):
        return None


def a_date(value: Any) -> date | None:
    found = parsed(DA, value)
    return None if found is None else date(found.year, found.month, found.day)


def a_time(value: Any) -> time | None:
    found = parsed(TM, str(value).replace(":", ""))  # as ACR-NEMA wrote it; pydicom does not
    return None if found is None else time(
        found.hour, found.minute, found.second, found.microsecond
    )  # fmt: skip


def a_moment(value: Any) -> datetime | None:
    found = parsed(DT, value)
    return None if found is None else datetime(
        found.year, found.month, found.day, found.hour, found.minute, found.second,
        found.microsecond,
    )  # fmt: skip


SCALARS: dict[str, Callable[[Any], Any]] = {
    "Float64": a_number, "Int64": a_whole_number, "Date": a_date, "Time": a_time,
    "Datetime(time_unit='us', time_zone=None)": a_moment,
}  # fmt: skip


def expected(found: Dataset, tag: int, dtype: pl.DataType) -> Any:
    """The value of a column as pydicom's converted value says."""
    if tag not in found:
        return None
    raw: Any = found.get_item(tag, keep_deferred=True)
    try:
        value = found[tag].value
    except Exception:  # what pydicom cannot convert is read as text
        value = raw.value.decode("latin-1").strip(" \0").split("\\")
    several = isinstance(value, (MultiValue, list))
    values = list(value) if several else [value]
    if isinstance(dtype, pl.List):
        inner = {"Float64": a_number, "Int64": a_whole_number}.get(str(dtype.inner))
        made = [inner(v) if inner else str(v).strip(" \0") for v in values]
        none = not values or value is None or all(v in (None, "") for v in made)
        return None if none else made
    if str(dtype) == "String":
        return "\\".join(str(v).strip(" \0") for v in values) if value is not None else None
    return SCALARS[str(dtype)](values[0]) if values else None


def same(mine: Any, theirs: Any) -> bool:
    if isinstance(mine, float) and isinstance(theirs, float):
        return math.isclose(mine, theirs, rel_tol=1e-6)
    if isinstance(mine, list) and isinstance(theirs, list):
        return len(mine) == len(theirs) and all(map(same, mine, theirs))
    return (mine or None) == (theirs or None) or mine == theirs


@needs_dicom
@pytest.mark.parametrize("source", sources())
def test_columns_of_real_files_are_the_values_of_pydicom(source: str) -> None:
    part = Part()
    for _, files in groupby(sources()[source], key=lambda path: path.parent):
        for path in islice(files, 4):
            part.add_path(str(path), str(path), path.stat().st_size, 0)
    if not part.instances:
        return
    columns = {column.name: column.dtype for column in ATTRIBUTES if column.name in PLAIN}
    tags = list(PLAIN.values())
    for row in wide(flatten(part, 0, "run", SECRET)).iter_rows(named=True):
        if row["truncation"] or row["read_by"] == "pydicom":
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            path = part.files[row["instance_id"]].uri
            found = pydicom.dcmread(path, force=True, specific_tags=tags, stop_before_pixels=True)
            for name, dtype in columns.items():
                tag = PLAIN[name]
                place: Dataset = found.file_meta if tag >> 16 == 2 else found
                theirs = expected(place, tag, dtype)
                assert same(row[name], theirs), (name, row[name], theirs)


def test_most_columns_have_a_plain_tag() -> None:
    """So that the comparison above cannot become empty."""
    assert len(PLAIN) > 180


# --- types, by hand


def column(name: str, tag: int, vr: str, raws: Iterable[bytes]) -> list[Any]:
    """The values of a column in files that have these raw values."""
    files = [
        file_of([*identity(f"1.2.{number}"), E(tag, vr, raw)], uid=f"1.2.{number}")
        for number, raw in enumerate(raws)
    ]
    return wide(tables_of(*files))[name].to_list()


DATES: dict[bytes, date | None] = {
    b"20240229": date(2024, 2, 29), b"1999.12.31": date(1999, 12, 31), b"20230229": None,
    b"20231301": None, b"2023": None, b"20240101\\20240102": date(2024, 1, 1), b"": None,
    b" 20240101": date(2024, 1, 1), b"00000000": None, b"nodate": None,
}  # fmt: skip
TIMES: dict[bytes, time | None] = {
    b"120530.123456": time(12, 5, 30, 123456), b"120530.1": time(12, 5, 30, 100_000),
    b"1205": time(12, 5), b"12": time(12), b"12:05:30": time(12, 5, 30), b"240000": None,
    b"235960": time(23, 59, 59, 999999), b"126000": None, b"1": None, b"12053": None,
    b"12.5": None, b"": None, b"120530.1234567": None, b"000000": time(0),
}  # fmt: skip
MOMENTS: dict[bytes, datetime | None] = {
    b"20240131120530.5": datetime(2024, 1, 31, 12, 5, 30, 500_000), b"2024": datetime(2024, 1, 1),
    b"202402": datetime(2024, 2, 1), b"20240131": datetime(2024, 1, 31), b"": None,
    b"20240131120530+0100": datetime(2024, 1, 31, 12, 5, 30), b"2024013125": None,
    b"20240131-0500": datetime(2024, 1, 31), b"20240231": None,
    b"20240131120560": datetime(2024, 1, 31, 12, 5, 59, 999999),
}  # fmt: skip
WHOLE: dict[bytes, int | None] = {
    b"12": 12, b" 12 ": 12, b"+12": 12, b"-3": -3, b"12.0": 12, b"12.5": None, b"x": None,
    b"": None, b"1e3": 1000, b"99999999999": 99999999999, b"3\\4": 3, b"1e300": None,
}  # fmt: skip
NUMBERS: dict[bytes, float | None] = {
    b"2.5": 2.5, b"-1E2": -100.0, b"1,5": None, b"NaN": None, b"inf": None, b"": None,
    b"1\\2": 1.0, b"7": 7.0, b"abc": None, b"\\2": None,
}  # fmt: skip
DOUBLES: dict[bytes, float | None] = {
    struct.pack("<d", math.nan): None, struct.pack("<d", 0.1): 0.1, b"": None,
    struct.pack("<2d", -2, math.inf): -2.0, struct.pack("<d", -math.inf): None,
}  # fmt: skip


@pytest.mark.parametrize(("name", "tag", "vr", "values"), [
    ("StudyDate", 0x00080020, "DA", DATES), ("StudyTime", 0x00080030, "TM", TIMES),
    ("AcquisitionDateTime", 0x0008002A, "DT", MOMENTS), ("InstanceNumber", 0x00200013, "IS", WHOLE),
    ("RepetitionTime", 0x00180080, "DS", NUMBERS), ("RepetitionTime", 0x00180080, "FD", DOUBLES),
    ("Rows", 0x00280010, "US", {b"\xff\xff": 65535, b"\1\0\2\0": 1}),
    ("Rows", 0x00280010, "SL", {b"\xff\xff\xff\xff": -1}),
])  # fmt: skip
def test_typed_values(name: str, tag: int, vr: str, values: dict[bytes, Any]) -> None:
    assert column(name, tag, vr, values) == list(values.values())


def test_lists_keep_the_place_of_a_value_that_does_not_parse() -> None:
    row = row_of(text(0x00200032, "DS", "1\\x\\3"), text(0x00080008, "CS", "A\\\\B"))
    assert row["ImagePositionPatient"] == [1.0, None, 3.0]
    assert row["ImageType"] == ["A", "", "B"]
    assert (row["position_x_mm"], row["position_y_mm"], row["position_z_mm"]) == (1.0, None, 3.0)
    assert row_of(text(0x00200032, "DS", "x\\y"))["ImagePositionPatient"] is None


def test_what_does_not_parse_is_a_problem_and_identifiers_are_not_quoted() -> None:
    tables = tables_of(file_of([
        *identity(), text(0x00080020, "DA", "tomorrow"), text(0x00100030, "DA", "19700230"),
        text(0x00180080, "DS", "abc"),
    ]))  # fmt: skip
    found = tables["problems"].open
    assert found is not None
    assert found.sort("path").select("rule", "path", "expected", "observed").rows() == [
        ("value_unparsable", "00080020", "a date YYYYMMDD", "tomorrow"),
        ("value_unparsable", "00100030", "a date YYYYMMDD", None),
        ("value_unparsable", "00180080", "a number", "abc"),
    ]


# --- geometry


def test_slice_position_by_hand() -> None:
    """A plane tilted by 30 degrees about x: normal (0, -1/2, sqrt(3)/2)."""
    half, root = 0.5, math.sqrt(3) / 2
    row = row_of(
        text(0x00200037, "DS", f"1\\0\\0\\0\\{root:.10f}\\{half}"),
        text(0x00200032, "DS", "-100\\20\\40"),
        text(0x00280030, "DS", "0.7\\0.8"),
    )
    assert row["slice_normal"] == pytest.approx([0, -half, root])
    assert row["slice_position_mm"] == pytest.approx(20 * -half + 40 * root)
    assert (row["PixelSpacing_row_mm"], row["PixelSpacing_column_mm"]) == (0.7, 0.8)


def test_slice_position_of_a_plane_tilted_about_all_axes() -> None:
    """(2, 2, 1) / 3 x (-2, 1, 2) / 3 = (1, -2, 2) / 3, and (3, 6, 9) . (1, -2, 2) / 3 = 3."""
    two, one = "0.66666666667", "0.33333333333"
    row = row_of(
        text(0x00200037, "DS", f"{two}\\{two}\\{one}\\-{two}\\{one}\\{two}"),
        text(0x00200032, "DS", "3\\6\\9"),
    )
    assert row["slice_normal"] == pytest.approx([1 / 3, -2 / 3, 2 / 3])
    assert row["slice_position_mm"] == pytest.approx(3)


@pytest.mark.parametrize(("orientation", "position", "expected_mm"), [
    ("1\\0\\0\\0\\1\\0", "1\\2\\3", 3.0), ("0\\1\\0\\0\\0\\-1", "1\\2\\3", -1.0),
    ("1\\0\\0\\0\\1", "1\\2\\3", None), ("1\\0\\0\\1\\0\\0", "1\\2\\3", None),
    ("2\\0\\0\\0\\1\\0", "1\\2\\3", None), ("1\\0\\0\\0\\1\\0", "1\\2", None),
    ("1\\0\\0\\0\\1\\0", "", None), ("", "1\\2\\3", None),
])  # fmt: skip
def test_slice_positions_that_are_none(
    orientation: str, position: str, expected_mm: float | None
) -> None:
    row = row_of(text(0x00200037, "DS", orientation), text(0x00200032, "DS", position))
    assert row["slice_position_mm"] == expected_mm


def test_spacing_at_the_detector_stands_in_and_moments_are_put_together() -> None:
    row = row_of(
        text(0x00181164, "DS", "0.1\\0.2"), text(0x00080022, "DA", "20240131"),
        text(0x00080032, "TM", "235959.5"), text(0x00080023, "DA", "20240201"),
    )  # fmt: skip
    assert (row["PixelSpacing_row_mm"], row["PixelSpacing_column_mm"]) == (0.1, 0.2)
    assert row["acquisition_datetime"] == datetime(2024, 1, 31, 23, 59, 59, 500_000)
    assert row["content_datetime"] is None
    both = row_of(text(0x0008002A, "DT", "20240102030405"), text(0x00080022, "DA", "20240131"))
    assert both["acquisition_datetime"] == datetime(2024, 1, 2, 3, 4, 5)


def test_frames_of_an_object() -> None:
    rows = E(0x00280010, "US", b"\x08\0")
    assert row_of()["n_frames"] == 0
    assert row_of(rows)["n_frames"] == 1
    assert row_of(rows, text(0x00280008, "IS", "12"))["n_frames"] == 12


# --- patients


def patient_key(*, secret: bytes = SECRET, **uids: str) -> str:
    tags = {
        "patient": 0x00100020, "issuer": 0x00100021, "study": 0x0020000D, "instance": 0x00080018,
    }  # fmt: skip
    own = {e.tag: e for e in identity()}
    for name, value in uids.items():
        vr = "UI" if name in ("study", "instance") else "LO"
        own[tags[name]] = text(tags[name], vr, value)
    part = Part()
    add(part, file_of(list(own.values())))
    frame = flatten(part, 0, "run", secret)["instances"].open
    assert frame is not None
    return str(frame["patient_key"][0])


def test_who_is_the_same_patient() -> None:
    one = patient_key(patient="4711", study="1.1")
    assert one == patient_key(patient="4711", study="1.2", instance="1.9")
    assert one == patient_key(patient="4711 ")  # padding
    assert one != patient_key(patient="4712", study="1.1")
    assert one != patient_key(patient="4711", issuer="Clinic", study="1.1")
    assert one != patient_key(patient="4711", study="1.1", secret=bytes(32))
    assert patient_key(issuer="A", patient="B") != patient_key(issuer="B", patient="A")
    assert len(one) == 16


def test_without_an_identifier_every_study_is_a_patient() -> None:
    for nobody in ("", "  "):
        one = patient_key(study="1.1", instance="1.8", patient=nobody)
        assert one == patient_key(study="1.1", instance="1.9")
        assert one != patient_key(study="1.2", instance="1.8")
        assert patient_key(instance="1.8", patient=nobody) != patient_key(instance="1.9")
    assert patient_key(patient="1.1") != patient_key(study="1.1")


# --- private elements


@pytest.mark.parametrize(
    ("block", "syntax"), [(0x10, EXPLICIT), (0x42, IMPLICIT), (0xFF, EXPLICIT)]
)
@pytest.mark.parametrize(("column", "group", "offset", "creator", "vr", "raw", "value"), [
    ("csa_B_value", 0x0019, 0x0C, "SIEMENS MR HEADER", "IS", b"1000", 1000.0),
    ("philips_b_value", 0x2001, 3, "Philips Imaging DD 001", "FL", struct.pack("<f", 8), 8.0),
    ("philips_b_value", 0x2001, 3, "PHILIPS IMAGING DD 001", "FL", struct.pack("<f", 8), 8.0),
    ("uih_b_value", 0x0065, 0x09, "Image Private Header", "FD", struct.pack("<d", 50), 50.0),
    ("ge_b_value", 0x0043, 0x39, "GEMS_PARM_01", "IS", b"1000000800\\8\\0\\0", 800.0),
    ("ctp_collection", 0x0013, 0x10, "CTP", "LO", b"TCGA-XY ", "TCGA-XY"),
])  # fmt: skip
def test_private_columns_by_creator_in_any_block(
    block: int, syntax: str, column: str, group: int, offset: int, creator: str, vr: str,
    raw: bytes, value: float | str,
) -> None:  # fmt: skip
    start = group << 16
    own = text(start | block, "LO", creator)
    element = E(start | block << 8 | offset, vr, raw)
    foreign = text(start | block, "LO", "SOMEBODY ELSE")
    other_block = text(start | (0x10 if block != 0x10 else 0x77), "LO", creator)
    row, *others = rows_of(
        (own, element), (foreign, element), (element,), (foreign, other_block, element),
        syntax=syntax,
    )  # fmt: skip
    assert row[column] == value
    if column.endswith("b_value") or column == "csa_B_value":
        assert row["b_value"] == value
    assert [other[column] for other in others] == [None] * 3


def test_the_best_source_of_a_column() -> None:
    """The standard's element, then the vendor's; an empty value is none."""
    own = text(0x00190010, "LO", "SIEMENS MR HEADER")
    vendor = E(0x0019100C, "IS", b"1000")
    standard = E(0x00189087, "FD", struct.pack("<d", 500))
    assert row_of(own, vendor, standard)["b_value"] == 500
    assert row_of(own, vendor, E(0x00189087, "FD", b""))["b_value"] == 1000


# --- promoted columns

PROMOTED = """
[columns.TubeAngle_degrees]
source = "(0019,xx8F) ACME 1.0"
type = "number"
unit = "degrees"
phi = false

[columns.acme_text]
source = "(0019,xx90) ACME 1.0"

[columns.FirstItemCode]
source = ["00081032/00080102", "00080060"]
phi = false

[columns.dates]
source = "00181200"
type = "texts"

[columns.when]
source = "00181078"
type = "datetime"
"""


def test_promoted_columns(tmp_path: Path) -> None:
    (tmp_path / "columns.toml").write_text(PROMOTED)
    promoted = load(tmp_path)
    data = file_of([
        *identity(), text(0x00080060, "CS", "MR"), text(0x00190011, "LO", "ACME 1.0"),
        text(0x0019118F, "DS", "12.5"), text(0x00191190, "LO", "typed by somebody"),
        text(0x00181200, "DA", "20240101\\20240102"), text(0x00181078, "DT", "202401021530"),
    ])  # fmt: skip
    sides = tables_of(data, promoted=promoted)["instances"]
    assert sides.open is not None
    assert sides.phi is not None
    open_row, phi_row = sides.open.row(0, named=True), sides.phi.row(0, named=True)
    assert open_row["TubeAngle_degrees"] == 12.5
    assert open_row["FirstItemCode"] == "MR"
    assert open_row["dates"] == ["20240101", "20240102"]
    assert open_row["when"] == datetime(2024, 1, 2, 15, 30)
    assert phi_row["acme_text"] == "typed by somebody"
    assert "acme_text" not in open_row
    assert load(tmp_path / "nowhere") == ()


@pytest.mark.parametrize(("content", "sentence"), [
    ("x = 1", "may hold tables named [columns.NAME] and nothing else"),
    ("columns = 1", "may hold tables named [columns.NAME] and nothing else"),
    ("[columns.a b]", "cannot be read"),
    ('[columns."a b"]\nsource = "00080060"', "a name has letters, digits and _ only"),
    ('[columns.EchoTime]\nsource = "00080060"', "instances has a column of this name already"),
    ('[columns]\na = "00080060"', "known keys are description, phi, source, type, unit"),
    ('[columns.a]\nsource = "00080060"\nlevel = "x"', "known keys are"),
    ('[columns.a]\nsource = "8,60"', "a source is a tag such as 00180081"),
    ('[columns.a]\nsource = ["00080060", 5]', "a source is a tag such as 00180081"),
    ("[columns.a]", "a source is needed"),
    ('[columns.a]\nsource = "00080060"\ntype = "float"', "type is one of text, number, integer"),
    ("\xff", "cannot be read"),
])  # fmt: skip
def test_promoted_columns_that_cannot_be(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "columns.toml").write_bytes(content.encode("latin-1"))
    with pytest.raises(InvalidColumns) as caught:
        load(tmp_path)
    assert sentence in str(caught.value)
    assert "columns.toml" in str(caught.value)


# --- functional groups

FRAME_SOURCES = {
    column.name: column.source[0][3:] for column in TABLES["frames"].columns
    if len(column.source) == 1 and column.source[0].startswith("FG ")
}  # fmt: skip
FRAME_TYPES = {column.name: column.dtype for column in TABLES["frames"].columns}


def in_groups(found: Dataset, frame: Dataset, path: str) -> tuple[Dataset, int] | None:
    """The data set that holds an element of a frame: in its own groups, else in the shared."""
    *sequences, last = (int(tag, 16) for tag in path.split("/"))
    shared = found.get("SharedFunctionalGroupsSequence") or [Dataset()]
    for place in (frame, shared[0]):
        for tag in sequences:
            if place is None or tag not in place or not place[tag].value:
                place = None
                break
            place = place[tag].value[0]
        if place is not None and last in place and place[last].value not in (None, "", []):
            return place, last
    return None


def demo(study: str, series: str) -> list[bytes]:
    """The files of a series of the demo cohort."""
    for it in cohort_series():
        if (it.study.key, it.series.key) == (study, series):
            return [written.content for written in written_instances(it)]
    raise KeyError(study, series)


class Read(NamedTuple):
    """A file as pydicom reads it, and its rows of some tables among those of the others."""

    name: str
    found: FileDataset
    row: dict[str, Any]
    frames: pl.DataFrame
    radiopharmaceuticals: pl.DataFrame


def read_both_ways(files: Mapping[str, bytes]) -> list[Read]:
    """Files by their names, in tables that they share."""
    tables = tables_of(*files.values())
    frames, items = (
        side if (side := tables[name].open) is not None
        else pl.DataFrame(schema=TABLES[name].schema())
        for name in ("frames", "radiopharmaceuticals")
    )  # fmt: skip
    rows = wide(tables).rows(named=True)
    assert [row["instance_id"] for row in rows] == list(range(len(files)))
    return [
        Read(
            name, read_with_pydicom(data), row,
            frames.filter(instance_id=row["instance_id"]).sort("frame"),
            items.filter(header_id=row["header_id"]).sort("item"),
        )
        for (name, data), row in zip(files.items(), rows, strict=True)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def enhanced() -> list[Read]:
    """Multi-frame objects with functional groups: made, and real ones that are not large."""
    found = {}
    for it in cohort_series():
        if it.protocol.content in ("enhanced", "segmentation") and it.study.key != "damaged":
            content = next(iter(written_instances(it))).content
            found[f"{it.study.key}/{it.series.key}"] = content
    if DICOM.is_dir():
        with open(DICOM / "MANIFEST.csv", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["sop_class"].startswith(("Enhanced MR", "Enhanced CT", "Enhanced PET",
                                                "Segmentation", "Legacy")):  # fmt: skip
                    path = DICOM / row["path"]
                    if path.stat().st_size < 300_000:
                        found[row["path"]] = path.read_bytes()
    return read_both_ways(found)


def read_with_pydicom(data: bytes) -> FileDataset:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(io.BytesIO(data), force=True, stop_before_pixels=True)


def test_functional_groups_by_frame(enhanced: list[Read]) -> None:
    """Every column of ``frames`` for every frame; own groups before shared ones."""
    compared, with_b_value = 0, 0
    for name, found, _, mine, _ in enhanced:
        frames = found.get("PerFrameFunctionalGroupsSequence") or []
        assert mine["frame"].to_list() == list(range(1, len(frames) + 1)), name
        for row, frame in zip(mine.iter_rows(named=True), frames, strict=True):
            for column, path in FRAME_SOURCES.items():
                where = in_groups(found, frame, path)
                theirs = expected(*where, FRAME_TYPES[column]) if where else None
                assert same(row[column], theirs), (name, column, row[column], theirs)
                compared += theirs is not None
            with_b_value += row["b_value"] is not None
    assert compared > 2000
    assert with_b_value > 10


def test_an_instance_says_what_its_frames_have_in_common(enhanced: list[Read]) -> None:
    checked = 0
    for name, found, row, *_ in enhanced:
        frames = found.get("PerFrameFunctionalGroupsSequence")
        if not frames:
            continue

        def values(path: str) -> list[Any]:
            places = [in_groups(found, frame, path) for frame in frames]  # noqa: B023
            return [place[0][place[1]].value for place in places if place]

        echoes = sorted({float(v) for v in values("00189114/00189082")})
        assert row["frame_echo_times"] == (pytest.approx(echoes) if echoes else None), name
        b_values = sorted({float(v) for v in values("00189117/00189087")})
        assert row["frame_b_values"] == (pytest.approx(b_values) if b_values else None), name
        positions = {tuple(v) for v in values("00209113/00200032")}
        assert row["frame_positions"] == (len(positions) or None), name
        if echoes and "EchoTime" not in found:
            first = values("00189114/00189082")[0]
            assert row["EchoTime"] == row["EffectiveEchoTime"] == pytest.approx(float(first)), name
            checked += 1
    assert checked >= 3


def test_slice_positions_of_frames(enhanced: list[Read]) -> None:
    """The dot product of position and normal, by numpy."""
    checked = 0
    for name, _, _, frames, _ in enhanced:
        for row in frames.iter_rows(named=True):
            position, both = row["ImagePositionPatient"], row["ImageOrientationPatient"]
            if position and both:
                normal = np.cross(both[:3], both[3:])
                assert row["slice_position_mm"] == pytest.approx(float(normal @ position)), name
                checked += 1
    assert checked > 50


# --- dose reports


def content_items(item: Dataset) -> Iterator[Dataset]:
    """All content items of a structured report."""
    for child in item.get("ContentSequence") or []:
        yield child
        yield from content_items(child)


def numbers(report: Dataset, code: str, unit: str) -> list[float]:
    """Values of the numeric content items with this meaning and unit."""
    found = []
    for item in content_items(report):
        name, measured = item.get("ConceptNameCodeSequence"), item.get("MeasuredValueSequence")
        if name and measured and name[0].get("CodeValue") == code:
            units = measured[0].get("MeasurementUnitsCodeSequence")
            if units and units[0].get("CodeValue") == unit:
                found.append(float(measured[0].NumericValue))
    return found


def test_dose_reports_of_the_cohort() -> None:
    seen = 0
    for it in cohort_series():
        if not it.series.doses:
            continue
        (data,) = [written.content for written in written_instances(it)]
        report, row = read_with_pydicom(data), wide(tables_of(data)).row(0, named=True)
        events = [i for i in content_items(report) if i.get("ConceptNameCodeSequence")
                  and i.ConceptNameCodeSequence[0].get("CodeValue") == "113819"]  # fmt: skip
        assert row["dose_sr_CTDIvol_max_mGy"] == max(numbers(report, "113830", "mGy"))
        assert [row["dose_sr_DLP_total_mGycm"]] == numbers(report, "113813", "mGy.cm")
        assert row["dose_sr_events"] == len(events) == len(it.series.doses)
        assert row["dose_sr_CTDIvol_max_mGy"] == max(dose.ctdi_vol for dose in it.series.doses)
        assert row["dose_sr_dose_area_product_Gym2"] is None
        seen += 1
    assert seen >= 3


def numeric(code: str, value: str, unit: str, *inside: tuple[E, ...]) -> tuple[E, ...]:
    """A content item of the value type NUM."""

    def coded(tag: int, value: str) -> E:
        return E(tag, "SQ", ((text(0x00080100, "SH", value), text(0x00080102, "SH", "DCM")),))

    measured = (coded(0x004008EA, unit), text(0x0040A30A, "DS", value))
    children = [E(0x0040A730, "SQ", inside)] if inside else []
    return (
        text(0x0040A040, "CS", "NUM"), coded(0x0040A043, code),
        E(0x0040A300, "SQ", (measured,)), *children,
    )  # fmt: skip


def report(*items: tuple[E, ...]) -> dict[str, Any]:
    row = row_of(E(0x0040A730, "SQ", items))
    return {name: value for name, value in row.items() if name.startswith("dose_sr_")}


def test_dose_reports_by_hand() -> None:
    assert report(
        numeric("113722", "0.0125", "Gy.m2"), numeric("113507", "370.5", "MBq"),
        numeric("999999", "1", "1",
                numeric("113838", "10", "mGy.cm"), numeric("113838", "20", "mGycm")),
        numeric("113830", "3", "mGy"), numeric("113830", "5", "uGy"),
        numeric("113830", "4.5", "mGy"),
    ) == {
        "dose_sr_dose_area_product_Gym2": 0.0125, "dose_sr_administered_activity_MBq": 370.5,
        "dose_sr_DLP_total_mGycm": 30.0, "dose_sr_CTDIvol_max_mGy": 4.5, "dose_sr_events": None,
    }  # fmt: skip
    total = report(numeric("113813", "99", "mGy.cm"), numeric("113838", "10", "mGy.cm"))
    assert total["dose_sr_DLP_total_mGycm"] == 99
    assert set(report(numeric("113830", "x", "mGy")).values()) == {None}
    assert set(report(numeric("113830", "5", "mSv")).values()) == {None}


def test_a_dose_area_product_is_that_of_all_planes() -> None:
    plane_a = numeric("113702", "1", "1", numeric("113722", "0.002", "Gy.m2"))
    plane_b = numeric("113702", "1", "1", numeric("113722", "0.0005", "Gym2"))
    assert report(plane_a, plane_b)["dose_sr_dose_area_product_Gym2"] == pytest.approx(0.0025)


@pytest.mark.parametrize(
    ("code", "value", "unit", "column", "expected"),
    [
        ("113722", "25", "dGy.cm2", "dose_sr_dose_area_product_Gym2", 25 * 0.1 * 0.01 * 0.01),
        ("113722", "3", "Gy.cm2", "dose_sr_dose_area_product_Gym2", 3 * 0.01 * 0.01),
        ("113722", "3", "uGym2", "dose_sr_dose_area_product_Gym2", 0.000003),
        ("113722", "3", "mGy.cm2", "dose_sr_dose_area_product_Gym2", 0.003 * 0.01 * 0.01),
        ("113838", "1.5", "Gy.cm", "dose_sr_DLP_total_mGycm", 1500),
        ("113830", "1200", "uGy", "dose_sr_CTDIvol_max_mGy", 1.2),
        ("113507", "10", "mCi", "dose_sr_administered_activity_MBq", 370),
    ],
)
def test_doses_in_other_units(
    code: str, value: str, unit: str, column: str, expected: float
) -> None:
    assert report(numeric(code, value, unit))[column] == pytest.approx(expected)


def test_an_instance_without_a_report_has_no_doses() -> None:
    total = report(numeric("113813", "99", "mGy.cm"))
    assert {row_of()[name] for name in total} == {None}


def test_dose_reports_of_one_series_keep_their_own_numbers() -> None:
    """Reports of the same structure share a header; their numbers vary."""
    files = [
        meta(EXPLICIT, f"1.2.{n}") + encode([
            *identity(f"1.2.{n}"), E(0x0040A730, "SQ", (numeric("113830", f"{n}.5", "mGy"),)),
        ])
        for n in range(1, 9)
    ]  # fmt: skip
    found = wide(tables_of(*files))["dose_sr_CTDIvol_max_mGy"].to_list()
    assert found == [n + 0.5 for n in range(1, 9)]


# --- radiopharmaceuticals


def nuclear() -> Iterator[tuple[str, bytes]]:
    """An instance of each PET and NM series: of the cohort, and real ones."""
    for it in cohort_series():
        if it.series.injections and not it.series.damage:
            content = next(iter(written_instances(it))).content
            yield f"{it.study.key}/{it.series.key}", content
    if DICOM.is_dir():
        with open(DICOM / "MANIFEST.csv", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["modality"] in ("PT", "NM") and int(row["bytes"]) < 400_000:
                    yield row["path"], (DICOM / row["path"]).read_bytes()


def test_radiopharmaceuticals_are_the_items_of_the_sequence() -> None:
    seen: set[str] = set()
    for name, found, first, _, mine in read_both_ways(dict(nuclear())):
        items = found.get("RadiopharmaceuticalInformationSequence") or []
        filled = [n for n, item in enumerate(items, start=1) if len(item)]
        assert mine["item"].to_list() == filled, name
        for row in mine.iter_rows(named=True):
            item = items[row["item"] - 1]
            for column in ("TotalDose", "HalfLife"):
                theirs = a_number(item.get(f"Radionuclide{column}"))
                assert same(row[f"Radionuclide{column}"], theirs), (name, column)
            nuclide = item.get("RadionuclideCodeSequence")
            meaning = nuclide[0].get("CodeMeaning") if nuclide else None
            assert same(row["Radionuclide"], meaning), name
            assert same(
                row["RadiopharmaceuticalStartDateTime"],
                a_moment(item.get("RadiopharmaceuticalStartDateTime", "")),
            ), name
            assert same(
                row["RadiopharmaceuticalStartTime"],
                a_time(item.get("RadiopharmaceuticalStartTime", "")),
            ), name
            seen.add(name)
        if 1 in filled:
            assert same(first["RadionuclideTotalDose"], mine["RadionuclideTotalDose"][0]), name
    assert len(seen) >= 5
