"""The difference of two headers: hand-computed, symmetric, and as the page shows it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app import element_groups, queries
from app.compare import values as compare
from app.compare.pairs import PROTOCOL, Pair, pairs
from app.compare.values import Tolerance, close, compared
from app.demo import cohort_series
from app.demo.writer import written_instances
from app.i18n import LANGUAGES, texts
from app.queries import Databank
from app.ui import compare as page
from ingest.lake import databank
from tests.in_process import ingested
from tests.test_pages import private_files
from tests.test_pages.browser import go, metrics, visit
from tests.test_pages.browser import texts as written
from tests.test_pages.private_files import A, B

MIRROR = {"only_a": "only_b", "only_b": "only_a"}
SCHEMA = {
    "path": pl.String, "tag": pl.String, "keyword": pl.String, "name": pl.String,
    "creator": pl.String, "vr": pl.String, "private_class": pl.String, "text": pl.String,
    "number": pl.Float64, "byte_length": pl.Int64, "sha256": pl.String, "n": pl.Int64,
    "n_instances": pl.Int64,
}  # fmt: skip


def value(path: str, text: str | None, vr: str = "LO", **more: Any) -> dict[str, Any]:
    """One row of an answer to ``compare_elements``, in a series of one instance."""
    row = dict.fromkeys(SCHEMA) | {"path": path, "tag": path[:8], "vr": vr, "text": text}
    numbers = (text or "").split("\\")
    if vr in compare.NUMERIC and text:
        row["number"] = float(numbers[0])
    return row | {"n": 1, "n_instances": 1} | more


def side(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA)


def verdicts(a: pl.DataFrame, b: pl.DataFrame, *tolerance: float) -> dict[str, str]:
    rows = compared(a, b, Tolerance(*tolerance))
    return dict(rows.select("element", "verdict").iter_rows())


# --- numbers


@pytest.mark.parametrize(
    ("a", "b", "tolerance", "expected"),
    [
        ("90", "90", (), "equal"),
        ("90", "90.0", (), "within"),  # the same number, written differently
        ("90", "90.5", (), "differs"),
        ("90", "90.5", (0.4,), "differs"),
        ("90", "90.5", (0.5,), "within"),
        ("0.3", "0.4", (0.1,), "within"),  # 0.10000000000000003 apart in binary
        ("100", "101", (0, 0.01), "within"),  # 1 is less than 1 % of 101
        ("100", "102", (0, 0.01), "differs"),
        ("-1", "1", (0, 1), "differs"),  # 2 apart; 100 % of the larger is 1
        ("0.5\\0.5", "0.5\\0.5004", (0.001,), "within"),
        ("0.5\\0.5", "0.5\\0.502", (0.001,), "differs"),
        ("0.5\\0.5", "0.5", (10,), "differs"),  # another number of values
        ("1e3", "1000", (), "within"),
        ("nan", "1", (10,), "differs"),
        ("", "0", (10,), "differs"),
    ],
)  # fmt: skip
def test_one_number_against_one(a: str, b: str, tolerance: tuple[float], expected: str) -> None:
    sides = side(value("00180081", a, "DS")), side(value("00180081", b, "DS"))
    assert verdicts(*sides, *tolerance) == {"00180081": expected}
    assert verdicts(*sides[::-1], *tolerance) == {"00180081": expected}


def test_only_numbers_have_a_tolerance() -> None:
    for vr in ("LO", "SH", "CS", "DA", "TM"):
        sides = side(value("00180024", "1", vr)), side(value("00180024", "2", vr))
        assert verdicts(*sides, 10.0) == {"00180024": "differs"}
    parsed = [side(value("00191002", text, "UN", number=float(text))) for text in ("1", "2")]
    assert verdicts(*parsed, 10.0) == {"0019xx02": "within"}


def test_the_difference_is_b_minus_a() -> None:
    rows = compared(side(value("00180081", "90", "DS")), side(value("00180081", "90.5", "DS")))
    assert rows["delta"].to_list() == [0.5]


# --- values that vary


def varying(*values: tuple[str, int], of: int) -> pl.DataFrame:
    return side(*(value("00180081", text, "DS", n=n, n_instances=of) for text, n in values))


def test_the_value_of_a_series_is_a_set() -> None:
    two = varying(("0", 1), ("1000", 9), of=10)
    other = varying(("1000", 2), ("0", 2), of=4)
    assert verdicts(two, other) == {"00180081": "equal"}, "order and frequency do not count"
    row = compared(two, other).row(0, named=True)
    assert (row["low_a"], row["high_a"], row["n_values_a"], row["n_present_a"]) == (
        "0", "1000", 2, 10,
    )  # fmt: skip
    assert row["varies"]


def test_each_value_of_a_set_needs_a_partner() -> None:
    two = varying(("0", 1), ("1000", 1), of=2)
    near = varying(("0.2", 1), ("1000", 1), ("1000.3", 1), of=3)
    assert verdicts(two, near, 0.25) == {"00180081": "differs"}
    assert verdicts(two, near, 0.3) == {"00180081": "within"}
    assert verdicts(two, varying(("0", 2), of=2), 0.3) == {"00180081": "differs"}


def test_missing_in_some_instances_is_a_value() -> None:
    all_of_them = varying(("5", 4), of=4)
    some = varying(("5", 3), of=4)
    assert verdicts(all_of_them, some, 1e9) == {"00180081": "differs"}
    assert verdicts(some, varying(("5", 1), of=9)) == {"00180081": "equal"}


def test_partners_may_stand_in_another_order() -> None:
    within = Tolerance(0.1)
    assert close([(0.0, 5.0), (0.05, 7.0)], [(0.06, 5.0), (0.0, 7.0)], within)
    assert not close([(0.0, 5.0)], [(0.0, 5.0), (3.0, 5.0)], within)
    assert not close([(0.0, 5.0)], [(0.0,)], within)


# --- which elements are the same


def test_private_elements_are_found_in_any_block() -> None:
    csa = "SIEMENS CSA HEADER"
    a = side(
        value("00290010", csa), value("00291008", "IMAGE NUM 4", "CS", creator=csa),
        value("00291010/B_value", "0", "IS", creator=csa),
        value("2001105F[0].20011035", "1", "SS", creator="Philips Imaging DD 001"),
    )  # fmt: skip
    b = side(
        value("00290011", csa), value("00291108", "IMAGE NUM 4", "CS", creator=csa),
        value("00291110/B_value", "1000", "IS", creator=csa),
        value("2001115F[0].20011235", "1", "SS", creator="Philips Imaging DD 001"),
    )  # fmt: skip
    assert verdicts(a, b) == {
        "002900xx": "equal", "0029xx08": "equal", "0029xx10/B_value": "differs",
        "2001xx5F[0].2001xx35": "equal",
    }  # fmt: skip


def test_another_creator_is_another_element() -> None:
    a = side(value("00291008", "x", creator="ONE"))
    b = side(value("00291008", "x", creator="TWO"))
    rows = compared(a, b)
    assert dict(rows.select("creator", "verdict").iter_rows()) == {
        "ONE": "only_a", "TWO": "only_b",
    }  # fmt: skip


def test_a_creator_with_two_blocks_has_its_elements_apart() -> None:
    both = side(
        value("00291008", "x", creator="ONE"), value("00291108", "y", creator="ONE"),
    )  # fmt: skip
    assert verdicts(both, both) == {"00291008": "equal", "00291108": "equal"}
    one = side(value("00291008", "x", creator="ONE"))
    assert verdicts(both, one) == {"00291008": "equal", "00291108": "only_a"}


def test_groups_and_their_order() -> None:
    csa = "SIEMENS CSA HEADER"
    rows = [
        value("00080018", "1.2.3", "UI", keyword="SOPInstanceUID"),
        value("00080016", "1.2.840.10008.5.1.4.1.1.4", "UI", keyword="SOPClassUID"),
        value("00080020", "20240101", "DA", keyword="StudyDate"),
        value("00200013", "1", "IS", keyword="InstanceNumber"),
        value("00020000", "198", "UL"),
        value("00180081", "90", "DS", keyword="EchoTime"),
        value("00081140[10].00081150", "1", "UI", keyword="ReferencedSOPClassUID"),
        value("00081140[9].00081150", "1", "UI", keyword="ReferencedSOPClassUID"),
        value("00291010", None, "OB", creator=csa, byte_length=4, sha256="ab"),
        value("00291010/B_value", "0", "IS", creator=csa),
        value("00291020/MrPhoenixProtocol/alTR[0]", "5", "DS", creator=csa),
        value("00191001", "no creator"),
    ]
    found = compared(side(*rows), side(*rows))
    assert found.select("kind", "section", "element").rows() == [
        ("standard", "", "00080016"), ("standard", "", "00081140[9].00081150"),
        ("standard", "", "00081140[10].00081150"), ("standard", "", "00180081"),
        ("private", "", "0019xx01"), ("private", csa, "0029xx10"),
        ("decoded", f"{csa} · (0029,xx10)", "0029xx10/B_value"),
        ("decoded", f"{csa} · MrPhoenixProtocol", "0029xx20/MrPhoenixProtocol/alTR[0]"),
        ("unique", "", "00020000"), ("unique", "", "00080018"), ("unique", "", "00080020"),
        ("unique", "", "00200013"),
    ]  # fmt: skip
    assert set(found["kind"]) == set(element_groups.KINDS)


def test_binary_values_and_sequences() -> None:
    a = side(value("7FE00010", None, "OW", byte_length=4, sha256="aa"),
             value("00081140", None, "SQ", number=2.0))  # fmt: skip
    b = side(value("7FE00010", None, "OW", byte_length=4, sha256="bb"),
             value("00081140", None, "SQ", number=3.0))  # fmt: skip
    assert verdicts(a, b, 10.0) == {"00081140": "differs", "7FE00010": "differs"}
    shown = page.worded(texts("en"), compared(a, b))
    assert shown.select("value_a", "value_b").rows() == [
        ("Items: 2", "Items: 3"), ("4 B of binary data, hash aa", "4 B of binary data, hash bb"),
    ]  # fmt: skip


def test_values_in_words() -> None:
    t = texts("en")
    many = side(*(value("00201041", str(n), "DS", n=2, n_instances=9) for n in (10, 9, 2, 1)))
    few = side(value("00201041", "1", "DS", n_instances=2),
               value("00201041", "2\r\n3", "LT", n_instances=2))  # fmt: skip
    row = page.worded(t, compared(many, few)).row(0, named=True)
    assert row["value_a"] == "1 … 10 (4 values) (in 8 of 9 instances)"
    assert row["value_b"] == "1 | 2 ⏎ 3"
    empty = page.worded(t, compared(side(value("00100040", "", "CS")), side())).row(0, named=True)
    assert (empty["value_a"], empty["value_b"], empty["verdict"]) == ("(empty)", None, "Only in A")


def test_two_series_without_any_element() -> None:
    assert compared(side(), side()).height == 0


# --- properties

PATHS = ("00180081", "00181030", "00080018", "00191001", "00191101", "00291010/B_value")
rows_of_a_series = st.lists(
    st.builds(
        lambda path, text, vr, creator, n: value(
            path, text, vr, creator=creator if path[3] == "9" else None, n=n, n_instances=6
        ),
        st.sampled_from(PATHS), st.sampled_from(("0", "1", "1.0", "1.05", "1\\2", "1\\2.02")),
        st.sampled_from(("DS", "LO", "UN")), st.sampled_from(("ONE", "TWO", None)),
        st.integers(1, 3),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(rows_of_a_series, rows_of_a_series, st.sampled_from((0.0, 0.05)))
def test_a_mirror_and_no_difference_to_itself(
    a: list[dict[str, Any]], b: list[dict[str, Any]], tolerance: float
) -> None:
    assert set(compared(side(*a), side(*a))["verdict"]) <= {"equal"}
    check_mirror(side(*a), side(*b), tolerance)


def check_mirror(a: pl.DataFrame, b: pl.DataFrame, tolerance: float) -> None:
    there, back = (compared(*sides, Tolerance(tolerance)) for sides in ((a, b), (b, a)))
    keys = ["element", "creator"]
    assert there.height == back.height == there.select(keys).unique().height
    both = there.join(back, on=keys, suffix="_back")
    assert both.height == there.height
    for row in both.iter_rows(named=True):
        assert row["verdict_back"] == MIRROR.get(row["verdict"], row["verdict"])
        assert (row["values_a"], row["values_b"]) == (row["values_b_back"], row["values_a_back"])
        assert row["delta"] is None or row["delta"] == -row["delta_back"]


# --- files of known difference, and the demo


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a databank of the two series and four of the demo's."""
    folder = tmp_path_factory.mktemp("compare")
    source = private_files.write(folder / "files" / "own")
    for it in cohort_series():
        key = f"{it.study.key}-{it.series.key}"
        if key in (
            "si3t-repeat-t1-a",
            "si3t-repeat-b1000",
            "si15-contrast-trace",
            "xa-enhanced-t1",
        ):
            for n, made in enumerate(written_instances(it)):
                (source / f"{key}-{n}").write_bytes(made.content)
    summary = ingested(source, folder / "databanks" / "some")
    assert summary.error == 0
    return folder


@pytest.fixture
def some(read: Path, monkeypatch: pytest.MonkeyPatch) -> Databank:
    monkeypatch.setenv("TAGLAKE_HOME", str(read))
    return Databank(databank.path_of("some"))


def column(bank: Databank, sql: str) -> list[Any]:
    return queries.lake(bank).query(sql).to_series().to_list()


def elements(bank: Databank, uid: str) -> pl.DataFrame:
    return queries.ask(bank, "compare_elements", params={"series": uid})


def test_files_of_known_difference(some: Databank) -> None:
    rows = compared(elements(some, A), elements(some, B), Tolerance(0.001))
    differ = rows.filter((pl.col("kind") != "unique") & (pl.col("verdict") != "equal"))
    assert dict(differ.select("element", "verdict").iter_rows()) == {
        "00180081": "differs",  # 90 and 90.5
        "00180080": "within",  # 5000 and 5000.0
        "00280030": "within",  # 0.5004, within 0.001
        "00181020": "differs",  # the software
        "00181314": "only_b",  # the flip angle
        "00200032": "differs",  # four positions, not three
        "0019xx03": "differs",  # binary
    }
    by_element = {row["element"]: row for row in rows.iter_rows(named=True)}
    b_value = by_element["0019xx0C"]
    assert (b_value["verdict"], b_value["values_a"]) == ("equal", ["0", "1000"])
    assert (b_value["n_present_a"], b_value["n_present_b"]) == (3, 4)
    reserved = rows.filter(element="001900xx")
    assert dict(reserved.select("creator", "verdict").iter_rows()) == {
        private_files.CREATOR: "equal", private_files.UNKNOWN: "equal",
    }  # fmt: skip
    assert "0019xx01" not in by_element, "the text of an unknown vendor is hidden"
    shown = some._replace(identifiers=True)
    assert "0019xx01" in compared(elements(shown, A), elements(shown, B))["element"].to_list()


def test_the_demo_is_equal_to_itself_and_mirrors(some: Databank) -> None:
    uids = column(some, "SELECT SeriesInstanceUID FROM series ORDER BY ALL")
    assert len(uids) == 6
    frames = [elements(some, uid) for uid in uids]
    for frame in frames:
        rows = compared(frame, frame)
        assert rows.height > 20
        assert set(rows["verdict"]) == {"equal"}
    for a, b in pairwise(frames):
        check_mirror(a, b, 0.01)


def test_every_element_of_the_series_is_compared(some: Databank) -> None:
    """As many as the lake's own view of elements says, private blocks aside."""
    chosen = "SELECT SeriesInstanceUID FROM series WHERE SeriesDescription = 'ep2d_b1000'"
    (uid,) = column(some, chosen)
    paths = column(some, f"SELECT DISTINCT path FROM elements WHERE SeriesInstanceUID = '{uid}'")
    rows = compared(elements(some, uid), elements(some, uid))
    assert set(rows["path"]) == set(paths)
    b_value = rows.filter(element="0029xx10/B_value").row(0, named=True)
    assert (b_value["n_present_a"], b_value["n_instances_a"]) == (12, 12)


# --- series of two studies


def series_row(number: int, description: str | None, **more: Any) -> dict[str, Any]:
    return dict.fromkeys((*PROTOCOL, "ProtocolName", "plane", "ImageType")) | {
        "SeriesInstanceUID": f"1.{number}", "SeriesNumber": number, "Modality": "MR",
        "SeriesDescription": description, "n_instances": 10,
    } | more  # fmt: skip


def told(found: list[Pair]) -> list[tuple[Any, ...]]:
    return [
        (pair.a and pair.a["SeriesNumber"], pair.b and pair.b["SeriesNumber"], pair.rule)
        for pair in found
    ]


def test_series_are_matched_by_the_strictest_rule() -> None:
    a = [
        series_row(1, "T2_TSE", plane="transversal", EchoTime=90.0),
        series_row(2, "t2 tse", plane="sagittal"),
        series_row(3, "localizer"),
        series_row(4, None, plane="coronal", ImageType="ORIGINAL"),
    ]
    b = [
        series_row(7, "t2 tse", plane="sagittal"),
        series_row(8, "t2-tse", plane="transversal", EchoTime=95.0),
        series_row(9, "flair"),
        series_row(10, "", plane="coronal", ImageType="ORIGINAL"),
    ]
    found = pairs(a, b)
    assert told(found) == [
        (1, 8, "all"), (2, 7, "all"), (4, 10, "kind"), (3, None, ""), (None, 9, ""),
    ]  # fmt: skip
    assert [pair.differs for pair in found] == [("EchoTime",), (), (), (), ()]
    mirrored = {(y, x, rule) for x, y, rule in told(pairs(b, a))}
    assert mirrored == set(told(found))


def test_series_of_one_name_are_paired_in_order() -> None:
    a = [series_row(n, "bold") for n in (4, 2, 9)]
    b = [series_row(n, "bold") for n in (5, 3)]
    assert told(pairs(a, b)) == [(4, 5, "all"), (2, 3, "all"), (9, None, "")]
    assert told(pairs([], b)) == [(None, 5, ""), (None, 3, "")]
    assert pairs([], []) == []


# --- the page


def address(app: AppTest, *keys: str) -> list[str]:
    """Values of the address, "" for those that are not there."""
    found = [app.query_params.get(key, "") for key in keys]
    return [value[-1] if isinstance(value, list) else value for value in found]


def test_the_page_shows_differences_and_only_those(some: Databank) -> None:
    app = visit("compare", databank="some", a=A, b=B)
    assert not app.exception
    t = texts("en")
    cards = metrics(app)
    named = [t(f"card.{verdict}") for verdict in compare.VERDICTS[:4]]
    # without a tolerance the pixel spacing differs, too
    assert [cards[name] for name in named] == ["5", "0", "1", "1"]
    tables = app.dataframe
    assert len(tables) == 3
    standard = tables[0].value.set_index("element_tag")
    assert list(standard.index) == [
        "(0018,0081)", "(0018,1020)", "(0018,1314)", "(0020,0032)", "(0028,0030)",
    ]  # fmt: skip
    assert list(standard.loc["(0018,0081)"][["value_a", "value_b", "verdict"]]) == [
        "90", "90.5", "Differs",
    ]  # fmt: skip
    assert standard.loc["(0018,0081)"]["delta"] == 0.5
    app.number_input(key="compare_absolute").set_value(0.001).run()
    assert metrics(app)[t("card.within")] == "2"
    assert "(0028,0030)" not in set(app.dataframe[0].value["element_tag"])
    app.text_input(key="compare_find").set_value("echo").run()
    assert [list(table.value["name"]) for table in app.dataframe] == [["Echo Time"]]
    app.text_input(key="compare_find").set_value("no such thing").run()
    assert t("compare.nothing") in written(app)


def test_swapping(some: Databank) -> None:
    app = visit("compare", databank="some", a=A, b=B)
    app.button(key="compare_swap").click().run()
    assert address(app, "a", "b") == [B, A]
    assert not app.exception
    cards = metrics(app)
    assert (cards["Only in A"], cards["Only in B"]) == ("1", "0")
    row = app.dataframe[0].value.set_index("element_tag").loc["(0018,0081)"]
    assert (row["value_a"], row["value_b"], row["delta"]) == ("90.5", "90", -0.5)


def test_choosing_suggests_the_same_protocol(some: Databank) -> None:
    app = visit("compare", databank="some")
    assert texts("en")("compare_two.series") in written(app)
    app.selectbox(key="compare_pick_series_a").set_value(A).run()
    assert address(app, "a") == [A]
    options = app.selectbox(key="compare_pick_series_b").options
    assert "t2_tra · no. 2" in options[0], "the same study before others"
    assert "(same study)" in options[0]
    app.selectbox(key="compare_pick_series_b").set_value(B).run()
    assert metrics(app)["Different"] == "5"
    app.text_input(key="compare_search_b").set_value("ep2d").run()
    options = app.selectbox(key="compare_pick_series_b").options
    assert sum("ep2d" in option for option in options) == len(options) - 1
    assert app.selectbox(key="compare_pick_series_b").value == B, "what is chosen stays"


def test_coming_back_finds_the_last_comparison(some: Databank) -> None:
    app = visit("compare", databank="some", a=A, b=B)
    for key in ("a", "b"):
        del app.query_params[key]
    go(app, "studies")
    go(app, "compare")
    assert address(app, "a", "b") == [A, B]
    app.segmented_control(key="compare_kind").set_value("study").run()
    assert address(app, "a", "b") == ["", ""]
    assert texts("en")("compare_two.study") in written(app)
    app.segmented_control(key="compare_kind").set_value("series").run()
    assert address(app, "a") == [A]


def test_a_link_with_one_series_forgets_the_other(some: Databank) -> None:
    app = visit("compare", databank="some", a=A, b=B)
    del app.query_params["b"]
    app.run()
    assert address(app, "a", "b") == [A, ""]
    assert texts("en")("compare_two.series") in written(app)


def test_two_studies_and_the_way_to_a_pair(some: Databank) -> None:
    study = private_files.STUDY
    others = f"SELECT StudyInstanceUID FROM studies WHERE StudyInstanceUID <> '{study}'"
    other = min(column(some, others))
    app = visit("compare", databank="some", kind="study", a=study, b=other)
    assert not app.exception
    app = visit("compare", databank="some", kind="study", a=study, b=study)
    table = app.dataframe[0].value
    assert list(table["series_b"]) == ["1 · t2_tra", "2 · t2_tra"]
    assert list(table["protocol"]) == ["nothing", "nothing"]
    app.session_state["table_pairs"] = {"selection": {"rows": [0], "columns": []}}
    app.run()
    assert address(app, "kind", "a", "b") == ["series", A, A]
    assert not app.exception


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_in_every_language(home: Path, language: str) -> None:
    study = "1.2.826.0.1.0.1"
    t = texts(language)
    app = visit("compare", language, databank="full", a=f"{study}.0", b=f"{study}.1")
    assert not app.exception
    assert metrics(app)[t("card.only_a")] == "0"
    app = visit("compare", language, databank="full", kind="study", a=study, b="1.2.826.0.1.0.5")
    assert not app.exception
    assert metrics(app)[t("card.paired")] == "4"
    for bank in ("empty", "errors"):
        app = visit("compare", language, databank=bank, a="1.2", b="1.3")
        assert not app.exception
        assert not app.dataframe
    app = visit("compare", language, databank="full", a="1.2.3.4", b="no uid <b>")
    assert not app.exception
    assert t("compare.gone") in written(app)
