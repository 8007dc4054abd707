"""Identifiers: nothing of them reaches the browser while they are hidden, and never the address."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app import queries
from app.errors import StatementRefused
from app.export import make
from app.export.selection import Selection
from app.i18n import texts as language_texts
from app.ui import tables
from tests.test_pages.browser import PAGES, go, texts, view, visit

STUDY = "1.2.826.0.1.0.1"
UIDS = {"study": STUDY, "series": f"{STUDY}.0"}
SECRETS = (
    "Müller", "P00000", "ACC-01", "1950-01-0", "STATION0", "STATION1", "Hospital", "/data/0",
    "comment 1",
)  # fmt: skip


def sent(app: AppTest) -> bytes:
    """Everything that would have gone to the browser."""
    return b"".join(element.proto.SerializeToString() for element in _elements(app))


def _elements(app: AppTest) -> list[object]:
    found, waiting = [], [app._tree]
    while waiting:
        node = waiting.pop()
        waiting += list(getattr(node, "children", {}).values())
        if getattr(node, "proto", None) is not None:
            found.append(node)
    return found


def test_hidden_identifiers_are_not_sent(home: Path) -> None:
    app = visit(databank="full", **UIDS)
    for page in PAGES:
        go(app, page, **UIDS)
        content = sent(app)
        assert b"CHEST CT" in content or page not in ("studies", "study")
        assert [secret for secret in SECRETS if secret.encode() in content] == [], page


def test_shown_identifiers_are_sent_and_marked(home: Path) -> None:
    t = language_texts("en")
    app = visit(databank="full", **UIDS)
    app.toggle(key="identifiers").set_value(True).run()
    shown = {"studies": "Müller^Test0", "study": "P00000", "series": "STATION1", "runs": "/data/0"}
    for page in PAGES:
        go(app, page, **UIDS)
        assert t("app.identifiers_on") in texts(app), page
        if page in shown:
            assert shown[page].encode() in sent(app), page
    app.toggle(key="identifiers").set_value(False).run()
    assert t("app.identifiers_on") not in texts(app)
    for page in PAGES:
        go(app, page, **UIDS)
        assert not [secret for secret in SECRETS if secret.encode() in sent(app)], page


def test_names_are_searched_only_while_they_are_shown(home: Path) -> None:
    app = visit("studies", databank="full")
    app.text_input(key="search").set_value("müller").run()
    assert language_texts("en")("empty.nothing_left") in texts(app)
    app.toggle(key="identifiers").set_value(True).run()
    assert {card.label: card.value for card in app.metric}["Studies"] == "6"


def test_what_may_name_somebody_is_not_in_the_address(home: Path) -> None:
    app = visit(databank="full", modality="CT")
    app.text_input(key="search").set_value("müller").run()
    app.toggle(key="identifiers").set_value(True).run()
    widgets = {w.key: w for w in (*app.text_input, *app.toggle)}
    for key in ("search", "identifiers"):
        assert not widgets[key].proto.query_param_key
        assert key not in app.query_params
    assert app.query_params["modality"] == "CT"
    assert "müller" not in str(dict(app.query_params))


def test_an_address_can_not_show_identifiers(home: Path) -> None:
    app = visit(databank="full", identifiers="true", search="müller")
    assert not view(app).identifiers
    assert not view(app).filters


def test_answers_are_kept_apart(home: Path) -> None:
    root = home / "databanks" / "full"
    hidden, shown = queries.Databank(root), queries.Databank(root, identifiers=True)
    for _ in range(2):
        assert queries.ask(shown, "studies")["PatientName"].null_count() == 0
        assert queries.ask(hidden, "studies")["PatientName"].null_count() == 6
        assert queries.ask(hidden, "problem_files")["uri"].null_count() == 6


def test_downloads_hold_no_hidden_identifiers(home: Path) -> None:
    app = visit("studies", databank="full")
    everything = tables.selection(view(app), "studies", (), queries.Order("StudyDate"))
    frame = saved(everything)
    assert not set(frame.columns) & tables.PHI
    assert "StudyInstanceUID" in frame.columns
    with pytest.raises(StatementRefused, match="PatientName identifies"):
        saved(replace(everything, columns=("PatientName",)))
    app.toggle(key="identifiers").set_value(True).run()
    frame = saved(tables.selection(view(app), "studies", (), queries.Order("StudyDate")))
    assert frame["PatientName"].to_list() == [f"Müller^Test{n // 2}" for n in range(6)]


def saved(selection: Selection) -> pl.DataFrame:
    file = io.BytesIO()
    make.write(selection, "parquet", file)
    return pl.read_parquet(file.getvalue())
