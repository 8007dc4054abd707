"""Tables on pages: opened, sorted and paged as a person does it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.queries import Order
from app.ui import tables
from tests.test_pages.browser import texts, visit

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
