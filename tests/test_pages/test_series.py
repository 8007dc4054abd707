"""One series: stacks and gaps by hand, what varies set apart, neighbours, and odd series."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pydicom
import pytest
from streamlit.testing.v1 import AppTest

from app import queries
from app.charts import geometry
from app.i18n import LANGUAGES
from app.i18n import texts as language_texts
from app.queries import Databank
from app.ui import geometry as words
from app.ui import trail
from app.varying import EXPECTED, HOW, set_apart
from tests.in_process import ingested
from tests.test_pages.browser import metrics, texts, visit
from tests.test_pages.test_preview import image

T = language_texts("en")
STUDY = "1.2.826.0.1.0.1"
SERIES = f"{STUDY}.0"
AXIAL, SAGITTAL, CORONAL = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)
COLOURS = ["#000000", "#111111", "#222222", "#333333", "#444444"]


def images(*stacks: tuple[tuple[float, ...], list[float | None]]) -> pl.DataFrame:
    rows = [
        (position, list(normal), [n * (position or 0.0) for n in normal])
        for normal, positions in stacks
        for position in positions
    ]
    schema = {
        "slice_position_mm": pl.Float64, "slice_normal": pl.List(pl.Float64),
        "ImagePositionPatient": pl.List(pl.Float64),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


# stacks


def test_a_regular_stack() -> None:
    (stack,) = geometry.stacks(images((AXIAL, [4.0, 0.0, 2.0, 6.0])))
    assert (stack.plane, stack.tilt_degrees, stack.positions) == (
        "axial",
        0.0,
        (0.0, 2.0, 4.0, 6.0),
    )
    assert (stack.images, stack.spacing_mm, stack.usual) == ((1, 1, 1, 1), 2.0, 1)
    assert (stack.gaps, stack.n_uneven, stack.n_more, stack.n_fewer) == ((), 0, 0, 0)
    assert stack.shear_degrees == 0.0
    assert words.sentences(T, stack) == [
        "4 positions with 1 image each, 2.00 mm apart.", "Regular, without gaps or repeats.",
    ]  # fmt: skip


def test_gaps_and_repeats() -> None:
    places: list[float | None] = [0.0, 2.0, 4.0, 4.004, 10.0, 12.0, 14.0, 16.1]
    (stack,) = geometry.stacks(images((AXIAL, places)))
    assert stack.positions == (0.0, 2.0, 4.0, 10.0, 12.0, 14.0, 16.1)
    assert stack.images == (1, 1, 2, 1, 1, 1, 1)
    assert stack.gaps == (geometry.Gap(4.0, 10.0, 2),)
    assert (stack.n_more, stack.n_fewer) == (1, 0)
    assert stack.n_uneven == 1, "2.1 is 5 % more than 2; the gap does not count"
    assert words.sentences(T, stack) == [
        "7 positions, most with 1 image, 2.00 mm apart.",
        "1 gap: room for 2 missing slices.",
        "1 position with more images: duplicates, or repeated slices.",
        "1 step off by more than 2 %.",
    ]  # fmt: skip


def test_a_dynamic_series_is_no_pile_of_duplicates() -> None:
    places: list[float | None] = [3.0 * slice_ for slice_ in range(10) for _ in range(5)]
    (stack,) = geometry.stacks(images((AXIAL, places[:-2])))
    assert (stack.usual, stack.n_more, stack.n_fewer) == (5, 0, 1)
    assert not stack.gaps


def test_directions_are_stacks_of_their_own() -> None:
    tilted = (0.0, math.sin(math.radians(15)), math.cos(math.radians(15)))
    found = geometry.stacks(
        images((SAGITTAL, [0.0, 5.0]), (CORONAL, [1.0]), (tilted, [0.0, 1.0, 2.0]))
    )
    assert [(s.plane, round(s.tilt_degrees, 6), s.n_images) for s in found] == [
        ("axial", 15.0, 3), ("sagittal", 0.0, 2), ("coronal", 0.0, 1),
    ]  # fmt: skip
    assert words.plane(T, found[0]) == "axial, tilted by 15°"
    assert words.sentences(T, found[2]) == [T("series.one_position")]
    opposite = geometry.stacks(images((AXIAL, [0.0]), ((0.0, 0.0, -1.0), [0.0])))
    assert len(opposite) == 2
    angles = np.linspace(0, math.pi, 200, endpoint=False)
    rotating = [((math.cos(a), math.sin(a), 0.0), [0.0]) for a in angles]
    assert len(geometry.stacks(images(*rotating))) <= geometry.MOST_STACKS  # type: ignore[arg-type]


def test_images_without_a_place_are_left_out() -> None:
    frame = images((AXIAL, [0.0, None, math.nan, math.inf]), ((math.nan, 0.0, 0.0), [0.0]))
    (stack,) = geometry.stacks(frame)
    assert stack.positions == (0.0,)
    assert stack.spacing_mm is None
    empty = frame.with_columns(slice_normal=pl.lit(None, pl.List(pl.Float64)))
    assert geometry.stacks(empty) == []
    assert geometry.stacks(frame.head(0)) == []


def test_a_tilted_gantry_is_seen() -> None:
    frame = images((AXIAL, [0.0, 10.0, 20.0])).with_columns(
        ImagePositionPatient=pl.Series(
            [[0.0, math.tan(math.radians(12)) * z, z] for z in (0, 10, 20)]
        )
    )
    (stack,) = geometry.stacks(frame)
    assert stack.shear_degrees == pytest.approx(12.0)
    assert "12.0°" in words.sentences(T, stack)[1]


def test_the_picture_shows_all_that_is_odd() -> None:
    places: list[float | None] = [0.0, 1.0, 2.0, 2.0, 3.0, 6.0, 7.0]
    (stack,) = geometry.stacks(images((AXIAL, places)))
    figure = geometry.slices(stack, T, COLOURS)
    assert [(bar.name, list(bar.x), list(bar.y)) for bar in figure.data] == [
        (T("series.slices_usual"), [0.0, 1.0, 3.0, 6.0, 7.0], [1] * 5),
        (T("series.slices_more"), [2.0], [2]),
    ]
    (shade,) = figure.layout.shapes
    assert (shade.x0, shade.x1) == (3.375, 5.625)
    assert figure.layout.annotations[0].text == "3.0 mm"


def test_frames_take_the_place_of_their_instance() -> None:
    instances = images((AXIAL, [0.0, 1.0])).with_columns(instance_id=pl.Series([1, 2]))
    frames = images((AXIAL, [5.0, 6.0, 7.0])).with_columns(instance_id=pl.lit(2, pl.Int64))
    both = words.with_frames(instances, frames)
    assert both["slice_position_mm"].to_list() == [0.0, 5.0, 6.0, 7.0]
    assert both.columns == ["slice_position_mm", "slice_normal", "ImagePositionPatient"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_in_every_language(language: str) -> None:
    places: list[float | None] = [0.0, 1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 6.0, 6.0, 7.1, 7.1]
    (stack,) = geometry.stacks(images((AXIAL, places)))
    told = words.sentences(language_texts(language), stack)
    assert len(told) == 5
    assert not [text for text in told if "{" in text]


# what varies


def varying_row(**values: Any) -> dict[str, Any]:
    known = {
        "name": "X", "how": "irregular", "n_values": 3, "first_text": "a", "largest": None,
        "smallest": None, "n_present": 5, "creator": None, "vr": "LO", "keyword": None,
    }  # fmt: skip
    return known | values


def test_what_is_expected_is_set_apart() -> None:
    rows = pl.DataFrame(
        [
            varying_row(name="SOP Instance UID", vr="UI", how="unique"),
            varying_row(name="Image Position (Patient) [3]", keyword="ImagePositionPatient"),
            varying_row(name="CSA Image Header Info", creator="S", vr="OB", first_text=None),
            varying_row(name="SlicePosition_PCS [3]", creator="SIEMENS CSA HEADER"),
            varying_row(name="Frame", vr="IS", how="counts", smallest=1.0, largest=5.0),
            varying_row(name="Echo Time", vr="DS", how="counts", smallest=10.0, largest=50.0),
            varying_row(name="B value", vr="IS", how="counts", smallest=0.0, largest=2000.0),
            varying_row(name="Image Type", how="few"),
            varying_row(name="Slice Location", keyword="SliceLocation", how="sometimes"),
            varying_row(name="SlicePosition_PCS", creator=None),
        ],
        schema_overrides={"keyword": pl.String, "largest": pl.Float64, "smallest": pl.Float64},
    )
    worth, expected = set_apart(rows)
    assert expected["name"].to_list() == rows["name"][:5].to_list()
    assert worth["name"].to_list() == rows["name"][5:].to_list()
    assert set_apart(rows.head(0))[0].is_empty()


def test_the_lists_are_of_real_keywords() -> None:
    from pydicom.datadict import tag_for_keyword

    assert [keyword for keyword in EXPECTED if tag_for_keyword(keyword) is None] == []


def demo_like(folder: Path, **changes: Any) -> None:
    data = pydicom.dcmread(io.BytesIO(image(np.zeros((2, 2), np.uint8))))
    data.PatientID = "x"
    for keyword, value in changes.items():
        setattr(data, keyword, value)
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    if data.Modality in ("SR", "RTSTRUCT"):
        for keyword in ("Rows", "Columns", "PixelData", "BitsAllocated"):
            delattr(data, keyword)
    data.save_as(folder / str(data.SOPInstanceUID), enforce_file_format=True)


def no_stacks(source: Path) -> None:
    """Twelve files of three studies: a report, an image without a place, a rotation, two CTs."""
    source.mkdir()
    demo_like(source, StudyInstanceUID="1", SeriesInstanceUID="1.1", SOPInstanceUID="1.1.1",
              Modality="SR")  # fmt: skip
    demo_like(source, StudyInstanceUID="1", SeriesInstanceUID="1.2", SOPInstanceUID="1.2.1",
              Modality="OT", SeriesDescription="![x](http://example.com/x.png)")  # fmt: skip
    for n in range(8):
        angle = n / 8 * math.pi
        direction = [math.cos(angle), math.sin(angle), 0, 0, 0, -1]
        demo_like(source, StudyInstanceUID="1", SeriesInstanceUID="1.3", SOPInstanceUID=f"1.3.{n}",
                  Modality="MR", ImagePositionPatient=[0, 0, 0],
                  ImageOrientationPatient=direction)  # fmt: skip
    for study in ("2", "3"):
        demo_like(source, StudyInstanceUID=study, SeriesInstanceUID="9", Modality="CT",
                  SOPInstanceUID=f"{study}.9")  # fmt: skip


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a databank of six instances whose elements vary in known ways, and no stacks."""
    home = tmp_path_factory.mktemp("home")
    source = home / "source"
    source.mkdir()
    for n in range(6):
        data = pydicom.dcmread(io.BytesIO(image(np.arange(16, dtype=np.uint16).reshape(4, 4))))
        data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.3", "1.2.3.4"
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.4.{n}"
        data.PatientID, data.SeriesDescription = "x", "Odd"
        data.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        data.ImagePositionPatient = [-5.5, 2.25, 3 * n]
        data.InstanceNumber = n + 1
        minute, second = divmod(50 + 3 * n, 60)
        data.AcquisitionDate = "20200101"
        data.AcquisitionTime = f"{12 if minute else 11}{(59 + minute) % 60:02d}{second:02d}"
        data.ImageType = ["ORIGINAL", "PRIMARY", "MP"[n % 2]]
        data.EchoTime = [10, 20][n // 3]
        data.TriggerTime = 100 - n * n
        data.FlipAngle = [9, 8, 9, 7, 9, 6][n]
        if n == 2:
            data.ImageComments, data.ContrastBolusAgent = "x", "Gd"
        data.save_as(source / str(n), enforce_file_format=True)
    no_stacks(source / "no_stacks")
    assert ingested(source, home / "databanks" / "odd").ok == 6 + 12
    return home


def test_how_elements_vary(odd: Path) -> None:
    uids: dict[str, queries.Value] = {"study": "1.2.3", "series": "1.2.3.4"}
    rows = queries.ask(
        Databank(odd / "databanks" / "odd", identifiers=True), "varying", params=uids
    )
    found = {row["keyword"]: row for row in rows.iter_rows(named=True)}
    assert set(rows["how"]) <= set(HOW)
    told = {keyword: row["how"] for keyword, row in found.items()}
    assert told == {
        "MediaStorageSOPInstanceUID": "unique", "SOPInstanceUID": "unique",
        "ImageType": "few", "AcquisitionTime": "counts", "EchoTime": "rises",
        "TriggerTime": "falls", "FlipAngle": "few", "ContrastBolusAgent": "sometimes",
        "ImageComments": "sometimes", "InstanceNumber": "counts",
        "ImagePositionPatient": "counts",
    }  # fmt: skip
    place = found["ImagePositionPatient"]
    assert place["name"] == "Image Position (Patient) [3]"
    assert (place["smallest"], place["largest"]) == (0.0, 15.0)
    assert place["strip"] == [0.0, 3.0, 6.0, 9.0, 12.0, 15.0]
    assert found["AcquisitionTime"]["strip"] == [43190.0 + 3 * n for n in range(6)]
    assert found["AcquisitionTime"]["smallest"] is None, "seconds of the day mean nothing to people"
    assert found["ImageType"]["strip"] == [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]
    assert found["ImageType"]["first_text"] == "ORIGINAL\\PRIMARY\\M"
    assert found["ContrastBolusAgent"]["n_present"] == 1
    assert found["ContrastBolusAgent"]["strip"] is None
    assert found["EchoTime"]["tag"] == "(0018,0081)"
    worth, expected = set_apart(rows)
    assert set(worth["keyword"]) == {
        "ImageType", "EchoTime", "TriggerTime", "FlipAngle", "ContrastBolusAgent", "ImageComments",
    }  # fmt: skip
    assert "InstanceNumber" in set(expected["keyword"])


def test_a_header_holds_what_is_shared_and_what_is_not(odd: Path) -> None:
    bank = Databank(odd / "databanks" / "odd")
    uids: dict[str, queries.Value] = {"study": "1.2.3", "series": "1.2.3.4"}
    instances = queries.ask(bank, "series_instances", params=uids)
    assert instances.height == 6
    for row in instances.iter_rows(named=True):
        ids = {"instance": row["instance_id"], "header": row["header_id"]}
        header = queries.ask(bank, "header", params=ids)
        told = dict(header.select("keyword", "text").iter_rows())
        file = pydicom.dcmread(odd / "source" / str(row["position"] - 1))
        assert told["SOPInstanceUID"] == file.SOPInstanceUID
        assert float(told["FlipAngle"]) == file.FlipAngle
        assert told["Rows"] == "4"
        assert "PatientID" not in told
        assert header["path"].is_unique().all()


# the page


def tab(app: AppTest, key: str, language: str = "en") -> AppTest:
    """Run with that tab open; AppTest forgets which is open."""
    app.session_state["series_tabs"] = language_texts(language)(key)
    return app.run()


TABS = ("series.header", "series.instances", "series.varying", "chart.slices", "series.picture")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tab(home: Path, language: str) -> None:
    app = visit("series", language, databank="full", study=STUDY, series=SERIES)
    t = language_texts(language)
    assert metrics(app) == {
        t("card.instances"): "5", t("card.frames"): "5", t("card.findings"): "2",
        t("card.bytes"): metrics(app)[t("card.bytes")],
    }  # fmt: skip
    heights = {"series.header": [10], "series.instances": [5], "chart.slices": [],
               "series.picture": []}  # fmt: skip
    for key in TABS:
        tab(app, key, language)
        assert not app.exception, key
        if key in heights:
            assert [len(frame.value) for frame in app.dataframe] == heights[key], key
    tab(app, "series.varying", language)
    assert sum(len(frame.value) for frame in app.dataframe) == 3
    tab(app, "chart.slices", language)
    assert len(app.get("plotly_chart")) == 1
    assert t("series.regular") in texts(app)


def test_what_varies_on_the_page(odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(odd))
    app = visit("series", databank="odd", study="1.2.3", series="1.2.3.4")
    tab(app, "series.varying")
    worth, expected = (frame.value for frame in app.dataframe)
    assert set(worth["name"]) == {
        "Image Type", "Echo Time", "Trigger Time", "Flip Angle", "Contrast/Bolus Agent",
    }  # fmt: skip
    assert "a few values" in set(worth["how"])
    assert worth["strip"].notna().sum() == 4
    assert len(expected) == 5
    assert any("5 elements" in block.label for block in app.expander)


def test_links_lead_to_the_series_beside_it(home: Path) -> None:
    app = visit("series", databank="full", study=STUDY, series=f"{STUDY}.1")
    keys = {button.key for button in app.button}
    assert {"series.previous", "series.next", "compare_with"} <= keys
    app.button(key="series.next").click().run()
    assert app.query_params["series"] == f"{STUDY}.2"
    assert not app.exception
    app = visit("series", databank="full", study=STUDY, series=SERIES)
    assert "series.previous" not in {button.key for button in app.button}


def test_beside() -> None:
    rows = pl.DataFrame({"uid": ["1", None, "3"]})
    assert trail.beside(rows, "uid", "1") == (None, {"uid": None})
    assert trail.beside(rows, "uid", "none") == ({"uid": "1"}, {"uid": "3"})
    assert trail.beside(rows, "uid", "3") == ({"uid": None}, None)
    assert trail.beside(rows, "uid", "4") == (None, None)


@pytest.mark.parametrize("uid", ["x" * 65, "1' OR 1=1 --", "\u202e<b>💥</b>", "none"])
def test_odd_uids_in_the_address(home: Path, uid: str) -> None:
    for address in ({"study": uid, "series": SERIES}, {"study": STUDY, "series": uid},
                    {"study": STUDY, "series": SERIES, "instance": uid}):  # fmt: skip
        app = visit("series", databank="full", **address)
        assert not app.exception
        said = texts(app)
        found = address["study"] == STUDY and address["series"] == SERIES
        assert found == (T("series.gone") not in said and T("series.none") not in said)


def test_series_that_are_no_stack_of_images(odd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLAKE_HOME", str(odd))
    told = {
        "1.1": ("chart.slices", "series.no_image"), "1.2": ("chart.slices", "series.no_positions"),
        "1.3": ("chart.slices", "series.rotating"), "9": ("series.varying", "series.one_instance"),
    }  # fmt: skip
    for study, series in (("1", "1.1"), ("1", "1.2"), ("1", "1.3"), ("2", "9"), ("3", "9")):
        app = visit("series", databank="odd", study=study, series=series)
        assert not app.exception, series
        assert metrics(app)["Instances"] == ("8" if series == "1.3" else "1")
        key, sentence = told[series]
        tab(app, key)
        assert not app.exception, series
        assert T(sentence).format(n=8) in texts(app)
        assert not [title for title in app.title if "![x]" in title.value]
    tab(visit("series", databank="odd", study="1", series="1.1"), "series.picture")
