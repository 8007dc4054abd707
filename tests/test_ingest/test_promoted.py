"""columns.toml: any text gives columns or a sentence, and none opens what identifies people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ingest.schema import TABLES
from ingest.schema.identifiers import IDENTIFYING
from ingest.schema.promoted import (
    KEYS,
    MAX_COLUMNS,
    SERIES,
    TYPES,
    InvalidColumns,
    load,
    parse,
    tables,
    with_promoted,
)
from ingest.schema.records import Column

TAGS = ["00100010", "00100020", "00180081", "0018103", "00091001", "0008103E", "00400007", "x"]
SOURCES = st.one_of(
    st.sampled_from(TAGS),
    st.lists(st.sampled_from(TAGS), min_size=1, max_size=3).map("/".join),
    st.sampled_from(["FG 00209113/00200032", "FG 00101002/00100020", "CSA B_value", "CSA ", "FG "]),
    st.sampled_from(["(0019,xx0C) SIEMENS MR HEADER", "(0018,xx0C) X", "(0019,XX0c) X", "() X"]),
    st.text(max_size=12),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
GOOD = st.sampled_from(["00180081", "00100020/00180081", "(0019,xx0C) ACME", "CSA x", "0008103E"])
ENTRIES = st.one_of(
    ANYTHING,
    st.fixed_dictionaries(
        {"source": GOOD | st.lists(GOOD, min_size=1, max_size=3)},
        optional={
            "type": st.sampled_from([*TYPES]),
            "series": st.sampled_from([*SERIES]),
            "phi": st.booleans(),
        },
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "source": SOURCES | st.lists(SOURCES | ANYTHING, max_size=3) | ANYTHING,
            "type": st.sampled_from([*TYPES]) | ANYTHING,
            "series": st.sampled_from([*SERIES]) | ANYTHING,
            "phi": st.booleans() | ANYTHING,
            "description": ANYTHING,
            "unit": ANYTHING,
        },
    ),
)
NAMES = (
    st.sampled_from(["a", "A", "b", "echotime", "StudyDate_Min", "series", "1a", ""]) | st.text()
)


def one(source: Any, **more: Any) -> Column:
    (column,) = parse({"columns": {"made": {"source": source, **more}}})
    return column


def outcome(content: Any) -> tuple[Column, ...] | str:
    """The columns, or the sentence."""
    try:
        return load(content) if isinstance(content, Path) else parse(content)
    except InvalidColumns as error:
        return str(error)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(NAMES, ENTRIES, max_size=4) | ANYTHING)
def test_anything_is_columns_or_a_sentence(columns: Any) -> None:
    made = outcome({"columns": columns})
    event(type(made).__name__ if made else "nothing")
    if isinstance(made, str):
        assert made.startswith("columns.toml")
        assert made.endswith(".")
        assert "\n" not in made
        return
    assert [column.name for column in made] == list(columns)
    for column in made:
        assert column.dtype in TYPES.values()
        assert isinstance(column.description, str)
        assert isinstance(column.phi, bool)
        tags = re.findall("[0-9A-F]{8}", " ".join(s for s in column.source if s[0] not in "(C"))
        assert all(int(tag, 16) not in IDENTIFYING for tag in tags) or column.phi
    extended = with_promoted(made)
    for name in ("instances", "series"):
        names = [column.name.lower() for column in extended[name].columns]
        assert len(names) == len(set(names))


@settings(max_examples=200, deadline=None)
@given(text=st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_file_is_columns_or_a_sentence(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    (folder / "columns.toml").write_bytes(text.encode("latin-1", errors="replace"))
    made = outcome(folder)
    assert made == () or str(made).startswith("columns.toml")


def test_what_cannot_be_read_is_told_without_its_place(tmp_path: Path) -> None:
    (tmp_path / "columns.toml").mkdir()
    with pytest.raises(InvalidColumns) as caught:
        load(tmp_path)
    assert str(tmp_path) not in str(caught.value)
    deep = tmp_path / "deep"
    deep.mkdir()
    (deep / "columns.toml").write_text("columns = " + "[" * 100_000)
    assert "it is not TOML" in outcome(deep)
    (deep / "columns.toml").write_text("columns = " + "1" * 5000)
    assert "it is not TOML" in outcome(deep)


# --- what identifies

TELLING = [
    "00100010", "00100020", "00101002/00100020", "00081110/00100020", "00380004/00080018",
    "FG 00101002/00081155", "60024000", "00400400", "00102160",
]  # fmt: skip


@pytest.mark.parametrize("source", TELLING)
@pytest.mark.parametrize("kind", ["text", "integer", "texts", "date"])
def test_elements_that_identify_always_do(source: str, kind: str) -> None:
    assert one(source, type=kind).phi
    assert one(["00180081", source], type=kind).phi
    assert one(source, type=kind, phi=True).phi
    with pytest.raises(InvalidColumns, match="phi cannot be false: the element, or a sequence"):
        one(source, type=kind, phi=False)


@pytest.mark.parametrize("source", ["(0019,xx8F) ACME", "CSA PatientName"])
@pytest.mark.parametrize("kind", ["text", "number", "integers", "date"])
def test_private_values_identify_unless_they_are_declared_safe(source: str, kind: str) -> None:
    assert one(source, type=kind).phi
    assert one([source, "00180081"], type=kind).phi
    assert not one(source, type=kind, phi=False).phi


@pytest.mark.parametrize("source", ["00180081", "0008103E", "FG 00189114/00189082"])
def test_other_elements_are_open_unless_they_are_hidden(source: str) -> None:
    assert not one(source).phi
    assert not one(source, phi=False).phi
    assert one(source, phi=True).phi


# --- sentences


@pytest.mark.parametrize(("entry", "sentence"), [
    ({"source": 5}, "a source is a tag such as"),
    ({"source": True}, "a source is a tag such as"),
    ({"source": {"a": 1}}, "a source is a tag such as"),
    ({"source": ["00180081", 5]}, "a source is a tag such as"),
    ({"source": "0018008a"}, "letters of tags are capitals"),
    ({"source": "00180081\n"}, "a source is a tag such as"),
    ({"source": "CSA a\nb"}, "a source is a tag such as"),
    ({"source": "00291010"}, "a private element is named by its creator"),
    ({"source": "00540016/00291010"}, "a private element is named by its creator"),
    ({"source": "(0018,xx10) ACME"}, "a source is a tag such as"),
    ({"source": []}, "a source is needed"),
    ({"source": "00180081", "type": ["x"]}, "type is one of text, number"),
    ({"source": "00180081", "type": 5}, "type is one of text, number"),
    ({"source": "00180081", "series": "any"}, "series is one of first, varying, range"),
    ({"source": "00180081", "series": ""}, "series is one of first, varying, range"),
    ({"source": "00180081", "series": "sum"}, "series can be sum where type is integer or number"),
    ({"source": "00180081", "phi": "no"}, "phi is true or false, without quotes"),
    ({"source": "00180081", "phi": 0}, "phi is true or false, without quotes"),
    ({"source": "00180081", "phi": 1}, "phi is true or false, without quotes"),
    ({"source": "00180081", "unit": 5}, "unit is a text on one line"),
    ({"source": "00180081", "description": ["x"]}, "description is a text on one line"),
    ({"source": "00180081", "description": "a\nb"}, "description is a text on one line"),
    ({"source": "00180081", "description": "x" * 501}, "description is a text on one line"),
    ({"source": "00180081", "labels": "x"}, f"known keys are {', '.join(KEYS)}"),
    (5, "known keys are"),
])  # fmt: skip
def test_sentences(entry: Any, sentence: str) -> None:
    with pytest.raises(InvalidColumns) as caught:
        parse({"columns": {"made": entry}})
    assert str(caught.value).startswith("columns.toml, column made: ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(("names", "sentence"), [
    (["echotime"], "column echotime: instances has a column of this name already, whatever"),
    (["made", "MADE"], "column MADE: instances has a column of this name already"),
    (["n_series", "StudyDate_MIN"], None),
    (["N_INSTANCES"], "series has a column of this name already"),
    (["acquisition_datetime_MIN"], "series has a column of this name already"),
    (["made_values", "made"], "column made: series has a column named made_values already"),
    (["Series"], "this name has a meaning of its own"),
    (["filename"], "this name has a meaning of its own"),
    (["1a"], "a name has letters, digits and _ only"),
    (["a b"], "a name has letters, digits and _ only"),
    (["a\n"], "a name has letters, digits and _ only"),
    (["a" * 64], "a name has letters, digits and _ only"),
])  # fmt: skip
def test_names(names: list[str], sentence: str | None) -> None:
    content = {"columns": {name: {"source": "00180081"} for name in names}}
    if sentence is None:
        assert [column.name for column in parse(content)] == names
        return
    with pytest.raises(InvalidColumns) as caught:
        parse(content)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_name_the_series_has_is_free_where_the_column_does_not_reach_it() -> None:
    content = {"columns": {"n_instances": {"source": "00180081", "series": "none"}}}
    assert parse(content)[0].name == "n_instances"


def test_more_columns_than_anybody_needs() -> None:
    many = {f"c{n}": {"source": "00180081"} for n in range(MAX_COLUMNS + 1)}
    with pytest.raises(InvalidColumns, match="may promote 1000 columns"):
        parse({"columns": many})


# --- the tables


def test_the_tables_of_a_databank(tmp_path: Path) -> None:
    assert tables(tmp_path) == TABLES
    (tmp_path / "columns.toml").write_text("""
        columns.word = {source = "00181250", unit = "x", description = "Of a coil"}
        columns.measure = {source = "00180081", type = "number"}
        columns.corner = {source = "00200032", type = "numbers"}
        columns.name = {source = "00100010", series = "first"}
        columns.unseen = {source = "00180082", type = "date", series = "none"}
    """)
    made = tables(tmp_path)
    instances, series = made["instances"], made["series"]
    promoted = instances.columns[len(TABLES["instances"].columns) :]
    assert [(c.name, c.dtype, c.phi) for c in promoted] == [
        ("word", pl.String(), False), ("measure", pl.Float64(), False),
        ("corner", pl.List(pl.Float64), False), ("name", pl.String(), True),
        ("unseen", pl.Date(), False),
    ]  # fmt: skip
    added = series.columns[len(TABLES["series"].columns) :]
    assert [(c.name, c.dtype, c.phi) for c in added] == [
        ("word", pl.String(), False), ("word_values", pl.List(pl.String), False),
        ("measure", pl.Float64(), False), ("measure_min", pl.Float64(), False),
        ("measure_max", pl.Float64(), False), ("corner", pl.List(pl.Float64), False),
        ("name", pl.String(), True),
    ]  # fmt: skip
    assert added[0].unit == "x"
    assert instances.columns[: -len(promoted)] == TABLES["instances"].columns
    assert {name: table for name, table in made.items() if table != TABLES[name]}.keys() == {
        "instances", "series",
    }  # fmt: skip
