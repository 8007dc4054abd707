"""Exports: read back by other readers, the values are the same and none of them is a formula."""

from __future__ import annotations

import csv
import errno
import io
import json
import zipfile
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.export import FORMATS, sheet
from app.export.about import About, Described
from app.export.xlsx import Book

FORMULAS = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "＋1", "－1", "＠x"]
NASTY = [
    'a "quoted", text', "two\nlines", "頭部 ü", "00123", "1.2.840.10008", "\x00\x0bcontrol\ufffe",
    "", None,
]  # fmt: skip
WHEN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
ABOUT = About(
    (("Databank", "=test"), ("Snapshot", "3")),
    (Described("text", "A <text> & more"), Described("number", "A length", "mm", "(0018,0050)")),
    WHEN,
)


def frame() -> pl.DataFrame:
    texts = [*FORMULAS, *NASTY]
    n = len(texts)
    return pl.DataFrame(
        {
            "text": texts,
            "integer": [-5, 2**60, *range(n - 2)],
            "number": [-1.5, float("nan"), float("inf"), None, *[0.1] * (n - 4)],
            "day": [date(2020, 1, 2), date(1850, 1, 1), date(1900, 2, 28), date(1900, 3, 1)]
            + [date(2020, 1, 2)] * (n - 4),
            "moment": [datetime(2020, 1, 2, 3, 4, 5, 600_000)] * n,
            "list": [["a", "b"], [], None, ["=x", None, "y"], *[["x"]] * (n - 4)],
            "flag": [True, False, None] * (n // 3),
            "numbers": [[-1.0, 0.5], *[[2.0]] * (n - 1)],
            "at": [time(1, 2, 3)] * n,
        }
    )


def made(
    kind: str, frames: pl.DataFrame | Iterable[pl.DataFrame], about: About | None = None
) -> bytes:
    file = io.BytesIO()
    whole = [frames] if isinstance(frames, pl.DataFrame) else list(frames)
    assert FORMATS[kind].write(whole, file, about) == sum(part.height for part in whole)
    return file.getvalue()


def book(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_csv() -> None:
    content = made("csv", frame())
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    assert [row["text"] for row in rows[: len(FORMULAS)]] == ["'" + text for text in FORMULAS]
    assert [row["text"] for row in rows[len(FORMULAS) :]] == [text or "" for text in NASTY]
    assert [row["integer"] for row in rows[:2]] == ["-5", str(2**60)]
    assert [row["number"] for row in rows[:4]] == ["-1.5", "NaN", "inf", ""]
    assert [row["list"] for row in rows[:5]] == ["a\\b", "", "", "'=x\\\\y", "x"]
    assert (rows[0]["day"], rows[0]["moment"]) == ("2020-01-02", "2020-01-02T03:04:05.600")
    assert (rows[0]["numbers"], rows[0]["at"], rows[0]["flag"]) == ("-1.0\\0.5", "01:02:03", "true")


def test_json() -> None:
    first, second, third, fourth, *_ = json.loads(made("json", frame()))
    assert first == {
        "text": "=1+1", "integer": -5, "number": -1.5, "day": "2020-01-02",
        "moment": "2020-01-02T03:04:05.600", "list": ["a", "b"], "flag": True,
        "numbers": [-1.0, 0.5], "at": "01:02:03",
    }  # fmt: skip
    assert (second["number"], second["integer"], second["list"]) == (None, 2**60, [])
    assert (third["list"], fourth["list"]) == (None, ["=x", None, "y"])


def test_excel() -> None:
    cells = book(made("xlsx", frame()))["Data"]
    assert [cell.value for cell in cells[1]] == frame().columns
    assert all(cell.font.b for cell in cells[1])
    assert {cell.data_type for row in cells.iter_rows(min_row=2) for cell in row} <= set("snbd"), (
        "no cell is a formula"
    )
    found = [row[0] for row in cells.iter_rows(min_row=2, values_only=True)]
    assert found[: len(FORMULAS)] == [text.replace("\r", "\n") for text in FORMULAS]
    assert found[len(FORMULAS) :] == ['a "quoted", text', "two\nlines", "頭部 ü", "00123",
                                      "1.2.840.10008", "control", None, None]  # fmt: skip
    assert [cells[f"B{n}"].value for n in (2, 3)] == [-5, str(2**60)], "as exact as it is"
    assert [cells[f"C{n}"].value for n in (2, 3, 4, 5)] == [-1.5, "NaN", "inf", None]
    assert [cells[f"D{n}"].value for n in (2, 3, 4, 5)] == [
        datetime(2020, 1, 2), "1850-01-01", "1900-02-28", datetime(1900, 3, 1)
    ]  # fmt: skip
    assert cells["E2"].value == datetime(2020, 1, 2, 3, 4, 5, 600_000)
    assert [cells[f"F{n}"].value for n in (2, 3, 4, 5)] == ["a\\b", None, None, "=x\\\\y"]
    assert [cells[f"G{n}"].value for n in (2, 3, 4)] == [True, False, None]
    assert (cells["H2"].value, cells["I2"].value) == ("-1.0\\0.5", time(1, 2, 3))
    assert cells.freeze_panes == "A2"
    assert cells.auto_filter.ref == f"A1:I{frame().height + 1}"
    assert all(6 <= cells.column_dimensions[c].width <= 52 for c in "ABCDEFGHI")
    assert cells["D2"].number_format == "yyyy\\-mm\\-dd"


def test_text_that_excel_would_take_for_a_character() -> None:
    content = made("xlsx", pl.DataFrame({"_x0041_": ["_x0041_", "a_x00e9_b", "_x12_", "<&>]]>"]}))
    xml = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert xml.count("_x005F_x0041_") == 2  # Excel reads _x005F_ as the underscore that it is
    assert "a_x005F_x00e9_b" in xml
    assert ">_x12_<" in xml
    assert book(content)["Data"]["A5"].value == "<&>]]>"


def test_text_that_looks_like_the_xml_of_a_cell() -> None:
    # XlsxWriter writes such text into a cell as it is.
    texts = ["<r>", "<r></r>", "<r><t>a & b</t></r>", "<r></c><c><f>1+1</f></c></r>"]
    content = made("xlsx", pl.DataFrame({"<r><f>x</r>": texts, "n": [1, 2, 3, 4]}))
    cells = list(book(content)["Data"].iter_rows())
    assert [row[0].value for row in cells] == ["<r><f>x</r>", *texts]
    assert [row[1].value for row in cells] == ["n", 1, 2, 3, 4]
    assert {row[0].data_type for row in cells} == {"s"}


@pytest.mark.parametrize("letter", ["x", "ü", "頭", "𝄞"])
def test_long_text_is_cut_and_marked(letter: str) -> None:
    long = letter * 40_000
    fits = "y" * sheet.MAX_TEXT
    read = book(made("xlsx", pl.DataFrame({"text": [long, fits], "list": [[long], ["z"]]}), ABOUT))
    value = read["Data"]["A2"].value
    assert len(value.encode("utf-16-le")) // 2 <= sheet.MAX_TEXT
    assert len(value.encode("utf-16-le")) // 2 >= sheet.MAX_TEXT - len(sheet.CUT)
    assert value == letter * (len(value) - len(sheet.CUT)) + sheet.CUT
    assert read["Data"]["B2"].value == value
    assert (read["Data"]["A3"].value, read["Data"]["B3"].value) == (fits, "z")
    told = dict(read["Provenance"].iter_rows(values_only=True))
    assert told["Note"].startswith("2 cells of Data are longer than the 32,767 characters")


def test_more_rows_than_a_sheet_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MAX_ROWS", 4)
    numbers = pl.DataFrame({"n": list(range(9))})
    read = book(made("xlsx", [numbers.clear(), numbers.head(6), numbers.slice(6)], ABOUT))
    assert read.sheetnames == ["Data", "Data 2", "Data 3", "Provenance", "Dictionary"]
    sheets = [read[name] for name in read.sheetnames[:3]]
    assert [[r[0] for r in one.iter_rows(values_only=True)] for one in sheets] == [
        ["n", 0, 1, 2, 3], ["n", 4, 5, 6, 7], ["n", 8]
    ]  # fmt: skip
    assert [one.auto_filter.ref for one in sheets] == ["A1:A5", "A1:A5", "A1:A2"]
    told = dict(read["Provenance"].iter_rows(values_only=True))
    assert told["Note"] == "Data goes on on further sheets, 3 in all."


def test_a_sheet_is_full_also_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.export.xlsx.MAX_BYTES", 5_000)
    monkeypatch.setattr("app.export.xlsx.CHUNK_ROWS", 10)
    read = book(made("xlsx", pl.DataFrame({"t": ["x" * 100] * 100})))
    assert len(read.sheetnames) > 2
    assert sum(one.max_row - 1 for one in read) == 100


def test_provenance_and_dictionary() -> None:
    read = book(made("xlsx", frame(), ABOUT))
    assert list(read["Provenance"].iter_rows(values_only=True)) == [
        ("what", "is"), ("Databank", "=test"), ("Snapshot", "3"), ("Rows", "18"),
    ]  # fmt: skip
    assert read["Provenance"]["B2"].data_type == "s"
    assert list(read["Dictionary"].iter_rows(values_only=True))[1:] == [
        ("text", "A <text> & more", None, None, None),
        ("number", "A length", "mm", "(0018,0050)", None),
    ]
    assert read.properties.created == WHEN.replace(tzinfo=None)
    metadata = pq.read_metadata(io.BytesIO(made("parquet", frame(), ABOUT))).metadata
    assert json.loads(metadata[b"taglake.provenance"]) == {
        "Databank": "=test", "Snapshot": "3", "Rows": "18",
    }  # fmt: skip
    assert json.loads(metadata[b"taglake.dictionary"])[1] == {
        "name": "number", "meaning": "A length", "unit": "mm", "source": "(0018,0050)", "type": "",
    }  # fmt: skip


def test_parquet_keeps_types() -> None:
    assert pl.read_parquet(io.BytesIO(made("parquet", frame()))).equals(frame())


@pytest.mark.parametrize("kind", FORMATS)
def test_no_rows(kind: str) -> None:
    content = made(kind, frame().clear())
    if kind == "csv":
        assert content.decode().splitlines() == [",".join(frame().columns)]
    elif kind == "json":
        assert json.loads(content) == []
    elif kind == "parquet":
        assert pl.read_parquet(io.BytesIO(content)).schema == frame().schema
    else:
        rows = list(book(content)["Data"].iter_rows(values_only=True))
        assert rows == [tuple(frame().columns)]


@pytest.mark.parametrize("kind", FORMATS)
def test_how_rows_come_does_not_matter_nor_when(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = frame().head(1)
    rows = pl.concat([row] * 4)
    # A frame is a row group of Parquet; other formats do not show where one ends.
    parts = [rows] if kind == "parquet" else [row.clear(), row, rows.head(3)]
    first = made(kind, rows, ABOUT)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert made(kind, parts, ABOUT) == first


def test_a_pipe_gets_the_same_workbook_as_a_file() -> None:
    class Pipe(io.RawIOBase):
        content = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.content += bytes(data)
            return len(data)

    pipe = Pipe()
    FORMATS["xlsx"].write([frame()], pipe, None)  # type: ignore[arg-type]
    assert pipe.content == made("xlsx", frame())


def test_a_workbook_that_failed_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing() -> Iterable[pl.DataFrame]:
        yield frame()
        assert len(list(tmp_path.rglob("*"))) > 1, "rows wait in a file"
        raise ZeroDivisionError

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = io.BytesIO()
    with pytest.raises(ZeroDivisionError), Book(file) as unfinished:
        unfinished.table("Data", failing())
    assert file.getvalue() == b""
    made("xlsx", frame())
    assert not list(tmp_path.iterdir()), "no row is left behind"


def test_a_full_disk_is_an_oserror(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("zipfile.ZipFile.write", full)
    with pytest.raises(OSError, match="No space") as raised:
        made("xlsx", frame())
    assert raised.value.errno == errno.ENOSPC


TEXT = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("=+-@\t\r\n'\"\\,;_x0")),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.none() | TEXT, st.lists(st.none() | TEXT, max_size=3)), max_size=6))
def test_odd_texts_stay_what_they_are(rows: list[tuple[str | None, list[str | None]]]) -> None:
    odd = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.List(pl.String)}, orient="row")
    assert json.loads(made("json", odd)) == [{"a": a, "b": b} for a, b in rows]
    assert pl.read_parquet(io.BytesIO(made("parquet", odd))).equals(odd)
    text = made("csv", odd).decode()
    for (a, b), read in zip(rows, list(csv.reader(io.StringIO(text, newline="")))[1:], strict=True):
        for value, cell in ((a or "", read[0]), ("\\".join(v or "" for v in b), read[1])):
            assert cell in (value, f"'{value}")
            assert not cell.startswith((*"=+-@＝＋－＠\t\r\n",))
    sheet_ = book(made("xlsx", odd))["Data"]
    for row, (a, _) in enumerate(rows, start=2):
        cell = sheet_.cell(row, 1)
        assert cell.data_type in "sn"
        kept = "".join(c for c in a or "" if c in "\t\n\r" or c >= " ").replace("\ufffe", "")
        kept = kept.replace("\uffff", "").replace("\r\n", "\n").replace("\r", "\n")
        shown = str(cell.value or "").replace("_x005F_", "_")
        assert shown == kept.replace("_x005F_", "_")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats() | st.none(), min_size=1, max_size=5),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=5, max_size=5),
)
def test_numbers_come_back_as_they_were(floats: list[float | None], integers: list[int]) -> None:
    floats += [None] * (5 - len(floats))
    odd = pl.DataFrame({"f": floats, "i": integers}, schema={"f": pl.Float64, "i": pl.Int64})
    cells = list(book(made("xlsx", odd))["Data"].iter_rows(min_row=2, values_only=True))
    for (f, i), value, whole in zip(cells, floats, integers, strict=True):
        assert i == (whole if abs(whole) <= 2**53 else str(whole))
        if value is None or value != value or value in (float("inf"), float("-inf")):
            assert f == {None: None}.get(value, str(value).replace("nan", "NaN"))
        else:
            assert f == value
