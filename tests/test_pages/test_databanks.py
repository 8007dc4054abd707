"""Databanks: made, renamed and deleted from any page, with what the app keeps for them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import databanks
from app.filters import NONE
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.jobs import record, uploads
from app.ui import databanks as dialogs
from ingest.lake import databank, lock
from ingest.lake.errors import (
    BadName,
    DatabankBusy,
    DatabankNotFound,
    DatabanksNotReadable,
    NameTaken,
)
from tests.test_pages.browser import PAGES, go, texts, view, visit

RUNNING = "20240101T000000-00000001"
ENDED = "20240101T000000-00000002"


def job(name: str, of: str, ended: bool) -> Path:
    """A job as its folder tells it; one that has not ended was started just now."""
    place = record.folder() / name
    place.mkdir(parents=True)
    asked = {
        "kind": "path", "databank": of, "sources": ["/data"], "force": False,
        "started": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    (place / record.ASKED).write_text(json.dumps(asked))
    if ended:
        (place / record.ENDED).write_text("{}")
    return place


def upload(name: str) -> Path:
    return uploads.keep(name, [("a.dcm", io.BytesIO(b"x"))])


def test_jobs_and_uploads_follow_a_new_name(new_home: Path) -> None:
    root = databanks.create("heart")
    databanks.create("lung")
    mine, other = upload("heart"), upload("lung")
    job(ENDED, "heart", ended=True)
    renamed = databanks.rename(root, "Herz")
    assert renamed == new_home / "databanks" / "Herz"
    found = record.read(ENDED)
    assert found is not None
    assert (found.databank, found.sources) == ("Herz", ("/data",))
    assert (mine / "00001-a.dcm").read_bytes() == b"x", "rows of the lake point to it"
    heart = databanks.create("heart")
    again = upload("heart")
    databanks.delete(heart)
    assert not again.exists(), "what a new databank of the old name has goes with it"
    assert mine.exists(), "and not what the other one took along"
    databanks.delete(renamed)
    assert not mine.exists()
    assert other.exists()
    assert databank.names() == ["lung"]


@pytest.mark.parametrize("page", ["overview", "ingest", "sql"])
def test_databanks_that_may_not_be_listed(
    page: str, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    databanks.create("heart")

    def refused() -> list[str]:
        raise DatabanksNotReadable

    monkeypatch.setattr(databank, "names", refused)
    for language in LANGUAGES:
        app = visit(page, language)
        assert not app.exception
        told = language_texts(language)("error.DatabanksNotReadable")
        assert told in [error.value for error in app.error]


def test_a_name_that_is_taken_changes_nobody(new_home: Path) -> None:
    one, two = databanks.create("one"), databanks.create("two")
    kept = upload("one"), upload("two")
    with pytest.raises(NameTaken):
        databanks.rename(one, "two")
    with pytest.raises(NameTaken):
        databanks.create("two")
    with pytest.raises(BadName):
        databanks.create("../two")
    databanks.delete(one)
    assert [folder.exists() for folder in kept] == [False, True]
    assert two.exists()


def test_a_rename_that_fails_leaves_the_uploads(new_home: Path) -> None:
    root = databanks.create("one")
    kept = upload("one")
    with lock.writer(root), pytest.raises(DatabankBusy):
        databanks.rename(root, "two")
    with lock.writer(root), pytest.raises(DatabankBusy):
        databanks.delete(root)
    assert kept.exists()
    databanks.delete(root)
    assert not kept.exists()
    with pytest.raises(DatabankNotFound):
        databanks.rename(root, "two")


def test_a_running_job_refuses(new_home: Path) -> None:
    root, other = databanks.create("one"), databanks.create("other")
    place = job(RUNNING, "one", ended=False)
    for change in (lambda: databanks.rename(root, "two"), lambda: databanks.delete(root)):
        with pytest.raises(DatabankBusy):
            change()
    databanks.delete(other)
    (place / record.ENDED).write_text("{}")
    databanks.rename(root, "two")
    assert databank.names() == ["two"]


def draw(name: str) -> AppTest:
    """A dialog on its own, as the menu opens it."""

    def script(name: str) -> None:
        import streamlit as st

        from app.i18n import texts
        from app.ui import databanks

        t = texts("en")
        shown = {"create": databanks._create, "rename": databanks._rename}.get(name)
        (shown or databanks._delete)(t, "one")
        st.caption(str(st.session_state.get(databanks.DONE, "")))

    return AppTest.from_function(script, args=(name,), default_timeout=30).run()


def submit(app: AppTest, **typed: str) -> AppTest:
    for key, value in typed.items():
        app.text_input(key=key).set_value(value)
    return app.button[0].click().run()


def test_making_one(new_home: Path) -> None:
    app = draw("create")
    for name, key in (
        ("", "NameMissing"), ("a/b", "NameHasForbidden"), (".x", "NameStartsOrEndsOddly"),
        ("nul", "NameReserved"),
    ):  # fmt: skip
        submit(app, new_name=name)
        assert app.error[0].value == language_texts("en")(f"error.{key}")
    assert databank.names() == []
    submit(app, new_name="Herz 2024")
    assert databank.names() == ["Herz 2024"]
    assert app.session_state[dialogs.NEXT] == "Herz 2024"
    submit(app, new_name="Herz 2024")
    assert app.error[0].value == language_texts("en")("error.NameTaken")


def test_renaming_needs_the_name_typed(new_home: Path) -> None:
    databanks.create("one")
    app = draw("rename")
    submit(app, new_name="two", typed_name="One")
    assert databank.names() == ["one"]
    assert "type the present name" in app.error[0].value
    submit(app, new_name="two", typed_name="one")
    assert databank.names() == ["two"]
    assert app.session_state[dialogs.NEXT] == "two"


def test_deleting_needs_the_name_typed(new_home: Path) -> None:
    root = databanks.create("one")
    app = draw("delete")
    submit(app, typed_name="")
    assert databank.names() == ["one"]
    with lock.writer(root):
        submit(app, typed_name="one")
        assert app.error[0].value == language_texts("en")("error.DatabankBusy")
    submit(app, typed_name="one")
    assert databank.names() == []


def test_the_next_run_shows_what_was_made_without_the_old_filters(home: Path) -> None:
    app = visit("studies", databank="full", modality="CT")
    app.session_state[dialogs.NEXT] = "errors"
    app.session_state[dialogs.DONE] = "It is there."
    app.run()
    assert (view(app).name, view(app).filters) == ("errors", NONE)
    assert [toast.value for toast in app.toast] == ["It is there."]
    app.run()
    assert (view(app).name, len(app.toast)) == ("errors", 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_databank_that_is_gone_is_another_one(new_home: Path, language: str) -> None:
    for name in ("a", "b"):
        databanks.create(name)
    app = visit(language=language, databank="b")
    databanks.delete(databank.path_of("b"))
    for page in PAGES:
        go(app, page)
        assert not len(app.exception), page
        assert view(app).name == "a"
    databanks.delete(databank.path_of("a"))
    go(app, "studies")
    assert language_texts(language)("empty.no_databank") in texts(app)


def test_going_back_to_an_address_without_one_keeps_the_databank(home: Path) -> None:
    """The browser then has nothing in the address, and so nothing in the field."""
    app = visit("studies", databank="full", modality="CT")
    for name in ("databank", "modality"):
        app.query_params.pop(name, None)
    app.session_state["databank"] = None
    app.run()
    assert not app.exception
    assert view(app).name == "full"
    fresh = visit("studies")
    fresh.query_params.clear()
    fresh.session_state["databank"] = None
    fresh.run()
    assert not fresh.exception
    assert view(fresh).name
