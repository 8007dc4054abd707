"""Exports: read back by other readers, the values are the same and none of them is a formula."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import openpyxl
import polars as pl
import pytest

from app.export import FORMATS, excel

FORMULAS = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "＋1", "－1", "＠x"]
NASTY = [
    'a "quoted", text',
    "two\nlines",
    "頭部 ü",
    "00123",
    "1.2.840.10008",
    "\x00\x0bcontrol",
    "",
    None,
]


def frame() -> pl.DataFrame:
    texts = [*FORMULAS, *NASTY]
    n = len(texts)
    return pl.DataFrame(
        {
            "text": texts,
            "integer": [-5, 2**60, *range(n - 2)],
            "number": [-1.5, float("nan"), float("inf"), None, *[0.1] * (n - 4)],
            "day": [date(2020, 1, 2)] * n,
            "moment": [datetime(2020, 1, 2, 3, 4, 5, 600_000)] * n,
            "list": [["a", "b"], [], None, *[["x"]] * (n - 3)],
            "flag": [True, False, None] * (n // 3),
        }
    )


def test_csv() -> None:
    content = FORMATS["csv"].encode(frame())
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    assert [row["text"] for row in rows[: len(FORMULAS)]] == ["'" + text for text in FORMULAS]
    assert [row["text"] for row in rows[len(FORMULAS) :]] == [text or "" for text in NASTY]
    assert [row["integer"] for row in rows[:2]] == ["-5", str(2**60)]
    assert [row["number"] for row in rows[:4]] == ["-1.5", "NaN", "inf", ""]
    assert [row["list"] for row in rows[:4]] == ["a\\b", "", "", "x"]
    assert (rows[0]["day"], rows[0]["moment"]) == ("2020-01-02", "2020-01-02T03:04:05.600")


def test_excel() -> None:
    book = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].encode(frame())))
    sheet = book["Data"]
    assert [cell.value for cell in sheet[1]] == frame().columns
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert all(cell.data_type in ("s", "n") for cell in cells), "no cell is a formula"
    found = [cell.value for cell in cells]
    assert found[: len(FORMULAS)] == [
        text.replace("\r", "\n") for text in FORMULAS
    ]  # as XML reads it
    assert found[len(FORMULAS) :] == ['a "quoted", text', "two\nlines", "頭部 ü", "00123",
                                      "1.2.840.10008", "control", None, None]  # fmt: skip
    assert sheet["B2"].value == -5
    assert sheet["B3"].value == str(2**60), "more digits than a double has"
    assert (sheet["C2"].value, sheet["C3"].value, sheet["C5"].value) == (-1.5, "nan", None)
    assert sheet["D2"].value == datetime(2020, 1, 2)
    assert sheet["F2"].value == "a\\b"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:G{frame().height + 1}"
    assert all(6 <= sheet.column_dimensions[c].width <= 52 for c in "ABCDEFG")


def test_long_text_is_cut_and_marked() -> None:
    content = FORMATS["xlsx"].encode(pl.DataFrame({"text": ["x" * 40_000]}))
    value = openpyxl.load_workbook(io.BytesIO(content))["Data"]["A2"].value
    assert len(value) == excel.MAX_TEXT
    assert value.endswith(excel.CUT)


def test_more_rows_than_a_sheet_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MAX_ROWS", 3)
    content = FORMATS["xlsx"].encode(pl.DataFrame({"n": list(range(7))}))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Data", "Data 2", "Data 3"]
    assert [
        row[0] for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)
    ] == list(range(7))


def test_parquet_keeps_types() -> None:
    assert pl.read_parquet(io.BytesIO(FORMATS["parquet"].encode(frame()))).equals(frame())


@pytest.mark.parametrize("kind", FORMATS)
def test_no_rows(kind: str) -> None:
    assert FORMATS[kind].encode(frame().clear())
