"""The history of ingests: every run adds up, reasons lead to files, paths only with identifiers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

import ingest as package
from app import jobs, queries
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.jobs import again
from app.queries import Databank
from app.ui import reasons, runs
from ingest.lake import databank
from ingest.pipeline import ingest
from tests.in_process import ingested
from tests.test_pages import dicom_files
from tests.test_pages.browser import metrics, texts, visit

T = language_texts("en")
CODE = Path(package.__file__).parent
REFUSING = {"error", "not_dicom", "ReadProblem", "LimitExceeded", "Refusal", "_stop"}
"""Calls whose last argument is a reason."""


def table(app: AppTest, column: str) -> pl.DataFrame:
    """The first table that has the column."""
    return pl.from_pandas(next(f.value for f in app.dataframe if column in f.value.columns))


def run_of(root: Path) -> str:
    return str(queries.ask(Databank(root), "runs")["run_id"][0])


def test_all_runs(home: Path) -> None:
    app = visit("runs", databank="full")
    cards = metrics(app)
    shown = [cards[T(f"card.{key}")] for key in ("files", "ok", "duplicate", "not_dicom", "error")]
    assert shown == ["126", "120", "1", "3", "2"]
    listed = table(app, "began")
    assert listed["seen"].to_list() == [126]
    assert listed["began"][0].startswith(":material/chevron_right: 2024-01-01 ")
    found = table(app, "advice")
    assert found.select("status", "files").rows() == [
        ("error", 2), ("not DICOM", 3), ("duplicate", 1),
    ]  # fmt: skip
    assert all(found["advice"])
    assert table(app, "size").height == 6
    assert T("runs.hidden_paths") in texts(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_run(home: Path, language: str) -> None:
    t = language_texts(language)
    run = run_of(home / "databanks" / "errors")
    app = visit("runs", language, databank="errors", run=run)
    assert not app.exception
    said = texts(app)
    numbers = {"seen": 5, "ok": 0, "duplicate": 0, "not_dicom": 2, "error": 3, "unchanged": 0}
    assert t("job.adds_up", **{k: t.number(n) for k, n in numbers.items()}) in said
    assert t("job.hidden_source") in said
    assert "/data" not in said
    labels = [button.label for button in app.button]
    assert t("runs.unread", n="3") in labels
    assert {t("runs.new"), t("runs.every"), t("runs.all")} <= set(labels)
    app.toggle(key="identifiers").set_value(True).run()
    assert [code.value for code in app.code if code.value == "/data"] == ["/data"]
    assert table(app, "uri")["uri"].to_list()[0].startswith("/data/0/other/")
    app.button(key="all_runs").click().run()
    assert "run" not in app.query_params
    assert t("runs.all") not in [button.label for button in app.button]


def test_a_run_of_another_databank_is_not_looked_at(home: Path) -> None:
    app = visit("runs", databank="full", run="20240101T000000-00000000")
    assert not app.exception
    assert T("runs.all") not in [button.label for button in app.button]
    assert "run" not in app.query_params


def test_questions_about_a_run(home: Path) -> None:
    root = home / "databanks" / "full"
    bank, run = Databank(root), run_of(root)
    of_run = queries.ask(bank, "run_reasons", params={"run": run})
    assert of_run.equals(queries.ask(bank, "file_reasons"))
    assert of_run.equals(queries.ask(bank, "run_reasons", params={"run": ""}))
    assert queries.ask(bank, "run_reasons", params={"run": "none"}).is_empty()
    for status, reason, n, _ in of_run.iter_rows():
        params: dict[str, queries.Value] = {"run": run, "status": status, "reason": reason or ""}
        files = queries.ask(bank, "reason_files", params=params)
        assert (files.height, set(files["status"]), set(files["reason"])) == (n, {status}, {reason})
    row = queries.ask(bank, "one_run", params={"run": run}).row(0, named=True)
    assert (row["seen"], row["still"]) == (126, 126)
    for minutes, hour in ((0, "01-01 01"), (330, "01-01 06"), (-120, "12-31 23")):
        began = queries.ask(bank, "run_list", params={"minutes": minutes})["began"][0]
        assert began[5:13] == hour


@pytest.mark.slow
def test_what_was_read_again_is_counted_where_it_counts(new_home: Path, tmp_path: Path) -> None:
    source, root = dicom_files.write(tmp_path / "source"), databank.path_of("x")
    (source / "broken").write_bytes(bytes(128) + b"DICM" + b"\x08\x00\x18\x00UI\xff\xff1.2")
    first = ingested(source, root)
    assert (first.seen, first.error) == (8, 1)
    assert again.unread(root, first.run_id) == [str(source / "broken")]
    (source / "broken").write_bytes(dicom_files.content(3, 1))
    second = ingest(again.unread(root), root, workers=1, force=True)
    assert (second.seen, second.ok) == (1, 1)
    assert again.unread(root) == []
    app = visit("runs", databank="x", run=first.run_id)
    assert T("runs.since", files=T.count("files", 1)) in texts(app)
    assert "error" not in table(app, "advice")["status"].to_list()
    assert T("runs.unread", n="1") not in [button.label for button in app.button]
    cards = [card for card in app.metric if card.label == T("card.error")]
    assert [card.value for card in cards] == ["0", "1"], "now, and when it was read"


def test_buttons_start_jobs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[object, ...]] = []

    def start(kind: str, name: str, sources: list[str], *, force: bool, run: str) -> str:
        started.append((kind, name, sources, force, run))
        return "job"

    monkeypatch.setattr(jobs, "start", start)
    run = run_of(home / "databanks" / "errors")
    for key in (f"new_{run}", f"all_{run}", f"unread_{run}"):
        app = visit("runs", databank="errors", run=run)
        app.button(key=key).click().run()
        assert not app.exception
        assert app.title[0].value == T("ingest.title"), "where the job is seen"
    app = visit("runs", databank="errors")
    app.button(key="unread_").click().run()
    assert started == [
        ("run", "errors", [], False, run), ("run", "errors", [], True, run),
        ("unread", "errors", [], True, run), ("unread", "errors", [], True, ""),
    ]  # fmt: skip
    monkeypatch.setattr(runs, "MOST", 2)
    assert visit("runs", databank="errors").button(key="unread_").disabled


def written() -> Iterator[str]:
    """The reasons in the code of the ingest, numbers and names in them as 1,000."""
    for path in [*CODE.glob("header/*.py"), *CODE.glob("sources/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                last = node.args[-1]
                if name in REFUSING and isinstance(last, ast.Constant):
                    yield str(last.value)
                elif name in REFUSING and isinstance(last, ast.JoinedStr):
                    parts = (
                        p.value if isinstance(p, ast.Constant) else "1,000" for p in last.values
                    )
                    yield "".join(map(str, parts))


def test_there_is_advice_about_every_reason() -> None:
    known = sorted(set(written()))
    assert len(known) > 25, "they are found"
    assert [reason for reason in known if not reasons.advice(T, reason)] == []
    for reason, key in {
        "same SOPInstanceUID as another file": "duplicate", "Permission denied": "permission",
        "the header cannot be read (the process that read it died)": "died",
        "the header cannot be read (ValueError)": "header", "member is encrypted": "encrypted",
        "more than 1,000,000 members": "limit", "data ends early": "archive",
        "the file ends before SOPInstanceUID": "cut", "not DICOM by its content": "other",
        "DICOMDIR, an index of other files": "index", "no SOPInstanceUID": "nameless",
        "compression method 99 is not supported": "format", "the header ends too early": "cut",
        "No such file or directory": "gone", "zip ends without a central directory": "archive",
        "the header is larger than 64 MiB": "header",
    }.items():  # fmt: skip
        assert reasons.advice(T, reason) == T(f"advice.{key}"), reason
    assert reasons.advice(T, None) == reasons.advice(T, "something new") == ""
