"""The page of the workbook: what it says is in the file, and the file is that of the command."""

from __future__ import annotations

import io
import json
import shlex
import shutil
import threading
import time
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app import queries
from app.export.workbook import SHEETS, Workbook, options, prepared, preview, write
from app.export.workbook.make import Prepared, Sheet
from app.filters import Filters
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.queries import Databank
from app.ui.workbook import SLOT, WRITING, Building
from tests.test_pages.browser import metrics, texts, visit

T = language_texts("en")


def built(app: AppTest) -> openpyxl.Workbook:
    """The workbook, after a click on the button that builds it."""
    app.button(key="workbook_build").click().run()
    now = app.session_state[SLOT]
    now.join(30)
    assert now.state == "done", now.trouble
    app.run()
    assert not app.exception
    assert T("export.save") in [button.label for button in app.get("download_button")]
    return openpyxl.load_workbook(io.BytesIO(now.read()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page(home: Path, language: str) -> None:
    t = language_texts(language)
    app = visit("workbook", language, databank="full", modality="CT")
    assert not app.exception
    cards = metrics(app)
    # 2 CT studies of 4 series: a row each in two sheets, and what rules found.
    found = queries.lake(Databank(home / "databanks" / "full")).query(
        "SELECT count(*) FROM findings JOIN series USING (SeriesInstanceUID) WHERE Modality = 'CT'"
    )
    assert found.item() > 0
    assert int(cards[t("card.workbook_rows")]) == 16 + found.item()
    assert cards[t("card.workbook_sheets")] == "3"
    assert [tab.label for tab in app.tabs] == ["DICOM_Metadata", "Series_Summary", "Findings"]
    shown = app.dataframe[0].value
    assert len(shown) == 8
    assert list(shown.columns[:3]) == ["SeriesFolder", "FileName", "SampleFileName"]
    assert shown["PatientID"].isna().all()
    assert t("workbook.shape", rows=t.count("rows", 8), columns=t.count("columns", shown.shape[1]),
             first="8") in texts(app)  # fmt: skip


def test_opening_the_page_reads_one_sheet_and_builds_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def told(made: Prepared, sheet: Sheet, rows: int) -> pl.DataFrame:
        asked.append(sheet.name)
        return preview(made, sheet, rows)

    def built(*rest: object) -> None:
        pytest.fail("the workbook is built")

    monkeypatch.setattr("app.ui.workbook.preview", told)
    monkeypatch.setattr("app.ui.workbook.write", built)
    app = visit("workbook", databank="full", modality="CT", since="2020-01-02")
    assert not app.exception
    assert asked == ["DICOM_Metadata"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_more_rows_than_a_sheet_holds_are_told_before(
    home: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.export.sheet.MAX_ROWS", 3)
    t = language_texts(language)
    app = visit("workbook", language, databank="full", modality="CT")
    assert t("workbook.goes_on", sheet="Series_Summary", rows=t.count("rows", 8),
             most=t.count("rows", 3), pages="3") in texts(app)  # fmt: skip


def test_how_long_it_takes_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.export.workbook.estimate.SECONDS", 1.0)
    for language in LANGUAGES:
        t = language_texts(language)
        app = visit("workbook", language, databank="full", modality="CT")
        before = t("workbook.takes", time="|").split("|")[0]
        assert before in texts(app)


def test_how_far_a_building_is(home: Path) -> None:
    made = prepared(Workbook(Databank(home / "databanks" / "full")))
    building = Building(made)
    building.join(30)
    assert building.state == "done"
    assert building.rows == building.total == sum(sheet.rows for sheet in made.sheets)
    assert building.done == pytest.approx(WRITING)
    building._began -= 7
    assert building.left == pytest.approx((time.monotonic() - building._began) * 3 / 7, rel=0.1)
    building.forget()


def test_a_building_that_fails_does_not_wait_for_ever(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failed(*rest: object) -> None:
        raise ValueError("nobody thought of this")

    monkeypatch.setattr("app.ui.workbook.write", failed)
    monkeypatch.setattr(threading, "excepthook", lambda told: None)
    building = Building(prepared(Workbook(Databank(home / "databanks" / "full"))))
    building.join(30)
    assert building.state == "failed"
    assert not building.path.exists()


def test_the_file_is_what_the_page_shows(home: Path) -> None:
    app = visit("workbook", databank="full", modality=["CT", "PT"], since="2020-02-01")
    book = built(app)
    assert book.sheetnames[0] == "DICOM_Metadata"
    page = book["DICOM_Metadata"]
    assert page.max_row - 1 == len(app.dataframe[0].value) == 12
    assert [c.value for c in page[1]] == list(app.dataframe[0].value.columns)
    wanted = Workbook(
        Databank(home / "databanks" / "full"),
        Filters.of({"modality": ["CT", "PT"]}, date(2020, 2, 1)),
    )
    file = io.BytesIO()
    write(wanted, file)
    assert app.session_state[SLOT].read() == file.getvalue()
    line = next(code.value for code in app.code if "workbook" in code.value)
    assert shlex.split(line) == shlex.split(options.command(wanted, "full-workbook.xlsx"))


def test_sheets_templates_and_identity_are_chosen(home: Path) -> None:
    app = visit("workbook", databank="full", modality="CT")
    app.get("button_group")[0].set_value(["Series_Summary"]).run()
    assert [tab.label for tab in app.tabs] == ["Series_Summary"]
    assert built(app).sheetnames == ["Series_Summary", "Provenance"]
    app.get("button_group")[0].set_value(["DICOM_Metadata"]).run()
    app.selectbox(key="workbook_use_CT").set_value("dx").run()
    assert metrics(app)[T("card.workbook_rows")] == "40", "a row for every image"
    assert "--use CT=dx" in "".join(code.value for code in app.code)
    app.toggle(key="workbook_deidentify").set_value(True).run()
    app.toggle(key="workbook_shift").set_value(True).run()
    assert "--deidentify --shift-dates" in "".join(code.value for code in app.code)
    assert not app.exception
    found = [row[0].value for row in built(app)["DICOM_Metadata"].iter_rows(min_row=2)]
    assert len(found) == 40
    assert all(str(value).startswith("2.25.") for value in found)
    app.get("button_group")[0].set_value([]).run()
    assert T("workbook.no_sheet") in texts(app)
    assert app.button(key="workbook_build").disabled


def test_a_broken_template_is_told(small: Path, new_home: Path) -> None:
    root = new_home / "databanks" / "mine"
    shutil.copytree(small, root)
    (root / "templates").mkdir()
    (root / "templates" / "mr.json").write_text(json.dumps({"columns": ["EchoTim"]}))
    app = visit("workbook", "de", databank="mine")
    assert "Vorlage mr: EchoTim ist weder" in texts(app)
    assert "Ist EchoTime gemeint?" in texts(app)
    app = visit("workbook", databank="mine")
    assert not app.exception
    assert "Did you mean EchoTime?" in texts(app)
    (root / "templates" / "mr.json").write_text(json.dumps({"columns": ["EchoTime"]}))
    app.run()
    assert not app.exception
    assert metrics(app)[T("card.workbook_sheets")] >= "3"


def test_a_building_can_be_stopped(home: Path) -> None:
    wanted = Workbook(Databank(home / "databanks" / "full"), sheets=SHEETS)
    building = Building(prepared(wanted))
    building.stop()
    building.join(30)
    assert building.state == "stopped"
    assert not building.path.exists()


def test_the_menu_has_both_pages(home: Path) -> None:
    from app.main import MENU

    assert {("data", "workbook"), ("data", "templates")} <= {(s, n) for s, n, _ in MENU}
