"""Private elements: counts against pydicom, values by hand, and the steps of the page."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pydicom
import pytest
from pydicom.dataset import Dataset
from streamlit.testing.v1 import AppTest

from app import queries
from app.demo import cohort_series
from app.demo.writer import written_instances
from app.filters import NONE, Filters
from app.i18n import LANGUAGES, texts
from app.queries import Databank
from app.ui import private as private_page
from app.ui import private_words
from ingest.lake import databank
from tests.in_process import ingested
from tests.test_pages import private_files
from tests.test_pages.browser import metrics, visit
from tests.test_pages.browser import texts as written
from tests.test_pages.private_files import CREATOR, UNKNOWN, A, B

T = texts("en")
DEMO = ("si3t-repeat-b1000", "ge3t-brain-loc", "ph3t-brain-survey", "xa-enhanced-dwi")
B_VALUE: dict[str, Any] = {"creator": CREATOR, "element": "0019xx0C", "field": ""}


@pytest.fixture(scope="module")
def files() -> list[bytes]:
    return [
        made.content
        for it in cohort_series()
        if f"{it.study.key}-{it.series.key}" in DEMO
        for made in written_instances(it)
    ]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, files: list[bytes]) -> Path:
    """A home with the databanks ``own``, the two series of known content, and ``demo``."""
    home = tmp_path_factory.mktemp("private")
    own = private_files.write(home / "files" / "own")
    demo = home / "files" / "demo"
    demo.mkdir()
    for n, content in enumerate(files):
        (demo / str(n)).write_bytes(content)
    for source in (own, demo):
        summary = ingested(source, home / "databanks" / source.name)
        assert summary.error == 0
    return home


@pytest.fixture
def demo(places: Path, monkeypatch: pytest.MonkeyPatch) -> Databank:
    monkeypatch.setenv("TAGLAKE_HOME", str(places))
    return Databank(databank.path_of("demo"), identifiers=True)


def ask(bank: Databank, name: str, filters: Filters = NONE, **params: Any) -> pl.DataFrame:
    return queries.ask(bank, name, filters, params)


def counts(bank: Databank, level: str, filters: Filters = NONE) -> dict[Any, tuple[int, int]]:
    rows = ask(bank, "private_counts", filters).filter(level=level)
    return {
        (row["creator"], row["element"], row["field"]): (row["n_series"], row["n_instances"])
        for row in rows.iter_rows(named=True)
    }


# --- counts


def test_counts_by_hand(own: Databank) -> None:
    assert counts(own, "element") == {
        (CREATOR, "0019xx0C", ""): (2, 7),  # in blocks 10 and 2A
        (UNKNOWN, "0019xx02", ""): (2, 7),
        (UNKNOWN, "0019xx03", ""): (2, 7),
    }
    shown = own._replace(identifiers=True)
    assert counts(shown, "element")[UNKNOWN, "0019xx01", ""] == (2, 7)
    assert counts(own, "total") == {(None, None, None): (2, 7)}
    groups = ask(own, "private_counts").filter(level="group")
    assert groups.select("creator", "payload", "n_series").rows() == [
        (UNKNOWN, "", 2), (CREATOR, "", 2),
    ]  # fmt: skip


def test_counts_follow_the_filters(own: Databank) -> None:
    nothing = Filters.of({"modality": ["CT"]})
    assert counts(own, "element", nothing) == {}
    assert counts(own, "total", nothing) == {(None, None, None): (0, 0)}
    assert counts(own, "element", Filters.of(text=B))[CREATOR, "0019xx0C", ""] == (1, 4)


def private(data: Dataset) -> Iterator[tuple[str, str]]:
    """Creator and element of every private element, items included, as pydicom sees them."""
    for element in data:
        if element.tag.is_private and element.tag.element >= 0x1000:
            creator = data.get((element.tag.group, element.tag.element >> 8))
            name = creator.value.strip() if creator is not None else ""
            yield name, f"{element.tag.group:04X}xx{element.tag.element & 0xFF:02X}"
        if element.VR == "SQ":
            for item in element.value:
                yield from private(item)


def test_counts_are_those_of_pydicom(demo: Databank, files: list[bytes]) -> None:
    series, instances = defaultdict(set), defaultdict(set)
    for content in files:
        data = pydicom.dcmread(io.BytesIO(content))
        for key in private(data):
            series[key].add(data.SeriesInstanceUID)
            instances[key].add(data.SOPInstanceUID)
    expected = {(*key, ""): (len(series[key]), len(instances[key])) for key in series}
    assert len({creator for creator, _ in series}) > 5
    stored = {key: n for key, n in counts(demo, "element").items() if not key[2]}
    assert stored == expected


@pytest.mark.parametrize("filters", [NONE, Filters.of({"manufacturer": ["SIEMENS"]})])
def test_profiles_count_what_elements_say(demo: Databank, filters: Filters) -> None:
    key = ["creator", "payload", "element", "field"]
    found = ask(demo, "private_elements", filters).filter(level="element")
    told = ask(demo, "private_counts", filters).filter(level="element")
    of_texts = (pl.col("payload") != "") & ~pl.col("payload").str.starts_with("(")
    assert told.filter(of_texts).height > 10
    expected = told.filter(~of_texts).select(*key, "n_series")
    assert found.select(*key, "n_series").sort(key).equals(expected.sort(key))
    groups = {name: ask(demo, name, filters).filter(level="group") for name in
              ("private_elements", "private_counts")}  # fmt: skip
    same = groups["private_counts"].join(
        groups["private_elements"], on=["creator", "payload"], how="left"
    )
    assert same["n_series"].equals(same["n_series_right"].alias("n_series"))


def test_makers_are_those_of_the_values(demo: Databank) -> None:
    for field in ("", "B_value"):
        csa: dict[str, Any] = {
            "creator": "SIEMENS CSA HEADER", "element": "0029xx10", "field": field,
        }  # fmt: skip
        columns = ["maker", "model", "software", "n_series"]
        told = ask(demo, "private_values", **csa).filter(level="maker").select(columns)
        found = ask(demo, "private_makers", **csa).select(columns)
        assert found.height > 0
        assert found.sort(columns).equals(told.sort(columns))


def test_kinds_of_elements_need_no_counts(demo: Databank) -> None:
    keys = ask(demo, "private_keys")
    assert set(keys.select(private_keys()).iter_rows()) == set(counts(demo, "element"))
    payloads = set(keys.filter(creator="SIEMENS CSA HEADER")["payload"])
    assert payloads == {"", "(0029,xx10)", "(0029,xx20)", "MrPhoenixProtocol"}


def private_keys() -> list[str]:
    return ["creator", "element", "field"]


# --- values


def test_values_by_hand(own: Databank) -> None:
    rows = ask(own, "private_values", **B_VALUE)
    values = rows.filter(level="value").select("text", "n_series", "n_occurrences").rows()
    # 0, 1000, 0 and 0, 1000, 0, 1000
    assert sorted(values) == [("0", 2, 4), ("1000", 2, 3)]
    makers = rows.filter(level="maker")
    assert makers.select("maker", "software", "n_values", "n_series", "largest").rows() == [
        ("SIEMENS", "syngo MR XA30", 2, 1, 1000.0), ("SIEMENS", "syngo MR E11", 2, 1, 1000.0),
    ]  # fmt: skip
    total = rows.filter(level="total").row(0, named=True)
    assert (total["n_values"], total["n_series"], total["smallest"]) == (2, 2, 0.0)


def test_from_a_value_to_its_series(own: Databank) -> None:
    binary: dict[str, Any] = {"creator": UNKNOWN, "element": "0019xx03", "field": ""}
    values = ask(own, "private_values", **binary).filter(level="value")
    assert values["byte_length"].to_list() == [40, 40]
    having = [
        ask(own, "private_series", **binary, value=value)["SeriesInstanceUID"].to_list()
        for value in values["value_key"]
    ]
    assert sorted(having) == [[A], [B]]
    assert ask(own, "private_series", **binary, value="other").is_empty()
    both = ask(own, "private_series", **B_VALUE, value="1000")
    assert set(both["SeriesInstanceUID"]) == {A, B}


def test_identifying_values_need_identifiers(own: Databank) -> None:
    text: dict[str, Any] = {"creator": UNKNOWN, "element": "0019xx01", "field": ""}
    hidden = ask(own, "private_values", **text)
    assert hidden.select("level", "n_series").rows() == [("total", 0)]
    assert ask(own, "private_search", value="secret").is_empty()
    shown = own._replace(identifiers=True)
    values = ask(shown, "private_values", **text).filter(level="value")
    assert values["text"].to_list() == ["Secret text"]
    found = ask(shown, "private_search", value="SECRET")
    assert found.select("creator", "element", "value", "n_series").rows() == [
        (UNKNOWN, "0019xx01", "Secret text", 2),
    ]  # fmt: skip


def test_decoded_values(demo: Databank) -> None:
    csa: dict[str, Any] = {
        "creator": "SIEMENS CSA HEADER",
        "element": "0029xx10",
        "field": "B_value",
    }
    values = ask(demo, "private_values", **csa).filter(level="value")
    assert values.select("text", "n_occurrences").rows() == [("1000", 12)]


# --- words


def test_search_finds_creators_tags_and_names(demo: Databank) -> None:
    keys = ask(demo, "private_keys")

    def found(text: str) -> set[str]:
        return set(private_words.matching(keys, text)["element"])

    assert found("b_value csa") == {"0029xx10"}
    assert found("(0029,xx20)") == found("0029XX20") == {"0029xx20"}
    assert found("gems_parm") <= {e for e in found("gems") if e.startswith("0043")}
    assert found("no such") == set()
    assert private_words.matching(keys, "").height == keys.height


def test_names_of_elements_and_groups(demo: Databank) -> None:
    keys = ask(demo, "private_keys")
    rows = private_words.named(T, keys).filter(creator="SIEMENS CSA HEADER")
    named = {(row["element_tag"], row["name"]) for row in rows.iter_rows(named=True)}
    assert {("(0029,xx10)", "CSA Image Header Info"), ("(0029,xx10)", "B_value"),
            ("(0029,xx20)", "tSequenceFileName")} <= named  # fmt: skip
    source = [
        private_words.source(T, "SIEMENS CSA HEADER", payload, keys)
        for payload in ("", "(0029,xx10)", "MrPhoenixProtocol")
    ]
    assert source == [
        "as stored", "decoded from CSA Image Header Info", "decoded from MrPhoenixProtocol",
    ]  # fmt: skip


# --- the page


def address(app: AppTest, *keys: str) -> list[str]:
    found = [app.query_params.get(key, "") for key in keys]
    return [value[-1] if isinstance(value, list) else value for value in found]


def click(app: AppTest, table: str, row: int) -> AppTest:
    app.session_state[f"table_{table}"] = {"selection": {"rows": [row], "columns": []}}
    return app.run()


def test_step_by_step_to_a_series(own: Databank) -> None:
    app = visit("private", databank="own")
    assert not app.exception
    assert metrics(app) == {"Creators": "2", "Elements": "4", "Decoded values": "0"}
    groups = app.dataframe[0].value
    assert list(groups["n_kinds"]) == [3, 1]
    assert list(groups["n_series"]) == [2, 2]
    click(app, "private_groups", 0)
    assert address(app, "creator", "payload") == [UNKNOWN, ""]
    elements = app.dataframe[0].value
    assert list(elements["element_tag"]) == ["(0019,xx01)", "(0019,xx02)", "(0019,xx03)"]
    assert elements["n_series"].isna().tolist() == [True, False, False]
    assert T("private.some_hidden") in written(app)
    click(app, "private_elements", 1)
    assert address(app, "creator", "element") == [UNKNOWN, "0019xx02"]
    assert metrics(app) == {"Series": "2", "Distinct values": "1"}
    makers, values = (table.value for table in app.dataframe)
    assert list(makers["software"]) == ["syngo MR XA30", "syngo MR E11"], "most instances first"
    assert (list(values["value"]), list(values["n_occurrences"])) == (["1.5"], [7])
    click(app, "private_values", 0)
    assert len(app.dataframe) == 3
    assert list(app.dataframe[2].value["SeriesNumber"]) == [1, 2]
    app.session_state["table_private_values"] = {"selection": {"rows": [0], "columns": []}}
    click(app, "private_series", 1)
    assert not app.exception
    assert address(app, "series") == [B]


def test_hidden_values_are_a_sentence(own: Databank) -> None:
    place = {"creator": UNKNOWN, "payload": "", "element": "0019xx01", "field": ""}
    app = visit("private", databank="own", **place)
    assert T("private.hidden") in written(app)
    assert "Secret" not in written(app)
    app.toggle(key="identifiers").set_value(True).run()
    assert list(app.dataframe[1].value["value"]) == ["Secret text"]


def test_searching(own: Databank) -> None:
    app = visit("private", databank="own")
    app.text_input(key="private_search").set_value("siemens").run()
    assert list(app.dataframe[0].value["element_tag"]) == ["(0019,xx0C)"]
    app.text_input(key="private_search").set_value("nothing like it").run()
    assert T("private.nothing") in written(app)
    app.text_input(key="private_search").set_value("1000").run()
    app.segmented_control(key="private_where").set_value("values").run()
    found = app.dataframe[0].value
    assert (list(found["element_tag"]), list(found["n_series"])) == (["(0019,xx0C)"], [2])
    click(app, "private_found", 0)
    assert address(app, "creator", "element") == [CREATOR, "0019xx0C"]


def test_filters_apply(own: Databank) -> None:
    app = visit("private", databank="own")
    app.text_input(key="search").set_value(B).run()
    assert list(app.dataframe[0].value["n_instances"]) == [4, 4]


def test_a_large_databank_reads_elements_on_request(
    own: Databank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_page, "READ_AT_ONCE", 6)
    app = visit("private", databank="own")
    assert T("private.not_counted") in written(app)
    groups = app.dataframe[0].value
    assert list(groups["n_series"]) == [2, 2]
    assert "n_instances" not in groups
    click(app, "private_groups", 0)
    elements = app.dataframe[0].value
    assert list(elements["n_series"]) == [2, 2, 2], "hidden values count as well"
    assert T("private.some_hidden") not in written(app)
    click(app, "private_elements", 1)
    assert T("private.not_read") in written(app)
    assert metrics(app) == {"Series": "2"}
    assert sorted(app.dataframe[0].value["software"]) == ["syngo MR E11", "syngo MR XA30"]
    app.button(key="private_read").click().run()
    assert metrics(app) == {"Series": "2", "Distinct values": "1"}
    app = app.run()
    assert metrics(app) == {"Series": "2", "Distinct values": "1"}, "it is remembered"


def test_a_large_databank_under_filters(own: Databank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_page, "READ_AT_ONCE", 6)
    app = visit("private", databank="own")
    app.text_input(key="search").set_value(B).run()
    assert list(app.dataframe[0].value["n_series"]) == [1, 1]


def test_parameters_of_a_protocol_stay_with_its_text(
    demo: Databank, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = ask(demo, "private_keys").filter(payload="MrPhoenixProtocol")
    kinds = keys.group_by("creator").agg(n_kinds=pl.len())
    counted = ask(demo, "private_counts").filter(level="group", payload="MrPhoenixProtocol")
    expected = kinds.join(counted, on="creator").select("n_kinds", "n_series").rows()
    assert len(expected) > 1
    monkeypatch.setattr(private_page, "READ_AT_ONCE", 6)
    app = visit("private", databank="demo", modality="MR")
    groups = app.dataframe[0].value
    assert set(expected) <= set(zip(groups["n_kinds"], groups["n_series"], strict=True))


def test_unknown_places_are_sentences(own: Databank) -> None:
    for place in ({"creator": "<b>nobody</b>"}, {"creator": "x", "element": "y", "field": "z"}):
        app = visit("private", databank="own", **place)
        assert not app.exception
        assert not app.dataframe


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_in_every_language(home: Path, language: str) -> None:
    t = texts(language)
    app = visit("private", language, databank="full")
    assert not app.exception
    assert metrics(app)[t("card.creators")] == "1"
    assert list(app.dataframe[0].value["n_instances"]) == [120]
    app = visit("private", language, databank="full", since="1950-01-01", until="1950-12-31")
    assert not app.exception
    assert t("empty.nothing_left") in written(app)
    for bank in ("empty", "errors"):
        app = visit("private", language, databank=bank)
        assert not app.exception
        assert not app.dataframe


def test_a_databank_without_private_elements(new_home: Path, tmp_path: Path) -> None:
    data = pydicom.dcmread(io.BytesIO(private_files.content(1, 0)))
    data.remove_private_tags()
    source = tmp_path / "files"
    source.mkdir()
    data.save_as(source / "one")
    ingested(source, databank.path_of("plain"))
    app = visit("private", databank="plain")
    assert not app.exception
    assert T("private.none") in written(app)
