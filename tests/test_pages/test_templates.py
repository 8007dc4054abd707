"""The page of templates: columns, the editor with its sentences, keeping and putting back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.ui.template_editor import matching
from ingest import templates
from ingest.templates.wrong import SENTENCES
from tests.test_pages.browser import texts, visit

T = language_texts("en")


@pytest.fixture
def root(small: Path, new_home: Path) -> Path:
    """A databank of its own: 2 studies, MR and CT, 2 series each."""
    return Path(shutil.copytree(small, new_home / "databanks" / "mine"))


def field(app: AppTest, name: str) -> str:
    """The key of a field of the editor."""
    widgets = [*app.text_area, *app.text_input]
    (found,) = [w.key for w in widgets if w.key.startswith("template_mine_")
                and w.key.endswith(f"_{name}")]  # fmt: skip
    return str(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page(root: Path, language: str) -> None:
    t = language_texts(language)
    app = visit("templates", language, databank="mine")
    assert not app.exception
    table = app.dataframe[0].value
    assert table.shape == (56, 7)
    assert list(table[t("templates.head_column")])[:2] == ["Modality", "StudyDate"]
    echo = table[table[t("templates.head_column")] == "EchoTime"].iloc[0]
    assert echo[t("templates.head_unit")] == "ms"
    phi = table[table[t("templates.head_phi")]][t("templates.head_column")]
    assert {"PatientID", "StationName"} <= set(phi)
    assert t("templates.sound", columns=t.count("columns", 56)) in texts(app)
    preview = app.dataframe[1].value
    assert len(preview) == 2
    assert "EchoTime" in preview.columns


def test_what_is_typed_is_checked_previewed_and_kept(root: Path) -> None:
    app = visit("templates", databank="mine")
    app.text_area(key=field(app, "entries")).set_value("EchoTim\n(0018,0080)").run()
    said = texts(app)
    assert "Did you mean EchoTime?" in said
    assert T("templates.no_preview") in said
    assert app.button(key="templates_save").disabled
    app.text_area(key=field(app, "entries")).set_value("EchoTime\n(0018,1088)").run()
    assert {"EchoTime", "HeartRate"} <= set(app.dataframe[1].value.columns)
    assert templates.read(root).own == frozenset(), "not yet"
    app.button(key="templates_save").click().run()
    assert not app.exception
    assert T("templates.saved", name="mr") in texts(app)
    assert [e.name for e in templates.read(root).templates["mr"].entries] == [
        "EchoTime", "HeartRate",
    ]  # fmt: skip
    assert json.loads((root / "templates/mr.json").read_text())["modalities"] == ["MR"]
    assert app.dataframe[0].value.shape[0] == 34
    app.button(key="templates_reset").click().run()
    assert templates.read(root).own == frozenset()
    assert app.dataframe[0].value.shape[0] == 56
    assert app.button(key="templates_reset").disabled


@pytest.mark.parametrize(
    ("language", "said"),
    [("de", "ist kein Tag des DICOM-Standards."), ("zh", "不是 DICOM 标准中的标签。")],
)
def test_what_is_wrong_is_told_in_the_language_of_the_page(
    root: Path, language: str, said: str
) -> None:
    app = visit("templates", language, databank="mine")
    written = "EchoTim\n0018FFFF\nEchoTime\n(0018,0081)\n(0019,xx0C)\n00180081"
    app.text_area(key=field(app, "entries")).set_value(written).run()
    told = texts(app)
    t = language_texts(language)
    asked = t("template_wrong.unknown_near", asked="EchoTim", near=t.any_of(["EchoTime"]))
    assert asked.partition("EchoTime")[0] in told
    assert f"0018FFFF {said}" in told
    assert t("template_wrong.column_twice_as", name="EchoTime", one="EchoTime",
             other="(0018,0081)") in told  # fmt: skip
    assert "Did you mean" not in told
    assert "is there twice" not in told


def test_english_sentences_are_those_of_the_command() -> None:
    assert {name: T.entries[f"template_wrong.{name}"] for name in SENTENCES} == dict(SENTENCES)


def test_a_search_adds_columns(root: Path) -> None:
    app = visit("templates", databank="mine")
    app.text_input(key=field(app, "search")).set_value("heart rate").run()
    key = next(b.key for b in app.button if b.label == "HeartRate")
    app.button(key=key).click().run()
    assert not app.exception
    assert app.text_area(key=field(app, "entries")).value.endswith("\nHeartRate")
    assert "HeartRate" in app.dataframe[1].value.columns
    app.text_input(key=field(app, "search")).set_value("qqqq").run()
    assert T("templates.not_found") in texts(app)


def test_matching() -> None:
    names = {"EchoTime", "EffectiveEchoTime", "HeartRate", "EchoTimes", "TimeEcho"}
    assert matching("echo time", names) == [
        "EchoTime",
        "EchoTimes",
        "TimeEcho",
        "EffectiveEchoTime",
    ]
    assert matching("zz", names) == []


def test_a_new_template(root: Path) -> None:
    app = visit("templates", databank="mine")
    app.text_input(key="templates_name").set_value("Bad Name").run()
    assert T("templates.bad_name") in texts(app)
    app.text_input(key="templates_name").set_value("mr").run()
    assert T("templates.taken") in texts(app)
    app.text_input(key="templates_name").set_value("lung").run()
    app.selectbox(key="templates_like").set_value("ct").run()
    app.button(key="templates_make").click().run()
    assert not app.exception
    assert templates.read(root).own == {"lung"}
    assert app.selectbox(key="templates_chosen").value == "lung"
    assert T("templates.used_if_chosen") in texts(app)
    app.text_input(key=field(app, "modalities")).set_value("ct").run()
    app.button(key="templates_save").click().run()
    assert templates.read(root).of("CT").name == "lung"
    app.button(key="templates_reset").click().run()
    assert not app.exception
    assert templates.read(root).of("CT").name == "ct"


def test_a_broken_template_can_be_put_back(root: Path) -> None:
    (root / "templates").mkdir()
    (root / "templates/mr.json").write_text("{")
    (root / "templates/us.json").write_text("[]")
    app = visit("templates", databank="mine")
    assert not app.exception
    assert "Template mr: it is not JSON" in texts(app)
    app.button(key="templates_reset").click().run()
    assert "Template mr" not in texts(app)
    app.selectbox(key="templates_chosen").set_value("us").run()
    assert T("templates.broken") in texts(app)
    app.button(key="templates_reset").click().run()
    assert not app.exception
    assert list((root / "templates").iterdir()) == []


def test_without_data_templates_can_be_edited(home: Path) -> None:
    for name in ("empty", "errors"):
        app = visit("templates", databank=name)
        assert not app.exception
        assert T("templates.nothing_to_preview") in texts(app)
