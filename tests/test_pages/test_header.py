"""The header browser: nested, private and decoded elements, binary values, search."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from app.i18n import texts
from app.ui import header
from tests.test_pages.browser import visit

T = texts("en")
STUDY = "1.2.826.0.1.0.1"


def element(path: str, **values: object) -> dict[str, object]:
    tag = path.split("/")[0].split(".")[-1].split("[")[0]
    known = {"path": path, "tag": tag, "keyword": None, "name": None, "creator": None, "vr": "LO",
             "text": None, "number": None, "byte_length": None, "varies": False}  # fmt: skip
    return known | values


ELEMENTS = pl.DataFrame(
    [
        element("00080060", keyword="Modality", name="Modality", vr="CS", text="MR"),
        element("00081140", keyword="ReferencedImageSequence", vr="SQ", number=2.0),
        element("00081140[0].00081150", keyword="ReferencedSOPClassUID", vr="UI", text="1.2"),
        element("00291010", name="CSA Image Header Info", creator="SIEMENS CSA HEADER", vr="OB",
                byte_length=11_000),
        element("00291010/B_value", name="B_value", creator="SIEMENS CSA HEADER", text="1000"),
        element("00291020/MrPhoenixProtocol/sSliceArray.asSlice[0].dThickness",
                creator="SIEMENS CSA HEADER", text="5.0"),
        element("00204000", keyword="ImageComments", vr="LT", text="line one\r\nline two"),
    ],
    schema_overrides={"number": pl.Float64, "byte_length": pl.Int64, "text": pl.String},
)  # fmt: skip


def shown() -> list[dict[str, object]]:
    return header.presented(T, ELEMENTS, {"00080060"}).rows(named=True)


def test_elements_as_people_read_them() -> None:
    rows = shown()
    assert (rows[0]["tag"], rows[0]["name"], rows[0]["value"]) == ("(0008,0060)", "Modality", "MR")
    assert [row["varies"] for row in rows] == [header.VARIES, *[""] * 6]
    assert rows[1]["value"] == "2 items"
    assert str(rows[2]["tag"]).endswith("(0008,1150)")
    assert str(rows[2]["tag"]) != "(0008,1150)", "nested elements are indented"
    assert rows[3]["value"] == "11.0 kB of binary data"
    assert (str(rows[4]["tag"]).strip(), rows[4]["name"]) == ("↳ (0029,1010)", "B_value")
    assert rows[5]["name"] == "MrPhoenixProtocol/sSliceArray.asSlice[0].dThickness"
    assert rows[6]["value"] == "line one ⏎ line two"


def test_search_finds_tags_names_values_creators() -> None:
    rows = header.presented(T, ELEMENTS, set())

    def paths(text: str) -> list[str]:
        return header.search(rows, text)["path"].to_list()

    assert paths("modality") == ["00080060"]
    assert paths("0029,1010") == ["00291010", "00291010/B_value"]
    assert paths("00291010") == ["00291010", "00291010/B_value"]
    assert paths("siemens 1000") == ["00291010/B_value"]
    assert paths("DTHICKNESS") == ["00291020/MrPhoenixProtocol/sSliceArray.asSlice[0].dThickness"]
    assert paths("ReferencedImageSequence") == ["00081140"]
    assert paths("") == ELEMENTS["path"].to_list()
    assert paths("[") == ["00081140[0].00081150", paths("dthickness")[0]], "no regular expression"
    assert paths("no such thing") == []


def test_kinds_are_a_partition() -> None:
    parts = [header._of_kind(ELEMENTS, kind)["path"].to_list() for kind in header.KINDS[1:]]
    assert sorted(path for part in parts for path in part) == sorted(ELEMENTS["path"])
    assert [len(part) for part in parts] == [4, 1, 2]


def test_searching_on_the_page(home: Path) -> None:
    app = visit("series", databank="full", study=STUDY, series=f"{STUDY}.0")
    assert len(app.dataframe[0].value) == 10
    app.text_input(key="header_search").set_value("instance").run()
    assert set(app.dataframe[0].value["name"]) == {
        "SOPInstanceUID", "InstanceNumber", "StudyInstanceUID", "SeriesInstanceUID",
    }  # fmt: skip
    app.toggle(key="header_varying").set_value(True).run()
    assert set(app.dataframe[0].value["name"]) == {"SOPInstanceUID", "InstanceNumber"}
    app.text_input(key="header_search").set_value("nothing like this").run()
    assert T("header.nothing") in app.info[0].value


def test_the_slider_goes_through_the_series(home: Path) -> None:
    app = visit("series", databank="full", study=STUDY, series=f"{STUDY}.0")
    values = []
    for place in (1, 5):
        app.slider[0].set_value(place).run()
        rows = app.dataframe[0].value.set_index("name")["value"]
        values.append((rows["InstanceNumber"], rows["SOPInstanceUID"]))
    assert values == [("1", f"{STUDY}.0.0"), ("5", f"{STUDY}.0.4")]


def test_choosing_an_instance_shows_its_header(home: Path) -> None:
    app = visit("series", databank="full", study=STUDY, series=f"{STUDY}.0")
    app.session_state["series_tabs"] = T("series.instances")
    app.session_state["table_instances"] = {"selection": {"rows": [3], "columns": []}}
    app.run()
    assert app.slider[0].value == 4
    app.slider[0].set_value(2).run()
    assert app.slider[0].value == 2, "the slider moves on from there"
