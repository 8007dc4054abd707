"""`taglake sql`: the same rows in every format, exactly, and nothing but rows on stdout."""

from __future__ import annotations

import csv
import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from tests.fake_lake import write_batch
from tests.test_app.command_line import taglake

NAMES = ["n", "formula", "text", "f", "l", "d", "t", "ts", "b", "big", "bytes", "texts"]
NASTY = f"""
SELECT * FROM (VALUES
  (1, '=1+1', '1.2.840.00', 1.5::DOUBLE, [1, 2], DATE '2020-02-29', TIME '10:00:00.25',
   TIMESTAMP '2020-02-29 10:00:00.123456', true, 9007199254740993, 'ab'::BLOB, ['=a', NULL]),
  (2, '', 'line
break', 'nan'::DOUBLE, [], DATE '0001-01-01', TIME '00:00:00',
   TIMESTAMP '1969-12-31 23:59:59', false, -1, ''::BLOB, []),
  (3, NULL, '頭部, "quoted"', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, '-5', E'\\x1b[31mred', '-inf'::DOUBLE, [NULL], NULL, NULL, NULL, NULL, NULL, NULL, NULL)
) AS t({", ".join(NAMES)}) ORDER BY n
"""


@pytest.fixture(autouse=True, scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    write_batch(folder / "databanks" / "fake", studies=2)
    return folder


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(home))


def test_csv_is_exact() -> None:
    ended = taglake("sql", NASTY, "--format", "csv")
    assert (ended.code, ended.err) == (0, "4 rows.\n")
    rows = list(csv.reader(io.StringIO(ended.text, newline="")))
    assert rows[0] == NAMES
    assert rows[1] == [
        "1", "'=1+1", "1.2.840.00", "1.5", "1\\2", "2020-02-29", "10:00:00.250",
        "2020-02-29T10:00:00.123456", "true", "9007199254740993", "YWI=", "'=a\\",
    ]  # fmt: skip
    assert rows[2] == [
        "2", "", "line\nbreak", "NaN", "", "0001-01-01", "00:00:00", "1969-12-31T23:59:59",
        "false", "-1", "", "",
    ]  # fmt: skip
    assert rows[3] == ["3", "", '頭部, "quoted"', *[""] * 9]
    assert rows[4][:5] == ["4", "'-5", "\x1b[31mred", "-inf", ""]
    assert ended.text.splitlines()[2].startswith('2,"",')  # empty text is not NULL
    assert ended.text.splitlines()[4].startswith("3,,")


def test_json_is_exact() -> None:
    ended = taglake("sql", NASTY, "--format", "json")
    first, second, third, fourth = json.loads(ended.out)
    assert first == {
        "n": 1, "formula": "=1+1", "text": "1.2.840.00", "f": 1.5, "l": [1, 2],
        "d": "2020-02-29", "t": "10:00:00.250", "ts": "2020-02-29T10:00:00.123456", "b": True,
        "big": 9007199254740993, "bytes": "YWI=", "texts": ["=a", None],
    }  # fmt: skip
    assert (second["formula"], second["f"], second["l"]) == ("", None, [])
    assert third == {**dict.fromkeys(first), "n": 3, "text": '頭部, "quoted"'}
    assert (fourth["formula"], fourth["f"], fourth["l"]) == ("-5", None, [None])


def test_parquet_keeps_types(tmp_path: Path) -> None:
    file = tmp_path / "nasty.parquet"
    ended = taglake("sql", NASTY, "-o", file)
    assert (ended.code, ended.out) == (0, b"")
    frame = pl.read_parquet(file)
    assert frame.row(0) == (
        1, "=1+1", "1.2.840.00", 1.5, [1, 2], date(2020, 2, 29), time(10, 0, 0, 250000),
        datetime(2020, 2, 29, 10, 0, 0, 123456), True, 9007199254740993, b"ab", ["=a", None],
    )  # fmt: skip
    assert frame.row(2)[3:] == (None,) * 9


def test_excel_has_the_rows(tmp_path: Path) -> None:
    file = tmp_path / "nasty.xlsx"
    assert taglake("sql", NASTY, "-o", file).code == 0
    rows = list(openpyxl.load_workbook(file)["Data"].iter_rows(values_only=True))
    assert rows[0] == tuple(NAMES)
    assert rows[1] == (
        1, "=1+1", "1.2.840.00", 1.5, "1\\2", datetime(2020, 2, 29), time(10, 0, 0, 250000),
        datetime(2020, 2, 29, 10, 0, 0, 123000), True, "9007199254740993", "YWI=", "=a\\",
    )  # fmt: skip
    assert rows[3] == (3, None, '頭部, "quoted"', *[None] * 9)


def test_sums_of_whole_numbers_are_whole_numbers() -> None:
    question = "SELECT sum(Rows) AS s, 1.25 AS d FROM instances"
    (row,) = json.loads(taglake("sql", question, "-f", "json").out)
    assert (type(row["s"]), row["s"] % 512, row["d"]) == (int, 0, 1.25)


def test_the_table_shows_control_characters_as_text() -> None:
    ended = taglake("sql", NASTY)
    assert "\x1b" not in ended.text
    assert "\\x1b[31mred" in ended.text
    assert "line\\nbreak" in ended.text
    assert " =1+1 " in ended.text  # no apostrophe: it is no spreadsheet


def test_a_table_is_cut_and_says_so() -> None:
    ended = taglake("sql", "SELECT range AS n FROM range(500)", "--limit", "3")
    assert [line.strip() for line in ended.text.splitlines()][-4:-1] == ["0", "1", "2"]
    assert "The first 3 rows" in ended.err
    assert "3 rows." in taglake("sql", "SELECT range AS n FROM range(3)", "--limit", "3").err


def test_other_formats_are_never_cut() -> None:
    question = "SELECT range AS n FROM range(120000)"
    assert len(taglake("sql", question, "-f", "csv", "--limit", "3").out.splitlines()) == 120_001
    assert len(json.loads(taglake("sql", question, "-f", "json").out)) == 120_000


@pytest.mark.parametrize(("format_", "empty"), [("csv", b"a,b\n"), ("json", b"[\n]\n")])
def test_an_answer_without_rows_is_whole(format_: str, empty: bytes) -> None:
    ended = taglake("sql", "SELECT 1 AS a, 'x' AS b WHERE false", "-f", format_)
    assert (ended.code, ended.out, ended.err) == (0, empty, "0 rows.\n")


def test_names_of_columns_are_no_formulas_either() -> None:
    ended = taglake("sql", 'SELECT 1 AS "=cmd", 2 AS ok', "-f", "csv")
    assert ended.text == "'=cmd,ok\n1,2\n"


def test_the_question_may_come_from_stdin() -> None:
    ended = taglake("sql", "-", "-f", "csv", stdin="SELECT 1 AS a;\n")
    assert ended.text == "a\n1\n"


def test_a_plan_is_shown_as_it_is_drawn() -> None:
    ended = taglake("sql", "EXPLAIN SELECT count(*) FROM files")
    assert ended.code == 0
    assert "╭─" in ended.text


def test_identifiers_have_to_be_asked_for() -> None:
    question = ("sql", "SELECT DISTINCT PatientName AS p FROM instances", "-f", "csv")
    assert taglake(*question).text == "p\n\n"
    assert taglake(*question, "--identifiers").text == "p\nMüller^Test0\n"


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("SELECT nope FROM files", "Binder Error"),
        ("SELEKT 1", "syntax error"),
        ("COPY files TO 'x.csv'", "COPY is not allowed"),
        ("SELECT 1; SELECT 2", "One statement at a time"),
        ("FROM read_text('/etc/passwd')", "read_text is not allowed"),
        ("SELECT CAST('x' AS INTEGER)", "Conversion Error"),
    ],
)
def test_errors_are_a_sentence(statement: str, sentence: str, tmp_path: Path) -> None:
    for more in ([], ["-f", "csv"], ["-o", tmp_path / "out.json"]):
        ended = taglake("sql", statement, *more)
        assert (ended.code, ended.out) == (2, b"")
        assert sentence in ended.err
        assert ended.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_file_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    assert taglake("sql", "SELECT 1 AS a", "-o", file).code == 0
    failing = "SELECT CASE WHEN range = 119999 THEN error('late') END AS a FROM range(120000)"
    assert taglake("sql", failing, "-o", file).code == 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.csv"]
    assert file.read_bytes() == b"a\n1\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither devices of this kind nor FIFOs")
def test_what_is_no_file_stays_what_it_is(tmp_path: Path) -> None:
    full = taglake("sql", "SELECT 1 AS a", "-o", "/dev/full", "-f", "xlsx")
    assert (full.code, full.err) == (
        2, "Error: /dev/full cannot be written: No space left on device.\n"
    )  # fmt: skip
    assert Path("/dev/full").is_char_device()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_bytes)
        assert taglake("sql", "SELECT 1 AS a", "-o", pipe, "-f", "csv").code == 0
        assert read.result(10) == b"a\n1\n"
    assert pipe.is_fifo()
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "target.csv")
    for number in "12":  # before there is a target, and then
        assert taglake("sql", f"SELECT {number} AS a", "-o", link).code == 0
        assert link.is_symlink()
        assert (tmp_path / "target.csv").read_text() == f"a\n{number}\n"


def test_the_format_follows_the_file_or_has_to_be_said(tmp_path: Path) -> None:
    assert taglake("sql", "SELECT 1 AS a", "-o", tmp_path / "x.json").code == 0
    assert json.loads((tmp_path / "x.json").read_bytes()) == [{"a": 1}]
    assert taglake("sql", "SELECT 1 AS a", "-o", tmp_path / "x").code == 2
    assert taglake("sql", "SELECT 1 AS a", "-o", tmp_path / "x", "-f", "csv").code == 0
    assert taglake("sql", "SELECT 1 AS a", "-o", tmp_path / "x", "-f", "table").code == 2
    ended = taglake("sql", "SELECT 1 AS a", "-o", tmp_path / "no" / "x.csv")
    assert ended.code == 2
    assert "cannot be written" in ended.err


def test_decimals_keep_their_digits_in_csv() -> None:
    number = Decimal("12345678901234567890.10")
    ended = taglake("sql", f"SELECT {number}::DECIMAL(38, 2) AS d", "-f", "csv")
    assert ended.text == f"d\n{number}\n"
