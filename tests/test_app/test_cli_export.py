"""`taglake export`: what is chosen and nothing else, the bytes of the app, no identity left."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import zipfile
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pyarrow.parquet as pq
import pytest

from app import queries
from app.errors import StatementRefused
from app.export import FORMATS, make, options, selection
from app.export.condition import checked
from app.export.selection import By, Selection
from app.filters import Filters
from app.queries import Databank
from ingest.schema import TABLES
from tests.conftest import fill
from tests.test_app.command_line import Ended, taglake

STUDY = "1.2.826.0.1.0.1"
SHORTEST = 5
"""Letters of a value that is looked for in bytes: "0" or "M" are everywhere."""


@pytest.fixture(autouse=True)
def at_home(lakes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(lakes))


@pytest.fixture
def full(lakes: Path) -> Databank:
    return Databank(lakes / "databanks" / "full")


def export(*arguments: str | Path) -> Ended:
    return taglake("export", *arguments, "--databank", "full")


def records(*arguments: str) -> list[dict[str, Any]]:
    ended = export(*arguments, "-f", "json")
    assert ended.code == 0, ended.err
    found: list[dict[str, Any]] = json.loads(ended.out)
    return found


def made(chosen: Selection, kind: str) -> bytes:
    file = io.BytesIO()
    make.write(chosen, kind, file)
    return file.getvalue()


def test_a_table_worked_out_by_hand() -> None:
    ended = export(
        "studies", "-f", "csv", "--columns", "StudyDescription,StudyDate,Modalities,n_series",
        "--filter", "modality=CT", "--filter", "modality=PT", "--order", "StudyDate:desc",
    )  # fmt: skip
    assert ended.text == (
        "StudyDescription,StudyDate,Modalities,n_series\n"
        "CHEST CT,2020-06-04,CT,4\n"
        "WHOLEBODY PT,2020-03-03,PT,4\n"
        "CHEST CT,2020-02-01,CT,4\n"
    )
    assert ended.err == "3 rows, without identifiers.\n"


def test_conditions_words_and_parameters() -> None:
    assert len(records("series")) == 24
    assert len(records("series", "--where", "Modality = 'CT' AND SeriesNumber > 2")) == 4
    assert {row["Modality"] for row in records("series", "--search", "thorax")} == {"CT"}
    numbers = [row["SeriesNumber"] for row in records("study_series", "--param", f"study={STUDY}")]
    assert numbers == [1, 2, 3, 4]
    found = records("lake.findings", "--where", "SeriesInstanceUID IN (FROM (SELECT 'x'))")
    assert found == []
    assert "instance_id" in records("lake.instances", "--where", "InstanceNumber = 1")[0]
    assert "instance_id" not in records("series_instances", "--param", f"study={STUDY}",
                                        "--param", f"series={STUDY}.0")[0]  # fmt: skip


def test_filters_reach_every_table_that_is_about_series(full: Databank) -> None:
    chosen = Filters.of({"modality": ["CT"]})
    opened = queries.lake(full)
    for name in TABLES:
        one = Selection(full, f"lake.{name}", chosen)
        if name in ("runs", "containers", "dropped", "element_keys"):
            with pytest.raises(StatementRefused, match="Filters are about series"):
                make.count(one)
            continue
        wanted = {"series": 8, "studies": 2, "instances": 40, "files": 40, "headers": 8}.get(name)
        everything = opened.query(f"SELECT count(*) FROM {name}").item()
        left = make.count(one)
        assert left == wanted or wanted is None, name
        # all series have the same private elements
        assert left < everything or everything == 0 or name.startswith("private_"), name
    joined = (
        "SELECT count(*) FROM elements JOIN instances USING (instance_id) WHERE Modality = 'CT'"
    )
    assert make.count(Selection(full, "lake.elements", chosen)) == opened.query(joined).item()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("identity", ["masked", "shown", "removed", "shifted"])
def test_the_command_that_the_app_shows_makes_the_same_bytes(
    kind: str, identity: str, full: Databank, tmp_path: Path
) -> None:
    chosen = Selection(
        full._replace(identifiers=identity == "shown"),
        "series",
        Filters.of({"modality": ["CT", "MR"], "body_part": ["CHEST", "KNEE"]}, date(2020, 1, 1),
                   text="e"),
        where="n_instances > 1 AND SeriesDescription <> 'it''s'",
        columns=("SeriesDescription", "StudyDate", "SeriesInstanceUID", "n_instances", "matrix"),
        order=(By("StudyDate", True), By("SeriesNumber")),
        deidentified=identity in ("removed", "shifted"),
        shift_dates=identity == "shifted",
    )  # fmt: skip
    file = tmp_path / f"out.{kind}"
    start, *arguments = shlex.split(options.command(chosen, str(file)))
    assert (start, arguments[0]) == ("./taglake", "export")
    ended = taglake(*arguments)
    assert (ended.code, ended.out) == (0, b""), ended.err
    expected = made(chosen, kind)
    assert file.read_bytes() == expected
    if kind in ("csv", "json"):
        piped = taglake(*arguments[:-2], "-f", kind)
        assert piped.out == expected


def test_a_selection_is_what_its_options_say(full: Databank) -> None:
    for chosen in (
        Selection(full, "study_series", params=(("study", STUDY),)),
        Selection(full, "header", params=(("instance", 1 << 32), ("header", 1))),
        Selection(full, "lake.series", Filters.of(since=date(2020, 2, 1), age_from=3)),
        Selection(full, "series", Filters.of({"manufacturer": ["—", "A = B, C"]}, text="a 'b' c")),
    ):
        words = shlex.split(options.command(chosen, "x.csv"))[3:-2]
        given: dict[str, list[str]] = {}
        for name, value in zip(words[::2], words[1::2], strict=True):
            given.setdefault(name, []).append(value)
        assert given.pop("--databank") == ["full"]
        filters = options.filters(given.pop("--filter", []), *given.pop("--search", [""]))
        assert filters == chosen.filters
        assert options.parameters(given.pop("--param", [])) == chosen.params
        assert not given


def test_rows_are_in_the_same_order_in_every_run(full: Databank) -> None:
    for name in ("studies", "lake.elements", "lake.findings", "lake.problems"):
        chosen = Selection(full, name)
        assert made(chosen, "csv") == made(chosen, "csv"), name
    by = Selection(full, "series", columns=("SeriesInstanceUID",), order=(By("Modality", True),))
    uids = pl.read_csv(io.BytesIO(made(by, "csv")))["SeriesInstanceUID"].to_list()
    studies = {"PT": (2,), "MR": (0, 3, 4), "CT": (1, 5)}
    assert uids == [
        f"1.2.826.0.1.0.{study}.{number}"
        for numbers in studies.values()
        for study in numbers
        for number in range(4)
    ]


def test_identifiers_have_to_be_asked_for() -> None:
    assert not {"PatientName", "PatientID", "AccessionNumber"} & set(records("studies")[0])
    shown = records("studies", "--identifiers")
    assert {row["PatientName"] for row in shown} == {f"Müller^Test{n}" for n in range(3)}
    for arguments in (
        ("--columns", "PatientName"), ("--order", "PatientName"),
        ("--where", "patientname LIKE 'M%'"), ("--where", "lower(q.PatientID) = 'p00000'"),
        ("--where", "EXISTS (SELECT 1 FROM patients AS p WHERE p.PatientID = 'P00000')"),
    ):  # fmt: skip
        ended = export("studies", "-f", "csv", *arguments)
        assert (ended.code, ended.out) == (2, b"")
        assert "identifies somebody" in ended.err
    assert len(records("studies", "--identifiers", "--where", "PatientID = 'P00000'")) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nope"], "There is no table nope. There are: "),
        (["studeis"], "There is no table studeis. Did you mean studies"),
        (["studies", "--columns", "StudyDat"], "no column StudyDat. Did you mean StudyDate"),
        (["studies", "--columns", "StudyDate,StudyDate"], "only once"),
        (["studies", "--order", "StudyDate:down"], "down is no direction"),
        (["studies", "--where", "n_series >"], "not one SQL condition"),
        (["studies", "--where", "1=1) UNION (SELECT 1"], "not one SQL condition"),
        (["studies", "--where", "true; DROP TABLE x"], "not one SQL condition"),
        (["studies", "--where", "nope = 1"], "Binder Error"),
        (["studies", "--where", "getenv('HOME') = ''"], "getenv is not allowed"),
        (["studies", "--where", "EXISTS (FROM read_text('/etc/passwd'))"], "read_text is not"),
        (["studies", "--where", "CAST(StudyDescription AS INT) = 1"], "Conversion Error"),
        (["studies", "--filter", "modalit=CT"], "modalit=CT is no filter"),
        (["studies", "--filter", "since=yesterday"], "since=yesterday is no filter"),
        (["runs", "--filter", "modality=CT"], "Filters are about series"),
        (["study_series"], "study_series needs the parameter study"),
        (["studies", "--param", "study=1"], "studies has no parameter study"),
        (["studies", "--param", "study"], "write name=value"),
        (["studies", "--param", "x:=[1]"], "wants a number"),
        (["studies", "--shift-dates"], "goes with --deidentify"),
    ],
)
def test_errors_are_a_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    for more in (["-f", "csv"], ["-o", tmp_path / "out.xlsx"]):
        ended = export(*arguments, *more)
        assert (ended.code, ended.out) == (2, b"")
        assert sentence in ended.err
        assert ended.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_format_follows_the_file_or_has_to_be_said(tmp_path: Path) -> None:
    assert "--format" in export("studies").err
    assert "--format" in export("studies", "-o", tmp_path / "x").err
    assert export("studies", "-o", tmp_path / "x.JSON").code == 0
    assert len(json.loads((tmp_path / "x.JSON").read_bytes())) == 6
    assert taglake("export", "studies", "-f", "csv", "-d", "none such").code == 2


def test_a_condition_is_used_as_it_was_meant() -> None:
    assert checked("a > 1 -- note", False) == "a > 1"
    quoted = """SeriesDescription = 'it''s "x"; --' OR "odd name" IS NULL"""
    assert checked(quoted, False).replace("(", "").replace(")", "") == quoted
    assert len(records("studies", "--where", "StudyDescription = 'KNEE MR' OR true")) == 6


def test_provenance_says_where_the_rows_are_from(full: Databank) -> None:
    chosen = Selection(
        full, "series", Filters.of({"modality": ["CT"]}, date(2020, 1, 1)), where="n_instances > 1",
        columns=("SeriesDescription", "SliceThickness"), order=(By("SeriesNumber", True),),
    )  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(made(chosen, "xlsx")))
    assert book.sheetnames == ["Data", "Provenance", "Dictionary"]
    told = dict(book["Provenance"].iter_rows(min_row=2, values_only=True))
    assert told["Databank"] == "full"
    assert told["Table"] == "series"
    assert told["Filters"] == "Only series with modality CT, study date from 2020-01-01."
    assert told["Filters as SQL"] == (
        "list_contains(['CT'], coalesce(Modality, '—')) AND StudyDate >= DATE '2020-01-01'"
    )
    assert told["Condition"] == "n_instances > 1"
    assert told["Order"] == "SeriesNumber descending"
    assert (told["Rows"], told["Columns"], told["Identifiers"]) == ("8", "2", "hidden")
    assert told["Data as of"].startswith("2024-01-01 ")
    assert told["Made by"].startswith("Taglake ")
    opened = queries.lake(full)
    rows = opened.query(f"FROM series WHERE {told['Filters as SQL']} AND {told['Condition']}")
    assert rows.height == 8, "the SQL can be run"
    assert list(book["Dictionary"].iter_rows(values_only=True)) == [
        ("name", "meaning", "unit", "source", "type"),
        ("SeriesDescription", TABLES["series"].column("SeriesDescription").description, None,
         "(0008,103E)", "text"),
        ("SliceThickness", TABLES["series"].column("SliceThickness").description, "mm",
         "(0018,0050); FG (0028,9110)/(0018,0050)", "number"),
    ]  # fmt: skip
    metadata = pq.read_metadata(io.BytesIO(made(chosen, "parquet"))).metadata
    assert json.loads(metadata[b"taglake.provenance"]) == told


# Without identity.


@cache
def secrets(full: Databank) -> frozenset[str]:
    """What must not be in a file without identity: identifying values, UIDs, dates."""
    opened = queries.lake(full._replace(identifiers=True))
    found: set[str] = set()
    for table in TABLES.values():
        for column in table.columns:
            well_known = column.name in ("SOPClassUID", "TransferSyntaxUID")
            if column.phi or (column.name.endswith("UID") and not well_known) or (
                column.dtype == pl.Date
            ):  # fmt: skip
                values = opened.query(f'SELECT DISTINCT "{column.name}"::VARCHAR FROM {table.name}')
                found |= {value for (value,) in values.iter_rows() if value}
    assert {
        "Müller^Test0",
        "P00001",
        "Hospital",
        STUDY,
        "2020-02-01",
        "/data/0/0/0/IM00000",
    } <= found
    return frozenset(value for value in found if len(value) >= SHORTEST)


def contents(content: bytes) -> bytes:
    """A file, or the parts of a workbook."""
    if not content.startswith(b"PK"):
        return content
    archive = zipfile.ZipFile(io.BytesIO(content))
    return b"\n".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_no_identifying_value_is_in_a_file_without_identity(kind: str, full: Databank) -> None:
    hidden = secrets(full)
    shown = full._replace(identifiers=True)
    everything = (*(f"lake.{table}" for table in TABLES), "studies", "series")
    few = ("lake.studies", "lake.files", "lake.containers", "lake.findings", "studies")
    for name in everything if kind == "csv" else few:
        where = "lower(SeriesDescription) <> 'müller^test0'" if name == "series" else ""
        filters = Filters.of(text="müller") if name == "studies" else Filters()
        chosen = Selection(shown, name, filters, where=where, deidentified=True)
        if name == "lake.containers":
            with pytest.raises(StatementRefused, match="no column"):
                made(chosen, kind)
            continue
        content = contents(made(chosen, kind))
        assert not [value for value in hidden if value.encode() in content], name
        assert b"full" not in content.replace(b"fullCalcOnLoad", b""), "the databank's name"
        assert b"ller" not in content


def test_parquet_without_identity(full: Databank) -> None:
    hidden = secrets(full)
    chosen = Selection(full._replace(identifiers=True), "lake.studies", deidentified=True)
    content = made(chosen, "parquet")
    frame = pl.read_parquet(content)
    texts = frame.select(pl.col(pl.String, pl.List(pl.String))).write_json()
    metadata = json.dumps(
        {k.decode(): v.decode() for k, v in pq.read_metadata(io.BytesIO(content)).metadata.items()}
    )
    assert frame.height == 6
    assert not [value for value in hidden if value in texts or value in metadata]


def without_identity(full: Databank, table: str, shift: bool = False) -> pl.DataFrame:
    shown = full._replace(identifiers=True)
    chosen = Selection(shown, table, deidentified=True, shift_dates=shift)
    return pl.read_parquet(made(chosen, "parquet"))


def test_tables_still_join_without_identity(full: Databank) -> None:
    studies, series, instances, findings = (
        without_identity(full, f"lake.{name}")
        for name in ("studies", "series", "instances", "findings")
    )
    assert series.join(studies, on="StudyInstanceUID").height == 24
    assert instances.join(series, on=["StudyInstanceUID", "SeriesInstanceUID"]).height == 120
    assert findings.join(series, on="SeriesInstanceUID").height > 0
    assert series["FirstSOPInstanceUID"].is_in(instances["SOPInstanceUID"].implode()).all()
    assert studies.group_by("PatientID").len()["len"].to_list() == [2, 2, 2]
    assert studies.select("PatientID", "patient_key").n_unique() == 3
    uids = {
        *studies["StudyInstanceUID"],
        *series["SeriesInstanceUID"],
        *instances["SOPInstanceUID"],
    }
    assert len(uids) == 6 + 24 + 120
    for uid in uids:
        assert re.fullmatch(r"2\.25\.(0|[1-9]\d*)", uid)
        assert len(uid) <= 64
        number = int(uid.removeprefix("2.25."))
        assert number < 2**128
        assert (number >> 76 & 0xF, number >> 62 & 0x3) == (8, 2), "a UUID of version 8"


def test_dates_go_or_are_moved_by_patient(full: Databank) -> None:
    assert "StudyDate" not in without_identity(full, "lake.studies").columns
    opened = queries.lake(full._replace(identifiers=True))
    before = opened.query("FROM studies ORDER BY StudyInstanceUID")
    after = without_identity(full, "lake.studies", shift=True)
    by_patient: dict[str, set[timedelta]] = {}
    moved = dict(after.select("n_findings", "StudyDate").iter_rows())
    assert len(moved) >= 1
    order = after.sort("StudyTime")  # the hour is 8 + the number of the study, and stays
    for old, new in zip(before["StudyDate"], order["StudyDate"], strict=True):
        assert old - timedelta(days=3650) <= new < old
    for patient, old, new in zip(
        before["patient_key"], before["StudyDate"], order["StudyDate"], strict=True
    ):
        by_patient.setdefault(patient, set()).add(old - new)
    assert [len(shifts) for shifts in by_patient.values()] == [1, 1, 1], "intervals are kept"
    assert len({min(shifts) for shifts in by_patient.values()}) > 1, "patients differ"
    series = without_identity(full, "series", shift=True)
    gap = series["acquisition_datetime_min"].dt.date() - series["StudyDate"]
    assert gap.dt.total_days().to_list() == [0] * 24, "the same in all tables"


def test_dates_of_a_table_without_a_patient_go(full: Databank) -> None:
    assert "started" not in without_identity(full, "lake.runs", shift=True).columns


def test_the_same_uid_is_another_in_another_databank(full: Databank, tmp_path: Path) -> None:
    other = Databank(tmp_path / "databanks" / "other")
    fill(other.root, studies=1, series_per_study=1, instances_per_series=1)
    one = made(Selection(other, "lake.studies", deidentified=True), "csv")
    uid = next(csv.DictReader(io.StringIO(one.decode())))["StudyInstanceUID"]
    assert uid not in without_identity(full, "lake.studies")["StudyInstanceUID"].to_list()


def test_provenance_without_identity_says_what_was_done(full: Databank) -> None:
    chosen = Selection(
        full._replace(identifiers=True), "studies", where="PatientID = 'P00000'",
        columns=("PatientID", "PatientName", "StudyDate", "n_series"), deidentified=True,
    )  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(made(chosen, "xlsx")))
    told = dict(book["Provenance"].iter_rows(min_row=2, values_only=True))
    assert told["Databank"] == told["Choice of rows"] == "not told, as it may identify"
    assert told["Columns removed"] == "StudyDate"
    assert told["Columns changed"] == "PatientID: keyed hash; PatientName: replaced by a dummy"
    assert "Condition" not in told
    rows = list(book["Data"].iter_rows(values_only=True))
    assert rows[0] == ("PatientID", "PatientName", "n_series")
    assert [row[1:] for row in rows[1:]] == [("REMOVED", 4)] * 2
    assert re.fullmatch("[0-9a-f]{32}", str(rows[1][0]))


def test_without_identifiers_nothing_of_them_is_read(full: Databank) -> None:
    chosen = Selection(full, "studies", deidentified=True)
    names = set(make.columns(chosen))
    assert not {"PatientID", "PatientName"} & names
    assert "patient_key" in names


def test_frames_are_even(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = pl.DataFrame({"n": range(23)})
    parts = [numbers.clear(), numbers.head(1), numbers.slice(1, 11), numbers.slice(12)]
    even = list(selection.even(iter(parts), 5))
    assert [part.height for part in even] == [0, 5, 5, 5, 5, 3]
    assert pl.concat(even).equals(numbers)
    assert [p.height for p in selection.even(iter([numbers.clear()]), 5)] == [0]


def test_progress_is_told_and_can_stop(full: Databank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "ROWS", 50)
    told: list[int] = []
    chosen = Selection(full, "lake.instances", columns=("SOPInstanceUID",))
    make.write(chosen, "csv", io.BytesIO(), told.append)
    assert told == [50, 100, 120]

    def stop(rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make.write(chosen, "xlsx", io.BytesIO(), stop)
    assert make.count(chosen) == 120, "the connection can be used again"


# A study as the DICOM JSON Model.


def test_a_study_as_json(tmp_path: Path) -> None:
    file = tmp_path / "study.json"
    ended = taglake("header", "--json", "--study", STUDY, "-d", "full", "-o", file)
    assert (ended.code, ended.out) == (0, b"")
    assert ended.err == "20 instances, without identifying elements (--identifiers).\n"
    instances = json.loads(file.read_bytes())
    places = [(s, i) for s in range(4) for i in range(5)]
    assert [one["00080018"]["Value"] for one in instances] == [
        [f"{STUDY}.{s}.{i}"] for s, i in places
    ]
    assert [one["00200013"]["Value"] for one in instances] == [[i + 1] for _, i in places]
    assert not any("00100010" in one or "00204000" in one for one in instances)
    shown = taglake("header", "--json", "--study", STUDY, "-d", "full", "--identifiers")
    assert json.loads(shown.out)[1]["00100010"]["Value"] == [{"Alphabetic": "Müller^Test0"}]
    one = taglake("header", f"{STUDY}.0.0", "--json", "-d", "full")
    assert json.loads(one.out) == instances[0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--study", STUDY], "--json only"),
        (["--study", "1.2.3", "--json"], "no such study"),
        (["--json"], "one of them"),
        (["1.2.3", "--study", STUDY, "--json"], "one of them"),
    ],
)
def test_a_study_that_can_not_be_shown(arguments: list[str], sentence: str) -> None:
    ended = taglake("header", *arguments, "-d", "full")
    assert (ended.code, ended.out) == (2, b"")
    assert sentence in ended.err
