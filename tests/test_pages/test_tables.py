"""Tables on pages: opened, sorted and paged as a person does it."""

from __future__ import annotations

import io
import shlex
import threading
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app.export import make
from app.export.selection import Selection
from app.queries import Order
from app.ui import downloads, tables
from tests.test_app.command_line import taglake
from tests.test_pages.browser import go, texts, view, visit

STUDY = "1.2.826.0.1.0"


def select(app: AppTest, key: str, rows: list[int], columns: list[str]) -> AppTest:
    app.session_state[key] = {"selection": {"rows": rows, "columns": columns}}
    return app.run()


def test_a_row_opens_its_study_and_then_its_series(home: Path) -> None:
    app = visit("studies", databank="full")
    dates = app.dataframe[0].value["StudyDate"]
    assert list(dates) == sorted(dates, reverse=True)
    select(app, "table_studies", [4], [])  # the second oldest
    assert app.title[0].value == "CHEST CT"
    assert app.query_params["study"] == f"{STUDY}.1"
    app = visit("study", databank="full", study=f"{STUDY}.1")  # AppTest does not stay where it went
    select(app, "table_study_series", [1], [])
    assert app.query_params["series"] == f"{STUDY}.1.1"
    assert "Thorax" in texts(app)


def test_series_have_a_list_of_their_own(home: Path) -> None:
    app = visit("studies", databank="full", modality="PT")
    app.segmented_control(key="rows").set_value("series").run()
    assert len(app.dataframe[0].value) == 4
    select(app, "table_series", [0], [])
    assert app.query_params["series"] == f"{STUDY}.2.0"


def test_paging(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "PAGE_ROWS", 4)
    app = visit("studies", databank="full")
    first = app.dataframe[0].value["StudyDate"].tolist()
    assert "1 to 4 of 6" in texts(app)
    app.pagination[0].set_value(2).run()
    assert "5 to 6 of 6" in texts(app)
    second = app.dataframe[0].value["StudyDate"].tolist()
    assert [*first, *second] == sorted([*first, *second], reverse=True)
    app.multiselect(key="modality").set_value(["MR"]).run()
    assert "1 to 3 of 3" in texts(app), "filters lead back to the first page"


def test_sorting(home: Path) -> None:
    app = visit("studies", databank="full")
    app.session_state["table_studies_order"] = Order("StudyDescription", then=("StudyInstanceUID",))
    app.run()
    names = [name.split(": ")[1] for name in app.dataframe[0].value["StudyDescription"]]
    assert names == sorted(names)


def test_empty_columns_are_left_out_of_short_tables(home: Path) -> None:
    app = visit("study", databank="full", study=f"{STUDY}.1")
    columns = set(app.dataframe[0].value.columns)
    assert {"KVP", "ConvolutionKernel", "CTDIvol"} <= columns
    assert not {"EchoTime", "b_value_values", "Radiopharmaceutical"} & columns


def test_the_patients_other_studies(home: Path) -> None:
    app = visit("study", databank="full", study=f"{STUDY}.1")
    app.button(key="study.previous").click().run()
    assert app.query_params["study"] == f"{STUDY}.0"
    assert app.title[0].value == "BRAIN MR"
    app.button(key="study.next").click().run()
    assert app.query_params["study"] == f"{STUDY}.1"


def test_a_click_on_a_title_sorts_and_another_turns_it_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state: dict[str, object] = {"t_order": Order("StudyDate", True, ("StudyInstanceUID",))}
    monkeypatch.setattr(tables.st, "session_state", state)
    orders = []
    for rows, columns in (([], ["n_series"]), ([], ["n_series"]), ([], []), ([3], ["n_series"])):
        state["t"] = {"selection": {"rows": rows, "columns": columns}}
        tables._sorter("t")()
        orders.append(state["t_order"])
    then = ("StudyInstanceUID",)
    up, down = Order("n_series", False, then), Order("n_series", True, then)
    assert orders == [up, down, up, up]
    assert state["t_page"] == 1


def test_columns_are_chosen_and_kept(home: Path) -> None:
    app = visit("studies", databank="full")
    before = list(app.dataframe[0].value.columns)
    assert "StudyInstanceUID" not in before
    chooser = app.multiselect(key="table_studies_chosen")
    assert chooser.value == before
    assert any("Unique identifier of the study" in option for option in chooser.options)
    assert not [option for option in chooser.options if "Accession" in option]
    chosen = ["n_series", "StudyInstanceUID"]
    chooser.set_value(chosen).run()
    assert list(app.dataframe[0].value.columns) == ["StudyDescription", *chosen], "it opens a row"
    assert app.dataframe[0].value["StudyInstanceUID"].str.startswith(STUDY).all()
    go(go(app, "runs"), "studies")
    assert list(app.dataframe[0].value.columns) == ["StudyDescription", *chosen]
    app.button(key="table_studies_reset").click().run()
    assert list(app.dataframe[0].value.columns) == before
    app.multiselect(key="table_studies_chosen").set_value([]).run()
    assert list(app.dataframe[0].value.columns) == before, "a table has columns"


def test_identifying_columns_are_offered_while_they_are_shown(home: Path) -> None:
    app = visit("studies", databank="full")
    app.toggle(key="identifiers").set_value(True).run()
    chooser = app.multiselect(key="table_studies_chosen")
    chooser.set_value(["n_series", "AccessionNumber"]).run()
    assert list(app.dataframe[0].value["AccessionNumber"])
    app.toggle(key="identifiers").set_value(False).run()
    assert list(app.dataframe[0].value.columns) == ["StudyDescription", "n_series"]
    app.multiselect(key="table_studies_chosen").set_value(["n_instances"]).run()
    app.toggle(key="identifiers").set_value(True).run()
    shown = ["StudyDescription", "n_instances", "AccessionNumber"]
    assert list(app.dataframe[0].value.columns) == shown, "it was hidden, not taken out"


def test_what_is_shown_is_what_is_exported_and_what_the_command_makes(
    home: Path, tmp_path: Path
) -> None:
    app = visit("studies", databank="full", modality=["CT", "MR"])
    app.multiselect(key="table_studies_chosen").set_value(["n_series", "StudyInstanceUID"]).run()
    shown = app.dataframe[0].value
    file = io.BytesIO()
    make.write(offered(app, "table_studies"), "parquet", file)
    exported = pl.read_parquet(file.getvalue())
    assert exported.columns == list(shown.columns)
    assert exported["StudyInstanceUID"].to_list() == list(shown["StudyInstanceUID"])
    words = shlex.split(app.code[0].value)
    assert (words[:3], words[-1]) == (["./taglake", "export", "studies"], "full-studies.csv")
    ran = taglake(*words[1:-1], tmp_path / words[-1])
    assert ran.code == 0, ran.err
    written = io.BytesIO()
    make.write(offered(app, "table_studies"), "csv", written)
    assert (tmp_path / words[-1]).read_bytes() == written.getvalue()


def offered(app: AppTest, key: str) -> Selection:
    """The selection that the download button of a table stands for."""
    shown = view(app)
    columns = tuple(app.dataframe[0].value.columns)
    order = app.session_state[f"{key}_order"]
    return tables.selection(shown, key.removeprefix("table_"), columns, order)


def test_the_download_says_what_it_holds(home: Path) -> None:
    app = visit("studies", databank="full")
    n = len(app.dataframe[0].value.columns)
    assert f"6 rows and {n} columns" in texts(app)
    assert "Without identifiers, as they are hidden." in texts(app)
    app.button_group(key="table_studies_format").set_value("xlsx").run()
    assert app.code[0].value.endswith("-o full-studies.xlsx")
    app.toggle(key="table_studies_deidentify").set_value(True).run()
    assert "Left out: StudyDescription, StudyDate, PatientAge." in texts(app)
    assert f"6 rows and {n - 3} columns" in texts(app)
    assert app.code[0].value.endswith("--deidentify -o taglake-studies-deidentified.xlsx")
    app.toggle(key="table_studies_shift").set_value(True).run()
    assert "Left out: StudyDescription, PatientAge." in texts(app)
    assert "--deidentify --shift-dates" in app.code[0].value


def test_a_long_export_is_prepared_beside_the_page(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "LONG", 5)
    go_on = threading.Event()
    write = make.write

    def slow(chosen: Selection, kind: str, file: BinaryIO, told: make.Told | None = None) -> int:
        assert told
        told(3)
        assert go_on.wait(20)
        told(4)
        return write(chosen, kind, file, told)

    monkeypatch.setattr(make, "write", slow)
    app = visit("studies", databank="full")
    app.button(key="table_studies_prepare").click().run()
    preparation = app.session_state["table_studies_preparation"]
    assert (preparation.state, preparation.total) == ("running", 6)
    app.button(key="table_studies_stop").click().run()
    go_on.set()
    preparation.join(20)
    assert preparation.state == "stopped"
    app.run()
    app.button(key="table_studies_prepare").click().run()
    preparation = app.session_state["table_studies_preparation"]
    preparation.join(20)
    assert preparation.state == "done"
    app.run()
    assert not [button for button in app.button if button.key == "table_studies_prepare"]
    expected = io.BytesIO()
    write(offered(app, "table_studies"), "csv", expected)
    assert preparation.read() == expected.getvalue()
    place = preparation.path
    app.multiselect(key="table_studies_chosen").set_value(["n_series"]).run()
    assert [button for button in app.button if button.key == "table_studies_prepare"], (
        "another file"
    )
    assert not place.exists()


def test_a_long_export_that_fails_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(downloads, "LONG", 5)
    monkeypatch.setattr(make, "write", fail)
    app = visit("studies", databank="full")
    app.button(key="table_studies_prepare").click().run()
    app.session_state["table_studies_preparation"].join(20)
    app.run()
    assert "could not be made" in app.error[0].value
    assert app.button(key="table_studies_prepare")
