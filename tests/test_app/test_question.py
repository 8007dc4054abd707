"""Statements answered in a process: limits that hold, what the process may see, how it ends."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from app.console import examples, frames, narrow, near, plan, process, question, workers
from app.console.limits import MIB, USUAL, Limits
from app.console.question import Question
from app.console.workers import Answer, Failure, Sight
from app.filters import Filters
from ingest.lake import databank
from ingest.schema import TABLES
from tests.conftest import fill
from tests.test_app import test_statement as statements

pytestmark = pytest.mark.usefixtures("statement_processes")
ENDLESS = (
    "SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE hash(a.range + b.range) = 3"
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("it's a [bank]") / "bank"
    fill(folder, studies=4, series_per_study=2, instances_per_series=3)
    return folder


@pytest.fixture(scope="module")
def sight(root: Path) -> Sight:
    return Sight(root)


def ask(sight: Sight, statement: str, bounds: Limits = USUAL, *, plan: bool = False) -> Question:
    asked = Question(sight, statement, bounds, plan=plan)
    assert asked.wait(60)
    return asked


def answer(sight: Sight, statement: str, bounds: Limits = USUAL) -> Answer:
    found = ask(sight, statement, bounds).outcome
    assert isinstance(found, Answer), found
    return found


def failure(sight: Sight, statement: str, bounds: Limits = USUAL) -> Failure:
    found = ask(sight, statement, bounds).outcome
    assert isinstance(found, Failure)
    return found


def test_rows_come_as_they_are(sight: Sight) -> None:
    found = answer(
        sight,
        "SELECT 1 AS a, 2 AS a, 'ü\n⚕' AS text, [1, NULL] AS list, {'x': 1} AS struct, NULL AS n, "
        "DATE '2024-02-29' AS day, INTERVAL 3 DAYS AS span",
    )
    assert found.frame.columns == ["a", "a_1", "text", "list", "struct", "n", "day", "span"]
    assert found.frame.row(0)[:6] == (1, 2, "ü\n⚕", [1, None], {"x": 1}, None)
    assert not found.more
    assert answer(sight, "SELECT count(*) FROM series").frame.item() == 8
    assert answer(sight, "SELECT 1 AS a WHERE false").frame.schema == {"a": pl.Int32}


def test_rows_are_capped_and_it_is_said(sight: Sight) -> None:
    few = Limits(rows=1_000)
    assert not answer(sight, "FROM range(1000)", few).more
    found = answer(sight, "FROM range(1001)", few)
    assert (found.frame.height, found.more) == (1_000, True)
    # Read no further than needed: a hundred billion rows are not counted.
    found = answer(sight, "FROM range(100000000000)", Limits(seconds=20, rows=1_000))
    assert found.frame["range"].to_list() == list(range(1_000))


def test_an_answer_has_as_many_rows_as_fit(sight: Sight) -> None:
    bounds = Limits(bytes=1 * MIB)
    found = answer(sight, "SELECT repeat('x', 10000) AS t FROM range(5000)", bounds)
    assert 50 < found.frame.height < 110
    assert found.more
    assert failure(sight, "SELECT repeat('x', 2000000) AS t", bounds).kind == "too_big"


@pytest.mark.parametrize("text", statements.READING)
def test_what_may_be_asked_is_answered(sight: Sight, text: str) -> None:
    assert isinstance(ask(sight, text).outcome, Answer)


def test_everything_else_is_refused_and_leaves_no_trace(sight: Sight) -> None:
    before = sorted(sight.root.rglob("*"))
    lists = (statements.WRITING, statements.LOOKING_ELSEWHERE, statements.OTHER)
    for text in (text for texts in lists for text in texts):
        text = text.format(open=sight.root / "open", phi=sight.root / "phi")
        for planned in (False, True):
            found = ask(sight, text, plan=planned).outcome
            assert isinstance(found, Failure), text
            assert found.kind in ("refused", "failed"), text
            assert found.text
            assert "\n" not in found.text
    assert sorted(sight.root.rglob("*")) == before


def test_identifiers_are_seen_only_where_they_are_shown(sight: Sight) -> None:
    statement = "SELECT count(PatientName), count(PatientID) FROM studies"
    assert answer(sight, statement).frame.row(0) == (0, 0)
    assert answer(sight._replace(identifiers=True), statement).frame.row(0) == (4, 4)


def test_a_plan_has_no_paths(sight: Sight) -> None:
    for statement in ("FROM instances", "EXPLAIN FROM instances", "EXPLAIN ANALYZE FROM instances"):
        found = ask(sight, statement, plan=True).outcome
        assert isinstance(found, Answer)
        assert found.plan is not None
        drawn = plan.text(found.plan)
        assert "instance_id" in drawn
        assert str(sight.root) not in drawn
        assert ("ms" in drawn) == ("ANALYZE" in statement)


def test_errors_have_no_paths(sight: Sight) -> None:
    for file in (sight.root / "open").rglob("instances-*.parquet"):
        content = file.read_bytes()
        file.write_bytes(b"no longer Parquet")
        found = failure(sight, "SELECT max(EchoTime) FROM instances")
        file.write_bytes(content)
        assert found.text
        assert str(sight.root) not in found.text.replace("''", "'")


@pytest.mark.skipif(sys.platform != "linux", reason="the system has no limit of memory")
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT range(1000000000)",
        "SELECT repeat('x', 3000000000)",
        "SELECT list(repeat('x', 1000)) FROM range(100000000)",
        "SELECT string_agg(range::VARCHAR || repeat('x', 1000)) FROM range(100000000)",
        "SELECT max(t) FROM (SELECT repeat('x', 100000000) || range AS t FROM range(100000))",
    ],
)
def test_memory_is_bounded(sight: Sight, statement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.console.limits.memory", lambda: 128 * MIB)
    poor = sight._replace(narrowed=(("runs", "SELECT * FROM everything.runs"),))
    found = failure(poor, statement, Limits(seconds=25))
    assert found.kind == "memory", found


@pytest.mark.parametrize(
    "statement",
    [
        ENDLESS,
        "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))",  # one value: no interrupt
        "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) SELECT count(*) FROM a",
        "EXPLAIN ANALYZE " + ENDLESS,
    ],
)
def test_time_is_bounded(sight: Sight, statement: str) -> None:
    began = time.monotonic()
    assert failure(sight, statement, Limits(seconds=1)).kind in ("time", "memory")
    assert time.monotonic() - began < 10


def endless(sight: Sight, wanted: Callable[[], bool] = lambda: True) -> Question:
    """A question without an end that a process has been given."""
    asked = Question(sight, ENDLESS, wanted=wanted)
    while asked._worker is None:
        time.sleep(0.01)
    return asked


def test_stopping_ends_the_process(sight: Sight) -> None:
    asked = endless(sight)
    assert not asked.wait(0.5)
    assert asked.state == "running"
    worker = asked._worker
    assert worker is not None
    began = time.monotonic()
    asked.stop()
    assert asked.wait(5)
    assert time.monotonic() - began < 2
    assert asked.outcome == Failure("stopped")
    assert worker.process.wait(5) != 0
    asked.stop()  # once more: nothing happens
    assert asked.outcome == Failure("stopped")


def test_a_question_nobody_waits_for_is_ended(sight: Sight) -> None:
    there = True
    asked = endless(sight, lambda: there)
    assert not asked.wait(0.5)
    there = False
    assert asked.wait(5)
    assert asked.outcome == Failure("stopped")


def test_a_process_that_dies_is_a_failure(sight: Sight) -> None:
    asked = endless(sight)
    assert asked._worker is not None
    asked._worker.process.kill()
    assert asked.wait(10)
    assert asked.outcome == Failure("died")
    assert answer(sight, "SELECT 1").frame.item() == 1


def test_the_process_ends_with_the_app(sight: Sight) -> None:
    worker = workers.Worker(sight, workers.snapshot.read(sight.root))
    worker.into.close()
    assert worker.process.wait(10) == 0
    worker.end()


def test_a_process_is_used_again(sight: Sight) -> None:
    workers.prepare(sight)
    answer(sight, "SELECT 1")
    (kept,) = [worker for worker in workers._idle if worker.sight == sight]
    answer(sight, "SELECT 2")
    failure(sight, "SELECT nope")
    assert kept in workers._idle
    failure(sight, "SELECT range(1000000000)")  # of no use any more
    assert kept not in workers._idle


def test_processes_are_not_replaced_in_turns(
    sight: Sight, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    databank.create(tmp_path / "other")
    other = Sight(tmp_path / "other")
    answer(sight, "SELECT 1")
    monkeypatch.setattr(workers, "KEPT_IDLE", 1)
    workers.keep(workers.take(sight))
    kept = list(workers._idle)
    workers.prepare(other)
    assert workers._idle == kept
    answer(other, "SELECT 1")  # what is asked comes first
    assert [worker.sight for worker in workers._idle] == [other]
    databank.delete(other.root)
    workers.prepare(sight)
    assert [worker.sight for worker in workers._idle] == [sight], "the other is of no use"


def test_at_most_so_many_at_once(sight: Sight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question, "_places", question.threading.BoundedSemaphore(1))
    first, second = Question(sight, ENDLESS), Question(sight, "SELECT 1")
    assert not second.wait(0.5)
    states = {first.state, second.state}
    assert states == {"running", "waiting"}
    first.stop()
    second.stop()
    assert first.wait(5)
    assert second.wait(5)
    assert answer(sight, "SELECT 1").frame.item() == 1


def test_a_new_snapshot_is_seen(tmp_path: Path) -> None:
    sight = Sight(tmp_path / "bank")
    databank.create(sight.root)
    assert answer(sight, "SELECT count(*) FROM series").frame.item() == 0
    fill(sight.root, studies=1, series_per_study=1, instances_per_series=1)
    assert answer(sight, "SELECT count(*) FROM series").frame.item() == 1


def test_a_databank_that_is_gone_is_a_failure(tmp_path: Path) -> None:
    found = failure(Sight(tmp_path / "missing"), "SELECT 1")
    assert (found.kind, found.text) == ("lake", "DatabankNotFound")


def test_filters_narrow_what_is_seen(root: Path) -> None:
    wanted = Filters.of({"modality": ["MR", "it's"]}, text="e")
    narrowed = Sight(root, narrowed=narrow.views(wanted, False))
    everything = Sight(root)
    ours = "SELECT count(*) FROM series"
    left = answer(narrowed, ours).frame.item()
    assert 0 < left < answer(everything, ours).frame.item()
    assert answer(narrowed, "SELECT DISTINCT Modality FROM series").frame.item() == "MR"
    by_hand = (
        "SELECT count(DISTINCT {0}) FROM {1} WHERE SeriesInstanceUID IN "
        "(SELECT SeriesInstanceUID FROM series WHERE Modality = 'MR')"
    )
    for table, key in (("instances", "SOPInstanceUID"), ("elements", "SOPInstanceUID")):
        expected = answer(everything, by_hand.format(key, table)).frame.item()
        found = answer(narrowed, f"SELECT count(DISTINCT {key}) FROM {table}").frame.item()
        assert found == expected > 0
    assert answer(narrowed, "DESCRIBE series").frame.height == len(TABLES["series"].columns)
    assert answer(narrowed, "SHOW TABLES").frame.height == len(TABLES)
    assert narrow.views(Filters(), False) == ()


@pytest.mark.parametrize("name", examples.statements())
def test_examples_are_answered(sight: Sight, name: str) -> None:
    answer(sight, examples.statements()[name])


def test_messages_keep_to_their_form() -> None:
    stream = io.BytesIO()
    frames.send(stream, {"kind": "rows"}, b"12345")
    content = stream.getvalue()
    assert frames.receive(io.BytesIO(content), 5) == ({"kind": "rows", "bytes": 5}, b"12345")
    broken = [content[:n] for n in range(len(content))]
    broken += [b"\xff" * 8, (5).to_bytes(4, "big") + b"[1,2]", (2).to_bytes(4, "big") + b"{}"]
    for text in broken:
        with pytest.raises(frames.Broken):
            frames.receive(io.BytesIO(text), 5)
    with pytest.raises(frames.Broken):
        frames.receive(io.BytesIO(content), 4)


def test_only_rows_and_sentences_leave_the_process(sight: Sight) -> None:
    with process.open_lake(sight.root) as lake:
        request = {"statement": "SELECT 1 AS a", "plan": False, "rows": 5, "max_bytes": MIB}
        head, body = process._answer(lake, request)
        assert head == {"kind": "rows", "more": False}
        assert pl.read_ipc_stream(io.BytesIO(body)).to_dicts() == [{"a": 1}]
        head, body = process._answer(lake, {**request, "statement": "ATTACH 'x'"})
        assert (head["kind"], body) == ("refused", b"")
        assert json.loads(json.dumps(head)) == head


def test_what_was_not_found_is_shown_and_near_names_are_told() -> None:
    message = 'Binder Error: Referenced column "Modalty" not found in FROM clause! Candidate ...'
    found = near.names(message, TABLES)
    assert found[0].name == "Modality"
    assert set(found[0].tables) >= {"series", "instances"}
    assert near.drawing("SELECT 1,\n  Modalty, x", message, "") == (
        "LINE 2:   Modalty, x\n          ^^^^^^^"
    )
    other = near.names('Referenced column "echotime" not found', TABLES)
    assert [name.name for name in other] == ["EchoTime"]
    (table,) = near.names("Catalog Error: Table with name seris does not exist! Did", TABLES)[:1]
    assert table == near.Near("series")
    assert near.names("Parser Error: syntax error", TABLES) == []
    assert near.drawing("SELECT x", "Parser Error: syntax error", "LINE 1: x\n ^") != ""
    assert near.drawing("SELECT x", "Out of Memory Error", "") == ""
    long = "SELECT " + "a, " * 200 + "Modalty"
    line, marks = near.drawing(long, message, "").split("\n")
    assert len(line) < 130
    assert line[marks.index("^") : marks.index("^") + 7] == "Modalty"


def test_plans_are_trees() -> None:
    drawn = plan.text(
        [
            {
                "name": "HASH_JOIN", "extra_info": {"Join Type": "INNER", "Text": ""},
                "children": [
                    {"name": "READ_PARQUET", "extra_info": {"Estimated Cardinality": "1200",
                     "Filename(s)": "/home/x", "Projections": ["a", "b"]}, "children": []},
                    {"type": "TABLE_SCAN", "intermediate_rows": 7, "timing": 0.0123},
                ],
            }
        ]
    )  # fmt: skip
    assert drawn.split("\n") == [
        "HASH_JOIN",
        "│    Join Type: INNER",
        "├─ READ_PARQUET  ~1,200 rows",
        "│       Projections: a, b",
        "└─ TABLE_SCAN  7 rows  12.3 ms",
    ]
