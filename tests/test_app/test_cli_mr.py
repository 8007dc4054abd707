"""`taglake mr`: the cleaned table in every format, and the names of files after BIDS."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from ingest.derive import corrections
from ingest.derive.corrections import Corrected
from ingest.schema import TABLES
from tests import mr_lake
from tests.test_app.command_line import taglake

NAMES = [column.name for column in TABLES["mr_cleaned"].columns if not column.phi]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mr_lake.make(tmp_path_factory.mktemp("mr") / "databanks" / "mr")


@pytest.fixture(autouse=True)
def at_home(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(bank.parents[1]))


def test_csv_has_all_columns_in_the_order_of_the_contract() -> None:
    ended = taglake("mr", "--format", "csv")
    assert ended.code == 0, ended.err
    rows = list(csv.DictReader(io.StringIO(ended.text)))
    assert len(rows) == mr_lake.ROWS
    assert list(rows[0]) == NAMES
    assert {row["SeriesDescription"] for row in rows} >= {"t1_se_tra", "gre_field"}
    assert "corrected_by" not in rows[0]


def test_formats_hold_the_same(tmp_path: Path) -> None:
    told = json.loads(taglake("mr", "-f", "json").text)
    classes = [row["sequenceClass"] for row in told]
    for name in ("a.parquet", "a.xlsx", "a.csv"):
        assert taglake("mr", "-o", tmp_path / name).code == 0
    assert pl.read_parquet(tmp_path / "a.parquet")["sequenceClass"].to_list() == classes
    assert pl.read_csv(tmp_path / "a.csv")["sequenceClass"].to_list() == classes
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Data"]
    head = [cell.value for cell in sheet[1]]
    place = head.index("sequenceClass") + 1
    assert [sheet.cell(n + 2, place).value for n in range(len(classes))] == classes


def test_the_table_is_for_people() -> None:
    text = taglake("mr").text
    assert "sequenceClass" in text
    assert "t1_se_tra" in text
    assert len(text.splitlines()) == mr_lake.ROWS + 1
    assert taglake("mr", "-f", "table", "-o", "x.txt").code == 2


def test_where_and_filter_leave_what_they_say() -> None:
    some = json.loads(taglake("mr", "-f", "json", "--where", "volume_kind IS NOT NULL").text)
    assert {row["SeriesDescription"] for row in some} == {"gre_field"}
    assert len(some) == 2
    ge = json.loads(taglake("mr", "-f", "json", "--filter", f"manufacturer={mr_lake.GE}").text)
    assert {row["standardManufacturer"] for row in ge} == {"GE"}
    assert taglake("mr", "--where", "nonsense = 1").code != 0
    assert taglake("mr", "--filter", "nonsense=1").code == 2


def test_bids_names_are_unlike_and_complete() -> None:
    rows = json.loads(taglake("mr", "--bids", "-f", "json").text)
    assert len(rows) == mr_lake.ROWS
    named = [row for row in rows if row["bids_file"]]
    assert named
    for row in named:
        folder, _, file = row["bids_file"].rpartition("/")
        subject, session, datatype = folder.split("/")
        assert file.startswith(f"{subject}_{session}_")
        assert file.endswith(".nii.gz")
        assert datatype in ("anat", "func", "dwi", "fmap", "perf", "swi")
        assert row["bids_why_not"] is None
    for row in rows:
        assert (row["bids_file"] is None) == bool(row["bids_why_not"])
    # Two series of one study that say the same are run-1 and run-2, in the order of time.
    runs = {r["SeriesInstanceUID"]: r["bids_file"] for r in named if r["StudyInstanceUID"] == "1"}
    assert "_run-1_" in runs["1.1"]
    assert runs["1.5"] == runs["1.1"].replace("_run-1_", "_run-2_")
    # Kinds that one file holds have its name; other names are those of one series each.
    owners: dict[str, set[str]] = {}
    for row in named:
        owners.setdefault(row["bids_file"], set()).add(row["SeriesInstanceUID"])
    assert all(len(uids) == 1 for uids in owners.values())
    # The two studies of one patient are two sessions of one subject.
    first, second = (
        next(r["bids_file"] for r in named if r["StudyInstanceUID"] == study).split("/")[:2]
        for study in ("1", "2")
    )
    assert (first[0], first[1], second[1]) == (second[0], "ses-1", "ses-2")


def test_sessions_and_runs_do_not_change_with_filters() -> None:
    whole = json.loads(taglake("mr", "--bids", "-f", "json").text)
    some = json.loads(taglake("mr", "--bids", "-f", "json", "--filter", "since=2024-05-03").text)
    assert {row["StudyInstanceUID"] for row in some} == {"2"}
    names = {(r["SeriesInstanceUID"], r["volume"]): r["bids_file"] for r in whole}
    assert some
    for row in some:
        assert row["bids_file"] == names[row["SeriesInstanceUID"], row["volume"]]


def test_corrections_are_exported_as_such(bank: Path) -> None:
    corrections.add(bank, [Corrected("2.1")], "SWI", who="Dr. Gray", why="seen")
    mr_lake.follow(bank)
    where = "SeriesInstanceUID = '2.1'"
    (row,) = json.loads(taglake("mr", "-f", "json", "--where", where).text)
    assert (row["sequenceClass"], row["classConfidence"]) == ("SWI", 1.0)
    assert row["classReason"].startswith("override:")
    assert row["sequenceClass_by_rules"]
    (row,) = json.loads(taglake("mr", "-f", "json", "--where", where, "--identifiers").text)
    assert (row["corrected_by"], row["corrected_why"]) == ("Dr. Gray", "seen")
    corrections.add(bank, [Corrected("2.1")], None, who="Dr. Gray", why="not so")
    mr_lake.follow(bank)


def test_an_unknown_databank_is_a_usage_error() -> None:
    assert taglake("mr", "--databank", "nothing").code == 2
