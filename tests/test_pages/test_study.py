"""One study: timeline, geometry, nuclear medicine, findings, private data, files, DICOM JSON."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pydicom
import pytest
from streamlit.testing.v1 import AppTest

from app import charts, queries
from app.charts import timeline
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.queries import Databank
from app.ui import study as parts
from app.ui import tables
from ingest.derive.rules import RULES
from tests.in_process import ingested
from tests.test_pages.browser import go, metrics, texts, view, visit
from tests.test_pages.test_preview import image
from tests.test_pages.test_queries import used

T = language_texts("en")
CT, PT = "1.2.826.0.1.0.1", "1.2.826.0.1.0.2"
TABS = ("study.geometry", "study.findings", "study.private", "study.files")
NOON = datetime(2020, 1, 1, 12)
LOOK = charts.Look({"CT": "#000000"}, "#ffffff")


def tab(app: AppTest, key: str, language: str = "en") -> AppTest:
    """Run with that tab open; AppTest forgets which is open."""
    app.session_state["study_tabs"] = language_texts(language)(key)
    return app.run()


# timeline


def series(*rows: tuple[str, int | None, str | None, int | None, int]) -> pl.DataFrame:
    """Series by description, number, modality, start and length in seconds from noon."""
    made = [
        {
            "SeriesDescription": text, "SeriesNumber": number, "Modality": kind, "n_instances": 3,
            "is_derived": text.startswith("derived"), "SeriesInstanceUID": str(n),
            "acquisition_datetime_min": None if start is None else NOON + timedelta(seconds=start),
            "acquisition_datetime_max": None
            if start is None
            else NOON + timedelta(seconds=start + lasted),
        }
        for n, (text, number, kind, start, lasted) in enumerate(rows)
    ]  # fmt: skip
    times = ("acquisition_datetime_min", "acquisition_datetime_max")
    return pl.DataFrame(made, schema_overrides=dict.fromkeys(times, pl.Datetime("us")))


def test_who_has_a_bar_and_who_has_not() -> None:
    day = 24 * 3600
    frame = series(
        ("late", 2, "CT", 600, 5), ("early", 1, "CT", 0, 60), ("report", 9, "SR", None, 0),
        ("prior", 3, "CT", -400 * day, 0), ("tomorrow", 4, "CT", day // 2, 0),
    )  # fmt: skip
    found = timeline.arranged(frame)
    assert found.shown["SeriesDescription"].to_list() == ["early", "late", "tomorrow"]
    assert found.elsewhere["SeriesDescription"].to_list() == ["prior"]
    assert found.undated["SeriesDescription"].to_list() == ["report"]
    assert found.n_more == 0
    many = series(*((f"s{n}", n, "MR", n, 0) for n in range(timeline.MOST + 7)))
    assert (timeline.arranged(many).shown.height, timeline.arranged(many).n_more) == (60, 7)
    nothing = timeline.arranged(series(("report", 1, "SR", None, 0)))
    assert nothing.shown.is_empty()
    assert nothing.undated.height == 1


def test_bars_by_hand() -> None:
    shown = series(
        ("scout", 1, "CT", 0, 0), ("derived", None, "CT", 60, 30),
        (f"<b>x</b>{'y' * 40}", 2, None, 100, 900),
    )  # fmt: skip
    figure = timeline.timeline(shown, T, LOOK)
    ct, unknown = figure.data
    assert (ct.name, unknown.name) == ("CT", T("missing"))
    assert list(ct.base) == [NOON, NOON + timedelta(seconds=60)]
    assert list(ct.x) == [pytest.approx(4000), 30_000], "four thousandths of 1,000 s at least"
    assert list(unknown.x) == [900_000]
    assert list(ct.marker.pattern.shape) == ["", "/"]
    assert (ct.marker.color, unknown.marker.color) == ("#000000", "#ffffff")
    labels = list(figure.layout.yaxis.ticktext)
    assert labels[:2] == ["1 scout", "derived"]
    assert labels[2].startswith("2 &lt;b&gt;x")
    assert labels[2].endswith("…")
    assert ct.customdata[1][0] == "derived<br>12:01:00 · 30 s · 3 instances"
    assert "<b>" not in json.dumps(figure.to_plotly_json(), default=str)
    one = timeline.timeline(shown.head(1), T, LOOK)
    assert list(one.data[0].x) == [240], "a minute is the shortest picture"


# geometry, by known files


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a databank of two series of known geometry, with a copy and private data.

    A report is the only instance of its study.
    """
    home = tmp_path_factory.mktemp("home")
    source = home / "source"
    source.mkdir()
    tilted = [1, 0, 0, 0, float(np.cos(np.radians(20))), float(np.sin(np.radians(20)))]
    for number, (orientation, spacing) in enumerate(
        (([0, 1, 0, 0, 0, -1], [0.5, 0.5]), (tilted, [2.0, 1.5])), start=1
    ):
        normal = np.cross(orientation[:3], orientation[3:])
        for n in range(4):
            data = pydicom.dcmread(io.BytesIO(image(np.zeros((16, 8), np.uint16))))
            data.StudyInstanceUID, data.SeriesInstanceUID = "1.2", f"1.2.{number}"
            data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = f"1.2.{number}.{n}"
            data.PatientID, data.PatientName = "SECRET-ID", "Secret^Name"
            data.SeriesNumber, data.SeriesDescription = number, f"Series {number}"
            data.ImageOrientationPatient, data.PixelSpacing = orientation, spacing
            data.ImagePositionPatient = [float(v) for v in normal * 3.5 * n]
            data.SliceThickness = 3
            block = data.private_block(0x0029, "ACME " + "AB"[number - 1], create=True)
            block.add_new(1, "LO", f"constant {number}")
            block.add_new(2, "LO", f"varies {n}")
            common = data.private_block(0x0031, "ACME COMMON", create=True)
            common.add_new(1, "DS", "1")
            data.save_as(source / f"{number}-{n}", enforce_file_format=True)
    (source / "copy").mkdir()
    (source / "copy" / "again").write_bytes((source / "1-0").read_bytes())
    save_report(source / "sr")
    assert ingested(source, home / "databanks" / "known").ok == 9
    return home


def save_report(place: Path) -> None:
    """The study "1", of one report."""
    data = pydicom.dcmread(io.BytesIO(image(np.zeros((2, 2), np.uint8))))
    for keyword in ("Rows", "Columns", "PixelData", "BitsAllocated"):
        delattr(data, keyword)
    data.StudyInstanceUID, data.SeriesInstanceUID, data.Modality = "1", "1.1", "SR"
    data.SeriesDescription = "![x](http://example.com/x.png)"
    data.save_as(place, enforce_file_format=True)


def asked(home: Path, question: str, identifiers: bool = False) -> list[dict[str, Any]]:
    bank = Databank(home / "databanks" / "known", identifiers)
    return list(queries.ask(bank, question, params={"study": "1.2"}).iter_rows(named=True))


def test_geometry_of_known_files(known: Path) -> None:
    first, second = asked(known, "study_geometry")
    assert (first["plane"], first["tilt_degrees"], first["matrix"]) == ("sagittal", 0.0, "8 × 16")
    assert (first["PixelSpacing_row_mm"], first["PixelSpacing_column_mm"]) == (0.5, None)
    assert (first["extent_columns_mm"], first["extent_rows_mm"]) == (4.0, 8.0)
    assert (first["slice_spacing_mm"], first["slice_gap_mm"]) == (3.5, 0.5)
    assert (first["n_slice_positions"], first["extent_slices_mm"]) == (4, 14.0)
    assert (second["plane"], second["tilt_degrees"]) == ("axial", 20.0)
    assert (second["PixelSpacing_row_mm"], second["PixelSpacing_column_mm"]) == (2.0, 1.5)
    assert (second["extent_columns_mm"], second["extent_rows_mm"]) == (12.0, 32.0)


def test_private_elements_by_creator(known: Path) -> None:
    found = {row["creator"]: row for row in asked(known, "study_private", identifiers=True)}
    told = {name: (row["n_elements"], row["n_series"]) for name, row in found.items()}
    assert told == {"ACME A": (2, 1), "ACME B": (2, 1), "ACME COMMON": (1, 2)}
    assert {row["n_decoded"] for row in found.values()} == {0}


def test_files_with_and_without_their_folders(known: Path) -> None:
    shown = asked(known, "study_files", identifiers=True)
    source = str(known / "source")
    kept = {(row["folder"], row["status"]): row["files"] for row in shown}
    assert sum(kept.values()) == 9
    assert kept == {(source, "ok"): 8, (f"{source}/copy", "duplicate"): 1}
    hidden = asked(known, "study_files")
    assert {row["folder"] for row in hidden} == {None}
    assert sum(row["files"] for row in hidden) == 9


def test_the_study_as_dicom_json(known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(known))
    app = visit("study", databank="known", study="1.2")
    assert not app.exception
    masked = json.loads(parts._as_json(view(app), "1.2"))
    assert [d["00080018"]["Value"] for d in masked] == [
        [f"1.2.{number}.{n}"] for number in (1, 2) for n in range(4)
    ]
    assert all("00100020" not in d for d in masked)
    app.toggle(key="identifiers").set_value(True).run()
    whole = json.loads(parts._as_json(view(app), "1.2"))
    assert whole[0]["00100020"]["Value"] == ["SECRET-ID"]
    for found in whole:
        file = pydicom.dcmread(
            known / "source" / found["00080018"]["Value"][0][4:].replace(".", "-")
        )
        assert found["00200032"]["Value"] == [float(v) for v in file.ImagePositionPatient]
    assert any("--study 1.2 --json -d known --identifiers" in code.value for code in app.code)


def test_a_large_study_is_written_by_a_command(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_AS_JSON", 19)
    app = visit("study", databank="full", study=CT)
    assert T("study.json_long") in texts(app)
    assert not app.get("download_button") or "study_json_save" not in {
        button.key for button in app.get("download_button")
    }


# the page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tab(home: Path, language: str) -> None:
    t = language_texts(language)
    app = visit("study", language, databank="full", study=CT)
    assert metrics(app)[t("card.findings")] == "5"
    assert t("study.nuclear") not in texts(app)
    assert len(app.get("plotly_chart")) == 1
    heights = {"study.geometry": 4, "study.private": 1, "study.files": 1}
    for key in TABS:
        tab(app, key, language)
        assert not app.exception, key
        series_table, table = (frame.value for frame in app.dataframe)
        assert len(series_table) == 4
        if key in heights:
            assert len(table) == heights[key], key
    tab(app, "study.findings", language)
    said = texts(app)
    for rule in ("value_representation", "value_unparsable"):
        assert t.find(f"finding.{rule}", rule) in said
    assert t("todo.value_unparsable") in said


def test_nuclear_medicine(home: Path) -> None:
    app = visit("study", databank="full", study=PT)
    assert not app.exception
    assert T("study.nuclear") in texts(app)
    given, measured = (frame.value for frame in app.dataframe[:2])
    assert given["Radiopharmaceutical"].to_list() == ["FDG -- fluorodeoxyglucose"]
    assert given["n_series"].to_list() == [4]
    assert given["RadionuclideTotalDose"].to_list() == [3.0e8]
    assert set(measured["Units"]) == {"BQML"}


def test_a_row_opens_its_series(home: Path) -> None:
    for key in ("table_study_series", "table_study_geometry", "table_study_findings"):
        app = visit("study", databank="full", study=CT)
        app.session_state[key] = {"selection": {"rows": [1], "columns": []}}
        tab(app, "study.findings" if key.endswith("findings") else "study.geometry")
        assert not app.exception
        assert app.query_params["series"].startswith(f"{CT}."), key


def test_the_patients_other_study(home: Path) -> None:
    app = visit("study", databank="full", study=CT)
    keys = {button.key for button in app.button}
    assert ("study.previous" in keys) != ("study.next" in keys), "two studies of each patient"
    app.button(key="study.previous" if "study.previous" in keys else "study.next").click().run()
    assert app.query_params["study"] == "1.2.826.0.1.0.0"


@pytest.mark.parametrize("uid", ["x" * 65, "1' OR 1=1 --", "<b>1</b>", "\u202e1", "none"])
def test_odd_uids_in_the_address(home: Path, uid: str) -> None:
    app = visit("study", databank="full", study=uid)
    assert not app.exception
    assert T("study.gone") in texts(app) or T("study.none") in texts(app)


def test_files_say_where_only_with_identifiers(home: Path) -> None:
    app = visit("study", databank="full", study=CT)
    tab(app, "study.files")
    assert T("study.files_hidden") in texts(app)
    assert "folder" not in app.dataframe[1].value.columns
    app.toggle(key="identifiers").set_value(True)
    tab(app, "study.files")
    assert set(app.dataframe[1].value["folder"]) == {f"/data/0/1/{n}" for n in range(4)}


def test_a_report_alone_has_no_geometry(known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(known))
    app = visit("study", databank="known", study="1")
    empty = {"geometry": "no_images", "private": "no_private", "findings": "no_findings"}
    for name, sentence in empty.items():
        tab(app, f"study.{name}")
        assert not app.exception
        assert T(f"study.{sentence}") in texts(app)
    assert not app.get("plotly_chart")
    assert not [caption for caption in app.caption if "![x]" in caption.value]
    go(app, "study", study="2")
    assert T("study.gone") in texts(app)


# texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_a_name_and_something_to_do(language: str) -> None:
    entries = language_texts(language).entries
    for kind in ("finding", "todo"):
        said = {key.removeprefix(f"{kind}.") for key in entries if key.startswith(f"{kind}.")}
        assert said == set(RULES)


def test_every_column_has_a_title(known: Path) -> None:
    bank = Databank(known / "databanks" / "known", identifiers=True)
    names = [
        "study_series", "study_geometry", "study_radiopharmaceuticals", "study_nuclear",
        "study_private", "study_findings", "study_files", "series_instances", "varying",
    ]  # fmt: skip
    shown = {c for name in names for c in queries.ask(bank, name, params=used(name)).columns}
    shown -= {*tables.SURROGATES, "rule"}
    assert {c for c in shown if f"column.{c}" not in T.entries} == set()
