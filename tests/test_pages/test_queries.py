"""Questions: described, filtered alike, paged by the database, never answered from the past."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from app import narrowing, queries, questions
from app.errors import QueryFailed
from app.filters import NONE, Filters
from app.kept import Kept
from app.lake import Lake, open_lake
from app.queries import Databank, Order, Page
from ingest.lake import snapshot, views
from ingest.lake.sql import identifier
from tests.conftest import fill
from tests.test_pages.test_identifiers import SECRETS

PARAMS: dict[str, queries.Value] = {
    "study": "1.2.826.0.1.0.1", "series": "1.2.826.0.1.0.1.0",
    "instance": 1 << 32, "unit": "month", "similar": "chst",
    "header": 1 << 32, "most": 3, "run": "run-1", "minutes": 1.0, "status": "",
    "reason": "", "first": 1980, "last": 2060,
    "scanner": "a" * 32, "group": "MR · t1", "a": "1" * 64, "b": "2" * 64,
    "examples": "[]",
    "which": "any", "by": "scanner", "measure": "ctdivol", "kind": "ct",
    "uptake_ideal_from": 45.0, "uptake_ideal_to": 75.0,
    "dose_ideal_from": 2.5, "dose_ideal_to": 3.5,
    "number": "uptake", "period": "month", "protocol": "none", "rule": "duplicate",
    "severity": "", "level": "", "since": "",
    "creator": "SIEMENS CSA HEADER", "element": "0029xx10", "field": "", "value": "a" * 64,
    "class": "", "orientation": "", "fat": "", "contrast": "", "vendor": "", "volume": 1,
    "expected": "", "lacking": False, "name": "t1_mprage_sag",
    "studies": "1.2.826.0.1.0.1|1.2.826.0.1.0.2",
}  # fmt: skip
ABOUT_SERIES = ("totals", "studies", "series", "series_over_time", "series_by_maker", "facets")
SOME = Filters.of({"modality": ["CT", "MR"]}, date(2000, 1, 1), text="c")
"""Filters of each kind, which leave some of the series, all CTs among them."""


def used(name: str) -> dict[str, queries.Value]:
    code = re.sub(r"--.*", "", questions.text(name))
    return {key: PARAMS[key] for key in set(re.findall(r"\$([a-z_]+)", code)) - {"text"}}


@pytest.fixture
def full(lakes: Path) -> Databank:
    return Databank(lakes / "databanks" / "full")


@pytest.fixture(scope="module")
def whole(lakes: Path) -> Iterator[dict[bool, Lake]]:
    """The databank ``full`` without and with identifiers: its tables with all their columns.

    They are in memory, as a question is planned over views of them for longer than it is answered.
    """
    root = lakes / "databanks" / "full"
    state = snapshot.read(root)
    one = {"threads": 1}  # some rows are no work for two
    with duckdb.connect(config=one) as masked, duckdb.connect(config=one) as shown:
        for connection, identifiers in ((masked, False), (shown, True)):
            for table, select in views.definitions(root, state, identifiers).items():
                connection.execute(f"CREATE TABLE {identifier(table)} AS {select}")
        yield {False: Lake(root, state, False, masked), True: Lake(root, state, True, shown)}


@pytest.mark.parametrize("name", questions.names())
def test_every_question_is_described_and_answered(name: str, lakes: Path) -> None:
    assert questions.description(name).endswith(".")
    frames = []
    for bank in ("full", "empty", "errors"):
        for filters in (NONE, SOME):
            frames.append(
                queries.ask(Databank(lakes / "databanks" / bank), name, filters, used(name))
            )
    assert all(frame.schema == frames[0].schema for frame in frames), "types do not depend on data"


@pytest.mark.parametrize(
    ("name", "identifiers"),
    [(name, shown) for name in questions.names() for shown in (True, False)
     if shown or questions.names_identifiers(name)],
)  # fmt: skip
def test_narrow_tables_answer_as_whole_ones(
    name: str, identifiers: bool, full: Databank, whole: dict[bool, Lake]
) -> None:
    """Against the same text behind tables with all their columns."""
    bank, oracle = full._replace(identifiers=identifiers), whole[identifiers]
    several = [NONE, SOME]
    if identifiers:
        several.append(Filters.of(text="test1 müller"))  # only in names of patients
    text = f"FROM (\n{questions.text(name)}\n)"
    for filters in several:
        prefix, values = queries.filtered(oracle, filters)
        given = {**queries.searched(name, filters), **used(name)}
        if not narrowing.concerns(text):
            prefix, values = "", {}
        expected = oracle.query(prefix + text, {**given, **values} or None)
        answer = queries.ask(bank, name, filters, used(name))
        assert answer.schema == expected.schema
        assert_frame_equal(answer, expected, check_row_order=False)
    some = tuple(expected.columns[::2])
    few = queries.ask(bank, name, filters, used(name), columns=some)
    assert_frame_equal(few, expected.select(some), check_row_order=False)
    assert queries.count(bank, name, filters, used(name)) == expected.height


def test_a_narrow_table_has_what_is_named(full: Databank) -> None:
    with open_lake(full.root, identifiers=True) as opened:
        shown = opened.narrow("series", {"modality", "patientname", "no_such"})
        assert opened.query(shown).columns == ["PatientName", "Modality"]
        assert "/phi/" in shown
        assert "/phi/" not in opened.narrow("series", {"modality"})
        assert opened.query(opened.narrow("series", None)).columns == list(
            opened.query("FROM series LIMIT 0").columns
        )


@pytest.mark.parametrize("name", ["series", "studies", "patients"])
def test_both_sides_of_a_table_are_read_along_with_each_other(name: str, full: Databank) -> None:
    """Where every row is looked at anyway; against the join by the places of rows."""
    with open_lake(full.root, identifiers=True) as opened:
        joined, along = (opened.narrow(name, None, every_row=whole) for whole in (False, True))
        assert "POSITIONAL JOIN" in along
        assert_frame_equal(opened.query(along), opened.query(joined), check_row_order=False)
        apart = opened.narrow(name, {"patient_key"}, every_row=True)
        assert "JOIN" not in apart
        said = queries.ask(full._replace(identifiers=True), "totals", Filters.of(text="test1"))
        assert 0 < said["series"].item() < 24


def test_numbers_add_up_under_every_filter(full: Databank) -> None:
    for filters in (
        NONE, Filters.of({"modality": ["MR"]}), Filters.of(since=date(2020, 3, 1)),
        Filters.of({"manufacturer": ["UIH", "SIEMENS"]}, text="knee"), Filters.of(text="nothing"),
    ):  # fmt: skip
        totals = queries.ask(full, "totals", filters).row(0, named=True)
        studies, series = (queries.ask(full, name, filters) for name in ("studies", "series"))
        assert totals["studies"] == studies.height
        assert totals["series"] == series.height == studies["n_series"].sum()
        assert totals["instances"] == studies["n_instances"].sum() == series["n_instances"].sum()
        assert totals["bytes"] == studies["file_size_bytes"].sum()
        makers = queries.ask(full, "series_by_maker", filters)
        assert makers["series"].sum() == totals["series"]
        time = queries.ask(full, "series_over_time", filters, {"unit": "year"})
        assert time["series"].sum() + totals["undated_series"] == totals["series"]


def test_filters_apply_to_what_questions_ask(full: Databank) -> None:
    filters = Filters.of({"modality": ["CT"]})
    assert set(queries.ask(full, "series", filters)["Modality"]) == {"CT"}
    assert queries.ask(full, "totals", filters)["series"].item() == 8
    assert queries.ask(full, "series_instances", filters, used("series_instances")).height == 5
    other = Filters.of({"modality": ["PT"]})
    assert queries.ask(full, "series_instances", other, used("series_instances")).height == 0


def test_pages_are_parts_of_the_whole(full: Databank) -> None:
    for column in ("StudyDate", "SeriesDescription", "n_instances", "acquisition_datetime_min"):
        for descending in (False, True):
            order = Order(column, descending, ("StudyInstanceUID", "SeriesInstanceUID"))
            whole = queries.ask(full, "series", order=order)
            parts = [
                queries.ask(full, "series", order=order, page=Page(n, 9)) for n in range(0, 24, 9)
            ]
            assert pl.concat(parts).equals(whole)
            assert whole.equals(
                whole.sort(
                    column, *order.then, descending=[descending, False, False], nulls_last=True
                )
            )
    assert queries.count(full, "series") == 24
    assert queries.count(full, "series", Filters.of({"modality": ["CT"]})) == 8


def test_only_the_columns_that_are_wanted_are_read(full: Databank) -> None:
    order = Order("StudyDate", True, ("StudyInstanceUID",))
    whole = queries.ask(full, "studies", params=used("studies"), order=order)
    for columns in (("n_series", "StudyDescription"), ("StudyInstanceUID",)):
        some = queries.ask(full, "studies", params=used("studies"), order=order, columns=columns)
        assert some.equals(whole.select(columns)), "sorted also by what is not there"
    assert queries.schema(full, "studies", used("studies")) == dict(whole.schema)
    with pytest.raises(QueryFailed):
        queries.ask(full, "studies", params=used("studies"), columns=("nope",))
    with pytest.raises(QueryFailed):
        queries.ask(full, "studies", params=used("studies"), columns=('n_series" + "n_series',))


def test_questions_keep_their_own_order(full: Databank) -> None:
    numbers = queries.ask(full, "study_series", params=used("study_series"))["SeriesNumber"]
    assert numbers.to_list() == [1, 2, 3, 4]
    instances = queries.ask(full, "series_instances", params=used("series_instances"))
    assert instances["position"].to_list() == [1, 2, 3, 4, 5]
    assert instances["slice_position_mm"].is_sorted()


def test_what_varies_and_what_a_header_says(full: Databank) -> None:
    varying = queries.ask(full, "varying", params=used("varying"))
    assert set(varying["path"]) == {"00080018", "00200013", "00200032"}  # ImageComments identifies
    row = varying.row(by_predicate=pl.col("path") == "00200013", named=True)
    assert (row["n_values"], row["first_text"], row["last_text"]) == (5, "1", "5")
    assert row["strip"] == [1.0, 2.0, 3.0, 4.0, 5.0]
    instances = queries.ask(full, "series_instances", params=used("series_instances"))
    second = dict(zip(("instance", "header"), instances.row(1)[-2:], strict=True))
    header = queries.ask(full, "header", params=second)
    assert header["path"].is_sorted()
    assert header.filter(pl.col("path") == "00200013")["text"].item() == "2"
    assert set(header.filter("varies")["path"]) == {"00080018", "00200013", "00200032"}


def test_items_of_sequences_are_in_their_order() -> None:
    paths = [
        "00081140[10000].00081150", "00081140[9999].00081150", "00081140[10].00081150",
        "00081140[2].00081150", "00081140[1].00081150", "00080005", "00081140",
        "00291020/x[0]", "00291020/x[11]", "00291020/x[9]",
    ]  # fmt: skip
    order = questions.text("header").split("ORDER BY")[1]
    found = duckdb.sql(
        f"SELECT path FROM (SELECT unnest($p) AS path) ORDER BY {order}", params={"p": paths}
    )
    assert [path for (path,) in found.fetchall()] == [
        "00080005", "00081140", "00081140[1].00081150", "00081140[2].00081150",
        "00081140[10].00081150", "00081140[9999].00081150", "00081140[10000].00081150",
        "00291020/x[0]", "00291020/x[9]", "00291020/x[11]",
    ]  # fmt: skip


def test_a_new_snapshot_is_never_answered_from_the_old(small: Path, tmp_path: Path) -> None:
    databank = Databank(tmp_path / "databanks" / "grows")
    shutil.copytree(small, databank.root)
    assert queries.ask(databank, "totals")["instances"].item() == 8
    assert queries.count(databank, "studies") == 2
    fill(databank.root, studies=1, series_per_study=1, instances_per_series=3, seed=5)
    assert queries.ask(databank, "totals")["instances"].item() == 11
    assert queries.count(databank, "studies") == 3


def test_the_same_question_is_answered_once(full: Databank) -> None:
    assert queries.ask(full, "studies") is queries.ask(full, "studies")


def test_many_threads_get_the_same_answer(full: Databank) -> None:
    answers: list[int] = []

    def ask(n: int) -> None:
        order = Order("StudyDate", then=("StudyInstanceUID",) * (n % 3))  # not from the cache
        answers.append(
            queries.ask(full, "series", Filters.of(text="s" * (n % 4)), order=order).height
        )

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16
    assert {queries.ask(full, "series", Filters.of(text="s" * n)).height for n in range(4)} == set(
        answers
    )


def test_unknown_questions() -> None:
    for name in ("no_such", "../queries", "Totals", ""):
        with pytest.raises(KeyError):
            questions.text(name)


def test_kept_values_stay_within_their_weight() -> None:
    kept = Kept(100)
    for n in range(50):
        kept.put(n, str(n), 20)
    assert [n for n in range(50) if kept.get(n)] == [45, 46, 47, 48, 49]
    kept.put("heavy", "x", 30)
    assert kept.get("heavy") is None
    kept.get(45)
    kept.put("new", "y", 20)
    assert kept.get(45) == "45", "what was used last stays"
    assert kept.get(46) is None


def test_what_is_asked_without_identifiers_has_none(whole: dict[bool, Lake]) -> None:
    free = [name for name in questions.names() if not questions.names_identifiers(name)]
    assert {"totals", "facets"} <= set(free)
    assert not {"studies", "study", "problem_files", "header", "varying"} & set(free)
    for name in (*free, *queries.ONE_ROW_EACH):
        for filters in (NONE, Filters.of({"modality": ["CT"]}, date(2000, 1, 1))):
            answers = []
            for opened in (whole[False], whole[True]):
                prefix, values = queries.filtered(opened, filters)
                given = {**values, **queries.searched(name, filters), **used(name)}
                body = f"SELECT * FROM (\n{questions.text(name)}\n)"
                answers.append(opened.query(prefix + body, given or None))
            masked, shown = answers
            if name in free:  # in any order: what orders is asked for by tables
                assert sorted(map(repr, masked.rows())) == sorted(map(repr, shown.rows())), name
            assert masked.height == shown.height, name


def test_no_question_answers_with_identifiers_while_they_are_hidden(full: Databank) -> None:
    for name in questions.names():
        for filters in (NONE, SOME):
            answer = queries.ask(full, name, filters, used(name))
            content = answer.with_columns(
                pl.selectors.list().cast(pl.List(pl.String)).list.join(" ")
            )
            assert not [secret for secret in SECRETS if secret in content.write_csv()], name


def test_what_many_ask_for_at_once_is_made_once() -> None:
    kept: Kept[int] = Kept(100)
    made: list[int] = []
    asked = threading.Barrier(8)

    def make() -> int:
        time.sleep(0.05)
        made.append(1)
        return 42

    def ask() -> int:
        asked.wait(timeout=10)
        return kept.made("key", make, lambda value: 1)

    with ThreadPoolExecutor(8) as pool:
        answers = [future.result() for future in [pool.submit(ask) for _ in range(8)]]
    assert answers == [42] * 8
    assert made == [1]


def test_a_question_that_failed_can_be_asked_again() -> None:
    kept: Kept[int] = Kept(100)

    def fail() -> int:
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        kept.made("key", fail, lambda value: 1)
    assert kept.made("key", lambda: 7, lambda value: 1) == 7
